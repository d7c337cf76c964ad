package prometheus_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

const matrix = `{"status":"success","data":{"resultType":"matrix","result":[
 {"metric":{"a":"b"},"values":[[1,"0"],[2,"3.5"],[3,"NaN"]]},
 {"metric":{},"values":[[1,"+Inf"]]}]}}`

func span() prometheus.Span {
	from := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	return prometheus.Span{From: from, To: from.Add(time.Minute), Step: 2 * time.Second}
}

func TestDraw(t *testing.T) {
	var asked url.Values
	got, err := serve(t, matrix, 200, &asked).Draw(t.Context(), `rate(up[1m])`, span())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(evidence.Answer{Series: 2, Numbers: 2, NotZero: 1}, got); diff != "" {
		t.Error(diff)
	}
	if asked.Get("query") != "rate(up[1m])" || asked.Get("step") != "2" || asked.Get("start") != "1795446000" || asked.Get("end") != "1795446060" {
		t.Errorf("asked %v", asked)
	}
}

func TestDrawMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		answer  string
		status  int
		refused bool
		want    string
		absence evidence.Absence
	}{
		"bad query":       {"error.json", 400, true, "parse error", ""},
		"cannot evaluate": {`{"status":"error","errorType":"execution","error":"many-to-many"}`, 422, true, "many-to-many", ""},
		"too slow":        {`{"status":"error","errorType":"timeout","error":"query timed out"}`, 503, false, "ask Prometheus to draw", evidence.Transient},
		"a vector":        {"empty.json", 200, false, "no matrix", evidence.Final},
		"no results":      {`{"status":"success","data":{"resultType":"matrix","result":null}}`, 200, false, "no matrix", evidence.Final},
		"a null series":   {`{"status":"success","data":{"resultType":"matrix","result":[null]}}`, 200, false, "a series is null", evidence.Final},
		"a proxy's 503":   {"upstream connect error", 503, false, "answers 503", evidence.Transient},
		"HTML":            {"<html>", 200, false, "ask Prometheus", evidence.Final},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, c.answer, c.status, nil).Draw(t.Context(), "up", span())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %+v, %v", got, err)
			}
			var refused *prometheus.RefusedError
			if errors.As(err, &refused) != c.refused {
				t.Errorf("refused is %v: %v", !c.refused, err)
			}
			if !c.refused && evidence.AbsenceOf(err) != c.absence {
				t.Errorf("%s, want %s", evidence.AbsenceOf(err), c.absence)
			}
		})
	}
}

func TestDrawAttacked(t *testing.T) {
	draw := asked(func(ctx context.Context, o *prometheus.Observer) (evidence.Answer, error) {
		return o.Draw(ctx, "up", span())
	},
		func(a evidence.Answer) error {
			if a.NotZero > a.Numbers || a.Numbers > 0 && a.Series == 0 {
				return errors.New("more numbers than points, or points without a series")
			}
			return nil
		})
	attack.Parser(t, draw, []string{matrix, `{"status":"success","data":{"resultType":"matrix","result":[]}}`})
}
