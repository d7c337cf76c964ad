package onap

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// searched is where a command that is called by its name is linked: the first
// folder of every search path.
const searched = "/usr/local/bin"

// links are the links to the stand-in for the commands the image is called with.
// A path at which something is mounted, or below one, is left out: the mount
// would follow a link and replace the stand-in itself.
func (u *use) links() map[string]string {
	links := map[string]string{}
	for command := range u.commands {
		at := path.Clean(command)
		if !strings.Contains(command, "/") {
			at = path.Join(searched, command)
		}
		if path.IsAbs(at) && at != Program && !u.mounted(at) {
			links[at] = Program
		}
	}
	return links
}

func (u *use) mounted(file string) bool {
	for ; file != "/"; file = path.Dir(file) {
		if u.mounts[file] {
			return true
		}
	}
	return false
}

// scripts are the interpreters that the scripts of each ConfigMap name, by the
// ConfigMap's name.
func scripts(objects []*unstructured.Unstructured) map[string]set {
	all := map[string]set{}
	for _, o := range objects {
		if o.GetKind() != "ConfigMap" {
			continue
		}
		data, _, _ := unstructured.NestedMap(o.Object, "data")
		for _, value := range data {
			text, _ := value.(string)
			line, isScript := strings.CutPrefix(text, "#!")
			line, _, _ = strings.Cut(line, "\n")
			words := strings.Fields(line)
			if !isScript || len(words) == 0 {
				continue
			}
			if all[o.GetName()] == nil {
				all[o.GetName()] = set{}
			}
			all[o.GetName()][words[0]] = true
		}
	}
	return all
}

// interpret adds the interpreters of the scripts that are mounted into the container.
func (u *use) interpret(c corev1.Container, volumes []corev1.Volume, shells map[string]set) {
	for _, m := range c.VolumeMounts {
		for _, v := range volumes {
			if v.Name != m.Name || v.ConfigMap == nil {
				continue
			}
			for shell := range shells[v.ConfigMap.Name] {
				u.commands[shell] = true
			}
		}
	}
}
