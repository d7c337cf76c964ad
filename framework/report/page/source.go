package page

import (
	"errors"
	"io/fs"
	"path"

	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

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

// evidenceOf reads what the spec looked at; false when there is none.
func evidenceOf[E any](s *source, spec report.Spec, name string) (E, bool) {
	seen, err := report.ReadEvidence[E](s.files, spec, name)
	return seen, s.known(spec, err)
}

// keptFile reads a file of the spec's folder.
func keptFile[T any](s *source, spec report.Spec, name string) (T, bool) {
	kept, err := report.ReadKept[T](s.files, spec, name)
	return kept, s.known(spec, err)
}

// known tells whether a file of the spec was read. Of a spec that passed all files
// were written, so that one that is not there is worth a word.
func (s *source) known(spec report.Spec, err error) bool {
	silent := spec.Artifacts == "" || errors.Is(err, report.ErrNotObserved) || errors.Is(err, fs.ErrNotExist) && spec.Verdict != verdict.Pass
	if err != nil && !silent {
		s.note(err)
	}
	return err == nil
}

// note notes once that the whole folder is missing, else each file.
func (s *source) note(problem error) {
	if !s.whole() {
		if !s.told {
			s.told = true
			s.unread = append(s.unread, report.ArtifactsFolder+": the folder is not beside the report, so what is drawn from evidence is missing here")
		}
		return
	}
	text := prose.OneLine(problem.Error())
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
