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

// TestBrokenServices breaks the evidence of the specs that work with Services of ours.
func TestBrokenServices(t *testing.T) {
	release := sample.Release(t, "casablanca")
	items := func(r *evidence.Routing) *[]evidence.Registration { return &r.Registrations.Items }
	answers := func(r *evidence.Routing) *[]evidence.Response { return &r.Answers }
	nothing := map[string]evidence.Routing{"nothing": {}}

	follow, seen := following(release)
	routed := func(r evidence.Routing) []verdict.Finding { return msb.JudgeRouted(follow, r) }
	broken(t, seen, routed, items, answers)
	attack.NeverGreen(t, nothing, routed)
	attack.NeverGreen(t, attack.Without(seen, answers), routed)
	listed := func(r evidence.Registrations) []verdict.Finding { return msb.JudgeListed(follow, r) }
	attack.Mutations(t, seen.Registrations, listed)
	attack.NeverGreen(t, map[string]evidence.Registrations{"nothing": {}}, listed)

	nodes, both := doubled(release)
	shared := func(r evidence.Routing) []verdict.Finding { return msb.JudgeDouble("d", "/api/d/v1", nodes, r) }
	broken(t, both, shared, items)
	attack.NeverGreen(t, nothing, shared)

	external, seen := outside(release)
	gateways := func(r evidence.Routing) []verdict.Finding { return msb.JudgeExternal(external, r) }
	outer := func(r *evidence.Routing) *[]evidence.Response { return &r.External }
	broken(t, seen, gateways, items, answers, outer)
	attack.NeverGreen(t, nothing, gateways)
	attack.NeverGreen(t, attack.Without(seen, outer), gateways)

	wrong, right, before, registering := wrongly(release)
	outlived := func(r evidence.Registering) []verdict.Finding { return msb.JudgeWrong(wrong, right, before, r) }
	attack.Mutations(t, registering, outlived)
	attack.NeverGreen(t, map[string]evidence.Registering{"nothing": {}}, outlived)

	healthy := func(r []evidence.Response) []verdict.Finding { return msb.JudgeHealth(r) }
	self := func(r *[]evidence.Response) *[]evidence.Response { return r }
	attack.Mutations(t, healthyAnswers(), healthy)
	attack.NeverGreen(t, attack.Without(healthyAnswers(), self), healthy)
	nowhere := []evidence.Response{answer("/n", 502, nowhere), redirect("/msb", msb.GatewayPage)}
	unrouted := func(r []evidence.Response) []verdict.Finding { return msb.JudgeNoRoute([]string{"/n"}, r) }
	attack.Mutations(t, nowhere, unrouted)
	attack.NeverGreen(t, attack.Without(nowhere, self), unrouted)
}

// broken breaks and shuffles what gateways and discovery said.
func broken(t *testing.T, seen evidence.Routing, judge attack.Judge[evidence.Routing], items func(*evidence.Routing) *[]evidence.Registration,
	answers ...func(*evidence.Routing) *[]evidence.Response) {
	t.Helper()
	attack.Mutations(t, seen, judge)
	attack.Shuffled(t, seen, items, judge)
	for _, list := range answers {
		attack.Shuffled(t, seen, list, judge)
	}
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
