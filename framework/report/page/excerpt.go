package page

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onap/meshcert/framework/report"
)

// file is one that a spec left.
type file struct {
	// Link leads to it from where the page is; Name is its own.
	Link, Name, Digest string
	Bytes              int64
	path               string
}

// filesOf are the files of the spec's folder: those of the report, or, in a
// report that names none, those that are there.
func filesOf(spec report.Spec, s *source) []file {
	var files []file
	for _, e := range spec.Evidence {
		if fs.ValidPath(e.Path) {
			files = append(files, file{Link: link(e.Path), Name: path.Base(e.Path), Digest: e.Digest, Bytes: e.Bytes, path: e.Path})
		}
	}
	folder := strings.TrimSuffix(spec.Artifacts, "/")
	if len(files) > 0 || folder == "" || s.files == nil || !fs.ValidPath(folder) {
		return files
	}
	entries, err := fs.ReadDir(s.files, folder)
	if err != nil {
		s.note(fmt.Errorf("%s cannot be read: %w", spec.Artifacts, err))
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		at := path.Join(folder, e.Name())
		files = append(files, file{Link: link(at), Name: e.Name(), Bytes: info.Size(), path: at})
	}
	return files
}

// link is the path as a relative reference.
func link(at string) string { return (&url.URL{Path: at}).String() }

// excerpt is a part of a file of evidence.
type excerpt struct {
	Link, Name, Text string
	// About is what the part was chosen for; empty for the file's beginning.
	About string
}

// What is shown of the evidence of specs that did not pass.
const (
	excerpted    = 60
	excerptFiles = 2
	linesBefore  = 6
	linesShown   = 22
	columnsShown = 160
)

// excerptsOf shows the evidence near what the first finding is about, in the
// smallest files that have it; else the beginning of the smallest file.
func excerptsOf(c card, s *source) []excerpt {
	files := slices.Clone(c.Files)
	slices.SortStableFunc(files, func(a, b file) int { return cmp.Compare(a.Bytes, b.Bytes) })
	object := c.Blamed[0].Object
	about := object[strings.LastIndex(object, "/")+1:]
	var found, begin []excerpt
	for _, f := range files {
		if len(found) == excerptFiles {
			break
		}
		text, err := report.ReadFile(s.files, f.path)
		if err != nil {
			s.note(err)
			continue
		}
		if about != "" && object != about {
			if at := bytes.Index(text, []byte(about)); at >= 0 {
				found = append(found, excerpt{f.Link, f.Name, cut(text, bytes.Count(text[:at], []byte("\n"))-linesBefore), about})
				continue
			}
		}
		if len(begin) == 0 && len(bytes.TrimSpace(text)) > 0 {
			begin = append(begin, excerpt{Link: f.Link, Name: f.Name, Text: cut(text, 0)})
		}
	}
	if len(found) > 0 {
		return found
	}
	return begin
}

// cut is some lines of the text from one on, none too long.
func cut(text []byte, from int) string {
	var out strings.Builder
	shown, number := 0, 0
	for line := range bytes.Lines(text) {
		number++
		if number <= from {
			continue
		}
		if shown == linesShown {
			out.WriteString("…\n")
			break
		}
		shown++
		if len(line) > columnsShown {
			line = append(line[:columnsShown:columnsShown], "…\n"...)
		}
		out.WriteString(strings.ToValidUTF8(string(line), string(utf8.RuneError)))
	}
	return out.String()
}

// Size is for people.
func (f file) Size() string {
	if f.Bytes < 1024 {
		return fmt.Sprintf("%d B", f.Bytes)
	}
	return fmt.Sprintf("%.0f KiB", float64(f.Bytes)/1024)
}
