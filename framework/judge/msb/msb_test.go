package msb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/msb"
	"github.com/onap/meshcert/framework/verdict"
)

func registered(release *catalogue.Release) evidence.Registrations {
	seen := evidence.Registrations{Observed: sample.Now}
	for _, r := range release.Registered() {
		seen.Items = append(seen.Items, evidence.Registration{
			Name: r.Name, Version: r.Version, URL: r.URL, Protocol: "REST", Range: "1", Nodes: []string{fmt.Sprintf("10.96.0.9:%d", r.Port)},
		})
	}
	return seen
}

func check(t *testing.T, findings []verdict.Finding, want []string, object, text string) {
	t.Helper()
	if diff := cmp.Diff(want, sample.Kinds(findings)); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
	}
	sample.Complete(t, findings)
	if len(findings) == 0 {
		return
	}
	f := findings[0]
	if object != "" && f.Object != object {
		t.Errorf("object %q, want %q", f.Object, object)
	}
	if !strings.Contains(f.Summary+f.Got+f.Why, text) {
		t.Errorf("%q not in %+v", text, f)
	}
}

func TestJudgeRegistrations(t *testing.T) {
	for name, c := range map[string]struct {
		spoil  func(*evidence.Registrations)
		want   []string
		object string
		text   string
	}{
		"as the catalogue says": {spoil: func(*evidence.Registrations) {}},
		"one more node, the pod's own": {spoil: func(r *evidence.Registrations) {
			r.Items[0].Nodes = append([]string{"10.244.0.7:" + strings.Split(r.Items[0].Nodes[0], ":")[1]}, r.Items[0].Nodes...)
		}},
		"none at all": {func(r *evidence.Registrations) { r.Items = nil }, []string{"no-evidence"}, "Deployment onap/msb-msb-discovery", ""},
		"one missing": {func(r *evidence.Registrations) { r.Items = r.Items[1:] }, []string{"missing-registration"}, "Deployment onap/multicloud-multicloud", ""},
		"one version missing": {func(r *evidence.Registrations) {
			r.Items = slices.DeleteFunc(r.Items, func(i evidence.Registration) bool { return i.Name == "multicloud-vio" && i.Version == "v1" })
		}, []string{"missing-registration"}, "Deployment onap/multicloud-multicloud-vio", ""},
		"one too many": {func(r *evidence.Registrations) {
			r.Items = append(r.Items, evidence.Registration{Name: "nsd", Version: "v1", URL: "/api/nsd/v1", Nodes: []string{"10.244.0.8:8806"}})
		}, []string{"extra-registration"}, "Deployment onap/msb-msb-discovery", ""},
		"another path": {func(r *evidence.Registrations) { r.Items[0].URL = "/api/other" }, []string{"wrong-registration"}, "", "the path is another"},
		"another port": {func(r *evidence.Registrations) { r.Items[0].Nodes = []string{"10.96.0.9:80"} }, []string{"wrong-registration"}, "", "the path is right"},
		"two records": {func(r *evidence.Registrations) {
			other := r.Items[0]
			other.URL = "/api/other"
			r.Items = append(r.Items, other)
		}, []string{"listed-twice"}, "Deployment onap/msb-msb-discovery", "2 records"},
		"nobody behind it": {func(r *evidence.Registrations) { r.Items[0].Nodes = nil }, []string{"registration-without-node"}, "", ""},
		"another path and port": {func(r *evidence.Registrations) { r.Items[0].URL, r.Items[0].Nodes = "/", []string{"10.96.0.9:80"} },
			[]string{"wrong-registration"}, "", "are both others"},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			seen := registered(release)
			c.spoil(&seen)
			check(t, msb.JudgeRegistrations(release, seen), c.want, c.object, c.text)
		})
	}
}

func TestJudgePortal(t *testing.T) {
	release := sample.Release(t, "blog")
	page := func(names ...string) evidence.Portal { return evidence.Portal{URL: "http://x/iui", Services: names} }
	if len(release.Portal) != 23 {
		t.Fatalf("the document's picture shows 23 services, the catalogue %d", len(release.Portal))
	}
	backwards := slices.Clone(release.Portal)
	slices.Reverse(backwards)
	check(t, msb.JudgePortal(release, page(backwards...)), nil, "", "")
	check(t, msb.JudgePortal(release, page()), []string{"no-evidence"}, "Deployment onap/msb-msb-iag", "")
	check(t, msb.JudgePortal(release, page(release.Portal[1:]...)), []string{"missing-service"}, "Deployment onap/msb-msb-iag", "22 services")
	check(t, msb.JudgePortal(release, page(append(slices.Clone(release.Portal), "nsd")...)), []string{"extra-service"}, "", "nsd")
}

func answers(release *catalogue.Release) []evidence.Response {
	var all []evidence.Response
	for _, e := range release.Endpoints {
		all = append(all, evidence.Response{Method: "GET", URL: "http://172.18.0.2:30280" + e.URL, Status: e.Status, Body: "x " + e.Contains + " y"})
	}
	return all
}

func TestJudgeEndpoints(t *testing.T) {
	release := sample.Release(t, "casablanca")
	at := slices.IndexFunc(release.Endpoints, func(e catalogue.Endpoint) bool { return e.App == "vfc-nslcm" })
	for name, c := range map[string]struct {
		spoil func([]evidence.Response) []evidence.Response
		want  []string
		text  string
	}{
		"all answer":    {spoil: func(r []evidence.Response) []evidence.Response { return r }},
		"in any order":  {spoil: func(r []evidence.Response) []evidence.Response { slices.Reverse(r); return r }},
		"nothing asked": {func([]evidence.Response) []evidence.Response { return nil }, []string{"no-evidence"}, ""},
		"two not asked": {func(r []evidence.Response) []evidence.Response { return slices.Delete(r, at, at+2) }, []string{"not-asked", "not-asked"}, ""},
		"one not asked": {func(r []evidence.Response) []evidence.Response { return slices.Delete(r, at, at+1) }, []string{"not-asked"}, ""},
		"no answer": {func(r []evidence.Response) []evidence.Response {
			r[at].Status, r[at].Error = 0, "connection refused"
			return r
		}, []string{"no-answer"}, "connection refused"},
		"no route": {func(r []evidence.Response) []evidence.Response {
			r[at].Status, r[at].Body = 502, "No route found\nfor this request!"
			return r
		}, []string{"wrong-status"}, "502: No route found for this request!"},
		"another body": {func(r []evidence.Response) []evidence.Response {
			r[at].Body = strings.Repeat("é", 200)
			return r
		}, []string{"wrong-body"}, "…"},
		"one error page for all": {func(r []evidence.Response) []evidence.Response {
			for i := range r {
				r[i].Status, r[i].Body = 200, "<html>error</html>"
			}
			return r
		}, []string{"same-answer"}, "different programs do not answer alike"},
		"no answer from the gateway": {func(r []evidence.Response) []evidence.Response {
			for i := range r {
				r[i] = evidence.Response{URL: r[i].URL, Error: "connection refused"}
			}
			return r
		}, []string{"no-answer"}, "connection refused"},
		"error pages that differ": {func(r []evidence.Response) []evidence.Response {
			for i := range r {
				r[i].Status, r[i].Body = 503, "ends with "+r[i].URL
			}
			return r
		}, slices.Repeat([]string{"wrong-status"}, len(release.Endpoints)), ""},
		"an empty body": {func(r []evidence.Response) []evidence.Response { r[at].Body = ""; return r }, []string{"wrong-body"}, "none"},
	} {
		t.Run(name, func(t *testing.T) {
			findings := msb.JudgeEndpoints(release, c.spoil(answers(release)))
			object := "Deployment onap/vfc-vfc-nslcm"
			switch name {
			case "nothing asked", "error pages that differ":
				object = ""
			case "one error page for all", "no answer from the gateway":
				object = "Deployment onap/msb-msb-iag"
			}
			check(t, findings, c.want, object, c.text)
		})
	}
}

// TestSameAnswerOfFew: what one or two endpoints have in common may be chance.
func TestSameAnswerOfFew(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for n, want := range map[int][]string{2: {"wrong-status", "wrong-status"}, 3: {"same-answer"}} {
		few := *release
		few.Endpoints = release.Endpoints[:n]
		all := answers(&few)
		for i := range all {
			all[i].Status, all[i].Body = 503, "no healthy upstream"
		}
		check(t, msb.JudgeEndpoints(&few, all), want, "", "")
	}
}

// TestSameAnswerThatIsWanted: answers that are alike and right are no finding.
func TestSameAnswerThatIsWanted(t *testing.T) {
	alike := *sample.Release(t, "casablanca")
	alike.Endpoints = []catalogue.Endpoint{{URL: "/a", Status: 204}, {URL: "/b", Status: 204}, {URL: "/c", Status: 204}}
	check(t, msb.JudgeEndpoints(&alike, answers(&alike)), nil, "", "")
}

// TestEndpointSaysWhatIsWanted: status and body, and a body that is shown whole up to its limit.
func TestEndpointSaysWhatIsWanted(t *testing.T) {
	release := *sample.Release(t, "casablanca")
	release.Endpoints = []catalogue.Endpoint{{URL: "/a", Status: 200, Contains: "b", App: "vfc-nslcm"}, {URL: "/c", Status: 204, App: "vfc-nslcm"}}
	for n, want := range map[int]string{120: strings.Repeat("x", 120), 121: strings.Repeat("x", 120) + "…"} {
		findings := msb.JudgeEndpoints(&release, []evidence.Response{
			{URL: "http://x/a", Status: 200, Body: strings.Repeat("x", n)}, {URL: "http://x/c", Error: "reset"},
		})
		check(t, findings, []string{"no-answer", "wrong-body"}, "", "reset")
		if findings[0].Want != "204" || findings[1].Want != "200, body with b" || findings[1].Got != want {
			t.Errorf("%+v", findings)
		}
	}
}

func TestGolden(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := registered(release)
	seen.Items = seen.Items[1:]
	want := []verdict.Finding{{
		Kind: "missing-registration", Verdict: verdict.Fail,
		Summary: "MSB does not list multicloud v0",
		Object:  "Deployment onap/multicloud-multicloud",
		Want:    "multicloud v0 at /api/multicloud/v0, port 9001",
		Got:     "not listed",
		Where:   "GET /api/microservices/v1/services of msb-discovery",
		Why: "kube2msb registers what Services ask for, and the other services are listed: this one lost its annotation, or kube2msb did not see it; " +
			"msb-iag has no route to /api/multicloud/v0",
		Next: "see the annotation msb.onap.org/service-info of the Service and kube2msb's log",
	}}
	if diff := cmp.Diff(want, msb.JudgeRegistrations(release, seen)); diff != "" {
		t.Error(diff)
	}
}
