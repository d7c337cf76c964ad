// Package canary makes a client and a server of ours in the mesh, and a client
// outside of it. The pair lives in a namespace of its own, which graph and
// metrics leave out.
package canary

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/kube"
)

// Where the canary and the client outside the mesh are (canary.yaml, client.yaml).
const (
	Namespace       = "meshcert-canary"
	ClientNamespace = "meshcert-client"
	// Image is what all three pods run.
	Image = "meshcert.local/canary:dev"
)

// The Deployments (canary.yaml, client.yaml).
const (
	client  = "canary-client"
	server  = "canary-server"
	outside = "client"
)

// EnsureNamespace makes the canary's namespace, labelled for injection.
func EnsureNamespace(ctx context.Context, c *kube.Client) error {
	return c.EnsureNamespace(ctx, Namespace, map[string]string{"istio-injection": "enabled"})
}

// Ensure makes the canary and the client outside the mesh, or brings them to
// the wanted state, and waits until all three are available. The injector has
// to work already.
func Ensure(ctx context.Context, c *kube.Client, limit time.Duration) error {
	if err := EnsureNamespace(ctx, c); err != nil {
		return err
	}
	if err := c.EnsureNamespace(ctx, ClientNamespace, nil); err != nil {
		return err
	}
	objects, err := manifests()
	if err != nil {
		return err
	}
	if err := c.Apply(ctx, "", objects...); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.UntilAvailable(ctx, Namespace, limit, client, server) })
	group.Go(func() error { return c.UntilAvailable(ctx, ClientNamespace, limit, outside) })
	return group.Wait()
}

// manifests returns the objects of both namespaces; each names its own.
func manifests() ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	for _, file := range []string{"canary.yaml", "client.yaml"} {
		text, err := addons.FS.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the canary's manifest: %w", err)
		}
		parsed, err := kube.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read the canary's manifest %s: %w", file, err)
		}
		objects = append(objects, parsed...)
	}
	return objects, nil
}

// Remove deletes both namespaces and waits until they are gone.
func Remove(ctx context.Context, c *kube.Client, limit time.Duration) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, namespace := range []string{Namespace, ClientNamespace} {
		group.Go(func() error { return c.DeleteNamespace(ctx, namespace, limit) })
	}
	return group.Wait()
}
