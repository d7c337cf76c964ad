package diff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/onap/meshcert/framework/report/internal/prose"
	"github.com/onap/meshcert/framework/verdict"
)

// JSON returns the document, indented, with a line end.
func (d Diff) JSON() ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return nil, fmt.Errorf("encode the difference of %s and %s: %w", d.A.Run, d.B.Run, err)
	}
	return out.Bytes(), nil
}

// titles are what people read over the topics.
var titles = map[Topic]string{
	Verdicts: "Verdicts and findings", Gaps: "Known gaps", Edges: "Service graph", Metrics: "Metrics",
	Headers: "Headers passed on", Images: "Images", Charts: "Charts and values",
	Rendering: "What was changed of what charts render", Environment: "Environment", Figures: "Figures", Durations: "Durations",
}

// Title is what people read over the section.
func (s Section) Title() string { return titles[s.Topic] }

// most is how many lines of a section people are shown; of verdicts they see all.
const most = 20

// shown are the changes that people are shown; hidden how many more there are.
func (s Section) shown() []Change {
	if s.Topic == Verdicts {
		return s.Changes
	}
	return s.Changes[:min(most, len(s.Changes))]
}

// hidden is how many changes people are not shown.
func (s Section) hidden() int { return len(s.Changes) - len(s.shown()) }

// Text is the difference for people: a line for each side, then only what has
// something to say, one line a change, and what it comes to. Colour is for terminals.
func (d Diff) Text(colour bool) string {
	p := prose.Page{Colour: colour}
	if d.Empty() {
		p.Line("No differences")
		return p.Text.String()
	}
	p.Line("A  %s", d.A)
	p.Line("B  %s", d.B)
	p.List("Not to be compared", d.Incomparable)
	p.List("Not alike", lines(d.Unlike, colour, false))
	releases := d.releases() > 1
	for _, s := range d.Sections {
		all := lines(s.shown(), colour, releases)
		if n := s.hidden(); n > 0 {
			all = append(all, fmt.Sprintf("… and %d more: -o json has all", n))
		}
		for _, why := range s.Unknown {
			all = append(all, paint("? not compared: "+prose.OneLine(why), text.FgYellow, colour))
		}
		if s.Method != "" && len(s.Changes) > 0 {
			all = append(all, paint("("+s.Method+")", text.Faint, colour))
		}
		p.List(s.Title(), all)
	}
	p.Line("\n%s", prose.Paint(d.Sentence(), d.verdict(), colour))
	return p.Text.String()
}

// String is the side in a line.
func (s Side) String() string {
	line := fmt.Sprintf("%s  meshcert %s  %s", s.Run, s.Version, prose.Plural(s.Counts.Specs, "spec"))
	var parts []string
	for _, part := range []struct {
		n    int
		what verdict.Verdict
	}{{s.Counts.Pass, verdict.Pass}, {s.Counts.Fail, verdict.Fail}, {s.Counts.Inconclusive, verdict.Inconclusive}, {s.Counts.Skip, verdict.Skip}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	if s.Standins {
		line += "; stand-ins for ONAP's programs"
	}
	return line
}

// Sentence says what the differences come to.
func (d Diff) Sentence() string {
	got := fmt.Sprintf("%s for the worse, %d for the better", prose.Plural(d.Worse, "change"), d.Better)
	switch {
	case d.Exit == ExitIncomparable:
		return "The runs cannot be compared; in what they both have, " + got
	case d.Exit == ExitWorse:
		return "B is worse than A: " + got
	case d.Better > 0:
		return "B is better than A: " + got
	case d.changes() == 0:
		return "No differences in what could be compared"
	}
	return "Nothing got worse or better"
}

func (d Diff) changes() int {
	n := len(d.Unlike)
	for _, s := range d.Sections {
		n += len(s.Changes)
	}
	return n
}

func (d Diff) verdict() verdict.Verdict {
	switch d.Exit {
	case ExitWorse:
		return verdict.Fail
	case ExitIncomparable:
		return verdict.Inconclusive
	}
	return verdict.Pass
}

// releases is how many releases the changes are of.
func (d Diff) releases() int {
	all := map[string]bool{}
	for _, s := range d.Sections {
		for _, c := range s.Changes {
			if c.Release != "" {
				all[c.Release] = true
			}
		}
	}
	return len(all)
}

func lines(changes []Change, colour, releases bool) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.line(colour, releases))
	}
	return out
}

// signs stand before the lines.
var signs = map[Way]string{New: "+", Gone: "-", Changed: "~"}

func (c Change) line(colour, release bool) string {
	line := signs[c.Way] + " " + c.About()
	if release && c.Release != "" {
		line += " [" + c.Release + "]"
	}
	if value := c.values(); value != "" {
		line += ": " + value
	}
	switch c.Effect {
	case Worse:
		return paint(line+"  (worse)", text.FgRed, colour)
	case Better:
		return paint(line+"  (better)", text.FgGreen, colour)
	}
	return line
}

// About names what changed: "graph.edges finding forbidden-edge of Deployment
// onap/vfc-vfc-nslcm".
func (c Change) About() string {
	about := c.Subject
	for _, part := range []string{c.Field, string(c.Kind)} {
		if part != "" {
			about += " " + part
		}
	}
	if c.Object != "" {
		about += " of " + c.Object
	}
	return prose.OneLine(about)
}

// digest is longer than people can compare; its beginning tells it apart.
var digest = regexp.MustCompile(`(sha256:[0-9a-f]{12})[0-9a-f]{52}`)

// values says what it was and is: "pass → fail".
func (c Change) values() string {
	from, to := short(c.From), short(c.To)
	if c.Way != Changed {
		return from + to
	}
	return cmp.Or(from, "none") + " → " + cmp.Or(to, "none")
}

// longest is how many characters of a value people are shown in a line.
const longest = 200

// short is a value in a line.
func short(value string) string {
	runes := []rune(digest.ReplaceAllString(prose.OneLine(value), "$1…"))
	if len(runes) <= longest {
		return string(runes)
	}
	return string(runes[:longest]) + "…"
}

func paint(line string, colour text.Color, on bool) string {
	if !on {
		return line
	}
	return colour.Sprint(line)
}
