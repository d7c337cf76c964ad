package load

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/onap/meshcert/framework/evidence"
)

// percentiles are those that every round measures.
func percentiles() []float64 { return []float64{50, 75, 90, 99} }

// percentile is a round's; zero where it was not measured.
func percentile(r evidence.LoadResult, wanted float64) float64 {
	for _, p := range r.Percentiles {
		if p.Percentile == wanted {
			return p.Value
		}
	}
	return 0
}

// tolerance is for numbers that were worked out from each other in another order.
const tolerance = 1e-6

// spare is how many requests more than the rate may have been begun: one for each
// connection, at the edges of the time.
const spare = 8

// contradiction says what of a round's numbers cannot be, "" when all can.
func contradiction(r evidence.LoadRound) string {
	for _, check := range []func(evidence.LoadRound) string{numbers, counts, times, distribution} {
		if problem := check(r); problem != "" {
			return problem
		}
	}
	return ""
}

// numbers are finite and not negative.
func numbers(r evidence.LoadRound) string {
	result := r.Result
	all := []float64{float64(r.Rate), float64(r.Lasts), float64(result.Requests), float64(result.Errors), result.Rate, result.Seconds, result.Min, result.Mean, result.Max}
	for _, code := range slices.Sorted(maps.Keys(result.Codes)) {
		all = append(all, float64(result.Codes[code]))
	}
	for _, p := range result.Percentiles {
		all = append(all, p.Percentile, p.Value)
	}
	for _, b := range result.Buckets {
		all = append(all, b.Start, b.End, float64(b.Count))
	}
	for _, n := range all {
		if !(n >= 0) || math.IsInf(n, 1) {
			return fmt.Sprintf("%g is no count and no time", n)
		}
	}
	if result.Requests == 0 || result.Seconds == 0 {
		return fmt.Sprintf("%d requests in %g s", result.Requests, result.Seconds)
	}
	return ""
}

// counts agree with each other and with what was asked for.
func counts(r evidence.LoadRound) string {
	result := r.Result
	if most := float64(r.Rate)*r.Lasts.Seconds() + spare; float64(result.Requests) > most {
		return fmt.Sprintf("%d requests were sent, and at most %g were to be", result.Requests, most)
	}
	var byCode, bad, inBuckets float64
	for code, n := range result.Codes {
		byCode += float64(n)
		if !good(code) {
			bad += float64(n)
		}
	}
	for _, b := range result.Buckets {
		inBuckets += float64(b.Count)
	}
	switch {
	case byCode != float64(result.Requests):
		return fmt.Sprintf("%d requests, and %g answers", result.Requests, byCode)
	case bad != float64(result.Errors):
		return fmt.Sprintf("%d errors, and %g answers that are one", result.Errors, bad)
	case inBuckets != float64(result.Requests):
		return fmt.Sprintf("%d requests, and %g times in the histogram", result.Requests, inBuckets)
	}
	return ""
}

// good tells what fortio counts as no error.
func good(code string) bool {
	n, err := strconv.Atoi(code)
	return err == nil && (n >= 200 && n <= 299 || n == 418)
}

// times agree with each other.
func times(r evidence.LoadRound) string {
	result := r.Result
	requests := float64(result.Requests)
	switch {
	case result.Min > result.Mean*(1+tolerance) || result.Mean > result.Max*(1+tolerance):
		return fmt.Sprintf("the mean of %g s is not between the fastest, %g s, and the slowest, %g s", result.Mean, result.Min, result.Max)
	case result.Max > result.Seconds*(1+tolerance):
		return fmt.Sprintf("a request took %g s in a round of %g s", result.Max, result.Seconds)
	case math.Abs(result.Rate*result.Seconds-requests) > requests*tolerance:
		return fmt.Sprintf("%g requests a second for %g s are not %d", result.Rate, result.Seconds, result.Requests)
	}
	return ""
}

// distribution has the percentiles that were asked for, rising, and buckets in order.
func distribution(r evidence.LoadRound) string {
	result := r.Result
	var measured []float64
	last := result.Min
	for _, p := range result.Percentiles {
		measured = append(measured, p.Percentile)
		if p.Value < last*(1-tolerance) || p.Value > result.Max*(1+tolerance) {
			return fmt.Sprintf("percentile %g is %g s, after %g s, and the slowest took %g s", p.Percentile, p.Value, last, result.Max)
		}
		last = p.Value
	}
	if !slices.Equal(measured, percentiles()) {
		return fmt.Sprintf("percentiles %g were measured, and %g asked for", measured, percentiles())
	}
	end := 0.0
	for _, b := range result.Buckets {
		if b.Start < end*(1-tolerance) || b.End < b.Start {
			return fmt.Sprintf("the histogram counts from %g to %g s, after %g s", b.Start, b.End, end)
		}
		end = b.End
	}
	return ""
}
