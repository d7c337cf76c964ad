package traffic

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	osexec "os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/util/exec"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/proctest"
	"github.com/onap/meshcert/framework/judge/load"
)

// withPods is a load whose commands are run by the function, in pods that are ready.
func withPods(run func(ctx context.Context, pod string, command ...string) (string, error)) *Fortio {
	set := fake.NewClientset()
	for _, app := range []string{"load-client-meshed", "load-client-plain"} {
		_ = set.Tracker().Add(pod(CanaryNamespace, app+"-1", app, corev1.ConditionTrue))
	}
	return &Fortio{set: set, exec: func(ctx context.Context, namespace, pod, container string, command ...string) (string, error) {
		if namespace != CanaryNamespace || container != "fortio" || command[0] != "/usr/bin/fortio" {
			return "", errors.New("another container or program")
		}
		return run(ctx, pod, command[1:]...)
	}}
}

// realFortio is a load that runs a real fortio on this machine; calls to the server of a
// way go to the address.
func realFortio(t *testing.T, address string) *Fortio {
	t.Helper()
	program := proctest.Program(t, "go-fortio", "fortio")
	return withPods(func(ctx context.Context, _ string, command ...string) (string, error) {
		for i, argument := range command {
			command[i] = strings.ReplaceAll(argument, LoadURL(evidence.Meshed), address)
		}
		cmd := osexec.CommandContext(ctx, program, command...)
		var out, problems bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &problems
		err := cmd.Run()
		var exit *osexec.ExitError
		if errors.As(err, &exit) {
			err = exec.CodeExitError{Err: errors.New(problems.String()), Code: exit.ExitCode()}
		}
		return out.String(), err
	})
}

func order(url string) evidence.LoadOrder {
	return evidence.LoadOrder{Way: evidence.Gateway, URL: url, Status: http.StatusOK, Rate: 50, Lasts: time.Second}
}

// TestRealRounds: a real fortio's results are read, and the judge believes them.
func TestRealRounds(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := asked.Add(1); r.URL.Path == "/bad" && n%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	fortio := realFortio(t, "")
	for name, c := range map[string]struct {
		url   string
		codes []string
	}{
		"all answered": {server.URL, []string{"200"}},
		"5xx":          {server.URL + "/bad", []string{"200", "503"}},
		"nobody there": {gone.URL, []string{"-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			round, err := fortio.Round(t.Context(), order(c.url))
			if err != nil {
				t.Fatal(err)
			}
			// One connection each is opened before the load, and counted by nobody.
			if round.Result.Requests < 1 || round.Result.Requests > 50 || len(round.Result.Codes) != len(c.codes) {
				t.Errorf("%+v, want at most 50 requests and codes %v", round.Result, c.codes)
			}
			for _, code := range c.codes {
				if round.Result.Codes[code] == 0 {
					t.Errorf("no %s in %v", code, round.Result.Codes)
				}
			}
			for _, f := range load.JudgeRounds(load.Plan{Gateway: true}, []evidence.LoadRound{round}) {
				if f.Kind != "failed-requests" || len(c.codes) == 1 && c.codes[0] == "200" {
					t.Errorf("%+v", f)
				}
			}
		})
	}
	t.Run("a name that is none", func(t *testing.T) {
		_, err := fortio.Round(t.Context(), order("http://nobody.invalid/"))
		if err == nil || !strings.Contains(err.Error(), "nobody.invalid") || evidence.AbsenceOf(err) != evidence.Transient {
			t.Errorf("%v (%s)", err, evidence.AbsenceOf(err))
		}
	})
}

// TestRealProbe: the header comes from a real fortio's page.
func TestRealProbe(t *testing.T) {
	program := proctest.Program(t, "go-fortio", "fortio")
	address := proctest.Addresses(t, 1)[0]
	server := proctest.Start(t, t.TempDir(), program, "server", "-http-port", address,
		"-tcp-port", "disabled", "-udp-port", "disabled", "-grpc-port", "disabled", "-redirect-port", "disabled", "-ui-path", "", "-quiet")
	server.Ready(t, proctest.Serves("http://"+address+"/debug"))
	fortio := realFortio(t, "http://"+address)
	probe, err := fortio.Probe(t.Context(), evidence.Meshed)
	if diff := cmp.Diff(evidence.LoadProbe{Way: evidence.Meshed}, probe); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	server.Stop(t)
	probe, err = fortio.Probe(t.Context(), evidence.Meshed)
	if err != nil || !strings.Contains(probe.Error, "connection refused") {
		t.Errorf("nobody answers: %+v, %v", probe, err)
	}
}

func TestClientCertificate(t *testing.T) {
	const page = "Φορτίο version 1.68.2\n\nGET /debug HTTP/1.1\n\nheaders:\n\nHost: load-meshed\n"
	for name, c := range map[string]struct {
		page, want string
		bad        bool
	}{
		"with one":              {page + "X-Forwarded-Client-Cert: By=spiffe://a;URI=spiffe://b\nX-Request-Id: 1\n\nbody:\n\n\n", "By=spiffe://a;URI=spiffe://b", false},
		"without":               {page + "\nbody:\n\nX-Forwarded-Client-Cert: in the body\n", "", false},
		"cut":                   {page, "", false},
		"another page":          {"<html>", "", true},
		"nothing":               {"", "", true},
		"a header that is none": {page + "no header\n\nbody:", "", true},
	} {
		got, err := clientCertificate(c.page)
		if got != c.want || (err != nil) != c.bad {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestRoundThatWasNot: what could not be run or read is an error, never a result.
func TestRoundThatWasNot(t *testing.T) {
	good := `{"ActualQPS":1,"ActualDuration":1,"RetCodes":{"200":1},"DurationHistogram":{"Count":1},"ErrorsDurationHistogram":{"Count":0}}`
	exit := exec.CodeExitError{Err: errors.New("aborting"), Code: 1}
	for name, c := range map[string]struct {
		out     string
		problem error
		want    string
		absence evidence.Absence
	}{
		"refused":               {problem: errors.New("refused"), want: "refused", absence: evidence.Transient},
		"aborted":               {problem: exit, want: "aborting", absence: evidence.Transient},
		"cut off":               {out: good[:60], want: "unexpected end", absence: evidence.Final},
		"cut off by an end":     {out: good[:60], problem: exit, want: "aborting", absence: evidence.Transient},
		"nothing":               {want: "unexpected end", absence: evidence.Final},
		"huge":                  {out: good + strings.Repeat(" ", maxResult), want: "bytes", absence: evidence.Final},
		"no number":             {out: strings.Replace(good, `"ActualQPS":1`, `"ActualQPS":NaN`, 1), want: "invalid character", absence: evidence.Final},
		"beyond numbers":        {out: strings.Replace(good, `"ActualQPS":1`, `"ActualQPS":1e999`, 1), want: "cannot unmarshal", absence: evidence.Final},
		"a count that is none":  {out: strings.Replace(good, `"Count":1`, `"Count":1.5`, 1), want: "cannot unmarshal", absence: evidence.Final},
		"no rate":               {out: strings.Replace(good, "ActualQPS", "QPS", 1), want: "lacks ActualQPS", absence: evidence.Final},
		"no histogram":          {out: strings.Replace(good, "DurationHistogram", "Histogram", 1), want: "lacks the count", absence: evidence.Final},
		"a histogram of errors": {out: strings.Replace(good, `{"Count":0}`, "null", 1), want: "lacks the count", absence: evidence.Final},
	} {
		fortio := withPods(func(context.Context, string, ...string) (string, error) { return c.out, c.problem })
		round, err := fortio.Round(t.Context(), order("http://a/"))
		if err == nil || !strings.Contains(err.Error(), c.want) || evidence.AbsenceOf(err) != c.absence {
			t.Errorf("%s: %+v, %v (%s), want %s with %q", name, round.Result, err, evidence.AbsenceOf(err), c.absence, c.want)
		}
	}
	fortio := &Fortio{set: fake.NewClientset()}
	if _, err := fortio.Round(t.Context(), order("http://a/")); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("without pods: %v", err)
	}
	if _, err := fortio.Probe(t.Context(), evidence.Plain); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("without pods: %v", err)
	}
}

// TestWhoSends: each way has its client, and the gateway is called from within the mesh.
func TestWhoSends(t *testing.T) {
	for way, want := range map[evidence.LoadWay]string{
		evidence.Plain: "load-client-plain-1", evidence.Meshed: "load-client-meshed-1", evidence.Gateway: "load-client-meshed-1",
	} {
		got, line := "", ""
		fortio := withPods(func(_ context.Context, pod string, command ...string) (string, error) {
			got, line = pod, strings.Join(command, " ")
			return "", errors.New("enough")
		})
		o := order("http://a/")
		o.Way = way
		if _, err := fortio.Round(t.Context(), o); err == nil || got != want {
			t.Errorf("way %s is sent from %s, want %s (%v)", way, got, want, err)
		}
		for _, bound := range []string{" -qps 50 ", " -t 1s ", " -nocatchup ", " -timeout "} {
			if !strings.Contains(line, bound) {
				t.Errorf("no %q in %s", bound, line)
			}
		}
	}
}

// TestNumbersAreRead: units and fields are those of fortio.
func TestNumbersAreRead(t *testing.T) {
	got, err := readFortio(`{"ActualQPS":99.5,"ActualDuration":2010050251,"RetCodes":{"200":199,"503":1},"Version":"1.68.2",
		"DurationHistogram":{"Count":200,"Min":0.001,"Max":0.02,"Sum":0.6,"Avg":0.003,"Data":[{"Start":0.001,"End":0.02,"Percent":100,"Count":200}],
		"Percentiles":[{"Percentile":50,"Value":0.002}]},"ErrorsDurationHistogram":{"Count":1,"Data":null}}`)
	want := evidence.LoadResult{
		Requests: 200, Errors: 1, Codes: map[string]int64{"200": 199, "503": 1}, Rate: 99.5, Seconds: 2.010050251, Min: 0.001, Mean: 0.003, Max: 0.02,
		Percentiles: []evidence.LoadPercentile{{Percentile: 50, Value: 0.002}}, Buckets: []evidence.LoadBucket{{Start: 0.001, End: 0.02, Count: 200}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" || math.Abs(got.Rate*got.Seconds-200) > 1e-3 {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}
