// Package tracing judges the spans of one request against the path it must
// take. It names the application that lost the trace headers, and accuses
// nobody whom the spans do not convict.
//
// A path of n hops must show 2n-1 spans in one trace, each the parent of the
// next: a server span of the gateway, then for every further hop the client
// span of the caller and the server span of the callee. How a broken shape is
// read:
//
//   - no span at all: trace-missing, inconclusive; sampling, headers or the
//     back end may be the reason. When the gateway's sidecar says that it traces
//     nothing: sampling-off.
//   - the chain ends at a server span, and a client span of the same pod that
//     began while that request was under way, and leads where the path does,
//     starts a trace of its own: headers-dropped. The sidecar reported both
//     sides, so the port is HTTP and only the application stands between the
//     two. The same holds when the callee's server span starts a trace, lies
//     within that time and names the caller's pod as its peer.
//   - the same, but the new trace has a parent that nobody reported:
//     trace-id-changed. A sidecar that gets no headers names no parent, so the
//     application wrote ids of its own.
//   - the same, while the workload served another request that has no
//     continuation either: trace-incomplete, inconclusive, unless both sides have
//     the request id or the W3C header in common, which the application passed on.
//   - the same, but in the same trace: several-roots. Without a parent, the id
//     was not passed on; a parent that nobody reported may have been lost, so
//     that is inconclusive.
//   - the chain ends at a server span and no continuation is seen anywhere:
//     trace-incomplete; nobody is accused. When the workload's sidecar says that
//     it reports not all traces that it begins: sampling-off, inconclusive.
//   - the chain ends at a client span whose child is another service's server
//     span: wrong-service.
//   - the chain ends at a client span, and the callee's server span starts a
//     trace of its own: context-lost. The sidecar of the caller writes the
//     headers after the application, so no application is to blame.
//   - no span is the first, since parents lead round in a circle:
//     trace-without-root, inconclusive.
//   - spans of a workload are missing: sidecar-missing when its pods have no
//     proxy; port-not-http when its sidecar says that it treats the port as TCP;
//     spans-lost, inconclusive, when a span behind names one of them as parent, so
//     that it was made; else missing-span.
//   - a span that came twice, a request that was sent twice (a retry) and
//     calls besides the path change nothing.
//
// Clocks of two sidecars are never compared where that could accuse somebody.
//
// What follows a split is judged in the same way, so one path may show several.
package tracing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Seen is what one request left behind.
type Seen struct {
	// Pods, of the release's namespace, say who has a sidecar and whose address a peer is.
	Pods   evidence.Pods   `json:"pods"`
	Traces evidence.Traces `json:"traces"`
	// Parent is the span id that was sent; empty when it is not known.
	Parent string `json:"parent,omitempty"`
	// Tracers are the sidecars of the path's workloads; without them no finding
	// says how a sidecar is set.
	Tracers evidence.Tracers `json:"tracers,omitzero"`
	// Backend is who keeps the traces, as Kubernetes names it; Jaeger when it is empty.
	Backend string `json:"backend,omitempty"`
}

// Judge compares the spans of one request with its path; findings come in the
// order of the path, so that the first is the cause.
func Judge(release *catalogue.Release, path catalogue.Path, seen Seen) []verdict.Finding {
	j := newJudge(release, path, seen)
	if f, missing := j.nothing(); missing {
		return []verdict.Finding{f}
	}
	j.follow()
	return j.findings
}

func newJudge(release *catalogue.Release, path catalogue.Path, seen Seen) *judge {
	j := &judge{Seen: seen, release: release, path: path, slots: slotsOf(path, seen.Pods.Namespace)}
	for _, t := range seen.Traces.Others {
		j.others = append(j.others, grow(t, j.slots))
	}
	return j
}

// nothing grows the wanted trace, or says that there is none to follow.
func (j *judge) nothing() (verdict.Finding, bool) {
	if j.Traces.Wanted == nil || len(j.Traces.Wanted.Spans) == 0 {
		return j.missing(), true
	}
	j.wanted = grow(*j.Traces.Wanted, j.slots)
	if len(j.wanted.roots) == 0 {
		return j.circle(), true
	}
	return verdict.Finding{}, false
}

// Services are the names under which the path's hops report spans, for a search.
func Services(path catalogue.Path, namespace string) []string {
	var names []string
	for _, app := range apps(path) {
		names = append(names, service(app, namespace))
	}
	return names
}

// Workloads are the names of the path's workloads, whose sidecars report its spans.
func Workloads(release *catalogue.Release, path catalogue.Path) []string {
	var names []string
	for _, app := range apps(path) {
		w, _ := release.Workload(app)
		names = append(names, w.Name)
	}
	return names
}

// apps are the path's hops, each once.
func apps(path catalogue.Path) []string {
	var once []string
	for _, app := range path.Hops {
		if !slices.Contains(once, app) {
			once = append(once, app)
		}
	}
	return once
}

// service is how Istio names a workload in spans: canonical name and namespace.
func service(app, namespace string) string { return app + "." + namespace }

// judge follows one request.
type judge struct {
	Seen
	release  *catalogue.Release
	path     catalogue.Path
	wanted   *tree
	others   []*tree
	slots    []slot
	segments []segment
	findings []verdict.Finding
	// bare holds the apps that a sidecar-missing finding already names.
	bare map[string]bool
}

// follow finds the chain's segments one after the other and says what lies
// between them.
func (j *judge) follow() {
	first := firstChain(j.wanted)
	if first.empty() {
		j.nothingOfPath()
		return
	}
	j.segments = []segment{first}
	j.holes(0, first)
	for {
		at := j.segments[len(j.segments)-1]
		if at.last() == len(j.slots)-1 {
			break
		}
		next, found := j.goesOn(&at)
		if !found {
			j.end(at)
			break
		}
		if rivals := j.rivals(at, next); next.tree != at.tree && len(rivals) > 0 {
			j.untold(at, next, rivals)
			break
		}
		j.segments = append(j.segments, next)
		j.split(at, next)
		j.holes(at.last()+1, next)
	}
	j.strays()
	j.secondRoots()
	want, got := j.want(), j.got()
	for i := range j.findings {
		j.findings[i].Want, j.findings[i].Got = want, got
	}
}

// first tells whether the slot is the first of its hop: the server span, or the
// client span of one that nobody called.
func (j *judge) first(slot int) bool { return slot == 0 || j.slots[slot].kind == evidence.Server }

func (j *judge) want() string { return strings.Join(j.path.Hops, " → ") + ", one trace" }

// got draws the segments: "msb-iag → vfc-nslcm | msb-iag → vfc-catalog in new trace 7a01…".
func (j *judge) got() string {
	var parts []string
	for i, s := range j.segments {
		var hops []string
		for at := range j.slots {
			if _, ok := s.spans[at]; ok && j.first(at) {
				hops = append(hops, j.path.Hops[j.slots[at].hop])
			}
		}
		text := strings.Join(hops, " → ")
		if len(hops) == 0 {
			text = "a client span of " + j.path.Hops[j.slots[s.first()].hop]
		}
		if i > 0 && s.tree != j.segments[0].tree {
			text += " in new trace " + short(s.tree.id)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}

// backend is who keeps the traces.
func (j *judge) backend() string { return cmp.Or(j.Backend, jaeger) }

const jaeger = "Deployment istio-system/jaeger"

// missing: the back end has no span of the id. Whether it has any of that time
// tells a request that was not traced from a mesh that is not.
func (j *judge) missing() verdict.Finding {
	if tracer, off := j.silent(j.path.Hops[0]); off {
		return j.samplingOff(0, tracer, "the request left no span at all")
	}
	f := verdict.Finding{
		Kind: "trace-missing", Verdict: verdict.Inconclusive,
		Summary: "no span of the request was found",
		Object:  j.backend(),
		Want:    j.want(),
		Got:     "no trace with the id that was sent",
		Where:   fmt.Sprintf("the trace by its id; %s of %s at that time", object.Count(len(j.others), "other trace"), strings.Join(apps(j.path), ", ")),
		Why:     "workloads of the path report other requests of that time, so the collector is reached: this request was not sampled, or its spans are late or lost",
		Next:    "see that sampling is 100 % and that the proxies of the path know the collector; look again",
	}
	if len(j.others) == 0 {
		f.Why = "no workload of the path has reported anything of that time: nothing is sampled, the proxies do not reach the collector, or it has lost what it had"
		f.Next = "see that sampling is 100 %, that the proxies know the collector, and that " + j.backend() + " is ready, its log first"
	}
	if lost := j.unreported(j.path.Hops[0]); lost != "" {
		f.Why = lost
		f.Next = "see that " + j.backend() + " is ready and that the Service in front of it leads there"
	}
	for _, t := range j.others {
		for _, s := range t.at(t.roots) {
			if j.path.Requested() && s.Kind == evidence.Server && s.Service == j.slots[0].service && strings.HasSuffix(s.Tags["http.url"], j.path.URL) {
				f.Object = j.object(j.path.Hops[0])
				f.Why = fmt.Sprintf("the sidecar of %s began trace %s for the same URL: it may not read the header format that was sent, or somebody else sent that request", j.path.Hops[0], short(t.id))
				f.Next = "compare the tracing provider of the mesh with the headers that were sent; look again while nobody else sends requests"
			}
		}
	}
	return f
}

// circle: every span names another one as its parent, so none is the first.
func (j *judge) circle() verdict.Finding {
	return verdict.Finding{
		Kind: "trace-without-root", Verdict: verdict.Inconclusive,
		Summary: "the trace has no first span: its parents lead round in a circle",
		Object:  j.object(j.path.Hops[0]),
		Want:    j.want(),
		Got:     object.Count(len(j.wanted.spans), "span") + ", each of them with a parent in the trace",
		Where:   "trace " + short(j.wanted.id),
		Why:     "the span that began the trace is missing, or another one took its id",
		Next:    "see the spans in " + j.backend() + ", and look again",
	}
}

// object names an app's workload: "Deployment onap/vfc-vfc-nslcm".
func (j *judge) object(app string) string { return object.App(j.release, j.Pods.Namespace, app) }

// hop is "hop 2 of 3": the call that leaves hop k of the path (0 is the gateway).
func (j *judge) hop(k int) string {
	return fmt.Sprintf("hop %d of %d", k+1, len(j.path.Hops)-1)
}

// arrow is "vfc-nslcm → msb-iag": the call that leaves hop k.
func (j *judge) arrow(k int) string { return j.path.Hops[k] + " → " + j.path.Hops[k+1] }

// short cuts an id to what the eye can keep.
func short(id string) string {
	if len(id) <= 8 {
		return id
	}
	return id[:8] + "…"
}
