package chart

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gowebpki/jcs"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	helmrelease "helm.sh/helm/v3/pkg/release"
)

// Origin says what a release was made of: "sha256:…" of the chart with all it
// depends on, and of its values, the chart's own with what it was given laid
// over them.
type Origin struct{ Chart, Values string }

// OriginOf takes the digests of a chart and the values that it is given. They do
// not depend on how the chart was packed, nor on the order of its files.
func OriginOf(c *helmchart.Chart, values map[string]any) (Origin, error) {
	of, err := canonical(content(c))
	if err != nil {
		return Origin{}, fmt.Errorf("take the digest of chart %s: %w", describe(c), err)
	}
	merged, err := chartutil.CoalesceValues(clone(c), deepCopy(values))
	if err != nil {
		return Origin{}, fmt.Errorf("merge the values of chart %s: %w", describe(c), err)
	}
	given, err := canonical(merged.AsMap())
	if err != nil {
		return Origin{}, fmt.Errorf("take the digest of the values of chart %s: %w", describe(c), err)
	}
	return Origin{Chart: of, Values: given}, nil
}

// contents are what a chart consists of, in an order that does not depend on
// how it was loaded.
type contents struct {
	Metadata         helmchart.Metadata
	Templates, Files []*helmchart.File
	Values           map[string]any
	Schema           []byte
	Dependencies     []contents
}

func content(c *helmchart.Chart) contents {
	byName := func(a, b *helmchart.File) int { return strings.Compare(a.Name, b.Name) }
	of := contents{Metadata: *c.Metadata, Values: c.Values, Schema: c.Schema,
		Templates: slices.SortedFunc(slices.Values(c.Templates), byName), Files: slices.SortedFunc(slices.Values(c.Files), byName)}
	for _, child := range c.Dependencies() {
		of.Dependencies = append(of.Dependencies, content(child))
	}
	slices.SortFunc(of.Dependencies, func(a, b contents) int { return strings.Compare(a.Metadata.Name, b.Metadata.Name) })
	return of
}

// canonical is the digest of the value as canonical JSON, RFC 8785.
func canonical(value any) (string, error) {
	text, err := json.Marshal(value)
	if err == nil {
		text, err = jcs.Transform(text)
	}
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// Annotations of the chart in Helm's record of a release: Helm keeps no
// dependencies in it, so that what was installed is not seen from it alone.
const (
	chartAnnotation  = "meshcert.onap.org/chart-digest"
	valuesAnnotation = "meshcert.onap.org/values-digest"
)

// marked is the release with its origin written into its chart.
func marked(r Release) (Release, error) {
	origin := r.Origin
	if origin == (Origin{}) {
		var err error
		if origin, err = OriginOf(r.Chart, r.Values); err != nil {
			return r, err
		}
	}
	r.Chart = clone(r.Chart)
	annotations := map[string]string{chartAnnotation: origin.Chart, valuesAnnotation: origin.Values}
	for key, value := range r.Chart.Metadata.Annotations {
		annotations[key] = value
	}
	r.Chart.Metadata.Annotations = annotations
	return r, nil
}

// originOf is what the release in a cluster was made of: as it was written down,
// or, of a release that somebody else installed, what Helm's record has.
func originOf(r *helmrelease.Release) (Origin, error) {
	noted := r.Chart.Metadata.Annotations
	if origin := (Origin{noted[chartAnnotation], noted[valuesAnnotation]}); origin.Chart != "" && origin.Values != "" {
		return origin, nil
	}
	return OriginOf(r.Chart, r.Config)
}
