package metric_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/metric"
)

func generation(t *testing.T, since string) metric.Generation {
	t.Helper()
	for _, g := range metric.Generations() {
		if g.Since == since {
			return g
		}
	}
	t.Fatalf("no generation %s", since)
	return metric.Generation{}
}

// TestPromQL is what every intent is in the words of every generation.
func TestPromQL(t *testing.T) {
	iag := metric.End{Workload: "msb-msb-iag", Service: "msb-iag.onap.svc.cluster.local"}
	vio := metric.End{Workload: "multicloud-multicloud-vio", Service: "multicloud-vio.onap.svc.cluster.local"}
	requests := []metric.Quantity{metric.Requests}
	for name, c := range map[string]struct {
		intent metric.Intent
		want   map[string]string
	}{
		"requests from A to B with code C by reporter R": {
			metric.Intent{What: requests, From: iag, To: vio, Code: 200, Reporter: "destination", Namespace: "onap"},
			map[string]string{
				"0.8": `istio_request_count{destination_service="multicloud-vio.onap.svc.cluster.local",destination_service=~"[^.]+\\.onap\\..+",response_code="200",source_service="msb-iag.onap.svc.cluster.local"}`,
				"1.0": `istio_requests_total{destination_workload="multicloud-multicloud-vio",destination_workload_namespace="onap",reporter="destination",response_code="200",source_workload="msb-msb-iag"}`,
				"1.5": `istio_requests_total{destination_workload="multicloud-multicloud-vio",destination_workload_namespace="onap",reporter="destination",response_code="200",source_workload="msb-msb-iag"}`,
			},
		},
		"the share of mutual TLS": {
			metric.Intent{What: requests, By: []metric.Dimension{metric.Source, metric.Reporter, metric.Security}},
			map[string]string{
				"0.8": `sum by (source_service, connection_mtls) (istio_request_count)`,
				"1.0": `sum by (source_workload, reporter, connection_security_policy) (istio_requests_total)`,
				"1.5": `sum by (source_workload, reporter, connection_security_policy) (istio_requests_total)`,
			},
		},
		"histograms of latency": {
			metric.Intent{What: []metric.Quantity{metric.Duration}, To: vio, By: []metric.Dimension{metric.Name, metric.Bound}},
			map[string]string{
				"0.8": `sum by (__name__, le) ({__name__=~"istio_request_duration_bucket|istio_request_duration_sum|istio_request_duration_count",destination_service="multicloud-vio.onap.svc.cluster.local"})`,
				"1.0": `sum by (__name__, le) ({__name__=~"istio_request_duration_seconds_bucket|istio_request_duration_seconds_sum|istio_request_duration_seconds_count",destination_workload="multicloud-multicloud-vio"})`,
				"1.5": `sum by (__name__, le) ({__name__=~"istio_request_duration_milliseconds_bucket|istio_request_duration_milliseconds_sum|istio_request_duration_milliseconds_count",destination_workload="multicloud-multicloud-vio"})`,
			},
		},
		"bytes of TCP": {
			metric.Intent{What: []metric.Quantity{metric.SentBytes, metric.ReceivedBytes}, From: iag},
			map[string]string{
				"0.8": `{__name__=~"istio_tcp_bytes_sent|istio_tcp_bytes_received",source_service="msb-iag.onap.svc.cluster.local"}`,
				"1.0": `{__name__=~"istio_tcp_sent_bytes_total|istio_tcp_received_bytes_total",source_workload="msb-msb-iag"}`,
				"1.5": `{__name__=~"istio_tcp_sent_bytes_total|istio_tcp_received_bytes_total",source_workload="msb-msb-iag"}`,
			},
		},
		"a name that would end the string": {
			metric.Intent{What: requests, To: metric.End{Workload: `a"} or vector(0) or {b="`, Service: `a"\`}},
			map[string]string{
				"0.8": `istio_request_count{destination_service="a\"\\"}`,
				"1.0": `istio_requests_total{destination_workload="a\"} or vector(0) or {b=\""}`,
				"1.5": `istio_requests_total{destination_workload="a\"} or vector(0) or {b=\""}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, g := range metric.Generations() {
				got, err := g.PromQL(c.intent)
				if diff := cmp.Diff(c.want[g.Since], got); err != nil || diff != "" {
					t.Errorf("%s: %v (-want +got):\n%s", g.Since, err, diff)
				}
			}
		})
	}
}

func TestOtherQueries(t *testing.T) {
	latency := metric.Intent{What: []metric.Quantity{metric.Duration}, Namespace: "onap", By: []metric.Dimension{metric.Destination}}
	for since, want := range map[string]string{
		"0.8": `histogram_quantile(0.95, sum by (destination_service, le) (rate(istio_request_duration_bucket{destination_service=~"[^.]+\\.onap\\..+"}[1m]))) * 1000`,
		"1.0": `histogram_quantile(0.95, sum by (destination_workload, le) (rate(istio_request_duration_seconds_bucket{destination_workload_namespace="onap"}[1m]))) * 1000`,
		"1.5": `histogram_quantile(0.95, sum by (destination_workload, le) (rate(istio_request_duration_milliseconds_bucket{destination_workload_namespace="onap"}[1m])))`,
	} {
		got, err := generation(t, since).Quantile(0.95, latency, time.Minute)
		if err != nil || got != want {
			t.Errorf("%s: got  %s, %v\nwant %s", since, got, err, want)
		}
	}
	counts, err := metric.CountAges()
	if want := `min by (job) (time() - timestamp({__name__=~"istio_request_count|istio_requests_total"}))`; err != nil || counts != want {
		t.Errorf("got %s, %v, want %s", counts, err, want)
	}
	ages, err := metric.TargetAges()
	if want := `max by (job, instance) (time() - timestamp(up))`; err != nil || ages != want {
		t.Errorf("got %s, %v, want %s", ages, err, want)
	}
	names, err := metric.Names()
	if err != nil || !strings.HasPrefix(names, `count by (__name__) ({__name__=~"`) || strings.Count(names, "istio_requests_total") != 1 || !strings.Contains(names, `|istio_request_count|`) {
		t.Errorf("got %s, %v", names, err)
	}
}

func TestWhatCannotBeAsked(t *testing.T) {
	requests := []metric.Quantity{metric.Requests}
	for name, c := range map[string]struct {
		since string
		ask   func(metric.Generation) (string, error)
		want  string
	}{
		"nothing": {"1.5", func(g metric.Generation) (string, error) { return g.PromQL(metric.Intent{}) }, "says not what"},
		"an unknown quantity": {"1.5", func(g metric.Generation) (string, error) {
			return g.PromQL(metric.Intent{What: []metric.Quantity{"dreams"}})
		}, `does not count "dreams"`},
		"the source's count": {"0.8", func(g metric.Generation) (string, error) {
			return g.PromQL(metric.Intent{What: requests, Reporter: "source"})
		}, "what the source counts"},
		"a workload of 0.8": {"0.8", func(g metric.Generation) (string, error) {
			return g.PromQL(metric.Intent{What: requests, To: metric.End{Workload: "a"}})
		}, "knows no workloads"},
		"a quantile of counts": {"1.0", func(g metric.Generation) (string, error) {
			return g.Quantile(.5, metric.Intent{What: requests}, time.Minute)
		}, "only istio_request_duration_milliseconds has one"},
		"no PromQL":             {"1.5", func(metric.Generation) (string, error) { return "", metric.Check("sum(") }, "read the query sum("},
		"a matrix to aggregate": {"1.5", func(metric.Generation) (string, error) { return "", metric.Check("sum(up[5m])") }, "expected type instant vector"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := c.ask(generation(t, c.since)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %s, %v, want an error that says %q", got, err, c.want)
			}
		})
	}
}

func TestSpeaking(t *testing.T) {
	for name, c := range map[string]struct {
		names []string
		want  []string
	}{
		"0.8":                   {[]string{"istio_request_count", "up"}, []string{"0.8"}},
		"1.0":                   {[]string{"istio_requests_total", "istio_request_duration_seconds_count"}, []string{"1.0"}},
		"today":                 {[]string{"istio_requests_total", "istio_request_duration_milliseconds_bucket", "istio_request_bytes_sum"}, []string{"1.5"}},
		"two at once":           {[]string{"istio_request_duration_seconds_sum", "istio_request_duration_milliseconds_sum"}, []string{"1.0", "1.5"}},
		"what 1.0 and 1.5 have": {[]string{"istio_requests_total", "istio_request_bytes_count", "istio_tcp_sent_bytes_total"}, nil},
		"nothing of the mesh":   {[]string{"istio_build", "istio_request_counter"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, g := range metric.Speaking(c.names) {
				got = append(got, g.Since)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestToday: each generation's series in the newest one's words.
func TestToday(t *testing.T) {
	workload := func(service string) string {
		return map[string]string{"msb-iag.onap.svc.cluster.local": "msb-msb-iag"}[service]
	}
	type labels = map[string]string
	for name, c := range map[string]struct {
		since      string
		value      float64
		seen, want labels
		wantValue  float64
	}{
		"0.8, a count": {"0.8", 3,
			labels{"__name__": "istio_request_count", "source_service": "unknown", "destination_service": "msb-iag.onap.svc.cluster.local", "response_code": "200", "connection_mtls": "false"},
			labels{"__name__": "istio_requests_total", "source_workload": "unknown", "destination_workload": "msb-msb-iag", "response_code": "200", "connection_security_policy": "none", "reporter": "destination"}, 3},
		"0.8, a bucket": {"0.8", 3,
			labels{"__name__": "istio_request_duration_bucket", "le": "0.005", "connection_mtls": "true"},
			labels{"__name__": "istio_request_duration_milliseconds_bucket", "le": "5", "reporter": "destination", "connection_security_policy": "mutual_tls"}, 3},
		"0.8, the last bucket": {"0.8", 3, labels{"__name__": "istio_request_duration_bucket", "le": "+Inf"},
			labels{"__name__": "istio_request_duration_milliseconds_bucket", "le": "+Inf", "reporter": "destination"}, 3},
		"0.8, a sum of seconds": {"0.8", 1.5, labels{"__name__": "istio_request_duration_sum"},
			labels{"__name__": "istio_request_duration_milliseconds_sum", "reporter": "destination"}, 1500},
		"0.8, a sum of bytes": {"0.8", 1.5, labels{"__name__": "istio_response_size_sum"}, labels{"__name__": "istio_response_bytes_sum", "reporter": "destination"}, 1.5},
		"0.8, another metric": {"0.8", 1, labels{"__name__": "istio_request_counts"}, labels{"__name__": "istio_request_counts", "reporter": "destination"}, 1},
		"1.0, a bucket": {"1.0", 3, labels{"__name__": "istio_request_duration_seconds_bucket", "le": "2.5", "reporter": "source"},
			labels{"__name__": "istio_request_duration_milliseconds_bucket", "le": "2500", "reporter": "source"}, 3},
		"1.0, no bound": {"1.0", 3, labels{"__name__": "istio_request_duration_seconds_bucket", "le": "much"},
			labels{"__name__": "istio_request_duration_milliseconds_bucket", "le": "much"}, 3},
		"1.5, as it is": {"1.5", 3, labels{"__name__": "istio_request_duration_milliseconds_sum", "a": "b"}, labels{"__name__": "istio_request_duration_milliseconds_sum", "a": "b"}, 3},
		"no labels":     {"0.8", 3, nil, nil, 3},
	} {
		t.Run(name, func(t *testing.T) {
			before := evidence.Samples{Query: "q", Items: []evidence.Sample{{Labels: c.seen, Value: c.value}}, Warnings: []string{"w"}}
			want := evidence.Samples{Query: "q", Items: []evidence.Sample{{Labels: c.want, Value: c.wantValue}}, Warnings: []string{"w"}}
			got := generation(t, c.since).Today(before, workload)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(got, generation(t, "1.5").Today(got, workload)); diff != "" {
				t.Errorf("said twice it is another:\n%s", diff)
			}
		})
	}
	if got := generation(t, "0.8").Today(evidence.Samples{Items: []evidence.Sample{{Value: math.NaN()}}}, workload); len(got.Items) != 1 {
		t.Errorf("got %+v", got)
	}
}
