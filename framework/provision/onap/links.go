package onap

import (
	"fmt"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// searched is where a command that is called by its name is linked: the first
// folder of every search path.
const searched = "/usr/local/bin"

// link puts down where the stand-in must be linked for a command that a container
// calls. What the container mounts at that path, or above it, is the command itself.
func (u *use) link(command string, mounts set) {
	at := path.Clean(command)
	if !strings.Contains(command, "/") {
		at = path.Join(searched, command)
	}
	if path.IsAbs(at) && at != Program && !below(at, mounts) {
		u.links[at] = true
	}
}

// below tells whether the file is at one of the paths or below it.
func below(file string, paths set) bool {
	for ; file != "/"; file = path.Dir(file) {
		if paths[file] {
			return true
		}
	}
	return paths[file]
}

// checkLinks refuses a stand-in with a link at, or above, a path at which a
// container mounts something: the mount would follow it and take the place of the
// stand-in itself.
func (s StandIn) checkLinks() error {
	links := set{}
	for link := range s.Links {
		links[link] = true
	}
	for _, mount := range s.Mounts {
		if below(mount, links) {
			return fmt.Errorf("stand-in for image %s: one container calls a program at %s, and another mounts something over it; change one of the two in the charts", s.Ref, mount)
		}
	}
	return nil
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

// called are the commands that a container, its probes and its hooks call, and
// the interpreters of the scripts that are mounted into it.
func called(c corev1.Container, volumes []corev1.Volume, shells map[string]set) set {
	commands := set{}
	for _, exec := range append(hooks(c), &corev1.ExecAction{Command: c.Command}) {
		if exec != nil && len(exec.Command) > 0 {
			commands[exec.Command[0]] = true
		}
	}
	for _, m := range c.VolumeMounts {
		for _, v := range volumes {
			if v.Name != m.Name || v.ConfigMap == nil {
				continue
			}
			for shell := range shells[v.ConfigMap.Name] {
				commands[shell] = true
			}
		}
	}
	return commands
}

// hooks are what the probes and hooks of a container execute.
func hooks(c corev1.Container) []*corev1.ExecAction {
	var all []*corev1.ExecAction
	for _, probe := range probes(c) {
		all = append(all, probe.Exec)
	}
	if l := c.Lifecycle; l != nil {
		for _, hook := range []*corev1.LifecycleHandler{l.PostStart, l.PreStop} {
			if hook != nil {
				all = append(all, hook.Exec)
			}
		}
	}
	return all
}

// probes are those that a container has.
func probes(c corev1.Container) []*corev1.Probe {
	var all []*corev1.Probe
	for _, p := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}
