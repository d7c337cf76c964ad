package chart

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	helmrelease "helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kubeVersion is what charts are told when they are rendered without a cluster.
const kubeVersion = "v1.34.4"

// Render returns the objects a release of the chart would have, CRDs included,
// hooks left out, in the order Helm installs them. It needs no cluster and
// leaves the chart as it is. Objects have the namespace their template gives
// them, which may be none. A key that a template sets twice is an error.
func Render(c *helmchart.Chart, name, namespace string, values map[string]any) ([]*unstructured.Unstructured, error) {
	release, err := render(clone(c), name, namespace, values, true)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	err = documents(release.Manifest, "", func(_ string, document []byte) error {
		object, err := object(document, yaml.YAMLToJSONStrict)
		if object != nil {
			objects = append(objects, object)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("render chart %s as release %s in namespace %s: %w", describe(c), name, namespace, err)
	}
	return objects, nil
}

// render has Helm render the chart, which it changes.
func render(c *helmchart.Chart, name, namespace string, values map[string]any, crds bool) (*helmrelease.Release, error) {
	version, err := chartutil.ParseKubeVersion(kubeVersion)
	if err != nil {
		return nil, fmt.Errorf("read Kubernetes version %s: %w", kubeVersion, err)
	}
	install := action.NewInstall(&action.Configuration{Log: quiet})
	install.ClientOnly, install.DryRun, install.IncludeCRDs = true, true, crds
	install.KubeVersion = version
	install.ReleaseName, install.Namespace = name, namespace
	release, err := install.Run(c, deepCopy(values))
	if err != nil {
		return nil, fmt.Errorf("render chart %s as release %s in namespace %s: %w", describe(c), name, namespace, err)
	}
	return release, nil
}

// sourceLine is the comment Helm writes before each document.
var sourceLine = regexp.MustCompile(`(?m)^# Source: (.*)$`)

// documents calls do for each document of a rendered manifest with its template:
// the one given, else the one that Helm's comment names. An error is told with it.
func documents(manifest, template string, do func(template string, document []byte) error) error {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read rendered documents: %w", err)
		}
		of := cmp.Or(template, "unknown template")
		if match := sourceLine.FindSubmatch(document); match != nil && template == "" {
			of = string(match[1])
		}
		if err := do(of, document); err != nil {
			return fmt.Errorf("template %s: %w", of, err)
		}
	}
}

// object reads a document, nil when it holds nothing.
func object(document []byte, toJSON func([]byte) ([]byte, error)) (*unstructured.Unstructured, error) {
	json, err := toJSON(document)
	if err != nil || string(json) == "null" {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(json)
}

// quiet drops Helm's own log.
func quiet(string, ...any) {}
