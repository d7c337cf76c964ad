package traffic

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// probe is the name of our Service and of what it registers.
const probe = "meshcert-probe"

// serviceInfo is the annotation that kube2msb reads (onap/oom-registrator, src/kube2msb).
const serviceInfo = "msb.onap.org/service-info"

// Registrar makes kube2msb register something: a Service of ours, without pods,
// whose annotation changes with every Touch.
type Registrar struct {
	kube      *kube.Client
	namespace string
	touched   int
}

// NewRegistrar works in the namespace that kube2msb watches.
func NewRegistrar(client *kube.Client, namespace string) *Registrar {
	return &Registrar{kube: client, namespace: namespace}
}

// Touch makes the Service, or changes what it asks to register.
func (r *Registrar) Touch(ctx context.Context) error {
	r.touched++
	info, err := json.Marshal([]map[string]string{{
		"serviceName": probe, "version": "v1", "protocol": "REST", "visualRange": "1", "port": "80",
		"url": fmt.Sprintf("/api/%s/v1/%d", probe, r.touched),
	}})
	if err != nil {
		return fmt.Errorf("touch Service %s: %w", probe, err)
	}
	object, err := kube.Parse(fmt.Appendf(nil, `
apiVersion: v1
kind: Service
metadata: {name: %s, annotations: {%s: %q}}
spec: {ports: [{name: http, port: 80}]}
`, probe, serviceInfo, info))
	if err != nil {
		return fmt.Errorf("touch Service %s: %w", probe, err)
	}
	return observe.Absent(r.kube.Apply(ctx, r.namespace, object...))
}

// Remove deletes the Service, on which kube2msb takes the registration back.
func (r *Registrar) Remove(ctx context.Context) error {
	object, err := kube.Parse(fmt.Appendf(nil, "{apiVersion: v1, kind: Service, metadata: {name: %s}}", probe))
	if err != nil {
		return fmt.Errorf("remove Service %s: %w", probe, err)
	}
	return observe.Absent(r.kube.Delete(ctx, r.namespace, object...))
}
