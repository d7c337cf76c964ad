package onap_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// difference is one thing in which rendered charts differ from the catalogue.
type difference struct {
	// Object is the workload, "Deployment onap/msb-msb-iag", or another object.
	Object string
	// Field is the catalogue's name of what differs: "annotation",
	// "containers[filebeat-onap].image", "env.MSB_ADDR".
	Field string
	// Want is the catalogue's value and Got the charts', "" where there is none.
	Want, Got string
}

func (d difference) String() string {
	return fmt.Sprintf("%s: %s: want %q, got %q", d.Object, d.Field, d.Want, d.Got)
}

// compare compares the rendered objects with the release's catalogue: workloads,
// containers, init containers, images, ports, annotations, service accounts,
// environment, probes, Services with their ports, and registrations. It also
// reports objects that cannot be read, selectors that do not fit, and Services
// that select nothing. Equal charts give none.
func compare(release *catalogue.Release, objects []*unstructured.Unstructured) []difference {
	var found []difference
	m, err := derive.Read(objects)
	derived, errDerived := m.Release(release.Name)
	if err := errors.Join(err, errDerived); err != nil {
		found = append(found, difference{Object: "manifest", Field: "form", Want: "readable", Got: err.Error()})
	}
	want, got := tables(release), tables(derived)
	for _, object := range keys(want, got) {
		found = append(found, differences(object, want[object], got[object])...)
	}
	for _, p := range m.Pods {
		if p.Selector == nil || !labels.SelectorFromSet(p.Selector.MatchLabels).Matches(labels.Set(p.Template.Labels)) {
			found = append(found, difference{Object: p.Object, Field: "selector", Want: "selects its own pods", Got: fmt.Sprint(p.Selector)})
		}
	}
	for _, s := range m.Services {
		if len(s.Spec.Selector) == 0 || slices.ContainsFunc(m.Pods, func(p derive.Pod) bool {
			return labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Template.Labels))
		}) {
			continue
		}
		found = append(found, difference{Object: "Service " + s.Namespace + "/" + s.Name, Field: "selector", Want: "selects a workload", Got: fmt.Sprint(s.Spec.Selector)})
	}
	return found
}

// tables are the facts of the release's workloads, by kind and name.
func tables(release *catalogue.Release) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, w := range release.Workloads {
		all[w.Object(onap.Namespace)] = facts(w)
	}
	return all
}

// differences compares two tables of facts; a workload that one side lacks is
// one difference.
func differences(object string, want, got map[string]string) []difference {
	switch {
	case got == nil:
		return []difference{{Object: object, Field: "workload", Want: "present"}}
	case want == nil:
		return []difference{{Object: object, Field: "workload", Got: "present"}}
	}
	var found []difference
	for _, field := range keys(want, got) {
		if want[field] != got[field] {
			found = append(found, difference{Object: object, Field: field, Want: want[field], Got: got[field]})
		}
	}
	return found
}

// keys are those of both, sorted.
func keys[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}

// facts flattens a workload into field and value.
func facts(w catalogue.Workload) map[string]string {
	f := map[string]string{
		"app": w.App, "project": w.Project, "helmRelease": w.HelmRelease, "annotation": w.Annotation, "serviceAccount": w.ServiceAccount,
		"probes.liveness": w.Probes.Liveness, "probes.readiness": w.Probes.Readiness,
	}
	var names []string
	for _, c := range w.Containers {
		names = append(names, c.Name)
		f["containers["+c.Name+"].image"] = c.Image
		f["containers["+c.Name+"].ports"] = list(c.Ports)
	}
	f["containers"] = strings.Join(names, ", ")
	for _, c := range w.InitContainers {
		f["initContainers["+c.Name+"].image"] = c.Image
		f["initContainers["+c.Name+"].waitsFor"] = c.WaitsFor
	}
	for name, value := range w.Env {
		f["env."+name] = value
	}
	for _, s := range w.Services {
		f["services["+s.Name+"].type"] = s.Type
		f["services["+s.Name+"].ports"] = list(s.Ports)
	}
	for _, r := range w.Registrations {
		f["registrations["+r.Name+" "+r.Version+"]"] = fmt.Sprintf("%s:%d", r.URL, r.Port)
	}
	return f
}

// list is a list as JSON, for messages and comparison.
func list(items any) string {
	text, err := json.Marshal(items)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
