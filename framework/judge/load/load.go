// Package load judges load that was sent at a bounded rate: between pods of ours
// with sidecars and without, in turn, and through the gateway. It guarantees that
// a figure is told only of requests that went the way that is claimed, and whose
// numbers can be true; two ways are compared only when all requests of both were
// answered. How long requests take is never right or wrong, unless a bound is set.
//
// Kinds: no-evidence, other-node, impossible-numbers, no-answer and
// failed-requests without sidecars (all inconclusive), missing-sidecar,
// unwanted-sidecar, no-client-certificate, unexpected-certificate, no-answer,
// failed-requests, too-slow.
package load

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// namespace is where the pods are; their Deployments are named by the way
// (fixtures/addons/load.yaml).
const namespace = "meshcert-canary"

// sidecar is the container that a pod with a sidecar has.
const sidecar = "istio-proxy"

// Plan is what a load was to be.
type Plan struct {
	// Pairs are rounds without sidecars and rounds with, in turn.
	Pairs int
	// Gateway tells that one round more goes through msb-iag.
	Gateway bool
	Bounds  verdict.Bounds
}

// ways are those of our own.
func ways() []evidence.LoadWay { return []evidence.LoadWay{evidence.Plain, evidence.Meshed} }

// rounds is how many rounds of a way are planned.
func (p Plan) rounds(way evidence.LoadWay) int {
	switch {
	case way != evidence.Gateway:
		return p.Pairs
	case p.Gateway:
		return 1
	}
	return 0
}

// server is who answers on a way.
func server(way evidence.LoadWay) string {
	if way == evidence.Gateway {
		return object.Service(object.Namespace, "msb-iag")
	}
	return object.Deployment(namespace, "load-server-"+string(way))
}

// JudgeRounds judges the rounds of a load.
func JudgeRounds(plan Plan, rounds []evidence.LoadRound) []verdict.Finding {
	var findings []verdict.Finding
	for _, way := range append(ways(), evidence.Gateway) {
		seen := of(way, rounds)
		if len(seen) != plan.rounds(way) || len(rounds) == 0 {
			findings = append(findings, noRounds(way, plan.rounds(way), len(seen)))
			continue
		}
		i := slices.IndexFunc(seen, func(r evidence.LoadRound) bool { return contradiction(r) != "" })
		if i >= 0 {
			findings = append(findings, impossible(seen[i]))
			continue
		}
		findings = append(findings, failed(way, seen)...)
	}
	if len(findings) == 0 {
		findings = tooSlow(plan.Bounds, of(evidence.Gateway, rounds))
	}
	verdict.Sort(findings)
	return findings
}

func of(way evidence.LoadWay, rounds []evidence.LoadRound) []evidence.LoadRound {
	var all []evidence.LoadRound
	for _, r := range rounds {
		if r.Way == way {
			all = append(all, r)
		}
	}
	return all
}

func noRounds(way evidence.LoadWay, want, got int) verdict.Finding {
	return verdict.Finding{
		Kind: "no-evidence", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("way %s was loaded in %s instead of %d", way, object.Count(got, "round"), want),
		Object:  server(way), Where: "the rounds of the load",
		Want: object.Count(want, "round"), Got: strconv.Itoa(got),
		Why:  "what was not sent was not measured, and one way is told only beside the other",
		Next: "run it again; see the log of the pods load-client-… in namespace " + namespace,
	}
}

func impossible(r evidence.LoadRound) verdict.Finding {
	problem := contradiction(r)
	return verdict.Finding{
		Kind: "impossible-numbers", Verdict: verdict.Inconclusive,
		Summary: "what was measured cannot be true: " + problem,
		Object:  server(r.Way), Where: where(r),
		Want: fmt.Sprintf("numbers of at most %d requests a second for %s that agree with each other", r.Rate, r.Lasts), Got: problem,
		Why:  "fortio printed numbers that contradict each other or the load that was asked for, so none of them is believed",
		Next: "run it again; if it stays, run the command by hand: kubectl -n " + namespace + " exec deployment/load-client-meshed -c fortio -- fortio load …",
	}
}

func where(r evidence.LoadRound) string {
	return fmt.Sprintf("GET %s, %d a second for %s, way %s", r.URL, r.Rate, r.Lasts, r.Way)
}

// failed says that requests of a way were not answered as wanted. Without
// sidecars that says nothing of the mesh, only that there is nothing to compare with.
func failed(way evidence.LoadWay, rounds []evidence.LoadRound) []verdict.Finding {
	total, good := answered(rounds)
	if total == good {
		return nil
	}
	f := verdict.Finding{
		Kind: "failed-requests", Verdict: verdict.Fail,
		Summary: fmt.Sprintf("%d of %d requests of way %s failed", total-good, total, way),
		Object:  server(way), Where: where(rounds[0]),
		Want: fmt.Sprintf("status %d of all %d", rounds[0].Status, total), Got: codes(rounds),
		Why:  "the rate is small, so nobody had to refuse any: status -1 is a connection that was refused, broken or silent; 503 is most often a sidecar that found nobody to ask",
		Next: "see who answered: the log of the sidecar of the callee, then of the caller (kubectl logs … -c " + sidecar + "), for the response flags of these requests",
	}
	if way == evidence.Plain {
		f.Verdict = verdict.Inconclusive
		f.Why = "no sidecar had a part in it, so it is no failure of the mesh; but there is nothing sound to compare the sidecars with"
		f.Next = "see the pods load-client-plain and load-server-plain of namespace " + namespace + ", and the network of the cluster"
	}
	return []verdict.Finding{f}
}

// answered counts the requests of the rounds, and those answered as wanted.
func answered(rounds []evidence.LoadRound) (total, good int64) {
	for _, r := range rounds {
		total += r.Result.Requests
		good += r.Result.Codes[strconv.Itoa(r.Status)]
	}
	return total, good
}

// codes lists the answers: "200 × 950, 503 × 50".
func codes(rounds []evidence.LoadRound) string {
	sums := map[string]int64{}
	for _, r := range rounds {
		for code, n := range r.Result.Codes {
			sums[code] += n
		}
	}
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(sums)) {
		parts = append(parts, fmt.Sprintf("%s × %d", code, sums[code]))
	}
	return strings.Join(parts, ", ")
}

// tooSlow judges the rounds through the gateway by the bound, where there is one.
func tooSlow(bounds verdict.Bounds, rounds []evidence.LoadRound) []verdict.Finding {
	var findings []verdict.Finding
	for _, r := range rounds {
		p99 := percentile(r.Result, 99)
		if bounds.GatewayP99 == 0 || p99 <= bounds.GatewayP99 {
			continue
		}
		findings = append(findings, verdict.Finding{
			Kind: "too-slow", Verdict: verdict.Fail,
			Summary: fmt.Sprintf("one in a hundred requests through msb-iag takes longer than %g s", bounds.GatewayP99),
			Object:  server(r.Way), Where: where(r),
			Want: fmt.Sprintf("99 %% of the requests within %g s, the bound of the profile", bounds.GatewayP99),
			Got:  fmt.Sprintf("%.3g s, the slowest %.3g s", p99, r.Result.Max),
			Why:  "all were answered, at a rate that is small: they wait for somebody",
			Next: "see in a trace of this path which hop takes the time, and whether the machine has processors to spare",
		})
	}
	return findings
}
