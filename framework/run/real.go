package run

import (
	"context"
	"errors"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/provision/addon"
	"github.com/onap/meshcert/framework/provision/istio"
	"github.com/onap/meshcert/framework/provision/istio/canary"
	"github.com/onap/meshcert/framework/provision/onap"
)

// stays leaves the release as it is: it is about to go.
func stays(context.Context, []string) error { return nil }

// stageDown removes what up put into a real cluster: releases, namespaces and
// cluster-scoped objects of ours. It goes on after an error.
func (c *Conductor) stageDown(ctx context.Context, order Order) error {
	cluster, err := c.cluster(ctx, order)
	if err != nil {
		return err
	}
	client := cluster.Kube
	problem := errors.Join(
		fault.New(client, stays, func(string) {}).Remove(ctx, uninstallLimit),
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
