package grafana_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/grafana"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

// Answers in the form of Grafana's documentation of its HTTP API.
const (
	health    = `{"commit": "abc", "database": "ok", "version": "12.3.0"}`
	sources   = `[{"id": 1, "uid": "p1", "orgId": 1, "name": "Prometheus", "type": "prometheus", "access": "proxy", "url": "http://prometheus:9090", "isDefault": true, "readOnly": true}]`
	sourceOK  = `{"message": "Successfully queried the Prometheus API.", "status": "OK"}`
	sourceBad = `{"message": "Post \"http://prometheus:9090/api/v1/query\": dial tcp: connection refused", "status": "ERROR"}`
	search    = `[{"id": 2, "uid": "s", "title": "Istio Service Dashboard", "type": "dash-db", "tags": []}, {"id": 1, "uid": "m", "title": "Istio Mesh Dashboard", "type": "dash-db"}]`
	dashboard = `{"meta": {"slug": "m"}, "dashboard": {"uid": "m", "title": "Istio Mesh Dashboard", "panels": [{"id": 2, "title": "Traffic Volume", "targets": [{"expr": "up"}]}]}}`
	frames    = `{"results": {"A": {"status": 200, "frames": [
	 {"schema": {"refId": "A", "fields": [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number", "labels": {"job": "x", "__name__": "up"}}]},
	  "data": {"values": [[1700000000000, 1700000002000, 1700000004000], [0, null, 2]], "entities": [null, {"NaN": [1]}]}},
	 {"schema": {"refId": "A", "fields": [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number"}]}, "data": {"values": [[1700000000000], [null]]}},
	 {"schema": {"refId": "A", "fields": []}, "data": {"values": []}}]}}}`
	refused = `{"results": {"A": {"error": "bad_data: parse error: unclosed left parenthesis", "errorSource": "downstream", "status": 400}}}`
	away    = `{"results": {"A": {"error": "Post http://prometheus:9090: connection refused", "status": 502}}}`
)

// answers are status and body by path.
type answers map[string]struct {
	status int
	body   string
}

func good() answers {
	return answers{
		"/api/health": {200, health}, "/api/datasources": {200, sources}, "/api/datasources/uid/p1/health": {200, sourceOK},
		"/api/search": {200, search}, "/api/dashboards/uid/m": {200, dashboard}, "/api/ds/query": {200, frames},
	}
}

// serve is a server with these answers; asked is told of the body of a query.
func serve(t *testing.T, all answers, asked *string) *grafana.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked != nil && r.Method == http.MethodPost {
			text, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			*asked = string(text)
		}
		a, ok := all[strings.TrimPrefix(r.URL.Path, "/proxy")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return grafana.At(base.JoinPath("proxy"), server.Client())
}

func TestLook(t *testing.T) {
	want := evidence.Grafana{
		Found: true, Version: "12.3.0", Database: "ok",
		Sources:    []evidence.DataSource{{UID: "p1", Name: "Prometheus", Type: "prometheus", URL: "http://prometheus:9090", Default: true, Status: "OK", Message: "Successfully queried the Prometheus API."}},
		Dashboards: []evidence.DashboardEntry{{UID: "m", Title: "Istio Mesh Dashboard"}, {UID: "s", Title: "Istio Service Dashboard"}},
	}
	got, err := serve(t, good(), nil).Look(t.Context())
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	sick := good()
	sick["/api/datasources/uid/p1/health"] = answers{"": {400, sourceBad}}[""]
	if got, err := serve(t, sick, nil).Look(t.Context()); err != nil || got.Sources[0].Status != "ERROR" || !strings.Contains(got.Sources[0].Message, "connection refused") {
		t.Errorf("a sick source: %+v, %v", got.Sources, err)
	}
	unknown := good()
	delete(unknown, "/api/datasources/uid/p1/health")
	if got, err := serve(t, unknown, nil).Look(t.Context()); err != nil || got.Sources[0].Status != "" {
		t.Errorf("a source without a check: %+v, %v", got.Sources, err)
	}
}

func TestLookMalformed(t *testing.T) {
	const unavailable = `{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no endpoints available for service \"grafana\"","code":503}`
	for name, c := range map[string]struct {
		path    string
		status  int
		body    string
		absence evidence.Absence
	}{
		"nobody behind it":          {"/api/health", 503, unavailable, evidence.Unmet},
		"it lets nobody in":         {"/api/datasources", 401, `{"message": "Unauthorized"}`, evidence.Final},
		"it is busy":                {"/api/search", 500, "oops", evidence.Transient},
		"it is another program":     {"/api/health", 200, `{"status": "UP"}`, evidence.Final},
		"a login page":              {"/api/health", 200, "<html>login</html>", evidence.Final},
		"no list of sources":        {"/api/datasources", 200, "null", evidence.Final},
		"a source without uid":      {"/api/datasources", 200, `[{"name": "x", "type": "prometheus"}]`, evidence.Final},
		"no list of dashboards":     {"/api/search", 200, "null", evidence.Final},
		"a dashboard without title": {"/api/search", 200, `[{"uid": "m"}]`, evidence.Final},
		"a health without status":   {"/api/datasources/uid/p1/health", 200, `{}`, evidence.Final},
		"a health behind a 404":     {"/api/datasources/uid/p1/health", 404, unavailable, evidence.Unmet},
		"half an answer":            {"/api/search", 200, `[{"uid": `, evidence.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			all := good()
			all[c.path] = answers{"": {c.status, c.body}}[""]
			got, err := serve(t, all, nil).Look(t.Context())
			if err == nil || evidence.AbsenceOf(err) != c.absence {
				t.Errorf("got %+v, %v (%s), want %s", got, err, evidence.AbsenceOf(err), c.absence)
			}
		})
	}
}

func TestDashboard(t *testing.T) {
	got, err := serve(t, good(), nil).Dashboard(t.Context(), "m")
	if err != nil || got.Title != "Istio Mesh Dashboard" || len(got.Queries) != 1 || got.Queries[0].Expr != "up" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, body := range []string{`{}`, `{"dashboard": null}`, `{"dashboard": {"panels": []}}`} {
		all := good()
		all["/api/dashboards/uid/m"] = answers{"": {200, body}}[""]
		if got, err := serve(t, all, nil).Dashboard(t.Context(), "m"); err == nil || evidence.AbsenceOf(err) != evidence.Final {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}

func span() prometheus.Span {
	from := time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)
	return prometheus.Span{From: from, To: from.Add(time.Minute), Step: 2 * time.Second}
}

func TestSource(t *testing.T) {
	var asked string
	source := serve(t, good(), &asked).Source("p1")
	answer, err := source.Draw(t.Context(), "up", span())
	if diff := cmp.Diff(evidence.Answer{Series: 2, Numbers: 2, NotZero: 1}, answer); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	var sent map[string]any
	if err := json.Unmarshal([]byte(asked), &sent); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"from": "1795446000000", "to": "1795446060000", "queries": []any{map[string]any{
		"refId": "A", "datasource": map[string]any{"uid": "p1"}, "expr": "up", "instant": false, "range": true, "intervalMs": 2000.0, "maxDataPoints": 1000.0,
	}}}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
	samples, err := source.Query(t.Context(), "up")
	if err != nil || len(samples.Items) != 1 || len(samples.Warnings) != 1 {
		t.Fatalf("got %+v, %v", samples, err)
	}
	if diff := cmp.Diff(evidence.Sample{Labels: map[string]string{"job": "x", "__name__": "up"}, Value: 2}, samples.Items[0]); diff != "" {
		t.Error(diff)
	}
}

func TestSourceMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		body    string
		refused bool
		absence evidence.Absence
	}{
		"a query is refused":   {400, refused, true, evidence.Transient},
		"Prometheus is away":   {500, away, false, evidence.Transient},
		"no such source":       {404, `{"message": "data source not found"}`, false, evidence.Transient},
		"not allowed":          {403, `{"message": "Access denied"}`, false, evidence.Final},
		"no result":            {200, `{"results": {}}`, false, evidence.Final},
		"no frames":            {200, `{"results": {"A": {"status": 200}}}`, false, evidence.Final},
		"a text for a number":  {200, strings.Replace(frames, "null, 2]", `null, "2"]`, 1), false, evidence.Final},
		"a login page":         {200, "<html>", false, evidence.Final},
		"half":                 {200, `{"results": {"A"`, false, evidence.Transient},
		"nothing":              {200, "", false, evidence.Transient},
		"an answer of the API": {503, `{"kind":"Status","message":"no endpoints available for service \"grafana\"","code":503}`, false, evidence.Unmet},
	} {
		t.Run(name, func(t *testing.T) {
			all := good()
			all["/api/ds/query"] = answers{"": {c.status, c.body}}[""]
			got, err := serve(t, all, nil).Source("p1").Draw(t.Context(), "up", span())
			var said *prometheus.RefusedError
			if err == nil || errors.As(err, &said) != c.refused || evidence.AbsenceOf(err) != c.absence {
				t.Errorf("got %+v, %v (%s), want %s", got, err, evidence.AbsenceOf(err), c.absence)
			}
		})
	}
}

// answered is a server that answers everything with itself.
type answered string

func (a answered) RoundTrip(request *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(a))), Request: request}, nil
}

func source(text string) *grafana.Source {
	return grafana.At(&url.URL{Scheme: "http", Host: "grafana"}, &http.Client{Transport: answered(text)}).Source("p1")
}

func TestSourceAttacked(t *testing.T) {
	for name, parse := range map[string]attack.Parse{
		"draw": attack.JSON(func(text string) (evidence.Answer, error) {
			return source(text).Draw(context.Background(), "up", span())
		}),
		"query": attack.JSON(func(text string) (evidence.Samples, error) { return source(text).Query(context.Background(), "up") }),
	} {
		t.Run(name, func(t *testing.T) { attack.Parser(t, parse, []string{frames}) })
	}
}
