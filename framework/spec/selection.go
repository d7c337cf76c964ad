package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/onap/meshcert/framework/config"
)

// Selection says which specs a run is about.
type Selection struct {
	// Focus is a comma list of topics, ids or globs over ids; empty means all.
	Focus string
	// LabelFilter is a Ginkgo label expression; empty means all.
	LabelFilter string
	// Topics restricts a profile's stage; empty means all.
	Topics []string
	// Soak adds the specs with label Soak; a Focus that is their id, or a
	// LabelFilter that names the label, picks them too.
	Soak bool
}

// Select returns the specs of the selection, maybe none, in the order of the
// list. A focus or label that names nothing is a *config.UsageError with the
// nearest names.
func Select(all []Spec, s Selection) ([]Spec, error) {
	focused, err := focus(all, s.Focus)
	if err != nil {
		return nil, err
	}
	filter, err := labelFilter(all, s.LabelFilter)
	if err != nil {
		return nil, err
	}
	var selected []Spec
	for _, spec := range focused {
		inStage := len(s.Topics) == 0 || slices.Contains(s.Topics, spec.Topic())
		if inStage && s.hasTime(spec) && filter(spec.LabelNames()) {
			selected = append(selected, spec)
		}
	}
	return selected, nil
}

// hasTime tells whether the spec is quick, or was asked for all the same.
func (s Selection) hasTime(spec Spec) bool {
	if s.Soak || !slices.Contains(spec.Labels, Soak) || strings.Contains(s.LabelFilter, string(Soak)) {
		return true
	}
	return slices.ContainsFunc(strings.Split(s.Focus, ","), func(word string) bool { return strings.TrimSpace(word) == spec.ID })
}

// CheckSelection refuses, before anything is made, a selection that leaves no
// stage with a spec.
func CheckSelection(all []Spec, stages ...Selection) error {
	for _, s := range stages {
		selected, err := Select(all, s)
		if err != nil || len(selected) > 0 {
			return err
		}
	}
	return &config.UsageError{Field: "--focus", Text: "together with --label-filter and the profile it selects no spec; see meshcert list"}
}

func focus(all []Spec, text string) ([]Spec, error) {
	byID := map[string]Spec{}
	var ids []string
	for _, s := range all {
		byID[s.ID] = s
		ids = append(ids, s.ID)
	}
	picked, err := config.Focus("--focus", text, ids, func(id string) string { return byID[id].Topic() })
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(s Spec) bool { return !picked[s.ID] }), nil
}

// labelFilter parses a Ginkgo label expression and refuses one that names a
// label nobody has.
func labelFilter(all []Spec, text string) (types.LabelFilter, error) {
	filter, err := types.ParseLabelFilter(text)
	if err != nil {
		return nil, &config.UsageError{Field: "--label-filter", Text: fmt.Sprintf("%q is no label expression, such as 'core && !vfc'", text)}
	}
	known := knownLabels(all)
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("&|!(), ", r) }) {
		if strings.HasPrefix(word, "/") {
			return filter, nil
		}
		if !slices.Contains(known, word) {
			return nil, &config.UsageError{Field: "--label-filter", Text: config.Unknown(word, known)}
		}
	}
	return filter, nil
}

// knownLabels lists every label a spec of the list carries.
func knownLabels(all []Spec) []string {
	var out []string
	for _, s := range all {
		out = append(out, s.LabelNames()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
