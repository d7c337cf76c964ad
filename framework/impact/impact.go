// Package impact says what a change can break: which specs of a project it has
// to be judged by, and why each. It guarantees that it never chooses less than
// is safe: a file that it does not know can break everything of the project.
// A spec is left out only where the catalogue or the spec itself says that the
// change does not reach it.
package impact

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/spec"
)

// Project is one of ONAP's projects that meshcert judges.
type Project struct {
	// Name is what people write, the project's Helm release and its chart: "vfc".
	Name string
	// Title is what the catalogue calls it: "VF-C".
	Title string
	// Label marks its specs.
	Label spec.Label
}

// Projects lists the projects there are.
func Projects() []Project {
	return []Project{{"msb", "MSB", spec.MSB}, {"multicloud", "MultiCloud", spec.MultiCloud}, {"vfc", "VF-C", spec.VFC}}
}

// Names are the projects' names.
func Names() []string {
	var names []string
	for _, p := range Projects() {
		names = append(names, p.Name)
	}
	return names
}

// Find returns the project of that name.
func Find(name string) (Project, bool) {
	i := slices.IndexFunc(Projects(), func(p Project) bool { return p.Name == name })
	if i < 0 {
		return Project{}, false
	}
	return Projects()[i], true
}

// gateway is the app that every request of a spec with label Traffic goes through.
const gateway = "msb-iag"

// Impact is what a change can break of a project.
type Impact struct {
	Project string `json:"project"`
	// Files are the change's, each once, in their order; none where there is no
	// change and the project as a whole is judged.
	Files []File `json:"files,omitempty"`
	// Chosen are the specs, in the order of the list; none when there is nothing
	// to judge: then the change is documentation, or other projects' alone.
	Chosen []Choice `json:"chosen"`
	// Left counts the specs of the list that the change cannot break.
	Left int `json:"left"`
}

// Choice is a spec that the change can break.
type Choice struct {
	Spec   string `json:"spec"`
	Proves string `json:"proves"`
	// Why says what connects it with the change.
	Why string `json:"why"`
}

// IDs are the chosen specs.
func (i Impact) IDs() []string {
	var ids []string
	for _, c := range i.Chosen {
		ids = append(ids, c.Spec)
	}
	return ids
}

// reach is the part of ONAP that something touches.
type reach struct {
	// whole are projects by title, apps single workloads by app name.
	whole map[string]bool
	apps  map[string]bool
}

func (r reach) has(title, app string) bool { return r.whole[title] || r.apps[app] }

// empty tells that nothing is touched.
func (r reach) empty() bool { return len(r.whole)+len(r.apps) == 0 }

// Of says which of the specs the project's change can break. Without a change
// (nil) that is whatever the project can break at all; of a change it is what is
// chosen for one file at least. The releases are all that the answer must hold for.
func Of(project Project, releases []*catalogue.Release, specs []spec.Spec, change []string) Impact {
	all := atlas(releases)
	i := Impact{Project: project.Name, Chosen: []Choice{}}
	own := reach{whole: map[string]bool{project.Title: true}}
	touched, everything := own, true
	if change != nil {
		i.Files = all.files(change)
		touched, everything = all.reached(i.Files)
	}
	for _, s := range specs {
		why := all.breaks(own, s)
		if why != "" && !everything {
			why = all.breaks(touched, s)
		}
		if why == "" {
			i.Left++
			continue
		}
		i.Chosen = append(i.Chosen, Choice{Spec: s.ID, Proves: s.Proves, Why: why})
	}
	return i
}

// atlas are the releases that are looked at.
type atlas []*catalogue.Release

// breaks says why what is reached can break the spec, "" when it cannot.
func (a atlas) breaks(r reach, s spec.Spec) string {
	if r.empty() {
		return ""
	}
	if len(s.Paths) > 0 {
		return a.breaksPath(r, s.Paths)
	}
	for _, p := range Projects() {
		if slices.Contains(s.Labels, p.Label) && a.reaches(r, p.Title) {
			return "it judges " + p.Title
		}
	}
	if title := a.title(gateway); slices.Contains(s.Labels, spec.Traffic) && a.reaches(r, title) {
		return fmt.Sprintf("its requests go through %s of %s", gateway, title)
	}
	return ""
}

// breaksPath says why what is reached can break one of the paths.
func (a atlas) breaksPath(r reach, ids []string) string {
	for _, release := range a {
		for _, id := range ids {
			path, ok := release.Path(id)
			if !ok {
				continue
			}
			for _, hop := range path.Hops {
				if r.has(a.title(hop), hop) {
					return fmt.Sprintf("path %s (%s) goes through %s", id, strings.Join(path.Hops, " → "), hop)
				}
			}
			for _, e := range release.Edges {
				if e.When == path.Cause() && (r.has(a.title(e.From), e.From) || r.has(a.title(e.To), e.To)) {
					return fmt.Sprintf("on path %s %s calls %s", id, e.From, e.To)
				}
			}
			if title := a.title(gateway); a.reaches(r, title) && slices.Contains(path.Hops, gateway) {
				return fmt.Sprintf("path %s needs the routes of %s", id, title)
			}
		}
	}
	return ""
}

// reaches tells whether any part of the project is reached.
func (a atlas) reaches(r reach, title string) bool {
	if r.whole[title] {
		return true
	}
	for app := range r.apps {
		if a.title(app) == title {
			return true
		}
	}
	return false
}

// title is the project of an app, "" for one that no release has.
func (a atlas) title(app string) string {
	for _, release := range a {
		if w, ok := release.Workload(app); ok {
			return w.Project
		}
	}
	return ""
}
