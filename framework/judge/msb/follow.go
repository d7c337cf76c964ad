package msb

import (
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

// JudgeFollow compares discovery's list with what the Service asks for, and,
// where it is right, what msb-iag makes of it.
func JudgeFollow(want Follow, seen evidence.Routing) []verdict.Finding {
	findings := judgeListed(want.Name, []evidence.Offer{want.Offer}, seen.Registrations, seen.Observed)
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
	verdict.Sort(findings)
	return findings
}

func (b Behind) object() string { return b.Workload.Object(object.Namespace) }
