// Package derive says what a release is as far as its charts tell: from rendered
// and migrated objects it makes a catalogue. It guarantees that nothing is
// guessed: what charts cannot say (edges, paths, endpoints, gaps, the policy the
// release is run with) stays empty, and what cannot be read is an error that
// names object and field. Which workload gets a sidecar, and its READY column,
// are the catalogue's own rules.
package derive

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/catalogue"
)

// inject is the annotation, and today also the label, by which a pod asks for a
// sidecar or refuses it.
const inject = "sidecar.istio.io/inject"

// From makes the catalogue of the release from its objects, in the order of the
// workloads there. Its portal lists the registered services only: what MSB shows
// of itself is in no chart. The error names everything that cannot be read; what
// can be is in the catalogue all the same.
func From(name string, objects []*unstructured.Unstructured) (*catalogue.Release, error) {
	m, err := Read(objects)
	release, errRelease := m.Release(name)
	return release, errors.Join(err, errRelease)
}

// Release is From for objects that were read.
func (m Manifests) Release(name string) (*catalogue.Release, error) {
	release := &catalogue.Release{Name: name}
	var problems []error
	for _, p := range m.Pods {
		w, err := m.workload(p)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", p.Object, err))
		}
		release.Workloads = append(release.Workloads, w)
	}
	for _, g := range release.Registered() {
		release.Portal = append(release.Portal, g.Name)
	}
	slices.Sort(release.Portal)
	release.Portal = slices.Compact(release.Portal)
	return release, errors.Join(problems...)
}

// workload is a pod in the catalogue's words. Its first container is the
// application's.
func (m Manifests) workload(p Pod) (catalogue.Workload, error) {
	labels, pod := p.Template.Labels, p.Template.Spec
	helmRelease := cmp.Or(labels["release"], labels["app.kubernetes.io/instance"])
	w := catalogue.Workload{
		Kind: p.Kind, Name: p.Name, App: cmp.Or(labels["app"], labels["app.kubernetes.io/name"]),
		Project: project(helmRelease), HelmRelease: helmRelease, Annotation: Asked(p.Template),
		ServiceAccount: cmp.Or(pod.ServiceAccountName, pod.DeprecatedServiceAccount, "default"),
	}
	for _, c := range pod.InitContainers {
		w.InitContainers = append(w.InitContainers, catalogue.InitContainer{Name: c.Name, Image: c.Image, WaitsFor: waitsFor(c)})
	}
	for _, c := range pod.Containers {
		w.Containers = append(w.Containers, container(c))
	}
	if len(pod.Containers) == 0 {
		return w, errors.New("spec.template.spec.containers: none")
	}
	app := pod.Containers[0]
	w.Env = environment(app)
	w.Probes = catalogue.Probes{Liveness: probe(app.LivenessProbe), Readiness: probe(app.ReadinessProbe)}
	var problems []error
	for _, s := range m.ServicesOf(p) {
		w.Services = append(w.Services, service(s))
		registered, err := Registrations(s)
		if err != nil {
			problems = append(problems, err)
		}
		w.Registrations = append(w.Registrations, registered...)
	}
	return w, errors.Join(problems...)
}

// project is the ONAP project whose chart the Helm release installs; OOM names
// the releases after the charts. Of other charts it is the release's own name.
func project(helmRelease string) string {
	projects := map[string]string{"msb": "MSB", "multicloud": "MultiCloud", "vfc": "VF-C"}
	return cmp.Or(projects[helmRelease], helmRelease)
}

// Asked is what the pod says to the injector, which prefers the label: "true",
// "false" or "".
func Asked(pod corev1.PodTemplateSpec) string {
	if label, ok := pod.Labels[inject]; ok {
		return label
	}
	return pod.Annotations[inject]
}

func container(c corev1.Container) catalogue.Container {
	out := catalogue.Container{Name: c.Name, Image: c.Image}
	for _, p := range c.Ports {
		out.Ports = append(out.Ports, int(p.ContainerPort))
	}
	return out
}

// waitsFor is what OOM's readiness check is told to wait for: containers, since
// 2022 Services, several joined by a comma.
func waitsFor(c corev1.Container) string {
	var names []string
	for i, arg := range c.Args[:max(0, len(c.Args)-1)] {
		if arg == "--container-name" || arg == "--service-name" {
			names = append(names, c.Args[i+1])
		}
	}
	return strings.Join(names, ", ")
}

// environment writes a value that is taken from elsewhere as "fieldRef:PATH",
// "secretKeyRef:NAME/KEY" or "configMapKeyRef:NAME/KEY".
func environment(c corev1.Container) map[string]string {
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
		switch from := e.ValueFrom; {
		case from == nil:
		case from.FieldRef != nil:
			env[e.Name] = "fieldRef:" + from.FieldRef.FieldPath
		case from.SecretKeyRef != nil:
			env[e.Name] = "secretKeyRef:" + from.SecretKeyRef.Name + "/" + from.SecretKeyRef.Key
		case from.ConfigMapKeyRef != nil:
			env[e.Name] = "configMapKeyRef:" + from.ConfigMapKeyRef.Name + "/" + from.ConfigMapKeyRef.Key
		}
	}
	return env
}

// probe is a probe in the form of catalogue.Probes; a probe that runs a command
// is "exec". What it does not say is Kubernetes' default.
func probe(p *corev1.Probe) string {
	if p == nil {
		return ""
	}
	timing := fmt.Sprintf(" delay=%d period=%d", p.InitialDelaySeconds, cmp.Or(p.PeriodSeconds, 10))
	switch {
	case p.HTTPGet != nil:
		scheme := strings.ToLower(string(cmp.Or(p.HTTPGet.Scheme, corev1.URISchemeHTTP)))
		return scheme + ":" + p.HTTPGet.Port.String() + p.HTTPGet.Path + timing
	case p.TCPSocket != nil:
		return "tcp:" + p.TCPSocket.Port.String() + timing
	case p.GRPC != nil:
		return fmt.Sprintf("grpc:%d", p.GRPC.Port) + timing
	}
	return "exec" + timing
}
