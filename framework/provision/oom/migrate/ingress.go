package migrate

import (
	"fmt"
	"strconv"
)

// ingress gives an Ingress of an old API the form of networking.k8s.io/v1. It
// runs before the fields are checked, so it passes over what has another shape.
func (m *migration) ingress() {
	spec, _ := m.object.Object["spec"].(map[string]any)
	if backend, ok := spec["backend"].(map[string]any); ok {
		delete(spec, "backend")
		spec["defaultBackend"] = m.backend(backend, "spec.backend")
	}
	rules, _ := spec["rules"].([]any)
	for i, rule := range rules {
		rule, _ := rule.(map[string]any)
		http, _ := rule["http"].(map[string]any)
		paths, _ := http["paths"].([]any)
		for j, path := range paths {
			path, ok := path.(map[string]any)
			if !ok {
				continue
			}
			at := fmt.Sprintf("spec.rules[%d].http.paths[%d]", i, j)
			if backend, ok := path["backend"].(map[string]any); ok {
				path["backend"] = m.backend(backend, at+".backend")
			}
			if path["pathType"] == nil {
				path["pathType"] = "ImplementationSpecific"
				m.change(IngressPathType, at+".pathType", nil, "ImplementationSpecific")
			}
		}
	}
}

// backend is the backend in its new form: the port is a number or a name.
func (m *migration) backend(old map[string]any, at string) map[string]any {
	if old["serviceName"] == nil {
		return old
	}
	port := map[string]any{}
	switch p := old["servicePort"].(type) {
	case string:
		if number, err := strconv.ParseInt(p, 10, 32); err == nil {
			port["number"] = number
		} else {
			port["name"] = p
		}
	default:
		port["number"] = p
	}
	out := map[string]any{"service": map[string]any{"name": old["serviceName"], "port": port}}
	for key, value := range old {
		if key != "serviceName" && key != "servicePort" {
			out[key] = value
		}
	}
	m.change(IngressBackend, at, old, out)
	return out
}
