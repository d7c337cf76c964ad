package tracing

import (
	"fmt"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeCarried follows one request header over the path by what the sidecars
// noted of it: every span carries the header as a tag of that name, since the
// mesh's Telemetry resource asks for it. It is for headers that the proxies pass
// on as they are, so that only an application can lose or change them.
//
// The first span without the value that was sent decides:
//
//   - the gateway's own: header-not-noted, inconclusive; the mesh does not note it.
//   - a client span whose server span has it: header-dropped, or header-changed
//     when it has another value. The same sidecar noted both, and only the
//     application stands between.
//   - a server span whose client span has it: header-lost, between two sidecars.
//
// A path that is not shown to its end, or has a hole before that span, is
// path-incomplete, inconclusive: the header may have been lost there.
func JudgeCarried(release *catalogue.Release, path catalogue.Path, seen Seen, header, value string) []verdict.Finding {
	j := newJudge(release, path, seen)
	if f, missing := j.nothing(); missing {
		return []verdict.Finding{f}
	}
	j.follow()
	return carried{judge: j, header: header, value: value}.find()
}

// carried follows one header.
type carried struct {
	*judge
	header, value string
}

func (c carried) find() []verdict.Finding {
	for i := range c.slots {
		span, ok := c.span(i)
		if !ok {
			return []verdict.Finding{c.incomplete(i)}
		}
		if span.Tags[c.header] == c.value {
			continue
		}
		switch {
		case i == 0:
			return []verdict.Finding{c.notNoted(span)}
		case c.slots[i].kind == evidence.Client:
			return []verdict.Finding{c.dropped(i, span)}
		default:
			return []verdict.Finding{c.lost(i, span)}
		}
	}
	return nil
}

func (c carried) finding(kind verdict.Kind, v verdict.Verdict, object, summary string, span evidence.Span) verdict.Finding {
	f := verdict.Finding{
		Kind: kind, Verdict: v, Summary: summary, Object: object,
		Want: fmt.Sprintf("%s: %s at every hop", c.header, c.value), Got: "no such header",
		Where: fmt.Sprintf("%s span %s of %s", span.Kind, short(span.ID), span.Service),
	}
	if got := span.Tags[c.header]; got != "" {
		f.Got = fmt.Sprintf("%s: %s", c.header, got)
	}
	return f
}

func (c carried) notNoted(span evidence.Span) verdict.Finding {
	f := c.finding("header-not-noted", verdict.Inconclusive, "Telemetry istio-system/mesh-default",
		fmt.Sprintf("the sidecars do not note the header %s", c.header), span)
	f.Why = "the request was sent with the header, and the gateway's sidecar is the first to see it"
	f.Next = "see customTags of Telemetry istio-system/mesh-default, and bring the mesh up again (meshcert up)"
	return f
}

func (c carried) dropped(i int, span evidence.Span) verdict.Finding {
	app := c.path.Hops[c.slots[i].hop]
	in, _ := c.span(i - 1)
	kind, does := verdict.Kind("header-dropped"), "drops"
	if span.Tags[c.header] != "" {
		kind, does = "header-changed", "changes"
	}
	f := c.finding(kind, verdict.Fail, c.object(app), fmt.Sprintf("%s %s the header %s at %s", app, does, c.header, c.hop(c.slots[i].hop)), span)
	f.Where = fmt.Sprintf("%s: server span %s of %s has it, its client span %s %s",
		c.arrow(c.slots[i].hop), short(in.ID), app, short(span.ID), c.instead(span))
	f.Why = fmt.Sprintf("the application %s %s the header: the same sidecar noted both requests, and passes the header on as it is", app, does)
	f.Next = fmt.Sprintf("make %s copy the trace headers (x-request-id, x-b3-*, traceparent, tracestate) to the requests it sends", app)
	return f
}

func (c carried) instead(span evidence.Span) string {
	if got := span.Tags[c.header]; got != "" {
		return "has " + got
	}
	return "has none"
}

func (c carried) lost(i int, span evidence.Span) verdict.Finding {
	k := c.slots[i].hop - 1
	f := c.finding("header-lost", verdict.Fail, c.object(c.path.Hops[k+1]),
		fmt.Sprintf("the header %s is lost at %s, between two sidecars", c.header, c.hop(k)), span)
	out, _ := c.span(i - 1)
	f.Where = fmt.Sprintf("%s: client span %s of %s has it, server span %s of %s %s",
		c.arrow(k), short(out.ID), c.path.Hops[k], short(span.ID), c.path.Hops[k+1], c.instead(span))
	f.Why = "no application is to blame: the header left the caller's sidecar and did not arrive at the callee's"
	f.Next = "see what lies between the two: an EnvoyFilter or a VirtualService that changes headers"
	return f
}

func (c carried) incomplete(i int) verdict.Finding {
	app := c.path.Hops[c.slots[i].hop]
	return verdict.Finding{
		Kind: "path-incomplete", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the header %s cannot be followed past %s", c.header, app),
		Object:  c.object(app),
		Want:    fmt.Sprintf("a %s span of %s", c.slots[i].kind, app), Got: object.Text(c.got()),
		Where: "trace " + short(c.wanted.id),
		Why:   "the spans up to there have the header; what became of it then is not seen",
		Next:  "see what topic tracing says of this path: make e2e FOCUS=tracing REUSE=1",
	}
}
