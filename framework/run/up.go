package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/doctor"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/addon"
	"github.com/onap/meshcert/framework/provision/cluster"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/provision/istio/canary"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/traffic"
)

// ClusterName is the name of the kind cluster that meshcert makes.
const ClusterName = "meshcert"

// ascent is stage up under way: each step fills in what the next needs.
type ascent struct {
	*Conductor
	order   Order
	log     func(line string)
	records *report.Writer
	release *catalogue.Release

	images   []image.Image
	store    *image.Store
	plane    istio.DataPlane
	plan     *onap.Plan
	standins []onap.StandIn
	cluster  *cluster.Cluster
	// retraced tells that the mesh was there and sent its spans otherwise.
	retraced bool
}

// stageUp brings the environment to the state that the order's release wants.
func (c *Conductor) stageUp(ctx context.Context, order Order) error {
	release, err := releaseOf(order.Run, order.Folder)
	if err != nil {
		return err
	}
	a := &ascent{
		Conductor: c, order: order, log: func(line string) { progress.Say(ctx, line) }, release: release,
		records: report.NewWriter(filepath.Join(order.Folder, report.RecordsFile)),
	}
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"images", a.makeImages},
		{"cluster", a.makeCluster},
		{"load images", a.loadImages},
		{"istio and add-ons", a.installMesh},
		{"onap " + order.Run.Name(), a.installONAP},
		{"mesh check", a.checkMesh},
	}
	if order.Stage == StageImages {
		steps = steps[:1]
	}
	for _, step := range steps {
		if err := phase(ctx, a.records, step.name, step.do); err != nil {
			return err
		}
	}
	return nil
}

// istioOptions say which mesh the release wants with the images there are.
func (a *ascent) istioOptions() istio.Options {
	return istio.Options{
		Policy: a.release.Policy, DataPlane: a.plane, Sidecars: istio.Sidecars(a.Config.Sidecars), Tracing: a.Config.Tracing(),
	}
}

func (a *ascent) addons() []addon.Addon {
	return addon.With(a.Config.Tracing().Backend, a.plane.LacksStats())
}

// makeImages builds what is not in the cache, and derives the stand-ins from
// what the release's manifests say.
func (a *ascent) makeImages(ctx context.Context) error {
	var err error
	if err = a.makePlans(ctx); err != nil {
		return err
	}
	packages, err := a.packages(ctx)
	if err != nil {
		return err
	}
	a.store = packages.Store()
	if a.plane, err = istio.DataPlaneOf(packages.Name()); err != nil {
		return err
	}
	refs, err := a.refs()
	if err != nil {
		return err
	}
	building := watchImages(ctx, a.Terminal)
	defer building.Close()
	if a.Config.Kubeconfig == "" {
		if _, err = packages.EnsureNodeImage(ctx, a.builder(), building); err != nil {
			return err
		}
	}
	if a.images, err = packages.Provide(ctx, refs, building); err != nil {
		return err
	}
	for _, s := range a.standins {
		derived, err := a.store.Derive(ctx, s.Base, s.Ref, image.Config{Env: s.Env, Links: s.Links})
		if err != nil {
			return err
		}
		a.images = append(a.images, derived)
	}
	return nil
}

// makePlans says what is installed, and collects the stand-ins of all stages of
// the run, so that the nodes get them once.
func (a *ascent) makePlans(ctx context.Context) error {
	var sets [][]onap.StandIn
	for _, stage := range a.order.Stages {
		plan, err := a.Conductor.plan(ctx, stage)
		if err != nil {
			return err
		}
		if stage.Name() == a.order.Run.Name() {
			a.plan = plan
		}
		sets = append(sets, plan.StandIns)
	}
	var err error
	a.standins, err = onap.Merge(sets...)
	return err
}

func (c *Conductor) packages(ctx context.Context) (*image.Packages, error) {
	return image.NewPackages(ctx, image.Options{Checkout: c.Config.Places.Source, Cache: c.Config.Places.Cache})
}

// builder is the engine as the node image's builder needs it: its command is
// this program's own.
func (a *ascent) builder() image.Engine {
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0]
	}
	return image.Engine{Host: a.order.Engine.Host, Builder: []string{program, BuildNodeCommand}}
}

// BuildNodeCommand is the hidden command that a process of its own builds the
// node image with.
const BuildNodeCommand = "build-node"

// refs are the images with a recipe that the environment needs, the stand-ins' bases included.
func (a *ascent) refs() ([]string, error) {
	mesh, err := istio.Images(a.istioOptions())
	if err != nil {
		return nil, err
	}
	addons, err := addon.Images(a.addons())
	if err != nil {
		return nil, err
	}
	refs := slices.Concat(mesh, addons, []string{onap.ProgramImage, traffic.LoadImage})
	for _, s := range a.standins {
		refs = append(refs, s.Base)
	}
	slices.Sort(refs)
	return slices.Compact(refs), nil
}

// makeCluster finds the cluster, or makes it and loads the images meanwhile.
func (a *ascent) makeCluster(ctx context.Context) error {
	var err error
	a.cluster, err = a.Conductor.cluster(ctx, a.order)
	if err == nil || !errors.Is(err, cluster.ErrNone) && !errors.Is(err, cluster.ErrUnfit) {
		return err
	}
	options := a.clusterOptions(a.order, a.log)
	if errors.Is(err, cluster.ErrUnfit) {
		a.log(err.Error())
		if err := cluster.Remove(ctx, options); err != nil {
			return err
		}
	}
	options.Meanwhile = func(ctx context.Context, c *cluster.Cluster) error {
		a.cluster = c
		return a.loadImages(ctx)
	}
	a.cluster, err = cluster.Create(ctx, options)
	return err
}

func (c *Conductor) clusterOptions(order Order, log func(string)) cluster.Options {
	return cluster.Options{
		Name: ClusterName, Config: c.Config.Layout, NodeImage: NodeImage,
		Kubeconfig: filepath.Join(c.Config.Places.State, "kubeconfig"), EgressOpen: c.Config.OpenEgress,
		Engine: order.Engine, Journal: journal.Open(c.Config.Places.State), Log: log,
	}
}

// NodeImage is the image of a kind node.
const NodeImage = "meshcert.local/kind-node:v1.34.4"

// cluster returns the real cluster, or ours when it is there and fits.
func (c *Conductor) cluster(ctx context.Context, order Order) (*cluster.Cluster, error) {
	if c.Config.Kubeconfig != "" {
		existing, err := cluster.Existing(c.Config.Kubeconfig, c.Config.Context)
		if err != nil {
			return nil, err
		}
		return existing, doctor.Answers(ctx, existing.Kube)
	}
	found, err := cluster.Find(ctx, c.clusterOptions(order, func(string) {}))
	if errors.Is(err, cluster.ErrNone) {
		return nil, fmt.Errorf("%w: make it with meshcert up", err)
	}
	return found, err
}

// loadImages puts into the nodes what they do not have.
func (a *ascent) loadImages(ctx context.Context) error {
	if !a.cluster.Owned {
		a.log("a real cluster gets its images itself")
		return nil
	}
	wanted := map[string]string{}
	for _, i := range a.images {
		wanted[i.Ref] = i.Digest
	}
	missing, err := a.cluster.Missing(ctx, wanted)
	if err != nil || len(missing) == 0 {
		return err
	}
	a.log(fmt.Sprintf("%d images", len(missing)))
	archive := func(ctx context.Context, w io.Writer) error { return a.store.Archive(ctx, missing, w) }
	if err := a.cluster.Load(ctx, archive, missing); err != nil {
		return err
	}
	return a.renew(ctx, missing)
}

// renew ends the pods of a kept cluster that still run what one of the images
// was before it was built anew; their controllers make new ones.
func (a *ascent) renew(ctx context.Context, refs []string) error {
	pods, err := a.cluster.Kube.Set.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list pods with outdated images: %w", err)
	}
	for _, p := range pods.Items {
		outdated := func(c corev1.Container) bool { return slices.Contains(refs, c.Image) }
		if !slices.ContainsFunc(slices.Concat(p.Spec.InitContainers, p.Spec.Containers), outdated) {
			continue
		}
		a.log("renewing pod " + p.Namespace + "/" + p.Name)
		err := a.cluster.Kube.Set.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return fmt.Errorf("renew pod %s/%s: %w", p.Namespace, p.Name, err)
		}
	}
	return nil
}

// installMesh brings up istiod and the add-ons side by side, then the canary.
// Another release goes meanwhile: it makes no pods any more that a changed
// injector policy could meet.
func (a *ascent) installMesh(ctx context.Context) error {
	client := a.cluster.Kube
	if err := a.clearFaults(ctx); err != nil {
		return err
	}
	var err error
	if a.retraced, err = istio.Retraces(ctx, client, a.istioOptions()); err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.removeOtherRelease(groupCtx) })
	group.Go(func() error { return istio.Install(groupCtx, client, a.istioOptions(), a.log) })
	group.Go(func() error { return addon.Install(groupCtx, client, addon.Options{Addons: a.addons()}, a.log) })
	if err := group.Wait(); err != nil {
		return err
	}
	return canary.Ensure(ctx, client, canaryLimit)
}

// removeOtherRelease uninstalls another ONAP release, or another policy's, so
// that no pod of it meets the new one.
func (a *ascent) removeOtherRelease(ctx context.Context) error {
	installed, err := onap.Installed(ctx, a.cluster.Kube)
	if err != nil || installed == "" || installed == a.plan.Label {
		return err
	}
	a.log("removing release " + installed)
	return onap.Uninstall(ctx, a.cluster.Kube, uninstallLimit)
}

// installONAP installs the plan. What its charts lack and can do without is a
// note in the report.
func (a *ascent) installONAP(ctx context.Context) error {
	lacking, err := a.plan.Install(ctx, a.cluster.Kube)
	for _, problem := range lacking {
		a.log(problem.String())
		note := &report.Note{Text: problem.String(), Release: a.order.Run.Name()}
		err = errors.Join(err, a.records.Append(report.Record{Note: note}))
	}
	if err != nil {
		return err
	}
	return a.plan.UntilReady(ctx, a.cluster.Kube, readyLimit)
}
