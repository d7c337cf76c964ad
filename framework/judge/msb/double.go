package msb

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Node is one of several Services that ask for the same name and version, told
// by where its program redirects ShortPath to.
type Node struct {
	Offer evidence.Offer
	// Page is the path of the redirect.
	Page string
}

// The pages that ShortPath leads to (onap/msb-apigateway, onap/msb-discovery).
const (
	GatewayPage   = portalPath
	DiscoveryPage = "/iui/microservices/index.html"
)

// JudgeDouble judges that discovery lists one record with the node of every
// Service that asks for it, and that msb-iag sends requests for the path to each
// of them and to no other.
func JudgeDouble(name, path string, nodes []Node, seen evidence.Routing) []verdict.Finding {
	var offers []evidence.Offer
	wanted, gone := map[string]bool{}, map[string]bool{}
	for _, n := range nodes {
		offers = append(offers, n.Offer)
		if len(n.Offer.Wanted) > 0 {
			wanted[n.Page] = true
		} else {
			gone[n.Page] = true
		}
	}
	findings := judgeListed(name, offers, seen.Registrations)
	if len(findings) > 0 {
		verdict.Sort(findings)
		return findings
	}
	served := map[string]int{}
	var lost []evidence.Response
	asked := 0
	for _, r := range seen.Answers {
		if pathOf(r.URL) != path {
			continue
		}
		asked++
		if page, ok := redirected(r); ok && (wanted[page] || gone[page]) {
			served[page]++
		} else {
			lost = append(lost, r)
		}
	}
	if len(lost) > 0 {
		return []verdict.Finding{astray(path, asked, lost)}
	}
	findings = judgeShares(path, asked, wanted, gone, served)
	verdict.Sort(findings)
	return findings
}

// redirected is the path that an answer redirects to.
func redirected(r evidence.Response) (string, bool) {
	where, err := url.Parse(location(r))
	if err != nil || r.Status != 302 {
		return "", false
	}
	return where.Path, true
}

// astray are requests that none of the nodes answered.
func astray(path string, asked int, lost []evidence.Response) verdict.Finding {
	one := lost[0]
	return verdict.Finding{
		Kind: "not-routed", Verdict: verdict.Fail, Object: internal,
		Summary: fmt.Sprintf("%d of %s were answered by none of the nodes", len(lost), object.Count(asked, "request")),
		Want:    "302 by a program behind one of the nodes",
		Got:     fmt.Sprintf("%d: %s", one.Status, cut(strings.Join([]string{location(one), one.Body, one.Error}, " "))),
		Where:   "GET " + path + " through msb-iag",
		Why:     "discovery lists the nodes as it should: msb-iag sends requests to an address it does not list, or does not reach a node",
		Next:    "see the routes in msb-iag's log, and whether each Service answers by itself",
	}
}

// judgeShares compares who answered with who should.
func judgeShares(path string, asked int, wanted, gone map[string]bool, served map[string]int) []verdict.Finding {
	shares := make([]string, 0, len(served))
	for _, page := range slices.Sorted(maps.Keys(served)) {
		shares = append(shares, fmt.Sprintf("%d to %s", served[page], page))
	}
	f := verdict.Finding{
		Object: internal, Where: "GET " + path + " through msb-iag", Got: object.Text(strings.Join(shares, ", ")),
		Want: "redirects to " + strings.Join(slices.Sorted(maps.Keys(wanted)), " and "),
	}
	if asked == 0 {
		return []verdict.Finding{nothing(verdict.Finding{
			Object: internal, Summary: "GET " + path + " was not asked", Want: "some answers", Where: f.Where,
			Why: "without an answer nothing is known of who serves", Next: "see the answers in the artifacts and run again",
		})}
	}
	var findings []verdict.Finding
	for _, page := range slices.Sorted(maps.Keys(wanted)) {
		if served[page] > 0 {
			continue
		}
		g := f
		g.Kind, g.Verdict = "node-unused", verdict.Fail
		g.Summary = fmt.Sprintf("none of %s went to the node that redirects to %s", object.Count(asked, "request"), page)
		g.Why = "discovery lists the node, and msb-iag sends nothing there: it took one record of the service for the whole, and this node serves in vain"
		g.Next = "see the routes and nodes in msb-iag's log"
		findings = append(findings, g)
	}
	for _, page := range slices.Sorted(maps.Keys(gone)) {
		if served[page] == 0 || wanted[page] {
			continue
		}
		g := f
		g.Kind, g.Verdict = "still-routed", verdict.Fail
		g.Summary = fmt.Sprintf("%s went to a node that was removed", object.Count(served[page], "request"))
		g.Why = "discovery lists the other node only: msb-iag did not hear that this one was taken back"
		g.Next = "see the routes and nodes in msb-iag's log"
		findings = append(findings, g)
	}
	return findings
}
