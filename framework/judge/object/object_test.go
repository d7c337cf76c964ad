package object_test

import (
	"testing"

	"github.com/onap/meshcert/framework/judge/object"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 spans", 1: "1 span", 2: "2 spans"} {
		if got := object.Count(n, "span"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
