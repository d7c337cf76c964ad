package metrics

import (
	"fmt"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/metric"
	"github.com/onap/meshcert/framework/verdict"
)

// TCPCalls lists the ends that must count the bytes of TCP connections from
// source to destination (app names): those that have a sidecar.
func TCPCalls(release *catalogue.Release, policy catalogue.Policy, source, destination string) []Call {
	from, _ := release.Workload(source)
	to, _ := release.Workload(destination)
	var calls []Call
	if from.Injected(policy) {
		calls = append(calls, Call{Source: from.Name, Destination: to.Name, Reporter: Source})
		if to.Injected(policy) {
			calls = append(calls, Call{Source: from.Name, Destination: to.Name, Reporter: Destination})
		}
	}
	return calls
}

// JudgeTCP says whether the bytes sent and received have risen at every end.
func JudgeTCP(calls []Call, before, after evidence.Samples) []verdict.Finding {
	if f, odd := noNumber(before); odd {
		return []verdict.Finding{f}
	}
	if f, missing := noSamples(len(calls), after); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, c := range calls {
		for _, q := range []metric.Quantity{metric.SentBytes, metric.ReceivedBytes} {
			findings = append(findings, c.bytes(string(q), before, after)...)
		}
	}
	verdict.Sort(findings)
	return findings
}

func (c Call) bytes(name string, before, after evidence.Samples) []verdict.Finding {
	was, _ := c.sum(name, before)
	is, there := c.sum(name, after)
	if there && is > was {
		return nil
	}
	f := c.finding("no-bytes", fmt.Sprintf("the %s counts no bytes %s → %s", c.Reporter, c.Source, c.Destination))
	f.Where += ", metric " + name
	f.Want, f.Got = "a rise", fmt.Sprintf("%g, before %g", is, was)
	f.Why = "a TCP connection is reported when it ends"
	f.Next = "see whether the connection was made and closed, and the protocol of the port in the listener"
	if !there {
		f.Kind, f.Got = "missing-series", "no series"
	}
	if there && is < was {
		f.Kind, f.Verdict, f.Why = "counter-reset", verdict.Inconclusive, "the counter was started anew meanwhile"
	}
	return []verdict.Finding{f}
}

func (c Call) sum(name string, s evidence.Samples) (total float64, there bool) {
	for _, item := range s.Items {
		if item.Labels["__name__"] == name && c.of(item) {
			total, there = total+item.Value, true
		}
	}
	return total, there
}
