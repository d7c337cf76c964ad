// Package proxy observes sidecars: what istiod says of their connection and
// configuration, and which certificates they hold. It guarantees one entry for
// each proxy that istiod knows and for each pod with a container istio-proxy; a
// proxy that could not be asked says so in its entry.
package proxy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

const (
	// parallel bounds how many proxies are asked at once.
	parallel = 8
	// perProxy bounds one of them.
	perProxy = 15 * time.Second
)

// Observer asks istiod and the proxies.
type Observer struct {
	kube *kube.Client
	// exec runs a command in a container and returns its output.
	exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, error)
}

// New returns an observer of the mesh whose istiod runs in namespace istio-system.
func New(client *kube.Client) *Observer { return &Observer{kube: client, exec: client.Exec} }

// Observe asks istiod and every proxy among the pods. A proxy that cannot be
// asked has Error set; an istiod that cannot be asked is an error.
func (o *Observer) Observe(ctx context.Context, pods ...evidence.Pods) (evidence.Proxies, error) {
	seen, err := o.observe(ctx, pods)
	return seen, observe.Absent(err)
}

func (o *Observer) observe(ctx context.Context, pods []evidence.Pods) (evidence.Proxies, error) {
	seen := evidence.Proxies{Observed: time.Now().UTC(), Rejects: map[string]float64{}}
	root, err := observe.MeshRoot(ctx, o.kube)
	if err != nil {
		return evidence.Proxies{}, err
	}
	seen.Root = root
	items, err := o.fromIstiod(ctx, seen.Rejects)
	if err != nil {
		return evidence.Proxies{}, err
	}
	for _, p := range pods {
		items = withPods(items, p)
	}
	if err := o.certificates(ctx, items); err != nil {
		return evidence.Proxies{}, err
	}
	for _, i := range items {
		seen.Items = append(seen.Items, i.proxy)
	}
	slices.SortFunc(seen.Items, func(a, b evidence.Proxy) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Pod, b.Pod))
	})
	return seen, nil
}

// item is a proxy, and whether its pod is among those to ask.
type item struct {
	proxy evidence.Proxy
	ask   bool
}

// fromIstiod asks every ready istiod for its proxies and adds up its rejects.
func (o *Observer) fromIstiod(ctx context.Context, rejects map[string]float64) ([]*item, error) {
	pods, err := o.kube.Set.CoreV1().Pods(observe.IstioNamespace).List(ctx, metav1.ListOptions{LabelSelector: "app=istiod"})
	if err != nil {
		return nil, fmt.Errorf("list the pods of istiod: %w", err)
	}
	ready := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || !slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
	})
	if len(ready) == 0 {
		return nil, evidence.Absent(evidence.Unmet,
			fmt.Errorf("ask istiod: none of its %d pods in namespace %s is ready", len(pods.Items), observe.IstioNamespace))
	}
	var items []*item
	for _, p := range ready {
		ask := func(path string) (string, error) {
			return o.exec(ctx, observe.IstioNamespace, p.Name, "discovery", "pilot-discovery", "request", "GET", path)
		}
		status, err := ask("/debug/syncz")
		if err != nil {
			return nil, fmt.Errorf("ask istiod for its proxies: %w", err)
		}
		found, err := decodeSync([]byte(status))
		if err != nil {
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("read istiod's /debug/syncz of pod %s: %w", p.Name, err))
		}
		for _, f := range found {
			items = append(items, &item{proxy: f})
		}
		metrics, err := ask("/metrics")
		if err != nil {
			return nil, fmt.Errorf("ask istiod for its metrics: %w", err)
		}
		if err := addRejects(metrics, rejects); err != nil {
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("read istiod's /metrics of pod %s: %w", p.Name, err))
		}
	}
	return items, nil
}

// withPods marks the proxies of the pods to be asked, and adds those that
// istiod does not know.
func withPods(items []*item, pods evidence.Pods) []*item {
	for _, p := range pods.Items {
		proxied := slices.ContainsFunc(slices.Concat(p.Containers, p.InitContainers), func(c evidence.Container) bool { return c.Name == catalogue.Proxy })
		if !proxied || p.Terminating {
			continue
		}
		i := slices.IndexFunc(items, func(i *item) bool { return i.proxy.Namespace == pods.Namespace && i.proxy.Pod == p.Name })
		if i < 0 {
			items = append(items, &item{proxy: evidence.Proxy{Namespace: pods.Namespace, Pod: p.Name}})
			i = len(items) - 1
		}
		items[i].ask, items[i].proxy.Workload = true, p.Workload
	}
	return items
}

// certificates asks the marked proxies in parallel.
func (o *Observer) certificates(ctx context.Context, items []*item) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, i := range items {
		if !i.ask {
			continue
		}
		group.Go(func() error {
			limited, cancel := context.WithTimeout(ctx, perProxy)
			defer cancel()
			if err := o.secrets(limited, &i.proxy); err != nil {
				i.proxy.Error = err.Error()
			}
			return ctx.Err()
		})
	}
	return group.Wait()
}

func (o *Observer) secrets(ctx context.Context, p *evidence.Proxy) error {
	dump, err := o.exec(ctx, p.Namespace, p.Pod, catalogue.Proxy, "pilot-agent", "request", "GET", "config_dump?resource=dynamic_active_secrets")
	if err != nil {
		return fmt.Errorf("ask the proxy for its certificates: %w", err)
	}
	if err := decodeSecrets([]byte(answer(dump)), p); err != nil {
		return fmt.Errorf("read the certificates of the proxy in pod %s/%s: %w", p.Namespace, p.Pod, err)
	}
	return nil
}

// answer is the JSON document in what pilot-agent printed: its own log lines
// come first on the same stream.
func answer(printed string) string {
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "{") {
			break
		}
		printed = strings.TrimPrefix(printed, line)
	}
	return strings.TrimSpace(printed)
}
