package msb

import (
	"context"
	"strconv"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

// lookLimit leaves a change that comes after the bound the time to be seen as late.
const lookLimit = msb.Bound + 10*time.Second

// The ports of our Services.
const (
	port      = 8080
	otherPort = 8081
)

// inside is an entry of an annotation for services inside.
func inside(name, version, url string, port int) traffic.Entry {
	return traffic.Entry{Name: name, Version: version, URL: url, Protocol: "REST", Port: strconv.Itoa(port), VisualRange: "1"}
}

// behind is the workload of the release that Services of ours lead to.
func behind(env *spec.Env) msb.Behind {
	found, ok := msb.FindBehind(env.Release)
	if !ok {
		env.Skip("the catalogue of " + env.Release.Name + " has no workload with two endpoints that a Service of ours could lead to")
	}
	return found
}

// offered makes, changes or removes a Service of ours.
func offered(ctx context.Context, env *spec.Env, name string, do func(context.Context) (evidence.Offer, error)) evidence.Offer {
	return spec.Step[evidence.Offer]{
		Name: name, What: "changing a Service of ours", Source: spec.APIServer, Do: do,
	}.Take(ctx, env)
}

// withdrawn removes Services of ours after the spec.
func withdrawn(env *spec.Env, names ...string) {
	for _, name := range names {
		env.Cleanup(func(ctx context.Context) error {
			_, err := env.Registrar.Withdraw(ctx, name)
			return err
		})
	}
}

// follower is the Service of registrationFollows and the API service it asks for.
const follower = "meshcert-follow"

// change is one state of the Service and the routes that follow from it.
type change struct {
	// name is that of the evidence; what says it in words.
	name, what string
	// entries are the annotation's; with none the Service is removed.
	entries []traffic.Entry
	// first and second are the routes of the two versions.
	first, second msb.Route
}

// changes are the states, one after the other.
func changes(b msb.Behind) []change {
	v1 := func(url string, port int) traffic.Entry { return inside(follower, "v1", url, port) }
	v2 := inside(follower, "v2", b.First, port)
	none, noneOfSecond := msb.Route{Path: "/api/" + follower + "/v1"}, msb.Route{Path: "/api/" + follower + "/v2"}
	first := msb.Route{Path: none.Path, Like: b.First}
	moved := msb.Route{Path: none.Path, Like: b.Second, Unlike: b.First}
	second := msb.Route{Path: noneOfSecond.Path, Like: b.First}
	return []change{
		{"before", "nothing was there", nil, none, noneOfSecond},
		{"made", "the Service came", []traffic.Entry{v1(b.First, port)}, first, noneOfSecond},
		{"moved", "its path changed", []traffic.Entry{v1(b.Second, port)}, moved, noneOfSecond},
		{"versions", "a version was added", []traffic.Entry{v1(b.Second, port), v2}, moved, second},
		{"port", "a port changed", []traffic.Entry{v1(b.Second, otherPort), v2}, moved, second},
		{"removed", "the Service went", nil, none, noneOfSecond},
	}
}

// registrationFollows changes a Service of ours step by step, and looks each
// time until discovery and msb-iag have followed.
func registrationFollows(ctx context.Context, env *spec.Env) {
	b := behind(env)
	withdrawn(env, follower)
	for _, c := range changes(b) {
		offer := offered(ctx, env, "service-"+c.name, func(ctx context.Context) (evidence.Offer, error) {
			if len(c.entries) == 0 {
				return env.Registrar.Withdraw(ctx, follower)
			}
			return env.Registrar.Make(ctx, traffic.Service{
				Name: follower, App: b.Workload.App, Ports: []int{port, otherPort}, Target: b.Port, Entries: c.entries,
			})
		})
		want := msb.Follow{Name: follower, Offer: offer, Routes: []msb.Route{c.first, c.second}, Behind: b}
		listed := spec.Look[evidence.Registrations]{
			Name: "registrations-" + c.name, Source: discovery, Limit: lookLimit,
			Observe: env.MSB.Registrations,
			Judge:   func(seen evidence.Registrations) []verdict.Finding { return msb.JudgeListed(want, seen) },
		}.Settle(ctx, env)
		routed := spec.Look[evidence.Routing]{
			Name: "routing-" + c.name, Source: discovery, Limit: lookLimit,
			Observe: func(ctx context.Context) (evidence.Routing, error) { return env.MSB.Routing(ctx, want.Paths(), nil) },
			Judge:   func(seen evidence.Routing) []verdict.Finding { return msb.JudgeRouted(want, seen) },
		}.Settle(ctx, env)
		env.Note("%s: listed after %.1f s, routed after %.1f s", c.what, listed.Observed.Sub(offer.Made).Seconds(), routed.Observed.Sub(offer.Made).Seconds())
	}
}
