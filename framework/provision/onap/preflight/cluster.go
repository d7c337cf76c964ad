package preflight

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
)

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
	// DefaultStorage tells whether a claim that names no class gets a volume;
	// Volumes are the classes of the volumes that are free.
	DefaultStorage bool
	Volumes        map[string]bool
	// Unknown are the facts that we may not ask for, by the names Gather has for
	// them: what depends on them is not checked.
	Unknown map[string]bool
}

// defaultClass marks the StorageClass of claims that name none.
const defaultClass = "storageclass.kubernetes.io/is-default-class"

// Gather asks the cluster for its facts, those of the namespace among them. What
// we are forbidden to ask stays unknown.
func Gather(ctx context.Context, c *kube.Client, namespace string) (Cluster, error) {
	out := Cluster{Kinds: map[schema.GroupKind]bool{}, Objects: map[string]bool{}, Volumes: map[string]bool{}, Unknown: map[string]bool{}}
	type step struct {
		what string
		do   func(context.Context, *kube.Client, string) error
	}
	steps := []step{{"nodes", out.nodes}, {"pods", out.pods}, {"kinds", out.kinds}, {"injector", out.injector}, {"storage", out.storage}}
	for kind, resource := range referred() {
		steps = append(steps, step{kind + "s", out.objects(kind, resource)})
	}
	for _, step := range steps {
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
		f.Nodes = append(f.Nodes, amountOf(n.Status.Allocatable))
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
		f.Used.add(requests(p.Spec))
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
	f.Sidecar = amountOf(values.Global.Proxy.Resources.Requests)
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
	volumes, err := c.Set.CoreV1().PersistentVolumes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, v := range volumes.Items {
		if v.Spec.ClaimRef == nil {
			f.Volumes[cmp.Or(v.Annotations[corev1.BetaStorageClassAnnotation], v.Spec.StorageClassName)] = true
		}
	}
	return nil
}

// referred are the kinds of objects that charts refer to.
func referred() map[string]schema.GroupVersionResource {
	return map[string]schema.GroupVersionResource{
		"Secret": {Version: "v1", Resource: "secrets"}, "ConfigMap": {Version: "v1", Resource: "configmaps"},
		"ServiceAccount": {Version: "v1", Resource: "serviceaccounts"}, "Service": {Version: "v1", Resource: "services"},
		"PersistentVolumeClaim": {Version: "v1", Resource: "persistentvolumeclaims"},
		"Role":                  {Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "roles"},
	}
}

// objects puts down the names of what there is of a kind, of an earlier install too.
func (f *Cluster) objects(kind string, resource schema.GroupVersionResource) func(context.Context, *kube.Client, string) error {
	return func(ctx context.Context, c *kube.Client, namespace string) error {
		list, err := c.Dynamic.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, o := range list.Items {
			f.Objects[kind+" "+o.GetName()] = true
		}
		return nil
	}
}
