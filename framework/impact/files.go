package impact

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Part says what a file belongs to.
type Part string

const (
	// Document: no chart and no program reads it.
	Document Part = "document"
	// Workload: it is below the chart of one workload.
	Workload Part = "workload"
	// Chart: it is below a project's chart, and of no single workload.
	Chart Part = "chart"
	// Unknown: it may be part of anything.
	Unknown Part = "unknown"
)

// File is one file of a change, and what it belongs to.
type File struct {
	// Name is as the change names it, without git's quotes.
	Name string `json:"name"`
	Part Part   `json:"part"`
	// Of is the workload's app or the project's title.
	Of string `json:"of,omitempty"`
}

func (f File) String() string {
	switch f.Part {
	case Document:
		return "documentation"
	case Workload:
		return "workload " + f.Of
	case Chart:
		return "chart of " + f.Of
	}
	return "not known: it may be part of anything"
}

// ParseChange reads a list of files, one a line, as `git diff --name-only` prints
// it: names with unusual characters are in double quotes and escaped as in C
// (core.quotePath of git-config). A name that is there twice counts once.
func ParseChange(text string) []string {
	change := []string{}
	for line := range strings.Lines(text) {
		name := strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(name, `"`) {
			// What is no quoted name is taken as it is written, and is then not known.
			if plain, err := strconv.Unquote(name); err == nil {
				name = plain
			}
		}
		if name != "" && !slices.Contains(change, name) {
			change = append(change, name)
		}
	}
	return change
}

// files says what each file belongs to.
func (a atlas) files(change []string) []File {
	var files []File
	for _, name := range change {
		files = append(files, a.file(name))
	}
	return files
}

func (a atlas) file(name string) File {
	f := File{Name: name, Part: Unknown}
	if name != path.Clean(name) || path.IsAbs(name) || strings.HasPrefix(name, "..") || strings.ContainsRune(name, 0) {
		return f
	}
	folders := strings.Split(path.Dir(name), "/")
	below, project := chart(folders)
	if document(folders, below, path.Base(name)) {
		f.Part = Document
		return f
	}
	if project.Name == "" {
		return f
	}
	f.Part, f.Of = Chart, project.Title
	// Charts of workloads lie in charts (until Guilin) or components (since).
	for i, folder := range below {
		inside := i > 0 && (below[i-1] == "charts" || below[i-1] == "components")
		if inside && a.title(folder) == project.Title {
			f.Part, f.Of = Workload, folder
		}
	}
	return f
}

// chartRoots are the folders that projects' charts lie in: of an OOM checkout and
// of meshcert's own.
func chartRoots() []string { return []string{"kubernetes", "fixtures/charts"} }

// chart finds the project's chart that the folders lead into, and the folders
// below it.
func chart(folders []string) (below []string, project Project) {
	for _, root := range chartRoots() {
		n := strings.Count(root, "/") + 1
		if len(folders) <= n || strings.Join(folders[:n], "/") != root {
			continue
		}
		if p, ok := Find(folders[n]); ok {
			return folders[n+1:], p
		}
	}
	return nil, Project{}
}

// document tells whether nothing but people reads the file. What lies in a chart's
// folders may be put into a ConfigMap, whatever its name; templates may include it.
func document(folders, below []string, base string) bool {
	if folders[0] == "docs" {
		return true
	}
	if slices.ContainsFunc(below, func(folder string) bool {
		return slices.Contains([]string{"templates", "resources", "config", "files"}, folder)
	}) {
		return false
	}
	if prose := []string{".md", ".rst", ".adoc"}; slices.Contains(prose, strings.ToLower(path.Ext(base))) {
		return below != nil || folders[0] == "."
	}
	return folders[0] == "." && slices.Contains([]string{"LICENSE", "LICENSE.txt", "NOTICE", "INFO.yaml", ".gitreview", ".mailmap"}, base)
}

// reached is the part of ONAP that the files touch; everything when there is a
// file that is not known.
func (a atlas) reached(files []File) (r reach, everything bool) {
	r = reach{whole: map[string]bool{}, apps: map[string]bool{}}
	for _, f := range files {
		switch f.Part {
		case Workload:
			r.apps[f.Of] = true
		case Chart:
			r.whole[f.Of] = true
		case Unknown:
			everything = true
		}
	}
	return r, everything
}
