package catalogue

import (
	"fmt"
	"slices"
)

// Proxy is the name the injector gives to the sidecar container.
const Proxy = "istio-proxy"

// Expected returns the names of the containers a pod of the workload has under
// the policy, in a namespace labelled istio-injection=enabled, and its READY
// column ("3/3"). The sidecar is the last name; a native sidecar is among the
// pod's init containers and counts in READY all the same.
func (*Release) Expected(w Workload, p Policy) (containers []string, ready string) {
	for _, c := range w.Containers {
		containers = append(containers, c.Name)
	}
	if w.Injected(p) {
		containers = append(containers, Proxy)
	}
	return containers, fmt.Sprintf("%d/%d", len(containers), len(containers))
}

// Workload returns the workload of the app name.
func (r *Release) Workload(app string) (Workload, bool) {
	i := slices.IndexFunc(r.Workloads, func(w Workload) bool { return w.App == app })
	if i < 0 {
		return Workload{}, false
	}
	return r.Workloads[i], true
}

// WorkloadName is the name of the app's workload; an app that the release does not
// have is taken for a workload's name.
func (r *Release) WorkloadName(app string) string {
	if w, ok := r.Workload(app); ok {
		return w.Name
	}
	return app
}

// CallerNames are the names under which the mesh may draw a caller under the
// policy: one without a sidecar has none.
func (r *Release) CallerNames(app string, policy Policy) []string {
	if app == Client {
		return []string{Unnamed}
	}
	if w, ok := r.Workload(app); ok && !w.Injected(policy) {
		return []string{w.Name, Unnamed}
	}
	return []string{r.WorkloadName(app)}
}

// Path returns the path of the id.
func (r *Release) Path(id string) (Path, bool) {
	i := slices.IndexFunc(r.Paths, func(p Path) bool { return p.ID == id })
	if i < 0 {
		return Path{}, false
	}
	return r.Paths[i], true
}

// Requests returns the paths that are requests to msb-iag.
func (r *Release) Requests() []Path {
	return slices.DeleteFunc(slices.Clone(r.Paths), func(p Path) bool { return !p.Requested() })
}

// Registered returns all that MSB is asked to list, in the order of the workloads.
func (r *Release) Registered() []Registration {
	var all []Registration
	for _, w := range r.Workloads {
		all = append(all, w.Registrations...)
	}
	return all
}

// HelmReleases returns the names of the Helm releases that install the workloads,
// in the order of the workloads.
func (r *Release) HelmReleases() []string {
	var names []string
	for _, w := range r.Workloads {
		if !slices.Contains(names, w.HelmRelease) {
			names = append(names, w.HelmRelease)
		}
	}
	return names
}

// OwnServices are the API services MSB lists of itself on its portal, which no
// chart registers: the gateway's own management API and discovery's. Read off
// msb-apigateway and msb-discovery, Casablanca.
func OwnServices() []string { return []string{"microservices", "msdiscover"} }
