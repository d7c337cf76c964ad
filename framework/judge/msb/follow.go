package msb

import (
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Follow is what MSB has to show of an API service of ours.
type Follow struct {
	// Name is the API service's; Offer the Service that asks for it.
	Name   string
	Offer  evidence.Offer
	Routes []Route
	Behind Behind
}

// Paths are those to ask msb-iag for.
func (f Follow) Paths() []string { return asked(f.Routes...) }

// JudgeListed compares discovery's list with what the Service asks for.
func JudgeListed(want Follow, seen evidence.Registrations) []verdict.Finding {
	findings := judgeListed(want.Name, []evidence.Offer{want.Offer}, seen)
	if len(findings) == 0 {
		findings = want.late(seen.Observed, registrar, list,
			"kube2msb watches Services and is told of a change at once: its watch broke and was made anew, or discovery answers slowly")
	}
	verdict.Sort(findings)
	return findings
}

// JudgeRouted judges what msb-iag makes of the Service, if discovery's list is
// still right.
func JudgeRouted(want Follow, seen evidence.Routing) []verdict.Finding {
	findings := judgeListed(want.Name, []evidence.Offer{want.Offer}, seen.Registrations)
	if len(findings) > 0 {
		verdict.Sort(findings)
		return findings
	}
	inside := iag(seen.Answers)
	for _, r := range want.Routes {
		if r.Like == "" {
			findings = append(findings, inside.noRoute("still-routed", r.Path,
				"discovery does not list it: msb-iag did not hear that the registration was taken back, or keeps the route for longer than it should")...)
			continue
		}
		findings = append(findings, inside.routed(r, inside, want.Behind.object())...)
	}
	if len(findings) == 0 {
		findings = want.late(seen.Observed, internal, "routes of msb-iag",
			"discovery's list was right in time: msb-iag heard of it late from msb-consul, or keeps old routes for longer than it should")
	}
	verdict.Sort(findings)
	return findings
}

// late is a finding when what is right was seen later than Bound after the
// Service was changed.
func (f Follow) late(observed time.Time, who, where, why string) []verdict.Finding {
	if observed.Before(f.Offer.Made) || f.Offer.Made.IsZero() {
		return []verdict.Finding{{
			Kind: "not-timed", Verdict: verdict.Inconclusive, Object: who, Where: where,
			Summary: fmt.Sprintf("it is not known how soon MSB followed %s", object.Service(object.Namespace, f.Offer.Service)),
			Want:    "evidence from after the change, both with their times",
			Got:     fmt.Sprintf("changed %s, seen %s", f.Offer.Made.Format(time.RFC3339), observed.Format(time.RFC3339)),
			Why:     "what was seen before the change, or at no time, says nothing of what followed it",
			Next:    "see the times in the artifacts and run again",
		}}
	}
	took := observed.Sub(f.Offer.Made).Round(time.Second)
	if took <= Bound {
		return nil
	}
	return []verdict.Finding{{
		Kind: "late", Verdict: verdict.Fail, Object: who, Where: where,
		Summary: fmt.Sprintf("MSB followed %s after %s only", object.Service(object.Namespace, f.Offer.Service), took),
		Want:    fmt.Sprintf("within %s", Bound), Got: took.String(), Why: why,
		Next: "see its log for the time at which it took the change of " + f.Name,
	}}
}

func (b Behind) object() string { return b.Workload.Object(object.Namespace) }
