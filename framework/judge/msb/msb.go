// Package msb judges what MSB lists and serves against a release's catalogue.
// Services are told apart by name and version; how many nodes one has is free,
// since VF-C's programs also register themselves with their pod's address.
//
// Kinds: no-evidence, not-asked, no-reference, several-answers, no-pods,
// not-timed (inconclusive), missing-registration, extra-registration, wrong-registration,
// registration-without-node, listed-twice, missing-service, extra-service, no-answer,
// wrong-status, wrong-body, same-answer; of Services of ours: not-registered,
// listed-twice, not-followed, not-withdrawn, foreign-node, late, not-routed,
// still-routed, node-unused, beyond-range, no-portal, wrong-redirect, wrong-no-route,
// wrong-annotation-registered, registrar-restarted; of MSB's own word: unhealthy,
// wrong-statistics.
package msb

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// list is the question whose answer holds the registrations.
const list = "GET /api/microservices/v1/services of msb-discovery"

// JudgeRegistrations compares discovery's list with what the catalogue's
// Services ask MSB to list.
func JudgeRegistrations(release *catalogue.Release, registrations evidence.Registrations) []verdict.Finding {
	if len(registrations.Items) == 0 {
		return []verdict.Finding{nothing(verdict.Finding{
			Object: object.Deployment(object.Namespace, "msb-msb-discovery"), Summary: "MSB discovery lists no service at all",
			Want: fmt.Sprintf("%d services", len(release.Registered())), Where: list,
			Why:  "one service that is missing is a failure of its own; an empty list tells nothing of any service: msb-consul may have been emptied, or kube2msb may not have begun",
			Next: "see the logs of kube2msb and msb-discovery, and whether msb-consul was started anew",
		})}
	}
	var findings []verdict.Finding
	wanted := map[string]bool{}
	for _, w := range release.Workloads {
		for _, want := range w.Registrations {
			wanted[want.Name+" "+want.Version] = true
			findings = append(findings, judgeRegistration(w, want, registrations)...)
		}
	}
	for _, got := range registrations.Items {
		if wanted[got.Name+" "+got.Version] {
			continue
		}
		findings = append(findings, verdict.Finding{
			Kind: "extra-registration", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("MSB lists %s %s, which nothing should register", got.Name, got.Version),
			Object:  object.Deployment(object.Namespace, "msb-msb-discovery"),
			Want:    "only the registrations of the catalogue",
			Got:     fmt.Sprintf("%s at %s", got.URL, object.Text(strings.Join(got.Nodes, ", "))),
			Where:   list,
			Why:     "somebody registered it since the catalogue was written: a Service with the annotation, or a program with its own address; it takes requests for its path",
			Next:    "see which Service's annotation msb.onap.org/service-info or which program registers it",
		})
	}
	verdict.Sort(findings)
	return findings
}

func judgeRegistration(w catalogue.Workload, want catalogue.Registration, registrations evidence.Registrations) []verdict.Finding {
	base := verdict.Finding{
		Verdict: verdict.Fail,
		Object:  w.Object(object.Namespace),
		Want:    fmt.Sprintf("%s %s at %s, port %d", want.Name, want.Version, want.URL, want.Port),
		Where:   list,
	}
	found := recordsOf(want.Name, want.Version, registrations)
	if len(found) == 0 {
		f := base
		f.Kind, f.Summary, f.Got = "missing-registration", fmt.Sprintf("MSB does not list %s %s", want.Name, want.Version), "not listed"
		f.Why = fmt.Sprintf("kube2msb registers what Services ask for, and the other services are listed: this one lost its annotation, or kube2msb did not see it; msb-iag has no route to %s", want.URL)
		f.Next = "see the annotation msb.onap.org/service-info of the Service and kube2msb's log"
		return []verdict.Finding{f}
	}
	if len(found) > 1 {
		return []verdict.Finding{twice(base, found)}
	}
	got := found[0]
	if len(got.Nodes) == 0 {
		f := base
		f.Kind, f.Summary, f.Got = "registration-without-node", fmt.Sprintf("MSB lists %s %s without an address", want.Name, want.Version), "no node"
		f.Why = "the name is registered and nothing stands behind it, so msb-iag has nowhere to send requests for " + want.URL
		f.Next = "see kube2msb's log and whether the Service has a ClusterIP"
		return []verdict.Finding{f}
	}
	onPort := slices.ContainsFunc(got.Nodes, func(node string) bool { return strings.HasSuffix(node, ":"+strconv.Itoa(want.Port)) })
	if got.URL == want.URL && onPort {
		return nil
	}
	f := base
	f.Kind, f.Summary = "wrong-registration", fmt.Sprintf("MSB lists %s %s at another place", want.Name, want.Version)
	f.Got = fmt.Sprintf("%s at %s", got.URL, strings.Join(got.Nodes, ", "))
	f.Why = misplaced(got.URL == want.URL, onPort)
	f.Next = "compare the Service's annotation msb.onap.org/service-info with the catalogue"
	return []verdict.Finding{f}
}

// misplaced says what is wrong with a registration's place.
func misplaced(url, port bool) string {
	switch {
	case url:
		return "the path is right and no address has the port, so msb-iag sends requests to a port where this service does not listen"
	case port:
		return "the port is right and the path is another, so requests by the path that callers use find no route"
	}
	return "path and port are both others: the registration is that of another program, or of another version of the chart"
}

// JudgePortal compares the portal page's services with the catalogue's.
func JudgePortal(release *catalogue.Release, portal evidence.Portal) []verdict.Finding {
	if len(portal.Services) == 0 {
		return []verdict.Finding{nothing(verdict.Finding{
			Object: object.Deployment(object.Namespace, "msb-msb-iag"), Summary: "the portal page lists no service at all",
			Want: fmt.Sprintf("%d services", len(release.Portal)), Where: object.Text(portal.URL),
			Why:  "the page was served and its table is empty: msb-iag has heard of no service, so the page says nothing of any one of them",
			Next: "see the log of msb-iag and what msb-discovery lists",
		})}
	}
	var findings []verdict.Finding
	add := func(kind verdict.Kind, summary, why, next string) {
		findings = append(findings, verdict.Finding{
			Kind: kind, Verdict: verdict.Fail, Summary: summary,
			Object: object.Deployment(object.Namespace, "msb-msb-iag"),
			Want:   fmt.Sprintf("%d services: %s", len(release.Portal), strings.Join(release.Portal, ", ")),
			Got:    fmt.Sprintf("%d services: %s", len(portal.Services), strings.Join(portal.Services, ", ")),
			Where:  object.Text(portal.URL),
			Why:    why,
			Next:   next,
		})
	}
	for _, name := range release.Portal {
		if !slices.Contains(portal.Services, name) {
			add("missing-service", "the portal page lacks "+name,
				"the page shows what msb-discovery lists for this gateway: the service is not registered, or with the visualRange of the other gateway", "see whether msb-discovery lists it, and its visualRange")
		}
	}
	for _, name := range portal.Services {
		if !slices.Contains(release.Portal, name) {
			add("extra-service", "the portal page shows "+name+", which is not in the catalogue",
				"the page shows what msb-discovery lists, so somebody registered it since the catalogue was written", "see who registered it")
		}
	}
	verdict.Sort(findings)
	return findings
}

// JudgeEndpoints compares the gateway's answers with the release's endpoints;
// the two are matched by the path of the URL.
func JudgeEndpoints(release *catalogue.Release, responses []evidence.Response) []verdict.Finding {
	if len(release.Endpoints) == 0 || len(responses) == 0 {
		return []verdict.Finding{nothing(verdict.Finding{
			Object: object.Deployment(object.Namespace, "msb-msb-iag"), Summary: "no endpoint was asked",
			Want: fmt.Sprintf("%d answers", len(release.Endpoints)), Where: "answers of msb-iag",
			Why:  "there is no answer to judge, so nothing can be said of any service behind the gateway",
			Next: "see the catalogue's endpoints and the gateway's address",
		})}
	}
	paths := make([]string, len(responses))
	for i, r := range responses {
		paths[i] = pathOf(r.URL)
	}
	if f, same := sameAnswer(release, paths, responses); same {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, e := range release.Endpoints {
		if !slices.Contains(paths, e.URL) {
			f := endpointFinding(release, e, "not-asked", "GET "+e.URL+" was not asked")
			f.Verdict, f.Got = verdict.Inconclusive, "no answer to judge"
			f.Why = "the evidence holds answers of other endpoints and none of this one"
			f.Next = "see the answers in the artifacts and run again"
			findings = append(findings, f)
		}
		for i, r := range responses {
			if paths[i] == e.URL {
				findings = append(findings, judgeEndpoint(release, e, r)...)
			}
		}
	}
	verdict.Sort(findings)
	return findings
}

// several is from how many endpoints on one and the same answer is no chance.
const several = 3

// sameAnswer says that every endpoint has one and the same answer, which is not
// what was wanted: it is the gateway's then, and no service is to blame.
func sameAnswer(release *catalogue.Release, paths []string, responses []evidence.Response) (verdict.Finding, bool) {
	first := slices.Index(paths, release.Endpoints[0].URL)
	if first < 0 {
		return verdict.Finding{}, false
	}
	one, wrong := responses[first], false
	for _, e := range release.Endpoints {
		if !slices.Contains(paths, e.URL) {
			return verdict.Finding{}, false
		}
		wrong = wrong || len(judgeEndpoint(release, e, one)) > 0
	}
	if slices.ContainsFunc(responses, func(r evidence.Response) bool { return !same(r, one) }) {
		return verdict.Finding{}, false
	}
	f := verdict.Finding{
		Kind: "same-answer", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("%d different endpoints have one and the same answer", len(release.Endpoints)),
		Object:  object.Deployment(object.Namespace, "msb-msb-iag"),
		Want:    "each service's own answer", Got: fmt.Sprintf("%d: %s", one.Status, cut(one.Body)),
		Where: "GET through msb-iag of " + release.Endpoints[0].URL + " and all others",
		Why:   "different programs do not answer alike: msb-iag, or a proxy before it, answers itself or leads every request to one place",
		Next:  "see msb-iag's log and routes, and the server header of an answer",
	}
	if one.Status == 0 {
		f.Kind, f.Summary, f.Got = "no-answer", "msb-iag gives no answer at all", object.Text(one.Error)
		f.Why = "the connection to the gateway itself failed every time, so nothing is known of the services behind it"
		f.Next = "see whether msb-iag is ready and its NodePort can be reached"
	}
	return f, wrong && len(release.Endpoints) >= several
}

func judgeEndpoint(release *catalogue.Release, e catalogue.Endpoint, got evidence.Response) []verdict.Finding {
	switch {
	case got.Status == 0:
		f := endpointFinding(release, e, "no-answer", "GET "+e.URL+" got no answer")
		f.Got = object.Text(got.Error)
		f.Why = "the connection to the gateway itself failed, so nothing is known of " + e.App + " behind it"
		f.Next = "see whether msb-iag is ready and its NodePort can be reached"
		return []verdict.Finding{f}
	case got.Status != e.Status:
		f := endpointFinding(release, e, "wrong-status", fmt.Sprintf("GET %s answers %d", e.URL, got.Status))
		f.Got = fmt.Sprintf("%d: %s", got.Status, cut(got.Body))
		f.Why = refused(got.Status)
		f.Next = fmt.Sprintf("see whether MSB lists the service and what the log of %s says", e.App)
		return []verdict.Finding{f}
	case e.Contains != "" && !strings.Contains(got.Body, e.Contains):
		f := endpointFinding(release, e, "wrong-body", fmt.Sprintf("GET %s answers something else", e.URL))
		f.Got = cut(got.Body)
		f.Why = "the status is right, but the body does not hold what this service answers"
		f.Next = "see which workload answered: the server header and msb-iag's route"
		return []verdict.Finding{f}
	}
	return nil
}

func endpointFinding(release *catalogue.Release, e catalogue.Endpoint, kind verdict.Kind, summary string) verdict.Finding {
	want := strconv.Itoa(e.Status)
	if e.Contains != "" {
		want += ", body with " + e.Contains
	}
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary, Want: want,
		Object: object.App(release, object.Namespace, e.App),
		Where:  "GET " + e.URL + " through msb-iag",
	}
}

// refused says what a status that was not wanted can come from.
func refused(status int) string {
	switch status {
	case 502:
		return "msb-iag answers 502 when it has no route: the service is not registered, or its address does not answer"
	case 503, 504:
		return "a proxy on the way answers so when nothing behind it is ready or nothing answers in time; msb-iag itself took the request"
	case 403:
		return "an authorisation policy of the mesh answers 403 before a request reaches a program; programs of ONAP may do so as well"
	case 404:
		return "a route led to a program that does not know the path, or msb-iag has no such location"
	}
	return fmt.Sprintf("msb-iag took the request and %d came back from it or from behind it", status)
}

// nothing completes a finding about evidence that is empty.
func nothing(f verdict.Finding) verdict.Finding {
	f.Kind, f.Verdict, f.Got = "no-evidence", verdict.Inconclusive, "none"
	return f
}

func pathOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return text
	}
	return u.Path
}

// cut shows the beginning of a body on one line.
func cut(body string) string {
	const limit = 120
	body = strings.Join(strings.Fields(body), " ")
	if len(body) > limit {
		return strings.ToValidUTF8(body[:limit], "") + "…"
	}
	return object.Text(body)
}
