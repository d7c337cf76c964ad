package tracing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Request is one request by how it was marked, and what it left behind.
type Request struct {
	// Format names the headers for people: "b3, sampled".
	Format string `json:"format"`
	// Tracers are the tracers that read the format, as evidence.Tracer names them.
	Tracers []string `json:"readBy,omitempty"`
	// Sampled is the decision that was sent.
	Sampled bool `json:"sampled"`
	// RequestID is x-request-id as it was sent; empty when it was not.
	RequestID string `json:"requestID,omitempty"`
	Seen
}

// JudgeFormats judges each of so many requests; see JudgeFormat. Fewer are
// incomplete evidence: requests-missing, inconclusive.
func JudgeFormats(release *catalogue.Release, path catalogue.Path, requests int, seen []Request) []verdict.Finding {
	if len(seen) < requests || requests == 0 {
		return []verdict.Finding{{
			Kind: "requests-missing", Verdict: verdict.Inconclusive, Summary: "not every request was looked for",
			Object: object.App(release, object.Namespace, path.Hops[0]),
			Want:   object.Count(requests, "request"), Got: fmt.Sprint(len(seen)), Where: path.Method + " " + path.URL,
			Why: "a format that was not looked for is neither right nor wrong", Next: "run the spec again",
		}}
	}
	var findings []verdict.Finding
	for _, r := range seen {
		findings = append(findings, JudgeFormat(release, path, r)...)
	}
	return findings
}

// JudgeFormat judges one request by its format. One that the gateway's tracer
// reads must leave the path's spans in the trace that was sent, or none at all
// when it was not to be sampled. For any other the gateway's sidecar must begin a
// trace of its own.
//
// Kinds, besides those of Judge: unsampled-traced, trace-taken-over and
// tracer-unknown, inconclusive.
func JudgeFormat(release *catalogue.Release, path catalogue.Path, r Request) []verdict.Finding {
	j := newJudge(release, path, r.Seen)
	gateway := j.path.Hops[0]
	tracers := j.tracers(gateway)
	if len(tracers) == 0 {
		return []verdict.Finding{r.finding(j, "tracer-unknown", verdict.Inconclusive, "no sidecar of "+gateway+" says how it traces",
			"the kind of tracer of its inbound listener", object.Text(r.problem()),
			"which formats are read depends on the tracer", "see that the pods of "+gateway+" are ready and have a sidecar")}
	}
	wanted := r.Traces.Wanted != nil && len(r.Traces.Wanted.Spans) > 0
	switch reads := slices.Contains(r.Tracers, tracers[0].Provider); {
	case reads && r.Sampled:
		return r.named(Judge(release, path, r.Seen))
	case reads && wanted:
		return []verdict.Finding{r.finding(j, "unsampled-traced", verdict.Fail, "a request that was not to be sampled was traced",
			"no span", fmt.Sprintf("%s in trace %s", object.Count(len(r.Traces.Wanted.Spans), "span"), short(r.Traces.Wanted.ID)),
			"the decision was sent with the trace, and a sidecar did not obey it", "see which sidecar reported the first span, and its tracing settings")}
	case reads:
		return nil
	case wanted:
		return []verdict.Finding{r.finding(j, "trace-taken-over", verdict.Fail, "a format was read that the tracer does not know",
			"a new trace", "trace "+short(r.Traces.Wanted.ID)+", which is the one that was sent",
			fmt.Sprintf("the inbound listener says %s, and its tracer reads other headers", tracers[0].Provider), "compare the tracing provider of the mesh with the catalogue of formats")}
	}
	return r.own(j)
}

// own judges the trace that the gateway's sidecar began for the request.
func (r Request) own(j *judge) []verdict.Finding {
	if tracer, off := j.samplesLess(j.path.Hops[0]); off {
		return r.named([]verdict.Finding{j.samplingOff(0, tracer, "the request brought no trace that "+j.path.Hops[0]+" reads")})
	}
	i := slices.IndexFunc(j.others, func(t *tree) bool { return slices.ContainsFunc(t.at(t.roots), r.began(j)) })
	seen := r.Seen
	seen.Parent, seen.Traces = "", evidence.Traces{Others: slices.Clone(r.Traces.Others)}
	if i >= 0 {
		seen.Traces = evidence.Traces{Wanted: &r.Traces.Others[i], Others: slices.Delete(slices.Clone(r.Traces.Others), i, i+1)}
	}
	return r.named(Judge(j.release, j.path, seen))
}

// began tells whether a span is the gateway's of this request.
func (r Request) began(j *judge) func(evidence.Span) bool {
	own := requestID(evidence.Span{Tags: map[string]string{"guid:x-request-id": r.RequestID}})
	return func(s evidence.Span) bool {
		return s.Parent == "" && j.slots[0].fits(s) && strings.HasSuffix(s.Tags["http.url"], j.path.URL) && (own == "" || own == requestID(s))
	}
}

// problem is why the sidecars did not say anything.
func (r Request) problem() string {
	for _, t := range r.Seen.Tracers.Items {
		if t.Error != "" {
			return t.Error
		}
	}
	return ""
}

// named says in every finding of which format it is.
func (r Request) named(findings []verdict.Finding) []verdict.Finding {
	for i := range findings {
		findings[i].Where = r.Format + ": " + findings[i].Where
	}
	return findings
}

func (r Request) finding(j *judge, kind verdict.Kind, v verdict.Verdict, summary, want, got, why, next string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: v, Summary: summary, Object: j.object(j.path.Hops[0]),
		Want: want, Got: got, Where: fmt.Sprintf("%s: %s %s", r.Format, j.path.Method, j.path.URL), Why: why, Next: next,
	}
}
