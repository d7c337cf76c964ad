package tracing

import (
	"fmt"
	"math"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Sampled is how many of many requests, whose sampling was left to one sidecar,
// were traced.
type Sampled struct {
	// Percent is the share that the sidecar was set to.
	Percent float64 `json:"percent"`
	// Sent are the requests that were answered, Traced those of them with a trace.
	Sent   int `json:"sent"`
	Traced int `json:"traced"`
	// Last tells that the trace of a request that was sent after them, and that
	// had to be sampled, is there.
	Last bool `json:"last"`
}

// mostSent bounds the requests of one share.
const mostSent = 1_000_000

// doubt is how likely a right sampling is judged wrong, at each side.
const doubt = 1e-6

// bounds are the fewest and the most of n requests that are traced at the share,
// but for a doubt at each side: quantiles of the binomial distribution.
func bounds(n int, percent float64) (fewest, most int) {
	p := percent / 100
	switch {
	case p <= 0:
		return 0, 0
	case p >= 1:
		return n, n
	}
	below := 0.0
	fewest, most = -1, n
	for k := range n + 1 {
		below += probability(n, k, p)
		if fewest < 0 && below > doubt {
			fewest = k
		}
		if 1-below <= doubt {
			return max(fewest, 0), k
		}
	}
	return max(fewest, 0), most
}

// probability is that of k among n, each with p.
func probability(n, k int, p float64) float64 {
	choose := func(n int) float64 { l, _ := math.Lgamma(float64(n) + 1); return l }
	return math.Exp(choose(n) - choose(k) - choose(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

// JudgeSampling judges each share by the bounds of its number of requests. The
// object is the workload whose sidecar decided. Kinds: sampling-wrong, and
// no-requests, traces-late, inconclusive.
func JudgeSampling(workload string, seen Sampled) []verdict.Finding {
	judged := seen.Sent > 0 && seen.Sent <= mostSent
	fewest, most := 0, 0
	if judged {
		fewest, most = bounds(seen.Sent, seen.Percent)
	}
	f := verdict.Finding{
		Object: workload,
		Want:   fmt.Sprintf("%d to %d of %d requests traced", fewest, most, seen.Sent), Got: fmt.Sprint(seen.Traced),
		Where: fmt.Sprintf("requests whose sampling was left to the sidecar, at %g %%", seen.Percent),
	}
	switch {
	case !judged:
		f.Kind, f.Verdict, f.Summary = "no-requests", verdict.Inconclusive, fmt.Sprintf("%d answered requests cannot be judged", seen.Sent)
		f.Why, f.Next = "a share of nothing says nothing", "see that "+workload+" is ready"
	case !seen.Last:
		f.Kind, f.Verdict, f.Summary = "traces-late", verdict.Inconclusive, "the last request's trace is not there"
		f.Why, f.Next = "it had to be sampled, so traces of the requests before it may be missing as well", "see that the collector is ready, and run the spec again"
	case seen.Traced < fewest || seen.Traced > most:
		f.Kind, f.Verdict, f.Summary = "sampling-wrong", verdict.Fail, fmt.Sprintf("sampling of %g %% does not hold", seen.Percent)
		f.Why = fmt.Sprintf("a sidecar that samples each request at %g %% stays within these bounds but for one in %.0f runs", seen.Percent, 1/(2*doubt))
		f.Next = "see randomSamplingPercentage in the Telemetry resources, and random_sampling in the sidecar's inbound listener"
	default:
		return nil
	}
	return []verdict.Finding{f}
}

// Volume is what became of many requests that all had to be traced.
type Volume struct {
	// Asked is how many were sent, Answered how many got an answer, Traced how
	// many of those have a trace.
	Asked    int `json:"asked"`
	Answered int `json:"answered"`
	Traced   int `json:"traced"`
	// Missing are some of the trace ids that were not found.
	Missing []string `json:"missing,omitempty"`
	// Before and After are the reports of the sidecar that made the spans.
	Before evidence.Reports `json:"before"`
	After  evidence.Reports `json:"after"`
	// Backend is who keeps the traces, as Kubernetes names it.
	Backend string `json:"backend"`
}

// JudgeVolume demands that no trace is lost that the collector took. A loss that
// the sidecar's count of failed reports explains is a note. Kinds: traces-lost,
// loss-explained (a note), requests-failed and no-reports, inconclusive.
func JudgeVolume(workload string, seen Volume) []verdict.Finding {
	failed, accepted := seen.After.Failed-seen.Before.Failed, seen.After.Accepted-seen.Before.Accepted
	lost := seen.Answered - seen.Traced
	f := verdict.Finding{
		Object: seen.Backend, Want: fmt.Sprintf("%s of %d answered requests", object.Count(seen.Answered, "trace"), seen.Asked),
		Got:   fmt.Sprintf("%d", seen.Traced),
		Where: fmt.Sprintf("%s handed %d reports in, and %d failed; missing %s", workload, accepted, failed, object.Text(strings.Join(seen.Missing[:min(len(seen.Missing), 3)], ", "))),
	}
	switch {
	case seen.Asked == 0 || seen.Answered*10 < seen.Asked*9:
		f.Kind, f.Verdict, f.Object = "requests-failed", verdict.Inconclusive, workload
		f.Summary = "too few requests were answered"
		f.Why, f.Next = "fewer than nine of ten are no volume", "see that "+workload+" is ready, on a quieter machine"
	case seen.After.Collector == "" || accepted <= 0:
		f.Kind, f.Verdict, f.Object = "no-reports", verdict.Inconclusive, workload
		f.Summary = "the sidecar's reports were not counted"
		f.Why, f.Next = "without its counts nobody knows what the collector took", "see that the sidecar of "+workload+" can be asked, and that its collector was not restarted meanwhile"
	case lost <= 0:
		return nil
	case failed > 0:
		f.Kind, f.Verdict = "loss-explained", verdict.Pass
		f.Summary = fmt.Sprintf("%s lost, and counted by the sidecar that could not hand them in", object.Count(lost, "trace"))
		f.Why, f.Next = "the collector never took them: reports of the sidecar failed in that time", "give the collector more room if this volume is to be kept"
	default:
		f.Kind, f.Verdict = "traces-lost", verdict.Fail
		f.Summary = fmt.Sprintf("%s lost that the collector took", object.Count(lost, "trace"))
		f.Why, f.Next = "every report of the sidecar was accepted, so they were lost behind the collector", "see the log of "+seen.Backend+", and how many traces it may keep"
	}
	return []verdict.Finding{f}
}
