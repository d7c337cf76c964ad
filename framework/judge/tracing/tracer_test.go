package tracing_test

import (
	"slices"
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

// tracers are the sidecars of the path's workloads, as a healthy mesh sets them.
func tracers(release *catalogue.Release, path catalogue.Path) evidence.Tracers {
	seen := evidence.Tracers{Observed: sample.Now}
	for _, name := range tracing.Workloads(release, path) {
		i := slices.IndexFunc(release.Workloads, func(w catalogue.Workload) bool { return w.Name == name })
		t := evidence.Tracer{
			Pod: name + "-5d9c7b9f4c-8xk2p", Namespace: "onap", Workload: name, Provider: "zipkin", Sampling: 100,
			Reports: evidence.Reports{Collector: "outbound|9411||jaeger-collector.istio-system.svc.cluster.local", Addresses: 1, Accepted: 40},
		}
		for _, s := range release.Workloads[i].Services {
			for _, p := range s.Ports {
				t.Ports = append(t.Ports, evidence.TracedPort{Service: s.Name, Name: p.Name, Port: p.Port, Protocol: evidence.Sniffed})
			}
		}
		seen.Items = append(seen.Items, t)
	}
	return seen
}

// TestTracers: what the sidecars say of themselves makes the diagnosis, where
// the spans alone leave it open.
func TestTracers(t *testing.T) {
	const upToCall = `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22 status=200`
	const around = `
		1 sent server msb-iag 0 24
		2 1 client msb-iag 1 22
		5 2 server msb-iag 9 8
		6 5 client msb-iag 10 6
		7 6 server multicloud-vio 13 1`
	tcp := func(t *evidence.Tracer) {
		for i := range t.Ports {
			t.Ports[i].Protocol = evidence.TCP
		}
	}
	without := strings.NewReplacer("1 sent server msb-iag 0 24", "", "2 1 client", "2 sent client").Replace(whole)
	since := func(seconds int) func(*evidence.Tracer) {
		return func(t *evidence.Tracer) { t.Since = sample.Now.Add(-time.Duration(seconds) * time.Second) }
	}
	off := func(t *evidence.Tracer) { t.Provider, t.Sampling = "", 0 }
	for name, c := range map[string]struct {
		spans    string
		workload string
		spoil    func(*evidence.Tracer)
		parent   string
		want     string
		sure     bool
		text     string
	}{
		"whole, whatever they say":          {spans: whole, workload: "multicloud-multicloud", spoil: func(t *evidence.Tracer) { tcp(t); off(t) }},
		"the callee's port is TCP":          {spans: upToCall, workload: "multicloud-multicloud", spoil: tcp, want: "port-not-http", sure: true, text: "Service multicloud-framework, port name multicloud-framework, appProtocol none"},
		"another callee's port is TCP":      {spans: upToCall, workload: "multicloud-multicloud-vio", spoil: tcp, want: "missing-span", sure: true, text: "late or lost"},
		"a port that is sniffed":            {spans: upToCall, workload: "multicloud-multicloud", spoil: func(*evidence.Tracer) {}, want: "missing-span", sure: true, text: "late or lost"},
		"a sidecar that could not be asked": {spans: upToCall, workload: "multicloud-multicloud", spoil: func(t *evidence.Tracer) { tcp(t); t.Error = "exec refused" }, want: "missing-span", sure: true, text: "late or lost"},
		"a hole where the port is TCP":      {spans: around, workload: "multicloud-multicloud", spoil: tcp, want: "port-not-http", sure: true, text: "between client span 2 of msb-iag.onap and server span 5"},
		"a call to a port that is TCP leaves no span": {spans: upTo + `
			4 3 client multicloud 6 13
			5 4 server msb-iag 9 8`, workload: "multicloud-multicloud-vio", spoil: tcp, want: "port-not-http", sure: true, text: "server span 5 of msb-iag has no child"},
		"a hole behind a call to a port that is TCP": {spans: `
			1 sent server msb-iag 0 24
			4 1 client multicloud 6 13
			5 4 server msb-iag 9 8
			6 5 client msb-iag 10 6
			7 6 server multicloud-vio 13 1`, workload: "multicloud-multicloud", spoil: tcp, want: "port-not-http", sure: true, text: "between server span 1 of msb-iag.onap and client span 4"},
		"sampling is off where the call is":       {spans: upTo, workload: "multicloud-multicloud", spoil: func(t *evidence.Tracer) { t.Sampling = 1 }, want: "sampling-off", text: "reports 1 % of the traces it begins"},
		"nothing is traced where the call is":     {spans: upTo, workload: "multicloud-multicloud", spoil: off, want: "sampling-off", text: "is set to trace nothing"},
		"sampling is off elsewhere":               {spans: upTo, workload: "msb-msb-iag", spoil: off, want: "trace-incomplete", sure: true, text: "cannot be told"},
		"the gateway traces nothing":              {workload: "msb-msb-iag", spoil: off, want: "sampling-off", text: "left no span at all"},
		"the gateway samples little":              {workload: "msb-msb-iag", spoil: func(t *evidence.Tracer) { t.Sampling = 1 }, want: "trace-missing", text: "has reported anything"},
		"reports of the gateway fail":             {workload: "msb-msb-iag", spoil: func(t *evidence.Tracer) { t.Reports.Failed = 3 }, want: "trace-missing", text: "the collector took 40, and 3 failed"},
		"the gateway knows no collector":          {workload: "msb-msb-iag", spoil: func(t *evidence.Tracer) { t.Reports.Addresses = 0 }, want: "trace-missing", text: "knows no address of its collector"},
		"a span is lost, and reports fail":        {spans: strings.Replace(whole, "4 3 client multicloud 6 13\n", "", 1), workload: "multicloud-multicloud", spoil: func(t *evidence.Tracer) { t.Reports.Failed = 1 }, want: "spans-lost", text: "and 1 failed"},
		"a span is lost, and reports do not":      {spans: strings.Replace(whole, "4 3 client multicloud 6 13\n", "", 1), workload: "multicloud-multicloud", spoil: func(*evidence.Tracer) {}, want: "spans-lost", text: "late or was lost"},
		"the gateway's first span is lost":        {spans: strings.Replace(whole, "1 sent server msb-iag 0 24", "", 1), workload: "msb-msb-iag", spoil: func(*evidence.Tracer) {}, parent: "sent", want: "spans-lost", text: "it was made"},
		"the gateway's port is TCP":               {spans: without, workload: "msb-msb-iag", spoil: tcp, parent: "sent", want: "port-not-http", sure: true, text: "port 80"},
		"the gateway's sidecar was gone around":   {spans: without, workload: "msb-msb-iag", spoil: func(*evidence.Tracer) {}, parent: "sent", want: "missing-span", sure: true, text: "these were never made"},
		"the gateway's listener is new":           {spans: without, workload: "msb-msb-iag", spoil: since(44), parent: "sent", want: "missing-span", text: "was changed at 14:59:16"},
		"the gateway's listener is newer":         {spans: without, workload: "msb-msb-iag", spoil: since(-5), parent: "sent", want: "missing-span", text: "cannot be told"},
		"the gateway's listener is old":           {spans: without, workload: "msb-msb-iag", spoil: since(46), parent: "sent", want: "missing-span", sure: true, text: "these were never made"},
		"the gateway's, and the parent not known": {spans: without, workload: "msb-msb-iag", spoil: func(*evidence.Tracer) {}, want: "missing-span", text: "cannot be told"},
	} {
		t.Run(name, func(t *testing.T) {
			release := sample.Release(t, "casablanca")
			path, _ := release.Path("identity")
			seen := tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Parent: c.parent, Tracers: tracers(release, path)}
			if c.spans != "" {
				one := trace(t, wanted, c.spans)
				seen.Traces.Wanted = &one
			}
			i := slices.IndexFunc(seen.Tracers.Items, func(t evidence.Tracer) bool { return t.Workload == c.workload })
			c.spoil(&seen.Tracers.Items[i])
			findings := tracing.Judge(release, path, seen)
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			if diff := cmp.Diff(want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("-want +got:\n%s%+v", diff, findings)
			}
			sample.Complete(t, findings)
			if got := verdict.Of(findings); want != nil && got != map[bool]verdict.Verdict{true: verdict.Fail, false: verdict.Inconclusive}[c.sure] {
				t.Errorf("verdict %s: %+v", got, findings)
			}
			if f := append(findings, verdict.Finding{})[0]; !strings.Contains(f.Summary+f.Where+f.Why, c.text) {
				t.Errorf("%q not in %+v", c.text, f)
			}
		})
	}
}

// TestSameRequest: the request id or the W3C header that an application passed on
// tells whose call it was, although it served several requests.
func TestSameRequest(t *testing.T) {
	const rival = `
		a x server multicloud 1 25`
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	for name, c := range map[string]struct {
		tag       string
		at, after string
		want      []string
	}{
		"nothing in common": {"guid:x-request-id", "", "", []string{"trace-incomplete"}},
		"the request id":    {"guid:x-request-id", "5e7cb8d7-43b6-9d30-9c10-4f3f1f0b0f01", "5e7cb8d7-43b6-4d30-9c10-4f3f1f0b0f01", []string{"headers-dropped"}},
		"another id":        {"guid:x-request-id", "5e7cb8d7-43b6-9d30-9c10-4f3f1f0b0f01", "5e7cb8d7-43b6-9d30-9c10-4f3f1f0b0f02", []string{"trace-incomplete"}},
		"a short id":        {"guid:x-request-id", "5e7cb8d7", "5e7cb8d7", []string{"trace-incomplete"}},
		"the W3C header":    {"traceparent", parent, parent, []string{"headers-dropped"}},
		"another header":    {"traceparent", parent, parent[:54] + "0", []string{"trace-incomplete"}},
	} {
		one, two, three := trace(t, wanted, upTo), trace(t, other, rest), trace(t, strings.Repeat("b", 32), rival)
		if c.at != "" {
			one.Spans[2].Tags[c.tag], two.Spans[0].Tags[c.tag] = c.at, c.after
		}
		seen := tracing.Seen{Pods: sample.Pods(release, catalogue.Enabled), Traces: evidence.Traces{Wanted: &one, Others: []evidence.Trace{two, three}}}
		if diff := cmp.Diff(c.want, sample.Kinds(tracing.Judge(release, path, seen))); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// TestRegistrationPath: nobody calls the first hop, so its first span is the call it makes.
func TestRegistrationPath(t *testing.T) {
	const first = `
		1 - client kube2msb 0 9
		2 1 server msb-discovery 1 7`
	for name, c := range map[string]struct {
		spans, other string
		want         []string
		object       string
	}{
		"whole": {spans: first + `
			3 2 client msb-discovery 2 3
			4 3 server msb-consul 3 1`},
		"discovery drops the headers": {spans: first, other: `
			3 - client msb-discovery 2 3
			4 3 server msb-consul 3 1`, want: []string{"headers-dropped"}, object: "Deployment onap/msb-msb-discovery"},
		"kube2msb has no sidecar to report it": {spans: `
			2 1 server msb-discovery 1 7
			3 2 client msb-discovery 2 3
			4 3 server msb-consul 3 1`, want: []string{"missing-span"}, object: "Deployment onap/msb-kube2msb"},
		"nothing": {want: []string{"trace-missing"}, object: "Deployment istio-system/jaeger"},
	} {
		t.Run(name, func(t *testing.T) {
			var others []string
			if c.other != "" {
				others = []string{c.other}
			}
			findings := judged(t, "service-registration", c.spans, nil, others...)
			if diff := cmp.Diff(c.want, sample.Kinds(findings)); diff != "" {
				t.Fatalf("-want +got:\n%s%+v", diff, findings)
			}
			if len(findings) > 0 && findings[0].Object != c.object {
				t.Errorf("object %q, want %q", findings[0].Object, c.object)
			}
			sample.Complete(t, findings)
		})
	}
}

func TestUntraced(t *testing.T) {
	release := sample.Release(t, "casablanca")
	path, _ := release.Path("identity")
	seen := tracing.Seen{Tracers: tracers(release, path)}
	for provider, want := range map[string]string{"zipkin": "traceparent=p", "opentelemetry": "x-b3-traceid=t"} {
		seen.Tracers.Items[0].Provider = provider
		if header, value := seen.Untraced(release, path, "t", "p"); header+"="+value != want {
			t.Errorf("%s: %s=%s, want %s", provider, header, value, want)
		}
	}
	if header, _ := (tracing.Seen{}).Untraced(release, path, "t", "p"); header != "traceparent" {
		t.Errorf("nobody asked: %s", header)
	}
}
