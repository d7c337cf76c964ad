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

// The columns of the survey: formats of a trace, and single headers.
const (
	b3Multi   = "x-b3-*"
	b3Single  = "b3"
	requestTo = "x-request-id"
	parent    = "traceparent"
)

// surveyed are the columns; the first demanded ones every workload must pass on.
var surveyed = []string{b3Multi, b3Single, parent, "tracestate", requestTo, "x-ot-span-context", "x-transactionid"}

const demanded = 5

// Surveyed is what two requests over one path left behind: one with every header
// but b3, and one with b3 and W3C's.
type Surveyed struct {
	Path string `json:"path"`
	// All are the headers of the first request by name, in lower case.
	All   map[string]string `json:"all"`
	First Seen              `json:"first"`
	// B3 is the header of the second.
	B3     string `json:"b3"`
	Second Seen   `json:"second"`
}

// Survey makes the table of the calls that were seen: those of each workload once
// a path, the gateway's once.
func Survey(release *catalogue.Release, all []Surveyed) evidence.HeaderSurvey {
	table := evidence.HeaderSurvey{Headers: surveyed}
	gateway := false
	for _, s := range all {
		path, ok := release.Path(s.Path)
		if !ok {
			continue
		}
		first, second := followed(release, path, s.First), followed(release, path, s.Second)
		done := map[string]bool{path.Hops[0]: gateway}
		for k, app := range path.Hops[:len(path.Hops)-1] {
			if done[app] {
				continue
			}
			// Where somebody before it dropped them, nothing can be passed on.
			if in, seen := first.span(2 * k); !seen || in.TraceID != first.wanted.id {
				continue
			}
			table.Rows = append(table.Rows, evidence.HeaderRow{
				App: app, Call: path.ID, States: states(s, first, second, 2*k), Spans: slices.Concat(first.sides(2*k), second.sides(2*k)),
			})
			done[app] = true
			gateway = gateway || k == 0
		}
	}
	return table
}

func followed(release *catalogue.Release, path catalogue.Path, seen Seen) *judge {
	j := newJudge(release, path, seen)
	if _, missing := j.nothing(); !missing {
		j.follow()
	}
	return j
}

// sides names the server span at the slot and the client span after it, when both
// were seen.
func (j *judge) sides(slot int) []string {
	in, came := j.span(slot)
	out, left := j.span(slot + 1)
	if !came || !left {
		return nil
	}
	return []string{in.ID + " → " + out.ID}
}

// states are those of the call between the server span at the slot and the client
// span after it.
func states(s Surveyed, first, second *judge, slot int) []evidence.HeaderState {
	var all []evidence.HeaderState
	for _, name := range surveyed {
		switch name {
		case b3Multi:
			all = append(all, first.format(zipkin, slot, func() evidence.HeaderState { return first.alike(slot, "x-b3-traceid") }))
		case b3Single:
			all = append(all, second.format(zipkin, slot, func() evidence.HeaderState { return second.noted(slot, "b3", s.B3) }))
		case parent:
			all = append(all, first.format(opentelemetry, slot, func() evidence.HeaderState { return first.noted(slot, parent, s.All[parent]) }))
		case requestTo:
			all = append(all, first.requestID(slot, s.All[requestTo] != ""))
		default:
			all = append(all, first.noted(slot, name, s.All[name]))
		}
	}
	return all
}

// The tracers, as a sidecar's listener names them.
const (
	zipkin        = "zipkin"
	opentelemetry = "opentelemetry"
)

// format is the state of the headers that the tracer named reads and writes: where
// it is at work its sidecars change them, and both spans are of one trace when
// the application passed them on. Another tracer's sidecars leave them alone.
func (j *judge) format(tracer string, slot int, alone func() evidence.HeaderState) evidence.HeaderState {
	if !slices.ContainsFunc(j.tracers(j.path.Hops[0]), func(t evidence.Tracer) bool { return t.Provider == tracer }) {
		return alone()
	}
	in, have := j.span(slot)
	out, seen := j.span(slot + 1)
	switch {
	case !have || !seen || in.TraceID != j.wanted.id:
		return evidence.Unknown
	case in.TraceID == out.TraceID && out.Parent == in.ID:
		return evidence.Forwarded
	case out.Parent != "":
		return evidence.Changed
	}
	return evidence.Dropped
}

// requestID is the state of the request id. Where the application sends none, its
// sidecar makes one: another id is one that was not passed on.
func (j *judge) requestID(slot int, sent bool) evidence.HeaderState {
	state := j.passed(slot, func(span evidence.Span) string { return requestID(span) }, sent)
	if state == evidence.Changed {
		return evidence.Dropped
	}
	return state
}

// noted is the state of a header by the value that was sent.
func (j *judge) noted(slot int, header, sent string) evidence.HeaderState {
	in, have := j.span(slot)
	if !have || sent == "" || in.Tags[header] != sent {
		return evidence.Unknown
	}
	return j.alike(slot, header)
}

// alike is the state of a header that was sent, whatever its value.
func (j *judge) alike(slot int, header string) evidence.HeaderState {
	return j.passed(slot, func(s evidence.Span) string { return s.Tags[header] }, true)
}

// passed compares what both spans noted.
func (j *judge) passed(slot int, value func(evidence.Span) string, sent bool) evidence.HeaderState {
	in, have := j.span(slot)
	out, seen := j.span(slot + 1)
	switch {
	case !have || !seen || !sent || value(in) == "":
		return evidence.Unknown
	case value(out) == value(in):
		return evidence.Forwarded
	case value(out) == "":
		return evidence.Dropped
	}
	return evidence.Changed
}

// JudgeSurvey demands that every workload which calls passes the trace headers and
// the request id on in all of its calls. Kinds: headers-not-forwarded, when none
// of its calls carries all of them; headers-forwarded-sometimes, when only some
// do; survey-incomplete, inconclusive.
func JudgeSurvey(release *catalogue.Release, all []Surveyed) []verdict.Finding {
	table := Survey(release, all)
	var findings []verdict.Finding
	for _, app := range callersOf(release) {
		rows := slices.DeleteFunc(slices.Clone(table.Rows), func(r evidence.HeaderRow) bool { return r.App != app })
		findings = append(findings, judgeRows(release, app, rows)...)
	}
	if len(findings) == 0 && len(table.Rows) == 0 {
		return []verdict.Finding{incomplete(release, "msb-iag", "no call at all was seen")}
	}
	return findings
}

// callersOf are the workloads that call over the release's requests.
func callersOf(release *catalogue.Release) []string {
	var apps []string
	for _, p := range release.Requests() {
		for _, app := range p.Hops[:len(p.Hops)-1] {
			if !slices.Contains(apps, app) {
				apps = append(apps, app)
			}
		}
	}
	return apps
}

func judgeRows(release *catalogue.Release, app string, rows []evidence.HeaderRow) []verdict.Finding {
	var bad, spans []string
	for _, r := range rows {
		var lost, unknown []string
		for i, state := range r.States[:demanded] {
			switch state {
			case evidence.Unknown:
				unknown = append(unknown, surveyed[i])
			case evidence.Dropped, evidence.Changed:
				lost = append(lost, fmt.Sprintf("%s %s", surveyed[i], state))
			}
		}
		if len(unknown) > 0 {
			return []verdict.Finding{incomplete(release, app, fmt.Sprintf("%s: %s", r.Call, strings.Join(unknown, ", ")))}
		}
		if len(lost) > 0 {
			bad = append(bad, fmt.Sprintf("%s: %s", r.Call, strings.Join(lost, ", ")))
			spans = append(spans, r.Spans...)
		}
	}
	switch {
	case len(rows) == 0:
		return []verdict.Finding{incomplete(release, app, "none of its calls was seen")}
	case len(bad) == 0:
		return nil
	}
	f := verdict.Finding{
		Kind: "headers-not-forwarded", Verdict: verdict.Fail, Object: object.App(release, object.Namespace, app),
		Summary: app + " does not pass all trace headers on",
		Want:    strings.Join(surveyed[:demanded], ", ") + " forwarded in every call", Got: strings.Join(bad, "; "),
		Where: fmt.Sprintf("the calls of %s in %s; server span → client span: %s", app, object.Count(len(rows), "path"), strings.Join(spans, ", ")),
		Why:   "its own sidecar noted the request that came and the one that left, and only the application stands between",
		Next:  fmt.Sprintf("make %s copy these headers to the requests it sends", app),
	}
	if len(bad) < len(rows) {
		f.Kind, f.Summary = "headers-forwarded-sometimes", app+" passes the trace headers on in some of its calls only"
	}
	return []verdict.Finding{f}
}

func incomplete(release *catalogue.Release, app, got string) verdict.Finding {
	return verdict.Finding{
		Kind: "survey-incomplete", Verdict: verdict.Inconclusive, Object: object.App(release, object.Namespace, app),
		Summary: "not every header of " + app + " could be followed",
		Want:    "the spans of both sides of its calls, with the headers noted", Got: got, Where: "the calls of " + app,
		Why:  "what was not seen is neither passed on nor dropped: spans are missing, or the mesh does not note the headers",
		Next: "see customTags of Telemetry istio-system/mesh-default, and what the other specs of topic tracing say",
	}
}
