package config

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Focus reads a comma list of groups, ids or globs over ids and returns what it
// picks; an empty text picks everything. group is the group of an id: the topic
// of a spec, the layer of a fault. A word that names nothing is a *UsageError
// about the field, with the nearest names.
func Focus(field, text string, ids []string, group func(id string) string) (map[string]bool, error) {
	picked := map[string]bool{}
	if text == "" {
		for _, id := range ids {
			picked[id] = true
		}
		return picked, nil
	}
	for _, word := range strings.Split(text, ",") {
		word = strings.TrimSpace(word)
		found := false
		for _, id := range ids {
			matched, err := path.Match(word, id)
			if err != nil {
				return nil, &UsageError{Field: field, Text: fmt.Sprintf("%q is not a valid glob: %v", word, err)}
			}
			if matched || group(id) == word {
				picked[id], found = true, true
			}
		}
		if !found {
			return nil, &UsageError{Field: field, Text: Unknown(word, focusable(ids, group))}
		}
	}
	return picked, nil
}

// focusable are the words a focus can have, globs aside.
func focusable(ids []string, group func(string) string) []string {
	var names []string
	for _, id := range ids {
		names = append(names, group(id), id)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
