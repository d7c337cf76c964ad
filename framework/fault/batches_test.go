package fault

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBatches(t *testing.T) {
	on := func(id string, actions ...Action) Fault { return Fault{ID: id, Apply: actions} }
	edit := func(object string) Action { return Action{Edit: object} }
	red := func(f Fault, reds ...Red) Fault { f.Red = reds; return f }
	alone := func(f Fault) Fault { f.Alone = true; return f }
	clears := func(f Fault, a Action) Fault { f.Clear = []Action{a}; return f }
	a, b, c := edit("Deployment onap/a"), edit("Deployment onap/b"), edit("Deployment onap/c")
	manifest := map[string]any{"kind": "Deployment", "metadata": map[string]any{"namespace": "onap", "name": "a"}}
	for name, c := range map[string]struct {
		faults []Fault
		want   [][]string
	}{
		"none":                {nil, nil},
		"recorded":            {[]Fault{{ID: "1", Evidence: []Edit{{}}}}, nil},
		"recorded and live":   {[]Fault{{ID: "1", Evidence: []Edit{{}}}, on("2", a)}, [][]string{{"2"}}},
		"apart":               {[]Fault{on("1", a), on("2", b), on("3", c)}, [][]string{{"1", "2", "3"}}},
		"same object":         {[]Fault{on("1", a), on("2", a), on("3", b)}, [][]string{{"1", "3"}, {"2"}}},
		"a later action":      {[]Fault{on("1", a, b), on("2", c, b)}, [][]string{{"1"}, {"2"}}},
		"edit and restart":    {[]Fault{on("1", a), on("2", Action{Restart: "Deployment onap/a"})}, [][]string{{"1"}, {"2"}}},
		"edit and delete":     {[]Fault{on("1", a), on("2", Action{Delete: "Deployment onap/a"})}, [][]string{{"1"}, {"2"}}},
		"edit and create":     {[]Fault{on("1", a), on("2", Action{Create: manifest})}, [][]string{{"1"}, {"2"}}},
		"with a group":        {[]Fault{on("1", a), on("2", edit("Deployment.apps onap/a"))}, [][]string{{"1"}, {"2"}}},
		"while clearing":      {[]Fault{on("1", a), clears(on("2", b), Action{Restart: "Deployment onap/a"})}, [][]string{{"1"}, {"2"}}},
		"values are one":      {[]Fault{on("1", Action{Values: []string{"a=1"}}), on("2", Action{Values: []string{"b=2"}})}, [][]string{{"1"}, {"2"}}},
		"requests are none":   {[]Fault{on("1", Action{Request: &Request{}}), on("2", Action{Request: &Request{}})}, [][]string{{"1", "2"}}},
		"alone":               {[]Fault{on("1", a), alone(on("2", b)), on("3", c), alone(on("4", edit("x")))}, [][]string{{"1", "3"}, {"2"}, {"4"}}},
		"alone first":         {[]Fault{alone(on("1", a)), on("2", b), on("3", c)}, [][]string{{"1"}, {"2", "3"}}},
		"same finding":        {[]Fault{red(on("1", a), Red{"s", "k", "o"}), red(on("2", b), Red{"s", "x", ""}, Red{"s", "k", "o"})}, [][]string{{"1"}, {"2"}}},
		"findings of a spec":  {[]Fault{red(on("1", a), Red{"s", "k", "o"}), red(on("2", b), Red{"s", "k", "p"}, Red{"s", "l", "o"})}, [][]string{{"1", "2"}}},
		"the first with room": {[]Fault{on("1", a), on("2", a), on("3", a, b), on("4", b), on("5", c, b)}, [][]string{{"1", "4"}, {"2", "5"}, {"3"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got [][]string
			for _, batch := range Batches(c.faults) {
				got = append(got, ids(batch))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
