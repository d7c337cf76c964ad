package migrate_test

import (
	stdcmp "cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/action"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// TestServer asks a real API server of the version the package is for.
func TestServer(t *testing.T) {
	client := kubetest.Start(t).Client
	t.Run("versions", func(t *testing.T) { versions(t, client) })
	t.Run("examples", func(t *testing.T) { accepted(t, client) })
	t.Run("release", func(t *testing.T) { release(t, client) })
}

// versions: each version that the server serves passes, and no namespace stays
// on a kind that it has in none.
func versions(t *testing.T, client *kube.Client) {
	version, err := client.Set.Discovery().ServerVersion()
	if err != nil {
		t.Fatal(err)
	}
	if version.Major != "1" || version.Minor != "34" {
		t.Skipf("the API server is %s, the lists are for Kubernetes 1.34", version.GitVersion)
	}
	_, lists, err := client.Set.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if strings.Contains(resource.Name, "/") || !slices.Contains(resource.Verbs, "delete") {
				continue
			}
			kinds++
			from := parse(t, fmt.Sprintf("{apiVersion: %s, kind: %s, metadata: {name: a, namespace: onap}, spec: {template: {metadata: {labels: {a: b}}}}}", list.GroupVersion, resource.Kind))
			got, changes, err := migrate.Object(from)
			if err != nil {
				t.Errorf("%s %s: %v", list.GroupVersion, resource.Kind, err)
				continue
			}
			for _, c := range changes {
				if c.Rule == migrate.APIVersion {
					t.Errorf("%s %s is served: %+v", list.GroupVersion, resource.Kind, c)
				}
			}
			if (got.GetNamespace() != "") != resource.Namespaced {
				t.Errorf("%s %s: namespace %q, in a namespace: %t", list.GroupVersion, resource.Kind, got.GetNamespace(), resource.Namespaced)
			}
		}
	}
	if kinds < 50 {
		t.Errorf("only %d kinds", kinds)
	}
	for _, gone := range []string{"extensions/v1beta1 Deployment", "apps/v1beta2 DaemonSet", "networking.k8s.io/v1beta1 Ingress"} {
		apiVersion, kind, _ := strings.Cut(gone, " ")
		if _, err := client.Mapper.RESTMapping(schema.FromAPIVersionAndKind(apiVersion, kind).GroupKind(), schema.FromAPIVersionAndKind(apiVersion, kind).Version); err == nil {
			t.Errorf("%s is still served", gone)
		}
	}
}

// accepted: the server takes what became of each example, with its fields
// checked strictly.
func accepted(t *testing.T, client *kube.Client) {
	if err := client.EnsureNamespace(t.Context(), "onap", nil); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, e := range examples() {
		got, changes, err := migrate.Object(parse(t, e.from))
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(changes, unchecked) {
			continue
		}
		asked++
		if err := dryRun(t.Context(), client, got); err != nil {
			t.Errorf("%s: %v", e.name, err)
		}
	}
	if asked < 10 {
		t.Errorf("only %d examples", asked)
	}
}

func unchecked(c migrate.Change) bool { return c.Rule == migrate.CustomType }

// dryRun asks the server what it thinks of an object, with strict fields, and
// makes nothing.
func dryRun(ctx context.Context, client *kube.Client, o *unstructured.Unstructured) error {
	kind := o.GroupVersionKind()
	mapping, err := client.Mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return err
	}
	resource := client.Dynamic.Resource(mapping.Resource)
	text, err := o.MarshalJSON()
	if err != nil {
		return err
	}
	force := true
	options := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: "test", FieldValidation: metav1.FieldValidationStrict, Force: &force}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		_, err = resource.Patch(ctx, o.GetName(), types.ApplyPatchType, text, options)
		return err
	}
	_, err = resource.Namespace(stdcmp.Or(o.GetNamespace(), "onap")).Patch(ctx, o.GetName(), types.ApplyPatchType, text, options)
	return err
}

// old is a chart of 2018 with a hook and a CRD.
func old() fstest.MapFS {
	return fstest.MapFS{
		"old/Chart.yaml":      {Data: []byte("{name: old, version: 1.0.0}")},
		"old/crds/crd.yaml":   {Data: []byte("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ds.meshcert.test}\nspec: {group: meshcert.test, scope: Namespaced, names: {plural: ds, kind: D}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n")},
		"old/templates/d.yml": {Data: []byte("apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: d, namespace: {{ .Release.Namespace }}}\nspec:\n  replicas: {{ .Values.replicas }}\n  template:\n    metadata: {labels: {app: d}}\n    spec:\n      initContainers:\n      containers: [{name: d, image: d, env: [{name: TEXT, value: '{{ `{{ .Values.replicas }}` }}'}]}]\n")},
		"old/templates/h.yml": {Data: []byte("apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: h, annotations: {helm.sh/hook: 'post-install,post-upgrade'}}\nspec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: h, image: h}]}}}}}\n")},
	}
}

// static is the old chart, rendered and migrated.
func static(t *testing.T, replicas int64) chart.Release {
	t.Helper()
	loaded, err := chart.Load(old(), "old")
	if err != nil {
		t.Fatal(err)
	}
	manifests, err := chart.RenderAll(loaded, "one", "onap", map[string]any{"replicas": replicas})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]*unstructured.Unstructured{manifests.CRDs, manifests.Objects, manifests.Hooks} {
		for i, o := range list {
			if list[i], _, err = migrate.Object(o); err != nil {
				t.Fatal(err)
			}
		}
	}
	finished, err := chart.Static("old", "1.0.0", manifests)
	if err != nil {
		t.Fatal(err)
	}
	return chart.Release{Name: "one", Namespace: "onap", Chart: finished}
}

// release: what Helm does with a release works on migrated manifests: install,
// upgrade, rollback and uninstall, hooks and CRDs included.
func release(t *testing.T, client *kube.Client) {
	if err := client.EnsureNamespace(t.Context(), "onap", nil); err != nil {
		t.Fatal(err)
	}
	helm, err := chart.New(client.Config)
	if err != nil {
		t.Fatal(err)
	}
	ensure := func(replicas int64, want chart.Change) {
		t.Helper()
		if got, err := helm.Ensure(t.Context(), static(t, replicas)); err != nil || got != want {
			t.Fatalf("%d replicas: %s, %v; want %s", replicas, got, err, want)
		}
	}
	ensure(1, chart.Installed)
	see(t, client, map[string]any{"replicas": int32(1), "text": "{{ .Values.replicas }}", "hook": true, "crd": true})
	ensure(1, chart.Unchanged)
	ensure(2, chart.Upgraded)
	see(t, client, map[string]any{"replicas": int32(2), "text": "{{ .Values.replicas }}", "hook": true, "crd": true})

	configuration := &action.Configuration{}
	if err := configuration.Init(helm.RESTClientGetter("onap"), "onap", "secret", func(string, ...any) {}); err != nil {
		t.Fatal(err)
	}
	back := action.NewRollback(configuration)
	back.Version = 1
	if err := back.Run("one"); err != nil {
		t.Fatal(err)
	}
	see(t, client, map[string]any{"replicas": int32(1), "text": "{{ .Values.replicas }}", "hook": true, "crd": true})
	if history, err := configuration.Releases.History("one"); err != nil || len(history) != 3 {
		t.Errorf("history: %d revisions, %v; want 3", len(history), err)
	}
	if err := helm.Uninstall(t.Context(), "onap", "one"); err != nil {
		t.Fatal(err)
	}
	see(t, client, map[string]any{"hook": true, "crd": true}) // Helm leaves both
}

// see compares what is on the server with what is wanted.
func see(t *testing.T, client *kube.Client, want map[string]any) {
	t.Helper()
	got := map[string]any{}
	deployment, err := client.Set.AppsV1().Deployments("onap").Get(t.Context(), "d", metav1.GetOptions{})
	if err == nil {
		maps.Copy(got, map[string]any{"replicas": *deployment.Spec.Replicas, "text": deployment.Spec.Template.Spec.Containers[0].Env[0].Value})
	}
	if _, failed := client.Set.BatchV1().CronJobs("onap").Get(t.Context(), "h", metav1.GetOptions{}); failed == nil {
		got["hook"] = true
	}
	crds := client.Dynamic.Resource(schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"})
	if _, failed := crds.Get(t.Context(), "ds.meshcert.test", metav1.GetOptions{}); failed == nil {
		got["crd"] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on the server: -want +got:\n%s", errors.Join(err, errors.New(diff)))
	}
}
