package onap

import (
	"maps"
	"path"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// use is how the manifests use an image.
type use struct {
	apps, ports, bases set
	// links are the paths at which it must have a program, mounts those at which a
	// container puts something over it.
	links, mounts set
	// onlyInit says that all its containers are to end.
	onlyInit bool
}

type set map[string]bool

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

// usesOf are the uses of all images of the pods, by image.
func usesOf(m derive.Manifests, shells map[string]set) (map[string]*use, error) {
	uses := map[string]*use{}
	for _, p := range m.Pods {
		registered := set{}
		for _, s := range m.ServicesOf(p) {
			entries, err := derive.Registrations(s)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				registered[e.URL] = true
			}
		}
		pod := p.Template.Spec
		for _, c := range pod.InitContainers {
			u := useOf(uses, c.Image)
			u.add(c, p.Template.Labels["app"], registered, pod.Volumes, shells)
		}
		for _, c := range pod.Containers {
			u := useOf(uses, c.Image)
			u.onlyInit = false
			u.add(c, p.Template.Labels["app"], registered, pod.Volumes, shells)
		}
	}
	return uses, nil
}

func useOf(uses map[string]*use, image string) *use {
	if uses[image] == nil {
		uses[image] = &use{apps: set{}, ports: set{}, bases: set{}, links: set{}, mounts: set{}, onlyInit: true}
	}
	return uses[image]
}

// add puts down what a container of the app makes of its image; the rest says
// what its pod has.
func (u *use) add(c corev1.Container, app string, registered set, volumes []corev1.Volume, shells map[string]set) {
	u.apps[app] = true
	for _, p := range c.Ports {
		if p.Protocol == "" || p.Protocol == corev1.ProtocolTCP {
			u.ports[strconv.Itoa(int(p.ContainerPort))] = true
		}
	}
	if len(c.Ports) > 0 {
		maps.Copy(u.bases, registered)
	}
	for _, probe := range probes(c) {
		if probe.HTTPGet != nil {
			u.bases[base(probe.HTTPGet.Path)] = true
		}
	}
	mounts := set{}
	for _, m := range c.VolumeMounts {
		mounts[path.Clean(m.MountPath)] = true
	}
	for command := range called(c, volumes, shells) {
		u.link(command, mounts)
	}
	maps.Copy(u.mounts, mounts)
}

// base is what a program that answers the probe serves: a health check is a path
// of its own, any other path stands for its directory.
func base(probed string) string {
	if path.Base(probed) == "healthcheck" {
		return probed
	}
	return path.Dir("/" + probed)
}
