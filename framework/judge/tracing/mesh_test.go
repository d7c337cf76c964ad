package tracing_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
)

// drops is what an application does not pass on: the format its mesh traces
// with, the other one, and the request id. With renewed it puts a trace id and a
// span id of its own in the place of those it got.
type drops struct{ traced, noted, requestID, renewed bool }

// notedHeader is the one a mesh notes because it does not trace with it.
const notedHeader = "traceparent"

// mesh makes the spans that the sidecars of a path report of one request.
type mesh struct {
	rand    *rand.Rand
	release *catalogue.Release
	pods    evidence.Pods
	path    catalogue.Path
	// culprit drops; every other application passes all on.
	culprit string
	drops   drops
	// off is how far a pod's clock may be off; skew is how far each is.
	off  time.Duration
	skew map[string]time.Duration
	// name makes the ids of one mesh differ from those of another.
	name string
	// trace is the id that is sent, wanted if it is empty.
	trace string
	ids   int
	out   map[string]*evidence.Trace
	now   time.Duration
}

// headers are what a request carries: the trace, the span that is the parent,
// the other format and the request id.
type headers struct{ trace, parent, noted, request string }

func (m *mesh) id() string {
	m.ids++
	return m.name + fmt.Sprintf("%016x", m.ids)[len(m.name):]
}

func (m *mesh) ip(app string) string {
	w, _ := m.release.Workload(app)
	return m.pods.Items[slices.IndexFunc(m.pods.Items, func(p evidence.Pod) bool { return p.Workload == w.Name })].IP
}

// wait lets up to so many milliseconds pass.
func (m *mesh) wait(most int) {
	m.now += time.Duration(100+m.rand.IntN(most*1000)) * time.Microsecond
}

// report makes one span, and the headers that go on from its sidecar. The end
// is set when what is below has happened.
func (m *mesh) report(kind evidence.SpanKind, app, peer string, in headers, below func(headers)) {
	if in.request == "" {
		in.request = fmt.Sprintf("%08x-43b6-9d30-9c10-4f3f1f0b0f01", m.rand.Uint32())
	}
	if in.trace == "" {
		in.trace, in.parent = m.name+strings.Repeat("c", 15-len(m.name))+m.id()+"c", ""
	}
	s := evidence.Span{
		ID: m.id(), TraceID: in.trace, Parent: in.parent, Kind: kind, Service: app + ".onap", Start: sample.Now.Add(m.now + m.skew[app]),
		Tags: map[string]string{"node_id": "sidecar~" + m.ip(app) + "~x.onap~onap.svc", "guid:x-request-id": in.request, "http.status_code": "200"},
	}
	if in.noted != "" {
		s.Tags[notedHeader] = in.noted
	}
	if peer != "" {
		s.Tags["peer.address"] = peer
	}
	began := m.now
	m.wait(2)
	in.parent = s.ID
	below(in)
	m.wait(2)
	s.Duration = m.now - began
	if m.out[s.TraceID] == nil {
		m.out[s.TraceID] = &evidence.Trace{ID: s.TraceID}
	}
	m.out[s.TraceID].Spans = append(m.out[s.TraceID].Spans, s)
}

// serve is the request at hop k of the path.
func (m *mesh) serve(k int, peer string, in headers) {
	m.report(evidence.Server, m.path.Hops[k], peer, in, func(in headers) { m.call(k, in) })
}

// call is what the application of hop k does: it calls the next one with what it
// passes on of the headers, now and then twice.
func (m *mesh) call(k int, in headers) {
	m.wait(5)
	if k == len(m.path.Hops)-1 {
		return
	}
	app := m.path.Hops[k]
	if app == m.culprit {
		switch {
		case m.drops.renewed:
			in.trace, in.parent = m.name+strings.Repeat("d", 15-len(m.name))+m.id()+"d", m.id()
		case m.drops.traced:
			in.trace, in.parent = "", ""
		}
		if m.drops.noted {
			in.noted = ""
		}
		if m.drops.requestID {
			in.request = ""
		}
	}
	if m.rand.IntN(10) == 0 {
		// A first try that did not arrive. Who calls unasked has no headers to try with again.
		first := in
		if k == 0 && !m.path.Requested() {
			first = headers{}
		}
		m.report(evidence.Client, app, "", first, func(headers) { m.wait(2) })
	}
	m.report(evidence.Client, app, "", in, func(in headers) {
		if m.rand.IntN(20) == 0 {
			// The sidecar's own retry: the callee refused the first.
			m.report(evidence.Server, m.path.Hops[k+1], m.ip(app), in, func(headers) { m.wait(1) })
		}
		m.serve(k+1, m.ip(app), in)
	})
}

// send sends the path's request and returns what the judge sees of it: with
// clocks that differ, and without so many of the spans.
func (m *mesh) send(lost int) (tracing.Seen, string) {
	m.out, m.skew, m.now = map[string]*evidence.Trace{}, map[string]time.Duration{}, 0
	for _, app := range m.path.Hops {
		m.skew[app] = time.Duration(m.rand.Int64N(int64(2*m.off))) - m.off
	}
	const sent = "feedfacefeedface"
	in := headers{trace: cmp.Or(m.trace, wanted), parent: sent, noted: parent, request: "5e7cb8d7-43b6-9d30-9c10-4f3f1f0b0f01"}
	if m.path.Requested() {
		m.serve(0, "10.244.0.1", in)
	} else {
		in.parent = ""
		m.call(0, in)
	}
	for range lost {
		m.lose()
	}
	seen := tracing.Seen{Pods: m.pods, Parent: sent, Tracers: tracers(m.release, m.path)}
	for _, t := range m.out {
		if t.ID == wanted {
			seen.Traces.Wanted = t
		} else {
			seen.Traces.Others = append(seen.Traces.Others, *t)
		}
	}
	slices.SortFunc(seen.Traces.Others, func(a, b evidence.Trace) int { return strings.Compare(a.ID, b.ID) })
	return seen, parent
}

// lose takes one span away, whichever it is.
func (m *mesh) lose() {
	ids := slices.Sorted(maps.Keys(m.out))
	if len(ids) == 0 {
		return
	}
	id := ids[m.rand.IntN(len(ids))]
	t := m.out[id]
	i := m.rand.IntN(len(t.Spans))
	t.Spans = slices.Delete(t.Spans, i, i+1)
	if len(t.Spans) == 0 {
		delete(m.out, id)
	}
}
