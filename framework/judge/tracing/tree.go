package tracing

import (
	"cmp"
	"slices"

	"github.com/onap/meshcert/framework/evidence"
)

// tree is a trace in which chains are found: for each span it knows how much of
// the path the best chain below it shows, in time that grows with spans times
// slots, whatever the trace's shape. Spans of one id share their children. A
// span below itself ends the chain.
type tree struct {
	id    string
	slots []slot
	// spans are in the order of time, each once; a place is an index in it.
	spans []evidence.Span
	// node maps a span's id to a number; the lists below go by it.
	node map[string]int
	// children are the places of the spans that name the id as parent, by time.
	children [][]int
	// below says what the best chain of children shows from each slot on.
	below [][]shown
	// turn is when the id was done with; that of a child is earlier than its
	// parent's, unless the child leads round in a circle. 0 is never.
	turn []int
	// roots are the places of spans whose parent is not in the trace, by time.
	roots []int
	// oneParent tells that all roots name the same parent.
	oneParent bool
	// twice is how many spans of the evidence are left out, since they came before.
	twice int
}

// grow makes the tree of a trace for the slots of a path.
func grow(t evidence.Trace, slots []slot) *tree {
	out := &tree{id: t.ID, slots: slots, spans: ordered(t.Spans), node: make(map[string]int, len(t.Spans))}
	out.twice = len(t.Spans) - len(out.spans)
	for _, s := range out.spans {
		if _, known := out.node[s.ID]; !known {
			out.node[s.ID] = len(out.node)
		}
	}
	out.children = make([][]int, len(out.node))
	for place, s := range out.spans {
		parent, known := out.node[s.Parent]
		switch {
		case s.Parent == "" || s.Parent == s.ID || !known:
			out.roots = append(out.roots, place)
		default:
			out.children[parent] = append(out.children[parent], place)
		}
	}
	out.oneParent = !slices.ContainsFunc(out.roots, func(r int) bool { return out.spans[r].Parent != out.spans[out.roots[0]].Parent })
	out.below, out.turn = make([][]shown, len(out.node)), make([]int, len(out.node))
	out.weigh()
	return out
}

// ordered sorts spans by time; spans of one time in an order of their own, so
// that the order of the evidence decides nothing. A span that came twice is kept once.
func ordered(spans []evidence.Span) []evidence.Span {
	compare := func(a, b evidence.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Parent, b.Parent),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Duration, b.Duration), cmp.Compare(a.Name, b.Name))
	}
	all := slices.Clone(spans)
	slices.SortStableFunc(all, compare)
	return slices.CompactFunc(all, func(a, b evidence.Span) bool { return compare(a, b) == 0 })
}

// weigh fills below, children first, for all ids below the roots.
func (t *tree) weigh() {
	type step struct{ node, next int }
	entered := make([]bool, len(t.node))
	turns := 0
	var way []step
	enter := func(place int) {
		if n := t.node[t.spans[place].ID]; !entered[n] {
			entered[n] = true
			way = append(way, step{node: n})
		}
	}
	for _, root := range t.roots {
		enter(root)
		for len(way) > 0 {
			top := &way[len(way)-1]
			if top.next < len(t.children[top.node]) {
				top.next++
				enter(t.children[top.node][top.next-1])
				continue
			}
			t.below[top.node] = t.bestBelow(top.node)
			turns++
			t.turn[top.node] = turns
			way = way[:len(way)-1]
		}
	}
}

// bestBelow says what the best of the id's children shows from each slot on.
func (t *tree) bestBelow(node int) []shown {
	var best []shown
	for _, child := range t.children[node] {
		if t.turn[t.node[t.spans[child].ID]] == 0 {
			continue
		}
		for k, s := range t.weights(child) {
			if s == 0 {
				continue
			}
			if best == nil {
				best = make([]shown, len(t.slots)+1)
			}
			if s.better(best[k]) {
				best[k] = s
			}
		}
	}
	return best
}

// weights says what the best chain from the span on shows from each slot on:
// the longest common subsequence of spans and slots, the earliest slots first.
func (t *tree) weights(place int) []shown {
	all := make([]shown, len(t.slots)+1)
	for k := len(t.slots) - 1; k >= 0; k-- {
		all[k] = t.under(place, k)
		if all[k+1].better(all[k]) {
			all[k] = all[k+1]
		}
		if with := slotBit(k) | t.under(place, k+1); t.slots[k].fits(t.spans[place]) && with.better(all[k]) {
			all[k] = with
		}
	}
	return all
}

// shows says what the best chain from the span on shows from slot k on.
func (t *tree) shows(place, k int) shown { return t.weights(place)[k] }

// under says what the best chain below the span shows from slot k on.
func (t *tree) under(place, k int) shown {
	if best := t.below[t.node[t.spans[place].ID]]; best != nil {
		return best[k]
	}
	return 0
}

// chain walks the best chain down from the root, slots from index k on; it
// shows one at least.
func (t *tree) chain(root, k int) segment {
	out := segment{shown: t.shows(root, k), tree: t, root: t.spans[root], spans: map[int]evidence.Span{}}
	var pending []evidence.Span
	left := out.shown
	for place := root; ; place = t.child(place, k, left) {
		// The next slot that is shown is the first of those left.
		k = left.first()
		if t.slots[k].fits(t.spans[place]) && slotBit(k)|t.under(place, k+1) == left {
			out.spans[k] = t.spans[place]
			out.strays, pending = append(out.strays, pending...), nil
			left &^= slotBit(k)
			k++
		} else if len(out.spans) > 0 {
			pending = append(pending, t.spans[place])
		}
		if left == 0 {
			return out
		}
	}
}

// child is the first child of the span below which the slots left are shown.
func (t *tree) child(place, k int, left shown) int {
	own := t.node[t.spans[place].ID]
	for _, child := range t.children[own] {
		turn := t.turn[t.node[t.spans[child].ID]]
		if turn != 0 && turn < t.turn[own] && t.shows(child, k) == left {
			return child
		}
	}
	panic("tracing: the chain of span " + t.spans[place].ID + " does not go on")
}

// at returns the spans at the places.
func (t *tree) at(places []int) []evidence.Span {
	all := make([]evidence.Span, len(places))
	for i, p := range places {
		all[i] = t.spans[p]
	}
	return all
}

// has tells whether a span of the id is in the trace.
func (t *tree) has(id string) bool {
	_, known := t.node[id]
	return known
}

// childrenOf are the spans that name the given one as parent, by time.
func (t *tree) childrenOf(id string) []evidence.Span {
	node, known := t.node[id]
	if !known {
		return nil
	}
	return t.at(t.children[node])
}
