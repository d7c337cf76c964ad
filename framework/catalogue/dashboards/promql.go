package dashboards

import (
	"fmt"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/onap/meshcert/framework/evidence"
)

// Judged returns the query without what answers where there is no data ("or
// vector(0)"), as Prometheus' parser writes it; fallback tells whether there was
// such a thing. A query that answers without any data is "".
func Judged(query string) (judged string, fallback bool, err error) {
	expr, err := parse(query)
	if err != nil {
		return "", false, err
	}
	if answersAlways(expr) {
		return "", true, nil
	}
	whole := expr.String()
	judged = withoutFallback(expr).String()
	return judged, judged != whole, nil
}

func parse(query string) (parser.Expr, error) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return nil, fmt.Errorf("parse %s: %w", query, err)
	}
	return expr, nil
}

// withoutFallback drops, of every A or B, the side that always answers.
func withoutFallback(expr parser.Expr) parser.Expr {
	switch e := expr.(type) {
	case *parser.BinaryExpr:
		if e.Op == parser.LOR && answersAlways(e.RHS) {
			return withoutFallback(e.LHS)
		}
		if e.Op == parser.LOR && answersAlways(e.LHS) {
			return withoutFallback(e.RHS)
		}
		e.LHS, e.RHS = withoutFallback(e.LHS), withoutFallback(e.RHS)
	case *parser.AggregateExpr:
		e.Expr = withoutFallback(e.Expr)
	case *parser.Call:
		for i := range e.Args {
			e.Args[i] = withoutFallback(e.Args[i])
		}
	case *parser.ParenExpr:
		e.Expr = withoutFallback(e.Expr)
	case *parser.UnaryExpr:
		e.Expr = withoutFallback(e.Expr)
	case *parser.SubqueryExpr:
		e.Expr = withoutFallback(e.Expr)
	}
	return expr
}

// answersAlways tells whether an expression has a value although Prometheus
// holds nothing: it selects no series, or asks for their absence.
func answersAlways(expr parser.Expr) bool {
	switch e := expr.(type) {
	case *parser.ParenExpr:
		return answersAlways(e.Expr)
	case *parser.UnaryExpr:
		return answersAlways(e.Expr)
	case *parser.AggregateExpr:
		return answersAlways(e.Expr)
	case *parser.BinaryExpr:
		return answersAlways(e.LHS) && answersAlways(e.RHS)
	case *parser.Call:
		if e.Func.Name == "absent" || e.Func.Name == "absent_over_time" {
			return true
		}
		for _, arg := range e.Args {
			if arg.Type() != parser.ValueTypeString && !answersAlways(arg) {
				return false
			}
		}
		return true
	case *parser.NumberLiteral, *parser.StringLiteral:
		return true
	}
	return false
}

// Selector is what a query must find series of.
type Selector struct {
	// Metric is a name; Matchers are the conditions on labels, as PromQL writes them.
	Metric   string
	Matchers []string
	// Text is the selector as PromQL writes it.
	Text string
}

// Selectors lists what a query must find, in its order and each once. Of "A or B"
// these are A's: B stands in for it where there is another generation of metrics.
func Selectors(query string) ([]Selector, error) {
	expr, err := parse(query)
	if err != nil {
		return nil, err
	}
	var all []Selector
	collect(expr, &all)
	return all, nil
}

// JudgedSelectors are the selectors of what is judged of a panel's query: without its
// fallback, so none where nothing else is left.
func JudgedSelectors(q evidence.PanelAnswer) ([]Selector, error) {
	switch {
	case q.Fallback && q.Judged == "":
		return nil, nil
	case q.Fallback:
		return Selectors(q.Judged)
	}
	return Selectors(q.Query)
}

func collect(node parser.Node, all *[]Selector) {
	switch e := node.(type) {
	case *parser.BinaryExpr:
		collect(e.LHS, all)
		if e.Op != parser.LOR && e.Op != parser.LUNLESS {
			collect(e.RHS, all)
		}
	case *parser.VectorSelector:
		s := selector(e)
		if !slices.ContainsFunc(*all, func(o Selector) bool { return o.Text == s.Text }) {
			*all = append(*all, s)
		}
	default:
		for _, child := range parser.Children(node) {
			collect(child, all)
		}
	}
}

func selector(e *parser.VectorSelector) Selector {
	bare := &parser.VectorSelector{Name: e.Name, LabelMatchers: e.LabelMatchers}
	s := Selector{Metric: e.Name, Text: bare.String()}
	for _, m := range e.LabelMatchers {
		if m.Name == model.MetricNameLabel {
			if s.Metric == "" && m.Type == labels.MatchEqual {
				s.Metric = m.Value
			}
			continue
		}
		s.Matchers = append(s.Matchers, m.String())
	}
	return s
}

// Alone are selectors of the same metric with each matcher by itself.
func (s Selector) Alone() []Selector {
	var all []Selector
	for _, m := range s.Matchers {
		all = append(all, Selector{Metric: s.Metric, Matchers: []string{m}, Text: s.Metric + "{" + m + "}"})
	}
	return all
}
