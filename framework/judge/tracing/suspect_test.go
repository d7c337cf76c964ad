package tracing_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

// The path identity up to multicloud, which has not called on; and the rest of
// it as a trace of its own.
const (
	upTo = `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22
		3 2 server multicloud 2 18`
	rest = `
		4 - client multicloud 6 13
		5 4 server msb-iag 9 8
		6 5 client msb-iag 10 6
		7 6 server multicloud-vio 13 1`
)

// at puts the tag behind the line of the span with the id.
func at(spans, id, tag string) string {
	var out []string
	for _, line := range strings.Split(strings.TrimSpace(spans), "\n") {
		if strings.Fields(line)[0] == id {
			line += " " + tag
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestNobodyIsAccusedWrongly has shapes that look as if an application dropped
// the headers, while a proxy, the collector or another request may be the reason.
func TestNobodyIsAccusedWrongly(t *testing.T) {
	const here, there = "node=sidecar~10.244.0.15~multicloud-a.onap~x", "node=sidecar~10.244.0.99~multicloud-b.onap~x"
	fromMulticloud := strings.Join(strings.Split(strings.TrimSpace(rest), "\n")[1:], "\n")
	fromMulticloud = at(strings.Replace(fromMulticloud, "5 4 server", "5 - server", 1), "5", "peer=10.244.0.15")
	for name, c := range map[string]struct {
		spans  string
		others []string
		spoil  func(evidence.Pods)
		want   []string
		sure   bool // a finding fails
		text   string
	}{
		"another request at the same time, without a continuation either": {
			spans: upTo, others: []string{rest, `
				a - server msb-iag 1 20
				b a client msb-iag 2 18
				c b server multicloud 3 16`},
			want: []string{"trace-incomplete"}, text: "serving 1 other requests",
		},
		"another request at the same time, in another pod": {
			spans: at(upTo, "3", here), others: []string{at(rest, "4", here), at(`
				a - server msb-iag 1 20
				b a client msb-iag 2 18
				c b server multicloud 3 16`, "c", there)},
			want: []string{"headers-dropped"}, sure: true, text: "the application multicloud drops",
		},
		"another request at the same time, which has its continuation": {
			spans: upTo, others: []string{rest, `
				a - server msb-iag 1 20
				b a client msb-iag 2 18
				c b server multicloud 3 16
				d c client multicloud 4 9`},
			want: []string{"headers-dropped"}, sure: true, text: "the application multicloud drops",
		},
		"another request, over before the call": {
			spans: upTo, others: []string{rest, `
				a - server msb-iag 0 6
				b a client msb-iag 1 4
				c b server multicloud 2 2`},
			want: []string{"headers-dropped"}, sure: true, text: "the application multicloud drops",
		},
		"the call of another pod of the workload": {
			spans: at(upTo, "3", here), others: []string{at(rest, "4", there)},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"the middle of another request whose server span was lost": {
			spans: upTo, others: []string{`
				a - server msb-iag 1 20
				b a client msb-iag 2 18
				4 lost client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"headers of its own": {
			spans: upTo, others: []string{strings.Replace(rest, "4 - client", "4 0wn client", 1)},
			want: []string{"trace-id-changed"}, sure: true, text: "sends trace ids of its own instead of those it got",
		},
		"a call to nobody knows whom": {
			spans: upTo, others: []string{`4 - client multicloud 6 13`},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"a call to a Service beside the path": {
			spans: upTo, others: []string{`4 - client multicloud 6 13 cluster=outbound|80||vfc-nslcm.onap.svc.cluster.local`},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"a call to the Service of the path, whose callee reports nothing": {
			spans: upTo, others: []string{`4 - client multicloud 6 13 cluster=outbound|80||msb-iag.onap.svc.cluster.local`},
			want: []string{"headers-dropped", "missing-span"}, sure: true, text: "the application multicloud drops",
		},
		"the callee has no sidecar and passes the headers on": {
			spans: upTo, others: []string{`
				4 - client multicloud 6 13
				7 4 server multicloud-vio 13 1`},
			spoil: func(pods evidence.Pods) { sample.WithoutProxy(t, pods, "msb-msb-iag") },
			want:  []string{"headers-dropped", "sidecar-missing"}, sure: true, text: "the application multicloud drops",
		},
		"the next client span was lost": {
			spans: upTo + `
				5 lost server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"spans-lost"}, text: "neither the application nor its port is to blame",
		},
		"two spans in a row were lost": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				5 lost server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"spans-lost"}, text: "neither the application nor its port is to blame",
		},
		"spans were never made": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				5 2 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"missing-span"}, sure: true, text: "these were never made: the sidecar of multicloud",
		},
		"a gateway that calls itself": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				5 2 server msb-iag 9 8 peer=10.244.0.14
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"wrong-service"}, sure: true, text: "hop 1 of 3 reaches another service",
		},
		"a parent in the same trace that nobody reported": {
			spans: upTo + strings.Replace(rest, "4 - client", "4 lost client", 1),
			want:  []string{"several-roots"}, text: "cannot be told",
		},
		"a callee's parent that nobody reported": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3 lost server multicloud 2 18
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
			want: []string{"several-roots"}, text: "cannot be told",
		},
		"the gateway's sidecar tries once more": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				2a 2 server multicloud 2 1 status=503
				3 2 server multicloud 4 16
				4 3 client multicloud 6 13
				5 4 server msb-iag 9 8
				6 5 client msb-iag 10 6
				7 6 server multicloud-vio 13 1`,
		},
		"the application tries once more": {
			spans: whole + `
				4a 3 client multicloud 3 2 status=503 flags=UF`,
		},
		"a callee that refused the first try drops the headers in the second": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22
				3a 2 server multicloud 1 1 status=503
				3 2 server multicloud 2 18`,
			others: []string{rest}, want: []string{"headers-dropped"}, sure: true, text: "its sidecar reported both spans",
		},
		"a caller that called twice, whose callee drops the headers in the second": {
			spans: `
				1 sent server msb-iag 0 24
				2a 1 client msb-iag 1 1 status=503
				3a 2a server multicloud 1 1 status=503
				2 1 client msb-iag 1 22
				3 2 server multicloud 2 18`,
			others: []string{rest}, want: []string{"headers-dropped"}, sure: true, text: "its sidecar reported both spans",
		},
		"ids of its own, with which it tries twice": {
			spans: upTo, others: []string{strings.Replace(rest, "4 - client", "4 0wn client", 1) + `
				4a 0wn client multicloud 5 1 status=503`},
			want: []string{"trace-id-changed"}, sure: true, text: "sends trace ids of its own",
		},
		"the request reached the gateway twice": {
			spans: whole + `
				1a sent server msb-iag 0 1 status=503`,
		},
		"a second request that somebody else sent under the same trace": {
			spans: whole + `
				1a else server msb-iag 0 1`,
			want: []string{"several-roots"}, text: "cannot be told",
		},
		"clocks that differ: a callee that answers after its caller": {
			spans: upTo, others: []string{strings.Replace(fromMulticloud, "msb-iag 9 8", "msb-iag 19 8", 1)},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"clocks that differ within the trace": {
			spans: strings.NewReplacer("server multicloud 2 18", "server multicloud -40 18", "client multicloud 6 13", "client multicloud -36 13").Replace(whole),
		},
		"the caller's address was another pod's as well": {
			spans: upTo, others: []string{fromMulticloud},
			spoil: func(pods evidence.Pods) {
				pods.Items[slices.IndexFunc(pods.Items, func(p evidence.Pod) bool { return p.IP == "10.244.0.10" })].IP = "10.244.0.15"
			},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"the caller's address is of another pod than the one that served": {
			spans: at(upTo, "3", there), others: []string{fromMulticloud},
			want: []string{"trace-incomplete"}, sure: true, text: "cannot be told",
		},
		"a callee that took headers, of a call that was lost": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22`,
			others: []string{`3 lost server multicloud 2 18 peer=10.244.0.14`},
			want:   []string{"missing-span"}, sure: true, text: "late or lost",
		},
		"no healthy address": {
			spans: `
				1 sent server msb-iag 0 24
				2 1 client msb-iag 1 22 status=503 flags=UH`,
			want: []string{"missing-span"}, sure: true, text: "had nothing to report",
		},
	} {
		t.Run(name, func(t *testing.T) {
			findings := judged(t, "identity", c.spans, c.spoil, c.others...)
			if diff := cmp.Diff(c.want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("kinds (-want +got):\n%s%+v", diff, findings)
			}
			sample.Complete(t, findings)
			want := verdict.Pass
			switch {
			case c.sure:
				want = verdict.Fail
			case len(c.want) > 0:
				want = verdict.Inconclusive
			}
			if got := verdict.Of(findings); got != want {
				t.Errorf("verdict %s, want %s: %+v", got, want, findings)
			}
			if len(c.want) > 0 && !strings.Contains(findings[0].Summary+findings[0].Why, c.text) {
				t.Errorf("%q not in %+v", c.text, findings[0])
			}
		})
	}
}

// TestAddressesOfTheSample: the shapes above name pods by these.
func TestAddressesOfTheSample(t *testing.T) {
	pods := sample.Pods(sample.Release(t, "casablanca"), catalogue.Enabled)
	for workload, ip := range map[string]string{"multicloud-multicloud": "10.244.0.15", "msb-msb-iag": "10.244.0.14"} {
		if got := sample.Pod(t, pods, workload).IP; got != ip {
			t.Errorf("%s has %s, want %s", workload, got, ip)
		}
	}
}
