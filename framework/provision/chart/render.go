package chart

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kubeVersion is what charts are told when they are rendered without a cluster.
const kubeVersion = "v1.34.4"

// Render returns the objects a release of the chart would have, CRDs included,
// hooks left out, in the order Helm installs them. It needs no cluster and
// leaves the chart as it is. Objects have the namespace their template gives
// them, which may be none.
func Render(c *helmchart.Chart, name, namespace string, values map[string]any) ([]*unstructured.Unstructured, error) {
	version, err := chartutil.ParseKubeVersion(kubeVersion)
	if err != nil {
		return nil, fmt.Errorf("read Kubernetes version %s: %w", kubeVersion, err)
	}
	install := action.NewInstall(&action.Configuration{Log: quiet})
	install.ClientOnly, install.DryRun, install.IncludeCRDs = true, true, true
	install.KubeVersion = version
	install.ReleaseName, install.Namespace = name, namespace
	release, err := install.Run(clone(c), deepCopy(values))
	if err != nil {
		return nil, fmt.Errorf("render chart %s as release %s in namespace %s: %w", describe(c), name, namespace, err)
	}
	objects, err := parse(release.Manifest)
	if err != nil {
		return nil, fmt.Errorf("render chart %s as release %s in namespace %s: %w", describe(c), name, namespace, err)
	}
	return objects, nil
}

// sourceLine is the comment Helm writes before each document.
var sourceLine = regexp.MustCompile(`(?m)^# Source: (.*)$`)

// parse reads the documents of a rendered manifest strictly.
func parse(manifest string) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifest)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read rendered documents: %w", err)
		}
		template := "unknown template"
		if match := sourceLine.FindSubmatch(document); match != nil {
			template = string(match[1])
		}
		json, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", template, err)
		}
		if string(json) == "null" {
			continue
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(json); err != nil {
			return nil, fmt.Errorf("template %s: %w", template, err)
		}
		objects = append(objects, object)
	}
}

// quiet drops Helm's own log.
func quiet(string, ...any) {}
