package review

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/verdict"
)

// Charts are the charts that a release was installed from.
type Charts struct {
	// FS holds one folder for each project's chart: msb, multicloud, vfc; nil when
	// nobody can look into the charts.
	FS fs.FS
	// Prefix is where FS lies in the repository of the change: "kubernetes".
	Prefix string
	// Releases say which workload comes from which chart.
	Releases []*catalogue.Release
}

// Place is a line of a file.
type Place struct {
	// File is its path in the repository, with slashes; empty for no place.
	File string `json:"file,omitempty"`
	// Line counts from 1; 0 means the file as a whole.
	Line int `json:"line,omitempty"`
	// From and To are where in the line its text begins and ends, in characters
	// from 0; To is the first that is not part of it.
	From int `json:"from,omitempty"`
	To   int `json:"to,omitempty"`
}

// hints are which keys of values and templates a finding is about, by words of
// its kind; the first that fits counts.
func hints() []struct{ word, keys string } {
	return []struct{ word, keys string }{
		{"sidecar", "istioSidecar sidecar.istio.io/inject"}, {"image", "image"}, {"version", "image"},
		{"registration", "registrations msb.onap.org/service-info"}, {"registered", "registrations msb.onap.org/service-info"},
		{"annotation", "registrations msb.onap.org/service-info"},
		{"node-port", "nodePort"}, {"port", "service internalPort"}, {"limits", "resources"}, {"root", "securityContext"},
		{"account", "serviceAccount serviceAccountName"}, {"probe", "liveness readiness livenessProbe"}, {"replica", "replicaCount replicas"},
		{"header", "image"}, {"env", "env"},
	}
}

func keys(f verdict.Finding) []string {
	// A container that is lacking or too many is the sidecar more often than not.
	about := string(f.Kind) + " " + strings.ReplaceAll(f.Summary, catalogue.Proxy, "sidecar")
	if !strings.Contains(f.Summary, catalogue.Proxy) {
		about = string(f.Kind)
	}
	for _, h := range hints() {
		if strings.Contains(about, h.word) {
			return strings.Fields(h.keys)
		}
	}
	return nil
}

// home is a file of the project's chart that is always there.
func (c Charts) home(title string) string {
	for _, release := range c.Releases {
		for _, w := range release.Workloads {
			if w.Project == title {
				return path.Join(c.Prefix, w.HelmRelease, "Chart.yaml")
			}
		}
	}
	return path.Join(c.Prefix, "Chart.yaml")
}

// place is where the charts make what the finding is about: in a file of the
// change if that can be, since that is where a reviewer looks.
func (c Charts) place(f verdict.Finding, change []string) Place {
	o, ok := c.origin(f.Object)
	if !ok || c.FS == nil {
		return Place{}
	}
	files := c.files(o)
	changed := slices.DeleteFunc(slices.Clone(files), func(name string) bool { return !slices.Contains(change, path.Join(c.Prefix, name)) })
	for _, candidates := range [][]string{changed, files} {
		if p := c.line(candidates, f, o); p.File != "" {
			return p
		}
	}
	return Place{}
}

// origin is what of the charts made an object.
type origin struct {
	// kind is the object's; app the workload it belongs to, "" for all of a chart.
	kind, app, chart string
}

// origin finds the chart of an object, "Deployment onap/msb-msb-iag".
func (c Charts) origin(object string) (origin, bool) {
	space := strings.LastIndex(object, " ")
	kind, name := object[:max(space, 0)], object[space+1:]
	namespace, name, named := strings.Cut(name, "/")
	if !named || namespace != catalogue.Namespace {
		return origin{}, false
	}
	for _, release := range c.Releases {
		for _, w := range release.Workloads {
			serves := slices.ContainsFunc(w.Services, func(s catalogue.Service) bool { return s.Name == name })
			switch {
			case kind == "Service" && serves, kind != "Service" && w.Name == name:
				return origin{kind, w.App, w.HelmRelease}, true
			case kind == "Helm release" && w.HelmRelease == name:
				return origin{kind, "", name}, true
			}
		}
	}
	return origin{}, false
}

// files are the chart's files that make the object: of a chart of its own, or of
// the project's.
func (c Charts) files(o origin) []string {
	folder := o.chart
	for _, below := range []string{"charts", "components"} {
		own := path.Join(o.chart, below, o.app)
		if _, err := fs.Stat(c.FS, path.Join(own, "Chart.yaml")); err == nil && o.app != "" {
			folder = own
		}
	}
	files := []string{path.Join(folder, "values.yaml")}
	templates, err := fs.Glob(c.FS, path.Join(folder, "templates", "*.yaml"))
	if err == nil {
		files = append(files, templates...)
	}
	return append(files, path.Join(folder, "Chart.yaml"))
}

// line looks for what the finding is about, the most telling first: its key, then
// where the object begins, then the first file that there is.
func (c Charts) line(files []string, f verdict.Finding, o origin) Place {
	texts := map[string]string{}
	for _, name := range files {
		if text, err := fs.ReadFile(c.FS, name); err == nil {
			texts[name] = string(text)
		}
	}
	var begins, first Place
	for _, name := range files {
		text, ok := texts[name]
		if !ok {
			continue
		}
		isValues := path.Base(name) == "values.yaml"
		makes := kindLine(text, o.kind)
		for _, key := range keys(f) {
			n := 0
			if isValues {
				n = valueLine(text, o.app, key)
			} else if makes > 0 {
				n = keyLine(text, key)
			}
			if n > 0 {
				return c.at(name, text, n)
			}
		}
		if isValues && o.app != "" {
			makes = valueLine(text, o.app, "")
		}
		if makes > 0 && begins.File == "" {
			begins = c.at(name, text, makes)
		}
		if first.File == "" {
			first = Place{File: path.Join(c.Prefix, name)}
		}
	}
	if begins.File != "" {
		return begins
	}
	return first
}

// at is the line's place, without the spaces around its text.
func (c Charts) at(name, text string, n int) Place {
	line := strings.TrimRight(strings.Split(text, "\n")[n-1], " \t\r")
	start := len(line) - len(strings.TrimLeft(line, " \t"))
	return Place{File: path.Join(c.Prefix, name), Line: n, From: utf8.RuneCountInString(line[:start]), To: utf8.RuneCountInString(line)}
}

// valueLine is the line of a key in a value file: below the workload's own key
// where the file is about several. Without a key it is the workload's own line.
// 0 means there is none, or the file is no YAML.
func valueLine(text, app, key string) int {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil || len(document.Content) == 0 {
		return 0
	}
	root := document.Content[0]
	name, value := child(root, app)
	if key == "" {
		return lineOf(name)
	}
	if value != nil {
		root = value
	}
	name, _ = child(root, key)
	return lineOf(name)
}

// child is a mapping's entry, nil for none.
func child(mapping *yaml.Node, key string) (name, value *yaml.Node) {
	if mapping.Kind != yaml.MappingNode || key == "" {
		return nil, nil
	}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

func lineOf(n *yaml.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// keyLine is the first line of a template, which is no YAML yet, that sets the key.
func keyLine(text, key string) int {
	return matching(text, `^[\s-]*["']?`+regexp.QuoteMeta(key)+`["']?:`)
}

// kindLine is the line of a template that an object of the kind begins with.
func kindLine(text, kind string) int {
	return matching(text, `^kind: *["']?`+regexp.QuoteMeta(kind)+`["']?\s*$`)
}

// matching is the number of the first line that matches, 0 for none.
func matching(text, pattern string) int {
	form := regexp.MustCompile(pattern)
	n := 0
	for line := range strings.Lines(text) {
		if n++; form.MatchString(strings.TrimRight(line, "\r\n")) {
			return n
		}
	}
	return 0
}
