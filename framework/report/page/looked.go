package page

import (
	"net/url"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
)

// looker names the workloads that a spec's evidence shows.
type looker func(*source, report.Spec, *names) []string

// lookers are the specs that look at workloads, and how their evidence names them. A
// spec that is not here, or whose evidence is gone, is taken for one that looked at none.
func lookers() map[string]looker {
	return map[string]looker{
		"sidecar.ready":   fromPods("pods"),
		"sidecar.proxies": connected,

		"releases.images":    fromPods("pods"),
		"releases.restarts":  in("stability", func(e evidence.Stability, n *names) []string { return podsOf(e.Pods, n) }),
		"releases.workloads": in("workloads", workloads),
		"releases.manifest":  in("installed", installed),

		"hygiene.limits":       in("pod-specs", specsOf),
		"hygiene.versions":     in("pod-specs", specsOf),
		"hygiene.root-pods":    in("inside", func(e evidence.Inside, n *names) []string { return specsOf(e.Pods, n) }),
		"hygiene.jdwp":         in("debuggers", func(e evidence.Inside, n *names) []string { return specsOf(e.Pods, n) }),
		"hygiene.privileges":   in("privileges", func(e evidence.Privileges, n *names) []string { return specsOf(e.Pods, n) }),
		"hygiene.node-ports":   in("node-ports", nodePorts),
		"hygiene.certificates": in("node-ports", nodePorts),

		"injection.probes":       in("probes", shapes),
		"injection.sidecar-form": in("sidecars", shapes),

		"msb.registrations": in("registrations", registered),
		"msb.endpoints":     in("responses", answered),

		"graph.edges":         in("graph", drawn),
		"graph.rates":         in("graph", drawn),
		"graph.sources-agree": in("drawings", func(e evidence.Drawings, n *names) []string { return drawn(e.Servicegraph.Graph, n) }),

		"metrics.workloads": figured,
		"metrics.vfc-db":    in("bytes", counters),

		"tracing.header-survey": surveyed,
	}
}

// looked are the workloads that the spec looked at, each once.
func looked(s *source, spec report.Spec, who *names) []string {
	look := lookers()[spec.ID]
	if look == nil && spec.Topic == "tracing" {
		look = traced
	}
	if look == nil {
		return nil
	}
	found := look(s, spec, who)
	slices.Sort(found)
	return slices.Compact(found)
}

// in reads evidence of one type.
func in[E any](name string, workloads func(E, *names) []string) looker {
	return func(s *source, spec report.Spec, who *names) []string {
		seen, ok := evidenceOf[E](s, spec, name)
		if !ok {
			return nil
		}
		return workloads(seen, who)
	}
}

func fromPods(name string) looker { return in(name, podsOf) }

func podsOf(pods evidence.Pods, who *names) []string {
	return told(pods.Items, who, func(p evidence.Pod) (workload, pod string) { return p.Workload, p.Name })
}

// told are the workloads that the evidence names itself, with their pods where it
// has any.
func told[T any](items []T, who *names, of func(T) (workload, pod string)) []string {
	var all []string
	for _, item := range items {
		workload, pod := of(item)
		who.saw(workload, pod)
		all = appendKnown(all, workload)
	}
	return all
}

// owners are the workloads of the objects that are known.
func owners[T any](items []T, who *names, object func(T) string) []string {
	var all []string
	for _, item := range items {
		if workload, ok := who.of(object(item)); ok {
			all = append(all, workload)
		}
	}
	return all
}

// connected: the proxies that were asked, by their pods.
func connected(s *source, spec report.Spec, who *names) []string {
	type both struct {
		Pods    evidence.Pods    `json:"pods"`
		Proxies evidence.Proxies `json:"proxies"`
	}
	seen, ok := evidenceOf[both](s, spec, "proxies")
	if !ok {
		return nil
	}
	podsOf(seen.Pods, who)
	return owners(seen.Proxies.Items, who, func(p evidence.Proxy) string { return "Pod " + p.Namespace + "/" + p.Pod })
}

func specsOf(pods evidence.PodSpecs, who *names) []string {
	return told(pods.Items, who, func(p evidence.PodSpec) (workload, pod string) { return p.Workload, p.Name })
}

func shapes(seen evidence.Shapes, who *names) []string {
	return told(seen.Pods, who, func(p evidence.Shape) (workload, pod string) { return p.Workload, p.Pod })
}

func workloads(seen evidence.Workloads, who *names) []string {
	return told(seen.Items, who, func(w evidence.Workload) (workload, pod string) { return w.Name, "" })
}

func installed(seen evidence.Installed, who *names) []string {
	return owners(seen.Items, who, func(i evidence.InstalledObject) string { return i.Object })
}

func nodePorts(seen evidence.NodePorts, who *names) []string {
	return owners(seen.Items, who, func(p evidence.NodePort) string { return "Service " + seen.Namespace + "/" + p.Service })
}

// registered: a workload was looked at when what it asks MSB to list was listed.
func registered(seen evidence.Registrations, who *names) []string {
	var all []string
	for _, w := range who.release.Workloads {
		for _, wanted := range w.Registrations {
			if slices.ContainsFunc(seen.Items, func(r evidence.Registration) bool { return r.Name == wanted.Name && r.Version == wanted.Version }) {
				all = append(all, w.Name)
			}
		}
	}
	return all
}

// answered: the catalogue says who answers under which address.
func answered(seen []evidence.Response, who *names) []string {
	var all []string
	for _, response := range seen {
		at, err := url.Parse(response.URL)
		if err != nil {
			continue
		}
		for _, e := range who.release.Endpoints {
			if e.URL == at.RequestURI() {
				all = appendKnown(all, who.byApp[e.App])
			}
		}
	}
	return all
}

// drawn: those at the ends of calls; an edge without traffic shows nobody at work.
func drawn(seen evidence.Graph, who *names) []string {
	var all []string
	for _, e := range seen.Edges {
		if e.Rate <= 0 {
			continue
		}
		for _, workload := range []string{e.From, e.To} {
			if _, known := who.project[workload]; known {
				all = append(all, workload)
			}
		}
	}
	return all
}

// figured: those that were seen to have requests.
func figured(_ *source, spec report.Spec, who *names) []string {
	var all []string
	for _, f := range spec.Figures {
		if workload, ok := who.of(f.Object); ok && f.Name == "requests" && f.Value > 0 {
			all = append(all, workload)
		}
	}
	return all
}

func counters(seen evidence.Samples, who *names) []string {
	var all []string
	for _, s := range seen.Items {
		if workload := s.Labels["destination_workload"]; who.project[workload] != "" {
			all = append(all, workload)
		}
	}
	return all
}

func surveyed(_ *source, spec report.Spec, who *names) []string {
	if spec.Headers == nil {
		return nil
	}
	var all []string
	for _, row := range spec.Headers.Rows {
		all = appendKnown(all, who.byApp[row.App])
	}
	return all
}

// traced: the services that reported spans of the request.
func traced(s *source, spec report.Spec, who *names) []string {
	var all []string
	for _, fall := range fallsOf(s, spec, who.release) {
		for _, bar := range fall.Bars {
			app, _ := strings.CutSuffix(bar.Service, "."+catalogue.Namespace)
			all = appendKnown(all, who.byApp[app])
		}
	}
	return all
}

func appendKnown(all []string, workload string) []string {
	if workload == "" {
		return all
	}
	return append(all, workload)
}
