package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
)

// largestFile is how many bytes of a file of a run are read: more than any
// evidence has.
const largestFile = 32 << 20

// ErrNotObserved tells that a spec could not observe what it would have judged;
// its finding says so too.
var ErrNotObserved = errors.New("could not be observed")

// ReadFile reads a file of a run's folder. The error names it, and is an
// fs.ErrNotExist when it is not there, or the folder is nil.
func ReadFile(run fs.FS, name string) ([]byte, error) {
	if run == nil {
		return nil, missingFile(name)
	}
	file, err := run.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missingFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, largestFile+1))
	if err == nil && len(text) > largestFile {
		err = fmt.Errorf("it has more than %d bytes", largestFile)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	return text, nil
}

// missingFile is the error of a file that is not there.
type missingFile string

func (name missingFile) Error() string { return string(name) + " is not there" }

func (missingFile) Is(target error) bool { return target == fs.ErrNotExist }

// ReadKept reads NAME.json of what the spec left in the run's folder. Where the
// report names the spec's files it must be the one that is named, by its digest.
func ReadKept[T any](run fs.FS, s Spec, name string) (T, error) {
	var into T
	if s.Artifacts == "" {
		return into, fmt.Errorf("%s: %s has no artifacts", name, s.ID)
	}
	file := path.Join(s.Artifacts, name+".json")
	text, err := ReadFile(run, file)
	if err != nil {
		return into, err
	}
	named := func(f EvidenceFile) bool { return f.Path == file && f.Digest == Digest(text) }
	if len(s.Evidence) > 0 && !slices.ContainsFunc(s.Evidence, named) {
		return into, fmt.Errorf("%s is not what the run kept", file)
	}
	if err := json.Unmarshal(text, &into); err != nil {
		return into, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	return into, nil
}

// ReadEvidence reads what a spec looked at, as framework/spec keeps it. The error
// is an ErrNotObserved when the spec says that there was nothing to be seen.
func ReadEvidence[E any](run fs.FS, s Spec, name string) (E, error) {
	var none E
	kept, err := ReadKept[struct {
		Evidence *E     `json:"evidence"`
		Error    string `json:"error"`
	}](run, s, name)
	switch {
	case err != nil:
		return none, err
	case kept.Error != "":
		return none, fmt.Errorf("%w: %s", ErrNotObserved, kept.Error)
	case kept.Evidence == nil:
		return none, fmt.Errorf("%s holds no evidence", path.Join(s.Artifacts, name+".json"))
	}
	return *kept.Evidence, nil
}
