package prometheus_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

// serve answers every request with the recorded answer, or with the text itself.
func serve(t *testing.T, answer string, status int, seen *url.Values) *prometheus.Observer {
	t.Helper()
	if text, err := answers.FS.ReadFile("prometheus/" + answer); err == nil {
		answer = string(text)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		if seen != nil {
			*seen = r.Form
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	o, err := prometheus.At(base.JoinPath("proxy"), server.Client())
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestQuery(t *testing.T) {
	var asked url.Values
	got, err := serve(t, "requests.json", 200, &asked).Query(t.Context(), `istio_requests_total{a="b"}`)
	if err != nil {
		t.Fatal(err)
	}
	if asked.Get("query") != `istio_requests_total{a="b"}` {
		t.Errorf("asked %v", asked)
	}
	if len(got.Items) != 8 {
		t.Fatalf("%d samples, want 8 of 9 series, one being NaN", len(got.Items))
	}
	first := got.Items[0]
	if first.Value != 14 || first.Labels["source_workload"] != "unknown" || first.Labels["reporter"] != "destination" {
		t.Errorf("first sample %+v", first)
	}
	if len(got.Warnings) != 2 || !strings.Contains(got.Warnings[1], "no number: NaN") {
		t.Errorf("warnings %q", got.Warnings)
	}
}

func TestNoSamplesIsNoError(t *testing.T) {
	got, err := serve(t, "empty.json", 200, nil).Query(t.Context(), "up")
	if err != nil || len(got.Items) != 0 || got.Query != "up" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		answer  string
		status  int
		want    string
		absence evidence.Absence
	}{
		"a scalar":      {"scalar.json", 200, "not a vector", evidence.Final},
		"bad query":     {"error.json", 400, "parse error", evidence.Final},
		"HTML":          {"<html>", 200, "ask Prometheus", evidence.Final},
		"empty":         {"", 200, "ask Prometheus", ""},
		"cut":           {`{"status":"success","data":{"resultType":"vector","result":[`, 200, "ask Prometheus", ""},
		"no type":       {`{"status":"success","data":{}}`, 200, "ask Prometheus", ""},
		"null":          {"null", 200, "holds no value", evidence.Final},
		"no results":    {`{"status":"success","data":{"resultType":"vector","result":null}}`, 200, "no list of results", evidence.Final},
		"no series":     {`{"status":"success","data":{"resultType":"vector","result":[null]}}`, 200, "no value with a time", evidence.Final},
		"no value":      {`{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"}}]}}`, 200, "no value with a time", evidence.Final},
		"a proxy's 503": {"upstream connect error", 503, "answers 503", evidence.Transient},
		"no endpoints": {`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no endpoints available for service \"prometheus\"","code":503}`, 503,
			"answers 503", evidence.Unmet},
		"no Service": {`{"kind":"Status","apiVersion":"v1","status":"Failure","message":"services \"prometheus\" not found","details":{"kind":"services"},"code":404}`, 404,
			"answers 404", evidence.Unmet},
		"forbidden":                     {`{"kind":"Status","apiVersion":"v1","status":"Failure","code":403}`, 403, "answers 403", evidence.Final},
		"a 400 that is not Prometheus'": {"<html>", 400, "answers 400", evidence.Final},
		"too slow a query":              {`{"status":"error","errorType":"timeout","error":"query timed out"}`, 503, "server error: 503", evidence.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := serve(t, c.answer, c.status, nil).Query(t.Context(), "up")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
			if absence := evidence.AbsenceOf(err); c.absence != "" && absence != c.absence {
				t.Errorf("%s, want %s: %v", absence, c.absence, err)
			}
		})
	}
}

func TestTargets(t *testing.T) {
	got, err := serve(t, "targets.json", 200, nil).Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Target{
		{Pool: "istio-telemetry", URL: "http://istio-telemetry.istio-system:42422/metrics", Instance: "istio-telemetry.istio-system:42422",
			Interval: 2 * time.Second, Health: "up"},
		{Pool: "kubernetes-pods", URL: "http://10.244.0.7:15014/metrics", Instance: "10.244.0.7:15014", Health: "down",
			Error: `Get "http://10.244.0.7:15014/metrics": dial tcp 10.244.0.7:15014: connect: connection refused`},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Error(diff)
	}
	for _, answer := range []string{"<html>", "null", `{"status":"success","data":{}}`, `{"status":"success","data":{"activeTargets":null}}`} {
		if got, err := serve(t, answer, 200, nil).Targets(t.Context()); err == nil {
			t.Errorf("%s: got %+v", answer, got)
		}
	}
}
