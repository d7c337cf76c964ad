package msb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	registrar = "Deployment onap/msb-kube2msb"
	discovery = "Deployment onap/msb-msb-discovery"
	iag       = "Deployment onap/msb-msb-iag"
	eag       = "Deployment onap/msb-msb-eag"
	nowhere   = "<html>No route found for this request!</html>"
)

// ours is one version of a registration of ours.
func ours(name, version, url string, nodes ...string) evidence.Registration {
	return evidence.Registration{Name: name, Version: version, URL: url, Protocol: "REST", Range: "1", Nodes: nodes}
}

func offer(service, address string, wanted ...evidence.Registration) evidence.Offer {
	return evidence.Offer{Service: service, Made: sample.Now.Add(-time.Second), Address: address, Annotation: "[]", Wanted: wanted}
}

// listing is discovery's list: the release's services and those given.
func listing(release *catalogue.Release, more ...evidence.Registration) evidence.Registrations {
	seen := registered(release)
	seen.Items = append(seen.Items, more...)
	return seen
}

func answer(path string, status int, body string) evidence.Response {
	return evidence.Response{Method: "GET", URL: "http://172.18.0.2:30280" + path, Status: status, Body: body}
}

func redirect(path, to string) evidence.Response {
	r := answer(path, 302, "")
	r.Header = "Content-Length: 0\nLocation: " + to + "\nServer: istio-envoy"
	return r
}

// following is a Service of ours with two versions, and what a sound MSB shows of it.
func following(release *catalogue.Release) (msb.Follow, evidence.Routing) {
	behind, _ := msb.FindBehind(release)
	v1, v2 := ours("f", "v1", behind.Second, "10.96.0.9:8081"), ours("f", "v2", behind.First, "10.96.0.9:8080")
	want := msb.Follow{Name: "f", Offer: offer("f", "10.96.0.9", v1, v2), Behind: behind, Routes: []msb.Route{
		{Path: "/api/f/v1", Like: behind.Second, Unlike: behind.First}, {Path: "/api/f/v3"},
	}}
	return want, evidence.Routing{Observed: sample.Now, Registrations: listing(release, v1, v2), Answers: []evidence.Response{
		answer("/api/f/v1", 200, "second"), answer(behind.Second, 200, "second"), answer(behind.First, 200, "first"), answer("/api/f/v3", 502, nowhere),
	}}
}

func TestFindBehind(t *testing.T) {
	for _, name := range catalogue.Names() {
		got, ok := msb.FindBehind(sample.Release(t, name))
		if !ok || got.Workload.App != "multicloud" || got.Port != 9001 || got.First != "/api/multicloud/v0/swagger.json" || got.Second != "/api/multicloud/v0/vim_types" {
			t.Errorf("%s: %+v, %t", name, got, ok)
		}
	}
	if got, ok := msb.FindBehind(&catalogue.Release{}); ok {
		t.Errorf("nothing: %+v", got)
	}
}

func TestJudgeListed(t *testing.T) {
	last := func(r *evidence.Registrations) *evidence.Registration { return &r.Items[len(r.Items)-1] }
	for name, c := range map[string]struct {
		spoil  func(*evidence.Registrations)
		want   []string
		object string
		text   string
	}{
		"as asked for":     {spoil: func(*evidence.Registrations) {}},
		"at the bound":     {spoil: func(r *evidence.Registrations) { r.Observed = sample.Now.Add(msb.Bound - time.Second) }},
		"over it":          {func(r *evidence.Registrations) { r.Observed = sample.Now.Add(msb.Bound) }, []string{"late"}, registrar, "31s"},
		"none at all":      {func(r *evidence.Registrations) { r.Items = nil }, []string{"no-evidence"}, discovery, ""},
		"not listed":       {func(r *evidence.Registrations) { r.Items = r.Items[:len(r.Items)-2] }, []string{"not-registered", "not-registered"}, registrar, "Service onap/f"},
		"one version":      {func(r *evidence.Registrations) { r.Items = r.Items[:len(r.Items)-1] }, []string{"not-registered"}, registrar, "f v2"},
		"an older path":    {func(r *evidence.Registrations) { last(r).URL = "/old" }, []string{"not-followed"}, registrar, "/old"},
		"another protocol": {func(r *evidence.Registrations) { last(r).Protocol = "UI" }, []string{"not-followed"}, registrar, "protocol UI"},
		"before it":        {func(r *evidence.Registrations) { r.Observed = sample.Now.Add(-time.Minute) }, []string{"not-timed"}, registrar, "seen 2026-11-23T14:59"},
		"at no time":       {func(r *evidence.Registrations) { r.Observed = time.Time{} }, []string{"not-timed"}, registrar, "0001"},
		"another range":    {func(r *evidence.Registrations) { last(r).Range = "0" }, []string{"not-followed"}, registrar, "visualRange 0"},
		"an older port":    {func(r *evidence.Registrations) { last(r).Nodes = []string{"10.96.0.9:80"} }, []string{"not-followed", "not-withdrawn"}, registrar, "10.96.0.9:80"},
		"both ports":       {func(r *evidence.Registrations) { last(r).Nodes = append(last(r).Nodes, "10.96.0.9:80") }, []string{"not-withdrawn"}, registrar, "10.96.0.9:80"},
		"an old version": {func(r *evidence.Registrations) { r.Items = append(r.Items, ours("f", "v0", "/a", "10.96.0.9:1")) },
			[]string{"not-withdrawn"}, registrar, "f v0"},
		"an old version without a node": {func(r *evidence.Registrations) { r.Items = append(r.Items, ours("f", "v0", "/a")) },
			[]string{"not-withdrawn"}, registrar, "f v0"},
		"somebody else's node": {func(r *evidence.Registrations) { last(r).Nodes = append(last(r).Nodes, "10.244.0.7:80") },
			[]string{"foreign-node"}, discovery, "10.244.0.7:80"},
		"two records": {func(r *evidence.Registrations) { r.Items = append(r.Items, *last(r)) }, []string{"listed-twice"}, discovery, "2 records"},
	} {
		t.Run(name, func(t *testing.T) {
			want, seen := following(sample.Release(t, "casablanca"))
			c.spoil(&seen.Registrations)
			check(t, msb.JudgeListed(want, seen.Registrations), c.want, c.object, c.text)
			if findings := msb.JudgeRouted(want, seen); len(c.want) > 0 && c.want[0] != "late" && c.want[0] != "not-timed" && len(findings) == 0 {
				t.Error("JudgeRouted judges routes although the list is wrong")
			}
		})
	}
}

func TestJudgeRouted(t *testing.T) {
	const behind = "Deployment onap/multicloud-multicloud"
	for name, c := range map[string]struct {
		spoil  func(*evidence.Routing)
		want   []string
		object string
		text   string
	}{
		"as it should": {spoil: func(*evidence.Routing) {}},
		"at no time":   {func(r *evidence.Routing) { r.Observed = time.Time{} }, []string{"not-timed"}, iag, "0001"},
		"late":         {func(r *evidence.Routing) { r.Observed = sample.Now.Add(time.Minute) }, []string{"late"}, iag, "1m1s"},
		"no route":     {func(r *evidence.Routing) { r.Answers[0] = answer("/api/f/v1", 502, nowhere) }, []string{"not-routed"}, iag, "502"},
		"the old path": {func(r *evidence.Routing) { r.Answers[0].Body = "first" }, []string{"not-routed"}, iag, "first"},
		"no answer":    {func(r *evidence.Routing) { r.Answers[0].Status, r.Answers[0].Error = 0, "refused" }, []string{"no-answer"}, iag, "refused"},
		"not asked":    {func(r *evidence.Routing) { r.Answers = r.Answers[1:] }, []string{"not-asked"}, iag, ""},
		"a route to what nobody registers": {func(r *evidence.Routing) { r.Answers[3] = answer("/api/f/v3", 200, "x") },
			[]string{"still-routed"}, iag, "answers 200"},
		"502 of somebody else": {func(r *evidence.Routing) { r.Answers[3].Body = "the upstream did not answer" }, []string{"still-routed"}, iag, "upstream"},
		"the program does not answer": {func(r *evidence.Routing) { r.Answers[0].Status, r.Answers[1].Status = 503, 503 },
			[]string{"no-reference"}, behind, "answers 503"},
		"both paths alike": {func(r *evidence.Routing) { r.Answers[0].Body, r.Answers[1].Body = "first", "first" },
			[]string{"no-reference"}, behind, "answer the same"},
		"before is not known": {func(r *evidence.Routing) { r.Answers = slices.Delete(r.Answers, 2, 3) }, []string{"not-asked"}, iag, ""},
		"all away":            {func(r *evidence.Routing) { r.Answers = nil }, []string{"not-asked", "not-asked"}, iag, ""},
	} {
		t.Run(name, func(t *testing.T) {
			want, seen := following(sample.Release(t, "casablanca"))
			c.spoil(&seen)
			check(t, msb.JudgeRouted(want, seen), c.want, c.object, c.text)
		})
	}
	want, _ := following(sample.Release(t, "casablanca"))
	if diff := cmp.Diff([]string{"/api/f/v1", want.Behind.Second, want.Behind.First, "/api/f/v3"}, want.Paths()); diff != "" {
		t.Error(diff)
	}
}

// wrongly is two Services with a wrong annotation and a right one after them.
func wrongly(release *catalogue.Release) (wrong []evidence.Offer, right evidence.Offer, before evidence.Pods, seen evidence.Registering) {
	wanted := ours("right", "v1", "/api/right/v1", "10.96.0.3:8080")
	pods := func() evidence.Pods {
		return evidence.Pods{Items: []evidence.Pod{{Name: "msb-kube2msb-1", Workload: "msb-kube2msb", Containers: []evidence.Container{{Name: "kube2msb"}, {Name: "istio-proxy"}}}}}
	}
	return []evidence.Offer{offer("malformed", "10.96.0.1"), offer("protocol", "10.96.0.2")}, offer("right", "10.96.0.3", wanted), pods(),
		evidence.Registering{Registrations: listing(release, wanted), Pods: pods()}
}

func TestJudgeWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(before *evidence.Pods, seen *evidence.Registering)
		want  []string
		text  string
	}{
		"as it should": {spoil: func(*evidence.Pods, *evidence.Registering) {}},
		"a wrong one by its name": {func(_ *evidence.Pods, seen *evidence.Registering) {
			seen.Registrations.Items = append(seen.Registrations.Items, ours("malformed", "", "", "10.96.9.9:80"))
		}, []string{"wrong-annotation-registered"}, "malformed"},
		"a wrong one by its address": {func(_ *evidence.Pods, seen *evidence.Registering) {
			seen.Registrations.Items = append(seen.Registrations.Items, ours("other", "", "", "10.96.0.2:80"))
		}, []string{"wrong-annotation-registered"}, "Service onap/protocol"},
		"the right one is missing": {func(_ *evidence.Pods, seen *evidence.Registering) {
			seen.Registrations = listing(sample.Release(t, "casablanca"))
		}, []string{"not-registered"}, "right v1"},
		"a container again": {func(_ *evidence.Pods, seen *evidence.Registering) { seen.Pods.Items[0].Containers[0].Restarts = 1 }, []string{"registrar-restarted"}, "1 restart"},
		"another pod":       {func(_ *evidence.Pods, seen *evidence.Registering) { seen.Pods.Items[0].Name = "msb-kube2msb-2" }, []string{"registrar-restarted"}, "msb-kube2msb-2"},
		"restarts of before": {spoil: func(before *evidence.Pods, seen *evidence.Registering) {
			before.Items[0].Containers[0].Restarts, seen.Pods.Items[0].Containers[0].Restarts = 3, 3
		}},
		"no containers": {func(before *evidence.Pods, seen *evidence.Registering) {
			before.Items[0].Containers, seen.Pods.Items[0].Containers = nil, nil
		}, []string{"no-pods"}, ""},
		"no pod before": {func(before *evidence.Pods, _ *evidence.Registering) { before.Items = nil }, []string{"no-pods"}, ""},
		"no pod after":  {func(_ *evidence.Pods, seen *evidence.Registering) { seen.Pods.Items = nil }, []string{"no-pods"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			wrong, right, before, seen := wrongly(sample.Release(t, "casablanca"))
			c.spoil(&before, &seen)
			check(t, msb.JudgeWrong(wrong, right, before, seen), c.want, registrar, c.text)
		})
	}
}

// doubled is one name and version of two Services, and what a sound MSB shows.
func doubled(release *catalogue.Release) ([]msb.Node, evidence.Routing) {
	nodes := []msb.Node{
		{Page: msb.GatewayPage, Offer: offer("d-1", "10.96.0.1", ours("d", "v1", "/msb", "10.96.0.1:8080"))},
		{Page: msb.DiscoveryPage, Offer: offer("d-2", "10.96.0.2", ours("d", "v1", "/msb", "10.96.0.2:8080"))},
	}
	seen := evidence.Routing{Observed: sample.Now, Registrations: listing(release, ours("d", "v1", "/msb", "10.96.0.2:8080", "10.96.0.1:8080"))}
	for i := range 4 {
		page := nodes[i%2].Page
		if i > 1 {
			page = "http://172.18.0.2:30280" + page
		}
		seen.Answers = append(seen.Answers, redirect("/api/d/v1", page))
	}
	return nodes, seen
}

func TestJudgeDouble(t *testing.T) {
	one := func(nodes []msb.Node, seen *evidence.Routing) {
		nodes[1].Offer.Wanted = nil
		item := &seen.Registrations.Items[len(seen.Registrations.Items)-1]
		item.Nodes = item.Nodes[1:]
		seen.Answers[1], seen.Answers[3] = seen.Answers[0], seen.Answers[0]
	}
	for name, c := range map[string]struct {
		spoil  func([]msb.Node, *evidence.Routing)
		want   []string
		object string
		text   string
	}{
		"both":           {spoil: func([]msb.Node, *evidence.Routing) {}},
		"one is removed": {spoil: one},
		"a node is missing": {func(_ []msb.Node, seen *evidence.Routing) {
			item := &seen.Registrations.Items[len(seen.Registrations.Items)-1]
			item.Nodes = item.Nodes[:1]
		}, []string{"not-followed"}, registrar, "nodes 10.96.0.2:8080"},
		"two records": {func(_ []msb.Node, seen *evidence.Routing) {
			seen.Registrations.Items = append(seen.Registrations.Items, ours("d", "v1", "/msb", "10.96.0.2:8080"))
		}, []string{"listed-twice"}, discovery, ""},
		"the removed one is listed": {func(nodes []msb.Node, _ *evidence.Routing) { nodes[1].Offer.Wanted = nil }, []string{"not-withdrawn"}, registrar, "10.96.0.2:8080"},
		"all to one": {func(_ []msb.Node, seen *evidence.Routing) { seen.Answers = slices.Repeat(seen.Answers[:1], 4) },
			[]string{"node-unused"}, iag, "none of 4 requests"},
		"one to the removed": {func(nodes []msb.Node, seen *evidence.Routing) {
			kept := seen.Answers[1]
			one(nodes, seen)
			seen.Answers[2] = kept
		}, []string{"still-routed"}, iag, "1 request went"},
		"one to nobody": {func(_ []msb.Node, seen *evidence.Routing) {
			seen.Answers[1] = answer("/api/d/v1", 503, "no healthy upstream")
		},
			[]string{"not-routed"}, iag, "1 of 4 requests"},
		"all elsewhere": {func(_ []msb.Node, seen *evidence.Routing) {
			seen.Answers = slices.Repeat([]evidence.Response{redirect("/api/d/v1", "/login")}, 4)
		}, []string{"not-routed"}, iag, "/login"},
		"a redirect that cannot be read": {func(_ []msb.Node, seen *evidence.Routing) { seen.Answers[0] = redirect("/api/d/v1", "http://[") },
			[]string{"not-routed"}, iag, ""},
		"nothing asked": {func(_ []msb.Node, seen *evidence.Routing) { seen.Answers = nil }, []string{"no-evidence"}, iag, ""},
	} {
		t.Run(name, func(t *testing.T) {
			nodes, seen := doubled(sample.Release(t, "casablanca"))
			c.spoil(nodes, &seen)
			check(t, msb.JudgeDouble("d", "/api/d/v1", nodes, seen), c.want, c.object, c.text)
		})
	}
}

// outside is a service for outside, and what sound gateways show.
func outside(release *catalogue.Release) (msb.External, evidence.Routing) {
	behind, _ := msb.FindBehind(release)
	wanted := ours("o", "v1", behind.First, "10.96.0.5:8080")
	wanted.Range = "0"
	want := msb.External{Release: release, Offer: offer("o", "10.96.0.5", wanted), Behind: behind, Route: msb.Route{Path: "/api/o/v1", Like: behind.First}}
	seen := evidence.Routing{Observed: sample.Now, Registrations: listing(release, wanted)}
	seen.Answers = []evidence.Response{answer("/api/o/v1", 502, nowhere), answer(behind.First, 200, "first")}
	for _, path := range want.Outside() {
		switch path {
		case "/api/o/v1":
			seen.External = append(seen.External, answer(path, 200, "first"))
		case "/msb":
			seen.External = append(seen.External, redirect(path, msb.GatewayPage))
		case msb.GatewayPage:
			seen.External = append(seen.External, answer(path, 200, "<html>"))
		default:
			seen.External = append(seen.External, answer(path, 502, nowhere))
		}
	}
	return want, seen
}

func TestJudgeExternal(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*evidence.Routing)
		want   []string
		object string
		text   string
	}{
		"as it should": {spoil: func(*evidence.Routing) {}},
		"every inside service": {func(seen *evidence.Routing) {
			for i, r := range seen.External {
				if r.Status == 502 {
					seen.External[i] = answer(strings.TrimPrefix(r.URL, "http://172.18.0.2:30280"), 404, "page not found")
				}
			}
		}, []string{"beyond-range"}, eag, "29 of 29 inside registrations"},
		"not the one for outside": {func(seen *evidence.Routing) { at(seen.External, "/api/o/v1").Status = 502 }, []string{"not-routed"}, eag, "502"},
		"inside has it too":       {func(seen *evidence.Routing) { at(seen.Answers, "/api/o/v1").Status = 200 }, []string{"beyond-range"}, iag, "ROUTE_LABELS"},
		"no portal":               {func(seen *evidence.Routing) { at(seen.External, msb.GatewayPage).Status = 404 }, []string{"no-portal"}, eag, "404"},
		"no page as its portal":   {func(seen *evidence.Routing) { at(seen.External, msb.GatewayPage).Body = "ok" }, []string{"no-portal"}, eag, "ok"},
		"/msb leads elsewhere":    {func(seen *evidence.Routing) { at(seen.External, "/msb").Header = "Location: /login" }, []string{"wrong-redirect"}, eag, "/login"},
		"the gateway is away": {func(seen *evidence.Routing) {
			for i := range seen.External {
				seen.External[i].Status, seen.External[i].Error = 0, "refused"
			}
		}, []string{"no-answer"}, eag, "refused"},
		"not registered": {func(seen *evidence.Routing) {
			seen.Registrations.Items = seen.Registrations.Items[:len(seen.Registrations.Items)-1]
		}, []string{"not-registered"}, registrar, ""},
		"registered for inside": {func(seen *evidence.Routing) {
			seen.Registrations.Items[len(seen.Registrations.Items)-1].Range = "1"
		}, []string{"not-followed"}, registrar, "visualRange 1"},
		"outside not asked": {func(seen *evidence.Routing) { seen.External = seen.External[1:] }, []string{"not-asked"}, eag, ""},
	} {
		t.Run(name, func(t *testing.T) {
			want, seen := outside(sample.Release(t, "casablanca"))
			c.spoil(&seen)
			check(t, msb.JudgeExternal(want, seen), c.want, c.object, c.text)
		})
	}
}

func at(answers []evidence.Response, path string) *evidence.Response {
	return &answers[slices.IndexFunc(answers, func(r evidence.Response) bool { return strings.HasSuffix(r.URL, path) })]
}

func TestJudgeNoRoute(t *testing.T) {
	paths := []string{"/api/n/v1", "/n"}
	sound := func() []evidence.Response {
		return []evidence.Response{answer("/api/n/v1", 502, nowhere), answer("/n", 502, nowhere), redirect("/msb", "http://172.18.0.2/iui/microservices/default.html")}
	}
	for name, c := range map[string]struct {
		spoil func([]evidence.Response)
		want  []string
		text  string
	}{
		"as it should":        {spoil: func([]evidence.Response) {}},
		"404":                 {func(r []evidence.Response) { r[0] = answer("/api/n/v1", 404, nowhere) }, []string{"wrong-no-route"}, "404"},
		"502 of a proxy":      {func(r []evidence.Response) { r[1].Body = "upstream connect error" }, []string{"wrong-no-route"}, "upstream connect error"},
		"no redirect":         {func(r []evidence.Response) { r[2] = answer("/msb", 200, "") }, []string{"wrong-redirect"}, "200"},
		"to discovery's page": {func(r []evidence.Response) { r[2] = redirect("/msb", msb.DiscoveryPage) }, []string{"wrong-redirect"}, "index.html"},
		"to another host":     {func(r []evidence.Response) { r[2] = redirect("/msb", "http://x"+msb.GatewayPage) }, []string{"wrong-redirect"}, "http://x"},
		"no answer":           {func(r []evidence.Response) { r[0].Status = 0 }, []string{"no-answer"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen := sound()
			c.spoil(seen)
			check(t, msb.JudgeNoRoute(paths, seen), c.want, iag, c.text)
		})
	}
	check(t, msb.JudgeNoRoute(paths, nil), []string{"not-asked", "not-asked", "not-asked"}, iag, "")
}

func healthyAnswers() []evidence.Response {
	bodies := []string{
		"msdiscover healthy check:ok", `{"connections_active":"2","connections_reading":"0"}`,
		`{"accept_preparing_forward":1,"forward_waiting_response":0,"receive_resp_not_return":0}`, `["1542000000|17"]`,
	}
	var all []evidence.Response
	for i, path := range msb.HealthPaths() {
		all = append(all, answer(path, 200, bodies[i]))
	}
	return all
}

func TestJudgeHealth(t *testing.T) {
	for name, c := range map[string]struct {
		at     int
		status int
		body   string
		want   []string
		object string
	}{
		"as it should":            {at: 0, status: 200, body: "anything"},
		"no minute is over yet":   {at: 3, status: 200, body: "[]"},
		"Consul is away":          {0, 500, "Consul is away", []string{"unhealthy"}, "Deployment onap/msb-msb-consul"},
		"discovery is away":       {0, 503, "no healthy upstream", []string{"unhealthy"}, discovery},
		"no connection":           {1, 200, `{"connections_active":"0"}`, []string{"wrong-statistics"}, iag},
		"connections as a number": {1, 200, `{"connections_active":2}`, []string{"wrong-statistics"}, iag},
		"a page":                  {1, 200, "<html>", []string{"wrong-statistics"}, iag},
		"no statistics":           {2, 404, nowhere, []string{"wrong-statistics"}, iag},
		"a count is missing":      {2, 200, `{"accept_preparing_forward":0}`, []string{"wrong-statistics"}, iag},
		"a negative count":        {2, 200, `{"accept_preparing_forward":-1,"forward_waiting_response":0,"receive_resp_not_return":0}`, []string{"wrong-statistics"}, iag},
		"no list":                 {3, 200, "null", []string{"wrong-statistics"}, iag},
		"a list of other things":  {3, 200, `["17"]`, []string{"wrong-statistics"}, iag},
		"more behind a count":     {3, 200, `["1|2 or so"]`, []string{"wrong-statistics"}, iag},
		"no answer":               {3, 0, "", []string{"no-answer"}, iag},
	} {
		t.Run(name, func(t *testing.T) {
			seen := healthyAnswers()
			seen[c.at].Status, seen[c.at].Body = c.status, c.body
			check(t, msb.JudgeHealth(seen), c.want, c.object, "")
		})
	}
	check(t, msb.JudgeHealth(nil), slices.Repeat([]string{"not-asked"}, 4), iag, "")
}

func TestGoldenService(t *testing.T) {
	want, seen := following(sample.Release(t, "casablanca"))
	seen.Registrations.Items = seen.Registrations.Items[:len(seen.Registrations.Items)-1]
	golden := []verdict.Finding{{
		Kind: "not-registered", Verdict: verdict.Fail,
		Summary: "MSB does not list f v2, which Service onap/f asks for",
		Object:  registrar,
		Want:    fmt.Sprintf("f v2 at %s, protocol REST, visualRange 1, nodes 10.96.0.9:8080", want.Behind.First),
		Got:     "not listed",
		Where:   "GET /api/microservices/v1/services of msb-discovery",
		Why: "discovery answers and lists 30 registrations, and not this one: kube2msb is not there, does not watch Services, " +
			"or cannot reach msb-discovery",
		Next: "see that kube2msb runs, its log, and whether its account may list and watch Services",
	}}
	if diff := cmp.Diff(golden, msb.JudgeListed(want, seen.Registrations)); diff != "" {
		t.Error(diff)
	}
}

// TestSoundInEveryRelease: whatever the release registers and answers, a sound MSB has no finding.
func TestSoundInEveryRelease(t *testing.T) {
	for _, name := range catalogue.Names() {
		release := sample.Release(t, name)
		follow, seen := following(release)
		external, gateways := outside(release)
		nodes, both := doubled(release)
		wrong, right, before, registering := wrongly(release)
		for _, findings := range [][]verdict.Finding{
			msb.JudgeListed(follow, seen.Registrations), msb.JudgeRouted(follow, seen), msb.JudgeExternal(external, gateways),
			msb.JudgeDouble("d", "/api/d/v1", nodes, both), msb.JudgeWrong(wrong, right, before, registering),
		} {
			if len(findings) > 0 {
				t.Errorf("%s: %+v", name, findings)
			}
		}
	}
}
