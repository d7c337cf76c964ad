package servicegraph

import (
	"errors"
	"math"
	"testing"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

func good(t testing.TB, name string) string {
	t.Helper()
	text, err := answers.FS.ReadFile("servicegraph/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func graph(text string) (refused, broken error) {
	var edges []evidence.Edge
	refused, broken = attack.JSON(func(text string) (_ []evidence.Edge, err error) {
		edges, err = decode("http://servicegraph/graph", []byte(text))
		return edges, err
	})(text)
	return refused, errors.Join(broken, whole(edges))
}

func drawing(text string) (refused, broken error) {
	edges, err := decodeDot("http://servicegraph/dotgraph", []byte(text))
	return err, errors.Join(attack.Storable(edges), whole(edges))
}

func whole(edges []evidence.Edge) error {
	for _, e := range edges {
		if e.From == "" || e.To == "" || e.Unit == "" || e.Rate < 0 || math.IsNaN(e.Rate) || math.IsInf(e.Rate, 0) {
			return errors.New("an edge without an end, a unit or a rate")
		}
	}
	return nil
}

func TestGraphMalformed(t *testing.T) {
	attack.Parser(t, graph, []string{good(t, "graph.json"), `{"nodes":{},"edges":[]}`, `{"nodes":{},"edges":null}`})
}

func TestDotMalformed(t *testing.T) { attack.Parser(t, drawing, []string{good(t, "dotgraph.txt")}) }

func FuzzGraph(f *testing.F) { attack.FuzzParser(f, graph, good(f, "graph.json")) }

func FuzzDot(f *testing.F) { attack.FuzzParser(f, drawing, good(f, "dotgraph.txt")) }
