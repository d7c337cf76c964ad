// Package addon installs what observes the mesh: Jaeger or Zipkin, Prometheus,
// istio-telemetry and Servicegraph, from the manifests in fixtures/addons. On
// return all that were asked for are available, and no back end for traces is
// there that was not.
package addon

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/tracer"
)

// Namespace is where the add-ons are.
const Namespace = "istio-system"

// DefaultTimeout limits an installation unless Options say otherwise.
const DefaultTimeout = 3 * time.Minute

const digestAnnotation = "meshcert.onap.org/manifest"

// Addon is one add-on; it is the name of its manifest and of its Deployment.
type Addon string

const (
	Jaeger         Addon = "jaeger"
	Zipkin         Addon = "zipkin"
	Prometheus     Addon = "prometheus"
	IstioTelemetry Addon = "istio-telemetry"
	Servicegraph   Addon = "servicegraph"
)

// With lists the add-ons of an environment whose traces the back end keeps.
// IstioTelemetry goes with proxies that lack the filter istio.stats; others report
// the same metrics themselves, and Prometheus scrapes them.
func With(backend tracer.Backend, lacksStats bool) []Addon {
	all := []Addon{Addon(backend), Prometheus}
	if lacksStats {
		all = append(all, IstioTelemetry)
	}
	return append(all, Servicegraph)
}

// keepers are the add-ons that keep traces: there is one of them at a time.
func keepers() []Addon { return []Addon{Jaeger, Zipkin} }

// known is every add-on there is.
func known() []Addon { return append(With(tracer.Jaeger, true), Zipkin) }

// Options say which add-ons are wanted.
type Options struct {
	// Addons are installed together. Required.
	Addons []Addon
	// Timeout limits the whole installation; DefaultTimeout unless set.
	Timeout time.Duration
}

// Install applies all add-ons at once and waits until they are available.
// Called again it changes only what differs. log hears one line a step.
func Install(ctx context.Context, c *kube.Client, o Options, log func(string)) error {
	objects, err := manifests(o.Addons)
	if err != nil {
		return err
	}
	limit := o.Timeout
	if limit == 0 {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the add-ons were not installed within %s", limit))
	defer cancel()
	log(fmt.Sprintf("install the add-ons %s", names(o.Addons)))
	if err := c.EnsureNamespace(ctx, Namespace, nil); err != nil {
		return err
	}
	if others := replacedBy(o.Addons); len(others) > 0 {
		replaced, err := manifests(others)
		if err != nil {
			return err
		}
		if err := c.Delete(ctx, Namespace, replaced...); err != nil {
			return err
		}
	}
	if err := c.Apply(ctx, Namespace, objects...); err != nil {
		return err
	}
	return c.UntilAvailable(ctx, Namespace, limit, names(o.Addons)...)
}

// replacedBy lists what must go because an environment without it comes: another
// keeper of traces, and telemetry of ours where proxies have their own. Whoever
// installs no keeper of traces installs no environment.
func replacedBy(wanted []Addon) []Addon {
	whole := slices.ContainsFunc(wanted, func(a Addon) bool { return slices.Contains(keepers(), a) })
	if !whole {
		return nil
	}
	return slices.DeleteFunc(append(keepers(), IstioTelemetry), func(a Addon) bool { return slices.Contains(wanted, a) })
}

// Uninstall removes the add-ons, whichever are there. It does not wait for their pods.
func Uninstall(ctx context.Context, c *kube.Client) error {
	objects, err := manifests(known())
	if err != nil {
		return err
	}
	return c.Delete(ctx, Namespace, objects...)
}

// Images lists the images the add-ons need on the nodes, sorted.
func Images(all []Addon) ([]string, error) {
	objects, err := manifests(all)
	if err != nil {
		return nil, err
	}
	var images []string
	for _, o := range objects {
		containers, _, err := unstructured.NestedSlice(o.Object, "spec", "template", "spec", "containers")
		if err != nil {
			return nil, fmt.Errorf("read containers of %s: %w", kube.Name(o), err)
		}
		for _, container := range containers {
			image, _, err := unstructured.NestedString(container.(map[string]any), "image")
			if err != nil {
				return nil, fmt.Errorf("read image of %s: %w", kube.Name(o), err)
			}
			images = append(images, image)
		}
	}
	slices.Sort(images)
	return slices.Compact(images), nil
}

func manifests(all []Addon) ([]*unstructured.Unstructured, error) {
	if len(all) == 0 {
		return nil, fmt.Errorf("no add-on is named: use any of %v", names(known()))
	}
	var objects []*unstructured.Unstructured
	for _, a := range all {
		if !slices.Contains(known(), a) {
			return nil, fmt.Errorf("add-on %q is not known: use any of %v", a, names(known()))
		}
		text, err := addons.FS.ReadFile(string(a) + ".yaml")
		if err != nil {
			return nil, fmt.Errorf("read manifest of add-on %s: %w", a, err)
		}
		parsed, err := kube.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("read manifest of add-on %s: %w", a, err)
		}
		if a == Prometheus && !slices.Contains(all, IstioTelemetry) {
			if err := dropJob(parsed, string(IstioTelemetry)); err != nil {
				return nil, err
			}
			text = append(text, "without "+IstioTelemetry...)
		}
		if err := stamp(parsed, fmt.Sprintf("%x", sha256.Sum256(text))); err != nil {
			return nil, fmt.Errorf("read manifest of add-on %s: %w", a, err)
		}
		objects = append(objects, parsed...)
	}
	return objects, nil
}

// dropJob takes a scrape job out of Prometheus' configuration.
func dropJob(objects []*unstructured.Unstructured, job string) error {
	for _, o := range objects {
		text, found, err := unstructured.NestedString(o.Object, "data", prometheusFile)
		if err != nil || !found {
			continue
		}
		var config map[string]any
		if err := yaml.UnmarshalStrict([]byte(text), &config); err != nil {
			return fmt.Errorf("read %s of %s: %w", prometheusFile, kube.Name(o), err)
		}
		jobs, _, err := unstructured.NestedSlice(config, "scrape_configs")
		if err != nil {
			return fmt.Errorf("read %s of %s: %w", prometheusFile, kube.Name(o), err)
		}
		config["scrape_configs"] = slices.DeleteFunc(jobs, func(j any) bool { return j.(map[string]any)["job_name"] == job })
		changed, err := yaml.Marshal(config)
		if err != nil {
			return fmt.Errorf("write %s of %s: %w", prometheusFile, kube.Name(o), err)
		}
		return unstructured.SetNestedField(o.Object, string(changed), "data", prometheusFile)
	}
	return fmt.Errorf("add-on %s has no %s to take job %s out of", Prometheus, prometheusFile, job)
}

// prometheusFile is the key of Prometheus' configuration in its ConfigMap.
const prometheusFile = "prometheus.yml"

// stamp writes the manifest's digest on the pods of its Deployments: a changed
// configuration file makes new pods, which alone read it.
func stamp(objects []*unstructured.Unstructured, digest string) error {
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		err := unstructured.SetNestedField(o.Object, digest, "spec", "template", "metadata", "annotations", digestAnnotation)
		if err != nil {
			return fmt.Errorf("annotate %s: %w", kube.Name(o), err)
		}
	}
	return nil
}

func names(all []Addon) []string {
	out := make([]string, len(all))
	for i, a := range all {
		out[i] = string(a)
	}
	return out
}
