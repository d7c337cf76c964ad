package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// Write writes the page of a run. artifacts is the run's folder, in which the
// paths of the report lie; it may be nil or lack files, of which the page then
// says that they could not be read.
func Write(w io.Writer, r *report.Report, artifacts fs.FS) error {
	if r == nil {
		return errors.New("write the page: there is no report")
	}
	var out bytes.Buffer
	if err := views.ExecuteTemplate(&out, "page.html", newDocument(r, &source{files: artifacts})); err != nil {
		return fmt.Errorf("write the page of run %s: %w", r.Run.ID, err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the page of run %s: %w", r.Run.ID, err)
	}
	return nil
}

// document is all that the page shows, in its order.
type document struct {
	Look     look
	Run      report.Run
	Head     head
	Topics   []topicRow
	Report   *report.Report
	Matrices []matrix
	Across   *across
	Specs    []group
	// Urgent is what is not right in few words; nil when nothing is wrong.
	Urgent   *urgent
	Filter   filter
	Graphs   []drawing
	Traces   traceList
	Figures  []figures
	Plots    []plot
	Surveys  []survey
	Gaps     []gapRow
	Waived   []waivedRow
	Timeline timeline
	// Environments are what the specs ran on.
	Environments []environment
	Lists        []list
	// Unread is what could not be read of the artifacts.
	Unread []string
}

func newDocument(r *report.Report, s *source) document {
	releases := releasesOf(r, s)
	d := document{
		Look: theLook(), Run: r.Run, Report: r, Head: headOf(r), Topics: topicsOf(r),
		Traces: tracesOf(r, s, releases), Graphs: graphsOf(r, s, releases),
		Figures: figuresOf(r), Plots: plotsOf(r, s), Surveys: surveysOf(r),
		Gaps: gapsOf(r), Waived: waivedOf(r), Timeline: timelineOf(r), Environments: environmentsOf(r), Lists: listsOf(r),
		Filter: filterOf(r),
	}
	d.Matrices = matricesOf(r, s, releases)
	d.Across = acrossOf(d.Matrices)
	d.Specs = groupsOf(r, s, d.Traces.Views)
	d.Urgent = urgentOf(d.Specs)
	d.Unread = s.unread
	return d
}

// badge is a verdict in a word and a sign, which also tells who sees no colours.
type badge struct {
	Class, Sign, Word string
}

func badgeOf(v verdict.Verdict) badge {
	switch v {
	case verdict.Pass:
		return badge{"pass", "✓", "pass"}
	case verdict.Fail:
		return badge{"fail", "✗", "fail"}
	case verdict.Inconclusive:
		return badge{"inconclusive", "?", "inconclusive"}
	}
	return badge{"skip", "–", "skip"}
}

// capital is the sentence with a capital at its beginning.
func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// and lists words: "a, b and c".
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
