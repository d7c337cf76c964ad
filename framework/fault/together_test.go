package fault

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestCatalogueBatches compares the batches of the real faults with the list that
// people check, in whichever order the faults come.
func TestCatalogueBatches(t *testing.T) {
	live := liveFaults(t)
	got := listed(Batches(live))
	for range 3 {
		rand.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
		if diff := cmp.Diff(got, listed(Batches(live))); diff != "" {
			t.Fatalf("another order of the faults, -want +got:\n%s", diff)
		}
	}
	const file = "testdata/batches.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got (go test ./framework/fault -update writes it anew):\n%s", diff)
	}
}

// listed writes batches down: the faults of each, then the specs it runs.
func listed(batches [][]Fault) string {
	var text strings.Builder
	for i, batch := range batches {
		specs := BySpec(batch)
		fmt.Fprintf(&text, "batch %d, specs: %d\n", i+1, len(specs))
		for _, f := range batch {
			fmt.Fprintf(&text, "  %s: %s\n", f.ID, f.Breaks)
		}
	}
	return text.String()
}

// most is how many batches a selftest has time for: each costs about half a minute.
const most = 22

// TestBatchesObeyTheRule says the rule once more, word by word, about every two
// faults of a batch.
func TestBatchesObeyTheRule(t *testing.T) {
	live := liveFaults(t)
	batches := Batches(live)
	if len(batches) > most {
		t.Errorf("%d batches, more than %d", len(batches), most)
	}
	seen := slices.Sorted(slices.Values(ids(slices.Concat(batches...))))
	if diff := cmp.Diff(ids(live), seen); diff != "" {
		t.Errorf("not every live fault is in one batch, -want +got:\n%s", diff)
	}
	for _, batch := range batches {
		for _, f := range batch {
			if f.Alone && len(batch) > 1 {
				t.Errorf("%s is alone, and with %v", f.ID, ids(batch))
			}
			for _, other := range batch {
				if f.ID != other.ID {
					obey(t, f, other)
				}
			}
		}
	}
}

func obey(t *testing.T, f, other Fault) {
	t.Helper()
	for _, object := range f.touches() {
		if slices.Contains(other.touches(), object) {
			t.Errorf("%s and %s change %s", f.ID, other.ID, object)
		}
	}
	for _, r := range other.Red {
		if slices.Contains(f.Red, r) {
			t.Errorf("%s and %s are noticed by %v", f.ID, other.ID, r)
		}
		for _, glob := range f.Disturbs {
			if matched, _ := path.Match(glob, r.Spec); matched {
				t.Errorf("%s disturbs %s, which must notice %s", f.ID, r.Spec, other.ID)
			}
		}
	}
	if !slices.Contains(f.Disturbs, "pods") {
		return
	}
	for _, object := range other.touches() {
		for _, made := range []string{"Deployment onap/", "Deployment meshcert-canary/", "Pod onap/"} {
			if strings.HasPrefix(object, made) {
				t.Errorf("%s disturbs pods, and %s makes those of %s anew", f.ID, other.ID, object)
			}
		}
	}
}

// TestNeverTogether names pairs that hide or forge each other's findings.
func TestNeverTogether(t *testing.T) {
	for _, c := range []struct{ one, other, why string }{
		{"coredns-gone", "helm-release-missing", "alone: without names anything may fail"},
		{"istiod-gone", "no-route-forbidden", "alone: no sidecar would hear of the policy"},
		{"chart-value-flipped", "service-type-wrong", "alone: the upgrade takes the edit back"},
		{"webhook-gone", "foreign-caller", "the new pod would get no sidecar for another reason"},
		{"webhook-selects-other-namespaces", "workload-wrong-account", "its new pod would have no sidecar to show an identity"},
		{"injector-down", "workload-extra-container", "no pod could be made"},
		{"webhook-ca-wrong", "mtls-disabled", "the canary's new pod would be refused"},
		{"injection-label-missing", "sidecar-removed", "every new pod lacks the sidecar"},
		{"policy-flipped", "vio-without-sidecar", "new pods lack a sidecar, and both end the trace before vio"},
		{"envoyfilter-broken", "catalog-loses-database", "istiod is restarted while the pod is made again"},
		{"kube2msb-stopped", "service-annotation-missing", "nobody takes the registration away"},
		{"kube2msb-stopped", "msb-registration-lost", "the restart that registers anew is of the stopped one"},
		{"consul-emptied", "service-target-wrong", "no endpoint has a route"},
		{"consul-emptied", "multicloud-wrong-host", "no request reaches multicloud"},
		{"service-missing", "msb-registration-lost", "the portal lacks a service of either: one finding for two"},
		{"discovery-stopped", "external-gateway-serves-inside", "the new pod of the gateway waits for discovery"},
		{"discovery-stopped", "vio-port-tcp", "the new pod of the gateway waits for discovery"},
		{"prometheus-not-scraping", "resmgr-in-the-clear", "nothing is counted"},
		{"prometheus-relabelled", "multicloud-swallows-call", "a missing edge would have two reasons"},
		{"prometheus-label-dropped", "vio-without-sidecar", "the restarted Prometheus does not tell who is mutual"},
		{"istio-telemetry-gone", "telemetry-killed", "nobody takes the counts that could be lost"},
		{"addon-missing", "servicegraph-other-node-port", "nobody answers at the other port"},
		{"jaeger-gone", "tracer-address-wrong", "a trace is not found for either reason"},
		{"tracing-sampling-zero", "nslcm-swallows-call", "the trace that is not made cannot lack a span"},
		{"alpn-filter-missing", "multicloud-drops-b3", "without spans nobody sees the headers"},
		{"vio-without-sidecar", "multicloud-new-trace-id", "the trace breaks at two places"},
		{"resmgr-misrouted", "service-port-wrong", "resmgr is not reached either way"},
		{"resmgr-answers-503", "multicloud-wrong-host", "fewer calls come to multicloud"},
		{"catalog-loses-database", "nslcm-swallows-call", "no byte goes to the database either way"},
		{"helm-release-missing", "workload-without-replicas", "the drift is from the manifest that is missing"},
		{"mtls-disabled", "load-target-fails", "both are between our own pods"},
		{"policy-decided-by-selector", "policy-flipped", "one ConfigMap"},
	} {
		one, other := found(t, c.one), found(t, c.other)
		if !one.rivals(other) || !other.rivals(one) {
			t.Errorf("%s and %s may be together, but %s", c.one, c.other, c.why)
		}
	}
}

// TestMayBeTogether names pairs whose effects do not meet: what disturbs them too
// much would cost batches.
func TestMayBeTogether(t *testing.T) {
	for _, c := range []struct{ one, other, why string }{
		{"webhook-gone", "prometheus-not-scraping", "pods of istio-system get no sidecar anyway"},
		{"webhook-ca-wrong", "jaeger-gone", "one finding each of controlplane.istiod"},
		{"injector-down", "istio-telemetry-gone", "requests go on, injection does not need telemetry"},
		{"webhook-gone", "envoyfilter-broken", "neither makes a pod that gets a sidecar"},
		{"multicloud-wrong-host", "tracing-sampling-zero", "the one is counted, the other is another path's trace"},
		{"multicloud-drops-headers", "resmgr-in-the-clear", "headers are not counted"},
		{"tracer-address-wrong", "catalog-loses-database", "the one is traced on other paths, the other is counted"},
		{"sidecar-removed", "workload-crash-loop", "two objects of sidecar.ready"},
		{"workload-image-missing", "workload-wrong-image", "two objects of releases.images"},
		{"discovery-stopped", "multicloud-drops-w3c", "the gateway keeps its routes"},
		{"policy-flipped", "service-type-wrong", "a Service is not injected"},
	} {
		if found(t, c.one).rivals(found(t, c.other)) {
			t.Errorf("%s and %s are kept apart, but %s", c.one, c.other, c.why)
		}
	}
}

func found(t *testing.T, id string) Fault {
	t.Helper()
	f, err := Find(liveFaults(t), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
