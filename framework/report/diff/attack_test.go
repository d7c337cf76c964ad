package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/internal/malform"
	"github.com/onap/meshcert/framework/report"
)

// copied is a run of its own with the same content.
func copied(t testing.TB, r Run) Run {
	t.Helper()
	var out report.Report
	text, err := r.Report.JSON()
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Run{Report: &out, Artifacts: r.Artifacts}
}

// printed is everything that is made of a difference.
func printed(t testing.TB, d Diff) string {
	t.Helper()
	document, err := d.JSON()
	if err == nil {
		err = d.Page(io.Discard)
	}
	if err != nil {
		t.Errorf("%v, of %+v", err, d)
	}
	return string(document) + d.Text(false)
}

// TestBrokenReports breaks one side in 10,000 ways. Nothing panics, a run does
// not differ from itself, and either side tells the same.
func TestBrokenReports(t *testing.T) {
	a, b := made(t, nil), made(t, nil)
	breaker := malform.NewBreaker(1, b.Report)
	different := 0
	for i := range attack.Inputs {
		breaker.Break()
		attack.Survive(t, func() {
			d := compared(a, b)
			if !d.Empty() {
				different++
			}
			if i%4 == 0 {
				if d := compared(b, b); d.changes() > 0 || d.Worse+d.Better > 0 {
					t.Errorf("a broken run differs from itself:\n%s", d.Text(false))
				}
			}
			if i%20 == 0 {
				printed(t, d)
				mirrors(t, a, b)
			}
		}, func() string { return fmt.Sprintf("%+v", *b.Report) })
		breaker.Mend()
		if t.Failed() {
			return
		}
	}
	if different < attack.Inputs/10 {
		t.Errorf("only %d of %d broken reports differ", different, attack.Inputs)
	}
	t.Logf("%d inputs, %d differ", attack.Inputs, different)
}

// TestBrokenArtifacts hands malformed files to the sections that read some.
// What cannot be read is told; what can is compared.
func TestBrokenArtifacts(t *testing.T) {
	a, b := made(t, nil), made(t, nil)
	count := map[string]int{}
	for path, topic := range map[string]Topic{
		"artifacts/casablanca/graph.edges/graph.json":                  Edges,
		"artifacts/casablanca/metrics.labels/series.json":              Metrics,
		"artifacts/casablanca/metrics.workloads/workloads-before.json": Metrics,
		"artifacts/casablanca/metrics.workloads/workloads.json":        Metrics,
	} {
		files := b.Artifacts.(fstest.MapFS)
		good := files[path]
		for text := range malform.Texts(1, attack.Inputs/4, string(good.Data)) {
			files[path] = &fstest.MapFile{Data: []byte(text)}
			attack.Survive(t, func() {
				d := compared(a, b)
				s := d.Section(topic)
				switch {
				case len(s.Unknown) > 0:
					count["unknown"]++
				case len(s.Changes) > 0:
					count["changed"]++
				default:
					count["same"]++
				}
				if !malform.JSON(text) && len(s.Unknown) == 0 {
					t.Errorf("no JSON, and %s says nothing: %q", topic, text)
				}
				if n := len(d.Sections); n > 1 || n == 1 && d.Sections[0].Topic != topic {
					t.Errorf("%s is broken, and told is\n%s", path, d.Text(false))
				}
			}, func() string { return text })
			if t.Failed() {
				return
			}
		}
		files[path] = good
	}
	for _, kind := range []string{"unknown", "changed", "same"} {
		if count[kind] == 0 {
			t.Errorf("never %s: %v", kind, count)
		}
	}
	t.Logf("%v", count)
}

// TestOrder: the order of the lists of a run changes nothing.
func TestOrder(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			a, b := made(t, nil), made(t, c.change)
			want := printed(t, compared(a, b))
			shuffler := malform.NewBreaker(1, b.Report)
			for range 5 {
				other := copied(t, b)
				shuffle(t, shuffler, &other)
				if diff := cmp.Diff(want, printed(t, compared(a, other))); diff != "" {
					t.Fatalf("another order gives another difference (-before +after):\n%s", diff)
				}
			}
		})
	}
}

func shuffle(t testing.TB, by *malform.Breaker, r *Run) {
	t.Helper()
	mix(by, r.Report.Specs)
	mix(by, r.Report.Phases)
	mix(by, r.Report.Gaps)
	for i := range r.Report.Specs {
		mix(by, r.Report.Specs[i].Findings)
		mix(by, r.Report.Specs[i].Figures)
	}
	for i := range r.Report.Environments {
		e := &r.Report.Environments[i]
		mix(by, e.Images)
		mix(by, e.Nodes)
		mix(by, e.Charts)
		mix(by, e.Changes)
	}
	files := fstest.MapFS{}
	for path, one := range r.Artifacts.(fstest.MapFS) {
		files[path] = one
	}
	const graph = "artifacts/casablanca/graph.edges/graph.json"
	var kept struct {
		Evidence evidence.Graph `json:"evidence"`
	}
	if err := json.Unmarshal(files[graph].Data, &kept); err != nil {
		t.Fatal(err)
	}
	mix(by, kept.Evidence.Edges)
	files[graph] = file(t, kept.Evidence)
	r.Artifacts = files
}

func mix[T any](by *malform.Breaker, list []T) {
	by.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// TestManySpecs: ten times the specs cost about ten times the steps, not a hundred:
// match asks for the text of each item twice.
func TestManySpecs(t *testing.T) {
	for _, n := range []int{100, 10_000} {
		list := make([]int, n)
		for i := range list {
			list[i] = i
		}
		other := slices.Clone(list)
		slices.Reverse(other)
		texts, told := 0, 0
		match(list, other[:n/2], func(i int) string { return fmt.Sprint(i) }, func(i int) string { texts++; return fmt.Sprint(i) }, func(_, _ *int) { told++ })
		if texts > 4*n || told != n/2 {
			t.Errorf("%d items: %d texts made, %d told", n, texts, told)
		}
	}
}

// TestPageHoldsNoMarkup: what a run says is text in the page, whatever it is.
func TestPageHoldsNoMarkup(t *testing.T) {
	evil := `</td><script>alert(1)</script><img src="http://x.example/">`
	b := made(t, func(s *sample) {
		s.run.ID, s.run.Version = evil, evil
		s.env.Istio, s.env.Images[0].Ref = evil, evil
		s.graph.Edges = append(s.graph.Edges, evidence.Edge{From: evil, To: evil, Rate: 1})
	})
	var page bytes.Buffer
	if err := compared(made(t, nil), b).Page(&page); err != nil {
		t.Fatal(err)
	}
	for _, markup := range []string{"<script", "<img"} {
		if bytes.Contains(page.Bytes(), []byte(markup)) {
			t.Errorf("the page holds %s:\n%s", markup, &page)
		}
	}
	if !bytes.Contains(page.Bytes(), []byte("&lt;script&gt;")) {
		t.Errorf("the page does not show what the run says:\n%s", &page)
	}
}
