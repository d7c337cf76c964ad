package metrics_test

import (
	"slices"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// parts are the series of a latency histogram of the call, and the requests.
func parts(c metrics.Call, sum, count, requests float64, buckets ...evidence.Sample) []evidence.Sample {
	of := func(name string, value float64) evidence.Sample {
		return series(c.Source, c.Destination, c.Reporter, "", value, "__name__", name)
	}
	return append(slices.Clone(buckets), of("istio_request_duration_milliseconds_sum", sum),
		of("istio_request_duration_milliseconds_count", count), of("istio_requests_total", requests))
}

func bucketOf(c metrics.Call, le string, n float64) evidence.Sample {
	return series(c.Source, c.Destination, c.Reporter, "", n, "__name__", "istio_request_duration_milliseconds_bucket", "le", le)
}

func bucket(le string, n float64) evidence.Sample { return bucketOf(call, le, n) }

func TestJudgeHistograms(t *testing.T) {
	whole := func(buckets ...evidence.Sample) evidence.Samples {
		return samples(parts(call, 20, 9, 9, buckets...)...)
	}
	three := []evidence.Sample{bucket("1", 2), bucket("5", 7), bucket("+Inf", 9)}
	for name, c := range map[string]struct {
		seen evidence.Samples
		want string
		text string
	}{
		"whole":               {seen: whole(three...)},
		"bounds of one form":  {seen: whole(bucket("1.0", 2), bucket("5.0", 7), bucket("+Inf", 9))},
		"over two series":     {seen: samples(parts(call, 20, 4, 4, bucket("1", 2), bucket("+Inf", 3), bucket("1", 0), bucket("+Inf", 1))...)},
		"all in the first":    {seen: samples(parts(call, 2, 2, 2, bucket("1", 2), bucket("5", 2), bucket("+Inf", 2))...)},
		"at the edge":         {seen: samples(parts(call, 10.0000001, 2, 2, bucket("1", 0), bucket("5", 2), bucket("+Inf", 2))...)},
		"behind another's":    {seen: samples(append(parts(call, 20, 9, 9, three...), series("a", "b", "source", "", 1, "__name__", "istio_request_duration_milliseconds_bucket", "le", "+Inf"))...)},
		"no samples":          {seen: samples(), want: "no-samples"},
		"of another call":     {seen: samples(series("a", "b", "source", "", 1, "__name__", "istio_request_duration_milliseconds_bucket", "le", "+Inf")), want: "missing-histogram", text: "no buckets"},
		"no +Inf":             {seen: whole(bucket("1", 2), bucket("5", 7)), want: "broken-histogram", text: "+Inf"},
		"nothing but +Inf":    {seen: whole(bucket("+Inf", 9)), want: "broken-histogram"},
		"falling":             {seen: whole(bucket("1", 8), bucket("5", 7), bucket("+Inf", 9)), want: "broken-histogram", text: "8 up to 1, but 7 up to 5"},
		"empty":               {seen: samples(parts(call, 0, 0, 0, bucket("1", 0), bucket("+Inf", 0))...), want: "missing-histogram", text: "no request"},
		"no bound":            {seen: whole(append(three, bucket("", 1))...), want: "broken-histogram", text: `le=""`},
		"not a bound":         {seen: whole(append(three, bucket("much", 1))...), want: "broken-histogram", text: `le="much"`},
		"no sum":              {seen: samples(slices.DeleteFunc(whole(three...).Items, func(s evidence.Sample) bool { return s.Value == 20 })...), want: "broken-histogram", text: "no series _sum"},
		"nothing but buckets": {seen: samples(three...), want: "broken-histogram", text: "no series _count"},
		"a bound less than others": {seen: samples(append(parts(call, 20, 9, 9, three...), series("a", "b", "source", "", 1, "__name__", "istio_request_duration_milliseconds_bucket", "le", "2.5"))...),
			want: "broken-histogram", text: "no bucket up to 2.5"},
		"another count":      {seen: samples(parts(call, 20, 8, 9, three...)...), want: "broken-histogram", text: "9 up to +Inf, but _count is 8"},
		"a request more":     {seen: samples(parts(call, 20, 9, 10, three...)...), want: "broken-histogram", text: "but istio_requests_total is 10"},
		"too small a sum":    {seen: samples(parts(call, 14.9, 9, 9, three...)...), want: "broken-histogram", text: "_sum is 14.9, and the buckets allow 14.99"},
		"seconds for millis": {seen: samples(parts(call, 0.02, 9, 9, three...)...), want: "broken-histogram", text: "_sum is 0.02"},
		"too big a sum":      {seen: samples(parts(call, 28, 9, 9, bucket("1", 2), bucket("5", 7), bucket("10", 9), bucket("+Inf", 9))...), want: ""},
		"far too big a sum":  {seen: samples(parts(call, 48, 9, 9, bucket("1", 2), bucket("5", 7), bucket("10", 9), bucket("+Inf", 9))...), want: "broken-histogram", text: "allow"},
	} {
		t.Run(name, func(t *testing.T) {
			want, v := []string(nil), verdict.Pass
			if c.want != "" {
				want, v = []string{c.want}, verdict.Fail
			}
			if c.want == "no-samples" {
				v = verdict.Inconclusive
			}
			second := call
			second.Code = 503
			check(t, metrics.JudgeHistograms([]metrics.Call{call, second}, []metric.Quantity{metric.Duration}, c.seen), want, v, c.text)
		})
	}
}

// TestJudgeHistogramsOfEveryCallAndQuantity: those behind one that was judged already too.
func TestJudgeHistogramsOfEveryCallAndQuantity(t *testing.T) {
	bySource := call
	bySource.Reporter = "source"
	whole := samples(parts(call, 20, 9, 9, bucket("1", 2), bucket("5", 7), bucket("+Inf", 9))...)
	check(t, metrics.JudgeHistograms([]metrics.Call{call, call, bySource}, []metric.Quantity{metric.Duration}, whole), []string{"missing-histogram"}, verdict.Fail, "reporter source")
	check(t, metrics.JudgeHistograms([]metrics.Call{call}, []metric.Quantity{metric.Duration, metric.RequestBytes}, whole), []string{"missing-histogram"}, verdict.Fail, "no buckets")
}
