package dashboards

import (
	"context"
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
)

// counts says of every metric how many series there are, and of what queries
// without a number select too: the whole selector and each of its matchers alone.
func counts(ctx context.Context, p Prometheus, queries []evidence.PanelAnswer) ([]evidence.SeriesCount, error) {
	var texts []string
	for _, q := range queries {
		selectors, err := dashboards.JudgedSelectors(q)
		if err != nil {
			continue // its answer says so
		}
		for _, s := range selectors {
			texts = append(texts, s.Metric)
			if q.Answer.NotZero > 0 {
				continue
			}
			texts = append(texts, s.Text)
			for _, alone := range s.Alone() {
				texts = append(texts, alone.Text)
			}
		}
	}
	slices.Sort(texts)
	texts = slices.DeleteFunc(slices.Compact(texts), func(text string) bool { return text == "" })
	all := make([]evidence.SeriesCount, len(texts))
	err := each(ctx, len(texts), func(ctx context.Context, i int) error {
		var err error
		all[i], err = count(ctx, p, texts[i])
		return err
	})
	return all, err
}

func count(ctx context.Context, p Prometheus, selector string) (evidence.SeriesCount, error) {
	seen := evidence.SeriesCount{Selector: selector}
	var err error
	if seen.Fresh, err = number(ctx, p, fmt.Sprintf("count(timestamp(%s) > time() - 60)", selector)); err != nil || seen.Fresh > 0 {
		return seen, err
	}
	seen.Earlier, err = number(ctx, p, fmt.Sprintf("count(last_over_time(%s[1h]))", selector))
	return seen, err
}

// number is the value of a query that answers with one sample or none.
func number(ctx context.Context, p Prometheus, query string) (int, error) {
	samples, err := p.Query(ctx, query)
	if err != nil {
		return 0, fmt.Errorf("count series: %w", err)
	}
	sum := 0
	for _, item := range samples.Items {
		sum += int(item.Value)
	}
	return sum, nil
}
