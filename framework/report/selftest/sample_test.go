package selftest

import (
	"time"

	"github.com/onap/meshcert/framework/verdict"
)

var began = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }

const (
	ready   = "sidecar.ready"
	trace   = "tracing.multicloud-to-vio"
	samples = "metrics.requests"

	vio      = "vio-without-sidecar"
	sampling = "sampling-zero"
	stale    = "prometheus-stale"
)

// missing and lost are what the first two faults must be noticed with.
var (
	missing = verdict.Finding{Kind: "missing-container", Verdict: verdict.Fail, Summary: "multicloud-vio has no istio-proxy",
		Object: "Deployment onap/multicloud-vio", Want: "multicloud-vio, istio-proxy", Got: "multicloud-vio", Where: "Pod onap/multicloud-vio-1", Next: "set the annotation"}
	lost = verdict.Finding{Kind: "no-span", Verdict: verdict.Inconclusive, Summary: "Jaeger has no span of the request", Object: "Deployment istio-system/jaeger"}
	note = verdict.Finding{Kind: "slow", Verdict: verdict.Pass, Summary: "slower than usual"}
)

func plan() []Planned {
	return []Planned{
		{ID: vio, Layer: "workload", Breaks: "multicloud-vio runs without a sidecar", Live: true,
			Red: []Expected{{Spec: ready, Kind: missing.Kind, Object: missing.Object}, {Spec: trace, Kind: lost.Kind}}},
		{ID: sampling, Layer: "mesh", Breaks: "no request is sampled", Live: true, Red: []Expected{{Spec: trace, Kind: lost.Kind}}},
		{ID: stale, Layer: "telemetry", Breaks: "the newest sample of Prometheus is an hour old",
			Red: []Expected{{Spec: samples, Kind: "stale", Object: "Prometheus"}}},
	}
}

func green(specs ...string) []Cell {
	var out []Cell
	for _, s := range specs {
		out = append(out, Cell{Spec: s, Verdict: verdict.Pass})
	}
	return out
}

// red is a cell with findings, whose verdict follows from them.
func red(spec string, findings ...verdict.Finding) Cell {
	return Cell{Spec: spec, Verdict: verdict.Of(findings), Findings: findings, Artifacts: "artifacts/" + spec + "/"}
}

// noticed are the records of a selftest in which all is well.
func noticed() []Record {
	return []Record{
		{Time: at(0), Started: &Started{ID: "20261123T150000Z-selftest", Version: "0.1.0", Release: "casablanca",
			Faults: plan(), Specs: []string{trace, ready, samples}}},
		{Time: at(60), Healthy: &Healthy{Number: 1, Seconds: 59.5, Cells: green(trace, ready, samples)}},
		{Time: at(70), Applied: &Applied{Fault: vio, Batch: 1, Seconds: 9.5}},
		{Time: at(75), Judged: &Judged{Fault: vio, Batch: 1, Seconds: 4.7004, Cells: []Cell{red(trace, lost), red(ready, note, missing)}}},
		{Time: at(90), Cleared: &Cleared{Fault: vio, Seconds: 14}},
		{Time: at(95), Back: &Back{Fault: vio, Cells: green(trace, ready)}},
		{Time: at(100), Applied: &Applied{Fault: sampling, Batch: 2, Seconds: 5}},
		{Time: at(110), Judged: &Judged{Fault: sampling, Batch: 2, Seconds: 10, Cells: []Cell{red(trace, lost)}}},
		{Time: at(115), Cleared: &Cleared{Fault: sampling, Seconds: 5}},
		{Time: at(125), Back: &Back{Fault: sampling, Cells: green(trace)}},
		{Time: at(126), Judged: &Judged{Fault: stale, Seconds: 0.1, Cells: []Cell{
			red(samples, verdict.Finding{Kind: "stale", Verdict: verdict.Inconclusive, Summary: "the samples are old", Object: "Prometheus"})}}},
		{Time: at(127), Ended: &Ended{}},
	}
}

// Positions in noticed.
const (
	healthyRun     = 1
	vioApplied     = 2
	vioJudged      = 3
	vioCleared     = 4
	vioBack        = 5
	samplingJudged = 7
	staleAt        = 10
	endAt          = 11
)

// changed is a selftest in which one record says something else.
func changed(position int, change func(*Record)) []Record {
	records := noticed()
	change(&records[position])
	return records
}

// without is a selftest that lacks a record.
func without(position int) []Record {
	records := noticed()
	return append(records[:position], records[position+1:]...)
}

func survivor() []Record {
	return changed(vioJudged, func(r *Record) {
		r.Judged.Cells = []Cell{red(trace, lost), {Spec: ready, Verdict: verdict.Pass, Findings: []verdict.Finding{note}}}
	})
}

func wrongReason() []Record {
	other := missing
	other.Object = "Deployment onap/vfc-db"
	return changed(vioJudged, func(r *Record) {
		r.Judged.Cells = []Cell{{Spec: trace, Verdict: verdict.Inconclusive, Reason: "Jaeger did not\nanswer"}, red(ready, other)}
	})
}

func falseAlarm() []Record {
	return changed(healthyRun, func(r *Record) {
		r.Healthy.Cells = append(green(trace, samples), red(ready, missing))
	})
}

func notBack() []Record {
	return changed(vioBack, func(r *Record) { r.Back.Cells = append(green(ready), red(trace, lost)) })
}

func notApplied() []Record {
	records := changed(vioApplied, func(r *Record) { r.Applied.Error = "edit Deployment onap/multicloud-vio:\nnot found" })
	return append(records[:vioJudged], records[vioBack+1:]...)
}

func notCleared() []Record {
	records := notBack()
	records[vioCleared].Cleared.Error = "edit Deployment onap/multicloud-vio: connection refused"
	return records
}

func killed() []Record { return noticed()[:vioCleared] }

func nothingPlanned() []Record {
	records := noticed()
	records[0].Started.Faults = nil
	records[0].Started.Quick, records[0].Started.Focus = true, "no-such-fault"
	return []Record{records[0], records[healthyRun], records[endAt]}
}

func interrupted() []Record {
	records := survivor()[:vioBack+2]
	return append(records, Record{Time: at(101), Ended: &Ended{Interrupted: true, Error: "interrupted while batch 2 was applied"}})
}

// rare has what hardly happens: a fault judged without being applied, one whose
// spec was skipped, and one that names a spec twice and another that says nothing.
func rare() []Record {
	records := noticed()
	records[0].Started.Faults[2].Red = []Expected{
		{Spec: samples, Kind: "stale", Object: "Prometheus"}, {Spec: samples, Kind: "no-sample"}, {Spec: trace, Kind: lost.Kind},
	}
	records[0].Started.Skipped = []Skipped{{ID: "jaeger-gone", Reason: "it needs --tracer jaeger"}}
	records[samplingJudged].Judged.Cells = []Cell{{Spec: trace, Verdict: verdict.Skip, Reason: "release casablanca has\nno such path"}}
	return append(records[:vioApplied], records[vioApplied+1:]...)
}
