package load

import (
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/evidence"
)

// Figures are what the rounds measured, of each way whose numbers can be true:
// requests, their success and rate over all rounds, percentiles as medians of the
// rounds, and the slowest of all. Then the cost of the sidecars: the ratio of each
// pair of rounds, of which the median and the extremes are told, because a machine
// is not equally fast all the time.
func Figures(rounds []evidence.LoadRound) []evidence.Figure {
	var figures []evidence.Figure
	for _, way := range append(ways(), evidence.Gateway) {
		if seen := of(way, rounds); sound(seen) {
			figures = append(figures, measured(named(way, seen), seen)...)
		}
	}
	return append(figures, cost(of(evidence.Plain, rounds), of(evidence.Meshed, rounds))...)
}

func sound(rounds []evidence.LoadRound) bool {
	return len(rounds) > 0 && !slices.ContainsFunc(rounds, func(r evidence.LoadRound) bool { return contradiction(r) != "" })
}

func named(way evidence.LoadWay, rounds []evidence.LoadRound) string {
	switch way {
	case evidence.Plain:
		return fmt.Sprintf("without sidecars (%d rounds)", len(rounds))
	case evidence.Meshed:
		return fmt.Sprintf("with sidecars (%d rounds)", len(rounds))
	}
	return "through msb-iag"
}

func measured(object string, rounds []evidence.LoadRound) []evidence.Figure {
	total, good := answered(rounds)
	seconds, slowest := 0.0, 0.0
	for _, r := range rounds {
		seconds += r.Result.Seconds
		slowest = max(slowest, r.Result.Max)
	}
	figures := []evidence.Figure{
		{Name: "requests", Object: object, Value: float64(total)},
		{Name: "success", Object: object, Value: 100 * float64(good) / float64(total), Unit: "%"},
		{Name: "rate", Object: object, Value: float64(total) / seconds, Unit: "1/s"},
	}
	for _, p := range percentiles() {
		var all []float64
		for _, r := range rounds {
			all = append(all, percentile(r.Result, p))
		}
		figures = append(figures, evidence.Figure{Name: fmt.Sprintf("p%g", p), Object: object, Value: 1000 * median(all), Unit: "ms"})
	}
	return append(figures, evidence.Figure{Name: "slowest", Object: object, Value: 1000 * slowest, Unit: "ms"})
}

// cost compares rounds with sidecars to the rounds without that went with them.
func cost(plain, meshed []evidence.LoadRound) []evidence.Figure {
	if len(plain) != len(meshed) || !sound(plain) || !sound(meshed) || len(failed(evidence.Plain, plain)) > 0 || len(failed(evidence.Meshed, meshed)) > 0 {
		return nil
	}
	objects := []string{fmt.Sprintf("with to without, median of %d pairs", len(plain)), "with to without, lowest", "with to without, highest"}
	var figures []evidence.Figure
	for _, p := range []float64{50, 99} {
		var ratios []float64
		for i := range plain {
			ratios = append(ratios, percentile(meshed[i].Result, p)/percentile(plain[i].Result, p))
		}
		for i, value := range []float64{median(ratios), slices.Min(ratios), slices.Max(ratios)} {
			figures = append(figures, evidence.Figure{Name: fmt.Sprintf("p%g", p), Object: objects[i], Value: value, Unit: "×"})
		}
	}
	return figures
}

// median is the middle one, or the mean of both.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
