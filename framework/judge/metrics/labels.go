package metrics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeLabels says whether every series of the answer has the generation's
// standard labels, and whether those with few values have one of them. The
// samples are in the generation's own words, by their names.
func JudgeLabels(g metric.Generation, seen evidence.Samples) []verdict.Finding {
	if f, missing := noSamples(1, seen); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, q := range []metric.Quantity{metric.Requests, metric.SentBytes, metric.ReceivedBytes} {
		standard := g.TCP
		if q == metric.Requests {
			standard = g.HTTP
		}
		series := ofQuantity(g, q, seen)
		if len(series) == 0 {
			findings = append(findings, labelFinding(g, "missing-series", q, "no series", "at least one series", seen.Query))
			continue
		}
		for _, label := range standard {
			findings = append(findings, judgeLabel(g, q, label, series, seen.Query)...)
		}
	}
	verdict.Sort(findings)
	return findings
}

func ofQuantity(g metric.Generation, q metric.Quantity, seen evidence.Samples) []evidence.Sample {
	return slices.DeleteFunc(slices.Clone(seen.Items), func(item evidence.Sample) bool {
		return !slices.Contains(g.Series(q), item.Labels[string(metric.Name)])
	})
}

// judgeLabel says in how many series a label lacks, or has a value that is none of its own.
func judgeLabel(g metric.Generation, q metric.Quantity, label string, series []evidence.Sample, query string) []verdict.Finding {
	var lacking, odd []string
	for _, item := range series {
		value := item.Labels[label]
		switch {
		case value == "":
			lacking = append(lacking, briefly(item))
		case !valid(label, value):
			odd = append(odd, fmt.Sprintf("%s=%q", label, value))
		}
	}
	var findings []verdict.Finding
	if len(lacking) > 0 {
		slices.Sort(lacking)
		findings = append(findings, labelFinding(g, "missing-label", q,
			fmt.Sprintf("absent in %d of %d series, in %s first", len(lacking), len(series), lacking[0]), "label "+label+" in every series", query))
	}
	if len(odd) > 0 {
		slices.Sort(odd)
		findings = append(findings, labelFinding(g, "strange-value", q, strings.Join(slices.Compact(odd), ", "), "a value that Istio gives to label "+label, query))
	}
	return findings
}

// valid tells whether Istio gives a label the value, of labels that have few.
func valid(label, value string) bool {
	switch label {
	case string(metric.Reporter):
		return value == Source || value == Destination || value == "waypoint"
	case string(metric.Security):
		return value == metric.MutualTLS || value == metric.NoTLS || value == metric.UnknownSecurity
	case string(metric.Code):
		code, err := strconv.Atoi(value)
		return err == nil && code >= 0 && code < 1000
	}
	return true
}

// briefly names a series by its ends.
func briefly(item evidence.Sample) string {
	for _, ends := range [][2]string{{string(metric.Source), string(metric.Destination)}, {"source_service", "destination_service"}} {
		if from, to := item.Labels[ends[0]], item.Labels[ends[1]]; from+to != "" {
			return fmt.Sprintf("%s → %s (%s)", object.Text(from), object.Text(to), object.Text(item.Labels[string(metric.Reporter)]))
		}
	}
	return "one without ends"
}

func labelFinding(g metric.Generation, kind verdict.Kind, q metric.Quantity, got, want, query string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: fmt.Sprintf("%s does not have the labels of %s", g.Series(q)[0], g.Title), Object: prometheus,
		Want: want, Got: got, Where: "query " + query,
		Why:  "dashboards, alerts and authorisation reviews select and group by these labels: what they ask for by this one is wrong or empty",
		Next: "see metric_relabel_configs of Prometheus, and the series as what exports them shows them",
	}
}

// Foreign are the labels of the series that are none of the generation's and
// none that Prometheus adds for the target, sorted.
func Foreign(g metric.Generation, seen evidence.Samples) []string {
	known := slices.Concat(g.HTTP, g.TCP, g.Optional, []string{string(metric.Name), "job", "instance", "namespace", "pod"})
	var all []string
	for _, item := range seen.Items {
		for label := range item.Labels {
			if !slices.Contains(known, label) {
				all = append(all, label)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
