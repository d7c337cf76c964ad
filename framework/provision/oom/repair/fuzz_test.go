package repair_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/json"

	"github.com/onap/meshcert/framework/provision/oom/migrate"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

// FuzzObjects: whatever objects were migrated, there is an answer, and repaired
// objects are a fixed point.
func FuzzObjects(f *testing.F) {
	for _, e := range examples() {
		var list []any
		for _, o := range parse(f, e.from) {
			list = append(list, o.Object)
		}
		text, err := json.Marshal(list)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var list []map[string]any
		if err := json.Unmarshal(text, &list); err != nil {
			t.Skip("no list of JSON objects")
		}
		var from []*unstructured.Unstructured
		for _, o := range list {
			if migrated, _, err := migrate.Object(&unstructured.Unstructured{Object: o}); err == nil {
				from = append(from, migrated)
			}
		}
		got, _, err := repair.Objects(from)
		if err != nil {
			return
		}
		again, changes, err := repair.Objects(got)
		if diff := cmp.Diff(got, again); err != nil || diff != "" || changes != nil {
			t.Errorf("the second time: %v, %v, -want +got:\n%s", err, changes, diff)
		}
	})
}
