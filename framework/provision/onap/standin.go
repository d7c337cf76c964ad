package onap

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/catalogue"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// Program is where the stand-in's binary is in its base image.
const Program = "/usr/local/bin/standin"

// The stand-in's settings that say how an image is used.
const (
	nameKey  = "MESHCERT_NAME"
	portsKey = "MESHCERT_PORTS"
	basesKey = "MESHCERT_BASES"
)

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
	// Mounts are the paths at which containers mount something over the image.
	Mounts []string
	// Generic says that the image has no role of its own.
	Generic bool
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
// containers' TCP ports, as base paths the URLs of the service-info annotation
// of the Service that selects the pod and the directory of an HTTP probe, and
// links for the commands that containers, probes and hooks call. A name
// is set only where a single app uses the image. An image without a role gets one
// that answers on its ports, or ends at once where only init containers use it;
// StandIn.Generic says so.
func StandIns(objects []*unstructured.Unstructured) ([]StandIn, error) {
	var roles []role
	if err := yaml.UnmarshalStrict(data.StandIns, &roles); err != nil {
		return nil, fmt.Errorf("read the stand-ins' roles: %w", err)
	}
	m, err := derive.Read(objects)
	if err != nil {
		return nil, err
	}
	uses, err := usesOf(m, scripts(objects))
	if err != nil {
		return nil, err
	}
	var all []StandIn
	for _, ref := range slices.Sorted(maps.Keys(uses)) {
		s := uses[ref].standIn(ref, roles)
		if err := s.check(); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func (u *use) standIn(ref string, roles []role) StandIn {
	r, found := roleOf(ref, roles)
	if r.Base != "" {
		return StandIn{Ref: ref, Base: r.Base, Env: r.Env}
	}
	if !found {
		r.Role = u.generic()
	}
	env := map[string]string{"MESHCERT_ROLE": r.Role}
	maps.Copy(env, r.Env)
	if apps := u.apps.sorted(); len(apps) == 1 {
		env[nameKey] = apps[0]
	}
	if len(u.ports) > 0 {
		env[portsKey] = strings.Join(byNumber(u.ports), ",")
	}
	if len(u.bases) > 0 {
		env[basesKey] = strings.Join(u.bases.sorted(), ",")
	}
	links := map[string]string{}
	for at := range u.links {
		links[at] = Program
	}
	return StandIn{Ref: ref, Base: ProgramImage, Env: env, Links: links, Mounts: u.mounts.sorted(), Generic: !found}
}

// check refuses what no image can be.
func (s StandIn) check() error {
	if s.Ref == "" {
		return errors.New("a container names no image; write one into its chart, or set it with --set")
	}
	if strings.Contains(s.Ref, "@") {
		return fmt.Errorf("stand-in for image %s: nothing else has this digest; name the image by a tag with --set", s.Ref)
	}
	return s.checkLinks()
}

// generic is the role of an image that has none: it answers on its ports, waits
// when it has none, and ends when only init containers use it.
func (u *use) generic() string {
	switch {
	case u.onlyInit:
		return "once"
	case len(u.ports) == 0:
		return "filebeat"
	}
	return "echo"
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
func roleOf(ref string, roles []role) (role, bool) {
	name, _, _ := strings.Cut(path.Base(ref), ":")
	untagged := path.Join(path.Dir(ref), name)
	for _, candidate := range []string{ref, untagged} {
		for _, r := range roles {
			if candidate == r.Image || strings.HasSuffix(candidate, "/"+r.Image) {
				return r, true
			}
		}
	}
	return role{}, false
}
