package metrics

import (
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeWords says whether the names of the mesh's metrics (labels __name__) are
// those of one generation of Istio.
func JudgeWords(names evidence.Samples) []verdict.Finding {
	if f, missing := noSamples(1, names); missing {
		return []verdict.Finding{f}
	}
	speaking := metric.Speaking(words(names))
	f := verdict.Finding{
		Object: prometheus, Where: "query " + names.Query,
		Want: "names that one generation of Istio's metrics has", Got: strings.Join(words(names), ", "),
		Next: "see what Prometheus scrapes, and which of it is of another mesh or another time",
	}
	switch len(speaking) {
	case 1:
		return nil
	case 0:
		f.Kind, f.Verdict, f.Summary = "generation-unknown", verdict.Inconclusive, "the metrics' names are of no generation of Istio that is known"
		f.Why = "names and units differ between generations: the total of requests alone does not tell which one it is, so nothing else can be asked"
	default:
		var titles []string
		for _, g := range speaking {
			titles = append(titles, g.Title)
		}
		f.Kind, f.Verdict, f.Summary = "generations-mixed", verdict.Fail, "several generations of Istio's metrics are there at once: "+strings.Join(titles, "; ")
		f.Why = "two kinds of telemetry report the same requests under one name, so that each is counted twice"
	}
	return []verdict.Finding{f}
}

// Spoken is the generation of the names; none where JudgeWords has findings.
func Spoken(names evidence.Samples) (metric.Generation, bool) {
	speaking := metric.Speaking(words(names))
	if len(speaking) != 1 {
		return metric.Generation{}, false
	}
	return speaking[0], true
}

func words(names evidence.Samples) []string {
	var all []string
	for _, item := range names.Items {
		all = append(all, item.Labels[string(metric.Name)])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Today puts an answer in the words of a generation into those that all judges
// here read: the newest one's, with workloads of the release.
func Today(g metric.Generation, release *catalogue.Release, seen evidence.Samples) evidence.Samples {
	return g.Today(seen, func(service string) string {
		name, rest, _ := strings.Cut(service, ".")
		if rest != object.Namespace && !strings.HasPrefix(rest, object.Namespace+".") {
			return ""
		}
		for _, w := range release.Workloads {
			if slices.ContainsFunc(w.Services, func(s catalogue.Service) bool { return s.Name == name }) {
				return w.Name
			}
		}
		return ""
	})
}

// Known are the calls that the generation can tell of: without reporters only
// the callee's end counts.
func Known(g metric.Generation, calls []Call) []Call {
	if g.Knows(metric.Reporter) {
		return calls
	}
	return slices.DeleteFunc(slices.Clone(calls), func(c Call) bool { return c.Reporter != Destination })
}
