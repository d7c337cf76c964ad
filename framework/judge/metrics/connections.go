package metrics

import (
	"fmt"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	opened = "istio_tcp_connections_opened_total"
	closed = "istio_tcp_connections_closed_total"
)

// JudgeConnections says whether connections were made between the calls' ends
// and closed, and both ends count the same connections and the same bytes.
func JudgeConnections(calls []Call, before, after evidence.Samples) []verdict.Finding {
	if f, odd := noNumber(before); odd {
		return []verdict.Finding{f}
	}
	if f, missing := noSamples(len(calls), after); missing {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for k, c := range calls {
		made, ended := c.more(opened, before, after), c.more(closed, before, after)
		f := c.finding("connections-open", fmt.Sprintf("the %s counts %g connections %s → %s opened and %g closed", c.Reporter, made, c.Source, c.Destination, ended))
		f.Want, f.Got = "as many closed as opened, and at least one", fmt.Sprintf("%g opened, %g closed", made, ended)
		f.Why = "a connection is counted when it ends, as opened and closed at once"
		f.Next = "look again; see whether the connection is still open, and the protocol of the port in the listener"
		c.blameCaller(&f)
		if made <= 0 || made != ended {
			findings = append(findings, f)
			continue
		}
		if k == 0 {
			continue
		}
		for _, name := range []string{opened, "istio_tcp_sent_bytes_total", "istio_tcp_received_bytes_total"} {
			here, there := c.more(name, before, after), calls[0].more(name, before, after)
			if here == there {
				continue
			}
			f := c.finding("ends-disagree", fmt.Sprintf("the two ends of %s → %s count different connections or bytes", c.Source, c.Destination))
			f.Where += ", metric " + name
			f.Want, f.Got = fmt.Sprintf("%g, as the %s counts", there, calls[0].Reporter), fmt.Sprintf("%g", here)
			f.Why = "both sidecars pass the same bytes on: one reports connections that the other does not, or its log is late or lost"
			f.Next = "look again; see istio_telemetry_entries_total of both pods"
			findings = append(findings, f)
		}
	}
	verdict.Sort(findings)
	return findings
}

// more is how much a metric of the call has risen.
func (c Call) more(name string, before, after evidence.Samples) float64 {
	was, _ := c.sum(name, before)
	is, _ := c.sum(name, after)
	return is - was
}

// JudgeRest says whether the connections' counters stand still between two looks,
// so that the second can be the baseline.
func JudgeRest(calls []Call, seen evidence.Connections) []verdict.Finding {
	if f, missing := noSamples(len(calls), seen.Last, seen.Now); missing {
		return []verdict.Finding{f}
	}
	for _, c := range calls {
		if risen := c.more(closed, seen.Last, seen.Now); risen != 0 {
			f := c.finding("not-quiet", "connections of before are still being counted, so an exact count cannot begin")
			f.Verdict, f.Object = verdict.Inconclusive, Telemetry
			f.Want, f.Got = "the same counts at two looks", fmt.Sprintf("%g more", risen)
			f.Why = "an exact count needs a baseline that nobody changes"
			f.Next = "see who else uses " + c.Destination + ", and run again"
			return []verdict.Finding{f}
		}
	}
	return nil
}
