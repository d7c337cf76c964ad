package oom

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"
	"sigs.k8s.io/yaml"
)

const (
	// maxFile and maxTotal bound a file, and all that one Load or all archives of
	// a tree hold, in bytes; Helm's own bounds for a packaged chart.
	maxFile  = 5 << 20
	maxTotal = 100 << 20
)

// source is one chart folder, without the charts below it.
type source struct {
	dir string
	// vendored says that it lies below another chart's charts/.
	vendored bool
	// parts are the charts below its own charts/.
	parts []*source
	// meta holds Chart.yaml and requirements.yaml together.
	meta chart.Metadata
	// files are the paths of its files in its folder.
	files  []string
	ignore *ignore.Rules
	traits []Trait
	// err says why the chart cannot be loaded.
	err error
}

func (s *source) name() string {
	if s.meta.Name == "" {
		return path.Base(s.dir)
	}
	return s.meta.Name
}

// broken tells whether the chart cannot be loaded; whoever tries is told why.
func (s *source) broken() bool { return s.err != nil }

func (s *source) note(kind Kind, where, format string, args ...any) {
	s.traits = append(s.traits, Trait{kind, where, fmt.Sprintf(format, args...)})
}

func (s *source) fault(file, fix, format string, args ...any) error {
	return &Error{s.name(), path.Join(s.dir, file), fmt.Sprintf(format, args...), fix}
}

// describe reads what the chart says of itself. Call it for a chart before those below it.
func (t *Tree) describe(s *source) error {
	if err := t.readIgnore(s); err != nil {
		return err
	}
	if err := t.readMeta(s, "Chart.yaml"); err != nil {
		return err
	}
	if slices.Contains(s.files, "requirements.yaml") {
		if err := t.readMeta(s, "requirements.yaml"); err != nil {
			return err
		}
		s.note(RequirementsFile, path.Join(s.dir, "requirements.yaml"), "%d dependencies", len(s.meta.Dependencies))
	}
	if s.meta.APIVersion == "" {
		s.note(NoAPIVersion, path.Join(s.dir, "Chart.yaml"), "taken for %s", chart.APIVersionV1)
		s.meta.APIVersion = chart.APIVersionV1
	}
	if path.Ext(s.dir) == archiveSuffix {
		s.note(Archive, s.dir, "it is read as if unpacked")
	} else if s.meta.Name != path.Base(s.dir) {
		s.note(OtherName, s.dir, "the chart is %s", s.name())
	}
	s.dropRepeated()
	if err := s.meta.Validate(); err != nil {
		return s.fault(s.metaFile(), "correct it", "%v", err)
	}
	for _, d := range s.meta.Dependencies {
		if d.Alias != "" {
			s.note(Alias, s.dir, "%s as %s", d.Name, d.Alias)
		}
		if strings.ContainsAny(d.Condition, " :") {
			s.note(IgnoredCondition, s.dir, "%s: %q", d.Name, d.Condition)
		}
	}
	return nil
}

// metaFile is where the dependencies are listed.
func (s *source) metaFile() string {
	if slices.Contains(s.files, "requirements.yaml") {
		return "requirements.yaml"
	}
	return "Chart.yaml"
}

func (t *Tree) readMeta(s *source, file string) error {
	data, err := t.text(s, file)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal(data, &s.meta); err != nil {
		return s.fault(file, "correct its YAML", "%v", err)
	}
	return nil
}

// dropRepeated leaves out a dependency that is listed again in the same way,
// which Helm refuses.
func (s *source) dropRepeated() {
	var kept []*chart.Dependency
	for _, d := range s.meta.Dependencies {
		same := func(k *chart.Dependency) bool {
			return k != nil && d != nil && k.Name == d.Name && k.Alias == d.Alias && k.Version == d.Version && k.Repository == d.Repository
		}
		if slices.ContainsFunc(kept, same) {
			s.note(ListedTwice, path.Join(s.dir, s.metaFile()), "%s %s", d.Name, d.Version)
			continue
		}
		kept = append(kept, d)
	}
	s.meta.Dependencies = kept
}

// readIgnore reads .helmignore and forgets the files it names. Archives have been
// packaged by Helm's rules already.
func (t *Tree) readIgnore(s *source) error {
	s.ignore = ignore.Empty()
	if slices.Contains(s.files, ignore.HelmIgnore) {
		data, err := t.text(s, ignore.HelmIgnore)
		if err != nil {
			return err
		}
		if s.ignore, err = ignore.Parse(bytes.NewReader(data)); err != nil {
			return s.fault(ignore.HelmIgnore, "write patterns as Helm knows them", "%v", err)
		}
	}
	s.ignore.AddDefaults()
	s.files = slices.DeleteFunc(s.files, func(file string) bool { return file != "Chart.yaml" && s.ignores(file, false) })
	return nil
}

// entry is as much of a file as Helm's rules ask for.
type entry struct {
	fs.FileInfo
	dir bool
}

func (e entry) IsDir() bool { return e.dir }

// ignores tells whether .helmignore names the file, or a folder above it.
func (s *source) ignores(file string, dir bool) bool {
	if s.ignore == nil {
		return false
	}
	for i, c := range file {
		if c == '/' && s.ignore.Ignore(file[:i], entry{dir: true}) {
			return true
		}
	}
	return s.ignore.Ignore(file, entry{dir: dir})
}

// content reads the files of the chart, without those that say what it depends
// on and without stray files below charts/.
func (t *Tree) content(s *source) ([]*loader.BufferedFile, error) {
	var files []*loader.BufferedFile
	for _, name := range s.files {
		switch name {
		case "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock":
			continue
		}
		if below, found := strings.CutPrefix(name, "charts/"); found {
			folder, _, isFolder := strings.Cut(below, "/")
			if isFolder && !strings.HasPrefix(folder, ".") && !strings.HasPrefix(folder, "_") {
				return nil, s.fault("charts/"+folder, "add Chart.yaml or remove the folder", "it has no Chart.yaml")
			}
			continue
		}
		read := t.read
		if name == "values.yaml" || strings.HasPrefix(name, "templates/") {
			read = t.text
		}
		data, err := read(s, name)
		if err != nil {
			return nil, err
		}
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
	}
	return files, nil
}

// text reads a file that must be UTF-8. Comments may be of another encoding, as
// some of 2017 are.
func (t *Tree) text(s *source, file string) ([]byte, error) {
	data, err := t.read(s, file)
	if err != nil || utf8.Valid(data) {
		return data, err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	for i, line := range lines {
		if !utf8.Valid(line) && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
			return nil, s.fault(file, "save it as UTF-8", "line %d is not UTF-8 text", i+1)
		}
		lines[i] = bytes.ToValidUTF8(line, []byte("\uFFFD"))
	}
	return bytes.Join(lines, nil), nil
}

// read returns the file without a byte order mark.
func (t *Tree) read(s *source, file string) ([]byte, error) {
	full := path.Join(s.dir, file)
	data, packed := t.unpacked[full]
	if !packed {
		var err error
		if data, err = readBounded(t.fsys, full); err != nil {
			return nil, s.fault(file, "make it a readable file of at most 5 MiB", "%v", err)
		}
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// readBounded reads no more than the bound, whatever size the file claims.
func readBounded(fsys fs.FS, file string) ([]byte, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	}
	return data, nil
}
