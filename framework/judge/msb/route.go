package msb

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Route is what a gateway must make of a path.
type Route struct {
	// Path is asked of the gateway.
	Path string
	// Like is the path of the release through msb-iag that must answer the same;
	// empty when the gateway must have no route for Path.
	Like string
	// Unlike, when set, is the path that Path was like before: its answer must
	// differ, or nothing could be told of the change.
	Unlike string
}

// asked are the paths whose answers judging the routes takes.
func asked(routes ...Route) []string {
	var paths []string
	for _, r := range routes {
		for _, p := range []string{r.Path, r.Like, r.Unlike} {
			if p != "" && !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// noRoute is the gateway's text for a path that nobody registered
// (onap/msb-apigateway, luaext/core/router.lua).
const noRoute = "No route found for this request!"

// gateway is one of the two, with the answers it gave.
type gateway struct {
	name, object string
	answers      []evidence.Response
}

func iag(answers []evidence.Response) gateway { return gateway{"msb-iag", internal, answers} }

func eag(answers []evidence.Response) gateway { return gateway{"msb-eag", external, answers} }

// answer is the gateway's to the path, or a finding that there is none.
func (g gateway) answer(path string) (evidence.Response, []verdict.Finding) {
	f := verdict.Finding{
		Kind: "not-asked", Verdict: verdict.Inconclusive, Object: g.object, Where: "GET " + path + " through " + g.name,
		Summary: "GET " + path + " was not asked of " + g.name, Want: "an answer", Got: "no answer to judge",
		Why: "the evidence holds answers of other paths and none of this one", Next: "see the answers in the artifacts and run again",
	}
	var found []evidence.Response
	for _, r := range g.answers {
		if pathOf(r.URL) == path {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return evidence.Response{}, []verdict.Finding{f}
	case slices.ContainsFunc(found, func(r evidence.Response) bool { return !same(r, found[0]) || location(r) != location(found[0]) }):
		f.Kind, f.Summary = "several-answers", "GET "+path+" has answers that differ"
		f.Got, f.Why = object.Count(len(found), "answer"), "the path was asked once: the evidence is not of one look"
		return evidence.Response{}, []verdict.Finding{f}
	case found[0].Status != 0:
		return found[0], nil
	}
	f.Kind, f.Verdict, f.Summary, f.Got = "no-answer", verdict.Fail, "GET "+path+" got no answer from "+g.name, object.Text(found[0].Error)
	f.Why = "the connection to the gateway itself failed, so it says nothing of its routes"
	f.Next = "see whether " + g.name + " is ready and its NodePort can be reached"
	return evidence.Response{}, []verdict.Finding{f}
}

// noRoute judges that the gateway has no route for the path; why says what
// follows when it has.
func (g gateway) noRoute(kind verdict.Kind, path, why string) []verdict.Finding {
	got, findings := g.answer(path)
	if len(findings) > 0 || (got.Status == 502 && strings.Contains(got.Body, noRoute)) {
		return findings
	}
	return []verdict.Finding{{
		Kind: kind, Verdict: verdict.Fail, Object: g.object,
		Summary: fmt.Sprintf("GET %s through %s answers %d, although no route leads there", path, g.name, got.Status),
		Want:    "502: " + noRoute, Got: fmt.Sprintf("%d: %s", got.Status, cut(got.Body)),
		Where: "GET " + path + " through " + g.name, Why: why,
		Next: "see the routes in " + g.name + "'s log, what discovery lists, and whether the server header is the gateway's own",
	}}
}

// routed judges that the gateway leads the path to who answers Like through
// msb-iag; behind names that workload.
func (g gateway) routed(r Route, inside gateway, behind string) []verdict.Finding {
	own, findings := inside.answer(r.Like)
	if len(findings) > 0 {
		return findings
	}
	if own.Status != 200 {
		return []verdict.Finding{{
			Kind: "no-reference", Verdict: verdict.Inconclusive, Object: behind,
			Summary: fmt.Sprintf("GET %s answers %d, so nothing can be compared with it", r.Like, own.Status),
			Want:    "200", Got: fmt.Sprintf("%d: %s", own.Status, cut(own.Body)), Where: "GET " + r.Like + " through msb-iag",
			Why:  "a route of ours leads to the same program: what it answers by its own route is what ours is compared with",
			Next: "see msb.endpoints, which judges that answer",
		}}
	}
	if r.Unlike != "" {
		before, findings := inside.answer(r.Unlike)
		if len(findings) > 0 {
			return findings
		}
		if same(own, before) {
			return []verdict.Finding{{
				Kind: "no-reference", Verdict: verdict.Inconclusive, Object: behind,
				Summary: fmt.Sprintf("GET %s and GET %s answer the same", r.Like, r.Unlike),
				Want:    "two answers that differ", Got: fmt.Sprintf("%d: %s", own.Status, cut(own.Body)), Where: "GET through msb-iag",
				Why:  "the route was changed from the one to the other, which cannot be told from their answers",
				Next: "see msb.endpoints, which judges these answers",
			}}
		}
	}
	got, findings := g.answer(r.Path)
	if len(findings) > 0 || same(got, own) {
		return findings
	}
	return []verdict.Finding{{
		Kind: "not-routed", Verdict: verdict.Fail, Object: g.object,
		Summary: fmt.Sprintf("GET %s through %s does not answer as GET %s does", r.Path, g.name, r.Like),
		Want:    fmt.Sprintf("%d: %s", own.Status, cut(own.Body)), Got: fmt.Sprintf("%d: %s", got.Status, cut(got.Body)),
		Where: "GET " + r.Path + " through " + g.name,
		Why: "discovery lists the registration as it should be, and the program answers by its own route: " +
			g.name + " did not hear of the registration from msb-consul, or does not reach the Service's address",
		Next: "see the routes in " + g.name + "'s log, and whether its proxy knows the Service",
	}}
}

func same(a, b evidence.Response) bool { return a.Status == b.Status && a.Body == b.Body }

// redirect judges that the gateway's path leads to another one on the same host.
func (g gateway) redirect(path, to string) []verdict.Finding {
	got, findings := g.answer(path)
	if len(findings) > 0 || (got.Status == 302 && leadsTo(got, to)) {
		return findings
	}
	return []verdict.Finding{{
		Kind: "wrong-redirect", Verdict: verdict.Fail, Object: g.object,
		Summary: fmt.Sprintf("GET %s through %s does not lead to its portal", path, g.name),
		Want:    "302 to " + to, Got: fmt.Sprintf("%d to %s", got.Status, object.Text(location(got))),
		Where: "GET " + path + " through " + g.name,
		Why:   "the gateway serves this path itself: another program stands behind its Service, or a route has taken the path over",
		Next:  "see the selector of the Service and the gateway's routes",
	}}
}

// leadsTo tells whether the answer's header Location is the path on the host
// that was asked, whatever the port: behind a NodePort the gateway does not know it.
func leadsTo(r evidence.Response, path string) bool {
	asked, err := url.Parse(r.URL)
	if err != nil {
		return false
	}
	where, err := url.Parse(location(r))
	return err == nil && where.Path == path && (where.Host == "" || where.Hostname() == asked.Hostname())
}

// location is the answer's header Location.
func location(r evidence.Response) string {
	for line := range strings.Lines(r.Header) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Location") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// ShortPath is the path of both gateways and of discovery that leads to a page
// for people; portalPath is the gateways' page.
const (
	ShortPath  = "/msb"
	portalPath = "/iui/microservices/default.html"
)

// JudgeNoRoute judges what msb-iag answers for paths that nobody registered,
// and that its short path leads to the portal.
func JudgeNoRoute(paths []string, answers []evidence.Response) []verdict.Finding {
	inside := iag(answers)
	findings := inside.redirect(ShortPath, portalPath)
	for _, p := range paths {
		findings = append(findings, inside.noRoute("wrong-no-route", p,
			"callers tell a service that is not registered by this answer: a route leads further than it should, or a proxy or policy answers before the gateway")...)
	}
	verdict.Sort(findings)
	return findings
}

// Behind is a workload of the release that Services of ours can lead to: it
// answers two paths below what it registers.
type Behind struct {
	Workload catalogue.Workload
	Port     int
	First    string
	Second   string
}

// FindBehind picks the first workload of the catalogue that fits.
func FindBehind(release *catalogue.Release) (Behind, bool) {
	for _, w := range release.Workloads {
		for _, r := range w.Registrations {
			var paths []string
			for _, e := range release.Endpoints {
				if e.App == w.App && e.Status == 200 && strings.HasPrefix(e.URL, r.URL+"/") {
					paths = append(paths, e.URL)
				}
			}
			if len(paths) > 1 {
				return Behind{Workload: w, Port: r.Port, First: paths[0], Second: paths[1]}, true
			}
		}
	}
	return Behind{}, false
}
