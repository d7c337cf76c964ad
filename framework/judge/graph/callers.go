package graph

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// CallersQuery asks for the requests to the release, as they were counted that
// long ago, of callers that the mesh cannot name, or that showed no certificate.
func CallersQuery(ago time.Duration) string {
	of := func(label string) string {
		offset := ""
		if ago > 0 {
			offset = fmt.Sprintf(" offset %ds", int(ago.Seconds()))
		}
		return fmt.Sprintf(`istio_requests_total{reporter="destination",%s=%q,destination_workload_namespace=%q}%s`, label, unknown, object.Namespace, offset)
	}
	return fmt.Sprintf("sum by (source_workload, source_workload_namespace, source_principal, destination_workload) (%s or %s)",
		of("source_workload"), of("source_principal"))
}

// OurNamespaces are where our own clients are.
func OurNamespaces() []string { return []string{"meshcert-canary", "meshcert-client"} }

// JudgeCallers explains every caller that the mesh could not name, or that showed
// no certificate, from what its requests left behind: labels of the metrics, and
// the address and host that the callee's sidecar noted in its spans. Explained
// is a caller outside, a workload of the catalogue without a sidecar, a caller
// by Pod IP, and a client of ours. What no evidence explains is inconclusive,
// and a caller that the evidence names and the catalogue does not know is a failure. The requests we
// sent from outside must be among those that are explained.
func JudgeCallers(release *catalogue.Release, policy catalogue.Policy, sent Load, seen evidence.Callers) []verdict.Finding {
	e := explain(release, policy, sent, seen)
	verdict.Sort(e.findings)
	return e.findings
}

// Explained says of each caller who it is and by which evidence, one a line.
func Explained(release *catalogue.Release, policy catalogue.Policy, sent Load, seen evidence.Callers) []string {
	return explain(release, policy, sent, seen).lines
}

type callers struct {
	judge
	seen     evidence.Callers
	lines    []string
	findings []verdict.Finding
}

// group is the calls of one caller to one workload.
type group struct{ from, namespace, principal, to string }

func explain(release *catalogue.Release, policy catalogue.Policy, sent Load, seen evidence.Callers) *callers {
	c := &callers{judge: judge{release: release, policy: policy}, seen: seen}
	rose, odd := c.rose()
	if odd != nil {
		c.findings = []verdict.Finding{*odd}
		return c
	}
	outside := 0.0
	for _, g := range sorted(rose) {
		n := rose[g]
		if g.from != unknown {
			c.named(g, n)
			continue
		}
		outside += n
		c.nameless(g, n)
	}
	if own := sent.Requests * len(release.Requests()); own < 1 || outside < float64(own) {
		c.findings = append(c.findings, verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive,
			Summary: "our own requests from outside are not among the callers without a name", Object: prometheus,
			Want:  fmt.Sprintf("at least %s of an unknown caller", object.Count(max(own, 1), "request")),
			Got:   fmt.Sprintf("%.4g", outside),
			Where: "istio_requests_total, " + object.Count(len(seen.After.Items), "sample"),
			Why:   "what was sent from outside must be seen as such, or nothing is known of other callers either",
			Next:  "see that Prometheus has samples of istio_requests_total, and look again",
		})
	}
	return c
}

func sorted(rose map[group]float64) []group {
	var all []group
	for g := range rose {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.principal, b.principal), cmp.Compare(a.to, b.to))
	})
	return all
}

// rose is how many requests came between the two looks. A counter that fell began anew.
func (c *callers) rose() (map[group]float64, *verdict.Finding) {
	totals := [2]map[group]float64{{}, {}}
	for i, samples := range []evidence.Samples{c.seen.Before, c.seen.After} {
		for _, s := range samples.Items {
			g := group{s.Labels["source_workload"], s.Labels["source_workload_namespace"], s.Labels["source_principal"], s.Labels["destination_workload"]}
			if !isNumber(s.Value) {
				f := noNumber("of callers", evidence.Graph{Source: "prometheus"}, evidence.Edge{From: g.from, To: g.to, Rate: s.Value})
				return nil, &f
			}
			totals[i][g] += s.Value
		}
	}
	rose := map[group]float64{}
	for g, now := range totals[1] {
		n := now - totals[0][g]
		if n < 0 {
			n = now
		}
		if n > 0 {
			rose[g] = n
		}
	}
	return rose, nil
}

// named: the mesh knows whose address it is, but saw no certificate.
func (c *callers) named(g group, n float64) {
	w, ok := c.workloadNamed(g.from)
	who := object.Deployment(g.namespace, g.from)
	switch {
	case slices.Contains(OurNamespaces(), g.namespace):
		c.line(g, n, who+" is a client of ours without a certificate (label source_workload)")
	case !ok || g.namespace != object.Namespace:
		c.foreigner(g, n, who, "the label source_workload names it, and it showed no certificate (source_principal)")
	case !w.Injected(c.policy):
		c.known(g, n, w, "has no sidecar by the catalogue (label source_workload)")
	default:
		c.known(g, n, w, "has a sidecar by the catalogue and showed no certificate: it called by Pod IP, or mutual TLS is off (label source_principal)")
	}
}

// known is a caller of the catalogue: explained when the catalogue knows the call.
func (c *callers) known(g group, n float64, w catalogue.Workload, text string) {
	calls := func(e catalogue.Edge) bool { return e.From == w.App && c.workload(e.To) == g.to }
	if slices.ContainsFunc(c.release.Edges, calls) {
		c.line(g, n, w.App+" "+text)
		return
	}
	c.foreigner(g, n, w.Object(object.Namespace), w.App+" "+text)
}

// nameless: nothing in the metrics tells whose address it was, so the spans must.
func (c *callers) nameless(g group, n float64) {
	to, ok := c.workloadNamed(g.to)
	if g.principal != "" && g.principal != unknown {
		c.line(g, n, "a workload with the certificate "+g.principal+", whose address was no pod's any more (label source_principal)")
		return
	}
	var came []evidence.Arrival
	for _, a := range c.seen.Arrivals {
		if ok && a.To == to.App+"."+object.Namespace && a.Requests > 0 && (a.Pod == nil || !a.Pod.Sidecar || byPodIP(a)) {
			came = append(came, a)
		}
	}
	if len(came) == 0 {
		c.untold(g, n, "no sidecar reported a span of these requests: they were not sampled, or are not HTTP", "none")
		return
	}
	for _, a := range came {
		c.arrived(g, to, a)
	}
}

// arrived explains requests by what the callee's sidecar noted of them.
func (c *callers) arrived(g group, to catalogue.Workload, a evidence.Arrival) {
	n := float64(a.Requests)
	noted := fmt.Sprintf("its spans note peer %s and host %s", object.Text(a.Peer), object.Text(a.Host))
	outside := slices.ContainsFunc(c.release.Edges, func(e catalogue.Edge) bool { return e.From == catalogue.Client && e.To == to.App })
	switch {
	case a.Pod != nil:
		c.pod(g, n, *a.Pod, noted)
	case a.Peer == "" || !isAddress(a.Peer):
		c.untold(g, n, "the callee's sidecar noted no address of the caller", noted)
	case c.seen.APIServer != "" && a.Host == c.seen.APIServer:
		c.line(g, n, "a client outside, through the API server: no pod has the address, and the host is the API server's; "+noted)
	case nodePort(to, a.Host):
		c.line(g, n, "a client outside, through a NodePort: no pod has the address, and the port is "+to.App+"'s NodePort; "+noted)
	case !outside:
		c.foreigner(g, n, to.Object(object.Namespace), "no pod that was looked at has the address, and nobody outside is to call "+to.App+"; "+noted)
	default:
		c.line(g, n, "outside the mesh: a node, the API server or a pod of another namespace; which of them the evidence does not tell; "+noted)
	}
}

// pod explains a caller by the pod that has its address.
func (c *callers) pod(g group, n float64, p evidence.Peer, noted string) {
	w, ok := c.workloadNamed(p.Workload)
	who := object.Deployment(p.Namespace, cmp.Or(p.Workload, p.Pod))
	switch {
	case slices.Contains(OurNamespaces(), p.Namespace):
		c.line(g, n, who+" is a client of ours; "+noted)
	case !ok || p.Namespace != object.Namespace:
		c.foreigner(g, n, who, "pod "+p.Pod+" has the address; "+noted)
	case p.Sidecar:
		c.known(g, n, w, "called by Pod IP, past its sidecar's routes, so it showed no certificate; "+noted)
	default:
		c.known(g, n, w, "has no sidecar: pod "+p.Pod+" has the address; "+noted)
	}
}

func (c *callers) workloadNamed(name string) (catalogue.Workload, bool) {
	i := slices.IndexFunc(c.release.Workloads, func(w catalogue.Workload) bool { return w.Name == name })
	if i < 0 {
		return catalogue.Workload{}, false
	}
	return c.release.Workloads[i], true
}

func (c *callers) line(g group, n float64, text string) {
	c.lines = append(c.lines, fmt.Sprintf("%s → %s, %g: %s", g.from, g.to, n, text))
}

func (c *callers) foreigner(g group, n float64, who, how string) {
	c.findings = append(c.findings, verdict.Finding{
		Kind: "foreign-caller", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("%s is called by somebody whom the catalogue does not know", g.to), Object: who,
		Want: "callers that the catalogue of " + c.release.Name + " knows", Got: fmt.Sprintf("%g requests %s → %s", n, g.from, g.to),
		Where: "istio_requests_total at the destination, and its spans", Why: how,
		Next: "find out what it is and who installed it; if the call belongs to the release, the catalogue lacks the edge",
	})
}

func (c *callers) untold(g group, n float64, why, got string) {
	c.findings = append(c.findings, verdict.Finding{
		Kind: "caller-untold", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("who calls %s without a name cannot be told", g.to), Object: object.Workload(c.release, object.Namespace, g.to),
		Want: "an address and a host of the caller, for " + fmt.Sprintf("%g requests", n), Got: got,
		Where: "istio_requests_total at the destination, and its spans", Why: why,
		Next: "see the access log of the sidecar of " + g.to + ": it names the peer's address",
	})
}

// byPodIP tells whether the request asked for an address of a pod rather than a name.
func byPodIP(a evidence.Arrival) bool {
	host, _, err := net.SplitHostPort(a.Host)
	if err != nil {
		host = a.Host
	}
	return isAddress(host)
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return err == nil
}

// nodePort tells whether the host asked for is a NodePort of the workload.
func nodePort(w catalogue.Workload, host string) bool {
	_, text, err := net.SplitHostPort(host)
	port, bad := strconv.Atoi(text)
	if err != nil || bad != nil || port == 0 {
		return false
	}
	return slices.ContainsFunc(w.Services, func(s catalogue.Service) bool {
		return slices.ContainsFunc(s.Ports, func(p catalogue.Port) bool { return p.NodePort == port })
	})
}
