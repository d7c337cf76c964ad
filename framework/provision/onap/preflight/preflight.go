// Package preflight says what would go wrong with an install before anything is
// made: it compares the objects with what the cluster has. It guarantees that
// Check asks nobody and changes nothing.
package preflight

import (
	"fmt"
	"strings"
)

// Problem is one thing that is missing or does not fit.
type Problem struct {
	// Object is the object it concerns, "Deployment onap/vfc-vfc-nslcm", or
	// "Namespace onap" for all together.
	Object string
	// Field is the path of the field in the object, "" for none.
	Field string
	// What is wrong, and Fix what to do.
	What, Fix string
	// Fatal says that the install cannot become ready with it; anything else is
	// a warning.
	Fatal bool
}

func (p Problem) String() string {
	where := p.Object
	if p.Field != "" {
		where += ": " + p.Field
	}
	return fmt.Sprintf("%s: %s; %s", where, p.What, p.Fix)
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
