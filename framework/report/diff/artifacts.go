package diff

import (
	"fmt"

	"github.com/onap/meshcert/framework/report"
)

// seen reads what a spec of the run saw. An error says why nothing is known of it.
func seen[E any](s side, stage, spec, name string) (E, error) {
	var none E
	judged, ok := s.specs[stage][spec]
	if !ok {
		return none, fmt.Errorf("%s does not have %s", s.name, spec)
	}
	what := fmt.Sprintf("%s of %s in %s", name, spec, s.name)
	if s.Artifacts == nil || judged.Artifacts == "" {
		return none, fmt.Errorf("%s: it has no artifacts", what)
	}
	read, err := report.ReadEvidence[E](s.Artifacts, judged, name)
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	return read, nil
}

// seenByBoth reads one piece of evidence of both runs; the texts say what is
// missing.
func seenByBoth[E any](c comparison, at stage, spec, name string) (a, b E, unknown []string) {
	a, errA := seen[E](c.a, at.a, spec, name)
	b, errB := seen[E](c.b, at.b, spec, name)
	return a, b, absent(at, spec, c, errA, errB)
}

// absent says what is missing, once where neither run was to have it.
func absent(at stage, spec string, c comparison, errs ...error) []string {
	_, inA := c.a.specs[at.a][spec]
	_, inB := c.b.specs[at.b][spec]
	if !inA && !inB {
		return []string{at.name + ": neither run has " + spec}
	}
	var out []string
	for _, err := range errs {
		if err != nil {
			out = append(out, at.name+": "+err.Error())
		}
	}
	return out
}
