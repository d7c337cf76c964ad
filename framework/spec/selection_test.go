package spec_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/spec"
)

// some is a spec list of three topics.
func some() []spec.Spec {
	return []spec.Spec{
		whole("sidecar.ready", spec.Core, spec.MSB, spec.VFC),
		whole("msb.portal", spec.Extended, spec.MSB),
		whole("tracing.multicloud-to-vio", spec.Core, spec.MultiCloud),
		whole("tracing.nslcm-to-catalog", spec.Extended, spec.VFC),
		whole("tracing.volume", spec.Extended, spec.Soak),
	}
}

func ids(specs []spec.Spec) string {
	var out []string
	for _, s := range specs {
		out = append(out, s.ID)
	}
	return strings.Join(out, " ")
}

const (
	ready, portal, vio, nslcm = "sidecar.ready", "msb.portal", "tracing.multicloud-to-vio", "tracing.nslcm-to-catalog"
	volume                    = "tracing.volume"
)

func TestSelect(t *testing.T) {
	for name, c := range map[string]struct {
		selection spec.Selection
		want      []string
	}{
		"everything":                {spec.Selection{}, []string{ready, portal, vio, nslcm}},
		"a topic":                   {spec.Selection{Focus: "tracing"}, []string{vio, nslcm}},
		"an id":                     {spec.Selection{Focus: portal}, []string{portal}},
		"a glob":                    {spec.Selection{Focus: "*.*-to-*"}, []string{vio, nslcm}},
		"several, the list's order": {spec.Selection{Focus: nslcm + ", sidecar"}, []string{ready, nslcm}},
		"one twice":                 {spec.Selection{Focus: "msb,msb.portal"}, []string{portal}},
		"a label":                   {spec.Selection{LabelFilter: "core"}, []string{ready, vio}},
		"a label expression":        {spec.Selection{LabelFilter: "core && !vfc"}, []string{vio}},
		"a topic as label":          {spec.Selection{LabelFilter: "tracing || msb"}, []string{ready, portal, vio, nslcm}},
		"a label pattern":           {spec.Selection{LabelFilter: "/^multi/"}, []string{vio}},
		"what takes minutes":        {spec.Selection{Soak: true}, []string{ready, portal, vio, nslcm, volume}},
		"that by its id":            {spec.Selection{Focus: "msb, " + volume}, []string{portal, volume}},
		"that by its label":         {spec.Selection{LabelFilter: "soak"}, []string{volume}},
		"focus and label":           {spec.Selection{Focus: "tracing", LabelFilter: "vfc"}, []string{nslcm}},
		"a stage's topics":          {spec.Selection{Topics: []string{"msb", "sidecar"}}, []string{ready, portal}},
		"focus outside the stage":   {spec.Selection{Focus: "tracing", Topics: []string{"msb"}}, nil},
		"label outside the focus":   {spec.Selection{Focus: "msb", LabelFilter: "core && multicloud"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := spec.Select(some(), c.selection)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Join(c.want, " "), ids(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestSelectRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		selection spec.Selection
		field     string
		parts     []string
	}{
		"unknown topic":            {spec.Selection{Focus: "tracign"}, "--focus", []string{`"tracign"`, "did you mean tracing?"}},
		"part of an id":            {spec.Selection{Focus: "nslcm"}, "--focus", []string{"did you mean tracing.nslcm-to-catalog?"}},
		"unknown among known":      {spec.Selection{Focus: "tracing,sidecra"}, "--focus", []string{`"sidecra"`, "sidecar"}},
		"a glob that fits nothing": {spec.Selection{Focus: "graph.*"}, "--focus", []string{`"graph.*"`, "there are: msb, msb.portal"}},
		"a broken glob":            {spec.Selection{Focus: "tracing.["}, "--focus", []string{`"tracing.["`, "not a valid glob"}},
		"a comma too many":         {spec.Selection{Focus: "tracing,"}, "--focus", []string{`""`}},
		"unknown label":            {spec.Selection{LabelFilter: "coer"}, "--label-filter", []string{"did you mean core?"}},
		"unknown label inside":     {spec.Selection{LabelFilter: "core && !(vcf)"}, "--label-filter", []string{`"vcf"`, "vfc"}},
		"a broken expression":      {spec.Selection{LabelFilter: "core && ("}, "--label-filter", []string{"core && ("}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := spec.Select(some(), c.selection)
			usage(t, err, c.field, c.parts...)
			if got != nil {
				t.Errorf("the error comes with %s", ids(got))
			}
		})
	}
}

// usage demands one line of a *config.UsageError about the field.
func usage(t *testing.T, err error, field string, parts ...string) {
	t.Helper()
	var usage *config.UsageError
	if !errors.As(err, &usage) || usage.Field != field {
		t.Fatalf("got %v, want a *config.UsageError about %s", err, field)
	}
	for _, part := range parts {
		if !strings.Contains(usage.Text, part) {
			t.Errorf("%q is not in: %s", part, usage.Text)
		}
	}
	if strings.ContainsAny(usage.Text, "\x1b\n") {
		t.Errorf("not one plain line: %q", usage.Text)
	}
}

func TestCheckSelection(t *testing.T) {
	nothing := spec.Selection{Focus: "tracing", Topics: []string{"msb"}}
	something := spec.Selection{Focus: "tracing"}
	for name, stages := range map[string][]spec.Selection{
		"one stage with a spec":       {something},
		"the second stage has a spec": {nothing, something},
		"the first stage has a spec":  {something, nothing},
	} {
		if err := spec.CheckSelection(some(), stages...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	usage(t, spec.CheckSelection(some(), nothing, nothing), "--focus", "selects no spec", "meshcert list")
	usage(t, spec.CheckSelection(some()), "--focus", "selects no spec")
	usage(t, spec.CheckSelection(some(), spec.Selection{Focus: "tracign"}), "--focus", "did you mean tracing?")
	usage(t, spec.CheckSelection(nil, spec.Selection{}), "--focus", "selects no spec")
}
