// Package dashboards looks at Istio's dashboards as a person would, without
// Grafana: it resolves their variables with Prometheus, draws every query over the time
// of the traffic, and asks why a query has no data. It guarantees that an answer
// that only a fallback ("or vector(0)") gives is told from data, and that a
// Prometheus that does not answer is an error, never a dashboard without data.
package dashboards

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

// Prometheus answers queries; *prometheus.Observer does.
type Prometheus interface {
	Query(ctx context.Context, promql string) (evidence.Samples, error)
	Draw(ctx context.Context, promql string, span prometheus.Span) (evidence.Answer, error)
}

// Page is a dashboard, the rules for it and whom it is looked at for.
type Page struct {
	Rules     dashboards.Rules
	Dashboard dashboards.Dashboard
	Subjects  map[dashboards.Traffic]dashboards.Subject
}

// step is between two points that are drawn; atOnce bounds the queries at one time.
const (
	step   = 2 * time.Second
	atOnce = 8
)

// Look draws all queries of the dashboard over the time from then until now: each
// for whom its rule says, and for Always where it has none or needs no data. A
// query for a traffic without a subject is not asked.
func Look(ctx context.Context, p Prometheus, page Page, from time.Time) (evidence.Dashboard, error) {
	seen := evidence.Dashboard{Title: page.Dashboard.Title, From: from.UTC(), To: time.Now().UTC()}
	values := map[dashboards.Traffic]map[string]string{dashboards.Always: {}}
	for _, traffic := range page.Rules.Traffics() {
		if _, ok := page.Subjects[traffic]; !ok {
			continue
		}
		resolved, variables, err := resolve(ctx, p, page, traffic)
		if err != nil {
			return evidence.Dashboard{}, err
		}
		values[traffic] = resolved
		seen.Variables = append(seen.Variables, variables...)
	}
	var err error
	if seen.Queries, err = questions(page, values); err != nil {
		return evidence.Dashboard{}, err
	}
	span := prometheus.Span{From: seen.To.Add(-seen.To.Sub(seen.From).Truncate(step)), To: seen.To, Step: step} // now is a point
	err = each(ctx, len(seen.Queries), func(ctx context.Context, i int) error { return draw(ctx, p, &seen.Queries[i], span) })
	if err != nil {
		return evidence.Dashboard{}, err
	}
	if seen.Counts, err = counts(ctx, p, seen.Queries); err != nil {
		return evidence.Dashboard{}, err
	}
	seen.Jobs, err = jobs(ctx, p)
	return seen, err
}

// each does something for 0 to n-1, some at a time, until one fails.
func each(ctx context.Context, n int, do func(context.Context, int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}

// resolve resolves the dashboard's variables for whom it is looked at, in their order.
func resolve(ctx context.Context, p Prometheus, page Page, traffic dashboards.Traffic) (map[string]string, []evidence.Variable, error) {
	subject := page.Subjects[traffic]
	values := map[string]string{}
	if traffic == dashboards.Always {
		return values, nil, nil
	}
	var all []evidence.Variable
	for _, v := range page.Dashboard.Variables {
		if v.Query == "" {
			values[v.Name] = dashboards.One(v.Value)
			continue
		}
		offered, err := offer(ctx, p, v, values)
		if err != nil {
			return nil, nil, err
		}
		offered.Traffic = string(traffic)
		if v.All {
			values[v.Name] = dashboards.All(offered.Values)
		} else {
			if offered.Picked, err = subject.Pick(v.Name); err != nil {
				return nil, nil, evidence.Absent(evidence.Final, fmt.Errorf("dashboard %s: %w", page.Dashboard.Title, err))
			}
			values[v.Name] = dashboards.One(offered.Picked)
		}
		all = append(all, offered)
	}
	return values, all, nil
}

// offer asks for the values that a person can pick.
func offer(ctx context.Context, p Prometheus, v dashboards.Variable, values map[string]string) (evidence.Variable, error) {
	asked, err := v.Ask()
	if err == nil {
		asked, err = dashboards.Expand(asked, values)
	}
	if err != nil {
		return evidence.Variable{}, evidence.Absent(evidence.Final, err)
	}
	samples, err := p.Query(ctx, asked)
	if err != nil {
		return evidence.Variable{}, fmt.Errorf("ask for the values of variable %s: %w", v.Name, err)
	}
	found, err := v.Values(lines(samples))
	if err != nil {
		return evidence.Variable{}, evidence.Absent(evidence.Final, err)
	}
	slices.Sort(found)
	return evidence.Variable{Name: v.Name, Query: asked, Values: found}, nil
}

// lines are samples as Grafana writes the answer to query_result:
// NAME{LABEL="VALUE",…} VALUE.
func lines(samples evidence.Samples) []string {
	var all []string
	for _, item := range samples.Items {
		var labels []string
		for _, name := range slices.Sorted(maps.Keys(item.Labels)) {
			if name != "__name__" {
				labels = append(labels, fmt.Sprintf("%s=%q", name, item.Labels[name]))
			}
		}
		all = append(all, fmt.Sprintf("%s{%s} %g", item.Labels["__name__"], strings.Join(labels, ","), item.Value))
	}
	return all
}

// questions are the queries with their variables resolved.
func questions(page Page, values map[dashboards.Traffic]map[string]string) ([]evidence.PanelAnswer, error) {
	var all []evidence.PanelAnswer
	for _, q := range page.Dashboard.Queries {
		traffic := audience(page, q)
		resolved, ok := values[traffic]
		if !ok {
			continue
		}
		expr, err := dashboards.Expand(q.Expr, resolved)
		if err != nil {
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("dashboard %s, panel %s: %w", page.Dashboard.Title, q.Title, err))
		}
		all = append(all, evidence.PanelAnswer{Panel: q.Panel, Title: q.Title, Ref: q.Ref, Traffic: string(traffic), Query: expr})
	}
	return all, nil
}

// audience is whom a query is asked for. One that needs no data, or has no rule,
// is asked for the dashboard's first subject, if it has variables.
func audience(page Page, q dashboards.Query) dashboards.Traffic {
	need, _ := page.Rules.Need(q.Panel, q.Ref)
	switch {
	case need.Traffic != "":
		return need.Traffic
	case len(page.Dashboard.Variables) > 0:
		return dashboards.HTTP
	}
	return dashboards.Always
}

// draw answers one query, and without what answers without data.
func draw(ctx context.Context, p Prometheus, q *evidence.PanelAnswer, span prometheus.Span) error {
	judged, fallback, err := dashboards.Judged(q.Query)
	if err != nil {
		return refused(q, &prometheus.RefusedError{Query: q.Query, Message: err.Error()})
	}
	whole, err := p.Draw(ctx, q.Query, span)
	if err != nil {
		return refused(q, err)
	}
	if !fallback {
		q.Answer = whole
		return nil
	}
	q.Fallback, q.Judged, q.Whole = true, judged, whole
	if judged == "" {
		return nil
	}
	if q.Answer, err = p.Draw(ctx, judged, span); err != nil {
		return refused(q, err)
	}
	return nil
}

// refused keeps what Prometheus has against a query; any other error stays one.
func refused(q *evidence.PanelAnswer, err error) error {
	var refused *prometheus.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	q.Error = refused.Message
	return nil
}

// jobs lists the jobs that Prometheus scrapes.
func jobs(ctx context.Context, p Prometheus) ([]string, error) {
	up, err := p.Query(ctx, "count by (job) (up)")
	if err != nil {
		return nil, fmt.Errorf("ask for the jobs that are scraped: %w", err)
	}
	all := []string{}
	for _, item := range up.Items {
		all = append(all, item.Labels["job"])
	}
	slices.Sort(all)
	return all, nil
}
