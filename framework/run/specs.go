package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/observe/dump"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/cluster"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/run/environment"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// stageSpecs runs the selected specs of one release in this process.
func (c *Conductor) stageSpecs(ctx context.Context, order Order) error {
	selected, err := spec.Select(c.Specs, selection(order))
	if err != nil {
		return err
	}
	records := report.NewWriter(filepath.Join(order.Folder, report.RecordsFile))
	return phase(ctx, records, "specs "+order.Run.Name(), func(ctx context.Context) error {
		env, on, err := c.openEnv(ctx, order)
		if err != nil {
			return err
		}
		if err := c.describe(ctx, order, on, env, records); err != nil {
			return err
		}
		if err := c.noteFaults(ctx, order, env, records); err != nil {
			return err
		}
		return judge(order, spec.Cases(selected, env), recorder(order, records))
	})
}

// describe writes down what the specs will run on. Only what cannot be written
// is an error.
func (c *Conductor) describe(ctx context.Context, order Order, on *cluster.Cluster, env *spec.Env, records *report.Writer) error {
	seen, notes := environment.Describe(ctx, environment.Source{
		Release: order.Run.Name(), Cluster: on, Engine: order.Engine, EgressClosed: env.EgressClosed,
		Images: image.OpenStore(image.StoreFolder(c.Config.Places.Cache)),
		Plan:   func(ctx context.Context) (*onap.Plan, error) { return c.plan(ctx, order.Run) },
	})
	err := records.Append(report.Record{Environment: &seen})
	for _, text := range notes {
		err = errors.Join(err, records.Append(report.Record{Note: &report.Note{Text: text, Release: order.Run.Name()}}))
	}
	return err
}

// noteFaults puts into the report which faults somebody has applied by hand.
func (c *Conductor) noteFaults(ctx context.Context, order Order, env *spec.Env, records *report.Writer) error {
	if c.Config.Kubeconfig != "" && !c.Config.AllowDisruptive {
		return nil
	}
	applied, err := c.breaker(env.Kube, order.Run, func(string) {}).Applied(ctx)
	if err != nil {
		return err
	}
	for _, f := range applied {
		note := &report.Note{Text: "fault " + f.ID + " is applied: " + strings.Join(f.Changed, ", "), Release: order.Run.Name(), Fault: f.ID}
		if err := records.Append(report.Record{Note: note}); err != nil {
			return err
		}
	}
	return nil
}

// judge runs the cases and hands on what became of each.
func judge(order Order, cases []spec.Case, done func(spec.Result) error) error {
	var failed error
	green := true
	passed := spec.Run("meshcert "+order.Run.Name(), cases, func(r spec.Result) {
		green = green && r.Verdict != verdict.Fail && r.Verdict != verdict.Inconclusive
		failed = errors.Join(failed, done(r))
	})
	if !passed && green {
		failed = errors.Join(failed, fmt.Errorf("a failure that Ginkgo saw is in no verdict; see %s.log", order.Stage))
	}
	return failed
}

// recorder writes a spec's result down.
func recorder(order Order, records *report.Writer) func(spec.Result) error {
	return func(r spec.Result) error {
		record := recordOf(r, order)
		var err error
		record.Evidence, err = report.EvidenceOf(os.DirFS(order.Folder), record.Artifacts)
		return errors.Join(err, records.Append(report.Record{Spec: record}))
	}
}

func selection(order Order) spec.Selection {
	return spec.Selection{Focus: order.Config.Focus, LabelFilter: order.Config.LabelFilter, Topics: order.Run.Topics, Soak: order.Run.Soak}
}

// openEnv connects to the environment that up made.
func (c *Conductor) openEnv(ctx context.Context, order Order) (*spec.Env, *cluster.Cluster, error) {
	env, err := c.newEnv(order)
	if err != nil {
		return nil, nil, err
	}
	on, err := c.cluster(ctx, order)
	if err != nil {
		return nil, nil, err
	}
	eyes, err := spec.Open(ctx, on.Kube, order.Config.Tracing().Backend)
	if err != nil {
		return nil, nil, err
	}
	egress, err := on.Egress(ctx)
	if err != nil {
		return nil, nil, err
	}
	env.EgressClosed, env.Kube, env.Eyes, env.Progress = egress.Closed, on.Kube, eyes, progress.Of(ctx)
	dumper := dump.New(on.Kube, spec.Namespace, istio.Namespace)
	env.Dump = func(ctx context.Context, id string, objects []string) {
		collect(ctx, dumper, filepath.Join(order.Folder, artifacts(order, id)), objects)
	}
	return env, on, nil
}

// newEnv is what specs are given that does not come from the cluster: what
// should be, as the run's folder and the catalogue have it.
func (c *Conductor) newEnv(order Order) (*spec.Env, error) {
	kept := cmp.Or(order.Source, order.Folder)
	release, err := releaseOf(order.Run, kept)
	if err != nil {
		return nil, err
	}
	waivers, own, err := c.waiversOf(order.Run.Release, kept)
	if err != nil {
		return nil, err
	}
	return &spec.Env{
		Release: release, Policy: release.Policy, Ideal: order.Ideal, Bounds: order.Run.Bounds, Waivers: waivers, Today: verdict.DayOf(order.Date), NoteUnused: own,
		StandIns: order.Config.ONAPImages == standIns, Tracing: order.Config.Tracing(), MayDisrupt: order.Config.Kubeconfig == "" || order.Config.AllowDisruptive,
		Store: func(id string) *store.Store {
			return store.Open(filepath.Join(order.Folder, artifacts(order, id)))
		},
	}, nil
}

// collect writes what a person wants to see of a failure. What could not be had
// is said in the folder itself.
func collect(ctx context.Context, dumper *dump.Dumper, folder string, objects []string) {
	if err := dumper.Dump(ctx, folder, objects); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		fmt.Fprintf(os.Stderr, "  not all artifacts were collected: %s\n", first)
	}
}

// artifacts is a spec's folder relative to the run's.
func artifacts(order Order, id string) string {
	return report.ArtifactsFolder + "/" + order.Run.Name() + "/" + id + "/"
}

func recordOf(r spec.Result, order Order) *report.Spec {
	record := &report.Spec{
		ID: r.Spec.ID, Topic: r.Spec.Topic(), Release: order.Run.Name(), Proves: r.Spec.Proves,
		Verdict: r.Verdict, Findings: r.Findings, Started: r.Started.UTC(), Seconds: r.Duration.Seconds(),
		Artifacts: artifacts(order, r.Spec.ID), Ready: r.Ready, Headers: r.Headers, Figures: r.Figures, Notes: r.Notes,
		Rerun: rerun(order, r.Spec.ID), Interrupted: r.Interrupted,
	}
	if r.Verdict == verdict.Skip && len(r.Notes) > 0 {
		record.Reason, record.Notes = r.Notes[len(r.Notes)-1], r.Notes[:len(r.Notes)-1]
	}
	return record
}

// word is a text as one word of the shell.
func word(text string) string {
	if strings.ContainsAny(text, " '\"$") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

// rerun is the command that runs one spec again, on a kept cluster or the real
// one, with the profile's demand and the values of this run.
func rerun(order Order, id string) string {
	c := order.Config
	words := []string{"make e2e", "FOCUS=" + id}
	if order.Ideal {
		words = append(words, "PROFILE="+c.Profile)
	} else {
		words = append(words, "RELEASE="+order.Run.Release)
		if order.Run.Policy != "" {
			words = append(words, "POLICY="+order.Run.Policy)
		}
	}
	if c.Tracer != "" && c.Tracer != config.Choices("--tracer")[0] {
		words = append(words, "TRACER="+c.Tracer)
	}
	if c.Charts != "" {
		words = append(words, "CHARTS="+word(c.Charts))
	}
	if c.Context != "" {
		words = append(words, "KUBECONFIG="+word(c.Kubeconfig), "CONTEXT="+word(c.Context))
	}
	words = append(words, "REUSE=1")
	var flags []string
	if c.Repair {
		flags = append(flags, "--repair")
	}
	for _, name := range c.ExtraCharts {
		flags = append(flags, "--extra-charts "+word(name))
	}
	for _, name := range c.Without {
		flags = append(flags, "--without "+word(name))
	}
	if c.TraceProtocol != "" && c.TraceProtocol != config.Choices("--trace-protocol")[0] {
		flags = append(flags, "--trace-protocol "+c.TraceProtocol)
	}
	if c.Waivers != "" {
		flags = append(flags, "--waivers "+word(c.Waivers))
	}
	for _, file := range c.Values {
		flags = append(flags, "--values "+word(file))
	}
	for _, set := range c.Set {
		flags = append(flags, "--set "+word(set))
	}
	if len(flags) > 0 {
		words = append(words, "ARGS="+word(strings.Join(flags, " ")))
	}
	return strings.Join(words, " ")
}
