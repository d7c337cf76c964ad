package all_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestSpecsAreWhole(t *testing.T) {
	if err := spec.Validate(all.Specs()); err != nil {
		t.Error(err)
	}
}

// TestIDsAreStable: ids are in reports, JUnit, waivers and FOCUS. Adding one is
// free; renaming or removing one breaks who refers to it.
func TestIDsAreStable(t *testing.T) {
	var ids []string
	for _, s := range all.Specs() {
		ids = append(ids, s.ID)
	}
	golden := filepath.Join("testdata", "ids.txt")
	got := strings.Join(ids, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s, -want +got (go test ./suites/all -update):\n%s", golden, diff)
	}
}

// topics are those of the spec list, in its order.
func topics() []string {
	var out []string
	for _, s := range all.Specs() {
		if !slices.Contains(out, s.Topic()) {
			out = append(out, s.Topic())
		}
	}
	return out
}

// TestOrder: what everything stands on comes first, and a topic's specs are together.
func TestOrder(t *testing.T) {
	want := []string{"cluster", "controlplane", "injection", "sidecar", "msb", "tracing", "graph", "metrics", "releases", "hygiene"}
	if diff := cmp.Diff(want, topics()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	last := ""
	seen := map[string]bool{}
	for _, s := range all.Specs() {
		if s.Topic() != last && seen[s.Topic()] {
			t.Errorf("the specs of topic %s are not together", s.Topic())
		}
		last, seen[s.Topic()] = s.Topic(), true
	}
}

func TestProfilesNameTopicsThatExist(t *testing.T) {
	for _, p := range verdict.Profiles() {
		for _, stage := range p.Stages {
			for _, topic := range stage.Topics {
				if !slices.Contains(topics(), topic) {
					t.Errorf("profile %s judges release %s on topic %q, which has no spec", p.Name, stage.Release, topic)
				}
			}
		}
	}
}

// kinds are the kinds of findings that the judges of a topic can give a known
// gap a name with.
func kinds(topic string) []string {
	return map[string][]string{
		"tracing": {"headers-dropped", "headers-not-forwarded", "headers-forwarded-sometimes", "trace-id-changed", "port-not-http", "trace-incomplete", "missing-span", "sidecar-missing", "several-roots", "context-lost", "wrong-service"},
		"sidecar": {"missing-container", "unexpected-container", "not-ready", "restarts", "no-pods"},
	}[topic]
}

// TestGapsAreSeen: a known gap names a spec that is run on its release, and a
// kind that this spec can find.
func TestGapsAreSeen(t *testing.T) {
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, gap := range release.Gaps {
			i := slices.IndexFunc(all.Specs(), func(s spec.Spec) bool { return s.ID == gap.Spec })
			if i < 0 {
				t.Errorf("gap %s of %s is seen by spec %q, which does not exist", gap.ID, name, gap.Spec)
				continue
			}
			topic := all.Specs()[i].Topic()
			if stage := verdict.OfRelease(name).Stages[0]; len(stage.Topics) > 0 && !slices.Contains(stage.Topics, topic) {
				t.Errorf("gap %s of %s is seen by topic %s, which the release is not judged on", gap.ID, name, topic)
			}
			if !slices.Contains(kinds(topic), string(gap.Kind)) {
				t.Errorf("gap %s of %s is of kind %q, which topic %s does not find (it finds %q)", gap.ID, name, gap.Kind, topic, kinds(topic))
			}
		}
	}
}

// TestFaults: every spec is turned red by a fault, and every fault by specs that exist.
func TestFaults(t *testing.T) {
	faults, err := fault.Load()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, s := range all.Specs() {
		ids = append(ids, s.ID)
	}
	if err := fault.CheckSpecs(faults, ids); err != nil {
		t.Error(err)
	}
}

// TestSentences: list, explain and the docs put Proves and FailsIf into sentences of their own.
func TestSentences(t *testing.T) {
	for _, s := range all.Specs() {
		for _, text := range []string{s.Proves, s.FailsIf} {
			if strings.HasSuffix(text, ".") || strings.Contains(text, "\n") || strings.TrimSpace(text) != text {
				t.Errorf("spec %s: %q is not one clause without a full stop", s.ID, text)
			}
		}
	}
}
