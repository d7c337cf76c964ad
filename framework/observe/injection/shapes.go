package injection

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// probers is the sidecar's variable with the probes that its agent makes.
const probers = "ISTIO_KUBE_APP_PROBERS"

// Shapes observes the pods of a namespace and the templates of its workloads,
// both sorted by workload.
func (o *Observer) Shapes(ctx context.Context, namespace string) (evidence.Shapes, error) {
	seen, err := o.shapes(ctx, namespace)
	return seen, observe.NeedsRights(err)
}

func (o *Observer) shapes(ctx context.Context, namespace string) (evidence.Shapes, error) {
	seen := evidence.Shapes{Namespace: namespace, Observed: time.Now().UTC()}
	var err error
	if seen.Injector, err = o.injector(ctx); err != nil {
		return evidence.Shapes{}, err
	}
	templates, err := o.templates(ctx, namespace)
	if err != nil {
		return evidence.Shapes{}, err
	}
	for name, t := range templates {
		shape, err := decodeShape(name, "", t.Annotations, t.Spec)
		if err != nil {
			return evidence.Shapes{}, err
		}
		seen.Templates = append(seen.Templates, shape)
	}
	pods, err := o.kube.Set.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Shapes{}, fmt.Errorf("list pods of namespace %s: %w", namespace, err)
	}
	for i := range pods.Items {
		p := &pods.Items[i]
		if p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed {
			continue
		}
		shape, err := decodeShape(kube.WorkloadOf(p), p.Name, p.Annotations, p.Spec)
		if err != nil {
			return evidence.Shapes{}, err
		}
		seen.Pods = append(seen.Pods, shape)
	}
	for _, all := range [][]evidence.Shape{seen.Templates, seen.Pods} {
		slices.SortFunc(all, func(a, b evidence.Shape) int {
			return cmp.Or(cmp.Compare(a.Workload, b.Workload), cmp.Compare(a.Pod, b.Pod))
		})
	}
	return seen, nil
}

// templates are the pod templates of the namespace's workloads, by name.
func (o *Observer) templates(ctx context.Context, namespace string) (map[string]corev1.PodTemplateSpec, error) {
	all := map[string]corev1.PodTemplateSpec{}
	apps := o.kube.Set.AppsV1()
	deployments, err := apps.Deployments(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list Deployments of namespace %s: %w", namespace, err)
	}
	for _, d := range deployments.Items {
		all[d.Name] = d.Spec.Template
	}
	sets, err := apps.StatefulSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list StatefulSets of namespace %s: %w", namespace, err)
	}
	for _, s := range sets.Items {
		all[s.Name] = s.Spec.Template
	}
	daemons, err := apps.DaemonSets(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list DaemonSets of namespace %s: %w", namespace, err)
	}
	for _, d := range daemons.Items {
		all[d.Name] = d.Spec.Template
	}
	return all, nil
}

// decodeShape trims a pod or a template. Its error is final: it was made so.
func decodeShape(workload, pod string, annotations map[string]string, spec corev1.PodSpec) (evidence.Shape, error) {
	shape := evidence.Shape{Workload: workload, Pod: pod}
	for key, value := range annotations {
		if name, _, _ := strings.Cut(key, "/"); name == "istio.io" || strings.HasSuffix(name, ".istio.io") {
			if shape.Annotations == nil {
				shape.Annotations = map[string]string{}
			}
			shape.Annotations[key] = value
		}
	}
	var err error
	if shape.Containers, err = decodeContainers(spec.Containers); err == nil {
		shape.InitContainers, err = decodeContainers(spec.InitContainers)
	}
	if err != nil {
		return evidence.Shape{}, evidence.Absent(evidence.Final, fmt.Errorf("read pod %q of workload %q: %w", pod, workload, err))
	}
	return shape, nil
}

func decodeContainers(all []corev1.Container) ([]evidence.ContainerShape, error) {
	var shapes []evidence.ContainerShape
	for _, c := range all {
		shape := evidence.ContainerShape{
			Name: c.Name, Image: c.Image,
			Sidecar:  c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways,
			Requests: quantities(c.Resources.Requests), Limits: quantities(c.Resources.Limits),
		}
		for name, p := range map[string]*corev1.Probe{
			evidence.LivenessProbe: c.LivenessProbe, evidence.ReadinessProbe: c.ReadinessProbe, evidence.StartupProbe: c.StartupProbe,
		} {
			if p == nil {
				continue
			}
			if shape.Probes == nil {
				shape.Probes = map[string]evidence.Probe{}
			}
			shape.Probes[name] = evidence.Probe{
				Action: action(p.ProbeHandler, c.Ports), Delay: int(p.InitialDelaySeconds), Period: int(p.PeriodSeconds),
				Timeout: int(p.TimeoutSeconds), Success: int(p.SuccessThreshold), Failure: int(p.FailureThreshold),
			}
		}
		var err error
		if shape.AppProbers, err = decodeProbers(variable([]corev1.Container{c}, probers)); err != nil {
			return nil, fmt.Errorf("container %s, variable %s: %w", c.Name, probers, err)
		}
		shapes = append(shapes, shape)
	}
	return shapes, nil
}

func quantities(list corev1.ResourceList) map[string]string {
	var all map[string]string
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if q, ok := list[name]; ok {
			if all == nil {
				all = map[string]string{}
			}
			all[string(name)] = q.String()
		}
	}
	return all
}

// decodeProbers reads the variable; nothing when it is not set.
func decodeProbers(text string) (map[string]evidence.Probe, error) {
	if text == "" {
		return nil, nil
	}
	var all map[string]struct {
		corev1.ProbeHandler `json:",inline"`
		TimeoutSeconds      int32 `json:"timeoutSeconds"`
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	probes := map[string]evidence.Probe{}
	for path, p := range all {
		probes[path] = evidence.Probe{Action: action(p.ProbeHandler, nil), Timeout: int(p.TimeoutSeconds)}
	}
	return probes, nil
}

// action is a probe's question as text.
func action(h corev1.ProbeHandler, ports []corev1.ContainerPort) string {
	switch {
	case h.HTTPGet != nil:
		scheme := strings.ToLower(cmp.Or(string(h.HTTPGet.Scheme), string(corev1.URISchemeHTTP)))
		return scheme + ":" + number(h.HTTPGet.Port, ports) + "/" + strings.TrimPrefix(h.HTTPGet.Path, "/")
	case h.TCPSocket != nil:
		return "tcp:" + number(h.TCPSocket.Port, ports)
	case h.GRPC != nil:
		service := ""
		if h.GRPC.Service != nil {
			service = *h.GRPC.Service
		}
		return fmt.Sprintf("grpc:%d/%s", h.GRPC.Port, service)
	case h.Exec != nil:
		return "exec:" + strings.Join(h.Exec.Command, " ")
	}
	return ""
}

// number is a probe's port; one by name is looked up among the container's.
func number(port intstr.IntOrString, ports []corev1.ContainerPort) string {
	for _, p := range ports {
		if port.Type == intstr.String && p.Name == port.StrVal {
			return fmt.Sprint(p.ContainerPort)
		}
	}
	return port.String()
}
