package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/selftest"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// specList is every spec of the profile's stages, "STAGE/SPEC-ID", whatever was
// asked for of it.
func (c *Conductor) specList(profile verdict.Profile) ([]string, error) {
	var list []string
	for _, stage := range profile.Stages {
		selected, err := spec.Select(c.Specs, spec.Selection{Topics: stage.Topics, Soak: stage.Soak})
		if err != nil {
			return nil, err
		}
		for _, s := range selected {
			list = append(list, stage.Name()+"/"+s.ID)
		}
	}
	return list, nil
}

// score is what the newest whole selftest of this version in the folder of the
// runs came to; nil when there is none. A part of the faults says nothing of the
// others, and a killed selftest nothing of those it had not come to.
func score(runs, version string) (*report.Selftest, error) {
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range slices.Backward(entries) {
		records, err := selftest.Read(filepath.Join(runs, e.Name(), selftest.RecordsFile))
		if err != nil || len(records) == 0 || records[0].Started == nil || records[0].Started.Version != version {
			continue // no selftest, or one that a killed process left unreadable
		}
		d, err := selftest.Assemble(records)
		if err != nil || !d.Finished || d.Interrupted || d.Quick || d.Focus != "" {
			continue
		}
		return &report.Selftest{
			Run: e.Name(), Score: d.Score.Score, Faults: d.Score.Planned, Noticed: d.Score.Noticed,
			Survived: d.Score.Survived + d.Score.WrongReason, FalseAlarms: len(d.FalseAlarms),
		}, nil
	}
	return nil, nil
}
