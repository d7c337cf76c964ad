package diff

import (
	"cmp"
	"fmt"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

// The evidence of which the service graph is compared: the graph after the
// traffic over all paths.
const (
	graphSpec     = "graph.edges"
	graphEvidence = "graph"
)

// edges compares the arrows of the service graph that had traffic. Those that
// come and go by themselves (catalogue.Start, Sometimes) are left out.
func (c comparison) edges() Section {
	s := Section{Topic: Edges}
	for _, at := range c.stages {
		a, b, missing := seenByBoth[evidence.Graph](c, at, graphSpec, graphEvidence)
		if len(missing) == 0 {
			missing = append(unsaid(at, "the graph of A has no edges at all", len(a.Edges)), unsaid(at, "the graph of B has no edges at all", len(b.Edges))...)
		}
		if len(missing) > 0 {
			s.Unknown = append(s.Unknown, missing...)
			continue
		}
		calls := callsOf(c.a.stages[at.a], c.b.stages[at.b])
		if !calls.known {
			s.Unknown = append(s.Unknown, at.name+": the catalogue does not have this release with these charts, so edges that come and go by themselves are told too")
		}
		s.Changes = append(s.Changes, calls.edges(at.name, a, b)...)
	}
	return s
}

// edge is one arrow.
type edge struct{ from, to, unit string }

func (e edge) String() string { return fmt.Sprintf("%s → %s (%s)", e.from, e.to, e.unit) }

func (k calls) edges(release string, a, b evidence.Graph) []Change {
	var out []Change
	key := func(e edge) string { return e.String() }
	match(drawn(a), drawn(b), key, key, func(gone, added *edge) {
		one := *cmp.Or(gone, added)
		if k.fickle[call{one.from, one.to}] {
			return
		}
		change := Change{Way: Gone, Release: release, Subject: one.String()}
		forbidden := k.known && (k.ours[one.from] || k.ours[one.to]) && !k.steady[call{one.from, one.to}]
		switch {
		case gone == nil && forbidden:
			change.Way, change.Effect, change.To = New, Worse, "the catalogue knows no such call"
		case gone == nil:
			change.Way = New
		case forbidden:
			change.Effect, change.From = Better, "the catalogue knows no such call"
		}
		out = append(out, change)
	})
	return out
}

// drawn are the edges with traffic, each once. An edge without is one of earlier.
func drawn(g evidence.Graph) []edge {
	seen := map[edge]bool{}
	var out []edge
	for _, e := range g.Edges {
		one := edge{e.From, e.To, e.Unit}
		if e.Rate > 0 && !seen[one] {
			seen[one] = true
			out = append(out, one)
		}
	}
	return out
}

// call is a caller and a callee, by the names of their workloads.
type call struct{ from, to string }

// calls is what the catalogues of both sides know of who calls whom.
type calls struct {
	known bool
	// steady are seen in every run, those that requests over the paths make are sent;
	// fickle ones may be seen.
	steady, sent, fickle map[call]bool
	// ours are the workloads.
	ours map[string]bool
}

func callsOf(sides ...catalogueOf) calls {
	k := calls{known: true, steady: map[call]bool{}, sent: map[call]bool{}, fickle: map[call]bool{}, ours: map[string]bool{}}
	for _, s := range sides {
		if s.release == nil {
			k.known = false
			continue
		}
		for _, w := range s.release.Workloads {
			k.ours[w.Name] = true
		}
		for _, e := range s.release.Edges {
			to := s.release.WorkloadName(e.To)
			for _, from := range s.release.CallerNames(e.From, s.policy) {
				one := call{from, to}
				switch e.When {
				case catalogue.Start, catalogue.Sometimes:
					k.fickle[one] = true
				case catalogue.Always, catalogue.Registering:
					k.steady[one] = true
				default:
					k.steady[one], k.sent[one] = true, true
				}
			}
		}
	}
	for one := range k.steady {
		delete(k.fickle, one)
	}
	return k
}
