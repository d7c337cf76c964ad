package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	toolswatch "k8s.io/client-go/tools/watch"
)

// untilReady waits until so many nodes are Ready and CNI, proxy, DNS and storage run on them.
func (c *Cluster) untilReady(ctx context.Context, count int, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c.log("wait for nodes, network, DNS and storage")
	nodes := list{c.Kube.Set.CoreV1().RESTClient(), "nodes", "", &corev1.Node{}}
	if err := nodes.until(ctx, count, nodeState); err != nil {
		return err
	}
	sets := list{c.Kube.Set.AppsV1().RESTClient(), "daemonsets", "kube-system", &appsv1.DaemonSet{}}
	// Two: kindnet and kube-proxy, each with a pod a node.
	err := sets.until(ctx, 2, func(o runtime.Object) (name, unready string) { return daemonSetState(o, count) })
	if err != nil {
		return err
	}
	if err := c.Kube.UntilAvailable(ctx, "kube-system", limit, "coredns"); err != nil {
		return err
	}
	return c.Kube.UntilAvailable(ctx, "local-path-storage", limit, "local-path-provisioner")
}

// list is what a wait looks at: all objects of a resource.
type list struct {
	client    rest.Interface
	resource  string
	namespace string
	object    runtime.Object
}

// until waits until at least atLeast objects are there and state returns "" for
// each. The error has each object's last state.
func (l list) until(ctx context.Context, atLeast int, state func(runtime.Object) (name, unready string)) error {
	unready := map[string]string{}
	lw := cache.NewListWatchFromClient(l.client, l.resource, l.namespace, fields.Everything())
	_, err := toolswatch.UntilWithSync(ctx, lw, l.object, nil, func(e watch.Event) (bool, error) {
		name, why := state(e.Object)
		if e.Type == watch.Deleted {
			delete(unready, name)
			return false, nil
		}
		unready[name] = why
		for _, why := range unready {
			if why != "" {
				return false, nil
			}
		}
		return len(unready) >= atLeast, nil
	})
	if err == nil {
		return nil
	}
	var seen []string
	for _, name := range slices.Sorted(maps.Keys(unready)) {
		if unready[name] != "" {
			seen = append(seen, name+": "+unready[name])
		}
	}
	return fmt.Errorf("wait for the %s of the cluster (%d seen, want at least %d): %w: %s", l.resource, len(unready), atLeast, err, strings.Join(seen, "; "))
}

func nodeState(o runtime.Object) (name, unready string) {
	n, ok := o.(*corev1.Node)
	if !ok {
		return fmt.Sprintf("%T", o), "not a node"
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue {
			return n.Name, ""
		}
		if c.Type == corev1.NodeReady {
			return n.Name, c.Reason + ": " + c.Message
		}
	}
	return n.Name, "has not reported yet"
}

func daemonSetState(o runtime.Object, nodes int) (name, unready string) {
	d, ok := o.(*appsv1.DaemonSet)
	if !ok {
		return fmt.Sprintf("%T", o), "not a DaemonSet"
	}
	s := d.Status
	if s.ObservedGeneration < d.Generation || int(s.DesiredNumberScheduled) < nodes || s.NumberAvailable < s.DesiredNumberScheduled {
		return d.Name, fmt.Sprintf("%d of %d pods run on %d nodes", s.NumberAvailable, s.DesiredNumberScheduled, nodes)
	}
	return d.Name, ""
}
