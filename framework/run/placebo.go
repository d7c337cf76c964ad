package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// placebo watches a healthy run for what faults are noticed by. Many a look is
// red at first, before spans and samples have arrived: were it red with a
// fault's finding for as long as is taken for proof, a fault that breaks nothing
// would be noticed too.
type placebo struct {
	faults []fault.Fault
	// since is when a fault began to look noticed by a spec, held the longest it did.
	since map[string]time.Time
	held  map[string]time.Duration
}

func newPlacebo(faults []fault.Fault) *placebo {
	return &placebo{faults: faults, since: map[string]time.Time{}, held: map[string]time.Duration{}}
}

// look takes note of the findings of one look; it never ends the looking.
func (p *placebo) look(id string, findings []verdict.Finding) bool {
	now := time.Now()
	for _, f := range p.faults {
		reds := f.Of(id)
		key := f.ID + " by " + id
		if len(reds) == 0 {
			continue
		}
		if !allIn(reds, findings) {
			delete(p.since, key)
			continue
		}
		if p.since[key].IsZero() {
			p.since[key] = now
		}
		p.held[key] = max(p.held[key], now.Sub(p.since[key]))
	}
	return false
}

// problem names what would have been taken for a fault.
func (p *placebo) problem() error {
	var fooled []string
	for key, held := range p.held {
		if held >= spec.EnoughFor {
			fooled = append(fooled, fmt.Sprintf("%s (%.1f s)", key, held.Seconds()))
		}
	}
	if len(fooled) == 0 {
		return nil
	}
	slices.Sort(fooled)
	return fmt.Errorf("nothing was broken, and yet it looked for %s as if a fault were noticed: %s; this machine is too slow for a selftest now",
		spec.EnoughFor, strings.Join(fooled, ", "))
}
