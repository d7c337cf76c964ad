package onap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// Install brings the release's namespace and its Helm releases to the wanted
// state, in the order of the plan. First it checks what the objects need: a fatal
// problem is a preflight.Error, and nothing is made; the others are returned. It
// does not wait; see UntilReady.
func (p *Plan) Install(ctx context.Context, cluster *kube.Client) ([]preflight.Problem, error) {
	if _, err := cluster.Ours(ctx, Namespace); err != nil {
		return nil, err
	}
	warnings, err := p.Check(ctx, cluster)
	if err != nil {
		return nil, err
	}
	if err := cluster.EnsureNamespace(ctx, Namespace, map[string]string{"istio-injection": "enabled", releaseLabel: p.Label}); err != nil {
		return nil, err
	}
	helm, err := chart.New(cluster.Config)
	if err != nil {
		return nil, err
	}
	for _, r := range p.Releases {
		if _, err := helm.Ensure(ctx, r); err != nil {
			return nil, err
		}
	}
	return warnings, nil
}

// Check says what of the plan does not fit the cluster, without making anything.
// What would keep it from becoming ready is a preflight.Error, the rest is returned.
func (p *Plan) Check(ctx context.Context, cluster *kube.Client) ([]preflight.Problem, error) {
	facts, err := preflight.Gather(ctx, cluster, Namespace)
	if err != nil {
		return nil, err
	}
	problems, err := preflight.Check(p.Objects, facts)
	if err != nil {
		return nil, err
	}
	fatal := slices.DeleteFunc(slices.Clone(problems), func(p preflight.Problem) bool { return !p.Fatal })
	if len(fatal) > 0 {
		return nil, &preflight.Error{Problems: fatal}
	}
	return problems, nil
}

// UntilReady waits until all workloads of the plan are available.
func (p *Plan) UntilReady(ctx context.Context, cluster *kube.Client, limit time.Duration) error {
	return UntilReady(ctx, cluster, p.Catalogue, limit)
}

// UntilReady waits until all workloads of the release are available. When the
// limit is over, the error names each that is not, what its containers do and
// its last warning event.
func UntilReady(ctx context.Context, cluster *kube.Client, release *catalogue.Release, limit time.Duration) error {
	names := map[string][]string{}
	for _, w := range release.Workloads {
		kind := cmp.Or(w.Kind, catalogue.Deployment)
		names[kind] = append(names[kind], w.Name)
	}
	return cluster.UntilReady(ctx, Namespace, limit, names)
}

// Uninstall removes the Helm releases, last installed first, the namespace, and
// what the releases left outside it, and waits until the namespace is gone. It
// goes on after an error and returns all of them; on timeout the error says what
// hangs. What is not there is no error; a namespace that is not ours is one.
func Uninstall(ctx context.Context, cluster *kube.Client, limit time.Duration) error {
	exists, err := cluster.Ours(ctx, Namespace)
	if err != nil {
		return err
	}
	var problems []error
	if exists {
		problems = append(problems, uninstallReleases(ctx, cluster), cluster.DeleteNamespace(ctx, Namespace, limit))
	}
	return errors.Join(append(problems, removeLeftovers(ctx, cluster))...)
}

// uninstallReleases removes all Helm releases of our namespace: those of the
// order backwards, after what was installed on top of them.
func uninstallReleases(ctx context.Context, cluster *kube.Client) error {
	helm, err := chart.New(cluster.Config)
	if err != nil {
		return err
	}
	names := slices.Clone(order())
	found, err := helm.List(ctx, Namespace)
	if err != nil {
		return err
	}
	for _, r := range found {
		if !slices.Contains(names, r.Name) {
			names = append(names, r.Name)
		}
	}
	var problems []error
	for _, name := range slices.Backward(names) {
		problems = append(problems, helm.Uninstall(ctx, Namespace, name))
	}
	return errors.Join(problems...)
}

// releaseLabel on our namespace names the release that is installed in it.
const releaseLabel = "meshcert.onap.org/release"

// Installed returns the name of the release that is installed, "" for none.
func Installed(ctx context.Context, cluster *kube.Client) (string, error) {
	exists, err := cluster.Ours(ctx, Namespace)
	if err != nil || !exists {
		return "", err
	}
	namespace, err := cluster.Set.CoreV1().Namespaces().Get(ctx, Namespace, metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("look for namespace %s: %w", Namespace, err)
	}
	return namespace.Labels[releaseLabel], nil
}
