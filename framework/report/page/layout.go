package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dop251/goja"
)

// svg is a drawn graph; the template writes it.
type svg struct {
	Width, Height float64
	Nodes         []box
	Arrows        []arrow
}

// box is a workload; X and Y are its upper left corner.
type box struct {
	Name, Project, Class string
	X, Y, Width, Height  float64
}

// arrow is a call. Path is the d of an SVG path; X and Y are where its label is.
type arrow struct {
	edge
	Path  string
	Label string
	X, Y  float64
}

// Limits of a drawing; a larger graph is a table alone, since nobody can read it.
const (
	mostNodes  = 120
	mostArrows = 250
	layoutTime = 20 * time.Second
)

// Sizes in the units of the drawing, of text of 12.
const (
	letter, padding, boxHeight, labelHeight = 7, 20, 36, 16
)

// What layout.js takes and gives.
type (
	placed struct {
		ID     string  `json:"id,omitempty"`
		From   string  `json:"from,omitempty"`
		To     string  `json:"to,omitempty"`
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
		X      float64 `json:"x"`
		Y      float64 `json:"y"`
		Points []point `json:"points,omitempty"`
	}
	point  struct{ X, Y float64 }
	layout struct {
		Width  float64  `json:"width"`
		Height float64  `json:"height"`
		Nodes  []placed `json:"nodes"`
		Edges  []placed `json:"edges"`
	}
)

// layOut places the graph's boxes and arrows.
func layOut(edges []edge, projects map[string]string) (*svg, error) {
	var asked layout
	var nodes []string
	for _, e := range edges {
		nodes = append(nodes, e.From, e.To)
		label := labelOf(e)
		asked.Edges = append(asked.Edges, placed{From: e.From, To: e.To, Width: float64(letter * utf8.RuneCountInString(label)), Height: labelHeight})
	}
	slices.SortFunc(nodes, func(a, b string) int { return cmp.Or(strings.Compare(projects[a], projects[b]), strings.Compare(a, b)) })
	nodes = slices.Compact(nodes)
	switch {
	case len(nodes) == 0:
		return nil, fmt.Errorf("the graph has no edges")
	case len(nodes) > mostNodes || len(edges) > mostArrows:
		return nil, fmt.Errorf("%d workloads and %d edges are too many to draw; the table has them all", len(nodes), len(edges))
	}
	for _, name := range nodes {
		asked.Nodes = append(asked.Nodes, placed{ID: name, Width: float64(letter*utf8.RuneCountInString(name) + padding), Height: boxHeight})
	}
	made, err := dagre(asked)
	if err != nil {
		return nil, err
	}
	return draw(made, asked, edges, projects), nil
}

// dagre runs layout.js.
func dagre(asked layout) (layout, error) {
	var made layout
	text, err := json.Marshal(asked)
	if err != nil {
		return made, fmt.Errorf("lay out the graph: %w", err)
	}
	vm := goja.New()
	stop := time.AfterFunc(layoutTime, func() { vm.Interrupt("it took too long") })
	defer stop.Stop()
	const clone = "var structuredClone = function (value) { return JSON.parse(JSON.stringify(value)); };"
	for _, program := range []string{clone, asset("dagre/dagre.min.js")} {
		if _, err := vm.RunString(program); err != nil {
			return made, fmt.Errorf("lay out the graph: load dagre: %w", err)
		}
	}
	value, err := vm.RunScript("layout.js", asset("layout.js"))
	if err != nil {
		return made, fmt.Errorf("lay out the graph: %w", err)
	}
	call, ok := goja.AssertFunction(value)
	if !ok {
		return made, fmt.Errorf("lay out the graph: layout.js is no function")
	}
	answer, err := call(goja.Undefined(), vm.ToValue(string(text)))
	if err != nil {
		return made, fmt.Errorf("lay out the graph: %w", err)
	}
	if err := json.Unmarshal([]byte(answer.String()), &made); err != nil {
		return made, fmt.Errorf("lay out the graph: read the answer: %w", err)
	}
	if len(made.Nodes) != len(asked.Nodes) || len(made.Edges) != len(asked.Edges) {
		return made, fmt.Errorf("lay out the graph: %d of %d boxes were placed, %d of %d arrows", len(made.Nodes), len(asked.Nodes), len(made.Edges), len(asked.Edges))
	}
	return made, nil
}

func draw(made, asked layout, edges []edge, projects map[string]string) *svg {
	out := &svg{Width: made.Width, Height: made.Height}
	for i, n := range asked.Nodes {
		at := made.Nodes[i]
		project := projects[n.ID]
		out.Nodes = append(out.Nodes, box{
			Name: n.ID, Project: project, Class: classOf(project),
			X: at.X - n.Width/2, Y: at.Y - n.Height/2, Width: n.Width, Height: n.Height,
		})
	}
	for i, e := range edges {
		at := made.Edges[i]
		out.Arrows = append(out.Arrows, arrow{edge: e, Path: curve(at.Points), Label: labelOf(e), X: at.X, Y: at.Y})
	}
	return out
}

// classOf is a project's class of style.
func classOf(project string) string {
	if class := map[string]string{"MSB": "msb", "VF-C": "vfc", "MultiCloud": "multicloud"}[project]; class != "" {
		return class
	}
	return "other"
}

func labelOf(e edge) string {
	switch e.State {
	case idle:
		return ""
	case called:
		return strings.Join(slices.DeleteFunc([]string{e.Rate, e.short(), e.bad}, func(part string) bool { return part == "" }), " · ")
	}
	return e.State
}

// short is the edge's security in a word.
func (e edge) short() string {
	return strings.NewReplacer("mutual TLS", "mTLS", "plain text", "plain").Replace(e.Security)
}

// curve is a path through the middles between the points, round at the points.
func curve(points []point) string {
	if len(points) == 0 {
		return ""
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f,%.1f", points[0].X, points[0].Y)
	for i := 1; i < len(points)-1; i++ {
		end := points[i+1]
		if i < len(points)-2 {
			end = point{(points[i].X + points[i+1].X) / 2, (points[i].Y + points[i+1].Y) / 2}
		}
		fmt.Fprintf(&d, "Q%.1f,%.1f %.1f,%.1f", points[i].X, points[i].Y, end.X, end.Y)
	}
	if len(points) == 2 {
		fmt.Fprintf(&d, "L%.1f,%.1f", points[1].X, points[1].Y)
	}
	return d.String()
}

// States are those an arrow can have.
func (svg) States() []string { return []string{called, idle, forbidden, missing} }

// Middle and Baseline are where the box's text is.
func (b box) Middle() float64   { return b.X + b.Width/2 }
func (b box) Baseline() float64 { return b.Y + b.Height/2 + 4 }
