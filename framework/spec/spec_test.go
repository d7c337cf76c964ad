package spec_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/spec"
)

// whole is a spec that lacks nothing.
func whole(id string, labels ...spec.Label) spec.Spec {
	return spec.Spec{
		ID: id, Proves: "it works", FailsIf: "it does not", Labels: labels,
		Run: func(context.Context, *spec.Env) {},
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*spec.Spec)
		want  string
	}{
		"no dot":            {func(s *spec.Spec) { s.ID = "tracing" }, "must be topic.slug"},
		"upper case":        {func(s *spec.Spec) { s.ID = "Tracing.a" }, "must be topic.slug"},
		"two dots":          {func(s *spec.Spec) { s.ID = "tracing.a.b" }, "must be topic.slug"},
		"a dangling hyphen": {func(s *spec.Spec) { s.ID = "tracing.a-" }, "must be topic.slug"},
		"no id":             {func(s *spec.Spec) { s.ID = "" }, "must be topic.slug"},
		"twice":             {func(s *spec.Spec) { s.ID = "msb.other" }, "twice"},
		"proves nothing":    {func(s *spec.Spec) { s.Proves = "" }, "Proves and FailsIf"},
		"never fails":       {func(s *spec.Spec) { s.FailsIf = "" }, "Proves and FailsIf"},
		"does nothing":      {func(s *spec.Spec) { s.Run = nil }, "Run is not set"},
		"unknown label":     {func(s *spec.Spec) { s.Labels = []spec.Label{spec.Core, "coer"} }, `label "coer" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			s := whole("tracing.a-1", spec.Core)
			c.spoil(&s)
			err := spec.Validate([]spec.Spec{whole("msb.other"), s})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `spec "`+s.ID+`"`) {
				t.Errorf("got %v, want an error that names the spec and says %q", err, c.want)
			}
		})
	}
	if err := spec.Validate([]spec.Spec{whole("tracing.a-1", spec.Core), whole("msb.other")}); err != nil {
		t.Errorf("good specs are refused: %v", err)
	}
	all := spec.Validate([]spec.Spec{{ID: "a"}, {ID: "b"}})
	for _, want := range []string{`spec "a"`, `spec "b"`, "Proves", "Run"} {
		if !strings.Contains(all.Error(), want) {
			t.Errorf("not all that is wrong is listed: %v", all)
		}
	}
}

func TestNames(t *testing.T) {
	s := whole("tracing.multicloud-to-vio", spec.Core, spec.MultiCloud)
	if s.Topic() != "tracing" || s.Slug() != "multicloud-to-vio" {
		t.Errorf("topic %q, slug %q", s.Topic(), s.Slug())
	}
	if diff := cmp.Diff([]string{"tracing", "core", "multicloud"}, s.LabelNames()); diff != "" {
		t.Error(diff)
	}
	if spec.DefaultLimit < time.Minute {
		t.Errorf("a spec that says nothing has only %s", spec.DefaultLimit)
	}
}
