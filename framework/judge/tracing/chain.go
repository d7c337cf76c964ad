package tracing

import (
	"math/bits"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

// slot is one span that the path must show.
type slot struct {
	// hop is the index in the path of the workload that reports the span; a
	// client span of hop k is the call to hop k+1.
	hop     int
	kind    evidence.SpanKind
	service string
}

func slotsOf(path catalogue.Path, namespace string) []slot {
	var slots []slot
	for k, app := range path.Hops {
		// Nobody calls the first hop of a path that is no request.
		if k > 0 || path.Requested() {
			slots = append(slots, slot{hop: k, kind: evidence.Server, service: service(app, namespace)})
		}
		if k < len(path.Hops)-1 {
			slots = append(slots, slot{hop: k, kind: evidence.Client, service: service(app, namespace)})
		}
	}
	return slots
}

func (s slot) fits(span evidence.Span) bool { return span.Kind == s.kind && span.Service == s.service }

// shown is a set of slots; the first slot is the highest bit, so that of two
// sets of one size the greater number begins earlier on the path.
type shown uint64

// maxSlots is how many slots a path may have: 32 hops.
const maxSlots = 64

func slotBit(i int) shown { return 1 << (maxSlots - 1 - i) }

func (s shown) count() int { return bits.OnesCount64(uint64(s)) }
func (s shown) first() int { return bits.LeadingZeros64(uint64(s)) }
func (s shown) last() int  { return maxSlots - 1 - bits.TrailingZeros64(uint64(s)) }

// better tells whether s shows more of the path than o, or as much of it earlier.
func (s shown) better(o shown) bool {
	if s.count() != o.count() {
		return s.count() > o.count()
	}
	return s > o
}

// segment is a part of the path that one chain of parents and children shows.
type segment struct {
	shown
	tree *tree
	root evidence.Span
	// spans maps the index of a slot to its span.
	spans map[int]evidence.Span
	// strays are spans of the chain, between the first and the last that fit,
	// which fit no slot.
	strays []evidence.Span
}

func (s segment) empty() bool { return s.shown == 0 }

// end is the span at the segment's last slot.
func (s segment) end() evidence.Span { return s.spans[s.last()] }

// next is the first slot from index i on that is shown; there is one.
func (s segment) next(i int) int {
	for {
		if _, ok := s.spans[i]; ok {
			return i
		}
		i++
	}
}

// bestChain returns the chain below one of the roots, places in the tree, that
// shows most of the slots from index at on.
func bestChain(t *tree, roots []int, at int) segment {
	var best shown
	root := -1
	for _, r := range roots {
		if s := t.shows(r, at); s != 0 && (root < 0 || s.better(best)) {
			best, root = s, r
		}
	}
	if root < 0 {
		return segment{}
	}
	return t.chain(root, at)
}

// firstChain returns the chain that begins earliest on the path. Of several it
// is the one that shows most of it together with what another root shows from
// there on (a path may lead over one service twice), then the longest.
func firstChain(t *tree) segment {
	second := t.richest()
	var first shown
	root, most := -1, 0
	for _, r := range t.roots {
		s := t.shows(r, 0)
		if s == 0 {
			continue
		}
		together := s.count() + second[s.last()+1].besides(r)
		if root < 0 || s.first() < first.first() ||
			s.first() == first.first() && (together > most || together == most && s.better(first)) {
			first, root, most = s, r, together
		}
	}
	if root < 0 {
		return segment{}
	}
	return t.chain(root, 0)
}

// rich are the two roots that show most slots, and how many.
type rich struct{ root, count [2]int }

// besides is how many slots a root that is not the given one shows.
func (r rich) besides(root int) int {
	if r.root[0] == root {
		return r.count[1]
	}
	return r.count[0]
}

// richest finds for each slot the roots that show most from there on.
func (t *tree) richest() []rich {
	all := make([]rich, len(t.slots)+1)
	for _, root := range t.roots {
		for k, s := range t.weights(root) {
			r := &all[k]
			switch n := s.count(); {
			case n > r.count[0]:
				r.root, r.count = [2]int{root, r.root[0]}, [2]int{n, r.count[0]}
			case n > r.count[1]:
				r.root[1], r.count[1] = root, n
			}
		}
	}
	return all
}

// during tells whether b began while a was under way.
func during(a, b evidence.Span) bool {
	return !b.Start.Before(a.Start) && !b.Start.After(a.Start.Add(a.Duration))
}

// after is how much later than a's start b began.
func after(a, b evidence.Span) time.Duration { return b.Start.Sub(a.Start) }
