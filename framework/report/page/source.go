package page

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// largest is how many bytes of a file are read: more than any evidence has.
const largest = 32 << 20

// source reads a run's folder and notes what it could not read.
type source struct {
	files  fs.FS
	unread []string
	// noted is what unread has; told that it has the whole folder.
	noted map[string]bool
	told  bool
	// falls are the traces that were drawn already.
	falls map[place][]tracing.Waterfall
}

// kept is evidence as framework/spec stores it.
type kept[E any] struct {
	Evidence *E `json:"evidence"`
	// Error says why there is no evidence; the spec's finding says so too.
	Error string `json:"error"`
}

// evidenceOf reads what the spec looked at; false when there is none.
func evidenceOf[E any](s *source, spec report.Spec, name string) (E, bool) {
	var seen E
	file, ok := keptFile[kept[E]](s, spec, name)
	if !ok || file.Evidence == nil || file.Error != "" {
		return seen, false
	}
	return *file.Evidence, true
}

// keptFile reads a file of the spec's folder. Of a spec that passed all files
// were written, so that one that is not there is worth a word.
func keptFile[T any](s *source, spec report.Spec, name string) (T, bool) {
	var into T
	if spec.Artifacts == "" {
		return into, false
	}
	file := path.Join(spec.Artifacts, name+".json")
	text, err := s.read(file)
	if errors.Is(err, fs.ErrNotExist) && spec.Verdict != verdict.Pass {
		return into, false
	}
	if err == nil {
		err = json.Unmarshal(text, &into)
	}
	if err != nil {
		s.note(file, err)
		return into, false
	}
	return into, true
}

// read reads one file of the run's folder.
func (s *source) read(file string) ([]byte, error) {
	if s.files == nil {
		return nil, fs.ErrNotExist
	}
	open, err := s.files.Open(file)
	if err != nil {
		return nil, err
	}
	defer open.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(io.LimitReader(open, largest+1))
	if err == nil && len(text) > largest {
		err = fmt.Errorf("it has more than %d bytes", largest)
	}
	return text, err
}

// note notes once that the whole folder is missing, else each file.
func (s *source) note(file string, problem error) {
	if !s.whole() {
		if !s.told {
			s.told = true
			s.unread = append(s.unread, report.ArtifactsFolder+": the folder is not beside the report, so what is drawn from evidence is missing here")
		}
		return
	}
	text := prose.OneLine(file + ": " + problem.Error())
	if errors.Is(problem, fs.ErrNotExist) {
		text = file + ": it is not there"
	}
	if s.noted[text] {
		return
	}
	if s.noted == nil {
		s.noted = map[string]bool{}
	}
	s.noted[text] = true
	s.unread = append(s.unread, text)
}

// whole tells whether there is a folder of artifacts at all.
func (s *source) whole() bool {
	if s.files == nil {
		return false
	}
	info, err := fs.Stat(s.files, report.ArtifactsFolder)
	return err == nil && info.IsDir()
}

// has tells whether the spec left the file.
func (s *source) has(spec report.Spec, name string) bool {
	if s.files == nil || spec.Artifacts == "" {
		return false
	}
	_, err := fs.Stat(s.files, path.Join(spec.Artifacts, name+".json"))
	return err == nil
}
