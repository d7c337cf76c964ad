package page

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/report"
)

// catalogueFile in the run's folder is the catalogue of a release that is not
// ours, made of its charts.
const catalogueFile = "catalogue.json"

// releasesOf are the catalogues of the run's stages by the stage's name. A stage
// whose release nobody knows has an empty one.
func releasesOf(r *report.Report, s *source) map[string]*catalogue.Release {
	all := map[string]*catalogue.Release{}
	for _, stage := range r.Run.Stages {
		release := &catalogue.Release{Name: stage.Release}
		switch {
		case catalogue.Has(stage.Release):
			if known, err := catalogue.Load(stage.Release); err == nil {
				own := *known
				release = &own
			}
		default:
			if text, err := report.ReadFile(s.files, catalogueFile); err == nil {
				if err := json.Unmarshal(text, release); err != nil {
					s.note(fmt.Errorf("%s cannot be read: %w", catalogueFile, err))
					release = &catalogue.Release{Name: stage.Release}
				}
			}
		}
		all[stage.Name()] = release
	}
	for _, spec := range r.Specs {
		if all[spec.Release] == nil {
			all[spec.Release] = &catalogue.Release{Name: spec.Release}
		}
	}
	return all
}

// releaseNames are the stages that have specs, in the report's order.
func releaseNames(r *report.Report) []string {
	var names []string
	for _, s := range r.Specs {
		if len(names) == 0 || names[len(names)-1] != s.Release && !slices.Contains(names, s.Release) {
			names = append(names, s.Release)
		}
	}
	return names
}
