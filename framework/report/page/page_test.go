package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// one is a run of the given specs on casablanca.
func one(t testing.TB, specs ...report.Spec) *report.Report {
	t.Helper()
	return assembled(t, report.Run{ID: "20261124T024133Z-casablanca", Profile: "casablanca", Stages: []verdict.Stage{{Release: "casablanca"}}, Version: "0.1.0", Selected: len(specs)}, specs...)
}

func assembled(t testing.TB, run report.Run, specs ...report.Spec) *report.Report {
	t.Helper()
	records := []report.Record{
		{Time: began, RunStarted: &run},
		{Time: began, Environment: &report.Environment{Istio: "1.31.0"}},
	}
	for i := range specs {
		specs[i].Topic, _, _ = strings.Cut(specs[i].ID, ".")
		if specs[i].Release == "" {
			specs[i].Release = "casablanca"
		}
		specs[i].Artifacts = "artifacts/" + specs[i].Release + "/" + specs[i].ID + "/"
		specs[i].Started = began
		records = append(records, report.Record{Time: began.Add(time.Duration(i) * time.Second), Spec: &specs[i]})
	}
	r, err := report.Assemble(append(records, report.Record{Time: began.Add(time.Hour), RunEnded: &report.End{}}))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func text(t testing.TB, r *report.Report, artifacts fs.FS) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r, artifacts); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestSentence(t *testing.T) {
	pass := report.Spec{ID: "sidecar.ready", Verdict: verdict.Pass}
	fail := report.Spec{ID: "msb.portal", Verdict: verdict.Fail, Reason: "x"}
	open := report.Spec{ID: "msb.health", Verdict: verdict.Inconclusive, Reason: "x"}
	for _, c := range []struct {
		name, want string
		specs      []report.Spec
		change     func(*report.Report)
	}{
		{"green", "Casablanca passed on Istio 1.31.0: 1 of 1 spec passed.", []report.Spec{pass}, nil},
		{"red", "Casablanca failed on Istio 1.31.0: 1 of 3 specs failed, 1 inconclusive, 1 passed.", []report.Spec{pass, fail, open}, nil},
		{"inconclusive", "It is not known whether casablanca works on Istio 1.31.0: 1 of 2 specs inconclusive, 1 passed.", []report.Spec{pass, open}, nil},
		{"stand-ins", "Casablanca passed on Istio 1.31.0, with stand-ins in the place of ONAP's programs: 1 of 1 spec passed.", []report.Spec{pass}, func(r *report.Report) {
			r.Environments[0].Images = []report.Image{{Standin: true}}
		}},
		{"focused", "A part of profile casablanca passed on Istio 1.31.0: 1 of 1 spec passed.", []report.Spec{pass}, func(r *report.Report) { r.Run.Settings.Focus = "sidecar" }},
		{"replayed", "Judged again from stored evidence, casablanca passed on Istio 1.31.0: 1 of 1 spec passed.", []report.Spec{pass}, func(r *report.Report) { r.Run.Replayed = began }},
		{"killed", "It is not known whether casablanca works on Istio 1.31.0: 1 of 1 spec passed; the run was killed before its end.", []report.Spec{pass}, func(r *report.Report) {
			r.Finished, r.Verdict = false, verdict.Inconclusive
		}},
		{"interrupted, with something left", "It is not known whether casablanca works on Istio 1.31.0: 1 of 1 spec passed; the run was interrupted; 1 of 2 specs was never run; 1 thing of ours left behind.", []report.Spec{pass}, func(r *report.Report) {
			r.Interrupted, r.Verdict, r.Run.Selected, r.Leftovers = true, verdict.Inconclusive, 2, []report.Leftover{{Kind: "container", Name: "x"}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := one(t, c.specs...)
			if c.change != nil {
				c.change(r)
			}
			if diff := cmp.Diff(c.want, sentence(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever a run says is text: no element, no attribute, no script.
func TestTextIsText(t *testing.T) {
	const bad = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`
	evil := verdict.Finding{Kind: "x", Verdict: verdict.Fail, Summary: bad, Object: "Deployment onap/" + bad, Want: bad, Got: bad, Where: bad + "…", Why: bad, Next: bad, Gap: bad}
	r := one(t,
		report.Spec{ID: "tracing." + bad, Verdict: verdict.Fail, Findings: []verdict.Finding{evil}, Proves: bad, Reason: bad, Notes: []string{bad}, Rerun: bad,
			Headers:  &evidence.HeaderSurvey{Headers: []string{bad}, Rows: []evidence.HeaderRow{{App: bad, Call: bad, States: []evidence.HeaderState{bad}}}},
			Figures:  []evidence.Figure{{Name: bad, Object: bad, Unit: bad, Value: 1}},
			Evidence: []report.EvidenceFile{{Path: "artifacts/" + bad, Digest: bad}, {Path: "javascript:alert(1)"}, {Path: "/etc/passwd"}}},
		report.Spec{ID: "graph.edges", Verdict: verdict.Pass})
	r.Run.Version, r.Error, r.Notes = bad, bad, []report.Note{{Text: bad, Release: bad}}
	r.Leftovers = []report.Leftover{{Kind: bad, Name: bad, Error: bad}}
	r.Phases = []report.Phase{{Name: bad, Error: bad}}
	r.Environments[0].Images = []report.Image{{Ref: bad, Digest: bad, Source: bad}}
	r.Environments[0].Changes = []report.Change{{Object: bad, By: bad, Rule: bad, Field: bad, From: bad, To: bad}}
	quoted, err := json.Marshal(bad)
	if err != nil {
		t.Fatal(err)
	}
	got := text(t, r, fstest.MapFS{
		"artifacts/casablanca/graph.edges/graph.json": {Data: fmt.Appendf(nil, `{"evidence":{"edges":[{"from":%[1]s,"to":%[1]s,"rate":1,"unit":%[1]s}]}}`, quoted)},
	})
	if strings.Contains(got, "<script>alert") || strings.Contains(got, "<img") || strings.Count(got, "<script") != 2 {
		t.Errorf("a run's text became markup")
	}
	if n := strings.Count(got, "&lt;script&gt;alert(1)"); n < 30 {
		t.Errorf("the text is shown only %d times", n)
	}
	if strings.Contains(got, `href="javascript:`) || strings.Contains(got, `href="/etc`) {
		t.Errorf("a path leads out of the run's folder")
	}
}

// What cannot be read is said, and the rest of the page is there.
func TestUnread(t *testing.T) {
	r := one(t,
		report.Spec{ID: "graph.edges", Verdict: verdict.Pass},
		report.Spec{ID: "sidecar.ready", Verdict: verdict.Pass},
		report.Spec{ID: "tracing.portal", Verdict: verdict.Pass},
		report.Spec{ID: "metrics.load", Verdict: verdict.Fail, Reason: "x"})
	for name, c := range map[string]struct {
		files fs.FS
		want  []string
	}{
		"no folder":    {nil, []string{"artifacts: the folder is not beside the report"}},
		"empty folder": {fstest.MapFS{}, []string{"artifacts: the folder is not beside the report"}},
		"broken": {fstest.MapFS{
			"artifacts/casablanca/graph.edges/graph.json":        {Data: []byte(`{"evidence":{"edges":[{"from":7}]}}`)},
			"artifacts/casablanca/tracing.portal/waterfall.json": {Data: []byte(`[{"bars":`)},
			"artifacts/casablanca/metrics.load/rounds.json":      {Data: []byte("\x00\xff")},
		}, []string{
			"graph.edges/graph.json cannot be read: json: cannot unmarshal number", "tracing.portal/waterfall.json cannot be read: unexpected end of JSON input",
			"sidecar.ready/pods.json is not there", "metrics.load/rounds.json cannot be read: invalid character",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := text(t, r, c.files)
			for _, want := range append(c.want, "Could not be read: ", "graph.edges", "Specs of each topic") {
				if !strings.Contains(got, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
		})
	}
}

// A report of nothing is a page too.
func TestNothing(t *testing.T) {
	got := text(t, one(t), nil)
	for _, want := range []string{"no spec was run", "nothing was judged", "No phase was recorded"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if err := Write(&bytes.Buffer{}, nil, nil); err == nil {
		t.Error("no report is no error")
	}
}

// words are the cells of a workload by topic.
func words(t *testing.T, m matrix, workload string) map[string]string {
	t.Helper()
	cells := m.Rest
	if workload != "" {
		i := slices.IndexFunc(m.Rows, func(r matrixRow) bool { return r.Workload == workload })
		if i < 0 {
			t.Fatalf("the matrix has no %s", workload)
		}
		cells = m.Rows[i].Cells
	}
	all := map[string]string{}
	for i, topic := range m.Topics {
		all[topic] = strings.TrimSpace(cells[i].Word + " " + cells[i].Note)
	}
	return all
}

const podsSeen = `{"evidence":{"namespace":"onap","items":[
	{"name":"a-1","workload":"msb-msb-iag"},{"name":"b-1","workload":"msb-msb-eag"},{"name":"c-1","workload":"foreign"}]}}`

// A topic says nothing of a workload that it did not look at, and a spec that
// failed for another says nothing good.
func TestMatrix(t *testing.T) {
	fail := func(object string) []verdict.Finding {
		return []verdict.Finding{{Kind: "x", Verdict: verdict.Fail, Summary: "x", Object: object}}
	}
	files := fstest.MapFS{
		"artifacts/casablanca/sidecar.ready/pods.json":   {Data: []byte(podsSeen)},
		"artifacts/casablanca/releases.images/pods.json": {Data: []byte(podsSeen)},
	}
	r := one(t,
		report.Spec{ID: "sidecar.ready", Verdict: verdict.Pass, Findings: []verdict.Finding{{Kind: "x", Verdict: verdict.Pass, Object: "Pod onap/b-1", Gap: "g"}}},
		report.Spec{ID: "releases.images", Verdict: verdict.Fail, Findings: fail("Deployment onap/msb-msb-iag")},
		report.Spec{ID: "hygiene.node-ports", Verdict: verdict.Fail, Findings: fail("Service onap/msb-iag")},
		report.Spec{ID: "msb.portal", Verdict: verdict.Pass},
		report.Spec{ID: "graph.edges", Verdict: verdict.Inconclusive, Findings: []verdict.Finding{{Kind: "x", Verdict: verdict.Inconclusive, Object: "Deployment istio-system/servicegraph"}}},
	)
	s := &source{files: files}
	m := matricesOf(r, s, releasesOf(r, s))[0]
	for workload, want := range map[string]map[string]string{
		"msb-msb-iag":    {"sidecar": "pass", "releases": "fail", "hygiene": "fail", "msb": "not looked at", "graph": "not looked at"},
		"msb-msb-eag":    {"sidecar": "pass 1 excused", "releases": "not looked at", "hygiene": "not looked at", "msb": "not looked at", "graph": "not looked at"},
		"foreign":        {"sidecar": "pass", "releases": "not looked at", "hygiene": "not looked at", "msb": "not looked at", "graph": "not looked at"},
		"vfc-vfc-nslcm":  {"sidecar": "not looked at", "releases": "not looked at", "hygiene": "not looked at", "msb": "not looked at", "graph": "not looked at"},
		"":               {"sidecar": "not looked at", "releases": "not looked at", "hygiene": "not looked at", "msb": "not looked at", "graph": "inconclusive"},
		"msb-msb-consul": {"sidecar": "not looked at", "releases": "not looked at", "hygiene": "not looked at", "msb": "not looked at", "graph": "not looked at"},
	} {
		if diff := cmp.Diff(want, words(t, m, workload)); diff != "" {
			t.Errorf("%q, -want +got:\n%s", workload, diff)
		}
	}
	empty := &source{}
	for _, row := range matricesOf(r, empty, releasesOf(r, empty))[0].Rows {
		for _, c := range row.Cells {
			if c.Class == "pass" {
				t.Errorf("without evidence %s is said to pass in %s", row.Workload, c.Topic)
			}
		}
	}
}

func TestAcross(t *testing.T) {
	run := report.Run{ID: "x", Profile: "core", Stages: []verdict.Stage{{Release: "blog"}, {Release: "casablanca"}}, Selected: 2}
	r := assembled(t, run, report.Spec{ID: "sidecar.ready", Release: "blog", Verdict: verdict.Fail, Findings: []verdict.Finding{{Kind: "x", Verdict: verdict.Fail, Object: "Deployment onap/msb-msb-iag"}}},
		report.Spec{ID: "sidecar.ready", Release: "casablanca", Verdict: verdict.Pass})
	s := &source{files: fstest.MapFS{"artifacts/casablanca/sidecar.ready/pods.json": {Data: []byte(podsSeen)}}}
	a := acrossOf(matricesOf(r, s, releasesOf(r, s)))
	got := map[string][]string{}
	for _, row := range a.Rows {
		for _, c := range row.Cells {
			got[row.Workload] = append(got[row.Workload], c.Word)
		}
	}
	for workload, want := range map[string][]string{"msb-msb-iag": {"fail", "pass"}, "foreign": {"not in it", "pass"}, "msb-msb-eag": {"not looked at", "pass"}} {
		if diff := cmp.Diff(want, got[workload]); diff != "" {
			t.Errorf("%s, -want +got:\n%s", workload, diff)
		}
	}
	if acrossOf(matricesOf(r, s, releasesOf(r, s))[:1]) != nil {
		t.Error("one release needs no table of releases")
	}
}

func TestGraph(t *testing.T) {
	files := fstest.MapFS{
		"artifacts/casablanca/graph.edges/graph.json": {Data: []byte(`{"evidence":{"edges":[
			{"from":"msb-msb-iag","to":"vfc-vfc-nslcm","rate":2,"unit":"reqs/sec"},
			{"from":"msb-msb-eag","to":"vfc-vfc-nslcm","rate":1,"unit":"reqs/sec"},
			{"from":"vfc-vfc-nslcm","to":"vfc-vfc-db","rate":0,"unit":"bytes/sec"}]}}`)},
		"artifacts/casablanca/metrics.workloads/workloads.json": {Data: []byte(`{"evidence":{"requests":{"items":[
			{"labels":{"reporter":"destination","source_workload":"msb-msb-iag","destination_workload":"vfc-vfc-nslcm","response_code":"200","connection_security_policy":"mutual_tls"},"value":30},
			{"labels":{"reporter":"destination","source_workload":"msb-msb-iag","destination_workload":"vfc-vfc-nslcm","response_code":"500","connection_security_policy":"none"},"value":10},
			{"labels":{"reporter":"source","source_workload":"msb-msb-iag","destination_workload":"vfc-vfc-nslcm","response_code":"200"},"value":9}]}}}`)},
	}
	r := one(t, report.Spec{ID: "metrics.workloads", Verdict: verdict.Pass}, report.Spec{ID: "graph.edges", Verdict: verdict.Fail, Findings: []verdict.Finding{
		{Kind: "forbidden-edge", Verdict: verdict.Fail, Summary: "the graph shows msb-msb-eag → vfc-vfc-nslcm, which was not called"},
		{Kind: "missing-edge", Verdict: verdict.Fail, Summary: "the graph lacks msb-kube2msb → msb-msb-discovery"},
	}})
	s := &source{files: files}
	graphs := graphsOf(r, s, releasesOf(r, s))
	if len(graphs) != 1 || graphs[0].SVG == nil {
		t.Fatalf("no drawing: %+v", graphs)
	}
	want := []edge{
		{From: "msb-msb-eag", To: "vfc-vfc-nslcm", Rate: "1/s", State: forbidden, Remark: "forbidden: the catalogue knows no such call"},
		{From: "msb-kube2msb", To: "msb-msb-discovery", State: missing, Remark: "missing: it was called, and the graph lacks it"},
		{From: "msb-msb-iag", To: "vfc-vfc-nslcm", Rate: "2/s", Codes: "200 × 30, 500 × 10", Security: "mutual TLS 75 %", State: called, bad: "500"},
		{From: "vfc-vfc-nslcm", To: "vfc-vfc-db", Rate: "0", State: idle},
	}
	if diff := cmp.Diff(want, graphs[0].Edges, cmp.AllowUnexported(edge{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if n, m := len(graphs[0].SVG.Nodes), len(graphs[0].SVG.Arrows); n != 6 || m != 4 {
		t.Errorf("%d boxes and %d arrows are drawn, want 6 and 4", n, m)
	}
	for _, a := range graphs[0].SVG.Arrows {
		if !strings.HasPrefix(a.Path, "M") || strings.Contains(a.Path, "NaN") {
			t.Errorf("%s → %s is drawn as %q", a.From, a.To, a.Path)
		}
	}
	if got := graphs[0].SVG.Arrows[2].Label; got != "2/s · mTLS 75 % · 500" {
		t.Errorf("the arrow says %q", got)
	}
	crowd := make([]edge, mostArrows+1)
	for i := range crowd {
		crowd[i] = edge{From: "a", To: fmt.Sprint(i)}
	}
	if _, err := layOut(crowd, nil); err == nil || !strings.Contains(err.Error(), "too many to draw") {
		t.Errorf("a graph nobody can read: %v", err)
	}
}

// The libraries are those that SOURCES.json says, each with its licence.
func TestLibraries(t *testing.T) {
	for _, folder := range []string{"assets", "testdata"} {
		files, list := os.DirFS(folder), "SOURCES.json"
		if folder == "testdata" {
			list = "axe/SOURCES.json"
		}
		text, err := fs.ReadFile(files, list)
		if err != nil {
			t.Fatal(err)
		}
		var sources []struct{ File, SHA256, Package, Version, Path, Integrity, License string }
		if err := json.Unmarshal(text, &sources); err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, s := range sources {
			said = append(said, s.File)
			content, err := fs.ReadFile(files, s.File)
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != s.SHA256 {
				t.Errorf("%s has digest %x, SOURCES.json says %s", s.File, sum, s.SHA256)
			}
			if license, err := fs.ReadFile(files, s.License); err != nil || path.Dir(s.License) != path.Dir(s.File) || len(license) < 1000 {
				t.Errorf("%s: licence %s: %v", s.File, s.License, err)
			}
			if s.Package == "" || s.Version == "" || s.Path == "" || !strings.HasPrefix(s.Integrity, "sha512-") {
				t.Errorf("%s: SOURCES.json does not say whence: %+v", s.File, s)
			}
		}
		found, err := fs.Glob(files, "*/*.*s")
		if err != nil || !slices.Equal(found, said) {
			t.Errorf("libraries %q, %v; SOURCES.json has %q", found, err, said)
		}
	}
}
