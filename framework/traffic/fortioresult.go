package traffic

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/onap/meshcert/framework/evidence"
)

// maxResult bounds what fortio may print of one round; it prints some 10 kB.
const maxResult = 1 << 20

// fortioResult is what is read of fortio's result, as its option -json prints it
// (fortio.org/fortio, fhttp/httprunner.go and stats/stats.go). Times are in
// seconds, but for ActualDuration.
type fortioResult struct {
	ActualQPS *float64
	// ActualDuration is in nanoseconds.
	ActualDuration          *int64
	RetCodes                map[string]int64
	DurationHistogram       *fortioHistogram
	ErrorsDurationHistogram *fortioHistogram
}

type fortioHistogram struct {
	Count         *int64
	Min, Avg, Max float64
	Data          []struct {
		Start, End float64
		Count      int64
	}
	Percentiles []struct{ Percentile, Value float64 }
}

// readFortio reads a result. What it lacks is an error; what its numbers say is
// for a judge to doubt.
func readFortio(out string) (evidence.LoadResult, error) {
	final := func(err error) (evidence.LoadResult, error) {
		return evidence.LoadResult{}, evidence.Absent(evidence.Final, fmt.Errorf("%w: %.200q", err, out))
	}
	if len(out) > maxResult {
		return final(fmt.Errorf("%d bytes, more than the %d of any result", len(out), maxResult))
	}
	var read fortioResult
	if err := json.Unmarshal([]byte(out), &read); err != nil {
		return final(err)
	}
	times, failed := read.DurationHistogram, read.ErrorsDurationHistogram
	switch {
	case read.ActualQPS == nil, read.ActualDuration == nil:
		return final(errors.New("it lacks ActualQPS or ActualDuration"))
	case times == nil || times.Count == nil, failed == nil || failed.Count == nil:
		return final(errors.New("it lacks the count of DurationHistogram or ErrorsDurationHistogram"))
	}
	result := evidence.LoadResult{
		Requests: *times.Count, Errors: *failed.Count, Codes: read.RetCodes,
		Rate: *read.ActualQPS, Seconds: float64(*read.ActualDuration) / 1e9,
		Min: times.Min, Mean: times.Avg, Max: times.Max,
	}
	for _, p := range times.Percentiles {
		result.Percentiles = append(result.Percentiles, evidence.LoadPercentile(p))
	}
	for _, b := range times.Data {
		result.Buckets = append(result.Buckets, evidence.LoadBucket(b))
	}
	return result, nil
}
