package tracing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// tracers are the sidecars of the app's pods that could be asked.
func (j *judge) tracers(app string) []evidence.Tracer {
	w, _ := j.release.Workload(app)
	return slices.DeleteFunc(slices.Clone(j.Tracers.Items), func(t evidence.Tracer) bool { return t.Workload != w.Name || t.Error != "" })
}

// Untraced is the header, and the value that was sent of it, of a request with
// both formats which the path's proxies do not trace with, so that they pass it on
// as it is: traceparent, unless the first hop's sidecar traces with it.
func (s Seen) Untraced(release *catalogue.Release, path catalogue.Path, traceID, traceparent string) (header, value string) {
	for _, t := range newJudge(release, path, s).tracers(path.Hops[0]) {
		if t.Provider == "opentelemetry" {
			return "x-b3-traceid", traceID
		}
	}
	return "traceparent", traceparent
}

// silent finds a sidecar of the app that traces nothing.
func (j *judge) silent(app string) (evidence.Tracer, bool) {
	return first(j.tracers(app), func(t evidence.Tracer) bool { return t.Provider == "" })
}

// samplesLess finds a sidecar of the app that does not report every trace it begins.
func (j *judge) samplesLess(app string) (evidence.Tracer, bool) {
	return first(j.tracers(app), func(t evidence.Tracer) bool { return t.Provider == "" || t.Sampling < 100 })
}

func first(all []evidence.Tracer, is func(evidence.Tracer) bool) (evidence.Tracer, bool) {
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return evidence.Tracer{}, false
	}
	return all[i], true
}

// samplingOff says that spans may be absent because the sidecar at hop k was told so.
func (j *judge) samplingOff(k int, tracer evidence.Tracer, where string) verdict.Finding {
	app := j.path.Hops[k]
	sampling := fmt.Sprintf("reports %g %% of the traces it begins", tracer.Sampling)
	if tracer.Provider == "" {
		sampling = "is set to trace nothing"
	}
	return verdict.Finding{
		Kind: "sampling-off", Verdict: verdict.Inconclusive,
		Summary: fmt.Sprintf("the sidecar of %s %s", app, sampling),
		Object:  j.object(app),
		Want:    j.want(), Got: object.Text(j.got()),
		Where: fmt.Sprintf("%s; inbound listener of pod %s", where, tracer.Pod),
		Why:   "a request whose headers were dropped begins a new trace there, and one that is not sampled leaves no span: what the application did cannot be told",
		Next:  "set sampling to 100 % while it is judged (Telemetry resources, randomSamplingPercentage), and look again",
	}
}

// port is the port that hop k is called at, by the edges of the path.
func (j *judge) port(k int) int {
	from := catalogue.Client
	if k > 0 {
		from = j.path.Hops[k-1]
	}
	for _, e := range j.release.Edges {
		if e.From == from && e.To == j.path.Hops[k] && e.When == j.path.Cause() {
			return e.Port
		}
	}
	return 0
}

// notHTTP finds the port of hop k that its sidecar treats as TCP.
func (j *judge) notHTTP(k int) (evidence.TracedPort, bool) {
	for _, t := range j.tracers(j.path.Hops[k]) {
		for _, p := range t.Ports {
			if p.Port == j.port(k) && p.Protocol == evidence.TCP {
				return p, true
			}
		}
	}
	return evidence.TracedPort{}, false
}

func (j *judge) portNotHTTP(k int, where string) {
	app := j.path.Hops[k]
	port, _ := j.notHTTP(k)
	f := j.finding("port-not-http", app, fmt.Sprintf("the mesh treats port %d of %s as TCP", port.Port, app))
	f.Where = where
	f.Why = fmt.Sprintf("the inbound listener of %s has no HTTP chain for port %d (Service %s, port name %s, appProtocol %s): bytes of a TCP connection leave no span, whatever becomes of the headers",
		app, port.Port, port.Service, object.Text(port.Name), object.Text(port.AppProtocol))
	f.Next = fmt.Sprintf("name the port of Service %s http-…, or set its appProtocol to http", port.Service)
	j.findings = append(j.findings, f)
}

// Draining is how long a sidecar serves the connections that are open by a listener
// that was changed: drainDuration of Istio's ProxyConfig, by default.
const Draining = 45 * time.Second

// justChanged says that a sidecar of the app got another inbound listener so shortly
// before the request that the one before may have answered; "" when none did.
func (j *judge) justChanged(app string) string {
	if len(j.segments) == 0 {
		return ""
	}
	begun := j.segments[0].root.Start
	for _, t := range j.tracers(app) {
		if ago := begun.Sub(t.Since); !t.Since.IsZero() && ago < Draining {
			return fmt.Sprintf("the inbound listener of pod %s was changed at %s, the request was sent at %s, and connections that were open go on by the listener of before for %s",
				t.Pod, t.Since.Format(time.TimeOnly), begun.Format(time.TimeOnly), Draining)
		}
	}
	return ""
}

// unreported says that sidecars of the app failed to hand spans in; "" when none did.
func (j *judge) unreported(app string) string {
	var failed []string
	for _, t := range j.tracers(app) {
		switch r := t.Reports; {
		case r.Collector != "" && r.Addresses == 0:
			failed = append(failed, fmt.Sprintf("the sidecar in pod %s knows no address of its collector (%s)", t.Pod, r.Collector))
		case r.Failed > 0:
			failed = append(failed, fmt.Sprintf("of the reports of the sidecar in pod %s the collector took %d, and %d failed", t.Pod, r.Accepted, r.Failed))
		}
	}
	return strings.Join(failed, "; ")
}
