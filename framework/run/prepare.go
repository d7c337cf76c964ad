package run

import (
	"context"
	"fmt"

	"github.com/onap/meshcert/framework/doctor"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/verdict"
)

// canarySidecars is how many sidecars we bring ourselves.
const canarySidecars = 2

// Doctor checks the machine, or the real cluster, against what the profile needs.
func (c *Conductor) Doctor(ctx context.Context) ([]doctor.Check, error) {
	if c.Config.Kubeconfig != "" {
		client, err := kube.New(c.Config.Kubeconfig, c.Config.Context)
		if err != nil {
			return nil, err
		}
		return doctor.Cluster(ctx, client), nil
	}
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		return nil, err
	}
	sidecars, err := c.sidecars(ctx, profile)
	if err != nil {
		return nil, err
	}
	return doctor.Machine(ctx, doctor.Needs{
		Cache: c.Config.Places.Cache, State: c.Config.Places.State, Source: c.Config.Places.Source,
		Build: true, Built: c.built(ctx), EngineHost: c.EngineHost, Sidecars: sidecars, EgressOpen: c.Config.OpenEgress,
	}), nil
}

// sidecars is how many proxies the profile's largest release has, the canary's included.
func (c *Conductor) sidecars(ctx context.Context, profile verdict.Profile) (int, error) {
	most := 0
	for _, stage := range profile.Stages {
		release, err := c.release(ctx, stage)
		if err != nil {
			return 0, err
		}
		count := 0
		for _, w := range release.Workloads {
			if w.Injected(release.Policy) {
				count++
			}
		}
		most = max(most, count)
	}
	return most + canarySidecars, nil
}

// built tells whether the cache has every image.
func (c *Conductor) built(ctx context.Context) bool {
	known, err := c.Images(ctx)
	if err != nil {
		return false
	}
	for _, k := range known {
		if !k.Cached {
			return false
		}
	}
	return true
}

// Images lists the images with a recipe.
func (c *Conductor) Images(ctx context.Context) ([]image.Known, error) {
	packages, err := c.packages(ctx)
	if err != nil {
		return nil, err
	}
	return packages.List()
}

// prepare makes sure, before anything is made, that the machine or cluster can
// carry it, and raises what we may raise.
func (j *job) prepare(ctx context.Context) error {
	checks, err := j.Doctor(ctx)
	if err != nil {
		return err
	}
	for _, check := range checks {
		// What fails is said by the error.
		if check.Status == doctor.Warn {
			progress.Say(ctx, fmt.Sprintf("%s %s: %s; %s", check.Status, check.Name, check.Text, check.Do))
		}
	}
	if err := doctor.Err(checks); err != nil || j.Config.Kubeconfig != "" {
		return err
	}
	wanted, err := j.sidecars(ctx, j.profile)
	if err != nil {
		return err
	}
	_, err = doctor.Raise(j.journal, wanted)
	return err
}

// runc builds the runtime wrapper for a private engine on a machine that
// cannot grant every capability.
func (j *job) runc(ctx context.Context) (string, error) {
	packages, err := j.packages(ctx)
	if err != nil {
		return "", err
	}
	building := watchImages(ctx, j.Terminal)
	defer building.Close()
	return packages.Program(ctx, "runc-bounded", building)
}

// BuildImages builds every image that the profile's releases need, the node image included.
func (c *Conductor) BuildImages(ctx context.Context) (int, error) {
	return c.lead(ctx, work{images: true})
}
