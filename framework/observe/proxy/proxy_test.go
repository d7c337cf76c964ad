package proxy

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// root is the fingerprint of answers/envoy/root-cert.pem.
const root = "421d134a9403be380652f6a3ab689b786265cd0a074f422ae994c586486fd697"

func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// mesh is an observer of a mesh whose programs answer by the last word of the
// command, with the given API objects besides istiod and its CA certificate.
func mesh(t *testing.T, answers map[string]string, objects ...runtime.Object) *Observer {
	t.Helper()
	if objects == nil {
		objects = []runtime.Object{istiod(corev1.ConditionTrue), caMap(recorded(t, "envoy/root-cert.pem"))}
	}
	o := New(&kube.Client{Set: fake.NewClientset(objects...)})
	o.exec = func(_ context.Context, namespace, pod, container string, command ...string) (string, error) {
		answer, ok := answers[pod+" "+command[len(command)-1]]
		if !ok {
			answer, ok = answers[command[len(command)-1]]
		}
		if !ok {
			return "", errors.New("exec in " + namespace + "/" + pod + "/" + container + ": no such thing")
		}
		return answer, nil
	}
	return o
}

func istiod(ready corev1.ConditionStatus) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "istiod-1", Namespace: "istio-system", Labels: map[string]string{"app": "istiod"}},
		Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}},
	}
}

func caMap(pem string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "istio-ca-root-cert", Namespace: "istio-system"},
		Data:       map[string]string{"root-cert.pem": pem},
	}
}

const (
	syncz   = "/debug/syncz"
	metrics = "/metrics"
	secrets = "config_dump?resource=dynamic_active_secrets"
	iag     = "msb-msb-iag-5d9c7b9f4c-8xk2p"
)

func healthy(t *testing.T) map[string]string {
	return map[string]string{
		syncz: recorded(t, "istiod/syncz.json"), metrics: recorded(t, "istiod/metrics.txt"), secrets: recorded(t, "envoy/secrets.json") + "\n",
	}
}

func pods(names ...string) evidence.Pods {
	all := evidence.Pods{Namespace: "onap"}
	for _, n := range names {
		all.Items = append(all.Items, evidence.Pod{Name: n, InitContainers: []evidence.Container{{Name: "istio-proxy", Sidecar: true}}})
	}
	all.Items = append(all.Items, evidence.Pod{Name: "bare", Containers: []evidence.Container{{Name: "app"}}})
	return all
}

func TestObserve(t *testing.T) {
	answers := healthy(t)
	answers["lost "+secrets] = "curl: connection refused"
	got, err := mesh(t, answers).Observe(t.Context(), pods(iag, "lost"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Root != root {
		t.Errorf("root %s", got.Root)
	}
	if diff := cmp.Diff(map[string]float64{"lds": 3}, got.Rejects); diff != "" {
		t.Error(diff)
	}
	if len(got.Items) != 3 {
		t.Fatalf("proxies %+v", got.Items)
	}
	lost, known, db := got.Items[0], got.Items[1], got.Items[2]
	want := evidence.Proxy{
		Pod: iag, Namespace: "onap", Root: root, Identity: "spiffe://cluster.local/ns/onap/sa/msb",
		Sync:      map[string]string{"CDS": "SYNCED", "LDS": "SYNCED", "EDS": "SYNCED", "RDS": "SYNCED"},
		NotBefore: time.Date(2026, 11, 23, 15, 25, 4, 0, time.UTC), NotAfter: time.Date(2026, 11, 24, 15, 25, 4, 0, time.UTC),
	}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Error(diff)
	}
	if lost.Pod != "lost" || lost.Sync != nil || !strings.Contains(lost.Error, "read the certificates") {
		t.Errorf("a proxy that istiod does not know and that does not answer: %+v", lost)
	}
	wantSync := map[string]string{"CDS": "SYNCED", "LDS": "STALE", "EDS": "SYNCED", "RDS": "NOT SENT"}
	if diff := cmp.Diff(wantSync, db.Sync); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(db.Rejected["LDS"], "istio.alpn") || db.Root != "" || db.Error != "" {
		t.Errorf("a proxy that refuses, of a pod not asked for: %+v", db)
	}
}

func TestObserveFails(t *testing.T) {
	pem := recorded(t, "envoy/root-cert.pem")
	for name, c := range map[string]struct {
		spoil   func(map[string]string)
		objects []runtime.Object
		want    string
		absence evidence.Absence
	}{
		"istiod is not ready":    {objects: []runtime.Object{istiod(corev1.ConditionFalse), caMap(pem)}, want: "none of its 1 pods", absence: evidence.Unmet},
		"no CA certificate":      {objects: []runtime.Object{istiod(corev1.ConditionTrue)}, want: "istio-ca-root-cert", absence: evidence.Unmet},
		"an empty certificate":   {objects: []runtime.Object{istiod(corev1.ConditionTrue), caMap("")}, want: "no PEM certificate", absence: evidence.Final},
		"istiod does not answer": {spoil: func(a map[string]string) { delete(a, syncz) }, want: "ask istiod for its proxies", absence: evidence.Transient},
		"no list":                {spoil: func(a map[string]string) { a[syncz] = "null" }, want: "null, not a list", absence: evidence.Final},
		"half a list":            {spoil: func(a map[string]string) { a[syncz] = a[syncz][:100] }, want: "/debug/syncz"},
		"an empty answer":        {spoil: func(a map[string]string) { a[syncz] = "" }, want: "/debug/syncz"},
		"a proxy without name":   {spoil: func(a map[string]string) { a[syncz] = `[{"proxy":"x"}]` }, want: "not POD.NAMESPACE", absence: evidence.Final},
		"a pod of no namespace":  {spoil: func(a map[string]string) { a[syncz] = `[{"proxy":"x."}]` }, want: "not POD.NAMESPACE"},
		"a gauge of rejects": {spoil: func(a map[string]string) {
			a[metrics] = "# TYPE pilot_total_xds_rejects gauge\npilot_total_xds_rejects 3\n"
		},
			want: "is a GAUGE, not a counter"},
		"rejects that are none": {spoil: func(a map[string]string) { a[metrics] = "pilot_total_xds_rejects{type=\"lds\"} NaN\n" }, want: "of type lds is NaN"},
		"no metrics":            {spoil: func(a map[string]string) { a[metrics] = "" }, want: "no metrics"},
		"metrics in HTML":       {spoil: func(a map[string]string) { a[metrics] = "<html>" }, want: "/metrics", absence: evidence.Final},
		"metrics not answered":  {spoil: func(a map[string]string) { delete(a, metrics) }, want: "ask istiod for its metrics", absence: evidence.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			answers := healthy(t)
			if c.spoil != nil {
				c.spoil(answers)
			}
			got, err := mesh(t, answers, c.objects...).Observe(t.Context(), pods(iag))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v, want an error with %q", got, err, c.want)
			}
			if absence := evidence.AbsenceOf(err); c.absence != "" && absence != c.absence {
				t.Errorf("%s, want %s: %v", absence, c.absence, err)
			}
		})
	}
}

func TestNoRejectsYet(t *testing.T) {
	answers := healthy(t)
	answers[metrics] = "istiod_uptime_seconds 1\n"
	got, err := mesh(t, answers).Observe(t.Context())
	if err != nil || len(got.Rejects) != 0 {
		t.Errorf("got %v, %v", got.Rejects, err)
	}
}

func TestMalformedSecrets(t *testing.T) {
	whole := recorded(t, "envoy/secrets.json")
	for name, dump := range map[string]string{
		"empty":          "",
		"HTML":           "<html>",
		"cut":            whole[:len(whole)/2],
		"nothing":        "{}",
		"no CA":          strings.ReplaceAll(whole, "ROOTCA", "other"),
		"no own":         strings.ReplaceAll(whole, `"default"`, `"other"`),
		"not base64":     strings.Replace(whole, `"inline_bytes": "LS0`, `"inline_bytes": "!`, 1),
		"no certificate": strings.Replace(whole, `"trusted_ca"`, `"trusted"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			answers := healthy(t)
			answers[secrets] = dump
			got, err := mesh(t, answers).Observe(t.Context(), pods(iag))
			if err != nil {
				t.Fatal(err)
			}
			if p := got.Items[0]; p.Error == "" {
				t.Errorf("no error: %+v", p)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := mesh(t, healthy(t))
	exec := o.exec
	o.exec = func(ctx context.Context, namespace, pod, container string, command ...string) (string, error) {
		if container == "istio-proxy" {
			cancel()
		}
		return exec(ctx, namespace, pod, container, command...)
	}
	if got, err := o.Observe(ctx, pods(iag)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", got, err)
	}
}
