package run

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
	"github.com/onap/meshcert/framework/verdict"
)

// TestSteps: healthy runs first and last, recorded faults once, every batch
// broken and then looked at again.
func TestSteps(t *testing.T) {
	edit := func(object string) []fault.Action { return []fault.Action{{Edit: object, With: ".a = 1"}} }
	red := func(object string) []fault.Red {
		return []fault.Red{{Spec: "sidecar.ready", Kind: "no-pods", Object: object}}
	}
	live := fault.Fault{ID: "live", Apply: edit("Deployment onap/a"), Red: red("a")}
	other := fault.Fault{ID: "other", Apply: edit("Deployment onap/b"), Red: red("b")}
	alone := fault.Fault{ID: "alone", Alone: true, Apply: edit("Deployment onap/c"), Red: red("c")}
	recorded := fault.Fault{ID: "recorded", Evidence: []fault.Edit{{Spec: "sidecar.ready", Name: "pods", With: ".a = 1"}}, Red: red("d")}
	for name, c := range map[string]struct {
		faults  []fault.Fault
		healthy int
		want    string
	}{
		"all kinds":     {[]fault.Fault{alone, live, other, recorded}, 1, "healthy-1 recorded broken-01 back-01 broken-02 back-02 healthy-2"},
		"three healthy": {[]fault.Fault{live}, 3, "healthy-1 healthy-2 healthy-3 broken-01 back-01 healthy-4"},
		"recorded only": {[]fault.Fault{recorded}, 1, "healthy-1 recorded"},
	} {
		t.Run(name, func(t *testing.T) {
			tried := &trials{Selftest: Selftest{Healthy: c.healthy}, faults: c.faults, specs: []string{"sidecar.ready"}}
			var names, faults []string
			for _, s := range tried.steps() {
				names = append(names, s.trial.Name)
				if s.stage == StageBreak || s.stage == StageRecorded {
					faults = append(faults, s.trial.Faults...)
				}
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("steps %q, want %q", got, c.want)
			}
			if len(faults) != len(c.faults) {
				t.Errorf("faults %q are tried, want %d", faults, len(c.faults))
			}
		})
	}
}

// TestSelftestRefuses: wrong use is said before there is a run.
func TestSelftestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		config config.Config
		ask    Selftest
		want   string
	}{
		"no healthy run":       {config.Config{}, Selftest{}, "--healthy: must be 1 or more"},
		"another release":      {config.Config{Release: "blog"}, Selftest{Healthy: 1}, "--release: the faults are of release casablanca, not of blog"},
		"a real cluster":       {config.Config{Kubeconfig: "/k", Context: "c"}, Selftest{Healthy: 1}, "--allow-disruptive: must be given"},
		"a fault of another":   {config.Config{Tracer: "zipkin"}, Selftest{Healthy: 1, Focus: "jaeger-gone"}, "no selected fault can be tried: jaeger-gone: it needs --tracer jaeger"},
		"an unknown fault":     {config.Config{}, Selftest{Healthy: 1, Focus: "vio-without-sidcar"}, "did you mean vio-without-sidecar"},
		"no quick one in here": {config.Config{}, Selftest{Healthy: 1, Focus: "istiod-gone", Quick: true}, "selects no fault"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			folder := t.TempDir()
			c.config.Places = config.Places{State: filepath.Join(folder, "state"), Runs: filepath.Join(folder, "runs")}
			_, err := (&Conductor{Config: c.config.WithDefaults(), Out: &out}).Selftest(t.Context(), c.ask)
			var usage *config.UsageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want wrong use that says %q", err, c.want)
			}
			if made, err := os.ReadDir(folder); err != nil || len(made) > 0 {
				t.Errorf("something was made: %v, %v", made, err)
			}
		})
	}
}

// TestReportOfAKilledSelftest: its records make a document that is not green.
func TestReportOfAKilledSelftest(t *testing.T) {
	folder := t.TempDir()
	run := report.NewWriter(filepath.Join(folder, report.RecordsFile))
	if err := run.Append(report.Record{RunStarted: &report.Run{ID: "x", Profile: "selftest", Stages: []verdict.Stage{{Release: "casablanca"}}}}); err != nil {
		t.Fatal(err)
	}
	records := selftest.NewWriter(filepath.Join(folder, selftest.RecordsFile))
	for _, r := range []selftest.Record{
		{Started: &selftest.Started{ID: "x", Release: "casablanca", Specs: []string{"sidecar.ready"}, Faults: []selftest.Planned{{
			ID: "live", Layer: "workload", Breaks: "a is gone", Live: true, Red: []selftest.Expected{{Spec: "sidecar.ready", Kind: "no-pods", Object: "Deployment onap/a"}},
		}}}},
		{Healthy: &selftest.Healthy{Number: 1, Cells: []selftest.Cell{{Spec: "sidecar.ready", Verdict: "pass"}}}},
	} {
		if err := records.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	status, err := Report(folder, &out, false)
	if err != nil || status != report.ExitInconclusive || strings.Contains(out.String(), "PASS:") {
		t.Errorf("status %d, %v\n%s", status, err, out.String())
	}
	if _, err := os.Stat(filepath.Join(folder, selftest.DocumentFile)); err != nil {
		t.Error(err)
	}
	// What is left behind is graver.
	if err := run.Append(report.Record{Leftover: &report.Leftover{Kind: "cluster", Name: "meshcert"}}); err != nil {
		t.Fatal(err)
	}
	if status, err := Report(folder, &out, false); err != nil || status != report.ExitLeftover {
		t.Errorf("status %d, %v", status, err)
	}
}
