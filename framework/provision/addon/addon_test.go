package addon

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/tracer"
)

// typed converts every object of a kind, strictly: a misspelt field is an error.
func typed[T any](t *testing.T, kind string) []T {
	t.Helper()
	objects, err := manifests(known())
	if err != nil {
		t.Fatal(err)
	}
	var out []T
	for _, o := range objects {
		if o.GetKind() != kind {
			continue
		}
		var one T
		if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(o.Object, &one, true); err != nil {
			t.Errorf("%s %s: %v", kind, o.GetName(), err)
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		t.Fatalf("no manifest has a %s", kind)
	}
	return out
}

func TestImages(t *testing.T) {
	got, err := Images(known())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"docker.io/jaegertracing/jaeger:1.76.0",
		"docker.io/openzipkin/zipkin:3.4.2",
		"docker.io/prom/prometheus:v3.16.0",
		"meshcert.local/istio-telemetry:dev",
		"meshcert.local/servicegraph:dev",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
	one, err := Images([]Addon{Jaeger, Jaeger})
	if err != nil || len(one) != 1 {
		t.Errorf("images of Jaeger: %v, %v", one, err)
	}
}

// TestServices pins what specs and the mesh configuration rely on.
func TestServices(t *testing.T) {
	var got []string
	for _, s := range typed[corev1.Service](t, "Service") {
		for _, p := range s.Spec.Ports {
			got = append(got, fmt.Sprintf("%s/%s %s %d:%d", s.Namespace, s.Name, p.Name, p.Port, p.NodePort))
		}
	}
	want := []string{
		"istio-system/jaeger-collector http-zipkin 9411:0",
		"istio-system/jaeger-collector grpc-otlp 4317:0",
		"istio-system/jaeger-query http-query 16686:0",
		"istio-system/prometheus http 9090:0",
		"istio-system/istio-telemetry grpc-als 9091:0",
		"istio-system/istio-telemetry http-monitoring 42422:0",
		"istio-system/servicegraph http 8088:30088",
		"istio-system/zipkin http-zipkin 9411:0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Services (-want +got):\n%s", diff)
	}
}

// TestServicesFindTheirPods: selector and target port lead to a container port.
func TestServicesFindTheirPods(t *testing.T) {
	deployments := typed[appsv1.Deployment](t, "Deployment")
	for _, s := range typed[corev1.Service](t, "Service") {
		i := slices.IndexFunc(deployments, func(d appsv1.Deployment) bool {
			return d.Spec.Template.Labels["app"] == s.Spec.Selector["app"]
		})
		if i < 0 {
			t.Errorf("Service %s selects %v, which no Deployment has", s.Name, s.Spec.Selector)
			continue
		}
		for _, p := range s.Spec.Ports {
			if !slices.ContainsFunc(deployments[i].Spec.Template.Spec.Containers[0].Ports, func(c corev1.ContainerPort) bool {
				return c.Name == p.TargetPort.String() && c.ContainerPort == p.Port
			}) {
				t.Errorf("Service %s, port %s: the container has no port %s of number %d", s.Name, p.Name, p.TargetPort.String(), p.Port)
			}
		}
	}
}

func TestPods(t *testing.T) {
	var found []string
	for _, d := range typed[appsv1.Deployment](t, "Deployment") {
		found = append(found, d.Name)
		for _, problem := range unfit(d) {
			t.Errorf("Deployment %s: %s", d.Name, problem)
		}
	}
	if diff := cmp.Diff(names(known()), found); diff != "" {
		t.Errorf("Deployments (-want +got):\n%s", diff)
	}
	if problems := unfit(appsv1.Deployment{Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{
		Spec: corev1.PodSpec{Containers: []corev1.Container{{}}}}}}); len(problems) != 6 {
		t.Errorf("a bare Deployment has these problems only: %v", problems)
	}
}

// unfit lists what an add-on's Deployment lacks.
func unfit(d appsv1.Deployment) []string {
	pod := d.Spec.Template
	c := pod.Spec.Containers[0]
	security := pod.Spec.SecurityContext
	var problems []string
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	check(d.Namespace == Namespace, "is not in "+Namespace)
	check(pod.Annotations["sidecar.istio.io/inject"] == "false", "does not refuse a sidecar")
	check(security != nil && *security.RunAsNonRoot && *security.RunAsUser == 65534, "does not run as user 65534")
	check(c.ImagePullPolicy == corev1.PullIfNotPresent, "may pull an image that is there")
	check(c.ReadinessProbe != nil && c.ReadinessProbe.PeriodSeconds == 1, "has no readiness probe every second")
	check(!c.Resources.Requests.Cpu().IsZero() && !c.Resources.Limits.Memory().IsZero(), "has no CPU request or memory limit")
	return problems
}

// configuration returns a file of a ConfigMap, parsed.
func configuration(t *testing.T, name, file string) map[string]any {
	t.Helper()
	for _, m := range typed[corev1.ConfigMap](t, "ConfigMap") {
		if m.Name != name {
			continue
		}
		out := map[string]any{}
		if err := yaml.UnmarshalStrict([]byte(m.Data[file]), &out); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return out
	}
	t.Fatalf("no ConfigMap %s", name)
	return nil
}

// TestPrometheusScrapes: istio-telemetry by its Service, often; everybody else
// by annotation, the canary left out; the kubelets for what containers use.
func TestPrometheusScrapes(t *testing.T) {
	jobs := configuration(t, "prometheus", "prometheus.yml")["scrape_configs"].([]any)
	if len(jobs) != 3 {
		t.Fatalf("%d scrape jobs, want 3", len(jobs))
	}
	direct := jobs[0].(map[string]any)
	targets, _, _ := unstructured.NestedStringSlice(direct["static_configs"].([]any)[0].(map[string]any), "targets")
	if diff := cmp.Diff([]string{"istio-telemetry.istio-system.svc.cluster.local:42422"}, targets); diff != "" || direct["scrape_interval"] != "2s" {
		t.Errorf("job istio-telemetry, every %v: (-want +got)\n%s", direct["scrape_interval"], diff)
	}
	dropped := false
	for _, rule := range jobs[1].(map[string]any)["relabel_configs"].([]any) {
		r := rule.(map[string]any)
		dropped = dropped || r["action"] == "drop" && r["regex"] == "meshcert-canary"
	}
	if !dropped {
		t.Error("the canary is not left out")
	}
	for _, d := range typed[appsv1.Deployment](t, "Deployment") {
		if d.Spec.Template.Annotations["prometheus.io/scrape"] != "" {
			t.Errorf("Deployment %s would be scraped by two jobs", d.Name)
		}
	}
}

// TestJaegerPipeline: what receives, stores and answers is wired together, on
// the Services' ports.
func TestJaegerPipeline(t *testing.T) {
	config := configuration(t, "jaeger", "config.yaml")
	for _, want := range []struct {
		path []string
		at   string
	}{
		{[]string{"receivers", "zipkin", "endpoint"}, "0.0.0.0:9411"},
		{[]string{"receivers", "otlp", "protocols", "grpc", "endpoint"}, "0.0.0.0:4317"},
		{[]string{"extensions", "jaeger_query", "http", "endpoint"}, "0.0.0.0:16686"},
		{[]string{"extensions", "healthcheckv2", "http", "endpoint"}, "0.0.0.0:13133"},
		{[]string{"extensions", "jaeger_query", "storage", "traces"}, "memory"},
		{[]string{"exporters", "jaeger_storage_exporter", "trace_storage"}, "memory"},
	} {
		if got, _, err := unstructured.NestedString(config, want.path...); got != want.at {
			t.Errorf("%s is %q (%v), want %q", strings.Join(want.path, "."), got, err, want.at)
		}
	}
	receivers, _, _ := unstructured.NestedStringSlice(config, "service", "pipelines", "traces", "receivers")
	if diff := cmp.Diff([]string{"otlp", "zipkin"}, receivers); diff != "" {
		t.Errorf("receivers (-want +got):\n%s", diff)
	}
}

func TestTelemetryLeavesTheCanaryOut(t *testing.T) {
	for _, d := range typed[appsv1.Deployment](t, "Deployment") {
		if d.Name != string(IstioTelemetry) {
			continue
		}
		if diff := cmp.Diff([]string{"--exclude-namespace=meshcert-canary", "--state=/state/counts"}, d.Spec.Template.Spec.Containers[0].Args); diff != "" {
			t.Errorf("arguments (-want +got):\n%s", diff)
		}
		return
	}
	t.Error("no Deployment istio-telemetry")
}

// TestStamp: pods are made anew when their add-on's manifest changes.
func TestStamp(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range typed[appsv1.Deployment](t, "Deployment") {
		digest := d.Spec.Template.Annotations[digestAnnotation]
		if len(digest) != 64 || seen[digest] {
			t.Errorf("Deployment %s is stamped %q", d.Name, digest)
		}
		seen[digest] = true
	}
}

// TestReplaced: the keeper of traces that comes replaces the other, proxies with
// metrics of their own replace our telemetry, and whoever installs something else
// touches none of them.
func TestReplaced(t *testing.T) {
	for _, test := range []struct{ wanted, replaced []Addon }{
		{With(tracer.Jaeger, true), []Addon{Zipkin}},
		{With(tracer.Zipkin, true), []Addon{Jaeger}},
		{With(tracer.Jaeger, false), []Addon{Zipkin, IstioTelemetry}},
		{[]Addon{Prometheus}, nil},
	} {
		if diff := cmp.Diff(test.replaced, replacedBy(test.wanted)); diff != "" {
			t.Errorf("%v replaces (-want +got):\n%s", test.wanted, diff)
		}
	}
}

// TestZipkin: what it keeps fits into its heap, and that into its limit.
func TestZipkin(t *testing.T) {
	for _, d := range typed[appsv1.Deployment](t, "Deployment") {
		if d.Name != string(Zipkin) {
			continue
		}
		got := map[string]string{}
		for _, e := range d.Spec.Template.Spec.Containers[0].Env {
			got[e.Name] = e.Value
		}
		want := map[string]string{
			"STORAGE_TYPE": "mem", "MEM_MAX_SPANS": "100000",
			"JDK_JAVA_OPTIONS": "-Xms64m -Xmx512m -Xmn64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("environment (-want +got):\n%s", diff)
		}
		return
	}
	t.Error("no Deployment zipkin")
}

func TestWrongAddons(t *testing.T) {
	for _, test := range []struct {
		addons []Addon
		want   string
	}{
		{nil, "no add-on is named: use any of [jaeger prometheus istio-telemetry servicegraph zipkin]"},
		{[]Addon{Jaeger, "grafana"}, `add-on "grafana" is not known: use any of [jaeger prometheus istio-telemetry servicegraph zipkin]`},
		{[]Addon{"../addons/jaeger"}, "is not known"},
	} {
		if _, err := Images(test.addons); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: got error %v, want %q", test.addons, err, test.want)
		}
	}
}

// TestWithIstiosOwnMetrics: nothing of ours makes metrics, and Prometheus scrapes
// the proxies and nothing that is not there.
func TestWithIstiosOwnMetrics(t *testing.T) {
	for lacksStats, want := range map[bool][]string{
		true:  {"istio-telemetry", "kubernetes-pods", "kubelets"},
		false: {"kubernetes-pods", "kubelets"},
	} {
		objects, err := manifests(With(tracer.Jaeger, lacksStats))
		if err != nil {
			t.Fatal(err)
		}
		var jobs []string
		for _, o := range objects {
			if o.GetName() == "istio-telemetry" && !lacksStats {
				t.Errorf("%s is installed", o.GetKind())
			}
			text, _, _ := unstructured.NestedString(o.Object, "data", prometheusFile)
			var config struct {
				Jobs []struct {
					Name string `json:"job_name"`
				} `json:"scrape_configs"`
			}
			if err := yaml.Unmarshal([]byte(text), &config); err != nil {
				t.Fatal(err)
			}
			for _, j := range config.Jobs {
				jobs = append(jobs, j.Name)
			}
		}
		if diff := cmp.Diff(want, jobs); diff != "" {
			t.Errorf("lacks stats %t: scrape jobs (-want +got):\n%s", lacksStats, diff)
		}
	}
}
