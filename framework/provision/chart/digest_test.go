package chart

import (
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	helmchart "helm.sh/helm/v3/pkg/chart"
)

func origin(t *testing.T, c *helmchart.Chart, values map[string]any) Origin {
	t.Helper()
	of, err := OriginOf(c, values)
	if err != nil {
		t.Fatal(err)
	}
	digest := regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	if !digest.MatchString(of.Chart) || !digest.MatchString(of.Values) {
		t.Fatalf("no digests: %+v", of)
	}
	return of
}

// TestOrigin: each part of a chart, and of what it depends on, is in the digest;
// the order of files is not.
func TestOrigin(t *testing.T) {
	first := origin(t, app(t), map[string]any{"size": map[string]any{"small": 3}})
	same := app(t)
	slices.Reverse(same.Templates)
	if again := origin(t, same, map[string]any{"size": map[string]any{"small": 3, "large": 9}}); again != first {
		t.Errorf("the same chart, its files in another order and its values written out: %+v, want %+v", again, first)
	}
	for name, file := range map[string]string{
		"values": "app/values.yaml", "a template": "app/templates/account.yaml", "a dependency": "lib/templates/_helpers.tpl", "metadata": "app/Chart.yaml",
	} {
		all := files()
		all[file] = &fstest.MapFile{Data: slices.Concat(all[file].Data, []byte("\n# more\n"))}
		if name == "metadata" {
			all[file] = &fstest.MapFile{Data: []byte("{apiVersion: v2, name: app, version: 1.2.4, dependencies: [{name: lib, version: 1.0.0, repository: 'file://../lib'}]}")}
		}
		if name == "values" {
			all[file] = &fstest.MapFile{Data: []byte("size: {small: 1, large: 8}\n")}
		}
		changed, err := Load(all, "app")
		if err != nil {
			t.Fatal(err)
		}
		if got := origin(t, changed, nil); got.Chart == first.Chart {
			t.Errorf("another of %s has the same digest", name)
		}
	}
	other := origin(t, app(t), map[string]any{"size": map[string]any{"small": 4}})
	if other.Values == first.Values || other.Chart != first.Chart {
		t.Errorf("other values: %+v, at first %+v", other, first)
	}
}

// TestOriginOfWhatIsInstalled: a release says what it was made of, also after an
// upgrade, and one that somebody else installed what Helm's record has.
func TestOriginOfWhatIsInstalled(t *testing.T) {
	client, records := inMemory()
	listed := func() Origin {
		t.Helper()
		all, err := client.List(t.Context(), "default")
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return Origin{all[0].ChartDigest, all[0].ValuesDigest}
	}
	wanted := Release{Name: "one", Namespace: "default", Chart: app(t)}
	ensure := func(want Change) {
		t.Helper()
		if got, err := client.Ensure(t.Context(), wanted); err != nil || got != want {
			t.Fatalf("%s, %v; want %s", got, err, want)
		}
	}
	ensure(Installed)
	if want := origin(t, app(t), nil); listed() != want {
		t.Errorf("installed: %+v, want %+v", listed(), want)
	}
	wanted.Values = map[string]any{"size": map[string]any{"small": 3}}
	ensure(Upgraded)
	if want := origin(t, app(t), wanted.Values); listed() != want {
		t.Errorf("upgraded: %+v, want %+v", listed(), want)
	}
	wanted.Origin = Origin{"sha256:a", "sha256:b"}
	ensure(Upgraded)
	ensure(Unchanged)
	if listed() != wanted.Origin {
		t.Errorf("with an origin of its own: %+v", listed())
	}
	last, err := records.Last("one")
	if err != nil {
		t.Fatal(err)
	}
	last.Chart.Metadata.Annotations = nil
	if err := records.Update(last); err != nil {
		t.Fatal(err)
	}
	if foreign := listed(); foreign == wanted.Origin || foreign.Chart == "" || foreign.Values != origin(t, app(t), wanted.Values).Values {
		t.Errorf("installed by somebody else: %+v", foreign)
	}
}
