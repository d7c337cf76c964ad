package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
)

// shown is what the summary says of the figures.
func shown(figures []evidence.Figure) string {
	p := &page{}
	p.figures(&Report{Specs: []Spec{{ID: "a.none"}, {ID: "metrics.load", Release: "casablanca", Figures: figures}}})
	return p.Text.String()
}

func TestFiguresAreATable(t *testing.T) {
	got := shown([]evidence.Figure{
		{Name: "p99", Object: "z", Value: 12.34567, Unit: "ms"}, {Name: "requests", Object: "z", Value: 123456},
		{Name: "requests", Object: "a\nb", Value: 0}, {Name: "p99", Object: "a\nb", Value: -0.00012345, Unit: "ms"},
		{Name: "p99", Object: "c", Value: 2, Unit: "s"},
	})
	want := `
figures of metrics.load (casablanca)
  OF     p99 [ms]  requests  p99 [s]
  z         12.35    123456        -
  a b  -0.0001234         0        -
  c             -         -        2
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := shown(nil); got != "" {
		t.Errorf("no figures are %q", got)
	}
}

func TestTheTableOfFiguresIsBounded(t *testing.T) {
	var many []evidence.Figure
	for row := range 1000 {
		for column := range 30 {
			many = append(many, evidence.Figure{Name: fmt.Sprint("f", column), Object: fmt.Sprint("o", row), Value: 1e300})
		}
	}
	got := shown(many)
	if lines := strings.Count(got, "\n"); lines != figureRows+5 {
		t.Errorf("%d lines:\n%s", lines, got)
	}
	for line := range strings.Lines(got) {
		if len(line) > 120 {
			t.Errorf("%d characters: %s", len(line), line)
		}
	}
	for _, part := range []string{"… and 960 more rows in report.json", "… and 20 more columns in report.json", "1e+300"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in:\n%s", part, got)
		}
	}
}
