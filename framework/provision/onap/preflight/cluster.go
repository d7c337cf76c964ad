package preflight

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
)

// Amount is CPU and memory.
type Amount struct {
	CPU, Memory resource.Quantity
}

func (a *Amount) add(list corev1.ResourceList) {
	a.CPU.Add(*list.Cpu())
	a.Memory.Add(*list.Memory())
}

// Cluster are the facts that Check compares with.
type Cluster struct {
	// Nodes are what pods can have on each node that takes some, Used what pods
	// outside the namespace ask for in all.
	Nodes []Amount
	Used  Amount
	// Policy is the injector's, "" where there is none; Sidecar what a sidecar asks for.
	Policy  catalogue.Policy
	Sidecar Amount
	// Kinds are the kinds that are served.
	Kinds map[schema.GroupKind]bool
	// Objects are what is in the namespace already, as "Secret name"; of Services
	// and StorageClasses as well.
	Objects map[string]bool
	// DefaultStorage tells whether a claim that names no class gets a volume.
	DefaultStorage bool
	// Unknown are the facts that we may not ask for, by the names Gather has for
	// them: what depends on them is not checked.
	Unknown map[string]bool
}

// defaultClass marks the StorageClass of claims that name none.
const defaultClass = "storageclass.kubernetes.io/is-default-class"

// Gather asks the cluster for its facts, those of the namespace among them. What
// we are forbidden to ask stays unknown.
func Gather(ctx context.Context, c *kube.Client, namespace string) (Cluster, error) {
	out := Cluster{Kinds: map[schema.GroupKind]bool{}, Objects: map[string]bool{}, Unknown: map[string]bool{}}
	for _, step := range []struct {
		what string
		do   func(context.Context, *kube.Client, string) error
	}{
		{"nodes", out.nodes}, {"pods", out.pods}, {"kinds", out.kinds}, {"injector", out.injector}, {"storage", out.storage}, {"objects", out.objects},
	} {
		err := step.do(ctx, c, namespace)
		if apierrors.IsForbidden(err) {
			out.Unknown[step.what] = true
			continue
		}
		if err != nil {
			return out, fmt.Errorf("ask the cluster for its %s: %w", step.what, err)
		}
	}
	return out, nil
}

func (f *Cluster) nodes(ctx context.Context, c *kube.Client, _ string) error {
	nodes, err := c.Set.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, n := range nodes.Items {
		if n.Spec.Unschedulable || repels(n.Spec.Taints) {
			continue
		}
		var a Amount
		a.add(n.Status.Allocatable)
		f.Nodes = append(f.Nodes, a)
	}
	return nil
}

func repels(taints []corev1.Taint) bool {
	for _, t := range taints {
		if t.Effect == corev1.TaintEffectNoSchedule || t.Effect == corev1.TaintEffectNoExecute {
			return true
		}
	}
	return false
}

func (f *Cluster) pods(ctx context.Context, c *kube.Client, namespace string) error {
	pods, err := c.Set.CoreV1().Pods("").List(ctx, metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed,metadata.namespace!=" + namespace})
	if err != nil {
		return err
	}
	for _, p := range pods.Items {
		of := requests(p.Spec)
		f.Used.CPU.Add(of.CPU)
		f.Used.Memory.Add(of.Memory)
	}
	return nil
}

// kinds takes what discovery brings; of a group that does not answer nothing is known.
func (f *Cluster) kinds(_ context.Context, c *kube.Client, _ string) error {
	_, lists, err := c.Set.Discovery().ServerGroupsAndResources()
	if lists == nil && err != nil {
		return err
	}
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return err
		}
		for _, r := range list.APIResources {
			f.Kinds[schema.GroupKind{Group: version.Group, Kind: r.Kind}] = true
		}
	}
	return nil
}

// injector reads the injector's settings, where Istio is there.
func (f *Cluster) injector(ctx context.Context, c *kube.Client, _ string) error {
	settings, err := c.Set.CoreV1().ConfigMaps("istio-system").Get(ctx, "istio-sidecar-injector", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var values struct {
		Global struct {
			Proxy struct {
				AutoInject catalogue.Policy `json:"autoInject"`
				Resources  struct {
					Requests corev1.ResourceList `json:"requests"`
				} `json:"resources"`
			} `json:"proxy"`
		} `json:"global"`
	}
	if err := json.Unmarshal([]byte(settings.Data["values"]), &values); err != nil {
		return fmt.Errorf("ConfigMap istio-system/istio-sidecar-injector: values: %w", err)
	}
	f.Policy = values.Global.Proxy.AutoInject
	f.Sidecar.add(values.Global.Proxy.Resources.Requests)
	return nil
}

func (f *Cluster) storage(ctx context.Context, c *kube.Client, _ string) error {
	classes, err := c.Set.StorageV1().StorageClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, class := range classes.Items {
		f.Objects["StorageClass "+class.Name] = true
		f.DefaultStorage = f.DefaultStorage || class.Annotations[defaultClass] == "true"
	}
	return nil
}

// referred are the kinds of objects that charts refer to.
func referred() []schema.GroupVersionResource {
	return []schema.GroupVersionResource{
		{Version: "v1", Resource: "secrets"}, {Version: "v1", Resource: "configmaps"}, {Version: "v1", Resource: "serviceaccounts"},
		{Version: "v1", Resource: "services"}, {Version: "v1", Resource: "persistentvolumeclaims"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	}
}

// objects are the names of what is there, those of an earlier install among them.
func (f *Cluster) objects(ctx context.Context, c *kube.Client, namespace string) error {
	for _, r := range referred() {
		list, err := c.Dynamic.Resource(r).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return fmt.Errorf("%s: %w", r.Resource, err)
		}
		for _, o := range list.Items {
			f.Objects[o.GetKind()+" "+o.GetName()] = true
		}
	}
	return nil
}
