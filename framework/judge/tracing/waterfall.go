package tracing

import (
	"slices"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

// Waterfall is a trace as it is drawn, and what is odd about its shape. Nothing
// of it is judged.
type Waterfall struct {
	TraceID string `json:"traceID"`
	// Bars are the spans, children below their parent, siblings by time; at most
	// longestFall of them.
	Bars []Bar `json:"bars"`
	// Spans is how many there are, Hops how many calls both ends reported.
	Spans int `json:"spans"`
	Hops  int `json:"hops"`
	// Roots are the ids of the spans without a parent in the trace; Orphans those
	// among them that name one which nobody reported.
	Roots   []string `json:"roots,omitempty"`
	Orphans []string `json:"orphans,omitempty"`
	// Duplicates is how many spans came more than once.
	Duplicates int `json:"duplicates,omitempty"`
	// SelfCalls are the ids of server spans whose caller is the same service.
	SelfCalls []string `json:"selfCalls,omitempty"`
	// Skew is by how much the clocks of two sidecars differ at least: the most
	// that a server span lies outside of the client span that is its parent.
	Skew time.Duration `json:"skew,omitempty"`
}

// Bar is one span of a waterfall.
type Bar struct {
	ID      string            `json:"id"`
	Parent  string            `json:"parent,omitempty"`
	Service string            `json:"service"`
	Kind    evidence.SpanKind `json:"kind"`
	Name    string            `json:"name"`
	Status  string            `json:"status,omitempty"`
	// Depth is how many spans are above it; Start is since the trace's first span.
	Depth    int           `json:"depth"`
	Start    time.Duration `json:"start"`
	Duration time.Duration `json:"duration"`
}

// longestFall bounds the bars of one waterfall and the ids of one sort.
const longestFall = 1000

// Draw draws the trace that was sent and those in which its path went on.
func Draw(release *catalogue.Release, path catalogue.Path, seen Seen) []Waterfall {
	j := newJudge(release, path, seen)
	if _, missing := j.nothing(); missing {
		return nil
	}
	j.follow()
	trees := []*tree{j.wanted}
	for _, s := range j.segments {
		if !slices.Contains(trees, s.tree) {
			trees = append(trees, s.tree)
		}
	}
	var all []Waterfall
	for _, t := range trees {
		all = append(all, t.draw())
	}
	return all
}

func (t *tree) draw() Waterfall {
	w := Waterfall{TraceID: t.id, Spans: len(t.spans), Duplicates: t.twice}
	for _, root := range t.roots {
		s := t.spans[root]
		w.Roots = add(w.Roots, s.ID)
		if s.Parent != "" && !t.has(s.Parent) {
			w.Orphans = add(w.Orphans, s.ID)
		}
	}
	for _, s := range t.spans {
		if s.Kind == evidence.Client {
			w.calls(s, t.childrenOf(s.ID))
		}
	}
	t.bars(&w)
	return w
}

// calls counts what the callees of a client span reported.
func (w *Waterfall) calls(client evidence.Span, below []evidence.Span) {
	for _, s := range below {
		if s.Kind != evidence.Server {
			continue
		}
		w.Hops++
		if s.Service == client.Service {
			w.SelfCalls = add(w.SelfCalls, s.ID)
		}
		early := client.Start.Sub(s.Start)
		late := s.Start.Add(s.Duration).Sub(client.Start.Add(client.Duration))
		w.Skew = max(w.Skew, early, late)
	}
}

// bars lays the spans out from the roots down, each once.
func (t *tree) bars(w *Waterfall) {
	type step struct{ place, depth int }
	laid := make([]bool, len(t.spans))
	var stack []step
	push := func(places []int, depth int) {
		for _, p := range slices.Backward(places) {
			stack = append(stack, step{p, depth})
		}
	}
	push(t.roots, 0)
	for len(stack) > 0 && len(w.Bars) < longestFall {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if laid[top.place] {
			continue
		}
		laid[top.place] = true
		s := t.spans[top.place]
		w.Bars = append(w.Bars, Bar{
			ID: s.ID, Parent: s.Parent, Service: s.Service, Kind: s.Kind, Name: s.Name, Status: s.Tags["http.status_code"],
			Depth: top.depth, Start: s.Start.Sub(t.spans[0].Start), Duration: s.Duration,
		})
		push(t.children[t.node[s.ID]], top.depth+1)
	}
}

// add adds an id while there are few.
func add(ids []string, id string) []string {
	if len(ids) < longestFall {
		ids = append(ids, id)
	}
	return ids
}
