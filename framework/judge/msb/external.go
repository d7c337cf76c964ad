package msb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// External is what msb-eag has to serve: nothing of the release's inside
// services, and one of ours that is outside.
type External struct {
	Release *catalogue.Release
	Offer   evidence.Offer
	Route   Route
	Behind  Behind
}

// Inside are the paths to ask msb-iag for.
func (e External) Inside() []string { return asked(e.Route) }

// Outside are the paths to ask msb-eag for.
func (e External) Outside() []string {
	return append(e.insideOnly(), e.Route.Path, ShortPath, portalPath)
}

// insideOnly are the paths of the release's registrations.
func (e External) insideOnly() []string {
	var paths []string
	for _, r := range e.Release.Registered() {
		paths = append(paths, r.URL)
	}
	return paths
}

// JudgeExternal judges both gateways' answers.
func JudgeExternal(want External, seen evidence.Routing) []verdict.Finding {
	inside, outside := iag(seen.Answers), eag(seen.External)
	if outside.silent() {
		_, findings := outside.answer(ShortPath)
		return findings
	}
	findings := judgeBeyond(want, outside)
	findings = append(findings, outside.redirect(ShortPath, portalPath)...)
	portal, missing := outside.answer(portalPath)
	findings = append(findings, missing...)
	if len(missing) == 0 && (portal.Status != 200 || !strings.Contains(strings.ToLower(portal.Body), "<html")) {
		findings = append(findings, verdict.Finding{
			Kind: "no-portal", Verdict: verdict.Fail, Object: external, Summary: fmt.Sprintf("msb-eag answers %d and no page where its portal is", portal.Status),
			Want: "200, a page in HTML", Got: fmt.Sprintf("%d: %s", portal.Status, cut(portal.Body)), Where: "GET " + portalPath + " through msb-eag",
			Why: "the gateway serves the page itself, whatever is registered", Next: "see the log of msb-eag",
		})
	}
	listed := judgeListed(want.Offer.Service, []evidence.Offer{want.Offer}, seen.Registrations)
	if findings = append(findings, listed...); len(listed) == 0 {
		findings = append(findings, outside.routed(want.Route, inside, want.Behind.object())...)
		findings = append(findings, inside.noRoute("beyond-range", want.Route.Path,
			"the service is registered with visualRange 0, and a gateway takes the services of its own range only (ROUTE_LABELS)")...)
	}
	verdict.Sort(findings)
	return findings
}

// silent tells that the short path and everything else got no answer.
func (g gateway) silent() bool {
	answered := func(r evidence.Response) bool { return r.Status != 0 }
	short := func(r evidence.Response) bool { return pathOf(r.URL) == ShortPath }
	return slices.ContainsFunc(g.answers, short) && !slices.ContainsFunc(g.answers, answered)
}

// judgeBeyond judges that msb-eag has no route for any inside service.
func judgeBeyond(want External, outside gateway) []verdict.Finding {
	var findings, served []verdict.Finding
	paths := want.insideOnly()
	for _, p := range paths {
		for _, f := range outside.noRoute("beyond-range", p, "") {
			if f.Kind == "beyond-range" {
				served = append(served, f)
			} else {
				findings = append(findings, f)
			}
		}
	}
	if len(served) == 0 {
		return findings
	}
	f := served[0]
	f.Summary = fmt.Sprintf("msb-eag serves %d of %s", len(served), object.Count(len(paths), "inside registration"))
	f.Why = "they are registered with visualRange 1: the gateway for callers outside takes services that are not meant for them; see its ROUTE_LABELS"
	f.Next = "see ROUTE_LABELS of msb-eag, which is to be visualRange:0"
	return append(findings, f)
}
