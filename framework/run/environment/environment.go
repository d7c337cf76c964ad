// Package environment describes what the specs of a stage will run on, as it is
// found before they are run: cluster and nodes, Istio and its injector, images and
// where they came from, Helm releases, this machine.
//
// It only looks, and says what is there, not what should be. What may not be looked
// at, as on a real cluster, is missing from the description and noted; it never
// keeps a run from its specs.
package environment

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/cluster"
	"github.com/onap/meshcert/framework/observe/injection"
	"github.com/onap/meshcert/framework/observe/pods"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/provision/istio/canary"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"

	provisioned "github.com/onap/meshcert/framework/provision/cluster"
)

// Source is where a description is taken from.
type Source struct {
	// Release is the stage's name.
	Release string
	Cluster *provisioned.Cluster
	// Engine runs the nodes of a cluster of ours; nil where it is not known.
	Engine *engine.Engine
	// EgressClosed tells that we closed the cluster's way out.
	EgressClosed bool
	// Images are those that we made.
	Images *image.Store
	// Plan is what this run would install, to compare with what is there.
	Plan func(context.Context) (*onap.Plan, error)
}

// description is a description in the making.
type description struct {
	Source
	observer *cluster.Observer
	plan     *onap.Plan

	seen  report.Environment
	notes []string
	// pods are those of the namespaces that the suite has to do with.
	pods []evidence.Pods
}

// Describe looks at everything once. The notes say what could not be looked at,
// and what else a reader must know of the description.
func Describe(ctx context.Context, from Source) (report.Environment, []string) {
	d := &description{Source: from, observer: cluster.New(from.Cluster.Kube), seen: report.Environment{Release: from.Release}}
	for _, part := range []struct {
		what string
		look func(context.Context) error
	}{
		{"the charts of this run", d.readPlan}, {"the cluster", d.lookAtCluster}, {"the images of the nodes", d.lookAtNodes}, {"Istio", d.lookAtIstio},
		{"the injector", d.lookAtInjector}, {"pods", d.lookAtPods}, {"images", d.lookAtImages}, {"the Helm releases", d.lookAtCharts}, {"this machine", d.lookAtHost},
	} {
		if err := part.look(ctx); err != nil {
			d.note("%s could not be looked at for the report: %v", part.what, err)
		}
	}
	return d.seen, d.notes
}

func (d *description) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *description) readPlan(ctx context.Context) error {
	var err error
	d.plan, err = d.Plan(ctx)
	return err
}

func (d *description) lookAtCluster(ctx context.Context) error {
	seen, err := d.observer.Cluster(ctx, cluster.Probe{})
	if err != nil {
		return err
	}
	d.seen.Kubernetes = seen.Version
	for _, n := range seen.Nodes {
		d.seen.Nodes = append(d.seen.Nodes, report.Node{Name: n.Name, Kubelet: n.Kubelet, OS: n.OS, Runtime: n.Runtime})
	}
	if d.Cluster.Owned {
		d.seen.Egress = map[bool]string{true: "closed", false: "open"}[d.EgressClosed]
	}
	return nil
}

// lookAtNodes asks the engine what the nodes of a cluster of ours are made of.
func (d *description) lookAtNodes(ctx context.Context) error {
	if !d.Cluster.Owned || d.Engine == nil {
		return nil
	}
	images, err := d.Cluster.NodeImages(ctx, d.Engine)
	for i, n := range d.seen.Nodes {
		d.seen.Nodes[i].ImageDigest = images[n.Name]
	}
	return err
}

func (d *description) lookAtIstio(ctx context.Context) error {
	seen, err := d.observer.ControlPlane(ctx)
	d.seen.Istio = seen.Version
	return err
}

func (d *description) lookAtInjector(ctx context.Context) error {
	seen, err := injection.New(d.Cluster.Kube).Injector(ctx)
	d.seen.Policy = seen.Policy
	return err
}

func (d *description) lookAtPods(ctx context.Context) error {
	var problems []error
	observer := pods.New(d.Cluster.Kube)
	for _, namespace := range []string{observe.IstioNamespace, catalogue.Namespace, "kube-system", canary.Namespace} {
		seen, err := observer.List(ctx, namespace)
		problems = append(problems, err)
		d.pods = append(d.pods, seen)
	}
	d.seen.Sidecars, d.seen.Tracer = sidecarsOf(d.pods), tracerOf(d.pods)
	return errors.Join(problems...)
}

// lookAtImages joins what runs with what the nodes of a cluster of ours have
// besides, and says of each where it came from.
func (d *description) lookAtImages(ctx context.Context) error {
	var problem error
	seen := running(d.pods)
	if d.Cluster.Owned {
		var loaded map[string][]string
		if loaded, problem = d.Cluster.Images(ctx); problem == nil {
			seen = slices.Concat(seen, unused(loaded, seen))
		}
	}
	own, err := d.Images.List(ctx)
	standins := map[string]bool{}
	if d.plan != nil {
		for _, s := range d.plan.StandIns {
			if full, err := image.FullName(s.Ref); err == nil {
				standins[full] = true
			}
		}
	}
	d.seen.Images, d.seen.ImageSource = sources(seen, own, standins)
	return errors.Join(problem, err)
}

// lookAtCharts says which charts are installed, and what they were changed by
// where they are those of this run.
func (d *description) lookAtCharts(ctx context.Context) error {
	var problems []error
	for _, namespace := range []string{observe.IstioNamespace, catalogue.Namespace} {
		found, err := d.observer.HelmReleases(ctx, namespace)
		problems = append(problems, err)
		for _, r := range found.Items {
			d.seen.Charts = append(d.seen.Charts, report.Chart{
				Release: r.Name, Namespace: r.Namespace, Name: r.Chart, Version: r.ChartVersion, Digest: r.ChartDigest, ValuesDigest: r.ValuesDigest,
			})
		}
	}
	if d.plan == nil {
		return errors.Join(problems...)
	}
	if others := strange(d.plan, d.seen.Charts); len(others) > 0 {
		d.note("installed from other charts or values than this run's: %s; what was changed in them is not known", strings.Join(others, ", "))
		return errors.Join(problems...)
	}
	for _, c := range d.plan.Changes {
		d.seen.Changes = append(d.seen.Changes, report.Change{Object: c.Object, By: string(c.Step), Rule: string(c.Rule), Field: c.Field, From: c.From, To: c.To})
	}
	return errors.Join(problems...)
}

// strange are the releases of the plan that are not installed from its charts and
// values.
func strange(plan *onap.Plan, installed []report.Chart) []string {
	var names []string
	for _, r := range plan.Releases {
		same := slices.ContainsFunc(installed, func(c report.Chart) bool {
			return c.Namespace == r.Namespace && c.Release == r.Name && c.Digest == r.Origin.Chart && c.ValuesDigest == r.Origin.Values
		})
		if !same {
			names = append(names, r.Name)
		}
	}
	return names
}

// loadScale is the kernel's fixed point of load averages (sysinfo(2)).
const loadScale = 1 << 16

func (d *description) lookAtHost(context.Context) error {
	var info unix.Sysinfo_t
	var name unix.Utsname
	if err := errors.Join(unix.Sysinfo(&info), unix.Uname(&name)); err != nil {
		return fmt.Errorf("ask the kernel for memory, load and its name: %w", err)
	}
	d.seen.Host = &report.Host{
		CPUs: runtime.NumCPU(), MemoryBytes: int64(info.Totalram) * int64(info.Unit), OS: runtime.GOOS, Kernel: unix.ByteSliceToString(name.Release[:]),
	}
	for i, load := range info.Loads {
		d.seen.Host.Load[i] = float64(load) / loadScale
	}
	return nil
}
