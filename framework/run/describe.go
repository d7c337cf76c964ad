package run

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/onap/meshcert/framework/observe/cluster"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
)

// describe writes down what the specs will run on, as observed.
func (a *ascent) describe(ctx context.Context) error {
	observer := cluster.New(a.cluster.Kube)
	seen, err := observer.Cluster(ctx, cluster.Probe{})
	if err != nil {
		return fmt.Errorf("describe the cluster: %w", err)
	}
	controlPlane, err := observer.ControlPlane(ctx)
	if err != nil {
		return fmt.Errorf("describe the control plane: %w", err)
	}
	host, err := describeHost()
	if err != nil {
		return err
	}
	e := &report.Environment{
		Release: a.order.Run.Name(), Kubernetes: seen.Version, Istio: controlPlane.Version,
		ImageSource: a.source, Host: host, Images: a.describeImages(),
	}
	for _, c := range a.plan.Changes {
		e.Changes = append(e.Changes, report.Change{Object: c.Object, By: string(c.Step), Rule: string(c.Rule), Field: c.Field, From: c.From, To: c.To})
	}
	for _, n := range seen.Nodes {
		e.Nodes = append(e.Nodes, report.Node{Name: n.Name, Kubelet: n.Kubelet, OS: n.OS, Runtime: n.Runtime})
	}
	for _, namespace := range []string{istio.Namespace, spec.Namespace} {
		releases, err := observer.HelmReleases(ctx, namespace)
		if err != nil {
			return fmt.Errorf("describe the Helm releases of %s: %w", namespace, err)
		}
		for _, r := range releases.Items {
			e.Charts = append(e.Charts, report.Chart{Release: r.Name, Namespace: r.Namespace, Name: r.Chart, Version: r.ChartVersion})
		}
	}
	return a.records.Append(report.Record{Environment: e})
}

// describeImages lists what was loaded into the nodes, the nodes' own image first.
func (a *ascent) describeImages() []report.Image {
	standins := map[string]bool{}
	for _, s := range a.standins {
		standins[s.Ref] = true
	}
	var images []report.Image
	if a.node.Ref != "" {
		images = append(images, report.Image{Ref: a.node.Ref, Digest: a.node.ID, Source: a.node.Source})
	}
	for _, i := range a.images {
		images = append(images, report.Image{Ref: i.Ref, Digest: i.Digest, Source: i.Source, Standin: standins[i.Ref]})
	}
	return images
}

// loadScale is the kernel's fixed point of load averages (sysinfo(2)).
const loadScale = 1 << 16

func describeHost() (*report.Host, error) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return nil, fmt.Errorf("ask the kernel for memory and load: %w", err)
	}
	host := &report.Host{CPUs: runtime.NumCPU(), MemoryBytes: int64(info.Totalram) * int64(info.Unit), OS: runtime.GOOS}
	for i, load := range info.Loads {
		host.Load[i] = float64(load) / loadScale
	}
	return host, nil
}
