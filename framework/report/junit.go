package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/verdict"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
	Skipped *junitMessage `xml:"skipped"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

// JUnit returns the report as JUnit XML: a suite a release, a case a spec with
// classname meshcert.TOPIC and name SLUG. The first suite, "run", has one case
// that is an error when the run as a whole cannot be called complete, so that
// a reader of this file alone never takes a killed run for a good one.
//
// It is what the schema of Jenkins' xUnit plugin allows (junit-10.xsd): suites
// have properties and cases have none, and the root does not count what was
// skipped. What a case proves is its output.
func JUnit(r *Report) ([]byte, error) {
	all := junitSuites{Name: "meshcert " + r.Run.Profile, Time: junitTime(r.Seconds), Suites: []junitSuite{junitRun(r)}}
	for i, s := range r.Specs {
		if i == 0 || r.Specs[i-1].Release != s.Release {
			all.Suites = append(all.Suites, junitSuite{Name: s.Release, Properties: junitHead(r, s.Release)})
		}
		suite := &all.Suites[len(all.Suites)-1]
		suite.Cases = append(suite.Cases, junitSpec(s))
		if stamp := s.Started.Format(time.RFC3339); suite.Timestamp == "" || stamp < suite.Timestamp {
			suite.Timestamp = stamp
		}
	}
	for i := range all.Suites {
		all.Suites[i].total(r)
		all.Tests += all.Suites[i].Tests
		all.Failures += all.Suites[i].Failures
		all.Errors += all.Suites[i].Errors
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return nil, fmt.Errorf("encode JUnit of run %s: %w", r.Run.ID, err)
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// total fills in the suite's counts and time.
func (s *junitSuite) total(r *Report) {
	sum := 0.0
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	for _, t := range r.Topics {
		if t.Release == s.Name {
			sum += t.Seconds
		}
	}
	s.Time = junitTime(sum)
}

func junitHead(r *Report, release string) []junitProperty {
	head := []junitProperty{{"run", r.Run.ID}, {"profile", r.Run.Profile}, {"meshcert", r.Run.Version}, {"release", release}}
	for _, e := range r.Environments {
		if e.Release == "" || e.Release == release {
			head = append(head, junitProperty{"kubernetes", e.Kubernetes}, junitProperty{"istio", e.Istio}, junitProperty{"images", e.ImageSource},
				junitProperty{"policy", e.Policy}, junitProperty{"sidecars", e.Sidecars}, junitProperty{"tracer", e.Tracer})
		}
	}
	if r.Selftest != nil {
		head = append(head, junitProperty{"mutation score", strconv.FormatFloat(r.Selftest.Score, 'f', 4, 64)})
	}
	return known(head)
}

// known leaves out properties without a value.
func known(all []junitProperty) []junitProperty {
	return slices.DeleteFunc(all, func(p junitProperty) bool { return p.Value == "" })
}

func junitRun(r *Report) junitSuite {
	complete := junitCase{Class: "meshcert.run", Name: "complete", Time: junitTime(0)}
	var reasons []string
	if r.Interrupted {
		reasons = append(reasons, "the run was interrupted")
	}
	for _, l := range r.Leftovers {
		reasons = append(reasons, "left behind: "+l.String())
	}
	if reasons = append(reasons, r.incomplete()...); len(reasons) > 0 {
		complete.Error = junitText(reasons[0], "incomplete", strings.Join(reasons, "\n"))
	}
	return junitSuite{Name: "run", Timestamp: r.Started.Format(time.RFC3339), Properties: junitHead(r, ""), Cases: []junitCase{complete}}
}

func junitSpec(s Spec) junitCase {
	c := junitCase{
		Class: "meshcert." + s.Topic, Name: strings.TrimPrefix(s.ID, s.Topic+"."), Time: junitTime(s.Seconds),
	}
	if s.Proves != "" {
		c.Output = "proves: " + s.Proves + "\n"
	}
	if s.Verdict == verdict.Skip {
		c.Skipped = &junitMessage{Message: s.Reason}
	}
	if all := Blamed(s); len(all) > 0 {
		message := junitText(headline(all), string(all[0].Kind), strings.Join(FailureTexts(s), "\n"))
		if s.Verdict == verdict.Fail {
			c.Failure = message
		} else {
			c.Error = message
		}
	}
	return c
}

// junitText keeps line ends readable, which encoding/xml does only in CDATA,
// and takes out what XML cannot hold, which it does everywhere else.
func junitText(message, kind, text string) *junitMessage {
	text = strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c == 0xFFFE || c == 0xFFFF {
			return '\uFFFD'
		}
		return c
	}, text)
	return &junitMessage{Message: message, Type: kind, Text: "\n" + text + "\n"}
}

func junitTime(seconds float64) string { return strconv.FormatFloat(seconds, 'f', 3, 64) }
