// Package metric says what Istio's standard metrics are called in each of their
// generations, and puts one set of questions (Intent) into PromQL for each of
// them. It guarantees that what a generation cannot know is never asked of it,
// that values are quoted by Prometheus' own code, and that every query was read
// by its own parser; and it puts what was answered into the words of the newest
// generation (Today), so that a judge needs to know only those.
package metric

import (
	"slices"
	"time"
)

// Quantity is a metric, by its name in the newest generation.
type Quantity string

// What is counted. Duration, RequestBytes and ResponseBytes are histograms.
const (
	Requests      Quantity = "istio_requests_total"
	Duration      Quantity = "istio_request_duration_milliseconds"
	RequestBytes  Quantity = "istio_request_bytes"
	ResponseBytes Quantity = "istio_response_bytes"
	SentBytes     Quantity = "istio_tcp_sent_bytes_total"
	ReceivedBytes Quantity = "istio_tcp_received_bytes_total"
)

// The series of a histogram, by what follows its name.
const (
	Bucket = "_bucket"
	Sum    = "_sum"
	Count  = "_count"
)

func (q Quantity) histogram() bool { return q == Duration || q == RequestBytes || q == ResponseBytes }

// Dimension is a label, by its name in the newest generation.
type Dimension string

// What series differ in.
const (
	Source      Dimension = "source_workload"
	Destination Dimension = "destination_workload"
	Namespace   Dimension = "destination_workload_namespace"
	Reporter    Dimension = "reporter"
	Code        Dimension = "response_code"
	Security    Dimension = "connection_security_policy"
	Bound       Dimension = "le"
	Name        Dimension = "__name__"
)

// The values of Security.
const (
	MutualTLS       = "mutual_tls"
	NoTLS           = "none"
	UnknownSecurity = "unknown"
)

// ByDestination is the value of Reporter for the callee's end; a generation
// without reporters counts there.
const ByDestination = "destination"

// Generation is one way in which Istio named its standard metrics.
type Generation struct {
	// Since is the first Istio that speaks it, as in "1.5"; Title says it to people.
	Since string
	Title string
	// Unit is what the bounds and the sum of Duration are in.
	Unit time.Duration
	// HTTP and TCP are the labels that every series has; Optional those that some
	// have, or some releases of the generation.
	HTTP, TCP, Optional []string

	names  map[Quantity]string
	labels map[Dimension]string
}

// Generations are all that are known, the oldest first. Names and labels are
// those of Istio's Mixer configuration (0.8: istio.io's pages of release 0.8 and
// the handler of that time; 1.0 to 1.4: mixer's chart) and of Telemetry v2 since 1.5.
func Generations() []Generation {
	mixer := slices.Concat([]string{"reporter", "connection_security_policy", "destination_service", "destination_service_name", "destination_service_namespace"},
		ends("app", "principal", "version", "workload", "workload_namespace"))
	proxies := slices.Concat(mixer, []string{"response_flags"}, ends("canonical_revision", "canonical_service", "cluster"))
	http := []string{"request_protocol", "response_code"}
	return []Generation{
		{
			Since: "0.8", Title: "Mixer of Istio up to 0.8", Unit: time.Second,
			HTTP:     []string{"source_service", "source_version", "destination_service", "destination_version", "response_code"},
			TCP:      []string{"source_service", "source_version", "destination_service", "destination_version"},
			Optional: []string{"connection_mtls"},
			names: map[Quantity]string{Requests: "istio_request_count", Duration: "istio_request_duration", RequestBytes: "istio_request_size",
				ResponseBytes: "istio_response_size", SentBytes: "istio_tcp_bytes_sent", ReceivedBytes: "istio_tcp_bytes_received"},
			labels: map[Dimension]string{Source: "source_service", Destination: "destination_service", Code: "response_code", Security: "connection_mtls"},
		},
		{
			Since: "1.0", Title: "Mixer of Istio 1.0 to 1.4", Unit: time.Second,
			HTTP: slices.Concat(mixer, http), TCP: mixer, Optional: []string{"response_flags", "permissive_response_code", "permissive_response_policyid"},
			names: map[Quantity]string{Requests: string(Requests), Duration: "istio_request_duration_seconds", RequestBytes: string(RequestBytes),
				ResponseBytes: string(ResponseBytes), SentBytes: string(SentBytes), ReceivedBytes: string(ReceivedBytes)},
			labels: today(),
		},
		{
			Since: "1.5", Title: "Telemetry v2 of Istio 1.5 and later", Unit: time.Millisecond,
			HTTP: slices.Concat(proxies, http), TCP: proxies, Optional: []string{"request_protocol", "grpc_response_status"},
			names: map[Quantity]string{Requests: string(Requests), Duration: string(Duration), RequestBytes: string(RequestBytes),
				ResponseBytes: string(ResponseBytes), SentBytes: string(SentBytes), ReceivedBytes: string(ReceivedBytes)},
			labels: today(),
		},
	}
}

// ends are the labels that both ends of a call have.
func ends(names ...string) []string {
	var all []string
	for _, name := range names {
		all = append(all, "source_"+name, "destination_"+name)
	}
	return all
}

// today are the newest generation's labels: themselves.
func today() map[Dimension]string {
	all := map[Dimension]string{}
	for _, d := range []Dimension{Source, Destination, Namespace, Reporter, Code, Security} {
		all[d] = string(d)
	}
	return all
}

// Knows tells whether the generation's series differ in it.
func (g Generation) Knows(d Dimension) bool { return d == Bound || d == Name || g.labels[d] != "" }

// label is the dimension's label, if the generation has one.
func (g Generation) label(d Dimension) string {
	if d == Bound || d == Name {
		return string(d)
	}
	return g.labels[d]
}

// Series are the names of the quantity's series: three of a histogram.
func (g Generation) Series(q Quantity) []string {
	name := g.names[q]
	if q.histogram() {
		return []string{name + Bucket, name + Sum, name + Count}
	}
	return []string{name}
}

// all are the names of all series of the generation, sorted.
func (g Generation) all() []string {
	var names []string
	for q := range g.names {
		names = append(names, g.Series(q)...)
	}
	slices.Sort(names)
	return names
}

// Speaking are the generations that names of metrics show: those of which a name
// is there that no other generation has. The total of requests has one name since
// 1.0, so it alone shows none.
func Speaking(names []string) []Generation {
	all := Generations()
	used := map[string]int{}
	for _, g := range all {
		for _, name := range g.all() {
			used[name]++
		}
	}
	return slices.DeleteFunc(all, func(g Generation) bool {
		return !slices.ContainsFunc(g.all(), func(name string) bool { return used[name] == 1 && slices.Contains(names, name) })
	})
}
