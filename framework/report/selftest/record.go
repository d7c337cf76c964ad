package selftest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/verdict"
)

// Record is one line of the records file: when it was written, and exactly one
// of the other fields, whose JSON name is the record's kind.
type Record struct {
	Time    time.Time `json:"time"`
	Started *Started  `json:"started,omitempty"`
	Healthy *Healthy  `json:"healthy,omitempty"`
	Applied *Applied  `json:"applied,omitempty"`
	Judged  *Judged   `json:"judged,omitempty"`
	Cleared *Cleared  `json:"cleared,omitempty"`
	Back    *Back     `json:"back,omitempty"`
	Ended   *Ended    `json:"ended,omitempty"`
}

// Started is what was asked for; the first record of every selftest.
type Started struct {
	// ID is the name of the selftest's folder.
	ID string `json:"id"`
	// Version is meshcert's own.
	Version string `json:"version"`
	// Quick tells that only the quick subset was asked for.
	Quick bool `json:"quick,omitempty"`
	// Focus is the flag that picks faults; empty when it was not given.
	Focus string `json:"focus,omitempty"`
	// Release is the ONAP release that was broken.
	Release string `json:"release"`
	// Faults are all that were selected, in the order the document has them in.
	Faults []Planned `json:"faults"`
	// Skipped are those selected that cannot be tried on this environment.
	Skipped []Skipped `json:"skipped,omitempty"`
	// Specs are the ids of all specs that are judged in a healthy run.
	Specs []string `json:"specs"`
}

// Skipped is a fault that was selected and cannot be tried, and why.
type Skipped struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Planned is a fault that was selected.
type Planned struct {
	ID    string `json:"id"`
	Layer string `json:"layer"`
	// Breaks is one clause: "multicloud-vio runs without a sidecar".
	Breaks string `json:"breaks"`
	// Live tells that it is applied to a cluster; the others are applied to recorded evidence.
	Live bool `json:"live"`
	// Red is what must be noticed; at least one.
	Red []Expected `json:"red"`
}

// Expected is a spec that must not be green, and the finding it must say so with.
type Expected struct {
	Spec string       `json:"spec"`
	Kind verdict.Kind `json:"kind"`
	// Object is that of the finding; any when it is empty.
	Object string `json:"object,omitempty"`
}

// Cell is what one spec said.
type Cell struct {
	Spec     string            `json:"spec"`
	Verdict  verdict.Verdict   `json:"verdict"`
	Findings []verdict.Finding `json:"findings,omitempty"`
	// Reason says why it was skipped, or why it has no finding although it did not pass.
	Reason string `json:"reason,omitempty"`
	// Artifacts is the spec's folder, with slashes, relative to the selftest's.
	Artifacts string `json:"artifacts,omitempty"`
}

// Healthy is one run of all specs while nothing is broken.
type Healthy struct {
	// Number counts from 1.
	Number  int     `json:"number"`
	Seconds float64 `json:"seconds"`
	Cells   []Cell  `json:"cells"`
}

// Applied is a live fault that was applied, or could not be. A fault on
// recorded evidence needs the record only when it could not be applied.
type Applied struct {
	Fault string `json:"fault"`
	// Batch counts from 1 the groups of live faults that are applied together; 0
	// for a fault on recorded evidence.
	Batch   int     `json:"batch,omitempty"`
	Seconds float64 `json:"seconds"`
	// Error says why it could not be applied.
	Error string `json:"error,omitempty"`
}

// Judged is what the specs that a fault names said while it was applied.
type Judged struct {
	Fault string `json:"fault"`
	Batch int    `json:"batch,omitempty"`
	// Seconds is how long these specs took; those of one batch may have run together.
	Seconds float64 `json:"seconds"`
	Cells   []Cell  `json:"cells"`
}

// Cleared is a live fault that was taken back, or could not be.
type Cleared struct {
	Fault   string  `json:"fault"`
	Seconds float64 `json:"seconds"`
	// Error says why it could not be taken back.
	Error string `json:"error,omitempty"`
}

// Back is what the specs that a live fault names said after it was cleared.
type Back struct {
	Fault string `json:"fault"`
	Cells []Cell `json:"cells"`
}

// Ended is how the selftest ended; the last record. One without it was killed.
type Ended struct {
	// Interrupted tells that a person or a system asked it to stop.
	Interrupted bool `json:"interrupted,omitempty"`
	// Error says why it could not go on; empty when it reached its end.
	Error string `json:"error,omitempty"`
}

// check tells what is wrong with a record.
func (r Record) check() error {
	if r.Time.IsZero() {
		return errors.New("time is missing")
	}
	kinds := 0
	for _, set := range []bool{r.Started != nil, r.Healthy != nil, r.Applied != nil, r.Judged != nil,
		r.Cleared != nil, r.Back != nil, r.Ended != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return fmt.Errorf("a record holds exactly one of started, healthy, applied, judged, cleared, back and ended; this one holds %d", kinds)
	}
	switch {
	case r.Started != nil:
		return r.Started.check()
	case r.Healthy != nil:
		if r.Healthy.Number < 1 {
			return fmt.Errorf("healthy run: number is %d; runs count from 1", r.Healthy.Number)
		}
		return checkCells(fmt.Sprintf("healthy run %d", r.Healthy.Number), r.Healthy.Cells)
	case r.Judged != nil:
		return checkCells("fault "+r.Judged.Fault+" judged", r.Judged.Cells)
	case r.Back != nil:
		return checkCells("fault "+r.Back.Fault+" cleared", r.Back.Cells)
	}
	return nil
}

// check refuses a plan whose faults cannot be told apart or could not be missed.
func (s *Started) check() error {
	seen := map[string]bool{}
	for _, p := range s.Faults {
		switch {
		case p.ID == "":
			return errors.New("started: a fault has no id")
		case seen[p.ID]:
			return fmt.Errorf("started: fault %s is planned twice", p.ID)
		case len(p.Red) == 0:
			return fmt.Errorf("started: fault %s: red is empty; name the specs that must notice it", p.ID)
		}
		seen[p.ID] = true
		for _, e := range p.Red {
			if !isSpec(e.Spec) || e.Kind == "" {
				return fmt.Errorf("started: fault %s: red needs spec TOPIC.SLUG and kind, has %q and %q", p.ID, e.Spec, e.Kind)
			}
		}
	}
	for _, k := range s.Skipped {
		if k.ID == "" || k.Reason == "" || seen[k.ID] {
			return fmt.Errorf("started: fault %q is skipped: it needs an id, a reason (it has %q), and not to be planned", k.ID, k.Reason)
		}
	}
	for _, id := range s.Specs {
		if !isSpec(id) {
			return fmt.Errorf("started: spec id %q is not TOPIC.SLUG", id)
		}
	}
	return nil
}

// isSpec tells whether the id is TOPIC.SLUG.
func isSpec(id string) bool {
	topic, slug, ok := strings.Cut(id, ".")
	return ok && topic != "" && slug != ""
}

// verdicts are all there are.
var verdicts = []verdict.Verdict{verdict.Fail, verdict.Inconclusive, verdict.Pass, verdict.Skip}

// checkCells refuses cells that cannot be counted, or that are better than their findings.
func checkCells(where string, cells []Cell) error {
	seen := map[string]bool{}
	for _, c := range cells {
		switch {
		case !isSpec(c.Spec):
			return fmt.Errorf("%s: spec id %q is not TOPIC.SLUG", where, c.Spec)
		case seen[c.Spec]:
			return fmt.Errorf("%s: spec %s was judged twice", where, c.Spec)
		case !slices.Contains(verdicts, c.Verdict):
			return fmt.Errorf("%s: spec %s: verdict %q is none of pass, fail, inconclusive and skip", where, c.Spec, c.Verdict)
		}
		seen[c.Spec] = true
		for _, f := range c.Findings {
			if !slices.Contains(verdicts, f.Verdict) {
				return fmt.Errorf("%s: spec %s: finding %s: verdict %q is none of pass, fail, inconclusive and skip", where, c.Spec, f.Kind, f.Verdict)
			}
		}
		if found := verdict.Of(c.Findings); verdict.Worst(c.Verdict, found) != c.Verdict && found != verdict.Pass {
			return fmt.Errorf("%s: spec %s: verdict %s, but its findings say %s", where, c.Spec, c.Verdict, found)
		}
	}
	return nil
}
