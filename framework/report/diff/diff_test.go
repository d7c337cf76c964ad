package diff

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// casablanca is read once: reading takes longer than comparing.
var casablanca = sync.OnceValues(func() (*catalogue.Release, error) { return catalogue.Load("casablanca") })

// compared is Compare.
func compared(a, b Run, baseline ...*report.Report) Diff {
	return compare(a, b, baseline, func(name string) (*catalogue.Release, error) {
		if name == "casablanca" {
			return casablanca()
		}
		return nil, fmt.Errorf("no release %s", name)
	})
}

// told are the changes and what is unknown, a line each: "verdicts ~ …".
func told(d Diff) []string {
	var out []string
	for _, why := range d.Incomparable {
		out = append(out, "incomparable "+why)
	}
	for _, line := range lines(d.Unlike, false, true) {
		out = append(out, "unlike "+line)
	}
	for _, s := range d.Sections {
		for _, line := range lines(s.Changes, false, false) {
			out = append(out, string(s.Topic)+" "+line)
		}
		for _, why := range s.Unknown {
			out = append(out, string(s.Topic)+" ? "+why)
		}
	}
	return out
}

// cases are changes of the good run, and what is told of them.
func cases() map[string]struct {
	change func(*sample)
	want   []string
	exit   int
} {
	type c = struct {
		change func(*sample)
		want   []string
		exit   int
	}
	fail := func(s *sample, id string, f verdict.Finding) {
		s.spec(id).Verdict, s.spec(id).Findings = verdict.Fail, append(slices.Clone(s.spec(id).Findings), f)
	}
	return map[string]c{
		"nothing": {},
		"a spec fails": {func(s *sample) { fail(s, "sidecar.ready", split("1")) }, []string{
			"verdicts ~ sidecar.ready verdict: pass → fail  (worse)",
			"verdicts + sidecar.ready finding headers-dropped of Deployment onap/vfc-vfc-nslcm: fail: the trace splits at hop 2 of 3  (worse)",
		}, 1},
		"a spec has no evidence": {func(s *sample) {
			s.spec("sidecar.ready").Verdict, s.spec("sidecar.ready").Reason = verdict.Inconclusive, "no answer"
		}, []string{"verdicts ~ sidecar.ready verdict: pass → inconclusive (no answer)  (worse)"}, 1},
		"a spec is skipped": {func(s *sample) { s.spec("sidecar.ready").Verdict = verdict.Skip }, []string{
			"verdicts ~ sidecar.ready verdict: pass → skip  (worse)"}, 1},
		"fewer are ready": {func(s *sample) { s.spec("sidecar.ready").Ready = "28/29" }, []string{"verdicts ~ sidecar.ready ready: 29/29 → 28/29"}, 0},
		"a spec gone":     {func(s *sample) { s.drop("sidecar.ready") }, []string{"verdicts - sidecar.ready spec: pass"}, 0},
		"a spec that fails is new": {func(s *sample) {
			s.specs = append(s.specs, report.Spec{ID: "msb.portal", Topic: "msb", Release: "casablanca", Verdict: verdict.Fail, Started: began})
		}, []string{"verdicts + msb.portal spec: fail  (worse)"}, 1},
		"a waiver ends": {func(s *sample) {
			f := &s.spec("hygiene.root-pods").Findings[0]
			f.Verdict, f.Waiver = verdict.Fail, ""
			s.spec("hygiene.root-pods").Verdict = verdict.Fail
		}, []string{
			"verdicts ~ hygiene.root-pods verdict: pass → fail  (worse)",
			"verdicts ~ hygiene.root-pods finding runs-as-root of Deployment onap/vfc-vfc-db: pass, waiver ONAP OOM, until 2027-12-31: its image does → fail, no waiver  (worse)",
		}, 1},
		"a spec with notes is skipped": {func(s *sample) {
			s.spec("hygiene.root-pods").Verdict, s.spec("hygiene.root-pods").Findings = verdict.Skip, nil
		}, []string{"verdicts ~ hygiene.root-pods verdict: pass → skip  (worse)"}, 1},
		"a note is gone": {func(s *sample) { s.spec("hygiene.root-pods").Findings = nil }, []string{
			"verdicts - hygiene.root-pods finding runs-as-root of Deployment onap/vfc-vfc-db: pass: vfc-db runs as root (waived by ONAP OOM, until 2027-12-31: its image does)"}, 0},
		"a long name of a chart": {func(s *sample) { s.env.Charts[0].Name = strings.Repeat("é", 300) }, []string{
			"charts ~ onap/vfc chart: vfc → " + strings.Repeat("é", 200) + "…"}, 0},
		"a known gap is gone": {func(s *sample) { s.spec("tracing.nslcm-to-catalog").Findings = nil }, []string{
			"gaps - nslcm-drops-headers met by tracing.nslcm-to-catalog: the trace splits at hop 2 of 3"}, 0},
		"a gap of a spec without evidence": {func(s *sample) {
			one := s.spec("tracing.nslcm-to-catalog")
			one.Verdict, one.Findings = verdict.Inconclusive, []verdict.Finding{{Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "no trace", Object: "Deployment istio-system/jaeger"}}
		}, []string{
			"verdicts ~ tracing.nslcm-to-catalog verdict: pass → inconclusive  (worse)",
			"verdicts + tracing.nslcm-to-catalog finding no-evidence of Deployment istio-system/jaeger: inconclusive: no trace  (worse)",
			"gaps ? gap nslcm-drops-headers: tracing.nslcm-to-catalog of B is inconclusive, so nothing is known of its gaps",
		}, 1},
		"a known gap of another form": {func(s *sample) {
			s.spec("tracing.nslcm-to-catalog").Findings[0].Summary = "another hop splits the trace"
		}, []string{"gaps ~ nslcm-drops-headers met by tracing.nslcm-to-catalog: the trace splits at hop 2 of 3 → another hop splits the trace"}, 0},
		"an edge nobody explains": {func(s *sample) {
			s.graph.Edges = append(s.graph.Edges, evidence.Edge{From: "msb-msb-eag", To: "vfc-vfc-nslcm", Rate: 1, Unit: "reqs/sec"})
		}, []string{"edges + msb-msb-eag → vfc-vfc-nslcm (reqs/sec): the catalogue knows no such call  (worse)"}, 1},
		"an edge gone":                  {func(s *sample) { s.graph.Edges = s.graph.Edges[1:] }, []string{"edges - unknown → msb-msb-iag (reqs/sec)"}, 0},
		"an edge without traffic":       {func(s *sample) { s.graph.Edges[1].Rate = 0 }, []string{"edges - msb-msb-iag → multicloud-multicloud (reqs/sec)"}, 0},
		"an edge of another name":       {func(s *sample) { s.graph.Edges[1].Unit = "bytes/sec" }, []string{"edges + msb-msb-iag → multicloud-multicloud (bytes/sec)", "edges - msb-msb-iag → multicloud-multicloud (reqs/sec)"}, 0},
		"an edge that comes and goes":   {func(s *sample) { s.graph.Edges[3].Rate = 12 }, nil, 0},
		"an edge of an other namespace": {func(s *sample) { s.graph.Edges = append(s.graph.Edges, evidence.Edge{From: "a", To: "b", Rate: 1}) }, []string{"edges + a → b ()"}, 0},
		"other rates": {func(s *sample) {
			for i := range s.graph.Edges {
				s.graph.Edges[i].Rate *= 7
			}
		}, nil, 0},
		"no edges":      {func(s *sample) { s.graph.Edges = nil }, []string{"edges ? casablanca: the graph of B has no edges at all"}, 0},
		"a metric gone": {func(s *sample) { s.series.Items = s.series.Items[:1] }, []string{"metrics - istio_tcp_sent_bytes_total metric"}, 0},
		"a label gone":  {func(s *sample) { delete(s.series.Items[0].Labels, "source_app") }, []string{"metrics - istio_requests_total label source_app"}, 0},
		"a label new":   {func(s *sample) { s.series.Items[0].Labels["tenant"] = "a" }, []string{"metrics + istio_requests_total label tenant"}, 0},
		"no series":     {func(s *sample) { s.series.Items = nil }, []string{"metrics ? casablanca: B has no series at all"}, 0},
		"a call that is not counted": {func(s *sample) { s.after.Requests.Items[1].Value = 0 }, []string{
			"metrics - msb-msb-iag → multicloud-multicloud, 200, at the source series"}, 0},
		"another code": {func(s *sample) { s.after.Requests.Items[1].Labels["response_code"] = "503" }, []string{
			"metrics - msb-msb-iag → multicloud-multicloud, 200, at the source series", "metrics + msb-msb-iag → multicloud-multicloud, 503, at the source series"}, 0},
		"plain text": {func(s *sample) { s.after.Requests.Items[2].Labels["connection_security_policy"] = "none" }, []string{
			"metrics ~ msb-msb-iag → multicloud-multicloud-vio mutual TLS: 100 % → 0 %"}, 0},
		"plain text by half": {func(s *sample) {
			s.after.Requests.Items = append(s.after.Requests.Items, counter("msb-msb-iag", "multicloud-multicloud-vio", "destination", "none", 5))
		}, []string{"metrics ~ msb-msb-iag → multicloud-multicloud-vio mutual TLS: 100 % → 50 %"}, 0},
		"more traffic":    {func(s *sample) { s.after.Requests.Items[0].Value, s.after.Requests.Items[1].Value = 3000, 2000 }, nil, 0},
		"nothing counted": {func(s *sample) { s.after.Requests.Items = nil }, []string{"metrics ? casablanca: B has counted none of the calls of the traffic"}, 0},
		"a call nobody expects": {func(s *sample) {
			s.after.Requests.Items = append(s.after.Requests.Items, counter("a", "b", "source", "none", 1))
		}, nil, 0},
		"a header dropped": {func(s *sample) { s.spec("tracing.header-survey").Headers.Rows[0].States[1] = evidence.Dropped }, []string{
			"headers ~ msb-iag in identity traceparent: forwarded → dropped"}, 0},
		"a call not surveyed": {func(s *sample) {
			h := s.spec("tracing.header-survey").Headers
			h.Rows = h.Rows[:1]
		}, []string{"headers - multicloud in identity traceparent: dropped", "headers - multicloud in identity x-b3-*: forwarded"}, 0},
		"another order of headers": {func(s *sample) {
			h := s.spec("tracing.header-survey").Headers
			slices.Reverse(h.Headers)
			slices.Reverse(h.Rows)
			for i := range h.Rows {
				slices.Reverse(h.Rows[i].States)
			}
		}, nil, 0},
		"stand-ins surveyed": {func(s *sample) { s.spec("tracing.header-survey").Headers.Declared = true }, []string{
			"headers ~ what was surveyed: what ONAP's programs do → what stand-ins are declared to do"}, 0},
		"no survey": {func(s *sample) { s.spec("tracing.header-survey").Headers = nil }, []string{"headers ? casablanca: B has no survey of headers"}, 0},
		"an image built anew": {func(s *sample) { s.env.Images[0].Digest = digestB }, []string{
			"images ~ nexus3.onap.org:10001/onap/vfc/nslcm digest: sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…"}, 0},
		"an image of another tag": {func(s *sample) { s.env.Images[0].Ref = "nexus3.onap.org:10001/onap/vfc/nslcm:1.3.0" }, []string{
			"images ~ nexus3.onap.org:10001/onap/vfc/nslcm reference: nexus3.onap.org:10001/onap/vfc/nslcm:1.2.0 → nexus3.onap.org:10001/onap/vfc/nslcm:1.3.0"}, 0},
		"the original image": {func(s *sample) { s.env.Images[0].Standin, s.env.Images[0].Source = false, "registry" }, []string{
			"unlike ~ ONAP's programs: stand-ins → the originals",
			"images ~ nexus3.onap.org:10001/onap/vfc/nslcm program: stand-in → the original",
			"images ~ nexus3.onap.org:10001/onap/vfc/nslcm source: packages → registry"}, 0},
		"an image gone": {func(s *sample) { s.env.Images = s.env.Images[:1] }, []string{
			"images - docker.io/istio/proxyv2:1.31.0: sha256:aaaaaaaaaaaa…, packages, the original"}, 0},
		"other values":    {func(s *sample) { s.env.Charts[0].ValuesDigest = digestB }, []string{"charts ~ onap/vfc values: sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…"}, 0},
		"another chart":   {func(s *sample) { s.env.Charts[0].Version = "3.0.1" }, []string{"charts ~ onap/vfc version: 3.0.0 → 3.0.1"}, 0},
		"a chart gone":    {func(s *sample) { s.env.Charts = nil }, []string{"charts - onap/vfc: vfc 3.0.0"}, 0},
		"a change undone": {func(s *sample) { s.env.Changes = nil }, []string{`rendering - Deployment onap/vfc-vfc-nslcm migration api-version apiVersion: "extensions/v1beta1" → "apps/v1"`}, 0},
		"another change": {func(s *sample) { s.env.Changes[0].To = "apps/v2" }, []string{
			`rendering ~ Deployment onap/vfc-vfc-nslcm migration api-version apiVersion: "extensions/v1beta1" → "apps/v1" → "extensions/v1beta1" → "apps/v2"`}, 0},
		"another Istio": {func(s *sample) { s.env.Istio = "1.32.0" }, []string{"environment ~ Istio: 1.31.0 → 1.32.0"}, 0},
		"another node": {func(s *sample) { s.env.Nodes[0].Name = "n2" }, []string{
			"environment - node n1: kubelet v1.34.4", "environment + node n2: kubelet v1.34.4"}, 0},
		"another kubelet":      {func(s *sample) { s.env.Nodes[0].Kubelet = "v1.35.0" }, []string{"environment ~ node n1 kubelet: v1.34.4 → v1.35.0"}, 0},
		"a slow spec":          {func(s *sample) { s.spec("graph.edges").Seconds = 40 }, []string{"durations ~ graph.edges: 2 s → 40 s"}, 0},
		"a spec a bit slower":  {func(s *sample) { s.spec("graph.edges").Seconds = 20 }, nil, 0},
		"a slow phase":         {func(s *sample) { s.phases[0].Seconds = 400 }, []string{"durations ~ phase cluster: 40 s → 400 s"}, 0},
		"a phase a bit slower": {func(s *sample) { s.phases[0].Seconds = 79 }, nil, 0},
		"a slow answer":        {func(s *sample) { s.spec("metrics.load").Figures[0].Value = 140 }, []string{"figures ~ metrics.load p99, with sidecars: 14 ms → 140 ms"}, 0},
		"more requests":        {func(s *sample) { s.spec("metrics.load").Figures[1].Value = 100000 }, nil, 0},
		"some fail":            {func(s *sample) { s.spec("metrics.load").Figures[2].Value = 90 }, []string{"figures ~ metrics.load success, with sidecars: 100 % → 90 %"}, 0},
		"no figures":           {func(s *sample) { s.spec("metrics.load").Figures = nil }, []string{"figures ? casablanca: only one of the runs has figures of metrics.load"}, 0},
		"judged again": {func(s *sample) { s.run.Replayed = began.Add(time.Hour) }, []string{
			"unlike ~ judged: on a cluster → again from evidence", "durations ? B was judged again from its evidence, which takes no time"}, 0},
		"another meshcert": {func(s *sample) { s.run.Version = "1.1" }, []string{"unlike ~ meshcert: 1.0 → 1.1"}, 0},
		"a focus": {func(s *sample) {
			s.run.Settings.Focus = "graph"
			for _, one := range good().specs[1:] {
				s.drop(one.ID)
			}
			s.specs[0].Verdict, s.run.Selected = verdict.Skip, 1
		}, []string{
			"unlike ~ what was run: the whole profile → a part of the profile", `unlike ~ setting focus: none → "graph"`,
			"verdicts ~ graph.edges verdict: pass → skip  (worse)",
			"verdicts - hygiene.root-pods spec: pass", "verdicts - metrics.labels spec: pass", "verdicts - metrics.load spec: pass",
			"verdicts - metrics.workloads spec: pass", "verdicts - sidecar.ready spec: pass", "verdicts - tracing.header-survey spec: pass",
			"verdicts - tracing.nslcm-to-catalog spec: pass",
			"metrics ? casablanca: B does not have metrics.labels", "metrics ? casablanca: B does not have metrics.workloads",
			"headers ? casablanca: B has no survey of headers"}, 1},
		"killed": {func(s *sample) { s.killed = true }, []string{"incomparable run B (20261124T010000Z-casablanca) is unfinished: it was killed before its end"}, 3},
		"a spec that was never run": {func(s *sample) { s.run.Selected = 9 }, []string{
			"incomparable run B (20261124T010000Z-casablanca) is unfinished: 1 of 9 specs were never run"}, 3},
	}
}

func TestCompare(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) {
			d := compared(made(t, nil), made(t, c.change))
			if diff := cmp.Diff(c.want, told(d)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if d.Exit != c.exit {
				t.Errorf("exit %d, want %d", d.Exit, c.exit)
			}
			if d.Empty() != (len(c.want) == 0) {
				t.Errorf("empty: %t", d.Empty())
			}
		})
	}
}

// mirrored is a difference looked at from the other side.
func mirrored(d Diff) []Change {
	var out []Change
	for _, s := range append(d.Sections, Section{Changes: d.Unlike}) {
		for _, c := range s.Changes {
			c.Way = map[Way]Way{New: Gone, Gone: New, Changed: Changed}[c.Way]
			c.From, c.To = c.To, c.From
			out = append(out, c)
		}
	}
	return out
}

// mirrors demands that the difference of b to a tells the same as that of a to b.
func mirrors(t *testing.T, a, b Run) {
	t.Helper()
	there, back := compared(a, b), compared(b, a)
	want, got := mirrored(there), mirrored(back)
	for i := range got { // as it was told
		got[i].Way = map[Way]Way{New: Gone, Gone: New, Changed: Changed}[got[i].Way]
		got[i].From, got[i].To = got[i].To, got[i].From
	}
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if len(want) != len(got) {
		t.Fatalf("%d changes there, %d back\n%s\n%s", len(want), len(got), there.Text(false), back.Text(false))
	}
	for i := range want {
		// Worse is also what only one side shows: its mirror may mean nothing.
		if want[i].Effect == Better && got[i].Effect != Worse || got[i].Effect == Better && want[i].Effect != Worse {
			t.Errorf("%+v\nis mirrored by %+v", want[i], got[i])
		}
		want[i].Effect, got[i].Effect = "", ""
		want[i].Object, got[i].Object = mask(want[i].Object), mask(got[i].Object)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-mirrored +told:\n%s", diff)
	}
	if len(there.Incomparable) != len(back.Incomparable) {
		t.Errorf("%q, and from the other side %q", there.Incomparable, back.Incomparable)
	}
}

func TestMirror(t *testing.T) {
	for name, c := range cases() {
		t.Run(name, func(t *testing.T) { mirrors(t, made(t, nil), made(t, c.change)) })
	}
}

// TestNoiseIsNoChange: ids, times, addresses and pods of a failure are another in every run.
func TestNoiseIsNoChange(t *testing.T) {
	failing := func(trace string) func(*sample) {
		return func(s *sample) {
			one := s.spec("sidecar.ready")
			one.Verdict, one.Findings = verdict.Fail, []verdict.Finding{split(trace), split(trace + " of 2")}
		}
	}
	if got := told(compared(made(t, failing("7a01…")), made(t, failing("93bcf9e2aa"+"11")))); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestOneOfSeveralFindings(t *testing.T) {
	failing := func(hops ...string) func(*sample) {
		return func(s *sample) {
			one := s.spec("sidecar.ready")
			one.Verdict = verdict.Fail
			for _, hop := range hops {
				f := split("1")
				f.Summary = "the trace splits at " + hop
				one.Findings = append(one.Findings, f)
			}
		}
	}
	const about = "sidecar.ready finding headers-dropped of Deployment onap/vfc-vfc-nslcm: "
	for _, c := range []struct{ a, b, want []string }{
		{[]string{"iag", "nslcm"}, []string{"nslcm", "iag"}, nil},
		{[]string{"iag", "nslcm"}, []string{"nslcm"}, []string{"verdicts - " + about + "fail: the trace splits at iag"}},
		{[]string{"nslcm"}, []string{"iag", "nslcm", "nslcm"}, []string{
			"verdicts + " + about + "fail: the trace splits at iag  (worse)", "verdicts + " + about + "fail: the trace splits at nslcm  (worse)"}},
		{[]string{"iag", "nslcm"}, []string{"nslcm", "vio"}, []string{"verdicts ~ " + about + "the trace splits at iag → the trace splits at vio"}},
	} {
		if diff := cmp.Diff(c.want, told(compared(made(t, failing(c.a...)), made(t, failing(c.b...))))); diff != "" {
			t.Errorf("%q to %q, -want +got:\n%s", c.a, c.b, diff)
		}
	}
}

func TestOtherReleases(t *testing.T) {
	other := func(name string) func(*sample) {
		return func(s *sample) {
			s.run.Stages[0].Release, s.env.Release = name, name
			for i := range s.specs {
				s.specs[i].Release = name
			}
			s.spec("sidecar.ready").Ready = "28/29"
		}
	}
	d := compared(made(t, nil), made(t, other("dublin")))
	want := []string{
		"unlike ~ release: casablanca → dublin",
		"verdicts ~ sidecar.ready ready: 29/29 → 28/29",
		"edges ? casablanca → dublin: the catalogue does not have this release with these charts, so edges that come and go by themselves are told too",
		"metrics ? casablanca → dublin: the catalogue does not have this release with these charts, so it is not known which calls the traffic makes",
	}
	if diff := cmp.Diff(want, told(d)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	more := made(t, func(s *sample) {
		s.run.Stages = append(s.run.Stages, verdict.Stage{Release: "blog"})
		s.specs = append(s.specs,
			report.Spec{ID: "msb.a", Topic: "msb", Release: "blog", Verdict: verdict.Fail, Started: began},
			report.Spec{ID: "msb.b", Topic: "msb", Release: "blog", Verdict: verdict.Pass, Started: began})
	})
	want = []string{"unlike + release blog: 2 specs", "verdicts + msb.a spec: fail  (worse)"}
	if diff := cmp.Diff(want, told(compared(made(t, nil), more))); diff != "" {
		t.Errorf("one release more, -want +got:\n%s", diff)
	}
	none := compared(made(t, nil), made(t, func(s *sample) { s.specs = nil }))
	if none.Exit != ExitIncomparable || !slices.Contains(none.Incomparable, "no spec was run in both") {
		t.Errorf("no spec in both: exit %d, %q", none.Exit, none.Incomparable)
	}
}

// TestMissingEvidence: what cannot be read is told, and is no equality.
func TestMissingEvidence(t *testing.T) {
	const graph = "artifacts/casablanca/graph.edges/graph.json"
	for name, c := range map[string]struct {
		change func(Run) Run
		want   string
	}{
		"no folder":     {func(r Run) Run { return Run{Report: r.Report} }, "graph of graph.edges in B: it has no artifacts"},
		"no file":       {func(r Run) Run { delete(r.Artifacts.(fstest.MapFS), graph); return r }, graph + " is not there"},
		"an empty file": {func(r Run) Run { r.Artifacts.(fstest.MapFS)[graph] = &fstest.MapFile{}; return r }, "cannot be read"},
		"no evidence": {func(r Run) Run {
			r.Artifacts.(fstest.MapFS)[graph] = &fstest.MapFile{Data: []byte(`{"evidence":null}`)}
			return r
		}, "holds no evidence"},
		"an error": {func(r Run) Run {
			r.Artifacts.(fstest.MapFS)[graph] = &fstest.MapFile{Data: []byte(`{"evidence":{"edges":null},"error":"connection refused"}`)}
			return r
		}, "could not be observed: connection refused"},
		"another file than the run kept": {func(r Run) Run {
			r.Report.Specs[0].Evidence = []report.EvidenceFile{{Path: graph, Bytes: 1, Digest: digestA}}
			return r
		}, "is not what the run kept"},
		"a file the run did not keep": {func(r Run) Run {
			r.Report.Specs[0].Evidence = []report.EvidenceFile{{Path: "artifacts/x.json", Bytes: 1, Digest: digestA}}
			return r
		}, "is not what the run kept"},
		"a way out of the folder": {func(r Run) Run { r.Report.Specs[0].Artifacts = "../../etc/"; return r }, "is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			got := compared(made(t, nil), c.change(made(t, nil))).Section(Edges)
			if len(got.Changes) > 0 || len(got.Unknown) != 1 || !strings.Contains(got.Unknown[0], c.want) {
				t.Errorf("want %q, got %+v", c.want, got)
			}
		})
	}
}

func TestNothingToCompare(t *testing.T) {
	for name, runs := range map[string][2]Run{
		"no reports":    {{}, {}},
		"no report A":   {{}, made(t, nil)},
		"empty reports": {{Report: &report.Report{}}, {Report: &report.Report{}}},
	} {
		d := compared(runs[0], runs[1])
		if d.Exit != ExitIncomparable || len(d.Incomparable) == 0 {
			t.Errorf("%s: exit %d, %q", name, d.Exit, d.Incomparable)
		}
		if text := d.Text(false); !strings.Contains(text, "cannot be compared") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestEffect(t *testing.T) {
	const pass, fail, unsure, skip = verdict.Pass, verdict.Fail, verdict.Inconclusive, verdict.Skip
	want := map[string]Effect{
		"pass fail": Worse, "pass inconclusive": Worse, "pass skip": Worse, "inconclusive fail": Worse, "skip fail": Worse,
		"fail pass": Better, "inconclusive pass": Better, "skip pass": Better,
	}
	for _, from := range []verdict.Verdict{pass, fail, unsure, skip} {
		for _, to := range []verdict.Verdict{pass, fail, unsure, skip} {
			if got := effectOf(from, to); got != want[fmt.Sprint(from, " ", to)] {
				t.Errorf("%s to %s is %q", from, to, got)
			}
		}
	}
}
