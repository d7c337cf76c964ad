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

// holes names the slots of a segment, from index from on, that have no span
// although later ones have.
func (j *judge) holes(from int, s segment) {
	var absent []int
	for i := from; i < s.last(); i++ {
		if _, ok := s.spans[i]; ok {
			continue
		}
		behind := s.next(i)
		if before, ok := s.spans[i-1]; ok && j.shortcut(before, i-1, s, behind) {
			j.wrongService(j.slots[i-1].hop, before, s.spans[behind])
			i = behind
			continue
		}
		if app := j.path.Hops[j.slots[i].hop]; j.withoutSidecar(app) {
			j.sidecarMissing(app)
			continue
		}
		absent = append(absent, i)
	}
	if len(absent) > 0 {
		j.missingSpans(s, absent)
	}
}

// missingSpans says that spans in the middle are not there. The span behind a
// hole tells why: a parent that nobody reported was made, unless it is the one
// that was sent.
func (j *judge) missingSpans(s segment, absent []int) {
	app := j.path.Hops[j.slots[absent[0]].hop]
	var names []string
	lost := ""
	for _, i := range absent {
		names = append(names, fmt.Sprintf("%s span of %s", j.slots[i].kind, j.path.Hops[j.slots[i].hop]))
		if behind := s.spans[s.next(i)]; behind.Parent != "" && behind.Parent != j.Parent && !s.tree.has(behind.Parent) && lost == "" {
			lost = fmt.Sprintf("span %s of %s names parent %s, which nobody reported", short(behind.ID), behind.Service, short(behind.Parent))
			app = j.path.Hops[j.slots[s.next(i)-1].hop]
		}
	}
	where := "missing: " + strings.Join(names, ", ") + j.around(s, absent[0])
	called := j.slots[absent[0]].hop
	if j.slots[absent[0]].kind == evidence.Client {
		// A call to a port that is TCP leaves no client span either.
		called++
	}
	if _, tcp := j.notHTTP(called); tcp && lost == "" {
		j.portNotHTTP(called, where)
		return
	}
	f := j.finding("missing-span", app, "spans are missing in the middle of the trace")
	f.Where = where
	f.Next = "see the protocol of the port in the listener of " + app + ", and look again"
	changed := j.justChanged(app)
	switch {
	case lost == "" && changed != "":
		f.Verdict = verdict.Inconclusive
		f.Why = changed + ": whether it made no spans, or made them as it was told before, cannot be told"
		f.Next = "look again in a minute"
	case lost == "":
		f.Why = "spans behind them are there, and no parent is unknown, so these were never made: the sidecar of " + app +
			" runs and does not treat this traffic as HTTP, or the request went around it"
	case absent[0] == 0 && j.Parent == "":
		f.Verdict = verdict.Inconclusive
		f.Why = lost + ": it is the one that was sent, if the sidecar of " + app + " does not treat this traffic as HTTP; else it is late or was lost on its way to the back end. Which of them cannot be told"
	default:
		f.Kind, f.Verdict = "spans-lost", verdict.Inconclusive
		f.Why = lost + ": it was made, and is late or was lost on its way to the back end; neither the application nor its port is to blame"
		f.Next = "look again; if it stays, see the log and the metrics of " + j.backend() + " for dropped spans"
		if reports := j.unreported(app); reports != "" {
			f.Why = lost + ": it was made; " + reports
		}
	}
	j.findings = append(j.findings, f)
}

// around names the spans before and behind the hole at slot i.
func (j *judge) around(s segment, i int) string {
	behind := s.spans[s.next(i)]
	before, ok := j.span(i - 1)
	if !ok {
		return fmt.Sprintf("; the first is %s span %s of %s", behind.Kind, short(behind.ID), behind.Service)
	}
	return fmt.Sprintf("; they lie between %s span %s of %s and %s span %s of %s",
		before.Kind, short(before.ID), before.Service, behind.Kind, short(behind.ID), behind.Service)
}

// span is the one at slot i, whatever trace it is in.
func (j *judge) span(i int) (evidence.Span, bool) {
	for _, s := range j.segments {
		if span, ok := s.spans[i]; ok {
			return span, true
		}
	}
	return evidence.Span{}, false
}

// shortcut tells whether the client span at slot i called the server span of
// the segment's next slot itself, from its own pod, past the hops between.
func (j *judge) shortcut(before evidence.Span, i int, s segment, behind int) bool {
	to := j.slots[behind]
	return before.Kind == evidence.Client && to.kind == evidence.Server && j.path.Hops[to.hop-1] != j.path.Hops[j.slots[i].hop] &&
		s.spans[behind].Parent == before.ID && j.calledFrom(before, s.spans[behind], j.slots[i].hop)
}

// named bounds how many spans of one sort get a finding of their own.
const named = 20

// strays names spans of services the path does not lead over.
func (j *judge) strays() {
	var all []evidence.Span
	for _, s := range j.segments {
		all = append(all, s.strays...)
	}
	for i, span := range all[:min(len(all), named)] {
		f := j.finding("wrong-service", strings.TrimSuffix(span.Service, "."+j.Pods.Namespace), "the request takes a hop that is not on its path")
		f.Where = fmt.Sprintf("%s span %s of %s", span.Kind, short(span.ID), span.Service) + andMore(i, len(all))
		f.Why = "the span lies between two of the path, so the request went through " + span.Service + " on its way"
		f.Next = "see the route of the request, or bring the path in the catalogue up to date"
		j.findings = append(j.findings, f)
	}
}

// secondRoots names roots of the wanted trace that no segment stands on. One
// that says the same as the first is the same request once more: a retry.
func (j *judge) secondRoots() {
	first := j.segments[0].root
	all := slices.DeleteFunc(j.wanted.at(j.unused(j.wanted)), func(s evidence.Span) bool {
		return s.Parent != "" && s.Parent == first.Parent && s.Service == first.Service && s.Kind == first.Kind
	})
	for i, root := range all[:min(len(all), named)] {
		app := strings.TrimSuffix(root.Service, "."+j.Pods.Namespace)
		f := j.finding("several-roots", app, "the trace has more than one root")
		f.Where = fmt.Sprintf("%s span %s of %s names parent %s, which nobody reported", root.Kind, short(root.ID), root.Service, object.Text(short(root.Parent))) +
			andMore(i, len(all))
		f.Next = "look again; see whether the tracing provider was changed a moment ago"
		orphan(&f, root, app)
		j.findings = append(j.findings, f)
	}
}

// orphan says what a root of the wanted trace means: without a parent nobody
// passed one on; one that nobody reported may have been lost, so nobody is accused.
func orphan(f *verdict.Finding, root evidence.Span, app string) {
	f.Why = "the trace id was passed on, the parent's span id was not"
	if root.Parent == "" {
		return
	}
	f.Verdict = verdict.Inconclusive
	f.Why = fmt.Sprintf("span %s was made by somebody: it is late or was lost on its way to the back end, or %s puts a span id of its own into the headers; which of them cannot be told",
		short(root.Parent), app)
}

// andMore follows the last of those that are named.
func andMore(i, all int) string {
	if i+1 < named || all <= named {
		return ""
	}
	return fmt.Sprintf(", and %d more", all-named)
}

func (j *judge) sidecarMissing(app string) {
	if j.bare[app] {
		return
	}
	if j.bare == nil {
		j.bare = map[string]bool{}
	}
	j.bare[app] = true
	f := j.finding("sidecar-missing", app, app+" reports no spans: it has no sidecar")
	f.Where = "no container " + catalogue.Proxy + " in its pods"
	f.Why = "spans are made by the sidecar, not by the application: without one the hop is invisible, whatever becomes of the headers"
	f.Next = "inject " + app + " and make its pods again: make e2e FOCUS=sidecar.ready REUSE=1 names the rule that kept the sidecar away"
	j.findings = append(j.findings, f)
}

// withoutSidecar tells whether the app's pods were seen and none has a proxy.
func (j *judge) withoutSidecar(app string) bool {
	w, _ := j.release.Workload(app)
	seen := false
	for _, p := range j.Pods.Items {
		if p.Workload != w.Name {
			continue
		}
		seen = true
		if slices.ContainsFunc(slices.Concat(p.Containers, p.InitContainers), func(c evidence.Container) bool { return c.Name == catalogue.Proxy }) {
			return false
		}
	}
	return seen
}
