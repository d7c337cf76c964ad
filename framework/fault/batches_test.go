package fault

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBatches(t *testing.T) {
	on := func(id string, actions ...Action) Fault { return Fault{ID: id, Apply: actions} }
	edit := func(object string) Action { return Action{Edit: object} }
	red := func(f Fault, reds ...Red) Fault { f.Red = reds; return f }
	alone := func(f Fault) Fault { f.Alone = true; return f }
	disturbs := func(f Fault, globs ...string) Fault { f.Disturbs = globs; return f }
	a, b, c := edit("Service onap/a"), edit("Service onap/b"), edit("Service onap/c")
	x, y := red(on("x", a), Red{"graph.dot", "k", "o"}), red(on("y", b), Red{"graph.edges", "k", "o"})
	for name, c := range map[string]struct {
		faults []Fault
		want   [][]string
	}{
		"none":              {nil, nil},
		"recorded":          {[]Fault{{ID: "1", Evidence: []Edit{{}}}}, nil},
		"recorded and live": {[]Fault{{ID: "1", Evidence: []Edit{{}}}, on("2", a)}, [][]string{{"2"}}},
		"apart":             {[]Fault{on("1", a), on("2", b), on("3", c)}, [][]string{{"1", "2", "3"}}},
		"same object":       {[]Fault{on("1", a), on("2", a), on("3", b)}, [][]string{{"2"}, {"1", "3"}}},
		"alone is last":     {[]Fault{alone(on("1", a)), on("2", b), on("3", c)}, [][]string{{"2", "3"}, {"1"}}},
		"two alone":         {[]Fault{on("1", a), alone(on("2", b)), alone(on("4", edit("x")))}, [][]string{{"4"}, {"2"}, {"1"}}},
		"few batches": {[]Fault{on("1", a), on("2", b), on("3", a, c), on("4", c), on("5", b, c)},
			[][]string{{"4"}, {"1", "5"}, {"2", "3"}}},
		"where its spec is run anyway": {[]Fault{x, disturbs(y, "graph.dot"), red(on("z", c), Red{"graph.edges", "k", "p"})},
			[][]string{{"y", "z"}, {"x"}}},
		"where the fewest are": {[]Fault{x, disturbs(y, "graph.dot"), on("v", c), on("w", edit("Service onap/d"))},
			[][]string{{"w", "y"}, {"v", "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			for range 5 {
				var got [][]string
				for _, batch := range Batches(c.faults) {
					got = append(got, ids(batch))
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%v, -want +got:\n%s", ids(c.faults), diff)
				}
				rand.Shuffle(len(c.faults), func(i, j int) { c.faults[i], c.faults[j] = c.faults[j], c.faults[i] })
			}
		})
	}
}

// TestRivals: what keeps two faults apart, whichever of them is asked.
func TestRivals(t *testing.T) {
	on := func(actions ...Action) Fault {
		return Fault{Apply: actions, Red: []Red{{"graph.dot", "k", "o"}}}
	}
	a, b := Action{Edit: "Deployment onap/a"}, Action{Edit: "Service onap/b"}
	other := func(actions ...Action) Fault {
		return Fault{Apply: actions, Red: []Red{{"graph.edges", "k", "o"}}}
	}
	disturbing := func(globs ...string) Fault { f := other(b); f.Disturbs = globs; return f }
	manifest := func(kind, namespace string) Action {
		return Action{Create: map[string]any{"kind": kind, "metadata": map[string]any{"namespace": namespace, "name": "a"}}}
	}
	clears := other(b)
	clears.Clear = []Action{{Restart: "Deployment onap/a"}}
	same, alone := other(b), other(b)
	same.Red = append(same.Red, Red{"graph.dot", "k", "o"})
	alone.Alone = true
	spec := other(b)
	spec.Red = []Red{{"graph.dot", "k", "p"}, {"graph.dot", "l", "o"}}
	for name, c := range map[string]struct {
		one, other Fault
		want       bool
	}{
		"nothing in common":        {on(a), other(b), false},
		"alone":                    {on(a), alone, true},
		"same object":              {on(a), other(a), true},
		"a later action":           {on(a), other(b, a), true},
		"edit and restart":         {on(a), other(Action{Restart: "Deployment onap/a"}), true},
		"edit and delete":          {on(a), other(Action{Delete: "Deployment onap/a"}), true},
		"edit and create":          {on(a), other(manifest("Deployment", "onap")), true},
		"with a group":             {on(a), other(Action{Edit: "Deployment.apps onap/a"}), true},
		"while clearing":           {on(a), clears, true},
		"values are one":           {on(Action{Values: []string{"a=1"}}), other(Action{Values: []string{"b=2"}}), true},
		"requests are none":        {on(Action{Request: &Request{}}), other(Action{Request: &Request{}}), false},
		"same finding":             {on(a), same, true},
		"other findings of a spec": {on(a), spec, false},
		"a spec":                   {on(a), disturbing("graph.dot"), true},
		"a topic":                  {on(a), disturbing("msb.*", "graph.*"), true},
		"its own spec":             {on(a), disturbing("graph.edges"), false},
		"another topic":            {on(a), disturbing("graphs.*", "graph", "dot"), false},
		"pods of an edit":          {on(a), disturbing(Pods), true},
		"pods of a restart":        {on(Action{Restart: "Deployment meshcert-canary/a"}), disturbing(Pods), true},
		"pods of a deletion":       {on(Action{Delete: "Deployment onap/a"}), disturbing(Pods), true},
		"pods of a new Deployment": {on(manifest("Deployment", "onap")), disturbing(Pods), true},
		"a new pod":                {on(manifest("Pod", "onap")), disturbing(Pods), true},
		"pods of values":           {on(Action{Values: []string{"a=1"}}), disturbing(Pods), true},
		"pods while clearing":      {clears, disturbing(Pods), true},
		"pods without sidecars":    {on(Action{Edit: "Deployment istio-system/a"}), disturbing(Pods), false},
		"pods of the client":       {on(Action{Restart: "Deployment meshcert-client/a"}), disturbing(Pods), false},
		"no pods":                  {on(Action{Edit: "Service onap/a"}), disturbing(Pods), false},
		"no pods of a request":     {on(Action{Request: &Request{}}), disturbing(Pods), false},
		"one that disturbs pods":   {disturbing(Pods), on(Action{Edit: "Namespace onap"}), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got, back := c.one.rivals(c.other), c.other.rivals(c.one); got != c.want || back != c.want {
				t.Errorf("got %v and the other way round %v, want %v", got, back, c.want)
			}
		})
	}
}

// liveFaults are the catalogue's live faults.
func liveFaults(t *testing.T) []Fault {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f Fault) bool { return !f.Live() })
}
