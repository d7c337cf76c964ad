package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// probe is the name of the Service of Touch and of what it registers.
const probe = "meshcert-probe"

// serviceInfo is the annotation that kube2msb reads (onap/oom-registrator, src/kube2msb).
const serviceInfo = "msb.onap.org/service-info"

// Service is a Service of ours: whose pods are behind it, and what it asks MSB
// to register.
type Service struct {
	Name string
	// App is the pods' label app; empty for a Service without pods.
	App string
	// Ports are the Service's; all of them lead to port Target of the pods.
	Ports  []int
	Target int
	// Entries are what the annotation lists.
	Entries []Entry
	// Annotation is written in place of Entries when it is set: text that asks
	// for nothing MSB may list.
	Annotation string
}

// Entry is one element of the annotation, as kube2msb reads it.
type Entry struct {
	Name     string `json:"serviceName"`
	Version  string `json:"version"`
	URL      string `json:"url"`
	Protocol string `json:"protocol"`
	// Port is one of the Service's ports.
	Port string `json:"port"`
	// VisualRange is "0" for outside, "1" for inside.
	VisualRange string `json:"visualRange"`
}

// Registrar makes kube2msb register something, by Services of ours.
type Registrar struct {
	kube      *kube.Client
	namespace string
	touched   int
}

// NewRegistrar works in the namespace that kube2msb watches.
func NewRegistrar(client *kube.Client, namespace string) *Registrar {
	return &Registrar{kube: client, namespace: namespace}
}

// Make makes the Service, or changes the one of its name. The errors tell what
// sort of absence they are.
func (r *Registrar) Make(ctx context.Context, s Service) (evidence.Offer, error) {
	offer, err := r.make(ctx, s)
	return offer, observe.Absent(err)
}

func (r *Registrar) make(ctx context.Context, s Service) (evidence.Offer, error) {
	annotation := s.Annotation
	if annotation == "" {
		text, err := json.Marshal(s.Entries)
		if err != nil {
			return evidence.Offer{}, fmt.Errorf("write the annotation of Service %s: %w", s.Name, err)
		}
		annotation = string(text)
	}
	if err := r.kube.Apply(ctx, r.namespace, manifest(s, annotation)); err != nil {
		return evidence.Offer{}, err
	}
	made := time.Now().UTC()
	address, err := r.address(ctx, s.Name)
	if err != nil {
		return evidence.Offer{}, err
	}
	offer := evidence.Offer{Service: s.Name, Made: made, Address: address, Annotation: annotation}
	if s.Annotation == "" {
		for _, e := range s.Entries {
			offer.Wanted = append(offer.Wanted, evidence.Registration{
				Name: e.Name, Version: e.Version, URL: e.URL, Protocol: e.Protocol, Range: e.VisualRange,
				Nodes: []string{net.JoinHostPort(address, e.Port)},
			})
		}
	}
	return offer, nil
}

// address is the Service's ClusterIP.
func (r *Registrar) address(ctx context.Context, name string) (string, error) {
	service, err := r.kube.Set.CoreV1().Services(r.namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("read Service %s/%s: %w", r.namespace, name, err)
	}
	if ip := service.Spec.ClusterIP; ip != "" && ip != corev1.ClusterIPNone {
		return ip, nil
	}
	return "", fmt.Errorf("read Service %s/%s: %w", r.namespace, name, errNoAddress)
}

var errNoAddress = errors.New("it has no ClusterIP, so kube2msb does not register it")

// manifest is the Service with its annotation. The names of its ports say
// nothing of their protocol, as those of ONAP's own charts.
func manifest(s Service, annotation string) *unstructured.Unstructured {
	var ports []any
	for i, p := range s.Ports {
		port := map[string]any{"name": fmt.Sprintf("api-%d", i+1), "port": int64(p)}
		if s.Target != 0 {
			port["targetPort"] = int64(s.Target)
		}
		ports = append(ports, port)
	}
	settings := map[string]any{"ports": ports}
	if s.App != "" {
		settings["selector"] = map[string]any{"app": s.App}
	}
	o := named(s.Name)
	o.Object["spec"] = settings
	o.SetAnnotations(map[string]string{serviceInfo: annotation})
	return o
}

// named is a Service that has only a name.
func named(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": name},
	}}
}

// Withdraw deletes the Service, on which kube2msb takes its registrations back;
// one that is not there is no error.
func (r *Registrar) Withdraw(ctx context.Context, name string) (evidence.Offer, error) {
	address, err := r.address(ctx, name)
	if err != nil && !apierrors.IsNotFound(err) && !errors.Is(err, errNoAddress) {
		return evidence.Offer{}, observe.Absent(err)
	}
	if err := r.kube.Delete(ctx, r.namespace, named(name)); err != nil {
		return evidence.Offer{}, observe.Absent(err)
	}
	return evidence.Offer{Service: name, Made: time.Now().UTC(), Address: address}, nil
}

// Touch makes a Service without pods, or changes what it asks to register.
func (r *Registrar) Touch(ctx context.Context) error {
	r.touched++
	_, err := r.Make(ctx, Service{Name: probe, Ports: []int{80}, Entries: []Entry{{
		Name: probe, Version: "v1", URL: fmt.Sprintf("/api/%s/v1/%d", probe, r.touched), Protocol: "REST", Port: "80", VisualRange: "1",
	}}})
	return err
}

// Remove deletes the Service of Touch.
func (r *Registrar) Remove(ctx context.Context) error {
	_, err := r.Withdraw(ctx, probe)
	return err
}
