package oom

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"helm.sh/helm/v3/pkg/chart/loader"
)

// patch repairs the text of a template that today's Helm cannot run.
type patch struct{ why, from, to string }

// patches are all that ONAP's releases need.
var patches = []patch{{
	why:  "merging over .Chart, which is a struct, panics",
	from: `mergeOverwrite (deepCopy (omit $dot "Values"))`,
	to:   `mergeOverwrite (deepCopy (omit $dot "Values" "Chart"))`,
}}

// random finds functions of Helm whose result is another one each time.
var random = regexp.MustCompile(`\{\{[^}]*\b(uuidv4|rand[A-Z]\w*|gen(?:PrivateKey|CA\w*|SelfSigned\w*|SignedCert\w*)|htpasswd|bcrypt|encryptAES|shuffle|now)\b`)

// definition is a named template.
type definition struct{ body, file string }

// template returns the file as it is to be rendered, and notes what is special.
func (a *assembly) template(s *source, f *loader.BufferedFile) *loader.BufferedFile {
	if !strings.HasPrefix(f.Name, "templates/") {
		return f
	}
	where := path.Join(s.dir, f.Name)
	for _, p := range patches {
		if bytes.Contains(f.Data, []byte(p.from)) {
			a.note(Trait{PatchedTemplate, where, p.why})
			f = &loader.BufferedFile{Name: f.Name, Data: bytes.ReplaceAll(f.Data, []byte(p.from), []byte(p.to))}
		}
	}
	if bytes.ContainsRune(f.Data, utf8.RuneError) {
		a.note(Trait{WrongEncoding, where, "comments are not UTF-8"})
	}
	if bytes.Contains(f.Data, []byte("helm.sh/hook")) {
		a.note(Trait{Hook, where, "Helm runs it as a hook"})
	}
	tree := parse.New(where)
	tree.Mode = parse.SkipFuncCheck
	named := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(f.Data), "", "", named); err != nil {
		return f // rendering says what is wrong
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		body := named[name].Root.String()
		if found := random.FindStringSubmatch(body); found != nil {
			a.note(Trait{RandomOutput, where, found[1]})
		}
		if name == where {
			continue
		}
		first, known := a.bodies[name]
		if known && first.body != body {
			a.note(Trait{SameTemplateName, where, fmt.Sprintf("%s has another body than in %s", name, first.file)})
		}
		if !known {
			a.bodies[name] = definition{body, where}
		}
	}
	return f
}
