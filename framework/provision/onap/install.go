package onap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// Install makes the plan of the options and installs it.
func Install(ctx context.Context, cluster *kube.Client, o Options) error {
	plan, err := NewPlan(ctx, o)
	if err != nil {
		return err
	}
	_, err = plan.Install(ctx, cluster)
	return err
}

// Install brings the release's namespace and its Helm releases to the wanted
// state, in the order of the plan. First it checks what the objects need: a fatal
// problem is a preflight.Error, and nothing is made; the others are returned. It
// does not wait; see UntilReady.
func (p *Plan) Install(ctx context.Context, cluster *kube.Client) ([]preflight.Problem, error) {
	if _, err := cluster.Ours(ctx, Namespace); err != nil {
		return nil, err
	}
	if err := cluster.EnsureNamespace(ctx, Namespace, map[string]string{"istio-injection": "enabled", releaseLabel: p.Release}); err != nil {
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
	return nil, nil
}

// UntilReady waits until all workloads of the plan are available.
func (p *Plan) UntilReady(ctx context.Context, cluster *kube.Client, limit time.Duration) error {
	return UntilReady(ctx, cluster, p.Catalogue, limit)
}

// UntilReady waits until all Deployments of the release are available. When the
// limit is over, the error names each that is not, what its containers do and
// its last warning event.
func UntilReady(ctx context.Context, cluster *kube.Client, release *catalogue.Release, limit time.Duration) error {
	names := make([]string, len(release.Workloads))
	for i, w := range release.Workloads {
		names[i] = w.Name
	}
	return cluster.UntilAvailable(ctx, Namespace, limit, names...)
}

// Uninstall removes the Helm releases, last installed first, what they left at
// cluster scope, and the namespace, and waits until it is gone. It goes on after
// an error and returns all of them; on timeout the error says what hangs. What
// is not there is no error; a namespace that is not ours is one.
func Uninstall(ctx context.Context, cluster *kube.Client, limit time.Duration) error {
	exists, err := cluster.Ours(ctx, Namespace)
	if err != nil {
		return err
	}
	if !exists {
		return removeLeftovers(ctx, cluster)
	}
	helm, err := chart.New(cluster.Config)
	if err != nil {
		return err
	}
	var problems []error
	for _, name := range slices.Backward(order()) {
		problems = append(problems, helm.Uninstall(ctx, Namespace, name))
	}
	problems = append(problems, removeLeftovers(ctx, cluster), cluster.DeleteNamespace(ctx, Namespace, limit))
	return errors.Join(problems...)
}

// removeLeftovers deletes the cluster roles and bindings whose Helm release is
// gone together with its namespace or record.
func removeLeftovers(ctx context.Context, cluster *kube.Client) error {
	byHelm := metav1.ListOptions{LabelSelector: kube.ManagedBy + "=Helm"}
	rbac := cluster.Set.RbacV1()
	var problems []error
	bindings, err := rbac.ClusterRoleBindings().List(ctx, byHelm)
	if err != nil {
		return fmt.Errorf("look for left-over cluster role bindings: %w", err)
	}
	for _, b := range slices.DeleteFunc(bindings.Items, func(b rbacv1.ClusterRoleBinding) bool { return !released(&b) }) {
		problems = append(problems, gone("ClusterRoleBinding", b.Name, rbac.ClusterRoleBindings().Delete(ctx, b.Name, metav1.DeleteOptions{})))
	}
	roles, err := rbac.ClusterRoles().List(ctx, byHelm)
	if err != nil {
		return errors.Join(append(problems, fmt.Errorf("look for left-over cluster roles: %w", err))...)
	}
	for _, r := range slices.DeleteFunc(roles.Items, func(r rbacv1.ClusterRole) bool { return !released(&r) }) {
		problems = append(problems, gone("ClusterRole", r.Name, rbac.ClusterRoles().Delete(ctx, r.Name, metav1.DeleteOptions{})))
	}
	return errors.Join(problems...)
}

// released tells whether one of our Helm releases made the object.
func released(o metav1.Object) bool {
	annotations := o.GetAnnotations()
	return annotations["meta.helm.sh/release-namespace"] == Namespace && slices.Contains(order(), annotations["meta.helm.sh/release-name"])
}

func gone(kind, name string, err error) error {
	if err == nil || apierrors.IsNotFound(err) {
		return nil
	}
	return fmt.Errorf("delete %s %s: %w", kind, name, err)
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
