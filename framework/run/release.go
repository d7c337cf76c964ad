package run

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/verdict"
)

// catalogueFile in a run's folder is what the charts of the run say of a
// release that the catalogue does not have.
const catalogueFile = "catalogue.json"

// release is what the stage should be: the catalogue's word, or the charts' own
// where the catalogue does not have the release.
func (c *Conductor) release(ctx context.Context, stage verdict.Stage) (*catalogue.Release, error) {
	if catalogue.Has(stage.Release) {
		return known(stage)
	}
	plan, err := c.plan(ctx, stage)
	if err != nil {
		return nil, err
	}
	release := underPolicy(plan.Catalogue, stage)
	release.Portal = append(slices.Clone(release.Portal), catalogue.OwnServices()...)
	slices.Sort(release.Portal)
	return release, nil
}

// known is the catalogue's word on the stage.
func known(stage verdict.Stage) (*catalogue.Release, error) {
	release, err := catalogue.Load(stage.Release)
	if err != nil {
		return nil, err
	}
	return underPolicy(release, stage), nil
}

// underPolicy is the release under the stage's injector policy.
func underPolicy(release *catalogue.Release, stage verdict.Stage) *catalogue.Release {
	own := *release
	if stage.Policy != "" {
		own.Policy = catalogue.Policy(stage.Policy)
	}
	if own.Policy == "" {
		own.Policy = catalogue.Enabled
	}
	return &own
}

// releaseOf is what the stage of the run in the folder should be.
func releaseOf(stage verdict.Stage, folder string) (*catalogue.Release, error) {
	if catalogue.Has(stage.Release) {
		return known(stage)
	}
	file := filepath.Join(folder, catalogueFile)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read what the charts of release %s say: %w; name the folder of a run that was made with them", stage.Release, err)
	}
	var release catalogue.Release
	if err := json.Unmarshal(text, &release); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return &release, nil
}

// keep puts into the run's folder what its specs are judged by and nobody else
// keeps: what the charts say of a release that the catalogue does not have, and
// the user's waivers.
func (j *job) keep(ctx context.Context) error {
	if j.Config.Waivers != "" {
		text, err := os.ReadFile(j.Config.Waivers)
		if err != nil {
			return fmt.Errorf("keep the waivers: %w", err)
		}
		if err := os.WriteFile(filepath.Join(j.folder, waiversFile), text, 0o644); err != nil {
			return fmt.Errorf("keep the waivers: %w", err)
		}
	}
	if !j.Config.Derived() || len(j.profile.Stages) == 0 {
		return nil
	}
	return j.keepCatalogue(ctx, j.profile.Stages[0])
}

func (j *job) keepCatalogue(ctx context.Context, stage verdict.Stage) error {
	release, err := j.release(ctx, stage)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(release, "", "  ")
	if err != nil {
		return fmt.Errorf("write down what the charts of release %s say: %w", release.Name, err)
	}
	return os.WriteFile(filepath.Join(j.folder, catalogueFile), append(text, '\n'), 0o644)
}

// plan is what is installed for the stage. It is made once: the charts of a tree
// take seconds to render.
func (c *Conductor) plan(ctx context.Context, stage verdict.Stage) (*onap.Plan, error) {
	if made := c.plans[stage.Name()]; made != nil {
		return made, nil
	}
	options, err := c.onapOptions(stage)
	if err != nil {
		return nil, err
	}
	made, err := onap.NewPlan(ctx, options)
	if err != nil {
		return nil, err
	}
	if c.plans == nil {
		c.plans = map[string]*onap.Plan{}
	}
	c.plans[stage.Name()] = made
	return made, nil
}

// onapOptions say how the release is installed: as it was, but for what only
// makes a small cluster wait.
func (c *Conductor) onapOptions(stage verdict.Stage) (onap.Options, error) {
	source, err := onap.ParseSource(c.Config.Charts)
	if err != nil {
		return onap.Options{}, err
	}
	release := &catalogue.Release{Name: stage.Release}
	if catalogue.Has(stage.Release) {
		if release, err = known(stage); err != nil {
			return onap.Options{}, err
		}
	}
	return onap.Options{
		Release: release, Label: c.label(stage), Source: source, Repair: c.Config.Repair, Extra: c.Config.ExtraCharts, Without: c.Config.Without,
		Quick: c.Config.Kubeconfig == "", Values: c.Config.Values, Set: c.Config.Set, StandIns: c.Config.ONAPImages == standIns,
	}, nil
}

// standIns are ONAP's programs when they are ours.
const standIns = "standin"

// label tells what is installed from anything else that could be.
func (c *Conductor) label(stage verdict.Stage) string {
	if c.Config.Charts == "" {
		return stage.Name()
	}
	h := fnv.New32a()
	fmt.Fprint(h, c.Config.Charts, c.Config.Repair, c.Config.ExtraCharts, c.Config.Without)
	return fmt.Sprintf("%s.%08x", stage.Name(), h.Sum32())
}
