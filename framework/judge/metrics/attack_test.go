package metrics_test

import (
	"math"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/verdict"
)

// look is the evidence of all judges: samples before and after path identity
// was called ten times, and TCP connections were made to vfc-db.
type look struct{ Before, After, Buckets, BytesBefore, Bytes evidence.Samples }

func calls(release *catalogue.Release) []metrics.Call {
	path, _ := release.Path("identity")
	return metrics.Calls(release, catalogue.Enabled, path, 10)
}

func healthy(release *catalogue.Release) look {
	noise := series("msb-msb-iag", "msb-msb-consul", "destination", "200", 99)
	l := look{Before: samples(noise), After: samples(noise), Buckets: samples(noise), Bytes: samples(), BytesBefore: samples(noise)}
	l.Buckets.Items[0].Labels = map[string]string{"le": "1"}
	for _, c := range calls(release) {
		l.Before.Items = append(l.Before.Items, series(c.Source, c.Destination, c.Reporter, "200", 5))
		l.After.Items = append(l.After.Items, series(c.Source, c.Destination, c.Reporter, "200", 5+float64(c.Count)))
		for _, le := range []string{"1", "+Inf"} {
			l.Buckets.Items = append(l.Buckets.Items, series(c.Source, c.Destination, c.Reporter, "200", 10, "le", le))
		}
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
		"latency":  func(l look) []verdict.Finding { return metrics.JudgeLatency(calls(release), l.Buckets) },
		"bytes": func(l look) []verdict.Finding {
			return metrics.JudgeTCP(release, catalogue.Enabled, "vfc-nslcm", "vfc-db", l.BytesBefore, l.Bytes)
		},
	}
}

func TestBrokenEvidence(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := healthy(release)
	all := judges(release)
	for name, list := range map[string]func(*look) *[]evidence.Sample{
		"requests": func(l *look) *[]evidence.Sample { return &l.After.Items },
		"quiet":    func(l *look) *[]evidence.Sample { return &l.Before.Items },
		"latency":  func(l *look) *[]evidence.Sample { return &l.Buckets.Items },
		"bytes":    func(l *look) *[]evidence.Sample { return &l.Bytes.Items },
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
	attack.NeverGreen(t, noise(attack.Without(seen, func(l *look) *[]evidence.Sample { return &l.Buckets.Items })), all["latency"])
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
		return append(append(append(all["requests"](l), all["quiet"](l)...), all["latency"](l)...), all["bytes"](l)...)
	}, healthy(release))
}
