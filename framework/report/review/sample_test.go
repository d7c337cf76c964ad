package review_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	today = verdict.Day("2026-11-24")
	iag   = "Deployment onap/msb-msb-iag"
	nslcm = "Deployment onap/vfc-vfc-nslcm"

	values     = "kubernetes/msb/charts/msb-iag/values.yaml"
	deployment = "kubernetes/msb/charts/msb-iag/templates/deployment.yaml"
)

func casablanca(t testing.TB) *catalogue.Release {
	t.Helper()
	release, err := catalogue.Load("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// tree has the form of an OOM tree.
func tree(t testing.TB) review.Charts {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return review.Charts{Prefix: "kubernetes", Releases: []*catalogue.Release{casablanca(t)}, FS: fstest.MapFS{
		"msb/Chart.yaml":                               file("name: msb\n"),
		"msb/charts/msb-iag/Chart.yaml":                file("name: msb-iag\n"),
		"msb/charts/msb-iag/values.yaml":               file("# iag\nglobal: {}\nimage: onap/msb/msb_apigateway:1.2.1\nistioSidecar: true\nservice:\n  type: NodePort\n"),
		"msb/charts/msb-iag/templates/deployment.yaml": file("apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata:\n  annotations:\n    sidecar.istio.io/inject: \"{{.Values.istioSidecar}}\"\n"),
		"msb/charts/msb-iag/templates/service.yaml":    file("apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - nodePort: 302{{ .Values.x }}\n"),
		"msb/values.yaml":                              file("global: {}\n"),
		"vfc/Chart.yaml":                               file("name: vfc\n"),
		"vfc/values.yaml":                              file("a: [\n"),
		"vfc/components/vfc-nslcm/Chart.yaml":          file("name: vfc-nslcm\n"),
		"multicloud/values.yaml":                       file("image: onap/multicloud/framework:1.2.1\n"),
		"multicloud/templates/deployment.yaml":         file("kind: Deployment\n"),
	}}
}

// wrong is a complete finding.
func wrong(kind verdict.Kind, object, summary string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: object, Want: "this", Got: "that", Where: "there", Why: "so", Next: "mend it"}
}

func judged(id string, v verdict.Verdict, findings ...verdict.Finding) report.Spec {
	topic, _, _ := strings.Cut(id, ".")
	return report.Spec{ID: id, Topic: topic, Release: "casablanca", Verdict: v, Findings: findings, Started: time.Unix(0, 0).UTC(), Rerun: "make e2e FOCUS=" + id}
}

// ran is a finished run of these specs.
func ran(id string, specs ...report.Spec) *report.Report {
	return &report.Report{Run: report.Run{ID: id, Profile: "casablanca", Selected: len(specs)}, Finished: true, Specs: specs}
}

// asked is a question about a run's specs, all of which were expected.
func asked(t testing.TB, run *report.Report) review.Question {
	q := review.Question{Project: "MSB", Report: run, Today: today, Charts: tree(t), Change: []string{values, "docs/x.rst"}}
	for _, s := range run.Specs {
		q.Expected = append(q.Expected, s.Release+"/"+s.ID)
	}
	return q
}

// red is a review with each sort of result: a failure on a line of the change, one
// beside it, one without a line, one that is waived, one that is not seen, one
// that is skipped and one that passed.
func red(t testing.TB) review.Review {
	unseen := wrong("no-evidence", "Namespace onap", "no samples")
	unseen.Verdict = verdict.Inconclusive
	skipped := judged("metrics.grafana", verdict.Skip)
	skipped.Reason = "there is no Grafana #1"
	run := ran("new",
		judged("sidecar.ready", verdict.Fail, wrong("missing-sidecar", iag, "msb-msb-iag runs without container istio-proxy")),
		judged("releases.services", verdict.Fail, wrong("wrong-node-port", "Service onap/msb-iag", "port 80 has another NodePort")),
		judged("tracing.portal", verdict.Fail, wrong("trace-missing", "Deployment istio-system/jaeger", "no trace")),
		judged("hygiene.limits", verdict.Fail, wrong("no-limits", iag, "no limits")),
		judged("metrics.requests", verdict.Inconclusive, unseen), skipped, judged("msb.portal", verdict.Pass))
	q := asked(t, run)
	q.Waivers = []verdict.Waiver{{Spec: "hygiene.limits", Kind: "no-limits", Object: "Deployment onap/msb-*", Owner: "MSB", Reason: "none set", Expires: "2027-12-31"}}
	return review.Of(q)
}

// nasty are texts that would be commands, markup or the end of something.
func nasty() []string {
	return []string{
		"50% of a:b,c\r\n::error file=x::injected\n::set-env name=A::b", "<script>alert(1)</script> </pre></details>", "[a](javascript:x) `b` | c ![i](http://x) @onap #1 ~~x~~",
		"\x1b[31mred\x1b[0m \x00\x07\u202e", "not ok 1\nBail out!\n  ...\n---\n1..0", "]]>&amp;\"'\\ # TODO", "ü日本\xff\xfe", "\n\n\n# heading\n\n- list\n\n    code", "  ---\n  a: [\n  ...",
	}
}

// flood is a review with that many findings, each with all that is nasty in it.
func flood(t testing.TB, n int) review.Review {
	var specs []report.Spec
	for i := range n {
		text := nasty()[i%len(nasty())]
		f := wrong(verdict.Kind(fmt.Sprintf("missing-sidecar-%d", i)), iag, text)
		f.Want, f.Got, f.Where, f.Why, f.Next = text, text+text, text, text, text
		if i%3 == 1 {
			f.Verdict = verdict.Inconclusive
		}
		if i%5 == 2 {
			f.Object = "Deployment istio-system/jaeger"
		}
		s := judged(fmt.Sprintf("sidecar.s%d", i), f.Verdict, f)
		s.Reason = text
		specs = append(specs, s)
	}
	return review.Of(asked(t, ran("flood", specs...)))
}
