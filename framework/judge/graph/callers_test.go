package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/graph"
	"github.com/onap/meshcert/framework/judge/internal/sample"
)

// counter is the counter of a caller: "FROM NAMESPACE PRINCIPAL TO".
func counter(labels string, value float64) evidence.Sample {
	f := strings.Fields(labels)
	return evidence.Sample{Value: value, Labels: map[string]string{
		"source_workload": f[0], "source_workload_namespace": f[1], "source_principal": f[2], "destination_workload": f[3],
	}}
}

const (
	fromOutside = "unknown unknown unknown msb-msb-iag"
	node        = "10.244.0.1"
)

// outside is what our own requests from outside leave behind.
func outside() evidence.Callers {
	return evidence.Callers{
		Before:    evidence.Samples{Items: []evidence.Sample{counter(fromOutside, 100)}},
		After:     evidence.Samples{Items: []evidence.Sample{counter(fromOutside, 140)}},
		APIServer: "127.0.0.1:6443",
		Arrivals:  []evidence.Arrival{{To: "msb-iag.onap", Peer: node, Host: "172.30.0.2:30280", Requests: 40}},
	}
}

func TestJudgeCallers(t *testing.T) {
	release := sample.Release(t, "casablanca")
	nslcm := "unknown unknown unknown vfc-vfc-nslcm"
	came := func(a evidence.Arrival) []evidence.Arrival {
		a.To, a.Requests = "vfc-nslcm.onap", 2
		return []evidence.Arrival{a}
	}
	for name, c := range map[string]struct {
		policy   catalogue.Policy
		counter  string
		arrivals []evidence.Arrival
		want     []string
		text     string
	}{
		"from outside alone":  {text: "through a NodePort"},
		"through API server":  {counter: nslcm, arrivals: came(evidence.Arrival{Peer: node, Host: "127.0.0.1:6443"}), text: "through the API server"},
		"a certificate":       {counter: "unknown unknown spiffe://cluster.local/ns/onap/sa/msb vfc-vfc-nslcm", text: "no pod's any more"},
		"a client of ours":    {counter: "client meshcert-client unknown vfc-vfc-nslcm", text: "client of ours"},
		"a pod of ours":       {counter: nslcm, arrivals: came(evidence.Arrival{Peer: "10.244.0.10", Host: "vfc-nslcm.onap:8403", Pod: &evidence.Peer{Namespace: "meshcert-client", Workload: "client"}}), text: "client of ours"},
		"outside, not told":   {counter: fromOutside, arrivals: []evidence.Arrival{{To: "msb-iag.onap", Peer: node, Host: "msb-iag", Requests: 2}}, text: "the evidence does not tell"},
		"no sidecar, by name": {policy: catalogue.Disabled, counter: "multicloud-multicloud onap unknown msb-msb-iag", text: "multicloud has no sidecar by the catalogue"},
		"no sidecar, by pod": {policy: catalogue.Disabled, counter: fromOutside, text: "has no sidecar: pod catalog-1 has the address",
			arrivals: []evidence.Arrival{{To: "msb-iag.onap", Peer: "10.244.0.40", Host: "msb-iag:80", Requests: 2, Pod: &evidence.Peer{Namespace: "onap", Pod: "catalog-1", Workload: "vfc-vfc-catalog"}}}},
		"by Pod IP": {counter: fromOutside, text: "called by Pod IP",
			arrivals: []evidence.Arrival{{To: "msb-iag.onap", Peer: "10.244.0.40", Host: "10.244.0.22:80", Requests: 2, Pod: &evidence.Peer{Namespace: "onap", Pod: "catalog-1", Workload: "vfc-vfc-catalog", Sidecar: true}}}},
		"without a certificate": {counter: "vfc-vfc-catalog onap unknown msb-msb-iag", text: "mutual TLS is off"},

		"no span":               {counter: nslcm, want: []string{"caller-untold Deployment onap/vfc-vfc-nslcm"}},
		"no address":            {counter: nslcm, arrivals: came(evidence.Arrival{Host: "vfc-nslcm"}), want: []string{"caller-untold Deployment onap/vfc-vfc-nslcm"}},
		"a stranger outside":    {counter: nslcm, arrivals: came(evidence.Arrival{Peer: node, Host: "vfc-nslcm"}), want: []string{"foreign-caller Deployment onap/vfc-vfc-nslcm"}},
		"a stranger by name":    {counter: "stranger onap unknown vfc-vfc-nslcm", want: []string{"foreign-caller Deployment onap/stranger"}},
		"a stranger elsewhere":  {counter: "vfc-vfc-catalog elsewhere unknown msb-msb-iag", want: []string{"foreign-caller Deployment elsewhere/vfc-vfc-catalog"}},
		"a stranger's pod":      {counter: nslcm, arrivals: came(evidence.Arrival{Peer: "10.244.0.9", Pod: &evidence.Peer{Namespace: "onap", Pod: "bare"}}), want: []string{"foreign-caller Deployment onap/bare"}},
		"a call nobody knows":   {policy: catalogue.Disabled, counter: "vfc-vfc-catalog onap unknown vfc-vfc-nslcm", want: []string{"foreign-caller Deployment onap/vfc-vfc-catalog"}},
		"an unknown callee too": {counter: "unknown unknown unknown other", want: []string{"caller-untold Deployment onap/other"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := outside()
			if c.counter != "" {
				seen.After.Items = append(seen.After.Items, counter(c.counter, 2))
				seen.Arrivals = append(seen.Arrivals, c.arrivals...)
			}
			policy := catalogue.Enabled
			if c.policy != "" {
				policy = c.policy
			}
			found(t, graph.JudgeCallers(release, policy, load, seen), c.want...)
			if lines := strings.Join(graph.Explained(release, policy, load, seen), "\n"); !strings.Contains(lines, c.text) {
				t.Errorf("%q not in\n%s", c.text, lines)
			}
		})
	}
}

// TestCallersThatAreNotSeen: our own requests are the proof that callers are seen.
func TestCallersThatAreNotSeen(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for name, change := range map[string]func(*evidence.Callers){
		"no samples":    func(c *evidence.Callers) { c.Before, c.After = evidence.Samples{}, evidence.Samples{} },
		"nothing rose":  func(c *evidence.Callers) { c.After = c.Before },
		"too few":       func(c *evidence.Callers) { c.After.Items[0].Value = 101 },
		"others alone":  func(c *evidence.Callers) { c.After.Items[0] = counter("client meshcert-client unknown msb-msb-iag", 9) },
		"nothing asked": func(c *evidence.Callers) { *c = evidence.Callers{} },
	} {
		seen := outside()
		change(&seen)
		t.Run(name, func(t *testing.T) {
			found(t, graph.JudgeCallers(release, catalogue.Enabled, load, seen), "no-evidence "+prometheus)
		})
	}
	seen := outside()
	seen.After.Items[0].Value = 40
	found(t, graph.JudgeCallers(release, catalogue.Enabled, load, seen)) // the counter began anew
}

func TestCallersQuery(t *testing.T) {
	if diff := cmp.Diff(`sum by (source_workload, source_workload_namespace, source_principal, destination_workload) (`+
		`istio_requests_total{reporter="destination",source_workload="unknown",destination_workload_namespace="onap"} offset 15s or `+
		`istio_requests_total{reporter="destination",source_principal="unknown",destination_workload_namespace="onap"} offset 15s)`, graph.CallersQuery(15e9)); diff != "" {
		t.Error(diff)
	}
}
