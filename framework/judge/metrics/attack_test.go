package metrics_test

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges: samples before and after path identity
// was called ten times, and TCP connections were made to vfc-db.
type look struct {
	Before, After, Histograms, BytesBefore, Bytes, Names, Labels evidence.Samples
	Received                                                     evidence.Samples
	Measured                                                     evidence.Measured
	Scraping                                                     evidence.Scraping
}

func calls(release *catalogue.Release) []metrics.Call {
	path, _ := release.Path("identity")
	return metrics.Calls(release, catalogue.Enabled, path, 10)
}

func healthy(release *catalogue.Release) look {
	noise := series("msb-msb-iag", "msb-msb-consul", "destination", "200", 99)
	l := look{Before: samples(noise), After: samples(noise), Bytes: samples(), BytesBefore: samples(noise), Names: named("istio_requests_total", "istio_request_duration_milliseconds_sum"),
		Labels: labelled(metric.Generations()[2]), Scraping: scraped()}
	l.Received, l.Measured = measured(calls(release))
	for _, c := range calls(release) {
		l.Before.Items = append(l.Before.Items, series(c.Source, c.Destination, c.Reporter, "200", 5))
		l.After.Items = append(l.After.Items, series(c.Source, c.Destination, c.Reporter, "200", 5+float64(c.Count)))
		l.Histograms.Items = append(l.Histograms.Items, parts(c, 20, 9, 9, bucketOf(c, "1", 2), bucketOf(c, "5", 7), bucketOf(c, "+Inf", 9))...)
	}
	for _, reporter := range []string{metrics.Source, metrics.Destination} {
		for _, name := range []string{"istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"} {
			l.Bytes.Items = append(l.Bytes.Items, series("vfc-vfc-nslcm", "vfc-vfc-db", reporter, "", 700, "__name__", name))
		}
	}
	return l
}

func judges(release *catalogue.Release) map[string]attack.Judge[look] {
	return map[string]attack.Judge[look]{
		"requests": func(l look) []verdict.Finding { return metrics.Judge(calls(release), l.Before, l.After) },
		"quiet":    func(l look) []verdict.Finding { return metrics.JudgeQuiet(l.Before, l.Before, calls(release)) },
		"histograms": func(l look) []verdict.Finding {
			return metrics.JudgeHistograms(calls(release), []metric.Quantity{metric.Duration}, l.Histograms)
		},
		"bytes": func(l look) []verdict.Finding {
			return metrics.JudgeTCP(metrics.TCPCalls(release, catalogue.Enabled, "vfc-nslcm", "vfc-db"), l.BytesBefore, l.Bytes)
		},
		"words":    func(l look) []verdict.Finding { return metrics.JudgeWords(l.Names) },
		"labels":   func(l look) []verdict.Finding { return metrics.JudgeLabels(metric.Generations()[2], l.Labels) },
		"scraping": func(l look) []verdict.Finding { return metrics.JudgeScraping(l.Scraping) },
		"workloads": func(l look) []verdict.Finding {
			return metrics.JudgeWorkloads(release, catalogue.Enabled, calls(release), l.Received, l.Measured)
		},
	}
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	all := judges(release)
	for name, list := range map[string]func(*look) *[]evidence.Sample{
		"requests":   func(l *look) *[]evidence.Sample { return &l.After.Items },
		"quiet":      func(l *look) *[]evidence.Sample { return &l.Before.Items },
		"histograms": func(l *look) *[]evidence.Sample { return &l.Histograms.Items },
		"bytes":      func(l *look) *[]evidence.Sample { return &l.Bytes.Items },
		"words":      func(l *look) *[]evidence.Sample { return &l.Names.Items },
		"labels":     func(l *look) *[]evidence.Sample { return &l.Labels.Items },
		"scraping":   func(l *look) *[]evidence.Sample { return &l.Scraping.Counts.Items },
		"workloads":  func(l *look) *[]evidence.Sample { return &l.Measured.Requests.Items },
	} {
		t.Run(name, func(t *testing.T) {
			attack.Mutations(t, seen, all[name])
			attack.NeverGreen(t, map[string]look{"nothing": {}}, all[name])
			attack.Shuffled(t, seen, list, all[name])
			for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
				l := healthy(release)
				(*list(&l))[len(*list(&l))-1].Value = value
				attack.NeverGreen(t, map[string]look{"a value that is no count": l}, all[name])
			}
		})
	}
	noise := func(without map[string]look) map[string]look {
		for name := range without {
			if name == "without evidence.Sample 0" {
				delete(without, name)
			}
		}
		return without
	}
	attack.NeverGreen(t, noise(attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.After.Items })), all["requests"])
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.Histograms.Items }), all["histograms"])
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.Labels.Items }), all["labels"])
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.Scraping.Ages.Items }), all["scraping"])
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Target { return &l.Scraping.Targets.Items }), all["scraping"])
	attack.NeverGreen(t, attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.Bytes.Items }), all["bytes"])
}

// TestASeriesThatIsGoneIsNotQuiet: a counter that was there and is gone was started anew.
func TestASeriesThatIsGoneIsNotQuiet(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	attack.NeverGreen(t, attack.Without(look{Before: seen.Before, After: samples(seen.Before.Items[1:]...)}, func(l *look) *[]evidence.Sample { return &l.After.Items }),
		func(l look) []verdict.Finding { return metrics.JudgeQuiet(l.Before, l.After, calls(release)) })
}

func FuzzJudge(f *testing.F) {
	release, err := catalogue.Load("casablanca")
	if err != nil {
		f.Fatal(err)
	}
	all := judges(release)
	attack.Fuzz(f, func(l look) []verdict.Finding {
		var findings []verdict.Finding
		for _, name := range slices.Sorted(maps.Keys(all)) {
			findings = append(findings, all[name](l)...)
		}
		return findings
	}, healthy(release))
}
