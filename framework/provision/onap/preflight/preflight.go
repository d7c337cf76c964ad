// Package preflight says what would go wrong with an install before anything is
// made: it compares the objects with what the cluster has. It guarantees that
// Check asks nobody and changes nothing.
package preflight

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is missing or does not fit.
type Problem struct {
	// Objects are the objects it concerns, "Deployment onap/vfc-vfc-nslcm", or
	// "Namespace onap" for all together.
	Objects []string
	// Field is the path of the field in the objects, "" for none or where it is
	// not the same in all.
	Field string
	// What is wrong, and Fix what to do.
	What, Fix string
	// Fatal says that the install cannot become ready with it; anything else is
	// a warning.
	Fatal bool
}

// String is one line: "Deployment onap/a: FIELD: WHAT; FIX", or of several objects
// "2 Deployments: FIELD: WHAT; FIX (onap/a, onap/b)".
func (p Problem) String() string {
	where, which := p.Objects[0], ""
	if len(p.Objects) > 1 {
		where, which = summary(p.Objects)
	}
	if p.Field != "" {
		where += ": " + p.Field
	}
	return fmt.Sprintf("%s: %s; %s%s", where, p.What, p.Fix, which)
}

// summary counts the objects by kind, and lists their names.
func summary(objects []string) (count, names string) {
	var kinds, counts, all []string
	number := map[string]int{}
	for _, o := range objects {
		kind, name, _ := strings.Cut(o, " ")
		if number[kind] == 0 {
			kinds = append(kinds, kind)
		}
		number[kind]++
		all = append(all, name)
	}
	for _, kind := range kinds {
		plural := "s"
		if number[kind] == 1 {
			plural = ""
		}
		counts = append(counts, fmt.Sprintf("%d %s%s", number[kind], kind, plural))
	}
	return strings.Join(counts, " and "), " (" + strings.Join(all, ", ") + ")"
}

// joined makes one problem of those that say the same of several objects, in the
// place of the first.
func joined(problems []Problem) []Problem {
	var all []Problem
	for _, p := range problems {
		i := slices.IndexFunc(all, func(known Problem) bool {
			return known.What == p.What && known.Fix == p.Fix && known.Fatal == p.Fatal
		})
		if i < 0 {
			all = append(all, p)
			continue
		}
		if all[i].Field != p.Field {
			all[i].Field = ""
		}
		if !slices.Contains(all[i].Objects, p.Objects[0]) {
			all[i].Objects = append(all[i].Objects, p.Objects[0])
		}
	}
	return all
}

// Error is an install that was refused.
type Error struct {
	// Problems are the fatal ones.
	Problems []Problem
}

func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "the charts do not fit the cluster, nothing was installed (%d):", len(e.Problems))
	for _, p := range e.Problems {
		text.WriteString("\n  " + p.String())
	}
	return text.String()
}
