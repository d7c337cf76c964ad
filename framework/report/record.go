package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// Record is one line of the records file: when it was written, and exactly one
// of the other fields, whose JSON name is the record's kind.
type Record struct {
	Time        time.Time    `json:"time"`
	RunStarted  *Run         `json:"runStarted,omitempty"`
	Environment *Environment `json:"environment,omitempty"`
	Phase       *Phase       `json:"phase,omitempty"`
	Spec        *Spec        `json:"spec,omitempty"`
	Note        *Note        `json:"note,omitempty"`
	Leftover    *Leftover    `json:"leftover,omitempty"`
	Selftest    *Selftest    `json:"selftest,omitempty"`
	RunEnded    *End         `json:"runEnded,omitempty"`
}

// Run is what was asked for; the first record of every run.
type Run struct {
	// ID is the name of the run's folder: TIME-PROFILE.
	ID      string `json:"id"`
	Profile string `json:"profile"`
	// Stages are the ONAP releases, with their injector policy, in the order they
	// are run; what else has a release names its stage.
	Stages []verdict.Stage `json:"stages"`
	// Version is meshcert's own.
	Version  string   `json:"version"`
	Settings Settings `json:"settings"`
	// Selected is how many specs are to be run, over all releases.
	Selected int `json:"selected"`
	// SpecList is every spec the profile has on its stages, focused or not, as
	// "RELEASE/SPEC-ID" in the order of stages and specs.
	SpecList []string `json:"specList,omitempty"`
	// Replayed is when the run's evidence was judged again; missing for the run itself.
	Replayed time.Time `json:"replayed,omitzero"`
}

// Focused tells that less was to be run than the profile has: a focus, a label
// filter, or a part of its specs or stages.
func (r Run) Focused() bool {
	return r.Settings.Focus != "" || r.Settings.LabelFilter != "" || r.Selected < len(r.SpecList)
}

// Settings are the flags that change what is run or on what; an empty field is
// a flag that was not given.
type Settings struct {
	Focus       string `json:"focus,omitempty"`
	LabelFilter string `json:"labelFilter,omitempty"`
	// Images is the image source: auto or packages.
	Images string `json:"images,omitempty"`
	// ONAPImages is standin.
	ONAPImages string `json:"onapImages,omitempty"`
	// Sidecars is native or classic; Layout the kind configuration.
	Sidecars string `json:"sidecars,omitempty"`
	Layout   string `json:"layout,omitempty"`
	// Tracer keeps the traces, and sidecars send them by TraceProtocol.
	Tracer        string `json:"tracer,omitempty"`
	TraceProtocol string `json:"traceProtocol,omitempty"`
	// Policy is the injector policy, when it is not the release's own.
	Policy string `json:"policy,omitempty"`
	// Charts is where charts come from when they are not meshcert's own; Repair
	// tells that they were mended for the mesh, ExtraCharts what was installed beside.
	Charts      string   `json:"charts,omitempty"`
	Repair      bool     `json:"repair,omitempty"`
	ExtraCharts []string `json:"extraCharts,omitempty"`
	// Without are the overrides of the charts that were left out.
	Without []string `json:"without,omitempty"`
	// Waivers is the user's waiver file.
	Waivers string `json:"waivers,omitempty"`
	// Values are the user's value files, Set single chart values: with either the
	// charts are not the release's own.
	Values []string `json:"values,omitempty"`
	Set    []string `json:"set,omitempty"`
	// Context is the kubeconfig context of a real cluster.
	Context string `json:"context,omitempty"`
	// OpenEgress tells that the cluster's way out was left open.
	OpenEgress bool `json:"openEgress,omitempty"`
	// Reuse tells that the cluster is kept and reused.
	Reuse bool `json:"reuse,omitempty"`
}

// Environment is what the specs ran on; a run writes one for each release.
type Environment struct {
	// Release is the ONAP release that was installed.
	Release    string `json:"release,omitempty"`
	Kubernetes string `json:"kubernetes,omitempty"`
	Nodes      []Node `json:"nodes,omitempty"`
	// Istio is the version istiod says it has; Policy the injector's, enabled or
	// disabled; Sidecars is native, classic or mixed, by what the pods have; Tracer has
	// the answering back end of the traces.
	Istio    string `json:"istio,omitempty"`
	Policy   string `json:"policy,omitempty"`
	Sidecars string `json:"sidecars,omitempty"`
	Tracer   string `json:"tracer,omitempty"`
	// Egress is closed where we closed the cluster's way out, else open.
	Egress string `json:"egress,omitempty"`
	// ImageSource joins the sources of all images that we made or nodes pulled.
	ImageSource string  `json:"imageSource,omitempty"`
	Images      []Image `json:"images,omitempty"`
	Charts      []Chart `json:"charts,omitempty"`
	// Changes is everything in which what was installed differs from what the
	// charts render to, object by object.
	Changes []Change `json:"changes,omitempty"`
	Host    *Host    `json:"host,omitempty"`
}

// Change is one difference between what a chart renders to and what was installed.
type Change struct {
	// Object is what was changed: "Deployment onap/msb-msb-iag".
	Object string `json:"object"`
	// By is the step that changed it, Rule the rule of that step.
	By   string `json:"by"`
	Rule string `json:"rule"`
	// Field is the path in the object; From and To are its values as text, empty for none.
	Field string `json:"field,omitempty"`
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`
}

// Node is one node of the cluster.
type Node struct {
	Name    string `json:"name"`
	Kubelet string `json:"kubelet,omitempty"`
	OS      string `json:"os,omitempty"`
	Runtime string `json:"runtime,omitempty"`
	// ImageDigest is "sha256:…" of the image that the node is a container of;
	// empty for a machine.
	ImageDigest string `json:"imageDigest,omitempty"`
}

// Image is one image of the environment.
type Image struct {
	Ref string `json:"ref"`
	// Digest is "sha256:…" of the manifest that ran.
	Digest string `json:"digest"`
	// Source says where it came from: packages, when we built it; registry, when the
	// node pulled it; loaded, when somebody put it on the node and we do not know it.
	Source string `json:"source"`
	// Standin tells that a program of ours takes the place of ONAP's, or that no
	// registry gave the image.
	Standin bool `json:"standin,omitempty"`
}

// Standins are the refs of the images in whose place programs of ours ran.
func (e Environment) Standins() []string {
	var refs []string
	for _, i := range e.Images {
		if i.Standin {
			refs = append(refs, i.Ref)
		}
	}
	return refs
}

// Chart is one Helm release that was installed.
type Chart struct {
	// Release and Namespace are Helm's; Name and Version the chart's.
	Release   string `json:"release"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Version   string `json:"version"`
	// Digest is "sha256:…" of the chart that was installed, its templates, files
	// and own values; ValuesDigest of the values that it was given.
	Digest       string `json:"digest,omitempty"`
	ValuesDigest string `json:"valuesDigest,omitempty"`
}

// Host is the machine at the start of the run.
type Host struct {
	CPUs        int   `json:"cpus"`
	MemoryBytes int64 `json:"memoryBytes"`
	// Load is the load average over 1, 5 and 15 minutes.
	Load   [3]float64 `json:"load"`
	OS     string     `json:"os,omitempty"`
	Kernel string     `json:"kernel,omitempty"`
}

// Phase is one step of a run that ended: "sweep", "machine", "engine", "images",
// "cluster", "load images", "istio and add-ons", "onap RELEASE", "mesh check",
// "specs RELEASE", "down".
type Phase struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	// Error says why it did not reach its end; empty when it did.
	Error string `json:"error,omitempty"`
}

// Spec is one spec that was run, or skipped, on one release.
type Spec struct {
	// ID is TOPIC.SLUG, stable.
	ID      string `json:"id"`
	Topic   string `json:"topic"`
	Release string `json:"release"`
	// Proves is the spec's own sentence of what it shows.
	Proves   string            `json:"proves,omitempty"`
	Verdict  verdict.Verdict   `json:"verdict"`
	Findings []verdict.Finding `json:"findings,omitempty"`
	Started  time.Time         `json:"started"`
	Seconds  float64           `json:"seconds"`
	// Reason says why it was skipped, or why it has no finding although it did not pass.
	Reason string `json:"reason,omitempty"`
	// Artifacts is the spec's folder, with slashes, relative to the run's
	// folder: "artifacts/casablanca/tracing.multicloud-to-vio/".
	Artifacts string `json:"artifacts,omitempty"`
	// Evidence are the files of that folder as they were when the spec had ended.
	Evidence []EvidenceFile `json:"evidence,omitempty"`
	// Rerun is the command that runs this spec again.
	Rerun string   `json:"rerun,omitempty"`
	Notes []string `json:"notes,omitempty"`
	// Ready is what the sidecar spec counted: "29/29"; empty for other specs.
	Ready string `json:"ready,omitempty"`
	// Headers is what the header survey saw; missing for other specs.
	Headers *evidence.HeaderSurvey `json:"headers,omitempty"`
	// Figures are what the spec measured, neither right nor wrong, in its order.
	Figures []evidence.Figure `json:"figures,omitempty"`
	// Interrupted tells that the spec was ended from outside, or never began.
	Interrupted bool `json:"interrupted,omitempty"`
}

// EvidenceFile is one file that a spec left.
type EvidenceFile struct {
	// Path has slashes and is relative to the run's folder.
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// Digest is "sha256:…" of the file's bytes.
	Digest string `json:"digest"`
}

// Selftest is what the newest selftest of the same meshcert came to: whether
// the suite that judged notices what is broken.
type Selftest struct {
	// Run is the name of the selftest's folder.
	Run string `json:"run"`
	// Score is the part of the faults that were noticed, 0 to 1.
	Score float64 `json:"score"`
	// Faults were planned; Noticed and Survived are what became of them, and the
	// rest could not be tried. FalseAlarms were red on a healthy system.
	Faults      int `json:"faults"`
	Noticed     int `json:"noticed"`
	Survived    int `json:"survived"`
	FalseAlarms int `json:"falseAlarms"`
}

// Note is something worth reading that is no finding of a spec.
type Note struct {
	Text    string `json:"text"`
	Release string `json:"release,omitempty"`
	// Fault is the id of the fault that the note is about, which was applied by hand.
	Fault string `json:"fault,omitempty"`
}

// Leftover is something of ours that could not be removed.
type Leftover struct {
	// Kind and Name are those of the journal, or of Kubernetes.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Error says why it is still there.
	Error string `json:"error,omitempty"`
}

// String names the leftover and says why it is still there.
func (l Leftover) String() string {
	if l.Error == "" {
		return l.Kind + " " + l.Name
	}
	return l.Kind + " " + l.Name + ": " + prose.OneLine(l.Error)
}

// End is how the run ended; the last record. A run without it was killed.
type End struct {
	// Interrupted tells that a person or a system asked it to stop.
	Interrupted bool `json:"interrupted,omitempty"`
	// Error says why the environment could not be made or kept; empty when it could.
	Error string `json:"error,omitempty"`
}

// check tells what is wrong with a record.
func (r Record) check() error {
	if r.Time.IsZero() {
		return errors.New("time is missing")
	}
	kinds := 0
	for _, set := range []bool{r.RunStarted != nil, r.Environment != nil, r.Phase != nil, r.Spec != nil,
		r.Note != nil, r.Leftover != nil, r.Selftest != nil, r.RunEnded != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return fmt.Errorf("a record holds exactly one of runStarted, environment, phase, spec, note, leftover, selftest and runEnded; this one holds %d", kinds)
	}
	if r.Spec != nil {
		return r.Spec.check()
	}
	return nil
}

// verdicts are all there are, gravest first.
var verdicts = []verdict.Verdict{verdict.Fail, verdict.Inconclusive, verdict.Pass, verdict.Skip}

// check refuses a spec's record that cannot be counted, or whose verdict is
// better than its findings.
func (s *Spec) check() error {
	slug, ok := strings.CutPrefix(s.ID, s.Topic+".")
	if s.Topic == "" || !ok || slug == "" {
		return fmt.Errorf("spec id %q is not TOPIC.SLUG of topic %q", s.ID, s.Topic)
	}
	if !slices.Contains(verdicts, s.Verdict) {
		return fmt.Errorf("spec %s: verdict %q is none of pass, fail, inconclusive and skip", s.ID, s.Verdict)
	}
	for _, f := range s.Findings {
		if !slices.Contains(verdicts, f.Verdict) {
			return fmt.Errorf("spec %s: finding %s: verdict %q is none of pass, fail, inconclusive and skip", s.ID, f.Kind, f.Verdict)
		}
	}
	if s.Interrupted && s.Verdict == verdict.Pass {
		return fmt.Errorf("spec %s: was ended from outside, so its verdict cannot be pass", s.ID)
	}
	if found := verdict.Of(s.Findings); verdict.Worst(s.Verdict, found) != s.Verdict && found != verdict.Pass {
		return fmt.Errorf("spec %s: verdict %s, but its findings say %s", s.ID, s.Verdict, found)
	}
	return nil
}
