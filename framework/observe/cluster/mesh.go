package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// ControlPlane observes namespace istio-system, istiod's version and CA, and
// the injection webhooks.
func (o *Observer) ControlPlane(ctx context.Context) (evidence.ControlPlane, error) {
	seen, err := o.controlPlane(ctx)
	return seen, observe.Absent(err)
}

func (o *Observer) controlPlane(ctx context.Context) (evidence.ControlPlane, error) {
	seen := evidence.ControlPlane{Observed: time.Now().UTC(), Services: map[string][]string{}}
	var err error
	if seen.Pods, err = o.pods.List(ctx, observe.IstioNamespace); err != nil {
		return evidence.ControlPlane{}, err
	}
	services, err := o.kube.Set.CoreV1().Services(observe.IstioNamespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.ControlPlane{}, fmt.Errorf("list Services of namespace %s: %w", observe.IstioNamespace, err)
	}
	for _, s := range services.Items {
		seen.Services[s.Name] = nil
		for _, p := range s.Spec.Ports {
			text := fmt.Sprintf("%d/%s", p.Port, p.Protocol)
			if p.NodePort != 0 {
				text = fmt.Sprintf("%d:%d/%s", p.Port, p.NodePort, p.Protocol)
			}
			seen.Services[s.Name] = append(seen.Services[s.Name], text)
		}
	}
	if seen.Version, err = o.version(ctx, seen.Pods); err != nil {
		return evidence.ControlPlane{}, err
	}
	if seen.Root, err = observe.MeshRoot(ctx, o.kube); err != nil {
		return evidence.ControlPlane{}, err
	}
	seen.WebhookRoots, err = o.webhooks(ctx)
	return seen, err
}

// version asks a ready istiod; "" when there is none.
func (o *Observer) version(ctx context.Context, pods evidence.Pods) (string, error) {
	for _, p := range pods.Items {
		if p.Workload != "istiod" || !p.Ready || p.Terminating {
			continue
		}
		out, err := o.exec(ctx, observe.IstioNamespace, p.Name, "discovery", "pilot-discovery", "request", "GET", "/version")
		if err != nil {
			return "", fmt.Errorf("ask istiod for its version: %w", err)
		}
		return readVersion(out)
	}
	return "", nil
}

// readVersion reads "VERSION-REVISION-STATUS", where VERSION may hold dashes
// (istio.io/istio/pkg/version, BuildInfo.String).
func readVersion(out string) (string, error) {
	parts := strings.Split(strings.TrimSpace(out), "-")
	if len(parts) < 3 {
		return "", evidence.Absent(evidence.Final, fmt.Errorf("read istiod's version: %q is not VERSION-REVISION-STATUS", out))
	}
	return strings.Join(parts[:len(parts)-2], "-"), nil
}

// webhooks fingerprints the CA bundles of the sidecar injector's webhooks.
func (o *Observer) webhooks(ctx context.Context) (map[string]string, error) {
	list, err := o.kube.Set.AdmissionregistrationV1().MutatingWebhookConfigurations().List(ctx, metav1.ListOptions{LabelSelector: "app=sidecar-injector"})
	if err != nil {
		return nil, fmt.Errorf("list the injection webhooks: %w", err)
	}
	roots := map[string]string{}
	for _, c := range list.Items {
		for _, w := range c.Webhooks {
			root := ""
			if len(w.ClientConfig.CABundle) > 0 {
				if root, err = observe.Fingerprint(w.ClientConfig.CABundle); err != nil {
					return nil, evidence.Absent(evidence.Final, fmt.Errorf("read the CA bundle of webhook %s/%s: %w", c.Name, w.Name, err))
				}
			}
			roots[c.Name+"/"+w.Name] = root
		}
	}
	return roots, nil
}
