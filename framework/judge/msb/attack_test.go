package msb_test

import (
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges.
type look struct {
	Registrations evidence.Registrations
	Portal        evidence.Portal
	Responses     []evidence.Response
}

func healthy(release *catalogue.Release) look {
	return look{Registrations: registered(release), Portal: evidence.Portal{Services: release.Portal}, Responses: answers(release)}
}

func registrations(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return msb.JudgeRegistrations(release, l.Registrations) }
}

func portal(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return msb.JudgePortal(release, l.Portal) }
}

func endpoints(release *catalogue.Release) attack.Judge[look] {
	return func(l look) []verdict.Finding { return msb.JudgeEndpoints(release, l.Responses) }
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	nothing := map[string]look{"nothing": {}}

	attack.Mutations(t, seen.Registrations, func(r evidence.Registrations) []verdict.Finding { return msb.JudgeRegistrations(release, r) })
	registered := func(l *look) *[]evidence.Registration { return &l.Registrations.Items }
	attack.NeverGreen(t, attack.Without(seen, registered), registrations(release))
	attack.NeverGreen(t, nothing, registrations(release))
	attack.Shuffled(t, seen, registered, registrations(release))

	attack.Mutations(t, seen.Portal, func(p evidence.Portal) []verdict.Finding { return msb.JudgePortal(release, p) })
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]string { return &l.Portal.Services }), portal(release))
	attack.NeverGreen(t, nothing, portal(release))

	attack.Mutations(t, seen.Responses, func(r []evidence.Response) []verdict.Finding { return msb.JudgeEndpoints(release, r) })
	responses := func(l *look) *[]evidence.Response { return &l.Responses }
	attack.NeverGreen(t, attack.Without(seen, responses), endpoints(release))
	attack.NeverGreen(t, nothing, endpoints(release))
	attack.Shuffled(t, seen, responses, endpoints(release))
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	attack.Fuzz(f, func(l look) []verdict.Finding {
		return append(append(registrations(release)(l), portal(release)(l)...), endpoints(release)(l)...)
	}, healthy(release))
}
