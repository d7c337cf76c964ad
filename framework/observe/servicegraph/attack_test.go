package servicegraph

import (
	"errors"
	"fmt"
	"math"
	"slices"
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

// reading tries one decoder with a text.
func reading(decode decoder) attack.Parse {
	return func(text string) (refused, broken error) {
		seen, err := decode("http://servicegraph/graph", []byte(text))
		return err, errors.Join(attack.Storable(seen), whole(seen))
	}
}

// reading JSON, of which every value is broken too.
func readingJSON(decode decoder) attack.Parse {
	return func(text string) (refused, broken error) {
		var seen evidence.NodeGraph
		refused, broken = attack.JSON(func(text string) (_ evidence.NodeGraph, err error) {
			seen, err = decode("http://servicegraph/graph", []byte(text))
			return seen, err
		})(text)
		return refused, errors.Join(broken, whole(seen))
	}
}

// whole tells whether every edge is, and has its ends among the nodes.
func whole(graph evidence.NodeGraph) error {
	for _, e := range graph.Edges {
		if e.From == "" || e.To == "" || e.Unit == "" || e.Rate < 0 || math.IsNaN(e.Rate) || math.IsInf(e.Rate, 0) {
			return errors.New("an edge without an end, a unit or a rate")
		}
		for _, node := range []string{e.FromApp + " (" + e.From + ")", e.ToApp + " (" + e.To + ")"} {
			if !slices.Contains(graph.Nodes, node) {
				return fmt.Errorf("an edge of %q, which is no node", node)
			}
		}
	}
	return nil
}

func readingPage(text string) (refused, broken error) {
	page, err := readPage("http://servicegraph/dotviz", []byte(text))
	if err == nil && page.Drawing != nil {
		broken = whole(*page.Drawing)
	}
	return err, errors.Join(broken, attack.Storable(page))
}

func TestGraphMalformed(t *testing.T) {
	attack.Parser(t, readingJSON(decode), []string{good(t, "graph.json"), `{"nodes":{},"edges":[]}`, `{"nodes":{},"edges":null}`})
}

func TestD3Malformed(t *testing.T) {
	attack.Parser(t, readingJSON(decodeD3), []string{good(t, "d3graph.json"), `{"nodes":[],"links":[]}`})
}

func TestDotMalformed(t *testing.T) {
	attack.Parser(t, reading(decodeDot), []string{good(t, "dotgraph.txt")})
}

func FuzzGraph(f *testing.F) { attack.FuzzParser(f, readingJSON(decode), good(f, "graph.json")) }

func FuzzD3(f *testing.F) { attack.FuzzParser(f, readingJSON(decodeD3), good(f, "d3graph.json")) }

func FuzzDot(f *testing.F) { attack.FuzzParser(f, reading(decodeDot), good(f, "dotgraph.txt")) }

func FuzzPage(f *testing.F) { attack.FuzzParser(f, readingPage, good(f, "dotviz.html")) }
