package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var (
	layers = []Layer{Workload, Application, Mesh, Telemetry, MSB, Charts, Cluster}
	untils = []Until{Available, Updated, Gone, AtOnce}
	// containers are kinds whose deletion deletes other objects.
	containers = []string{"Namespace", "CustomResourceDefinition"}

	kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// problems collects what is wrong with one fault, each named by its field.
type problems struct {
	id  string
	all []error
}

func (p *problems) add(field, format string, args ...any) {
	p.all = append(p.all, fmt.Errorf("%s.yaml: %s: %s", p.id, field, fmt.Sprintf(format, args...)))
}

// Check returns every problem of the fault that can be seen without a cluster;
// each line names file, field and fix.
func (f Fault) Check() error {
	p := &problems{id: f.ID}
	if !kebab.MatchString(f.ID) {
		p.add("file name", "%q is not in kebab-case, like vio-without-sidecar", f.ID)
	}
	if !slices.Contains(layers, f.Layer) {
		p.add("layer", "%q is none of %s", f.Layer, words(layers))
	}
	if strings.TrimSpace(f.Breaks) == "" {
		p.add("breaks", "is empty; say in one clause what is broken")
	}
	if f.Live() == (len(f.Evidence) > 0) {
		p.add("apply", "exactly one of apply (on a cluster) and evidence (on what was recorded) is wanted")
	}
	for i, a := range f.Apply {
		p.action(fmt.Sprintf("apply[%d]", i), a)
	}
	if _, err := f.Needs.Complete(); err != nil {
		p.add("needs", "%v", err)
	}
	f.checkClear(p)
	f.checkDisturbs(p)
	for i, e := range f.Evidence {
		p.evidence(fmt.Sprintf("evidence[%d]", i), e)
	}
	if len(f.Red) == 0 {
		p.add("red", "is empty; name at least one spec that must notice")
	}
	for i, r := range f.Red {
		if r.Spec == "" || r.Kind == "" || r.Object == "" {
			p.add(fmt.Sprintf("red[%d]", i), "needs spec, kind and object: what the finding must name")
		}
	}
	return errors.Join(p.all...)
}

func (f Fault) checkClear(p *problems) {
	if !f.Live() && len(f.Clear) > 0 {
		p.add("clear", "is only for faults with apply")
	}
	if !f.Live() && f.Quick {
		p.add("quick", "is only for faults with apply")
	}
	if !f.Live() && f.Alone {
		p.add("alone", "is only for faults with apply")
	}
	for i, a := range f.Clear {
		field := fmt.Sprintf("clear[%d]", i)
		if a.Restart == "" && a.Request == nil {
			p.add(field, "only restart and request can clear: nothing would put back another change")
		}
		p.action(field, a)
	}
}

func (f Fault) checkDisturbs(p *problems) {
	if len(f.Disturbs) == 0 {
		return
	}
	if !f.Live() {
		p.add("disturbs", "is only for faults with apply")
	}
	if f.Alone {
		p.add("disturbs", "says nothing beside alone; leave one of the two out")
	}
	for i, glob := range f.Disturbs {
		field := fmt.Sprintf("disturbs[%d]", i)
		if _, err := path.Match(glob, ""); err != nil {
			p.add(field, "%q is not a valid glob: %v", glob, err)
		}
		if slices.Contains(f.Disturbs[:i], glob) {
			p.add(field, "%q is there twice", glob)
		}
	}
}

// action checks one action's fields.
func (p *problems) action(field string, a Action) {
	kinds := a.kinds()
	if len(kinds) != 1 {
		p.add(field, "exactly one of edit, create, delete, restart, values and request is wanted, not %d (%s)", len(kinds), strings.Join(kinds, ", "))
		return
	}
	if a.With != "" && a.Edit == "" {
		p.add(field+".with", "is only for edit")
	}
	p.until(field+".until", a)
	switch {
	case a.Edit != "":
		p.reference(field+".edit", a.Edit)
		p.program(field+".with", a.With)
	case a.Delete != "":
		if r, ok := p.reference(field+".delete", a.Delete); ok && slices.Contains(containers, r.Kind) {
			p.add(field+".delete", "%q would take with it what it holds, which would not come back", a.Delete)
		}
	case a.Restart != "":
		if r, ok := p.reference(field+".restart", a.Restart); ok && !r.workload() {
			p.add(field+".restart", "%q is no Deployment", a.Restart)
		}
	case a.Create != nil:
		o := unstructured.Unstructured{Object: a.Create}
		if o.GetAPIVersion() == "" || o.GetKind() == "" || o.GetName() == "" {
			p.add(field+".create", "needs apiVersion, kind and metadata.name")
		}
	case a.Request != nil:
		p.request(field+".request", *a.Request)
	default:
		for _, v := range a.Values {
			if key, _, ok := strings.Cut(v, "="); !ok || key == "" {
				p.add(field+".values", "%q is not KEY=VALUE", v)
			}
		}
	}
}

// kinds names the kinds of change that are set.
func (a Action) kinds() []string {
	var set []string
	for _, kind := range []struct {
		name string
		set  bool
	}{
		{"edit", a.Edit != ""}, {"create", a.Create != nil}, {"delete", a.Delete != ""},
		{"restart", a.Restart != ""}, {"values", len(a.Values) > 0}, {"request", a.Request != nil},
	} {
		if kind.set {
			set = append(set, kind.name)
		}
	}
	return set
}

func (p *problems) until(field string, a Action) {
	if a.Until == "" {
		return
	}
	if !slices.Contains(untils, a.Until) {
		p.add(field, "%q is none of %s", a.Until, words(untils))
	}
	if r, err := parseReference(a.Edit + a.Restart); err != nil || !r.workload() {
		p.add(field, "is only for the edit or restart of a Deployment")
	}
}

func (p *problems) reference(field, text string) (reference, bool) {
	r, err := parseReference(text)
	if err != nil {
		p.add(field, "%v", err)
	}
	return r, err == nil
}

func (p *problems) program(field, program string, variables ...string) {
	if strings.TrimSpace(program) == "" {
		p.add(field, "is empty; a jq program is wanted")
		return
	}
	if _, err := compile(program, variables...); err != nil {
		p.add(field, "%v", err)
	}
}

func (p *problems) evidence(field string, e Edit) {
	if e.Spec == "" || e.Name == "" {
		p.add(field, "needs spec and name, as in artifacts/RELEASE/SPEC/NAME.json")
	}
	p.program(field+".with", e.With, keptVariable)
}

func (p *problems) request(field string, r Request) {
	if r.Method == "" || strings.ToUpper(r.Method) != r.Method {
		p.add(field+".method", "%q is no HTTP method, like PUT", r.Method)
	}
	if _, _, _, err := r.target(); err != nil {
		p.add(field+".service", "%v", err)
	}
	if _, err := url.Parse(r.Path); err != nil || !strings.HasPrefix(r.Path, "/") {
		p.add(field+".path", "%q is no path that begins with a slash", r.Path)
	}
	if r.Body != "" && !json.Valid([]byte(r.Body)) {
		p.add(field+".body", "is no JSON")
	}
	if r.Status < 100 || r.Status > 599 {
		p.add(field+".status", "%d is no HTTP status; say which answer is wanted", r.Status)
	}
}

// words joins the words that a field may have.
func words[T ~string](all []T) string {
	text := make([]string, len(all))
	for i, w := range all {
		text[i] = string(w)
	}
	return strings.Join(text, ", ")
}
