package onap

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/catalogue"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// Program is where the stand-in's binary is in its base image.
const Program = "/usr/local/bin/standin"

// ProgramImage is the image with the stand-in program.
const ProgramImage = "meshcert.local/canary:dev"

// StandIn is the stand-in for one ONAP image: an image of ours with this
// environment and these links, under ONAP's own name.
type StandIn struct {
	// Ref is the image as the charts name it.
	Ref string
	// Base is the image of ours: ProgramImage, or one with the real program.
	Base string
	// Env is the image's environment: MESHCERT_ROLE and, where they apply,
	// MESHCERT_NAME, MESHCERT_PORTS, MESHCERT_BASES and MESHCERT_HOST_MODE.
	Env map[string]string
	// Links are symbolic links, absolute path to Program, for the commands the
	// manifests call.
	Links map[string]string
}

// role is one entry of fixtures/catalogue/standins.yaml.
type role struct {
	Image string `json:"image"`
	// Role is what the stand-in program plays; Base, in its place, is the image
	// with the real program.
	Role string            `json:"role"`
	Base string            `json:"base"`
	Env  map[string]string `json:"env"`
}

// StandIns says which stand-in images the objects need, sorted by name: one for
// each image name, with the role of fixtures/catalogue/standins.yaml, the
// containers' ports, and as base paths the URLs of the service-info annotation
// of the Service that selects the pod and the directory of an HTTP probe. A name
// is set only where a single app uses the image. An image without a role is an
// error.
func StandIns(objects []*unstructured.Unstructured) ([]StandIn, error) {
	var roles []role
	if err := yaml.UnmarshalStrict(data.StandIns, &roles); err != nil {
		return nil, fmt.Errorf("read the stand-ins' roles: %w", err)
	}
	m, err := derive.Read(objects)
	if err != nil {
		return nil, err
	}
	uses := map[string]*use{}
	for _, p := range m.Pods {
		if err := collect(p, m.ServicesOf(p), uses); err != nil {
			return nil, err
		}
	}
	var all []StandIn
	for _, ref := range slices.Sorted(maps.Keys(uses)) {
		s, err := uses[ref].standIn(ref, roles)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// Merge joins the stand-ins of several releases. An image name that two releases
// use in different ways is an error, since a node can hold one image of a name.
func Merge(sets ...[]StandIn) ([]StandIn, error) {
	byRef := map[string]StandIn{}
	for _, set := range sets {
		for _, s := range set {
			have, ok := byRef[s.Ref]
			if ok && (have.Base != s.Base || !maps.Equal(have.Env, s.Env) || !maps.Equal(have.Links, s.Links)) {
				return nil, fmt.Errorf("stand-in for image %s: two releases want it differently: %v and %v", s.Ref, have.Env, s.Env)
			}
			byRef[s.Ref] = s
		}
	}
	all := slices.Collect(maps.Values(byRef))
	slices.SortFunc(all, func(a, b StandIn) int { return strings.Compare(a.Ref, b.Ref) })
	return all, nil
}

// use is how the manifests use an image.
type use struct {
	apps, ports, bases, commands set
}

type set map[string]bool

func (s set) sorted() []string { return slices.Sorted(maps.Keys(s)) }

func collect(p derive.Pod, services []corev1.Service, uses map[string]*use) error {
	registered := set{}
	for _, s := range services {
		entries, err := derive.Registrations(s)
		if err != nil {
			return err
		}
		for _, e := range entries {
			registered[e.URL] = true
		}
	}
	pod := p.Template
	for _, c := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		u := uses[c.Image]
		if u == nil {
			u = &use{apps: set{}, ports: set{}, bases: set{}, commands: set{}}
			uses[c.Image] = u
		}
		u.apps[pod.Labels["app"]] = true
		for _, p := range c.Ports {
			u.ports[strconv.Itoa(int(p.ContainerPort))] = true
		}
		if len(c.Ports) > 0 {
			maps.Copy(u.bases, registered)
		}
		for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
			if probe != nil && probe.HTTPGet != nil {
				u.bases[path.Dir(probe.HTTPGet.Path)] = true
			}
		}
		if len(c.Command) > 0 && path.IsAbs(c.Command[0]) {
			u.commands[c.Command[0]] = true
		}
	}
	return nil
}

func (u *use) standIn(ref string, roles []role) (StandIn, error) {
	r, err := roleOf(ref, roles)
	if err != nil {
		return StandIn{}, err
	}
	if r.Base != "" {
		return StandIn{Ref: ref, Base: r.Base, Env: r.Env}, nil
	}
	env := map[string]string{"MESHCERT_ROLE": r.Role}
	maps.Copy(env, r.Env)
	if apps := u.apps.sorted(); len(apps) == 1 {
		env["MESHCERT_NAME"] = apps[0]
	}
	if len(u.ports) > 0 {
		env["MESHCERT_PORTS"] = strings.Join(byNumber(u.ports), ",")
	}
	if len(u.bases) > 0 {
		env["MESHCERT_BASES"] = strings.Join(u.bases.sorted(), ",")
	}
	links := map[string]string{}
	for command := range u.commands {
		links[command] = Program
	}
	return StandIn{Ref: ref, Base: ProgramImage, Env: env, Links: links}, nil
}

func byNumber(ports set) []string {
	return slices.SortedFunc(maps.Keys(ports), func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
}

// roleOf finds the role of an image: by name and tag, else by name.
func roleOf(ref string, roles []role) (role, error) {
	name, _, _ := strings.Cut(path.Base(ref), ":")
	untagged := path.Join(path.Dir(ref), name)
	for _, candidate := range []string{ref, untagged} {
		for _, r := range roles {
			if candidate == r.Image || strings.HasSuffix(candidate, "/"+r.Image) {
				return r, nil
			}
		}
	}
	return role{}, fmt.Errorf("image %s has no stand-in: say its role in fixtures/catalogue/standins.yaml", ref)
}
