package derive

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/catalogue"
)

// serviceInfo is the annotation by which a Service asks MSB to list it.
const serviceInfo = "msb.onap.org/service-info"

// Registrations returns what the Service's annotation asks MSB to list. It takes
// what kube2msb takes: a JSON list with all values as text.
func Registrations(s corev1.Service) ([]catalogue.Registration, error) {
	text := s.Annotations[serviceInfo]
	if text == "" {
		return nil, nil
	}
	var entries []struct {
		ServiceName string `json:"serviceName"`
		Version     string `json:"version"`
		URL         string `json:"url"`
		Port        string `json:"port"`
	}
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		return nil, fmt.Errorf("service %s: annotation %s: %w", s.Name, serviceInfo, err)
	}
	var registered []catalogue.Registration
	for _, e := range entries {
		port, err := strconv.Atoi(e.Port)
		if err != nil {
			return nil, fmt.Errorf("service %s: annotation %s: %s: port %q is no number", s.Name, serviceInfo, e.ServiceName, e.Port)
		}
		registered = append(registered, catalogue.Registration{Name: e.ServiceName, Version: e.Version, URL: e.URL, Port: port})
	}
	return registered, nil
}

func service(s corev1.Service) catalogue.Service {
	out := catalogue.Service{Name: s.Name, Type: string(cmp.Or(s.Spec.Type, corev1.ServiceTypeClusterIP))}
	for _, p := range s.Spec.Ports {
		out.Ports = append(out.Ports, catalogue.Port{Name: p.Name, Port: int(p.Port), NodePort: int(p.NodePort)})
	}
	return out
}

func byName(a, b corev1.Service) int { return strings.Compare(a.Name, b.Name) }
