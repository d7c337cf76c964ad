package page

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// traceView is what became of the request of one spec: one waterfall, or several
// where the trace broke.
type traceView struct {
	Anchor, Spec, Release, SpecAnchor string

	Badge badge
	// Text says whether it stayed whole; Broken are the findings that name a hop.
	Text   string
	Broken []brokenHop
	Open   bool
	Falls  []waterfall
}

type brokenHop struct{ Summary, Where, Why, Gap string }

// waterfall is one trace. Its bars are in percent of the time of all waterfalls of the view.
type waterfall struct {
	TraceID string
	// Odd says what is odd about its shape.
	Odd  []string
	Bars []bar
	// More is how many spans are not shown.
	More int
}

// bar is a span. Broken marks one that a finding names.
type bar struct {
	Service, Kind, Name, ID, Parent, Status, Start, Took string

	Depth       int
	From, Width float64
	Broken      bool
}

// Limits of what is drawn: bars of one trace, traces, and those open at first.
const (
	mostBars   = 200
	mostTraces = 250
	openTraces = 4
)

// traceList is the traces that were judged; More is how many are not drawn.
type traceList struct {
	Views []traceView
	More  int
}

// tracesOf are the traces that were judged, broken ones first.
func tracesOf(r *report.Report, s *source, releases map[string]*catalogue.Release) traceList {
	anchors := anchorsOf(r)
	var all []traceView
	for _, spec := range r.Specs {
		falls := fallsOf(s, spec, releases[spec.Release])
		if len(falls) == 0 {
			continue
		}
		v := viewOf(spec, falls)
		v.SpecAnchor = anchors[place{spec.Release, spec.ID}]
		v.Anchor = "trace-of-" + v.SpecAnchor
		all = append(all, v)
	}
	rank := map[string]int{"fail": 0, "inconclusive": 1}
	slices.SortStableFunc(all, func(a, b traceView) int {
		place := func(v traceView) int {
			if n, bad := rank[v.Badge.Class]; bad {
				return n
			}
			if len(v.Broken) > 0 {
				return 2
			}
			return 3
		}
		return place(a) - place(b)
	})
	for i := range all[:min(openTraces, len(all))] {
		all[i].Open = true
	}
	drawn := min(mostTraces, len(all))
	return traceList{Views: all[:drawn], More: len(all) - drawn}
}

// fallsOf are the drawn traces of the spec: as it drew them, or, of one that did
// not pass and so ended before that, drawn now from the spans it judged.
func fallsOf(s *source, spec report.Spec, release *catalogue.Release) []tracing.Waterfall {
	at := place{spec.Release, spec.ID}
	if falls, done := s.falls[at]; done || spec.Topic != "tracing" {
		return falls
	}
	var falls []tracing.Waterfall
	switch {
	case s.has(spec, "waterfall") && (spec.Verdict == verdict.Pass || !s.has(spec, "trace")):
		falls, _ = keptFile[[]tracing.Waterfall](s, spec, "waterfall")
	case s.has(spec, "trace"):
		type traced struct {
			Sent struct {
				Response evidence.Response `json:"response"`
			} `json:"sent"`
			tracing.Seen
		}
		if seen, ok := evidenceOf[traced](s, spec, "trace"); ok {
			path, known := pathOf(release, seen.Sent.Response)
			if known {
				falls = tracing.Draw(release, path, seen.Seen)
			}
		}
	}
	if s.falls == nil {
		s.falls = map[place][]tracing.Waterfall{}
	}
	s.falls[at] = falls
	return falls
}

// pathOf is the path of the catalogue that the request took. A request without an
// answer, as registration sends none, took the one that needs none.
func pathOf(release *catalogue.Release, sent evidence.Response) (catalogue.Path, bool) {
	at, err := url.Parse(sent.URL)
	if err != nil {
		return catalogue.Path{}, false
	}
	i := slices.IndexFunc(release.Paths, func(p catalogue.Path) bool {
		if sent.URL == "" {
			return !p.Requested()
		}
		return p.Method == sent.Method && p.URL == at.RequestURI()
	})
	if i < 0 {
		return catalogue.Path{}, false
	}
	return release.Paths[i], true
}

func viewOf(spec report.Spec, falls []tracing.Waterfall) traceView {
	v := traceView{Spec: spec.ID, Release: spec.Release, Badge: badgeOf(spec.Verdict)}
	said := ""
	for _, f := range spec.Findings {
		if f.Where == "" || !strings.Contains(f.Where, "…") && f.Verdict == verdict.Pass {
			continue
		}
		v.Broken = append(v.Broken, brokenHop{f.Summary, f.Where, f.Why, f.Gap})
		said += f.Where + "\n" + f.Got + "\n"
	}
	spans := 0
	var last time.Duration
	for _, fall := range falls {
		spans += fall.Spans
		for _, b := range fall.Bars {
			last = max(last, b.Start+b.Duration)
		}
	}
	switch {
	case len(falls) == 1:
		v.Text = fmt.Sprintf("one trace of %d spans", spans)
	default:
		v.Text = fmt.Sprintf("%d spans in %d traces: the request lost its trace on the way", spans, len(falls))
	}
	for _, fall := range falls {
		v.Falls = append(v.Falls, fallOf(fall, max(last, 1), said))
	}
	return v
}

func fallOf(fall tracing.Waterfall, last time.Duration, said string) waterfall {
	w := waterfall{TraceID: fall.TraceID, More: fall.Spans - min(len(fall.Bars), mostBars), Odd: odd(fall)}
	for _, b := range fall.Bars[:min(mostBars, len(fall.Bars))] {
		from := min(max(float64(b.Start)/float64(last)*100, 0), 99.5)
		w.Bars = append(w.Bars, bar{
			Service: b.Service, Kind: string(b.Kind), Name: b.Name, ID: b.ID, Parent: b.Parent, Status: b.Status,
			Start: milliseconds(b.Start), Took: milliseconds(b.Duration), Depth: min(b.Depth, 12),
			From: from, Width: min(max(float64(b.Duration)/float64(last)*100, 0.5), 100-from),
			Broken: names8(said, b.ID),
		})
	}
	return w
}

// names8 tells whether the text names the span: findings shorten ids to 8 digits.
func names8(text, id string) bool {
	const short = 8
	return len(id) >= short && strings.Contains(text, id[:short]+"…")
}

func odd(fall tracing.Waterfall) []string {
	var all []string
	add := func(when bool, format string, values ...any) {
		if when {
			all = append(all, fmt.Sprintf(format, values...))
		}
	}
	add(len(fall.Roots) > 1, "%d spans without a parent in the trace", len(fall.Roots))
	add(fall.Duplicates > 0, "%d spans came more than once", fall.Duplicates)
	add(len(fall.SelfCalls) > 0, "%d calls of a service to itself", len(fall.SelfCalls))
	add(fall.Skew > 0, "the clocks of two sidecars differ by %s at least", milliseconds(fall.Skew))
	return all
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
