// Package spec is the only place where meshcert meets Ginkgo and Gomega: it
// says what a spec is, which ones a run selects, how a judge is waited for,
// and how what Ginkgo saw becomes a result. It guarantees that a spec without
// a verdict of its own is never green.
package spec

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/verdict"
)

// Label marks a spec for --label-filter.
type Label string

// The labels there are.
const (
	// Core: a mesh that fails it does not work for ONAP at all.
	Core Label = "core"
	// Extended: what a good mesh shows beyond that.
	Extended Label = "extended"
	// Soak: it takes minutes, and is run only when it is asked for: by its id, by
	// this label or by a profile.
	Soak Label = "soak"
	// Traffic: the spec sends requests through the gateway.
	Traffic Label = "traffic"
	// MSB, MultiCloud and VFC name the project that the spec is about.
	MSB        Label = "msb"
	MultiCloud Label = "multicloud"
	VFC        Label = "vfc"
)

var labels = []Label{Core, Extended, Soak, Traffic, MSB, MultiCloud, VFC}

// Spec is one Ginkgo It with a stable id.
type Spec struct {
	// ID is topic.slug, e.g. "tracing.multicloud-to-vio".
	ID string
	// Proves and FailsIf are each one sentence for people.
	Proves  string
	FailsIf string
	Labels  []Label
	// Disruptive tells that the spec changes what others on the cluster depend
	// on, if only for moments: on a cluster that is not ours it is skipped unless
	// that is allowed.
	Disruptive bool
	// SkipsIf says in one sentence when the spec has nothing to judge and skips
	// itself; a run in which one without it was skipped cannot be certified.
	SkipsIf string
	// Limit bounds the whole spec; zero means DefaultLimit.
	Limit time.Duration
	// Waivable are the kinds of findings that a waiver may excuse; most specs
	// have none.
	Waivable []verdict.Kind
	// Paths are the ids of the catalogue's paths that the spec is about and
	// nothing beside; none for one that is about more than single paths.
	Paths []string
	// Run judges. It reports through env; a Gomega assertion that fails is a
	// failure without a diagnosis and is recorded as such.
	Run func(ctx context.Context, env *Env)
}

// Waivable says what of the specs' findings can be waived.
func Waivable(specs []Spec) verdict.Waivable {
	can := verdict.Waivable{}
	for _, s := range specs {
		if len(s.Waivable) > 0 {
			can[s.ID] = s.Waivable
		}
	}
	return can
}

// DefaultLimit is how long a spec may take that says nothing.
const DefaultLimit = 3 * time.Minute

// Topic is the part of the id before the dot.
func (s Spec) Topic() string {
	topic, _, _ := strings.Cut(s.ID, ".")
	return topic
}

// Slug is the part of the id after the dot.
func (s Spec) Slug() string {
	_, slug, _ := strings.Cut(s.ID, ".")
	return slug
}

// LabelNames returns the labels and the topic as Ginkgo wants them.
func (s Spec) LabelNames() []string {
	names := []string{s.Topic()}
	for _, l := range s.Labels {
		names = append(names, string(l))
	}
	return names
}

func (s Spec) limit() time.Duration {
	if s.Limit == 0 {
		return DefaultLimit
	}
	return s.Limit
}

var idForm = regexp.MustCompile(`^[a-z]+\.[a-z0-9]+(-[a-z0-9]+)*$`)

// Validate refuses a list with a spec that does not say what it proves and when
// it fails, with a label that does not exist, or with an id twice. Which faults
// turn a spec red is for the faults to say: see fault.CheckSpecs.
func Validate(specs []Spec) error {
	var problems []error
	seen := map[string]bool{}
	for _, s := range specs {
		complain := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("spec %q: "+format, append([]any{s.ID}, args...)...))
		}
		if !idForm.MatchString(s.ID) {
			complain("the id must be topic.slug in lower case")
		}
		if seen[s.ID] {
			complain("the id is there twice")
		}
		seen[s.ID] = true
		if s.Proves == "" || s.FailsIf == "" {
			complain("Proves and FailsIf must be set")
		}
		if s.Run == nil {
			complain("Run is not set")
		}
		for _, l := range s.Labels {
			if !slices.Contains(labels, l) {
				complain("label %q does not exist", l)
			}
		}
	}
	return errors.Join(problems...)
}
