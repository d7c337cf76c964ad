package tracing

import (
	"slices"
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
		slots = append(slots, slot{hop: k, kind: evidence.Server, service: service(app, namespace)})
		if k < len(path.Hops)-1 {
			slots = append(slots, slot{hop: k, kind: evidence.Client, service: service(app, namespace)})
		}
	}
	return slots
}

func (s slot) fits(span evidence.Span) bool { return span.Kind == s.kind && span.Service == s.service }

// segment is a part of the path that one chain of parents and children shows.
type segment struct {
	trace evidence.Trace
	root  evidence.Span
	// spans maps the index of a slot to its span.
	spans map[int]evidence.Span
	// strays are spans of the chain, between the first and the last that fit,
	// which fit no slot.
	strays []evidence.Span
}

func (s segment) empty() bool { return len(s.spans) == 0 }

func (s segment) indexes() []int {
	var all []int
	for i := range s.spans {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

func (s segment) first() int { return s.indexes()[0] }
func (s segment) last() int  { i := s.indexes(); return i[len(i)-1] }

// end is the span at the segment's last slot.
func (s segment) end() evidence.Span { return s.spans[s.last()] }

// better tells whether s shows more of the path than o, or as much of it earlier.
func (s segment) better(o segment) bool {
	if len(s.spans) != len(o.spans) {
		return len(s.spans) > len(o.spans)
	}
	return slices.Compare(s.indexes(), o.indexes()) < 0
}

// roots are the spans whose parent is not in the trace, by time.
func roots(t evidence.Trace) []evidence.Span {
	known := map[string]bool{}
	for _, s := range t.Spans {
		known[s.ID] = true
	}
	var all []evidence.Span
	for _, s := range t.Spans {
		if s.Parent == "" || s.Parent == s.ID || !known[s.Parent] {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) })
	return all
}

// children are the spans that name the given one as parent, by time.
func children(t evidence.Trace, parent string) []evidence.Span {
	var all []evidence.Span
	for _, s := range t.Spans {
		if s.Parent == parent && s.ID != parent {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) })
	return all
}

// bestChain returns the chain below one of the roots that shows most of the
// slots from index from on.
func bestChain(t evidence.Trace, from []evidence.Span, slots []slot, at int) segment {
	var best segment
	for _, root := range from {
		for _, line := range lines(t, root, nil) {
			s := align(line, slots, at)
			s.trace, s.root = t, root
			if !s.empty() && (best.empty() || s.better(best)) {
				best = s
			}
		}
	}
	return best
}

// firstChain returns the chain that begins earliest on the path, the longest of
// several.
func firstChain(t evidence.Trace, slots []slot) segment {
	var first segment
	for _, root := range roots(t) {
		s := bestChain(t, []evidence.Span{root}, slots, 0)
		if s.empty() {
			continue
		}
		if first.empty() || s.first() < first.first() || (s.first() == first.first() && s.better(first)) {
			first = s
		}
	}
	return first
}

// lines returns every way from the span down to a leaf. A span that is its own
// ancestor ends its line.
func lines(t evidence.Trace, span evidence.Span, above []evidence.Span) [][]evidence.Span {
	if slices.ContainsFunc(above, func(a evidence.Span) bool { return a.ID == span.ID }) {
		return [][]evidence.Span{above}
	}
	line := append(slices.Clone(above), span)
	below := children(t, span.ID)
	if len(below) == 0 {
		return [][]evidence.Span{line}
	}
	var all [][]evidence.Span
	for _, child := range below {
		all = append(all, lines(t, child, line)...)
	}
	return all
}

// align finds the longest common subsequence of the line and the slots from
// index at on, the earliest slots first.
func align(line []evidence.Span, slots []slot, at int) segment {
	longest := make([][]int, len(line)+1)
	for i := range longest {
		longest[i] = make([]int, len(slots)+1)
	}
	for i := len(line) - 1; i >= 0; i-- {
		for k := len(slots) - 1; k >= at; k-- {
			longest[i][k] = max(longest[i+1][k], longest[i][k+1])
			if slots[k].fits(line[i]) {
				longest[i][k] = max(longest[i][k], 1+longest[i+1][k+1])
			}
		}
	}
	s := segment{spans: map[int]evidence.Span{}}
	var pending []evidence.Span
	for i, k := 0, at; i < len(line) && longest[i][k] > 0; {
		switch {
		case slots[k].fits(line[i]) && longest[i][k] == 1+longest[i+1][k+1]:
			s.spans[k] = line[i]
			s.strays, pending = append(s.strays, pending...), nil
			i, k = i+1, k+1
		case longest[i+1][k] == longest[i][k]:
			if !s.empty() {
				pending = append(pending, line[i])
			}
			i++
		default:
			k++
		}
	}
	return s
}

// during tells whether b began while a was under way.
func during(a, b evidence.Span) bool {
	return !b.Start.Before(a.Start) && !b.Start.After(a.Start.Add(a.Duration))
}

// after is how much later than a's start b began.
func after(a, b evidence.Span) time.Duration { return b.Start.Sub(a.Start) }
