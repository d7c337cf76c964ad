package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// waiversFile in a run's folder is the waiver file that the user gave.
const waiversFile = "waivers.yaml"

// checkWaivers refuses a waiver file that is wrong.
func (c *Conductor) checkWaivers() error {
	if c.Config.Waivers == "" {
		return nil
	}
	text, err := os.ReadFile(c.Config.Waivers)
	if err == nil {
		_, err = verdict.ParseWaivers(text, spec.Waivable(c.Specs))
	}
	if err != nil {
		return &config.UsageError{Field: "--waivers", Text: fmt.Sprintf("%s: %v", c.Config.Waivers, err)}
	}
	return nil
}

// waiversOf are the waivers that a run in the folder is judged with: the user's
// own, or the release's.
func (c *Conductor) waiversOf(release, folder string) (waivers []verdict.Waiver, own bool, err error) {
	can := spec.Waivable(c.Specs)
	text, err := os.ReadFile(filepath.Join(folder, waiversFile))
	if errors.Is(err, fs.ErrNotExist) {
		waivers, err = verdict.WaiversOf(release, can)
		return waivers, false, err
	}
	if err != nil {
		return nil, true, fmt.Errorf("read the run's waivers: %w", err)
	}
	if waivers, err = verdict.ParseWaivers(text, can); err != nil {
		return nil, true, fmt.Errorf("the run's %s: %w", waiversFile, err)
	}
	return waivers, true, nil
}
