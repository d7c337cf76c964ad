package diff

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/onap/meshcert/framework/report"
)

// kept is evidence as a run's folder keeps it (framework/spec/kept.go).
type kept[E any] struct {
	Evidence *E     `json:"evidence"`
	Error    string `json:"error"`
}

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
	file := path.Join(judged.Artifacts, name+".json")
	text, err := fs.ReadFile(s.Artifacts, file)
	if errors.Is(err, fs.ErrNotExist) {
		return none, fmt.Errorf("%s: %s is not there", what, file)
	}
	if err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	if err := untouched(judged, file, text); err != nil {
		return none, fmt.Errorf("%s: %w", what, err)
	}
	var read kept[E]
	if err := json.Unmarshal(text, &read); err != nil {
		return none, fmt.Errorf("%s: %s cannot be read: %w", what, file, err)
	}
	switch {
	case read.Error != "":
		return none, fmt.Errorf("%s: could not be observed: %s", what, read.Error)
	case read.Evidence == nil:
		return none, fmt.Errorf("%s: %s holds no evidence", what, file)
	}
	return *read.Evidence, nil
}

// untouched demands that the file is the one the report names, where it names
// the spec's files.
func untouched(s report.Spec, file string, text []byte) error {
	if len(s.Evidence) == 0 {
		return nil
	}
	i := slices.IndexFunc(s.Evidence, func(f report.EvidenceFile) bool { return f.Path == file })
	if i < 0 || s.Evidence[i].Digest != fmt.Sprintf("sha256:%x", sha256.Sum256(text)) {
		return fmt.Errorf("%s is not what the run kept", file)
	}
	return nil
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
