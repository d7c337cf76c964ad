package hygiene

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// Installed observes the workloads and Services of the manifests that Helm
// stored of the namespace's releases, beside those the cluster has now.
func (o *Observer) Installed(ctx context.Context, namespace string) (evidence.Installed, error) {
	seen, err := o.installed(ctx, namespace)
	return seen, observe.Absent(err)
}

func (o *Observer) installed(ctx context.Context, namespace string) (evidence.Installed, error) {
	seen := evidence.Installed{Namespace: namespace, Observed: time.Now().UTC()}
	releases, err := storage.Init(driver.NewSecrets(o.kube.Set.CoreV1().Secrets(namespace))).ListDeployed()
	if err != nil {
		return seen, fmt.Errorf("read Helm's records in namespace %s: %w", namespace, err)
	}
	for _, r := range releases {
		seen.Releases = append(seen.Releases, r.Name)
		objects, err := objects(r.Manifest)
		if err != nil {
			return seen, evidence.Absent(evidence.Final, fmt.Errorf("read the manifest of Helm release %s: %w", r.Name, err))
		}
		for _, stored := range objects {
			one, err := o.compare(ctx, namespace, stored)
			if err != nil {
				return seen, err
			}
			one.Release = r.Name
			seen.Items = append(seen.Items, one)
		}
	}
	slices.Sort(seen.Releases)
	slices.SortFunc(seen.Items, func(a, b evidence.InstalledObject) int { return cmp.Compare(a.Object, b.Object) })
	return seen, nil
}

// objects are the workloads and Services of a manifest.
func objects(manifest string) ([]*unstructured.Unstructured, error) {
	var found []*unstructured.Unstructured
	documents := releaseutil.SplitManifests(manifest)
	for _, name := range sorted(documents) {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(documents[name]), &o.Object); err != nil {
			return nil, err
		}
		if slices.Contains([]string{"Deployment", "StatefulSet", "DaemonSet", "Service"}, o.GetKind()) {
			found = append(found, o)
		}
	}
	return found, nil
}

// compare reads the object as the cluster has it.
func (o *Observer) compare(ctx context.Context, namespace string, stored *unstructured.Unstructured) (evidence.InstalledObject, error) {
	kind := stored.GroupVersionKind()
	namespace = cmp.Or(stored.GetNamespace(), namespace)
	one := evidence.InstalledObject{Object: kind.Kind + " " + namespace + "/" + stored.GetName()}
	var err error
	if one.Stored, err = fields(stored); err != nil {
		return one, evidence.Absent(evidence.Final, fmt.Errorf("read stored %s: %w", one.Object, err))
	}
	mapping, err := o.kube.Mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return one, fmt.Errorf("find the resource of %s: %w", one.Object, err)
	}
	live, err := o.kube.Dynamic.Resource(mapping.Resource).Namespace(namespace).Get(ctx, stored.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return one, nil
	}
	if err == nil {
		one.Live, err = fields(live)
	}
	if err != nil {
		return one, fmt.Errorf("read %s: %w", one.Object, err)
	}
	return one, nil
}

// fields are what an install decides of a workload or Service, as text.
func fields(o *unstructured.Unstructured) (map[string]string, error) {
	f := map[string]string{}
	if o.GetKind() == "Service" {
		var s corev1.Service
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &s); err != nil {
			return nil, err
		}
		f["type"] = cmp.Or(string(s.Spec.Type), string(corev1.ServiceTypeClusterIP))
		for _, p := range s.Spec.Ports {
			in := "ports[" + cmp.Or(p.Name, fmt.Sprint(p.Port)) + "]"
			f[in] = fmt.Sprint(p.Port)
			if to := p.TargetPort.String(); to != "0" && to != f[in] {
				f[in+".targetPort"] = to
			}
			if p.NodePort != 0 {
				f[in+".nodePort"] = fmt.Sprint(p.NodePort)
			}
		}
		return f, nil
	}
	// The three kinds of workloads have these in the same places.
	var w struct {
		Spec struct {
			Replicas *int32                 `json:"replicas"`
			Template corev1.PodTemplateSpec `json:"template"`
		} `json:"spec"`
	}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &w); err != nil {
		return nil, err
	}
	if o.GetKind() != "DaemonSet" {
		f["replicas"] = fmt.Sprint(wanted(w.Spec.Replicas))
	}
	for _, c := range slices.Concat(w.Spec.Template.Spec.InitContainers, w.Spec.Template.Spec.Containers) {
		container(f, c)
	}
	return f, nil
}

func container(f map[string]string, c corev1.Container) {
	in := "containers[" + c.Name + "]."
	f[in+"image"] = c.Image
	var ports []string
	for _, p := range c.Ports {
		ports = append(ports, fmt.Sprint(p.ContainerPort))
	}
	if len(ports) > 0 {
		f[in+"ports"] = strings.Join(ports, ", ")
	}
	for _, e := range c.Env {
		f[in+"env["+e.Name+"]"] = value(e)
	}
}

// value is an environment variable's, or where it comes from.
func value(e corev1.EnvVar) string {
	from := e.ValueFrom
	switch {
	case from == nil:
		return e.Value
	case from.FieldRef != nil:
		return "field " + from.FieldRef.FieldPath
	case from.ResourceFieldRef != nil:
		return "resource " + from.ResourceFieldRef.Resource
	case from.ConfigMapKeyRef != nil:
		return "ConfigMap " + from.ConfigMapKeyRef.Name + " " + from.ConfigMapKeyRef.Key
	case from.SecretKeyRef != nil:
		return "Secret " + from.SecretKeyRef.Name + " " + from.SecretKeyRef.Key
	}
	return "elsewhere"
}
