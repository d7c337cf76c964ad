package tracing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	wanted = "a9996e553895ebf6e09be2f9b96339e4"
	other  = "7a01b200b50208ed35c0ce3417b02dac"
)

// span is "ID PARENT KIND APP START DURATION", times in milliseconds, "-" for no parent.
func span(t *testing.T, trace, text string, tags ...string) evidence.Span {
	t.Helper()
	f := strings.Fields(text)
	start, err := time.ParseDuration(f[4] + "ms")
	if err != nil {
		t.Fatal(err)
	}
	duration, err := time.ParseDuration(f[5] + "ms")
	if err != nil {
		t.Fatal(err)
	}
	s := evidence.Span{
		ID: f[0], TraceID: trace, Parent: strings.TrimPrefix(f[1], "-"), Kind: evidence.SpanKind(f[2]), Service: f[3] + ".onap",
		Start: sample.Now.Add(start), Duration: duration, Tags: map[string]string{},
	}
	for i := 0; i < len(tags); i += 2 {
		s.Tags[tags[i]] = tags[i+1]
	}
	return s
}

// trace reads one span a line; the tags peer=IP, status=CODE and url=URL may follow.
func trace(t *testing.T, id, text string) evidence.Trace {
	t.Helper()
	out := evidence.Trace{ID: id}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.Fields(line)
		var tags []string
		for _, w := range words[6:] {
			key, value, _ := strings.Cut(w, "=")
			tags = append(tags, map[string]string{"peer": "peer.address", "status": "http.status_code", "url": "http.url",
				"flags": "response_flags", "node": "node_id", "cluster": "upstream_cluster", "w3c": "traceparent"}[key], value)
		}
		out.Spans = append(out.Spans, span(t, id, line, tags...))
	}
	return out
}

const whole = `
	1 sent server msb-iag 0 24
	2 1 client msb-iag 1 22
	3 2 server multicloud 2 18
	4 3 client multicloud 6 13
	5 4 server msb-iag 9 8
	6 5 client msb-iag 10 6
	7 6 server multicloud-vio 13 1`

// judged runs the judge over the spans of the wanted trace and of others, with
// the healthy pods of Casablanca as changed by spoil.
func judged(t *testing.T, path, spans string, spoil func(evidence.Pods), others ...string) []verdict.Finding {
	t.Helper()
	release := sample.Release(t, "casablanca")
	pods := sample.Pods(release, catalogue.Enabled)
	if spoil != nil {
		spoil(pods)
	}
	p, ok := release.Path(path)
	if !ok {
		t.Fatalf("no path %s", path)
	}
	var traces evidence.Traces
	if spans != "" {
		one := trace(t, wanted, spans)
		traces.Wanted = &one
	}
	for i, text := range others {
		traces.Others = append(traces.Others, trace(t, other[:31]+string(rune('a'+i)), text))
	}
	return tracing.Judge(release, p, tracing.Seen{Pods: pods, Traces: traces})
}

func TestShapes(t *testing.T) {
	without := func(workload string) func(evidence.Pods) {
		return func(pods evidence.Pods) { sample.WithoutProxy(t, pods, workload) }
	}
	for name, c := range map[string]struct {
		spans  string
		others []string
		spoil  func(evidence.Pods)
		want   []string
		unsure bool // no finding fails
		object string
		text   string // a part of Summary, Where or Why of the first finding
	}{
		"whole": {spans: whole},
		"whole, with a side call": {spans: whole + `
			8 3 client multicloud 3 1`},
		"whole, though other traces run beside it": {spans: whole, others: []string{`
			a - client vfc-nslcm 3 9
			b a server msb-iag 4 5`}},
		"nothing at all": {want: []string{"trace-missing"}, unsure: true, object: "Deployment istio-system/jaeger", text: "reported anything of that time"},
		"nothing, though others are traced": {
			others: []string{`1 - server msb-iag 0 24 url=http://10.0.0.1:30280/api/other`},
			want:   []string{"trace-missing"}, unsure: true, object: "Deployment istio-system/jaeger", text: "so the collector is reached",
		},
		"nothing, but the gateway began a trace of its own": {
			others: []string{`a - server msb-iag 0 24 url=http://10.0.0.1:30280/api/multicloud/v0/vmware_fake/identity/v3`},
			want:   []string{"trace-missing"}, unsure: true, object: "Deployment onap/msb-msb-iag", text: "may not read the header format",
		},
		"headers dropped, client span starts a trace": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				4 - client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"headers-dropped"}, object: "Deployment onap/multicloud-multicloud",
			text: "the application multicloud drops the headers",
		},
		"headers dropped, only the callee's span is there and names the caller's pod": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				5 - server msb-iag 9 8 peer=10.244.0.15
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"headers-dropped", "missing-span"}, object: "Deployment onap/multicloud-multicloud", text: "called from its pod 10.244.0.15",
		},
		"the callee's span alone, from somebody else: nobody is accused": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				5 - server msb-iag 9 8 peer=10.244.0.99
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"trace-incomplete"}, object: "Deployment onap/multicloud-multicloud", text: "cannot be told",
		},
		"a call made before the request came is not its continuation": {
			spans: `
				1 sent server msb-iag 5 24
				2 1 client msb-iag 6 22
				3 2 server multicloud 7 18`,
			others: []string{`4 - client multicloud 6 13`},
			want:   []string{"trace-incomplete"},
		},
		"a call made after the answer is not its continuation": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`4 - client multicloud 21 13`},
			want:   []string{"trace-incomplete"},
		},
		"a call of the same workload to another service is not its continuation": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				4 - client multicloud 6 13
				5 4 server vfc-nslcm 7 3`},
			want: []string{"trace-incomplete"},
		},
		"the longest of several continuations": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`4 - client multicloud 3 13`, `
				4 - client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"headers-dropped"}, text: "4 ms later",
		},
		"dropped, and the rest is not whole either": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				4 - client multicloud 6 13
				5 4 server msb-iag 9 8`},
			want: []string{"headers-dropped", "trace-incomplete"},
		},
		"dropped twice": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{`
				4 - client multicloud 6 13
				5 4 server msb-iag 9 8`, `
				6 - client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"headers-dropped", "headers-dropped"}, object: "Deployment onap/multicloud-multicloud", text: "hop 2 of 3",
		},
		"the answer came without the call": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18 status=500`,
			want: []string{"trace-incomplete"}, text: "status 500",
		},
		"only the gateway's server span": {
			spans: `1 sent server msb-iag 0 24`,
			want:  []string{"trace-incomplete"}, object: "Deployment onap/msb-msb-iag",
		},
		"no route to the callee": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22 status=503 flags=UH`,
			want: []string{"missing-span"}, object: "Deployment onap/multicloud-multicloud", text: "flags UH",
		},
		"the gateway reaches another service": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud-ocata 2 18`,
			want: []string{"wrong-service"}, object: "Deployment onap/msb-msb-iag", text: "multicloud-ocata.onap",
		},
		"a hop too many": {
			spans: `
				1 sent server msb-iag 0 24
				8 1 client msb-eag 1 22
				9 8 server msb-eag 1 22
				2 9 client msb-iag 1 22
				3 2 server multicloud 2 18
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"wrong-service", "wrong-service"}, object: "Deployment onap/msb-msb-eag",
		},
		"spans, but none of the path": {
			spans: `1 sent server vfc-nslcm 0 24`,
			want:  []string{"wrong-service"}, object: "Deployment onap/msb-msb-iag",
		},
		"two sidecars that do not understand each other": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22`,
			others: []string{`
				3 - server multicloud 2 18 peer=10.244.0.14
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"context-lost"}, object: "Deployment onap/multicloud-multicloud", text: "no application is to blame",
		},
		"the trace id is passed on, the parent is not": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18
				4 - client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"several-roots"}, object: "Deployment onap/multicloud-multicloud", text: "the parent's span id was not",
		},
		"whole, and a root besides": {spans: whole + `
			9 lost server multicloud-vio 14 1`,
			want: []string{"several-roots"}, unsure: true, object: "Deployment onap/multicloud-multicloud-vio", text: "cannot be told",
		},
		"a span is lost in the middle": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"spans-lost"}, unsure: true, object: "Deployment onap/multicloud-multicloud", text: "missing: server span of multicloud",
		},
		"the last hop has no sidecar": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6`,
			spoil: without("multicloud-multicloud-vio"),
			want:  []string{"sidecar-missing"}, object: "Deployment onap/multicloud-multicloud-vio",
		},
		"a hop in the middle has no sidecar and passes the headers": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				5 2 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			spoil: without("multicloud-multicloud"),
			want:  []string{"sidecar-missing"}, object: "Deployment onap/multicloud-multicloud",
		},
		"the gateway has no sidecar": {
			spans: `
				3 sent server multicloud 2 18
				4 3 client multicloud 6 13
				7 4 server multicloud-vio 13 1`,
			spoil: without("msb-msb-iag"),
			want:  []string{"sidecar-missing"}, object: "Deployment onap/msb-msb-iag",
		},
		"the same spans with a sidecar in place": {
			spans: `
				3 sent server multicloud 2 18
				4 3 client multicloud 6 13
				7 4 server multicloud-vio 13 1`,
			want: []string{"missing-span"}, unsure: true, object: "Deployment onap/msb-msb-iag", text: "cannot be told",
		},
		"a span that is its own ancestor": {
			spans: `
				1 2 server msb-iag 0 24
				2 1 client msb-iag 1 22`,
			want: []string{"trace-without-root"}, unsure: true,
		},
		"a circle below the first span": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 2 client msb-iag 2 21
				2 3 client msb-iag 3 20`,
			want: []string{"missing-span", "missing-span"}, text: "missing: server span of multicloud, client span of multicloud",
		},
		"a span that came twice": {spans: whole + `
			5 4 server msb-iag 9 8`},
		"two spans of one id, as Zipkin's shared spans": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				2 1 server multicloud 2 18
				4 2 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"missing-span"}, text: "missing: server span of multicloud",
		},
	} {
		t.Run(name, func(t *testing.T) {
			findings := judged(t, "identity", c.spans, c.spoil, c.others...)
			if diff := cmp.Diff(c.want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
			}
			sample.Complete(t, findings)
			if len(c.want) == 0 {
				return
			}
			if f := findings[0]; c.object != "" && f.Object != c.object {
				t.Errorf("object %q, want %q", f.Object, c.object)
			}
			if f := findings[0]; !strings.Contains(f.Summary+f.Where+f.Why, c.text) {
				t.Errorf("%q not in %+v", c.text, f)
			}
			if v := verdict.Of(findings); (v == verdict.Inconclusive) != c.unsure || (v == verdict.Fail) == c.unsure {
				t.Errorf("verdict %s", v)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	findings := judged(t, "nslcm-to-catalog", `
		5c3f000000000001 sent server msb-iag 0 31
		5c3f000000000002 5c3f000000000001 client msb-iag 1 28
		5c3f000000000003 5c3f000000000002 server vfc-nslcm 3 25`, nil, `
		91be000000000004 - client vfc-nslcm 14 12
		91be000000000005 91be000000000004 server msb-iag 15 9
		91be000000000006 91be000000000005 client msb-iag 17 7
		91be000000000007 91be000000000006 server vfc-catalog 18 3`)
	want := []verdict.Finding{{
		Kind: "headers-dropped", Verdict: verdict.Fail,
		Summary: "the trace splits at hop 2 of 3",
		Object:  "Deployment onap/vfc-vfc-nslcm",
		Want:    "msb-iag → vfc-nslcm → msb-iag → vfc-catalog, one trace",
		Got:     "msb-iag → vfc-nslcm | msb-iag → vfc-catalog in new trace 7a01b200…",
		Where:   "vfc-nslcm → msb-iag: server span 5c3f0000… of vfc-nslcm has no child; its client span 91be0000… starts a new trace 11 ms later",
		Why:     "the application vfc-nslcm drops the headers: its sidecar reported both spans, its port is HTTP",
		Next:    "make vfc-nslcm copy the trace headers (x-request-id, x-b3-*, traceparent, tracestate) to the requests it sends",
	}}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Error(diff)
	}
}

// TestFewAreNamed: of many spans of one sort some are named, and the last of them
// says how many more there are.
func TestFewAreNamed(t *testing.T) {
	spans := whole
	for i := range 25 {
		spans += fmt.Sprintf("\n\t\tx%d lost%d server multicloud-vio 14 1", i, i)
	}
	findings := judged(t, "identity", spans, nil)
	if len(findings) != 20 {
		t.Fatalf("%d findings, want 20", len(findings))
	}
	for i, f := range findings {
		if last := i == 19; strings.HasSuffix(f.Where, ", and 5 more") != last {
			t.Errorf("finding %d: %s", i, f.Where)
		}
	}
}
