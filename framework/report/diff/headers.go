package diff

import (
	"cmp"
	"fmt"

	"github.com/onap/meshcert/framework/evidence"
)

// surveySpec is the spec that surveys headers.
const surveySpec = "tracing.header-survey"

// headers compares which program passes which header on, by calls.
func (c comparison) headers() Section {
	s := Section{Topic: Headers}
	for _, at := range c.stages {
		a, b := c.a.specs[at.a][surveySpec].Headers, c.b.specs[at.b][surveySpec].Headers
		if a == nil || b == nil {
			s.Unknown = append(s.Unknown, absent(at, surveySpec, c, surveyOf("A", a), surveyOf("B", b))...)
			continue
		}
		if a.Declared != b.Declared {
			s.Changes = append(s.Changes, Change{Way: Changed, Release: at.name, Subject: "what was surveyed", From: surveyed(a), To: surveyed(b)})
		}
		key := func(p passed) string { return p.call + "\x00" + p.header }
		match(passedOn(a), passedOn(b), key, whole[passed], func(x, y *passed) {
			one := cmp.Or(y, x)
			change := Change{Way: wayOf(x, y), Release: at.name, Subject: one.call, Field: one.header}
			if x != nil {
				change.From = x.State
			}
			if y != nil {
				change.To = y.State
			}
			s.Changes = append(s.Changes, change)
		})
	}
	return s
}

// surveyOf says that the run has no survey.
func surveyOf(name string, s *evidence.HeaderSurvey) error {
	if s == nil {
		return fmt.Errorf("%s has no survey of headers", name)
	}
	return nil
}

func surveyed(s *evidence.HeaderSurvey) string {
	if s.Declared {
		return "what stand-ins are declared to do"
	}
	return "what ONAP's programs do"
}

// passed is what became of one header in one call.
type passed struct {
	call, header string
	// State is exported for whole.
	State string
}

func passedOn(s *evidence.HeaderSurvey) []passed {
	var all []passed
	for _, row := range s.Rows {
		for i, state := range row.States {
			if i < len(s.Headers) {
				all = append(all, passed{row.App + " in " + row.Call, s.Headers[i], string(state)})
			}
		}
	}
	return all
}
