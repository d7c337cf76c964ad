package repair

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// registrationKey is the annotation that asks MSB to list a Service.
const registrationKey = "msb.onap.org/service-info"

// portNames puts the protocol in front of the name of each Service's port whose
// protocol the charts tell: MSB's registration of it, an HTTP probe of the pods
// behind it, or the port number of a database. What nothing tells stays, and
// Istio finds it out by itself.
func (r *repair) portNames(workloads []workload) {
	for _, o := range r.objects {
		if o.GetKind() != "Service" || o.GetAPIVersion() != "v1" {
			continue
		}
		ports := mappings(mapping(o.Object, "spec"), "ports")
		for i, port := range ports {
			old := text(port, "name")
			name := portName(old, protocol(o, port, workloads))
			if name == old {
				continue
			}
			field := fmt.Sprintf("spec.ports[%d].name", i)
			if slices.ContainsFunc(ports, func(p map[string]any) bool { return p["name"] == name }) {
				r.cannot(o, field, "%s should become %s, which is another port's name", old, name)
				continue
			}
			r.change(o, PortName, field, port["name"], name)
			port["name"] = name
			r.renamePort(o, old, name)
		}
	}
}

// portName is the name with the protocol in front. A protocol that is declared
// is believed, but for HTTP at a database.
func portName(name, protocol string) string {
	declared, rest, cut := strings.Cut(name, "-")
	switch declared {
	case "http", "http2", "grpc", "https":
		if protocol != "tcp" {
			return name
		}
		if !cut {
			return protocol
		}
		return protocol + "-" + rest
	case "tcp", "tls", "udp", "mongo", "mysql", "redis":
		return name
	}
	switch {
	case protocol == "":
		return name
	case name == "":
		return protocol
	}
	return protocol + "-" + name
}

// protocol is what the charts tell of a Service's port, "" for nothing.
func protocol(service *unstructured.Unstructured, port map[string]any, workloads []workload) string {
	if p := text(port, "protocol"); p != "" && p != "TCP" {
		return ""
	}
	switch number := fmt.Sprint(port["port"]); {
	case number == "3306" || number == "6379": // MySQL, Redis
		return "tcp"
	case registered(service, number):
		return "http"
	}
	return probed(service, port, workloads)
}

// registered tells whether MSB is asked to list the port for HTTP.
func registered(service *unstructured.Unstructured, number string) bool {
	var list []struct {
		Protocol string `json:"protocol"`
		Port     any    `json:"port"`
	}
	if err := json.Unmarshal([]byte(service.GetAnnotations()[registrationKey]), &list); err != nil {
		return false // none, or one that MSB cannot read either
	}
	for _, entry := range list {
		if fmt.Sprint(entry.Port) == number && slices.Contains([]string{"REST", "HTTP", "UI"}, strings.ToUpper(entry.Protocol)) {
			return true
		}
	}
	return false
}

// probed is "http" or "https" where a probe of the pods asks the port so.
func probed(service *unstructured.Unstructured, port map[string]any, workloads []workload) string {
	target := port["targetPort"]
	if target == nil {
		target = port["port"]
	}
	for _, w := range workloads {
		if !near(w.object.GetNamespace(), service.GetNamespace()) || !selects(mapping(mapping(service.Object, "spec"), "selector"), w.labels()) {
			continue
		}
		for _, container := range mappings(w.spec(), "containers") {
			for _, kind := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
				get := mapping(mapping(container, kind), "httpGet")
				if get != nil && number(container, get["port"]) == number(container, target) {
					return strings.ToLower(cmp.Or(text(get, "scheme"), "HTTP"))
				}
			}
		}
	}
	return ""
}

// number is the number of a container's port that may be given by its name.
func number(container map[string]any, port any) string {
	for _, p := range mappings(container, "ports") {
		if p["name"] == port && port != nil {
			return fmt.Sprint(p["containerPort"])
		}
	}
	return fmt.Sprint(port)
}

func selects(selector, labels map[string]any) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return len(selector) > 0
}

// renamePort follows a new port name into the backends of Ingresses.
func (r *repair) renamePort(service *unstructured.Unstructured, old, name string) {
	for _, o := range r.objects {
		if o.GetKind() != "Ingress" || !near(o.GetNamespace(), service.GetNamespace()) {
			continue
		}
		spec := mapping(o.Object, "spec")
		r.renameBackend(o, service, "spec.defaultBackend", mapping(spec, "defaultBackend"), old, name)
		for i, rule := range mappings(spec, "rules") {
			for j, path := range mappings(mapping(rule, "http"), "paths") {
				r.renameBackend(o, service, fmt.Sprintf("spec.rules[%d].http.paths[%d].backend", i, j), mapping(path, "backend"), old, name)
			}
		}
	}
}

func (r *repair) renameBackend(o, service *unstructured.Unstructured, at string, backend map[string]any, old, name string) {
	port := mapping(mapping(backend, "service"), "port")
	if mapping(backend, "service")["name"] == service.GetName() && port["name"] == old && old != "" {
		port["name"] = name
		r.change(o, PortName, at+".service.port.name", old, name)
	}
}
