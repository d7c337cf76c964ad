package onap

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/catalogue"
)

// workload is what the manifests say of a Deployment, in the catalogue's words.
// Fields the manifests do not hold (Project) stay empty.
func (m manifest) workload(d appsv1.Deployment) (catalogue.Workload, error) {
	pod := d.Spec.Template
	w := catalogue.Workload{
		Name: d.Name, App: pod.Labels["app"], HelmRelease: pod.Labels["release"],
		Annotation:     pod.Annotations["sidecar.istio.io/inject"],
		ServiceAccount: cmp.Or(pod.Spec.ServiceAccountName, "default"),
	}
	for _, c := range pod.Spec.InitContainers {
		w.InitContainers = append(w.InitContainers, catalogue.InitContainer{Name: c.Name, Image: c.Image, WaitsFor: waitsFor(c)})
	}
	for _, c := range pod.Spec.Containers {
		var ports []int
		for _, p := range c.Ports {
			ports = append(ports, int(p.ContainerPort))
		}
		w.Containers = append(w.Containers, catalogue.Container{Name: c.Name, Image: c.Image, Ports: ports})
	}
	if len(pod.Spec.Containers) > 0 {
		app := pod.Spec.Containers[0]
		w.Env = environment(app)
		w.Probes = catalogue.Probes{Liveness: probe(app.LivenessProbe), Readiness: probe(app.ReadinessProbe)}
	}
	for _, s := range m.servicesOf(d) {
		w.Services = append(w.Services, service(s))
		entries, err := registrations(s)
		if err != nil {
			return w, err
		}
		for _, e := range entries {
			port, err := strconv.Atoi(e.Port)
			if err != nil {
				return w, fmt.Errorf("service %s: annotation %s: port %q is no number", s.Name, serviceInfo, e.Port)
			}
			w.Registrations = append(w.Registrations, catalogue.Registration{Name: e.ServiceName, Version: e.Version, URL: e.URL, Port: port})
		}
	}
	slices.SortFunc(w.Services, func(a, b catalogue.Service) int { return strings.Compare(a.Name, b.Name) })
	return w, nil
}

// waitsFor is the container a readiness check is told to wait for.
func waitsFor(c corev1.Container) string {
	i := slices.Index(c.Args, "--container-name")
	if i < 0 || i+1 == len(c.Args) {
		return ""
	}
	return c.Args[i+1]
}

func environment(c corev1.Container) map[string]string {
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
		if e.ValueFrom != nil && e.ValueFrom.FieldRef != nil {
			env[e.Name] = "fieldRef:" + e.ValueFrom.FieldRef.FieldPath
		}
	}
	return env
}

// probe is a probe in the form of catalogue.Probes.
func probe(p *corev1.Probe) string {
	if p == nil {
		return ""
	}
	timing := fmt.Sprintf(" delay=%d period=%d", p.InitialDelaySeconds, p.PeriodSeconds)
	switch {
	case p.HTTPGet != nil:
		return "http:" + p.HTTPGet.Port.String() + p.HTTPGet.Path + timing
	case p.TCPSocket != nil:
		return "tcp:" + p.TCPSocket.Port.String() + timing
	}
	return "other" + timing
}

func service(s corev1.Service) catalogue.Service {
	out := catalogue.Service{Name: s.Name, Type: string(s.Spec.Type)}
	for _, p := range s.Spec.Ports {
		out.Ports = append(out.Ports, catalogue.Port{Name: p.Name, Port: int(p.Port), NodePort: int(p.NodePort)})
	}
	return out
}
