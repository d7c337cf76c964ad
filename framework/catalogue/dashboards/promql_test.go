package dashboards_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
)

func TestJudged(t *testing.T) {
	for query, c := range map[string]struct {
		judged   string
		fallback bool
	}{
		`sum(rate(a[1m]))`:                             {`sum(rate(a[1m]))`, false},
		`round(sum(a), 0.01)or vector(0)`:              {`round(sum(a), 0.01)`, true},
		`vector(0) or a`:                               {`a`, true},
		`a or 0 * vector(7)`:                           {`a`, true},
		`sum(a) / (sum(b) or on () vector(1))`:         {`sum(a) / (sum(b))`, true},
		`sum(a or absent(a))`:                          {`sum(a)`, true},
		`a or (b or vector(0))`:                        {`a or (b)`, true},
		`(a or vector(0)) or b`:                        {`(a) or b`, true},
		`rate(a[1m]) or rate(b[1m])`:                   {`rate(a[1m]) or rate(b[1m])`, false},
		`label_replace(a, "x", "$1", "y", "(.*)")`:     {`label_replace(a, "x", "$1", "y", "(.*)")`, false},
		`max_over_time((a or vector(0))[5m:10s])`:      {`max_over_time((a)[5m:10s])`, true},
		`-(a or vector(0))`:                            {`-(a)`, true},
		`vector(1)`:                                    {``, true},
		`absent(a)`:                                    {``, true},
		`time()`:                                       {``, true},
		`sum(vector(1)) + 2`:                           {``, true},
		`histogram_quantile(0.5, sum by (le) (a)) > 1`: {`histogram_quantile(0.5, sum by (le) (a)) > 1`, false},
	} {
		judged, fallback, err := dashboards.Judged(query)
		if err != nil || judged != c.judged || fallback != c.fallback {
			t.Errorf("%s: got %q, %v, %v, want %q, %v", query, judged, fallback, err, c.judged, c.fallback)
		}
	}
	if _, _, err := dashboards.Judged("sum("); err == nil {
		t.Error("half a query is taken")
	}
}

// TestEveryQueryIsParsed: the parser takes every query of every dashboard, and
// finds what it selects.
func TestEveryQueryIsParsed(t *testing.T) {
	values := map[string]string{}
	for _, name := range []string{"service", "workload", "namespace", "qrep", "srccluster", "srcns", "srcwl", "dstcluster", "dstns", "dstwl", "dstsvc"} {
		values[name] = "x"
	}
	fallbacks := 0
	for _, name := range dashboards.Names() {
		_, dashboard := load(t, name)
		for _, q := range dashboard.Queries {
			query, err := dashboards.Expand(q.Expr, values)
			if err != nil {
				t.Fatal(err)
			}
			judged, fallback, err := dashboards.Judged(query)
			if err != nil {
				t.Fatal(err)
			}
			if fallback {
				fallbacks++
			}
			if selectors, err := dashboards.Selectors(judged); err != nil || len(selectors) == 0 || selectors[0].Metric == "" {
				t.Errorf("%s, panel %q %s: selects %+v, %v", name, q.Title, q.Ref, selectors, err)
			}
		}
	}
	if fallbacks < 4 {
		t.Errorf("%d queries have a fallback; the mesh and service dashboards have 4", fallbacks)
	}
}

func TestSelectors(t *testing.T) {
	got, err := dashboards.Selectors(`sum(rate(a{x="1",y!="2"}[1m])) / sum(rate(a{x="1",y!="2"}[5m])) or b unless c + {__name__="d"}`)
	if err != nil {
		t.Fatal(err)
	}
	want := []dashboards.Selector{{Metric: "a", Matchers: []string{`x="1"`, `y!="2"`}, Text: `a{x="1",y!="2"}`}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	alone := []dashboards.Selector{
		{Metric: "a", Matchers: []string{`x="1"`}, Text: `a{x="1"}`},
		{Metric: "a", Matchers: []string{`y!="2"`}, Text: `a{y!="2"}`},
	}
	if diff := cmp.Diff(alone, got[0].Alone()); diff != "" {
		t.Error(diff)
	}
	got, err = dashboards.Selectors(`{__name__="d"} + e`)
	if err != nil || len(got) != 2 || got[0].Metric != "d" || got[1].Metric != "e" {
		t.Errorf("got %+v, %v", got, err)
	}
}
