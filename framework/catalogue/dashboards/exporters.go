package dashboards

import (
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	data "github.com/onap/meshcert/fixtures/dashboards"
)

const exportersFile = "exporters.yaml"

// Exporter is who exports metrics.
type Exporter struct {
	// Prefix is what the metrics' names begin with.
	Prefix string `json:"prefix"`
	// Job is the job that Prometheus must scrape for it to be them; "" for any.
	Job string `json:"job,omitempty"`
	// Object is as Kubernetes names it, Who is for people.
	Object string `json:"object"`
	Who    string `json:"who"`
}

// Exporters are who exports what, the first that fits.
type Exporters []Exporter

// LoadExporters reads who exports what.
func LoadExporters() (Exporters, error) {
	text, err := data.FS.ReadFile(exportersFile)
	if err != nil {
		return nil, fmt.Errorf("read who exports metrics: %w", err)
	}
	var all Exporters
	if err := yaml.UnmarshalStrict(text, &all); err != nil {
		return nil, fmt.Errorf("read who exports metrics (%s): %w", exportersFile, err)
	}
	for i, e := range all {
		if e.Object == "" || e.Who == "" {
			return nil, fmt.Errorf("%s: [%d]: object and who must be set", exportersFile, i)
		}
	}
	return all, nil
}

// Of says who exports the metric where Prometheus scrapes these jobs. Without
// anyone that fits the object is "".
func (all Exporters) Of(metric string, jobs []string) Exporter {
	for _, e := range all {
		if strings.HasPrefix(metric, e.Prefix) && (e.Job == "" || slices.Contains(jobs, e.Job)) {
			return e
		}
	}
	return Exporter{}
}
