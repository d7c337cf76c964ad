package fault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
)

// TestServer runs everything that needs a real API server on one, one after the
// other: there is one ledger.
func TestServer(t *testing.T) {
	client := kubetest.Start(t).Client
	play(t, client)
	for _, c := range []struct {
		name string
		test func(*world)
	}{
		{"at the same time", atTheSameTime}, {"every change is put back", everyChange}, {"the ledger alone", ledgerAlone}, {"refused", refused},
		{"nothing happened yet", nothingYet}, {"changed meanwhile", changedMeanwhile}, {"namespace is gone", namespaceGone},
		{"conflicts", conflicts}, {"half applied", halfApplied}, {"edits that are none", noEdits}, {"kinds", kinds},
		{"restarts", restarts}, {"never settled", neverSettled}, {"values", chartValues}, {"remove", remove},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&world{T: t, client: client}) })
	}
}

// atTheSameTime applies and clears many faults at once, when there is no ledger yet.
func atTheSameTime(w *world) {
	b := w.with("same")
	objects := []string{"Deployment same/a", "ConfigMap same/m", "Service same/s", "Secret same/k", "ClusterRole same", "MutatingWebhookConfiguration same"}
	before, after := map[string]any{}, map[string]any{}
	for _, o := range objects {
		before[o] = w.content(o)
	}
	var ids []string
	group := errgroup.Group{}
	for i, o := range objects {
		id := fmt.Sprintf("same-%d", i)
		ids = append(ids, id)
		group.Go(func() error {
			return b.Apply(w.Context(), Fault{ID: id, Apply: []Action{{Edit: o, With: `.metadata.labels.x = "1"`}}})
		})
	}
	w.ok(group.Wait())
	if applied, err := b.Applied(w.Context()); err != nil || len(applied) != len(objects) {
		w.Errorf("applied %v, %v", applied, err)
	}
	w.ok(b.ClearAll(w.Context(), ids, func(string, time.Duration, error) {}))
	for _, o := range objects {
		after[o] = w.content(o)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		w.Errorf("-before +after:\n%s", diff)
	}
}

func everyChange(w *world) {
	b := w.with("every")
	objects := []string{"Deployment every/a", "ConfigMap every/m", "Service every/s", "Secret every/k", "ClusterRole every", "MutatingWebhookConfiguration every", "Namespace every"}
	before := map[string]any{}
	for _, o := range objects {
		before[o] = w.content(o)
	}
	service := w.get("Service every/s")
	f := Fault{ID: "every-change", Apply: []Action{
		{Edit: "Deployment every/a", With: `.spec.template.metadata.annotations.x = "1" | del(.metadata.annotations.kept) | .spec.replicas = 1`},
		{Edit: "ConfigMap every/m", With: `.data = {"z": "3"} | .binaryData.b = "AAAA" | .metadata.labels = {}`},
		{Edit: "ClusterRole every", With: `.rules = []`},
		{Edit: "MutatingWebhookConfiguration every", With: `del(.webhooks[0].namespaceSelector)`},
		{Edit: "Namespace every", With: `.metadata.labels.x = "1"`},
		{Create: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "every", "name": "new"}}},
		{Edit: "ConfigMap every/new", With: `.data.x = "1"`},
		{Delete: "Service every/s"},
		{Delete: "Secret every/k"},
		{Delete: "ConfigMap every/m"},
	}}
	w.ok(b.Apply(w.Context(), f))
	for _, gone := range []string{"Service every/s", "Secret every/k", "ConfigMap every/m"} {
		if w.get(gone) != nil {
			w.Errorf("%s is still there", gone)
		}
	}
	if got := w.pods("every"); len(got) != 1 {
		w.Errorf("pods %v", got)
	}
	if made := w.get("ConfigMap every/new"); made == nil || made.GetLabels()[kube.ManagedBy] != kube.Manager {
		w.Errorf("the new object is not ours: %v", made)
	}
	applied, err := b.Applied(w.Context())
	w.ok(err)
	want := []string{"edited Deployment every/a", "edited ConfigMap every/m", "edited ClusterRole every", "edited MutatingWebhookConfiguration every",
		"edited Namespace every", "created ConfigMap every/new", "edited ConfigMap every/new", "deleted Service every/s", "deleted Secret every/k", "deleted ConfigMap every/m"}
	if len(applied) != 1 || applied[0].ID != f.ID || time.Since(applied[0].When) > time.Minute || !slices.Equal(applied[0].Changed, want) {
		w.Errorf("applied %v", applied)
	}
	w.ok(b.Clear(w.Context(), f.ID))
	after := map[string]any{}
	for _, o := range objects {
		after[o] = w.content(o)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		w.Errorf("-before +after:\n%s", diff)
	}
	if w.get("ConfigMap every/new") != nil || len(w.pods("every")) != 2 {
		w.Errorf("left: %v, pods %v", w.get("ConfigMap every/new"), w.pods("every"))
	}
	again := w.get("Service every/s")
	if again.GetUID() == service.GetUID() || !cmp.Equal(again.Object["spec"], service.Object["spec"]) {
		w.Errorf("the Service has other addresses: %v, %v", again.Object["spec"], service.Object["spec"])
	}
}

var editMap = Action{Edit: "ConfigMap other/m", With: `.data.x = "broken"`}

// ledgerAlone clears with another Breaker, which knows of no fault, and twice.
func ledgerAlone(w *world) {
	b := w.with("other")
	w.ok(b.Apply(w.Context(), Fault{ID: "first", Apply: []Action{editMap}}))
	w.ok(b.Apply(w.Context(), Fault{ID: "second", Apply: []Action{{Edit: "ClusterRole other", With: ".rules = []"}}}))
	another := w.breaker(w.client)
	applied, err := another.Applied(w.Context())
	if err != nil || len(applied) != 2 || applied[0].ID != "first" || applied[1].ID != "second" {
		w.Errorf("got %v, %v", applied, err)
	}
	var usage *config.UsageError
	err = another.Clear(w.Context(), "frist")
	if !errors.As(err, &usage) || err.Error() != `ID: fault "frist" is not applied; applied: first, second` {
		w.Errorf("got %v", err)
	}
	w.ok(another.Clear(w.Context(), "first"))
	w.ok(another.Clear(w.Context(), "second"))
	err = another.Clear(w.Context(), "first")
	if !errors.As(err, &usage) || err.Error() != `ID: fault "first" is not applied, and no other is` {
		w.Errorf("got %v", err)
	}
	if x, _, _ := unstructured.NestedString(w.get("ConfigMap other/m").Object, "data", "x"); x != "1" {
		w.Errorf("x is %q", x)
	}
}

func refused(w *world) {
	b := w.with("other")
	f := Fault{ID: "first", Apply: []Action{editMap}}
	w.ok(b.Apply(w.Context(), f))
	var usage *config.UsageError
	for want, f := range map[string]Fault{
		"ID: fault first is applied already; clear it first":                                  f,
		"ID: fault first, which is applied, has edited ConfigMap other/m too; clear it first": {ID: "second", Apply: []Action{{Delete: "ConfigMap other/m"}}},
		"of recorded evidence": {ID: "third", Evidence: []Edit{{}}},
	} {
		err := b.Apply(w.Context(), f)
		w.says(err, want)
		if !errors.As(err, &usage) {
			w.Errorf("no usage error: %v", err)
		}
	}
	w.ok(b.Clear(w.Context(), "first"))
}

// nothingYet: the process dies after it has written the ledger.
func nothingYet(w *world) {
	b := w.with("yet")
	e, err := b.open(w.Context(), Fault{ID: "died"})
	w.ok(err)
	before := w.get("ConfigMap yet/m")
	for _, s := range []step{
		{Change: edited, Object: "ConfigMap yet/m", Was: before},
		{Change: deleted, Object: "Service yet/s", Was: w.get("Service yet/s")},
		{Change: created, Object: "ConfigMap yet/new", Was: &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "yet", "name": "new"}}}},
		{Change: created, Object: "Deployment yet/a", Was: w.get("Deployment yet/a")},
		{Change: requested, Object: "PUT yet/s:80/"},
	} {
		w.ok(b.record(w.Context(), e, len(e.Steps), s))
	}
	var lines []string
	w.log = func(line string) { lines = append(lines, line) }
	w.ok(b.Clear(w.Context(), "died"))
	if after := w.get("ConfigMap yet/m"); after.GetResourceVersion() != before.GetResourceVersion() {
		w.Error("what was never changed was written")
	}
	if w.get("Deployment yet/a") == nil {
		w.Error("what another made was deleted")
	}
	if diff := cmp.Diff([]string{"Deployment yet/a is left alone: the fault did not make it", "fault died: cleared"}, lines); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
}

// changedMeanwhile: others delete, make and change what a fault has touched.
func changedMeanwhile(w *world) {
	b := w.with("while")
	before := w.content("ConfigMap while/m")
	made := Action{Create: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "while", "name": "new"}}}
	w.ok(b.Apply(w.Context(), Fault{ID: "while", Apply: []Action{
		{Edit: "ConfigMap while/m", With: `.data.x = "broken"`}, made, {Delete: "Service while/s"}, {Edit: "ClusterRole while", With: ".rules = []"},
	}}))
	w.delete("ConfigMap while/m")
	w.delete("ConfigMap while/new")
	w.change("ClusterRole while", func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{"another": "s"}) })
	service := w.with("while2").client.Set.CoreV1().Services("while")
	_, err := service.Create(w.Context(), &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "s"}, Spec: corev1.ServiceSpec{ClusterIP: "None"}}, metav1.CreateOptions{})
	w.ok(err)
	// Another Service has the name: it cannot get the address of the old one.
	w.says(b.Clear(w.Context(), "while"), "clear fault while, which stays in the ledger: put back Service while/s: ", "clusterIP")
	if diff := cmp.Diff(before, w.content("ConfigMap while/m")); diff != "" {
		w.Errorf("an error keeps others from being put back, -want +got:\n%s", diff)
	}
	w.delete("Service while/s")
	w.ok(b.Clear(w.Context(), "while"))
	if w.get("Service while/s") == nil || len(w.get("ClusterRole while").GetLabels()) != 1 {
		w.Errorf("got %v, %v", w.get("Service while/s"), w.get("ClusterRole while"))
	}
}

func namespaceGone(w *world) {
	b := w.with("gone")
	f := Fault{ID: "gone", Apply: []Action{{Delete: "ConfigMap gone/m"}, {Edit: "Deployment gone/a", With: ".spec.replicas = 1"}}}
	w.ok(b.Apply(w.Context(), f))
	w.delete("Deployment gone/a")
	w.delete("Namespace gone")
	e, err := b.read(w.Context(), "gone")
	w.ok(err)
	var lines []string
	w.log = func(line string) { lines = append(lines, line) }
	w.ok(b.Clear(w.Context(), "gone"))
	want := []string{"Deployment gone/a is not put back: its namespace is gone", "ConfigMap gone/m is not put back: its namespace is gone", "fault gone: cleared"}
	if diff := cmp.Diff(want, lines); diff != "" {
		w.Errorf("while it ends, -want +got:\n%s", diff)
	}
	namespaces := w.client.Set.CoreV1().Namespaces()
	ns, err := namespaces.Get(w.Context(), "gone", metav1.GetOptions{})
	w.ok(err)
	ns.Spec.Finalizers = nil
	_, err = namespaces.Finalize(w.Context(), ns, metav1.UpdateOptions{})
	w.ok(err)
	again, err := b.open(w.Context(), f)
	w.ok(err)
	for i, s := range e.Steps {
		w.ok(b.record(w.Context(), again, i, s))
	}
	lines = nil
	w.ok(b.Clear(w.Context(), "gone"))
	if diff := cmp.Diff(want, lines); diff != "" {
		w.Errorf("when it has ended, -want +got:\n%s", diff)
	}
}

// before runs something before the first request of a method and path.
type before struct {
	http.RoundTripper
	method, path string
	do           func()
}

func (b *before) RoundTrip(r *http.Request) (*http.Response, error) {
	if do := b.do; do != nil && r.Method == b.method && strings.HasSuffix(r.URL.Path, b.path) {
		b.do = nil
		do()
	}
	return b.RoundTripper.RoundTrip(r)
}

// conflicts: another client writes between our reading and our writing.
func conflicts(w *world) {
	w.with("conflict")
	other := func(value string) func() {
		return func() {
			w.change("ConfigMap conflict/m", func(o *unstructured.Unstructured) {
				o.Object["data"].(map[string]any)["y"] = value
			})
		}
	}
	faster := &before{method: http.MethodPut, path: "/namespaces/conflict/configmaps/m", do: other("another's")}
	options := rest.CopyConfig(w.client.Config)
	options.Wrap(func(next http.RoundTripper) http.RoundTripper { faster.RoundTripper = next; return faster })
	client, err := kube.FromConfig(options)
	w.ok(err)
	b := w.breaker(client)
	w.ok(b.Apply(w.Context(), Fault{ID: "conflict", Apply: []Action{{Edit: "ConfigMap conflict/m", With: `.data.x = "broken"`}}}))
	data := func() any { return w.get("ConfigMap conflict/m").Object["data"] }
	if diff := cmp.Diff(any(map[string]any{"x": "broken", "y": "another's"}), data()); diff != "" || faster.do != nil {
		w.Errorf("-want +got:\n%s", diff)
	}
	faster.do = other("late")
	w.ok(b.Clear(w.Context(), "conflict"))
	if diff := cmp.Diff(any(map[string]any{"x": "1", "y": "another's"}), data()); diff != "" || faster.do != nil {
		w.Errorf("what the ledger says is older than what was edited, -want +got:\n%s", diff)
	}
}

func halfApplied(w *world) {
	b := w.with("half")
	missing := Action{Delete: "Service half/missing"}
	edit := Action{Edit: "ConfigMap half/m", With: `.data.x = "broken"`}
	err := b.Apply(w.Context(), Fault{ID: "half", Apply: []Action{missing, edit}})
	w.says(err, "apply fault half: apply[0]: read Service half/missing: ", "; nothing was changed")
	if applied, err := b.Applied(w.Context()); err != nil || len(applied) != 0 {
		w.Errorf("applied %v, %v", applied, err)
	}
	err = b.Apply(w.Context(), Fault{ID: "half", Apply: []Action{edit, missing}})
	w.says(err, "apply fault half: apply[1]: read Service half/missing: ", "; what was done before stays until the fault is cleared: meshcert fault clear half")
	w.ok(b.Clear(w.Context(), "half"))
	if diff := cmp.Diff(any(map[string]any{"x": "1", "y": "2"}), w.get("ConfigMap half/m").Object["data"]); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
	interrupted, stop := context.WithCancel(w.Context())
	w.log = func(string) { stop() }
	w.says(b.Apply(interrupted, Fault{ID: "half", Apply: []Action{edit, missing}}), "context canceled", "meshcert fault clear half")
	w.log = nil
	w.ok(b.Clear(w.Context(), "half"))
}

func noEdits(w *world) {
	b := w.with("none")
	for program, want := range map[string]string{
		`.`:                        "changes nothing, so nothing is broken",
		`.spec.nonsense = 1`:       "changes nothing that the API server keeps, so nothing is broken",
		`.metadata.name = "b"`:     "makes another object, apps/v1 Deployment none/b",
		`.metadata.namespace = ""`: "makes another object, apps/v1 Deployment a",
		`.kind = "ReplicaSet"`:     "makes another object, apps/v1 ReplicaSet none/a",
		`.spec`:                    "makes no object",
		`[.]`:                      "makes no object",
		`.spec.replicas = -1`:      "must be greater than or equal to 0",
		`empty`:                    "has no output",
	} {
		err := b.Apply(w.Context(), Fault{ID: "none", Apply: []Action{{Edit: "Deployment none/a", With: program}}})
		w.says(err, "apply fault none: apply[0]: edit Deployment none/a: ", want)
		if applied, err := b.Applied(w.Context()); err != nil || len(applied) > 0 {
			w.ok(errors.Join(err, b.Clear(w.Context(), "none")))
		}
	}
	there := Action{Create: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "none", "name": "m"}}}
	w.says(b.Apply(w.Context(), Fault{ID: "none", Apply: []Action{there}}), "create ConfigMap none/m: it is there already", "nothing was changed")
}

// definition is a kind of our own.
const definition = `{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: gateways.GROUP}, spec: {group: GROUP, scope: Namespaced,
  names: {kind: Gateway, plural: gateways, singular: gateway}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]}}`

func kinds(w *world) {
	b := w.with("kinds")
	remove := func(object string) error {
		return b.Apply(w.Context(), Fault{ID: "kinds", Apply: []Action{{Delete: object}}})
	}
	w.says(remove("Gateway kinds/g"), "find Gateway kinds/g: the cluster knows no kind Gateway; nothing was changed")
	w.says(remove("Pods kinds/g"), "the cluster knows no kind Pods")
	w.says(remove("Deployment a"), "find Deployment a: a Deployment is in a namespace, which is not named")
	w.says(remove("ClusterRole kinds/a"), "find ClusterRole kinds/a: a ClusterRole is in no namespace")
	for _, group := range []string{"one.example.org", "two.example.org"} {
		crd, err := kube.Parse([]byte(strings.ReplaceAll(definition, "GROUP", group)))
		w.ok(err)
		w.ok(w.client.Apply(w.Context(), "", crd...))
		gateway, err := kube.Parse([]byte("{apiVersion: " + group + "/v1, kind: Gateway, metadata: {name: g, namespace: kinds}, spec: {x: 1}}"))
		w.ok(err)
		w.ok(kube.Until(w.Context(), "the new kind", 10*time.Second, func(ctx context.Context) error { return w.client.Apply(ctx, "kinds", gateway...) }))
	}
	w.client.Mapper.Reset()
	w.says(remove("Gateway kinds/g"), "several API groups have kind Gateway; say which, like Gateway.two.example.org")
	w.says(remove("Gateway.three.example.org kinds/g"), "the cluster knows no kind Gateway.three.example.org")
	w.ok(remove("Gateway.one.example.org kinds/g"))
	if w.get("Gateway.one.example.org kinds/g") != nil || w.get("Gateway.two.example.org kinds/g") == nil {
		w.Error("the wrong one was deleted")
	}
	w.ok(b.Clear(w.Context(), "kinds"))
	if diff := cmp.Diff(any(map[string]any{"x": int64(1)}), w.get("Gateway.one.example.org kinds/g").Object["spec"]); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
}

func restarts(w *world) {
	b := w.with("restart")
	first := w.pods("restart")
	w.ok(b.Apply(w.Context(), Fault{ID: "restart", Apply: []Action{{Restart: "Deployment restart/a"}}, Clear: []Action{{Restart: "Deployment restart/a", Until: AtOnce}}}))
	second := w.pods("restart")
	w.ok(b.Clear(w.Context(), "restart"))
	third := w.pods("restart")
	for _, p := range slices.Concat(first, third) {
		if slices.Contains(second, p) {
			w.Errorf("pod %s was not restarted: %v, %v, %v", p, first, second, third)
		}
	}
	w.ok(w.client.UntilAvailable(w.Context(), "restart", 10*time.Second, "a"))
	w.ok(b.Apply(w.Context(), Fault{ID: "scaled", Apply: []Action{{Edit: "Deployment restart/a", With: ".spec.replicas = 0", Until: Gone}}}))
	if got := w.pods("restart"); len(got) != 0 {
		w.Errorf("pods %v", got)
	}
	w.says(b.Apply(w.Context(), Fault{ID: "none", Apply: []Action{{Restart: "Deployment restart/b"}}}), "restart Deployment restart/b: it has no pod; nothing was changed")
	w.ok(b.Clear(w.Context(), "scaled"))
	if got := w.pods("restart"); len(got) != 2 {
		w.Errorf("pods %v", got)
	}
}

func neverSettled(w *world) {
	b := w.with("never")
	b.Limit = 700 * time.Millisecond
	broken := `.spec.template.metadata.labels.broken = "yes"`
	err := b.Apply(w.Context(), Fault{ID: "never", Apply: []Action{{Edit: "Deployment never/a", With: broken}}})
	w.says(err, "apply fault never: apply[0]: wait 700ms for Deployment never/a to be available: ", "4 pods, 2 of the newest template, 2 wanted: ", "a-", "meshcert fault clear never")
	b.Limit = 10 * time.Second
	w.ok(b.Clear(w.Context(), "never"))
	w.ok(b.Apply(w.Context(), Fault{ID: "never", Apply: []Action{{Edit: "Deployment never/a", With: broken + ` | .spec.strategy = {type: "Recreate"}`, Until: Updated}}}))
	if got := w.pods("never"); len(got) != 2 {
		w.Errorf("pods %v", got)
	}
	b.Limit = 700 * time.Millisecond
	// Another keeps it broken.
	e, err := b.read(w.Context(), "never")
	w.ok(err)
	e.Steps[0].Was = w.get("Deployment never/a")
	good := w.content("Deployment never/a")
	w.ok(b.record(w.Context(), e, 0, e.Steps[0]))
	w.says(b.Clear(w.Context(), "never"), "clear fault never, which stays in the ledger: wait 700ms for Deployment never/a to be available", "0 of 2 pods available", "is not ready")
	if diff := cmp.Diff(good, w.content("Deployment never/a")); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
	w.delete("Deployment never/a")
	w.delete("Namespace never")
	w.ok(b.Clear(w.Context(), "never"))
}

func chartValues(w *world) {
	b := w.breaker(w.client)
	f := Fault{ID: "flipped", Apply: []Action{{Values: []string{"a=b", "c=d"}}}}
	w.ok(b.Apply(w.Context(), f))
	applied, err := b.Applied(w.Context())
	if err != nil || len(applied) != 1 || !slices.Equal(applied[0].Changed, []string{"upgraded with values a=b c=d"}) {
		w.Errorf("got %v, %v", applied, err)
	}
	w.says(b.Apply(w.Context(), Fault{ID: "other", Apply: []Action{{Values: []string{"e=f"}}}}), "fault flipped, which is applied, has upgraded with values a=b c=d too")
	w.refused = errors.New("no")
	w.says(b.Clear(w.Context(), "flipped"), "clear fault flipped, which stays in the ledger: upgrade the release with its own values: no")
	w.refused = nil
	w.ok(b.Clear(w.Context(), "flipped"))
	if diff := cmp.Diff([][]string{{"a=b", "c=d"}, nil, nil}, w.upgrades); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
}

func remove(w *world) {
	b := w.with("remove")
	before := w.content("ConfigMap remove/m")
	w.ok(b.Apply(w.Context(), Fault{ID: "first", Apply: []Action{{Edit: "ConfigMap remove/m", With: `.data.x = "broken"`}}}))
	w.ok(b.Apply(w.Context(), Fault{ID: "second", Apply: []Action{{Values: []string{"a=b"}}}}))
	w.refused = errors.New("no")
	w.says(b.Remove(w.Context(), 10*time.Second), "clear fault second, which stays in the ledger: upgrade the release with its own values: no")
	if there, err := w.client.Ours(w.Context(), Namespace); err != nil || !there {
		w.Errorf("the ledger is gone: %v", err)
	}
	if diff := cmp.Diff(before, w.content("ConfigMap remove/m")); diff != "" {
		w.Errorf("-want +got:\n%s", diff)
	}
	w.refused = nil
	for range 2 { // removing again is fine
		w.ok(b.Remove(w.Context(), 10*time.Second))
	}
	if applied, err := b.Applied(w.Context()); err != nil || len(applied) != 0 {
		w.Errorf("applied %v, %v", applied, err)
	}
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: Namespace}}
	_, err := w.client.Set.CoreV1().Namespaces().Create(w.Context(), foreign, metav1.CreateOptions{})
	w.ok(err)
	for _, err := range []error{b.Remove(w.Context(), time.Second), b.Apply(w.Context(), Fault{ID: "x", Apply: []Action{{Values: []string{"a=b"}}}})} {
		w.says(err, "namespace meshcert-faults was not made by meshcert")
	}
}
