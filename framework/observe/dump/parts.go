package dump

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

const (
	// logLines and logBytes are for one container.
	logLines = 2000
	logBytes = 1 << 20
	// maxProxies is how many Envoy configurations, of 1 to 3 MB each, are taken.
	maxProxies = 8
)

// dump is one dump under way.
type dump struct {
	client *kube.Client
	out    *box
	// wanted are the names whose proxy configuration is asked for.
	wanted []string

	mu    sync.Mutex
	found []corev1.Pod
}

func (d *dump) pods(ctx context.Context, namespace string) error {
	found, err := d.find(ctx, namespace)
	if err != nil {
		return err
	}
	return d.out.putJSON(namespace+"/pods.json", found)
}

// find lists the pods of a namespace and remembers them for proxies and logs.
func (d *dump) find(ctx context.Context, namespace string) ([]corev1.Pod, error) {
	list, err := d.client.Set.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		list.Items[i].ManagedFields = nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.found = append(d.found, list.Items...)
	return list.Items, nil
}

func (d *dump) events(ctx context.Context, namespace string) error {
	list, err := d.client.Set.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for i := range list.Items {
		list.Items[i].ManagedFields = nil
	}
	return d.out.putJSON(namespace+"/events.json", list.Items)
}

// logs are the parts for every container that has run, and for the run before
// it where it was restarted.
func (d *dump) logs() []part {
	var parts []part
	for _, pod := range d.sorted() {
		for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			if s.State.Waiting == nil {
				parts = append(parts, d.log(&pod, s.Name, false))
			}
			if s.RestartCount > 0 {
				parts = append(parts, d.log(&pod, s.Name, true))
			}
		}
	}
	return parts
}

func (d *dump) log(pod *corev1.Pod, container string, previous bool) part {
	namespace, name := pod.Namespace, pod.Name
	file := fmt.Sprintf("%s/logs/%s/%s.log", namespace, name, container)
	if previous {
		file = fmt.Sprintf("%s/logs/%s/%s.previous.log", namespace, name, container)
	}
	lines, bytes := int64(logLines), int64(logBytes)
	options := &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &lines, LimitBytes: &bytes, Timestamps: true}
	return part{"log " + file, func(ctx context.Context) error {
		text, err := d.client.Set.CoreV1().Pods(namespace).GetLogs(name, options).DoRaw(ctx)
		if err != nil {
			return err
		}
		return d.out.put(file, text)
	}}
}

// proxies are the parts for the Envoy configuration of the wanted pods. A
// wanted name that is no pod, or has no sidecar, is a problem.
func (d *dump) proxies() []part {
	var parts []part
	taken, left := map[string]bool{}, 0
	for _, name := range d.wanted {
		what := "proxy configuration of " + name
		matched := false
		for _, pod := range d.sorted() {
			if name != pod.Namespace+"/"+pod.Name && name != pod.Namespace+"/"+kube.WorkloadOf(&pod) {
				continue
			}
			matched = true
			switch full := pod.Namespace + "/" + pod.Name; {
			case taken[full]:
			case !hasProxy(&pod):
				d.out.problem(what, fmt.Errorf("pod %s has no container %s", full, catalogue.Proxy))
			case len(taken) == maxProxies:
				left++
			default:
				taken[full] = true
				parts = append(parts, d.proxy(pod.Namespace, pod.Name))
			}
		}
		if !matched {
			d.out.problem(what, errors.New("no pod of that name or workload was found"))
		}
	}
	if left > 0 {
		d.out.problem("proxy configuration", fmt.Errorf("%d more pods are left out: at most %d are taken", left, maxProxies))
	}
	return parts
}

func (d *dump) proxy(namespace, pod string) part {
	return part{"proxy configuration of " + namespace + "/" + pod, func(ctx context.Context) error {
		text, err := d.client.Exec(ctx, namespace, pod, catalogue.Proxy, "pilot-agent", "request", "GET", "config_dump")
		if err != nil {
			return err
		}
		return d.out.put(fmt.Sprintf("%s/proxy/%s.json", namespace, pod), []byte(text))
	}}
}

// hasProxy tells whether the pod has a sidecar, classic or native.
func hasProxy(pod *corev1.Pod) bool {
	isProxy := func(c corev1.Container) bool { return c.Name == catalogue.Proxy }
	return slices.ContainsFunc(pod.Spec.Containers, isProxy) || slices.ContainsFunc(pod.Spec.InitContainers, isProxy)
}

// sorted returns the pods that were found, by namespace and name.
func (d *dump) sorted() []corev1.Pod {
	all := slices.Clone(d.found)
	slices.SortFunc(all, func(a, b corev1.Pod) int {
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	return all
}

// istio writes all objects of API groups that end in istio.io. A resource that
// cannot be listed does not stop the others.
func (d *dump) istio(ctx context.Context, namespace string) error {
	lists, err := d.client.Set.Discovery().ServerPreferredNamespacedResources()
	problems := []error{err}
	objects := []unstructured.Unstructured{}
	for _, list := range lists {
		group, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil || !strings.HasSuffix(group.Group, "istio.io") {
			continue
		}
		for _, resource := range list.APIResources {
			if !slices.Contains(resource.Verbs, "list") {
				continue
			}
			found, err := d.client.Dynamic.Resource(group.WithResource(resource.Name)).Namespace(namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				problems = append(problems, fmt.Errorf("list %s: %w", resource.Name, err))
				continue
			}
			for _, o := range found.Items {
				o.SetManagedFields(nil)
				objects = append(objects, o)
			}
		}
	}
	return errors.Join(append(problems, d.out.putJSON(namespace+"/istio.json", objects))...)
}

// helm writes name, status and revision of every Helm release. Helm keeps them
// as labels of its Secrets (helm.sh/helm/v3, pkg/storage/driver), so that the
// content, which holds values, is not even asked for.
func (d *dump) helm(ctx context.Context, namespace string) error {
	client, err := metadata.NewForConfig(d.client.Config)
	if err != nil {
		return err
	}
	secrets := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	list, err := client.Resource(secrets).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		return err
	}
	releases := []evidence.HelmRelease{}
	for _, item := range list.Items {
		revision, err := strconv.Atoi(item.Labels["version"])
		if err != nil {
			return fmt.Errorf("revision of Secret %s: %w", item.Name, err)
		}
		releases = append(releases, evidence.HelmRelease{
			Name: item.Labels["name"], Namespace: item.Namespace, Status: item.Labels["status"], Revision: revision,
		})
	}
	return d.out.putJSON(namespace+"/helm.json", releases)
}
