package preflight

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// Amount is CPU and memory.
type Amount struct {
	CPU, Memory resource.Quantity
}

func (a *Amount) add(b Amount) {
	a.CPU.Add(b.CPU)
	a.Memory.Add(b.Memory)
}

// times is the amount n times.
func (a Amount) times(n int) Amount {
	out := Amount{a.CPU.DeepCopy(), a.Memory.DeepCopy()}
	out.CPU.Mul(int64(n))
	out.Memory.Mul(int64(n))
	return out
}

// atLeast raises what is below b to it.
func (a *Amount) atLeast(b Amount) {
	if a.CPU.Cmp(b.CPU) < 0 {
		a.CPU = b.CPU.DeepCopy()
	}
	if a.Memory.Cmp(b.Memory) < 0 {
		a.Memory = b.Memory.DeepCopy()
	}
}

// amountOf is what a list has of the two.
func amountOf(list corev1.ResourceList) Amount { return Amount{*list.Cpu(), *list.Memory()} }

// room compares what the pods ask for with what the nodes have left.
func (c *check) room() {
	if c.cluster.Unknown["nodes"] || c.cluster.Unknown["pods"] {
		return
	}
	if len(c.cluster.Nodes) == 0 {
		c.problem(true, namespace, "", "add a node, or take a taint or a cordon from one", "no node of the cluster takes pods")
		return
	}
	var want, have Amount
	for _, n := range c.cluster.Nodes {
		have.add(n)
	}
	have.CPU.Sub(c.cluster.Used.CPU)
	have.Memory.Sub(c.cluster.Used.Memory)
	sidecars := 0
	for _, p := range c.pods.Pods {
		replicas := c.replicas(p)
		if replicas == 0 {
			continue
		}
		one := requests(p.Template.Spec)
		if c.injected(p) {
			sidecars += replicas
			one.add(c.cluster.Sidecar)
		}
		c.largest(p, one)
		want.add(one.times(replicas))
	}
	for _, r := range []struct {
		name       string
		want, have resource.Quantity
	}{{"CPU", want.CPU, have.CPU}, {"memory", want.Memory, have.Memory}} {
		if r.want.Cmp(r.have) > 0 {
			c.problem(true, namespace, "", "take a larger cluster, or ask for less with --set, as global.flavor=unlimited does",
				"the pods ask for %s of %s with %d sidecars, and the nodes have %s left", r.want.String(), r.name, sidecars, r.have.String())
		}
	}
}

// replicas is how many pods there will be: of a DaemonSet that goes everywhere
// one for each node.
func (c *check) replicas(p derive.Pod) int {
	if p.Kind == catalogue.DaemonSet && len(p.Template.Spec.NodeSelector) == 0 && p.Template.Spec.Affinity == nil {
		return len(c.cluster.Nodes)
	}
	return max(0, p.Replicas)
}

// largest finds a pod that fits on no node.
func (c *check) largest(p derive.Pod, want Amount) {
	fits := func(n Amount) bool { return want.CPU.Cmp(n.CPU) <= 0 && want.Memory.Cmp(n.Memory) <= 0 }
	if !slices.ContainsFunc(c.cluster.Nodes, fits) {
		c.problem(true, p.Object, "spec.template.spec.containers.resources", "ask for less with --set, or take larger nodes",
			"a pod asks for %s CPU and %s memory, which no node has", want.CPU.String(), want.Memory.String())
	}
}

// requests is what the scheduler wants for a pod: its containers and sidecars
// together, or an init container with the sidecars started before it, if that is more.
func requests(pod corev1.PodSpec) Amount {
	var beside, first Amount
	for _, c := range pod.InitContainers {
		one := asked(c)
		one.add(beside)
		first.atLeast(one)
		if c.RestartPolicy != nil { // it runs beside the others
			beside = one
		}
	}
	all := beside.times(1)
	for _, c := range pod.Containers {
		all.add(asked(c))
	}
	all.atLeast(first)
	all.add(amountOf(pod.Overhead))
	return all
}

// asked is what a container requests: of what it has only a limit for, as much.
func asked(c corev1.Container) Amount {
	list := c.Resources.Limits.DeepCopy()
	if list == nil {
		list = corev1.ResourceList{}
	}
	for name, quantity := range c.Resources.Requests {
		list[name] = quantity
	}
	return amountOf(list)
}

func (c *check) injected(p derive.Pod) bool {
	if c.cluster.Policy == "" {
		return false
	}
	return catalogue.Workload{Annotation: derive.Asked(p.Template)}.Injected(c.cluster.Policy)
}
