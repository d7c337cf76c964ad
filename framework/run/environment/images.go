package environment

import (
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/report"
)

// Where an image came from, beside the sources of images that we make.
const (
	// sourceRegistry: the node pulled it from the registry that its name says.
	sourceRegistry = "registry"
	// sourceLoaded: somebody put it on the node, and we do not know what it is.
	sourceLoaded = "loaded"
)

// sighting is an image as a node tells of it.
type sighting struct {
	// ref is its full name, digest "sha256:…" of the manifest.
	ref, digest string
	// pulled tells that the node had it from the registry that its name says.
	pulled bool
}

// running are the images of the pods' containers, each once.
func running(all []evidence.Pods) []sighting {
	var seen []sighting
	for _, pods := range all {
		for _, p := range pods.Items {
			for _, c := range slices.Concat(p.InitContainers, p.Containers) {
				one, ok := sight(c.Image, c.ImageID)
				if ok && !slices.Contains(seen, one) {
					seen = append(seen, one)
				}
			}
		}
	}
	return seen
}

// sight reads what a container's status says. containerd names an image that it
// pulled by its repository and digest, and one that was imported by another
// repository ("import-DATE") or none.
func sight(ref, id string) (sighting, bool) {
	full, err := image.FullName(ref)
	if err != nil {
		return sighting{}, false
	}
	repository, digest, found := strings.Cut(id, "@")
	if !found {
		repository, digest = "", id
	}
	named, err := image.FullName(repository)
	pulled := err == nil && strings.TrimSuffix(named, ":latest") == repositoryOf(full)
	return sighting{ref: full, digest: digest, pulled: pulled}, strings.HasPrefix(digest, "sha256:")
}

// repositoryOf is a full name without its tag or digest.
func repositoryOf(full string) string {
	name, _, _ := strings.Cut(full, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	return name
}

// unused are the images on nodes that no container has.
func unused(loaded map[string][]string, seen []sighting) []sighting {
	var more []sighting
	for _, ref := range slices.Sorted(maps.Keys(loaded)) {
		for _, digest := range loaded[ref] {
			if !slices.ContainsFunc(seen, func(s sighting) bool { return s.ref == ref && s.digest == digest }) {
				more = append(more, sighting{ref: ref, digest: digest})
			}
		}
	}
	return more
}

// sources says of each image where it came from, and of all that we made or that
// were pulled how, in one word. An image of ONAP's that no registry gave is taken
// for a stand-in, so that one that was built anew meanwhile is not taken for ONAP's.
func sources(seen []sighting, own []image.Image, standins map[string]bool) (images []report.Image, all string) {
	made := map[string]string{}
	for _, i := range own {
		made[i.Digest] = i.Source
	}
	told := map[string]bool{}
	for _, s := range seen {
		one := report.Image{Ref: s.ref, Digest: s.digest, Source: sourceLoaded, Standin: standins[s.ref]}
		switch source, ok := made[s.digest]; {
		case ok:
			one.Source = source
		case s.pulled:
			one.Source, one.Standin = sourceRegistry, false
		}
		if one.Source != sourceLoaded {
			told[one.Source] = true
		}
		images = append(images, one)
	}
	return images, strings.Join(slices.Sorted(maps.Keys(told)), ", ")
}
