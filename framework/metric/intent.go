package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// End is one end of a call. A generation that does not know workloads goes by
// the Service; no field at all is any end.
type End struct {
	Workload string
	// Service is its name in full: "msb-iag.onap.svc.cluster.local".
	Service string
}

// Intent is a question about the mesh's metrics in no generation's words:
// requests from A to B with code C, as reporter R counts them.
type Intent struct {
	// What is counted; several quantities are answered at one moment, so that
	// they can be compared.
	What     []Quantity
	From, To End
	// Namespace is the callee's, any when it is empty.
	Namespace string
	// Reporter is the end that counts, any when it is empty.
	Reporter string
	// Code is the answer's, any when it is zero.
	Code int
	// By are the dimensions of the answer; without any every series is answered as
	// it is. A dimension that a generation does not know is left out.
	By []Dimension
}

// PromQL is the intent in the generation's words. The answer is the counters as
// they are: what they rose by is the difference of two answers. What cannot be
// asked of the generation is an error.
func (g Generation) PromQL(i Intent) (string, error) {
	selector, err := g.selector(i)
	if err != nil {
		return "", err
	}
	if len(i.By) == 0 {
		return printed(selector)
	}
	return printed(g.by(parser.SUM, selector, i.By))
}

// Quantile asks below which milliseconds the share of all durations over the
// last while was, by the intent's dimensions; its quantity must be Duration.
func (g Generation) Quantile(share float64, i Intent, over time.Duration) (string, error) {
	if !slices.Equal(i.What, []Quantity{Duration}) {
		return "", fmt.Errorf("a quantile of %v: only %s has one", i.What, Duration)
	}
	selector, err := g.selector(i)
	if err != nil {
		return "", err
	}
	named(selector, g.names[Duration]+Bucket)
	rate := call("rate", &parser.MatrixSelector{VectorSelector: selector, Range: over})
	buckets := g.by(parser.SUM, rate, append(slices.Clone(i.By), Bound))
	quantile := call("histogram_quantile", &parser.NumberLiteral{Val: share}, buckets)
	if g.Unit != time.Millisecond {
		factor := float64(g.Unit / time.Millisecond)
		quantile = &parser.BinaryExpr{Op: parser.MUL, LHS: quantile, RHS: &parser.NumberLiteral{Val: factor}}
	}
	return printed(quantile)
}

// CountAges asks how many seconds old the newest count of requests is, in any
// generation's words, by the server's own clock, for each job that scrapes.
func CountAges() (string, error) {
	var names []string
	for _, g := range Generations() {
		names = append(names, g.Series(Requests)...)
	}
	totals := named(&parser.VectorSelector{}, slices.Compact(names)...)
	return printed(&parser.AggregateExpr{Op: parser.MIN, Grouping: []string{"job"}, Expr: since(totals)})
}

// TargetAges asks how many seconds ago each target was scraped last, by the
// server's own clock.
func TargetAges() (string, error) {
	up := &parser.VectorSelector{Name: "up"}
	return printed(&parser.AggregateExpr{Op: parser.MAX, Grouping: []string{"job", "instance"}, Expr: since(named(up, "up"))})
}

// Names asks which of all generations' series there are now.
func Names() (string, error) {
	var names []string
	for _, g := range Generations() {
		names = append(names, g.all()...)
	}
	slices.Sort(names)
	all := named(&parser.VectorSelector{}, slices.Compact(names)...)
	return printed(&parser.AggregateExpr{Op: parser.COUNT, Grouping: []string{string(Name)}, Expr: all})
}

// Check says why the official parser does not take a query, if it does not.
func Check(promql string) error {
	if _, err := parser.NewParser(parser.Options{EnableExperimentalFunctions: true}).ParseExpr(promql); err != nil {
		return fmt.Errorf("read the query %s: %w", promql, err)
	}
	return nil
}

// selector is the series of the intent.
func (g Generation) selector(i Intent) (*parser.VectorSelector, error) {
	var names []string
	for _, q := range i.What {
		if g.names[q] == "" {
			return nil, fmt.Errorf("%s does not count %q", g.Title, q)
		}
		names = append(names, g.Series(q)...)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("ask %s: the intent says not what is counted", g.Title)
	}
	all := named(&parser.VectorSelector{}, names...)
	add := func(d Dimension, value string) {
		if value != "" && g.Knows(d) {
			all.LabelMatchers = append(all.LabelMatchers, labels.MustNewMatcher(labels.MatchEqual, g.label(d), value))
		}
	}
	add(Source, g.end(i.From))
	add(Destination, g.end(i.To))
	add(Reporter, i.Reporter)
	if i.Code != 0 {
		add(Code, strconv.Itoa(i.Code))
	}
	switch {
	case i.Namespace == "":
	case g.Knows(Namespace):
		add(Namespace, i.Namespace)
	default:
		inside := `[^.]+\.` + regexp.QuoteMeta(i.Namespace) + `\..+`
		all.LabelMatchers = append(all.LabelMatchers, labels.MustNewMatcher(labels.MatchRegexp, g.label(Destination), inside))
	}
	if i.Reporter != "" && i.Reporter != ByDestination && !g.Knows(Reporter) {
		return nil, fmt.Errorf("%s does not say what the %s counts", g.Title, i.Reporter)
	}
	if !g.Knows(Namespace) && (i.From.Workload != "" && i.From.Service == "" || i.To.Workload != "" && i.To.Service == "") {
		return nil, fmt.Errorf("%s knows no workloads: name the Services of %s and %s", g.Title, i.From.Workload, i.To.Workload)
	}
	return all, nil
}

// end is what the generation calls it.
func (g Generation) end(e End) string {
	if g.Knows(Namespace) {
		return e.Workload
	}
	return e.Service
}

// named lets a selector select series of these names.
func named(selector *parser.VectorSelector, names ...string) *parser.VectorSelector {
	matcher := labels.MustNewMatcher(labels.MatchEqual, string(Name), names[0])
	if len(names) > 1 {
		matcher = labels.MustNewMatcher(labels.MatchRegexp, string(Name), strings.Join(names, "|"))
	}
	others := slices.DeleteFunc(selector.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == string(Name) })
	selector.LabelMatchers = append([]*labels.Matcher{matcher}, others...)
	selector.Name = ""
	if len(names) == 1 {
		selector.Name = names[0]
	}
	return selector
}

// by aggregates by the dimensions that the generation knows.
func (g Generation) by(op parser.ItemType, of parser.Expr, dimensions []Dimension) parser.Expr {
	all := &parser.AggregateExpr{Op: op, Expr: of}
	for _, d := range dimensions {
		if g.Knows(d) {
			all.Grouping = append(all.Grouping, g.label(d))
		}
	}
	return all
}

// since is how long ago the samples were taken.
func since(selector parser.Expr) parser.Expr {
	return &parser.BinaryExpr{Op: parser.SUB, LHS: call("time"), RHS: call("timestamp", selector)}
}

func call(function string, arguments ...parser.Expr) parser.Expr {
	return &parser.Call{Func: parser.Functions[function], Args: arguments}
}

// printed writes an expression, and has the parser read what was written: its
// types are checked, and quoting cannot change its meaning.
func printed(expression parser.Expr) (string, error) {
	text := expression.String()
	if err := Check(text); err != nil {
		return "", err
	}
	return text, nil
}
