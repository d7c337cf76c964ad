package catalogue

import (
	"fmt"
	"slices"
	"strings"
)

// problems returns everything in the release that is missing or refers to nothing.
func (r *Release) problems() []error {
	c := &checker{release: r, apps: map[string]bool{}}
	c.header()
	for i, w := range r.Workloads {
		c.workload(fmt.Sprintf("workloads[%d] (%s)", i, w.Name), w)
	}
	c.waits()
	c.portal()
	c.paths()
	c.edges()
	c.endpoints()
	c.gaps()
	return c.found
}

// maxHops is how long a path may be; the judge of traces marks the two spans of
// each hop in a word of 64 bits.
const maxHops = 32

type checker struct {
	release *Release
	apps    map[string]bool
	found   []error
}

func (c *checker) must(ok bool, format string, args ...any) {
	if !ok {
		c.found = append(c.found, fmt.Errorf(format, args...))
	}
}

func (c *checker) header() {
	r := c.release
	c.must(r.Name != "", "name: missing")
	c.must(r.Source != "", "source: missing")
	c.must(r.Policy == Disabled || r.Policy == Enabled, "policy: %q, want %q or %q", r.Policy, Disabled, Enabled)
	c.must(len(r.Workloads) > 0, "workloads: none")
}

func (c *checker) workload(where string, w Workload) {
	c.must(w.Name != "" && w.App != "" && w.Project != "" && w.ServiceAccount != "", "%s: name, app, project and serviceAccount are needed", where)
	c.must(!c.apps[w.App], "%s: app %q appears twice", where, w.App)
	c.apps[w.App] = true
	c.must(slices.Contains([]string{"", Deployment, StatefulSet, DaemonSet}, w.Kind), "%s: kind %q, want Deployment, StatefulSet or DaemonSet", where, w.Kind)
	c.must(w.Name == w.HelmRelease+"-"+w.App, "%s: name is not helmRelease-app (%s-%s)", where, w.HelmRelease, w.App)
	c.must(slices.Contains([]string{"", "true", "false"}, w.Annotation), "%s: annotation %q, want \"true\", \"false\" or \"\"", where, w.Annotation)
	c.must(len(w.Containers) > 0, "%s: containers: none", where)
	names := map[string]bool{}
	for _, container := range w.Containers {
		c.must(container.Name != "" && container.Image != "", "%s: a container without name or image", where)
		c.must(!names[container.Name], "%s: container %q appears twice", where, container.Name)
		names[container.Name] = true
	}
	var ports []int
	for _, s := range w.Services {
		c.must(slices.Contains([]string{"ClusterIP", "NodePort"}, s.Type), "%s: service %s: type %q, want ClusterIP or NodePort", where, s.Name, s.Type)
		c.must(len(s.Ports) > 0, "%s: service %s: ports: none", where, s.Name)
		for _, p := range s.Ports {
			ports = append(ports, p.Port)
			c.must((p.NodePort != 0) == (s.Type == "NodePort"), "%s: service %s: port %d: nodePort %d does not fit type %s", where, s.Name, p.Port, p.NodePort, s.Type)
		}
	}
	for _, g := range w.Registrations {
		c.must(g.Name != "" && g.Version != "" && strings.HasPrefix(g.URL, "/"), "%s: registration %q needs name, version and a url that begins with /", where, g.Name)
		c.must(slices.Contains(ports, g.Port), "%s: registration %s: no service of the workload has port %d", where, g.Name, g.Port)
	}
}

// waits checks that init containers wait for containers that exist.
func (c *checker) waits() {
	for _, w := range c.release.Workloads {
		for _, init := range w.InitContainers {
			exists := slices.ContainsFunc(c.release.Workloads, func(other Workload) bool {
				return slices.ContainsFunc(other.Containers, func(container Container) bool { return container.Name == init.WaitsFor })
			})
			c.must(exists, "workload %s: init container %s waits for %q, which no workload has", w.Name, init.Name, init.WaitsFor)
		}
	}
}

func (c *checker) portal() {
	r := c.release
	c.must(slices.IsSorted(r.Portal), "portal: not sorted")
	for _, g := range r.Registered() {
		c.must(slices.Contains(r.Portal, g.Name), "portal: registered service %q is missing", g.Name)
	}
}

func (c *checker) app(where, app string) {
	c.must(c.apps[app], "%s: no workload has the app name %q", where, app)
}

func (c *checker) paths() {
	seen := map[string]bool{Always: true, Start: true, Registering: true, Sometimes: true}
	for i, p := range c.release.Paths {
		where := fmt.Sprintf("paths[%d] (%s)", i, p.ID)
		c.must(p.ID != "" && !seen[p.ID], "%s: the id is missing, used twice or a word of its own", where)
		seen[p.ID] = true
		c.start(where, p)
		c.must(len(p.Hops) > 0 && len(p.Hops) <= maxHops, "%s: hops: a path has at least one and at most %d", where, maxHops)
		for _, hop := range p.Hops {
			c.app(where+": hops", hop)
		}
		c.must(p.DropsAt == "" || slices.Contains(p.Hops, p.DropsAt), "%s: dropsAt %q is not among its hops", where, p.DropsAt)
		c.must(p.DropsAt == "" || p.Source != "", "%s: source: missing, say where dropsAt is known from", where)
		for j := 1; j < len(p.Hops); j++ {
			c.must(slices.ContainsFunc(c.release.Edges, func(e Edge) bool {
				return e.From == p.Hops[j-1] && e.To == p.Hops[j] && e.When == p.Cause()
			}), "%s: no edge %s → %s with when: %s", where, p.Hops[j-1], p.Hops[j], p.Cause())
		}
	}
}

// start checks what sets a path off.
func (c *checker) start(where string, p Path) {
	if !p.Requested() {
		c.must(p.When == Registering, "%s: when %q, want %q or nothing", where, p.When, Registering)
		c.must(p.Method == "" && p.URL == "" && p.Body == "" && p.Status == 0, "%s: method, url, body and status are for a request, which when: %s is not", where, p.When)
		c.must(len(p.Hops) > 1, "%s: hops: a path without a request has at least two", where)
		return
	}
	c.must(strings.HasPrefix(p.URL, "/"), "%s: url %q does not begin with /", where, p.URL)
	c.must(p.Method != "" && p.Status != 0, "%s: method and status are needed", where)
}

func (c *checker) edges() {
	words := []string{Always, Start, Registering, Sometimes}
	for i, e := range c.release.Edges {
		where := fmt.Sprintf("edges[%d] (%s → %s)", i, e.From, e.To)
		if e.From != Client {
			c.app(where+": from", e.From)
		}
		c.app(where+": to", e.To)
		c.must(e.Protocol == "http" || e.Protocol == "tcp", "%s: protocol %q, want http or tcp", where, e.Protocol)
		_, path := c.release.Path(e.When)
		c.must(path || slices.Contains(words, e.When), "%s: when %q is neither a path nor one of %q", where, e.When, words)
		to, ok := c.release.Workload(e.To)
		c.must(!ok || slices.ContainsFunc(to.Containers, func(container Container) bool { return slices.Contains(container.Ports, e.Port) }),
			"%s: %s has no port %d", where, e.To, e.Port)
	}
}

func (c *checker) endpoints() {
	for i, e := range c.release.Endpoints {
		where := fmt.Sprintf("endpoints[%d] (%s)", i, e.URL)
		c.must(strings.HasPrefix(e.URL, "/"), "%s: url does not begin with /", where)
		c.must(e.Status != 0, "%s: status: missing", where)
		c.app(where+": app", e.App)
	}
}

func (c *checker) gaps() {
	seen := map[string]bool{}
	for i, g := range c.release.Gaps {
		where := fmt.Sprintf("gaps[%d] (%s)", i, g.ID)
		c.must(g.ID != "" && !seen[g.ID], "%s: the id is missing or used twice", where)
		seen[g.ID] = true
		c.must(strings.Contains(g.Spec, ".") && g.Kind != "" && g.Text != "" && g.Source != "", "%s: spec (topic.slug), kind, text and source are needed", where)
		if g.Object == "" {
			continue
		}
		exists := slices.ContainsFunc(c.release.Workloads, func(w Workload) bool { return g.Object == w.Object(Namespace) })
		c.must(exists, "%s: object %q is no workload; write it like \"Deployment onap/msb-msb-iag\"", where, g.Object)
	}
}
