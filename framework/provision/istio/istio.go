// Package istio installs Istio from the charts inside the Go module
// istio.io/istio, in the version go.mod pins, and guarantees on return that
// istiod is available, that the mesh configuration which goes with the proxy's
// Envoy is applied, and that pods are really injected as the policy demands.
package istio

import (
	"context"
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/istio/canary"
)

// Namespace is where Istio and the add-ons are.
const Namespace = "istio-system"

// Names of the Helm releases; the second is also istiod's Deployment.
const (
	BaseRelease   = "istio-base"
	IstiodRelease = "istiod"
)

// Install brings Istio to the state the options ask for; called again it
// changes only what differs, for instance the injector policy. log hears one
// line a step.
func Install(ctx context.Context, c *kube.Client, o Options, log func(string)) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	releases, err := releases(o)
	if err != nil {
		return err
	}
	helm, err := chart.New(c.Config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	if err := c.EnsureNamespace(ctx, Namespace, nil); err != nil {
		return err
	}
	if err := canary.EnsureNamespace(ctx, c); err != nil {
		return err
	}
	for _, r := range releases {
		change, err := helm.Ensure(ctx, r)
		if err != nil {
			return err
		}
		log(fmt.Sprintf("release %s %s", r.Name, change))
	}
	if err := c.UntilAvailable(ctx, Namespace, o.Timeout, IstiodRelease); err != nil {
		return err
	}
	log("istiod is available")
	if err := configure(ctx, c, o); err != nil {
		return err
	}
	if err := UntilInjects(ctx, c, o.Policy, o.Sidecars, o.Timeout); err != nil {
		return err
	}
	log(fmt.Sprintf("pods are injected: policy %s, %s sidecars", o.Policy, o.Sidecars))
	return nil
}

// Uninstall removes Istio and what istiod made by itself: mesh configuration,
// releases, the namespace with everything in it (the add-ons too), CRDs, and
// what istiod published in every namespace. What is gone already is no error.
func Uninstall(ctx context.Context, c *kube.Client, limit time.Duration) error {
	helm, err := chart.New(c.Config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := unconfigure(ctx, c); err != nil {
		return err
	}
	for _, release := range []string{IstiodRelease, BaseRelease} {
		if err := helm.Uninstall(ctx, Namespace, release); err != nil {
			return err
		}
	}
	if err := c.DeleteNamespace(ctx, Namespace, limit); err != nil {
		return err
	}
	if err := sweepDefinitions(ctx, c, limit); err != nil {
		return err
	}
	return sweepPublished(ctx, c)
}
