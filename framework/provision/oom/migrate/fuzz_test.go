package migrate_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// FuzzObject: whatever the object, there is an answer; what comes back is a
// fixed point and decodes strictly, and the input stays as it is.
func FuzzObject(f *testing.F) {
	for _, e := range examples() {
		text, err := parse(f, e.from).MarshalJSON()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	f.Fuzz(func(t *testing.T, text []byte) {
		from := &unstructured.Unstructured{}
		if err := json.Unmarshal(text, &from.Object); err != nil {
			t.Skip("no JSON object")
		}
		before := from.DeepCopy()
		got, changes, err := migrate.Object(from)
		if diff := cmp.Diff(before, from); diff != "" {
			t.Fatalf("the input changed: -want +got:\n%s", diff)
		}
		if err != nil {
			return
		}
		again(t, got)
		if slices.ContainsFunc(changes, unchecked) {
			return
		}
		written, err := json.Marshal(got.Object)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := strict.Decode(written, nil, nil); err != nil {
			t.Errorf("%s: %v", written, err)
		}
	})
}
