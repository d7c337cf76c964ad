package proxy

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// Tracers asks the sidecars of the workloads how they treat requests and what
// became of the spans they reported. A sidecar that cannot be asked has Error
// set; a pod without one has no entry.
func (o *Observer) Tracers(ctx context.Context, pods evidence.Pods, workloads []string) (evidence.Tracers, error) {
	services, err := o.kube.Set.CoreV1().Services(pods.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Tracers{}, observe.Absent(fmt.Errorf("list the Services of namespace %s: %w", pods.Namespace, err))
	}
	seen := evidence.Tracers{Observed: time.Now().UTC()}
	for _, p := range pods.Items {
		if p.Terminating || !slices.Contains(workloads, p.Workload) || !withProxy(p) {
			continue
		}
		seen.Items = append(seen.Items, evidence.Tracer{
			Pod: p.Name, Namespace: pods.Namespace, Workload: p.Workload, Ports: portsOf(p, services.Items),
		})
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range seen.Items {
		group.Go(func() error {
			limited, cancel := context.WithTimeout(ctx, perProxy)
			defer cancel()
			if err := o.tracer(limited, &seen.Items[i]); err != nil {
				seen.Items[i].Error = err.Error()
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return evidence.Tracers{}, observe.Absent(err)
	}
	return seen, nil
}

func withProxy(p evidence.Pod) bool {
	return slices.ContainsFunc(slices.Concat(p.Containers, p.InitContainers), func(c evidence.Container) bool { return c.Name == catalogue.Proxy })
}

// portsOf are the TCP ports of the Services that select the pod. A target port by
// name is told by the Service's own number.
func portsOf(p evidence.Pod, services []corev1.Service) []evidence.TracedPort {
	var ports []evidence.TracedPort
	for _, s := range services {
		if len(s.Spec.Selector) == 0 || !labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(p.Labels)) {
			continue
		}
		for _, port := range s.Spec.Ports {
			if port.Protocol == corev1.ProtocolUDP {
				continue
			}
			one := evidence.TracedPort{Service: s.Name, Name: port.Name, Port: int(port.Port)}
			if port.AppProtocol != nil {
				one.AppProtocol = *port.AppProtocol
			}
			if port.TargetPort.IntVal != 0 {
				one.Port = int(port.TargetPort.IntVal)
			}
			ports = append(ports, one)
		}
	}
	return ports
}

// tracer fills in what the sidecar itself says.
func (o *Observer) tracer(ctx context.Context, t *evidence.Tracer) error {
	ask := func(path string) ([]byte, error) {
		text, err := o.exec(ctx, t.Namespace, t.Pod, catalogue.Proxy, "pilot-agent", "request", "GET", path)
		return []byte(answer(text)), err
	}
	dump, err := ask("config_dump?resource=dynamic_listeners&name_regex=^virtualInbound$")
	if err != nil {
		return fmt.Errorf("ask the proxy for its inbound listener: %w", err)
	}
	collector, err := decodeInbound(dump, t)
	if err != nil {
		return fmt.Errorf("read the inbound listener of the proxy in pod %s/%s: %w", t.Namespace, t.Pod, err)
	}
	if collector == "" {
		return nil
	}
	clusters, err := ask("clusters?format=json&filter=" + host(collector))
	if err != nil {
		return fmt.Errorf("ask the proxy for its reports: %w", err)
	}
	if err := decodeReports(clusters, collector, &t.Reports); err != nil {
		return fmt.Errorf("read the reports of the proxy in pod %s/%s: %w", t.Namespace, t.Pod, err)
	}
	return nil
}
