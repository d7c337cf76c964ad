package chart

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/evidence"
)

const (
	// digestLabel on a Helm release holds the digest of its chart and values.
	digestLabel = "meshcert.onap.org/digest"
	// requestLimit bounds Helm's own hooks and deletions, which take no context.
	requestLimit = 2 * time.Minute
	// revisions is how many revisions of a release Helm keeps.
	revisions = 3
)

// Client works on the Helm releases of one cluster.
type Client struct {
	config    *rest.Config
	discovery discovery.CachedDiscoveryInterface
	mapper    meta.RESTMapper
	// configure is Helm's view of a namespace of the cluster.
	configure func(namespace string) (*action.Configuration, error)
}

// Release is a Helm release as it is wanted. Its namespace must exist.
type Release struct {
	Name, Namespace string
	Chart           *helmchart.Chart
	// Values are laid over the chart's own.
	Values map[string]any
	// Labels go on Helm's record of the release, not on the chart's objects.
	Labels map[string]string
	// Origin is what the chart was made of, where it is not itself what somebody
	// published; empty when it is.
	Origin Origin
}

// Change is what Ensure did.
type Change string

const (
	Installed Change = "installed"
	Upgraded  Change = "upgraded"
	Unchanged Change = "unchanged"
)

// Ensure brings the release to the wanted state: it installs or upgrades it, and
// does nothing if chart and values are those of the deployed release and none of
// its objects is missing. What an interrupted earlier run left half done is
// taken over. It does not wait until anything is ready.
func (c *Client) Ensure(ctx context.Context, r Release) (Change, error) {
	change, err := c.ensure(ctx, r)
	if err != nil {
		return "", fmt.Errorf("install chart %s as release %s in namespace %s: %w", describe(r.Chart), r.Name, r.Namespace, err)
	}
	return change, nil
}

func (c *Client) ensure(ctx context.Context, r Release) (Change, error) {
	r, err := marked(r)
	if err != nil {
		return "", err
	}
	digest, err := digest(r)
	if err != nil {
		return "", err
	}
	labels := maps.Clone(r.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[digestLabel] = digest
	r.Labels = labels
	helm, err := c.configuration(ctx, r.Namespace)
	if err != nil {
		return "", err
	}
	last, err := helm.Releases.Last(r.Name)
	switch {
	case errors.Is(err, driver.ErrReleaseNotFound):
		return Installed, install(ctx, helm, r)
	case err != nil:
		return "", err
	case last.Info.Status == helmrelease.StatusUninstalling || last.Info.Status == helmrelease.StatusUninstalled:
		if err := uninstall(helm, r.Name); err != nil {
			return "", err
		}
		return Installed, install(ctx, helm, r)
	case last.Info.Status == helmrelease.StatusDeployed && last.Labels[digestLabel] == digest:
		complete, err := complete(helm, last)
		if err != nil || complete {
			return Unchanged, err
		}
	case last.Info.Status.IsPending():
		last.SetStatus(helmrelease.StatusFailed, "interrupted")
		if err := helm.Releases.Update(last); err != nil {
			return "", fmt.Errorf("take over the interrupted revision %d: %w", last.Version, err)
		}
	}
	return Upgraded, upgrade(ctx, helm, r)
}

func install(ctx context.Context, helm *action.Configuration, r Release) error {
	act := action.NewInstall(helm)
	act.ReleaseName, act.Namespace, act.Labels, act.Timeout = r.Name, r.Namespace, r.Labels, requestLimit
	_, err := act.RunWithContext(ctx, clone(r.Chart), deepCopy(r.Values))
	return err
}

func upgrade(ctx context.Context, helm *action.Configuration, r Release) error {
	act := action.NewUpgrade(helm)
	act.Namespace, act.Labels, act.Timeout, act.MaxHistory, act.ResetValues = r.Namespace, r.Labels, requestLimit, revisions, true
	_, err := act.RunWithContext(ctx, r.Name, clone(r.Chart), deepCopy(r.Values))
	return err
}

// complete tells whether all objects of the release still exist.
func complete(helm *action.Configuration, r *helmrelease.Release) (bool, error) {
	objects, err := helm.KubeClient.Build(bytes.NewBufferString(r.Manifest), false)
	if meta.IsNoMatchError(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, object := range objects {
		if err := object.Get(); err != nil {
			return false, nil //nolint:nilerr // missing or unreadable: the upgrade says what is wrong
		}
	}
	return true, nil
}

// digest is a short digest of the chart, its dependencies and the values.
func digest(r Release) (string, error) {
	hash := sha256.New()
	if err := addChart(json.NewEncoder(hash), r.Chart); err != nil {
		return "", err
	}
	if err := json.NewEncoder(hash).Encode(r.Values); err != nil {
		return "", fmt.Errorf("read values: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil))[:40], nil // a label holds 63 characters
}

func addChart(to *json.Encoder, c *helmchart.Chart) error {
	if err := to.Encode([]any{c.Metadata, c.Templates, c.Files, c.Values}); err != nil {
		return fmt.Errorf("read chart %s: %w", describe(c), err)
	}
	for _, child := range c.Dependencies() {
		if err := addChart(to, child); err != nil {
			return err
		}
	}
	return nil
}

// Uninstall removes the release and its objects. A release that does not exist
// is no error. Objects may still be terminating when it returns.
func (c *Client) Uninstall(ctx context.Context, namespace, name string) error {
	helm, err := c.configuration(ctx, namespace)
	if err == nil {
		err = uninstall(helm, name)
	}
	if err != nil {
		return fmt.Errorf("uninstall release %s in namespace %s: %w", name, namespace, err)
	}
	return nil
}

// uninstall asks for the record itself: Helm's IgnoreNotFound takes any error
// of the storage for "not found".
func uninstall(helm *action.Configuration, name string) error {
	_, err := helm.Releases.Last(name)
	if errors.Is(err, driver.ErrReleaseNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	act := action.NewUninstall(helm)
	act.Timeout = requestLimit
	_, err = act.Run(name)
	return err
}

// List returns the Helm releases of the namespace in any state, sorted by name;
// the namespace "" stands for all.
func (c *Client) List(ctx context.Context, namespace string) ([]evidence.HelmRelease, error) {
	helm, err := c.configuration(ctx, namespace)
	if err != nil {
		return nil, fmt.Errorf("list releases of namespace %q: %w", namespace, err)
	}
	act := action.NewList(helm)
	act.StateMask, act.AllNamespaces = action.ListAll, namespace == ""
	found, err := act.Run()
	if err != nil {
		return nil, fmt.Errorf("list releases of namespace %q: %w", namespace, err)
	}
	releases := make([]evidence.HelmRelease, len(found))
	for i, r := range found {
		origin, err := originOf(r)
		if err != nil {
			return nil, fmt.Errorf("list releases of namespace %q: release %s: %w", namespace, r.Name, err)
		}
		releases[i] = evidence.HelmRelease{
			Name: r.Name, Namespace: r.Namespace, Status: r.Info.Status.String(), Revision: r.Version,
			Chart: r.Chart.Name(), ChartVersion: r.Chart.Metadata.Version, ChartDigest: origin.Chart, ValuesDigest: origin.Values,
		}
	}
	return releases, nil
}

func (c *Client) configuration(ctx context.Context, namespace string) (*action.Configuration, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.configure(namespace)
}

// inCluster keeps Helm's records as Secrets in the namespace of the release.
func (c *Client) inCluster(namespace string) (*action.Configuration, error) {
	helm := &action.Configuration{}
	if err := helm.Init(c.RESTClientGetter(namespace), namespace, "secret", quiet); err != nil {
		return nil, err
	}
	return helm, nil
}
