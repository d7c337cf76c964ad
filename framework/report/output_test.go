package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/verdict"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); run go test -update when it is meant:\n%s", path, diff)
	}
}

func TestFailureText(t *testing.T) {
	tracing := Spec{ID: "tracing.nslcm-to-catalog", Topic: "tracing",
		Artifacts: "artifacts/tracing.nslcm-to-catalog/", Rerun: "make e2e FOCUS=tracing.nslcm-to-catalog REUSE=1"}
	for name, c := range map[string]struct {
		spec    Spec
		finding verdict.Finding
		want    string
	}{
		"the design's sample": {tracing, split, `tracing.nslcm-to-catalog: the trace splits at hop 2 of 3
  want  msb-iag → vfc-nslcm → msb-iag → vfc-catalog, one trace
  got   msb-iag → vfc-nslcm | msb-iag → vfc-catalog in new trace 7a01…
  hop   vfc-nslcm → msb-iag: server span 5c3f… of vfc-nslcm has no child; its client span 91be… starts a new trace 11 ms later
  so    the application vfc-nslcm drops the headers: its sidecar reported both spans, its port is HTTP
  do    make vfc-nslcm copy the trace headers to the requests it sends
  see   artifacts/tracing.nslcm-to-catalog/
  rerun make e2e FOCUS=tracing.nslcm-to-catalog REUSE=1
`},
		"every line, some of them long": {
			Spec{ID: "sidecar.ready", Topic: "sidecar", Artifacts: "artifacts/sidecar.ready/", Rerun: "make e2e"},
			verdict.Finding{Summary: "msb-iag has\nno sidecar", Object: "Deployment onap/msb-iag", Want: "2 containers:\n- msb-iag\n- istio-proxy\n",
				Got: "1 container", Where: "pod msb-iag-1", Why: "policy enabled", Next: "set the annotation"},
			`sidecar.ready: msb-iag has no sidecar
  want  2 containers:
        - msb-iag
        - istio-proxy
  got   1 container
  where Deployment onap/msb-iag: pod msb-iag-1
  so    policy enabled
  do    set the annotation
  see   artifacts/sidecar.ready/
  rerun make e2e
`},
		"a place that names its object": {
			Spec{ID: "msb.x", Topic: "msb"}, verdict.Finding{Summary: "no answer", Object: "Service onap/a", Where: "GET /x of Service onap/a"},
			"msb.x: no answer\n  where GET /x of Service onap/a\n"},
		"a trace, but no hop": {
			Spec{ID: "tracing.x", Topic: "tracing"}, verdict.Finding{Summary: "no span", Object: "Deployment istio-system/jaeger", Where: "trace 5c3f…"},
			"tracing.x: no span\n  where Deployment istio-system/jaeger: trace 5c3f…\n"},
		"no place but an object": {
			Spec{ID: "tracing.x", Topic: "tracing"}, verdict.Finding{Summary: "no span", Object: "Pod onap/a"},
			"tracing.x: no span\n  where Pod onap/a\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, FailureText(c.spec, c.finding)); diff != "" {
				t.Errorf("text differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCompleteFindingsHaveAllLines: so has what stands for a missing finding.
func TestCompleteFindingsHaveAllLines(t *testing.T) {
	spec := Spec{ID: "msb.x", Topic: "msb", Artifacts: "artifacts/", Rerun: "make e2e"}
	all := []verdict.Finding{split}
	for _, v := range []verdict.Verdict{verdict.Fail, verdict.Inconclusive} {
		spec.Verdict = v
		all = append(all, Blamed(spec)...)
	}
	for _, f := range all {
		if empty := f.Incomplete(); len(empty) > 0 {
			t.Errorf("%s lacks %v", f.Kind, empty)
		}
		text := FailureText(spec, f)
		for _, label := range []string{"want", "got", "where", "so", "do", "see", "rerun"} {
			if !strings.Contains(text, "\n  "+label+" ") {
				t.Errorf("no line %q in:\n%s", label, text)
			}
		}
	}
}

func TestFailureTextsSpeakOnlyOfWhatIsWrong(t *testing.T) {
	note := verdict.Finding{Kind: "note", Verdict: verdict.Pass, Summary: "a note"}
	doubt := verdict.Finding{Kind: "doubt", Verdict: verdict.Inconclusive, Summary: "no samples"}
	for name, c := range map[string]struct {
		spec Spec
		want []string
	}{
		"pass with a note":       {Spec{Verdict: verdict.Pass, Findings: []verdict.Finding{note}}, nil},
		"skip":                   {Spec{Verdict: verdict.Skip, Reason: "no"}, nil},
		"gravest first":          {Spec{Verdict: verdict.Fail, Findings: []verdict.Finding{doubt, note, split}}, []string{"the trace splits at hop 2 of 3", "no samples"}},
		"fail with notes only":   {Spec{Verdict: verdict.Fail, Findings: []verdict.Finding{note}}, []string{"the spec failed without a finding"}},
		"fail without a finding": {Spec{Verdict: verdict.Fail}, []string{"the spec failed without a finding"}},
		"unsure without one":     {Spec{Verdict: verdict.Inconclusive}, []string{"the spec ended without a judgement"}},
	} {
		t.Run(name, func(t *testing.T) {
			var heads []string
			for _, text := range FailureTexts(c.spec) {
				head, _, _ := strings.Cut(text, "\n")
				heads = append(heads, strings.TrimPrefix(head, ": "))
			}
			if diff := cmp.Diff(c.want, heads); diff != "" {
				t.Errorf("heads differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	for name, records := range map[string][]Record{
		"summary-everything.txt": sampleRun(),
		"summary-green.txt":      passing(),
		"summary-killed.txt":     sampleRun()[:3],
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Summary(&out, assembled(t, records), "reports/runs/20261123T150000Z-core", false); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
		})
	}
}

func TestSummaryEndsWithFailuresAndVerdict(t *testing.T) {
	var out bytes.Buffer
	if err := Summary(&out, assembled(t, sampleRun()), "run", false); err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, part := range []string{"READY 29/29 casablanca", "phases", "known gaps", "notes", "skipped", "left behind", "inconclusive on", "failed on", "FAIL: ", "run/report.json"} {
		at := strings.Index(out.String(), "\n"+part)
		if part == "run/report.json" {
			at = strings.Index(out.String(), part)
		}
		if at <= last {
			t.Errorf("%q is at %d, want it after what comes before it (%d)", part, at, last)
		}
		last = at
	}
}

func TestColoursChangeNothingElse(t *testing.T) {
	var plain, coloured bytes.Buffer
	r := assembled(t, sampleRun())
	if err := errors.Join(Summary(&plain, r, "run", false), Summary(&coloured, r, "run", true)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") {
		t.Error("colours although none were asked for")
	}
	if got := stripped(coloured.String()); got != plain.String() {
		t.Errorf("with the colours taken out the text differs:\n%s", cmp.Diff(plain.String(), got))
	}
}

// stripped takes ANSI colours out.
func stripped(text string) string {
	for {
		before, rest, ok := strings.Cut(text, "\x1b[")
		if !ok {
			return text
		}
		_, after, _ := strings.Cut(rest, "m")
		text = before + after
	}
}

func TestLive(t *testing.T) {
	var out bytes.Buffer
	live := NewLive(&out, false)
	for _, s := range []Spec{
		{ID: "tracing.multicloud-to-vio", Verdict: verdict.Pass, Seconds: 1.23},
		{ID: "tracing.nslcm-to-catalog", Verdict: verdict.Fail, Seconds: 59.96, Findings: []verdict.Finding{split, split}},
		{ID: "metrics.requests", Verdict: verdict.Inconclusive, Seconds: 125},
		{ID: "msb.portal", Verdict: verdict.Skip, Reason: "not\nasked for"},
	} {
		if err := live.Spec(s); err != nil {
			t.Fatal(err)
		}
	}
	want := `pass  tracing.multicloud-to-vio  1.2 s
fail  tracing.nslcm-to-catalog  1 min 00 s  the trace splits at hop 2 of 3 (and 1 more)
inconclusive  metrics.requests  2 min 05 s  the spec ended without a judgement
skip  msb.portal  0.0 s  not asked for
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
	if Terminal(&out) {
		t.Error("a buffer is taken for a terminal")
	}
}

func TestJUnit(t *testing.T) {
	text, err := JUnit(assembled(t, sampleRun()))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "junit.xml", string(text))
}

func TestJUnitSurvivesAnyText(t *testing.T) {
	evil := "]]> <b> & \x00\x1b[31m \xff \uFFFE end"
	records := run(verdict.Fail)
	records[1].Spec.Findings = []verdict.Finding{{Kind: "k", Verdict: verdict.Fail, Summary: evil, Got: evil}}
	text, err := JUnit(assembled(t, records))
	if err != nil {
		t.Fatal(err)
	}
	var back junitSuites
	if err := xml.Unmarshal(text, &back); err != nil {
		t.Fatalf("the XML cannot be read: %v\n%s", err, text)
	}
	if got := back.Suites[1].Cases[0].Failure.Text; !strings.Contains(got, "]]> <b> &") || !strings.Contains(got, "end") {
		t.Errorf("the failure's text is %q", got)
	}
}

func TestJUnitOfARunThatWasNotWholeIsRed(t *testing.T) {
	for name, c := range map[string]struct {
		records []Record
		errors  int
	}{
		"whole":            {passing(), 0},
		"killed":           {passing()[:3], 1},
		"nothing judged":   {run(verdict.Skip), 1},
		"interrupted":      {append(passing()[:4], Record{Time: at(9), RunEnded: &End{Interrupted: true}}), 1},
		"leftover":         {append(passing(), Record{Time: at(9), Leftover: &Leftover{Kind: "cluster", Name: "x"}}), 1},
		"one inconclusive": {run(verdict.Pass, verdict.Inconclusive), 1},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := JUnit(assembled(t, c.records))
			if err != nil {
				t.Fatal(err)
			}
			var back junitSuites
			if err := xml.Unmarshal(text, &back); err != nil {
				t.Fatal(err)
			}
			if back.Errors != c.errors || back.Failures != 0 {
				t.Errorf("got %d errors and %d failures, want %d and 0:\n%s", back.Errors, back.Failures, c.errors, text)
			}
		})
	}
}
