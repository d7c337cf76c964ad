package run

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/injection"
	"github.com/onap/meshcert/framework/provision/addon"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/provision/istio/canary"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/spec"
)

// stays leaves the release as it is: it is about to go.
func stays(context.Context, []string) error { return nil }

// removeTried removes what specs made and a run that was killed left: the
// namespaces that pods are tried in, and Services beside ONAP's.
func removeTried(ctx context.Context, client *kube.Client) error {
	problems := []error{injection.New(client).Remove(ctx)}
	services := client.Set.CoreV1().Services(spec.Namespace)
	list, err := services.List(ctx, metav1.ListOptions{LabelSelector: kube.ManagedBy + "=" + kube.Manager})
	if err != nil {
		return errors.Join(append(problems, fmt.Errorf("list Services of ours in namespace %s: %w", spec.Namespace, err))...)
	}
	for _, s := range list.Items {
		if !strings.HasPrefix(s.Name, kube.Manager+"-") {
			continue
		}
		if err := services.Delete(ctx, s.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			problems = append(problems, fmt.Errorf("delete Service %s/%s: %w", spec.Namespace, s.Name, err))
		}
	}
	return errors.Join(problems...)
}

// stageDown removes what up put into a real cluster, and what specs left there:
// releases, namespaces and cluster-scoped objects of ours. It goes on after an error.
func (c *Conductor) stageDown(ctx context.Context, order Order) error {
	cluster, err := c.cluster(ctx, order)
	if err != nil {
		return err
	}
	client := cluster.Kube
	problem := errors.Join(
		fault.New(client, stays, func(string) {}).Remove(ctx, uninstallLimit),
		removeTried(ctx, client),
		onap.Uninstall(ctx, client, uninstallLimit),
		canary.Remove(ctx, client, uninstallLimit),
	)
	// An Istio that was there before us stays.
	if _, err := client.Ours(ctx, istio.Namespace); err != nil {
		return errors.Join(problem, err)
	}
	return errors.Join(
		problem,
		addon.Uninstall(ctx, client),
		istio.Uninstall(ctx, client, uninstallLimit),
	)
}
