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

// waiversOf are the waivers that a run in the folder is judged with: the user's,
// or the release's own.
func (c *Conductor) waiversOf(release, folder string) ([]verdict.Waiver, error) {
	can := spec.Waivable(c.Specs)
	text, err := os.ReadFile(filepath.Join(folder, waiversFile))
	if errors.Is(err, fs.ErrNotExist) {
		return verdict.WaiversOf(release, can)
	}
	if err != nil {
		return nil, fmt.Errorf("read the run's waivers: %w", err)
	}
	waivers, err := verdict.ParseWaivers(text, can)
	if err != nil {
		return nil, fmt.Errorf("the run's %s: %w", waiversFile, err)
	}
	return waivers, nil
}
