package prometheus_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/fixtures/answers"
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/metrics"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/prometheus/prometheustest"
	"github.com/onap/meshcert/framework/verdict"
)

var update = flag.Bool("update", false, "record the answers of a real Prometheus anew")

// recorded is where the answers of a generation are kept, for this test and others.
const recorded = "../../../fixtures/answers/prometheus"

// era asks a Prometheus that has the metrics of one generation, as the specs do.
type era struct {
	metric.Generation
	release *catalogue.Release
	ask     func(name, query string) (evidence.Samples, error)
}

// moment are all answers at one moment, in the words that judges read.
type moment struct {
	Totals, Latency, Sizes, Bytes evidence.Samples
	Measured                      evidence.Measured
	// Series are in the generation's own words.
	Series evidence.Samples
}

var (
	requests = []metric.Quantity{metric.Requests}
	sizes    = []metric.Quantity{metric.RequestBytes, metric.ResponseBytes}
	bytes    = []metric.Quantity{metric.SentBytes, metric.ReceivedBytes}
	ends     = []metric.Dimension{metric.Name, metric.Bound, metric.Source, metric.Destination, metric.Reporter}
)

// at asks for everything, of a baseline for what rises; state is part of the
// names of the answers.
func (e era) at(state string) (m moment, err error) {
	in := func(by []metric.Dimension, what ...metric.Quantity) metric.Intent {
		return metric.Intent{What: what, Namespace: catalogue.Namespace, By: by}
	}
	baseline := []string{"totals", "bytes", "workloads"}
	for name, question := range map[string]struct {
		intent metric.Intent
		into   *evidence.Samples
	}{
		"totals":    {in(nil, requests...), &m.Totals},
		"latency":   {in(ends, metric.Requests, metric.Duration), &m.Latency},
		"sizes":     {in(ends, append(requests, sizes...)...), &m.Sizes},
		"bytes":     {in(ends, bytes...), &m.Bytes},
		"series":    {in(nil, append(requests, bytes...)...), &m.Series},
		"workloads": {in([]metric.Dimension{metric.Source, metric.Destination, metric.Reporter, metric.Code, metric.Security}, requests...), &m.Measured.Requests},
	} {
		if state == "before" && !slices.Contains(baseline, name) {
			continue
		}
		query, err := e.PromQL(question.intent)
		if err != nil {
			return m, err
		}
		seen, err := e.ask(name+"-"+state, query)
		if err != nil {
			return m, err
		}
		if name != "series" {
			seen = metrics.Today(e.Generation, e.release, seen)
		}
		*question.into = seen
	}
	m.Measured.Latency = m.Latency
	return m, nil
}

// sent are how many requests went over each path between two moments.
const sent = 20

// healthy judges what rose since before by everything that the specs judge by.
func (e era) healthy(before, after moment) []verdict.Finding {
	calls := e.calls(sent)
	all := metrics.Judge(calls, before.Totals, after.Totals)
	all = append(all, metrics.JudgeHistograms(calls, []metric.Quantity{metric.Duration}, after.Latency)...)
	all = append(all, metrics.JudgeHistograms(calls, sizes, after.Sizes)...)
	all = append(all, metrics.JudgeTCP(e.database(), before.Bytes, after.Bytes)...)
	all = append(all, metrics.JudgeLabels(e.Generation, after.Series)...)
	return append(all, metrics.JudgeWorkloads(e.release, catalogue.Enabled, calls, before.Measured.Requests, after.Measured)...)
}

func (e era) calls(n int) []metrics.Call {
	var all []metrics.Call
	for _, path := range e.release.Requests() {
		all = append(all, metrics.Calls(e.release, catalogue.Enabled, path, n)...)
	}
	return metrics.Known(e.Generation, all)
}

func (e era) database() []metrics.Call {
	return metrics.Known(e.Generation, metrics.TCPCalls(e.release, catalogue.Enabled, "vfc-catalog", "vfc-db"))
}

// broken is what the judges must say of the answers "broken": three requests to
// vio answered with 503 of which no histogram knows, and two to nslcm in the clear.
func (e era) broken(t *testing.T, before, after moment) {
	t.Helper()
	const vio, nslcm = "Deployment onap/multicloud-multicloud-vio", "Deployment onap/vfc-vfc-nslcm"
	found := map[string]bool{}
	for _, f := range e.healthy(before, after) {
		found[string(f.Kind)+" "+f.Object] = true
	}
	want := map[string]bool{
		"wrong-code " + vio: true, "errors " + vio: true, "broken-histogram " + vio: true, // latency, sizes, workloads
		"wrong-count " + nslcm: true, "not-mutual " + nslcm: true, "no-bytes Deployment onap/vfc-vfc-db": true,
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func (e era) report(c metrics.Call, n int) prometheustest.Report {
	name := func(workload string) (app, service string) {
		for _, w := range e.release.Workloads {
			if w.Name == workload {
				return w.App, w.Services[0].Name
			}
		}
		return metrics.Unknown, metrics.Unknown
	}
	r := prometheustest.Report{Since: e.Since, Reporter: c.Reporter, Edge: evidence.Edge{From: c.Source, To: c.Destination}, Code: c.Code, N: n}
	r.Edge.FromApp, r.From = name(c.Source)
	r.Edge.ToApp, r.To = name(c.Destination)
	return r
}

// eras are the generations, each asked in its own way.
func eras(t *testing.T, ask func(metric.Generation) func(name, query string) (evidence.Samples, error)) map[string]era {
	t.Helper()
	all := map[string]era{}
	for _, g := range metric.Generations() {
		all[g.Since] = era{g, casablanca(t), ask(g)}
	}
	return all
}

// TestRecordedGenerations judges what a real Prometheus answered for each
// generation, through the client and in the words of today.
func TestRecordedGenerations(t *testing.T) {
	for since, e := range eras(t, fromFiles) {
		t.Run(since, func(t *testing.T) {
			names, err := e.ask("names", "names")
			if err != nil {
				t.Fatal(err)
			}
			if g, ok := metrics.Spoken(names); !ok || g.Since != since || len(metrics.JudgeWords(names)) > 0 {
				t.Fatalf("it is taken for generation %q", g.Since)
			}
			var moments [3]moment
			for i, state := range []string{"before", "after", "broken"} {
				if moments[i], err = e.at(state); err != nil {
					t.Fatal(err)
				}
			}
			if found := e.healthy(moments[0], moments[1]); len(found) > 0 {
				t.Errorf("healthy: %+v", found)
			}
			e.broken(t, moments[1], moments[2])
		})
	}
}

// fromFiles answers with what was recorded.
func fromFiles(g metric.Generation) func(name, query string) (evidence.Samples, error) {
	return func(name, query string) (evidence.Samples, error) {
		text, err := answers.FS.ReadFile("prometheus/" + g.Since + "/" + name + ".json")
		if err != nil {
			return evidence.Samples{}, err
		}
		o, err := prometheus.At(&url.URL{Scheme: "http", Host: "prometheus"}, &http.Client{Transport: answered(text)})
		if err != nil {
			return evidence.Samples{}, err
		}
		return o.Query(context.Background(), query)
	}
}

// TestRealGenerations lets a real Prometheus scrape what each generation
// exports, asks it, and compares with what was recorded. With -update it records.
func TestRealGenerations(t *testing.T) {
	for since, e := range eras(t, fromFiles) {
		t.Run(since, func(t *testing.T) {
			mesh := prometheustest.NewMesh(t)
			server := prometheustest.Start(t, mesh)
			e.ask = asking(t, server.URL, since)
			kept := era{e.Generation, e.release, fromFiles(e.Generation)}
			names, err := metric.Names()
			if err != nil {
				t.Fatal(err)
			}
			e.send(mesh, 5)
			before := e.until(t, kept, "before", func(m moment) error { return e.counts(m, 5) })
			if _, err := e.ask("names", names); err != nil {
				t.Fatal(err)
			}
			e.send(mesh, sent)
			after := e.until(t, kept, "after", func(m moment) error { return findings(e.healthy(before, m)) })
			e.spoil(mesh)
			broken := e.until(t, kept, "broken", func(m moment) error { return e.counts(m, 5+2*sent+3) })
			e.broken(t, after, broken)
			e.quantile(t)
		})
	}
}

// send counts n requests over every path, and bytes to the database.
func (e era) send(mesh *prometheustest.Mesh, n int) {
	for _, c := range e.calls(n) {
		mesh.Count(e.report(c, c.Count))
	}
	for _, c := range e.database() {
		mesh.TCP(e.report(c, 100*n))
	}
}

// spoil counts what broken says, and the requests of all paths once more; of
// the database nothing.
func (e era) spoil(mesh *prometheustest.Mesh) {
	for _, c := range e.calls(sent) {
		mesh.Count(e.report(c, c.Count))
	}
	lost := e.report(metrics.Call{Source: "msb-msb-iag", Destination: "multicloud-multicloud-vio", Reporter: "destination", Code: 503}, 3)
	mesh.Lose(lost)
	plain := e.report(metrics.Call{Source: "msb-msb-iag", Destination: "vfc-vfc-nslcm", Reporter: "destination", Code: 200}, 2)
	plain.Plain = true
	mesh.Count(plain)
}

// counts tells whether the requests to vio, by its own sidecar, are n for each
// time that a path goes there, and 503 aside.
func (e era) counts(m moment, n int) error {
	want, got := 0.0, 0.0
	for _, c := range e.calls(1) {
		if c.Destination == "multicloud-multicloud-vio" && c.Reporter == "destination" {
			want += float64(c.Count * (n - n%5))
		}
	}
	want += float64(n % 5)
	for _, item := range m.Measured.Requests.Items {
		if item.Labels["destination_workload"] == "multicloud-multicloud-vio" && item.Labels["reporter"] == "destination" {
			got += item.Value
		}
	}
	if got != want {
		return fmt.Errorf("%g requests to vio, want %g", got, want)
	}
	return nil
}

// until asks until the moment is as it should be, and compares it with the recorded one.
func (e era) until(t *testing.T, kept era, state string, wrong func(moment) error) moment {
	t.Helper()
	var seen moment
	err := kube.Until(t.Context(), "the moment "+state, limit, func(context.Context) (err error) {
		if seen, err = e.at(state); err != nil {
			return err
		}
		return wrong(seen)
	})
	if err == nil { // The first answers may be of the scrape before.
		seen, err = e.at(state)
	}
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		return seen
	}
	old, err := kept.at(state)
	if err != nil {
		t.Fatal(err)
	}
	same := cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".Observed" || p.Last().String() == `["instance"]` || p.Last().String() == ".Query"
	}, cmp.Ignore())
	if diff := cmp.Diff(old, seen, same); diff != "" {
		t.Errorf("%s (-recorded +real):\n%s", state, diff)
	}
	return seen
}

// quantile: all requests took 3 ms, which is in a bucket of up to 5 ms in every generation.
func (e era) quantile(t *testing.T) {
	t.Helper()
	latency := metric.Intent{What: []metric.Quantity{metric.Duration}, Namespace: catalogue.Namespace, By: []metric.Dimension{metric.Destination, metric.Reporter}}
	query, err := e.Quantile(0.95, latency, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	err = kube.Until(t.Context(), "quantiles", limit, func(context.Context) error {
		seen, err := e.ask("", query)
		if err != nil || len(seen.Items) == 0 {
			return errors.Join(err, errors.New("no quantiles"))
		}
		for _, item := range metrics.Today(e.Generation, e.release, seen).Items {
			if item.Value < 3 || item.Value > 5 || !strings.HasPrefix(item.Labels["destination_workload"]+item.Labels["reporter"], "m") && !strings.HasPrefix(item.Labels["destination_workload"], "vfc-vfc-") {
				return fmt.Errorf("got %+v", item)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// asking asks a server, and records what it answers where that was wished.
func asking(t *testing.T, at *url.URL, since string) func(name, query string) (evidence.Samples, error) {
	t.Helper()
	return func(name, query string) (evidence.Samples, error) {
		recorder := &recording{}
		o, err := prometheus.At(at, &http.Client{Transport: recorder})
		if err != nil {
			return evidence.Samples{}, err
		}
		seen, err := o.Query(t.Context(), query)
		if err == nil && *update && name != "" {
			folder := filepath.Join(recorded, since)
			err = errors.Join(os.MkdirAll(folder, 0o750), os.WriteFile(filepath.Join(folder, name+".json"), []byte(recorder.last), 0o600))
		}
		return seen, err
	}
}

// recording keeps the last answer.
type recording struct{ last string }

func (r *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	r.last = string(body)
	response.Body = io.NopCloser(strings.NewReader(r.last))
	return response, errors.Join(err, response.Body.Close())
}
