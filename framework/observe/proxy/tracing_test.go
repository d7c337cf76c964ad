package proxy

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

const (
	askListener = "config_dump?resource=dynamic_listeners&name_regex=^virtualInbound$"
	askClusters = "clusters?format=json&filter=jaeger-collector.istio-system.svc.cluster.local"
	jaeger      = "outbound|9411||jaeger-collector.istio-system.svc.cluster.local"
)

// changed is when the recorded listener became what it is.
var changed = time.Date(2026, time.November, 24, 3, 55, 17, 805e6, time.UTC)

// nslcm has one pod with a sidecar, one without and one that ends.
func nslcm() evidence.Pods {
	one := evidence.Pod{Name: "nslcm-1", Workload: "vfc-vfc-nslcm", Labels: map[string]string{"app": "vfc-nslcm"},
		InitContainers: []evidence.Container{{Name: catalogue.Proxy, Sidecar: true}}}
	bare, ending, other := one, one, one
	bare.Name, bare.InitContainers = "nslcm-2", nil
	ending.Name, ending.Terminating = "nslcm-3", true
	other.Name, other.Workload = "catalog-1", "vfc-vfc-catalog"
	return evidence.Pods{Namespace: "onap", Items: []evidence.Pod{one, bare, ending, other}}
}

func service(name string, selector map[string]string, ports ...corev1.ServicePort) *corev1.Service {
	return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "onap", Name: name}, Spec: corev1.ServiceSpec{Selector: selector, Ports: ports}}
}

func TestTracers(t *testing.T) {
	http := "http"
	own := map[string]string{"app": "vfc-nslcm"}
	o := mesh(t, map[string]string{
		askListener: "2026-11-23T15:00:00Z info a line of pilot-agent\n" + recorded(t, "envoy/inbound.json"), askClusters: recorded(t, "envoy/clusters.json"),
	},
		service("vfc-nslcm", own, corev1.ServicePort{Name: "vfc-nslcm", Port: 80, TargetPort: intstr.FromInt32(8403)},
			corev1.ServicePort{Name: "udp", Port: 53, Protocol: corev1.ProtocolUDP}),
		service("by-name", own, corev1.ServicePort{Name: "http-web", AppProtocol: &http, Port: 9999, TargetPort: intstr.FromString("web")}),
		service("of-another", map[string]string{"app": "x"}, corev1.ServicePort{Port: 1}), service("of-nobody", nil, corev1.ServicePort{Port: 1}))
	seen, err := o.Tracers(t.Context(), nslcm(), []string{"vfc-vfc-nslcm"})
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Tracer{{
		Pod: "nslcm-1", Namespace: "onap", Workload: "vfc-vfc-nslcm", Provider: "zipkin", Sampling: 100,
		Since: changed,
		Ports: []evidence.TracedPort{
			{Service: "by-name", Name: "http-web", AppProtocol: "http", Port: 9999},
			{Service: "vfc-nslcm", Name: "vfc-nslcm", Port: 8403, Protocol: evidence.Sniffed},
		},
		Reports: evidence.Reports{Collector: jaeger, Addresses: 1, Accepted: 103},
	}}
	if diff := cmp.Diff(want, seen.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTracersSettings: what a listener and a collector may look like.
func TestTracersSettings(t *testing.T) {
	whole, clusters := recorded(t, "envoy/inbound.json"), recorded(t, "envoy/clusters.json")
	only := func(filter string) string {
		// A listener whose chains have one sort of filter.
		return strings.NewReplacer(httpFilter, filter, tcpFilter, filter).Replace(whole)
	}
	otel := strings.NewReplacer("envoy.tracers.zipkin", "envoy.tracers.opentelemetry", `"collector_service"`, `"grpc_service": {"envoy_grpc": {"cluster_name": "`+jaeger+`"}}, "x"`).Replace(whole)
	for name, c := range map[string]struct {
		listener, clusters string
		want               evidence.Tracer
		protocol           evidence.PortProtocol
	}{
		"only HTTP":     {only(httpFilter), clusters, evidence.Tracer{Provider: "zipkin", Sampling: 100, Reports: evidence.Reports{Collector: jaeger, Addresses: 1, Accepted: 103}}, evidence.HTTP},
		"only TCP":      {only(tcpFilter), clusters, evidence.Tracer{}, evidence.TCP},
		"neither":       {only("other.Filter"), clusters, evidence.Tracer{}, ""},
		"OpenTelemetry": {otel, clusters, evidence.Tracer{Provider: "opentelemetry", Sampling: 100, Reports: evidence.Reports{Collector: jaeger, Addresses: 1, Accepted: 103}}, evidence.Sniffed},
		"no sampling": {strings.ReplaceAll(whole, `"random_sampling": {
            "value": 100
           }`, `"random_sampling": {}`), clusters, evidence.Tracer{Provider: "zipkin", Reports: evidence.Reports{Collector: jaeger, Addresses: 1, Accepted: 103}}, evidence.Sniffed},
		"failed reports": {whole, strings.NewReplacer(`"name": "rq_error"`, `"name": "rq_error", "value": "3"`, `"name": "cx_connect_fail"`, `"name": "cx_connect_fail", "value": "4"`).Replace(clusters),
			evidence.Tracer{Provider: "zipkin", Sampling: 100, Reports: evidence.Reports{Collector: jaeger, Addresses: 1, Accepted: 103, Failed: 7}}, evidence.Sniffed},
		"no address": {whole, `{"cluster_statuses": [{"name": "` + jaeger + `"}]}`, evidence.Tracer{Provider: "zipkin", Sampling: 100, Reports: evidence.Reports{Collector: jaeger}}, evidence.Sniffed},
	} {
		o := mesh(t, map[string]string{askListener: c.listener, askClusters: c.clusters},
			service("vfc-nslcm", map[string]string{"app": "vfc-nslcm"}, corev1.ServicePort{Name: "vfc-nslcm", Port: 8403}))
		seen, err := o.Tracers(t.Context(), nslcm(), []string{"vfc-vfc-nslcm"})
		if err != nil {
			t.Fatal(err)
		}
		c.want.Pod, c.want.Namespace, c.want.Workload, c.want.Since = "nslcm-1", "onap", "vfc-vfc-nslcm", changed
		c.want.Ports = []evidence.TracedPort{{Service: "vfc-nslcm", Name: "vfc-nslcm", Port: 8403, Protocol: c.protocol}}
		if diff := cmp.Diff([]evidence.Tracer{c.want}, seen.Items); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestTracersThatCannotBeAsked say so, one by one.
func TestTracersThatCannotBeAsked(t *testing.T) {
	whole := recorded(t, "envoy/inbound.json")
	for name, c := range map[string]struct {
		answers map[string]string
		want    string
	}{
		"no answer":          {nil, "ask the proxy for its inbound listener"},
		"no JSON":            {map[string]string{askListener: "{no"}, "read the inbound listener"},
		"no listener yet":    {map[string]string{askListener: `{"configs": []}`}, "no listener virtualInbound yet"},
		"no clusters":        {map[string]string{askListener: whole}, "ask the proxy for its reports"},
		"no collector":       {map[string]string{askListener: whole, askClusters: `{"cluster_statuses": []}`}, "does not know its collector"},
		"a count that is no": {map[string]string{askListener: whole, askClusters: `{"cluster_statuses": [{"name": "` + jaeger + `", "host_statuses": [{"stats": [{"name": "rq_success", "value": "-1"}]}]}]}`}, `rq_success is "-1", no count`},
	} {
		o := mesh(t, c.answers, service("vfc-nslcm", map[string]string{"app": "vfc-nslcm"}))
		seen, err := o.Tracers(t.Context(), nslcm(), []string{"vfc-vfc-nslcm"})
		if err != nil || len(seen.Items) != 1 || !strings.Contains(seen.Items[0].Error, c.want) {
			t.Errorf("%s: got %+v, %v, want an entry that says %q", name, seen.Items, err, c.want)
		}
	}
}

func listener(text string) (refused, broken error) {
	seen := evidence.Tracer{Ports: []evidence.TracedPort{{Port: 8403}}}
	_, refused = decodeInbound([]byte(answer(text)), &seen)
	if refused == nil && (math.IsNaN(seen.Sampling) || math.IsInf(seen.Sampling, 0)) {
		broken = errors.New("a sampling that is no number")
	}
	return refused, errors.Join(broken, attack.Storable(seen))
}

func reports(text string) (refused, broken error) {
	var r evidence.Reports
	refused = decodeReports([]byte(answer(text)), jaeger, &r)
	if refused == nil && (r.Accepted < 0 || r.Failed < 0) {
		broken = errors.New("fewer reports than none")
	}
	return refused, errors.Join(broken, attack.Storable(r))
}

func TestInboundMalformed(t *testing.T) {
	attack.Parser(t, listener, []string{good(t, "envoy/inbound.json")})
}

func TestReportsMalformed(t *testing.T) {
	attack.Parser(t, reports, []string{good(t, "envoy/clusters.json")})
}

func FuzzInbound(f *testing.F) { attack.FuzzParser(f, listener, good(f, "envoy/inbound.json")) }

func FuzzReports(f *testing.F) { attack.FuzzParser(f, reports, good(f, "envoy/clusters.json")) }
