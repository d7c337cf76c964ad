package selftest

import (
	"time"

	"github.com/onap/meshcert/framework/verdict"
)

// Document is what came of a selftest; reports/schema describes its JSON.
type Document struct {
	// Schema is the id of the JSON Schema this document follows.
	Schema  string `json:"schema"`
	ID      string `json:"id"`
	Version string `json:"version"`
	Quick   bool   `json:"quick"`
	Focus   string `json:"focus,omitempty"`
	Release string `json:"release"`

	Started time.Time `json:"started"`
	// Ended is missing when the selftest was killed; Seconds then counts to the last record.
	Ended   time.Time `json:"ended,omitzero"`
	Seconds float64   `json:"seconds"`
	// Finished tells that the selftest wrote how it ended.
	Finished    bool   `json:"finished"`
	Interrupted bool   `json:"interrupted"`
	Error       string `json:"error,omitempty"`

	// Verdict is about the suite; Exit also about the selftest itself.
	Verdict verdict.Verdict `json:"verdict"`
	Exit    int             `json:"exit"`
	// Score is over all faults; Live and Recorded over those on a cluster and
	// those on recorded evidence.
	Score    Score   `json:"score"`
	Live     Score   `json:"live"`
	Recorded Score   `json:"recorded"`
	Phases   []Phase `json:"phases"`
	// Specs are the ids of all specs that are judged in a healthy run, sorted.
	Specs []string `json:"specs"`
	// Faults are in the order they were planned in.
	Faults []Fault `json:"faults"`
	// Skipped were selected and cannot be tried on this environment; no score counts them.
	Skipped []Skipped `json:"skipped,omitempty"`
	Healthy []Healthy `json:"healthy"`
	// Survivors are the ids of the faults that survived or were noticed for the
	// wrong reason; what was said instead is in Faults.
	Survivors   []string     `json:"survivors"`
	FalseAlarms []FalseAlarm `json:"falseAlarms"`
}

// Score counts faults by outcome.
type Score struct {
	Planned     int `json:"planned"`
	Noticed     int `json:"noticed"`
	Survived    int `json:"survived"`
	WrongReason int `json:"wrongReason"`
	NotApplied  int `json:"notApplied"`
	NotJudged   int `json:"notJudged"`
	// Score is the mutation score, noticed by planned, cut off after 4 decimals:
	// it is 1 only when every fault was noticed. 0 when none was planned.
	Score float64 `json:"score"`
}

// Outcome says what the suite made of a fault, or one spec of it.
type Outcome string

// The outcomes; NotApplied is of faults alone.
const (
	// Noticed: every expected spec was red for the expected reason.
	Noticed Outcome = "noticed"
	// Survived: an expected spec stayed green.
	Survived Outcome = "survived"
	// WrongReason: none stayed green, but one has no finding of the expected kind and object.
	WrongReason Outcome = "wrong-reason"
	// NotApplied: the fault could not be applied.
	NotApplied Outcome = "not-applied"
	// NotJudged: an expected spec was skipped or did not say anything.
	NotJudged Outcome = "not-judged"
)

// Return says whether the specs of a live fault were green again after it was cleared.
type Return string

// The returns.
const (
	// Green: every expected spec passed again.
	Green Return = "green"
	// Red: one did not: a false alarm, unless the fault could not be taken back.
	Red Return = "red"
	// Unknown: one was not judged.
	Unknown Return = "unknown"
)

// Fault is what came of one fault.
type Fault struct {
	ID     string `json:"id"`
	Layer  string `json:"layer"`
	Breaks string `json:"breaks"`
	Live   bool   `json:"live"`
	Batch  int    `json:"batch,omitempty"`
	// Outcome is the worst of its specs', unless the fault was not applied.
	Outcome Outcome `json:"outcome"`
	// Specs are the expected ones in the fault's own order.
	Specs []Answer `json:"specs"`
	// Back is missing of a fault on recorded evidence, and of one that was not applied and not looked after.
	Back Return `json:"back,omitempty"`
	// Seconds is how long it was to apply, judge and clear.
	Seconds float64 `json:"seconds"`
	// Error says why it could not be applied, NotCleared why it could not be taken back.
	Error      string `json:"error,omitempty"`
	NotCleared string `json:"notCleared,omitempty"`
}

// Answer is what was expected of a spec and what it said.
type Answer struct {
	Expected
	Outcome Outcome `json:"outcome"`
	// Said is missing when the spec was not judged.
	Said *Cell `json:"said,omitempty"`
}

// FalseAlarm is a spec that was red although nothing was broken, or nothing any more.
type FalseAlarm struct {
	// Run is the number of the healthy run; 0 when it was after a fault.
	Run int `json:"run,omitempty"`
	// Fault was cleared before; empty in a healthy run.
	Fault string `json:"fault,omitempty"`
	Cell
}

// Phase is the time of one kind of work: from the record before to each of its
// records. All phases together are the whole time.
type Phase struct {
	// Name is healthy, apply, judge, clear, back or end.
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}
