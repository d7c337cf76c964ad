package migrate

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// tolerateUnready asked that a Service leads to pods that are not ready too.
const tolerateUnready = "service.alpha.kubernetes.io/tolerate-unready-endpoints"

// The rules of this file run on objects whose fields have their types already.

func (m *migration) service(kind schema.GroupVersionKind) {
	annotations := m.object.GetAnnotations()
	value, found := annotations[tolerateUnready]
	if kind.Kind != "Service" || !found {
		return
	}
	delete(annotations, tolerateUnready)
	m.object.SetAnnotations(annotations)
	field := "metadata.annotations[" + tolerateUnready + "]"
	if value != "true" {
		m.change(BetaAnnotation, field, value, nil)
		return
	}
	child(m.object.Object, "spec")["publishNotReadyAddresses"] = true
	m.change(BetaAnnotation, field, value, "spec.publishNotReadyAddresses: true")
}

// PodSpec is the path to the spec of the pods that a kind makes, nil for a kind
// that makes none.
func PodSpec(kind string) []string {
	switch kind {
	case "Pod":
		return []string{"spec"}
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template", "spec"}
	case "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet":
		return []string{"spec", "template", "spec"}
	}
	return nil
}

// workload checks the pods of a kind that has some; old tells that it was
// written for an API older than sidecars that are init containers.
func (m *migration) workload(kind schema.GroupVersionKind, old bool) {
	path := PodSpec(kind.Kind)
	if path == nil {
		return
	}
	if kind.Group == "apps" {
		m.selector()
	}
	spec, at := m.object.Object, strings.Join(path, ".")
	for _, key := range path {
		spec, _ = spec[key].(map[string]any)
	}
	for _, list := range []string{"initContainers", "containers"} {
		containers, _ := spec[list].([]any)
		for i, container := range containers {
			container := container.(map[string]any)
			at := fmt.Sprintf("%s.%s[%d]", at, list, i)
			if policy, found := container["restartPolicy"]; found && old {
				delete(container, "restartPolicy")
				m.change(MisplacedRestartPolicy, at+".restartPolicy", policy, nil)
			}
			m.environment(container, at)
		}
	}
}

// environment keeps the last of several entries for one variable.
func (m *migration) environment(container map[string]any, at string) {
	entries, _ := container["env"].([]any)
	last := map[any]int{}
	for i, entry := range entries {
		last[entry.(map[string]any)["name"]] = i
	}
	if len(last) == len(entries) {
		return
	}
	var kept []any
	for i, entry := range entries {
		if end := last[entry.(map[string]any)["name"]]; end != i {
			m.change(DuplicateEnv, fmt.Sprintf("%s.env[%d]", at, i), entry, entries[end])
			continue
		}
		kept = append(kept, entry)
	}
	container["env"] = kept
}

// selector writes out the selector that an old API took from the pod template.
func (m *migration) selector() {
	spec := child(m.object.Object, "spec")
	labels, _, _ := unstructured.NestedMap(spec, "template", "metadata", "labels")
	selector, _ := spec["selector"].(map[string]any)
	matched, _ := selector["matchLabels"].(map[string]any)
	expressions, _ := selector["matchExpressions"].([]any)
	switch {
	case len(matched) == 0 && len(expressions) == 0 && len(labels) == 0:
		m.cannot("spec.selector", "there is none, and the pod template has no labels it could be made of")
	case len(matched) == 0 && len(expressions) == 0:
		from := spec["selector"]
		spec["selector"] = map[string]any{"matchLabels": labels}
		m.change(SelectorAdded, "spec.selector", from, spec["selector"])
	case len(matched) < len(labels):
		m.note(SelectorNarrower, "spec.selector", selector)
	}
}

// child is the mapping below a key, made when there is none.
func child(of map[string]any, key string) map[string]any {
	below, ok := of[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		of[key] = below
	}
	return below
}
