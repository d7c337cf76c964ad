package review

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/report/internal/file"
)

// Format is a form that a review is handed out in.
type Format string

const (
	// GerritComments and GerritRobot are bodies of Gerrit's "Set Review".
	GerritComments Format = "gerrit"
	GerritRobot    Format = "gerrit-robot"
	// GitHubCommands are annotations on standard output, and the job's summary.
	GitHubCommands Format = "github"
	// GitHubCheck is the body of a check run.
	GitHubCheck Format = "github-check"
	// GitLabQuality is a code quality report.
	GitLabQuality Format = "gitlab"
	// AnyTAP is TAP 14.
	AnyTAP Format = "tap"
)

// Formats lists the formats there are.
func Formats() []Format {
	return []Format{GerritComments, GerritRobot, GitHubCommands, GitHubCheck, GitLabQuality, AnyTAP}
}

// Output is a format and the file it goes to; only github and tap can do without
// one, and then speak on standard output.
type Output struct {
	Format Format
	File   string
}

// ParseOutputs reads words like "gitlab=FILE" and "github". It refuses a format
// that is not known or there twice, a file that is missing, used twice or has no
// folder to lie in.
func ParseOutputs(words []string) ([]Output, error) {
	var all []Output
	for _, word := range words {
		name, to, _ := strings.Cut(word, "=")
		o := Output{Format(name), to}
		if err := o.check(all); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func (o Output) check(before []Output) error {
	silent := o.Format != GitHubCommands && o.Format != AnyTAP
	switch {
	case !slices.Contains(Formats(), o.Format):
		return fmt.Errorf("%q is no format; there are %v, with =FILE behind", o.Format, Formats())
	case silent && o.File == "":
		return fmt.Errorf("%s needs a file: write %s=FILE", o.Format, o.Format)
	case slices.ContainsFunc(before, func(b Output) bool { return b.Format == o.Format }):
		return fmt.Errorf("%s is there twice; give each format once", o.Format)
	case o.File == "":
		return nil
	case slices.ContainsFunc(before, func(b Output) bool { return filepath.Clean(b.File) == filepath.Clean(o.File) }):
		return fmt.Errorf("%s is the file of two formats; give each a file of its own", o.File)
	}
	info, err := os.Stat(filepath.Dir(o.File))
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", filepath.Dir(o.File))
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w; name a file in a folder that is there", o.Format, o.File, err)
	}
	return nil
}

// Desk is what is around a review when it is handed out.
type Desk struct {
	Out io.Writer
	// Vote is for Gerrit, RunURL its link to the run's log.
	Vote   Vote
	RunURL string
	// Summary is the file that GitHub shows as the step's summary, and Commit the
	// one that a check run is about.
	Summary string
	Commit  string
}

// Hand writes the review in the output's format.
func (r *Review) Hand(o Output, d Desk) error {
	text, err := r.in(o.Format, d)
	switch {
	case err != nil:
		return err
	case o.Format == GitHubCommands:
		_, err = d.Out.Write(text)
		if summary := o.File; err == nil && (summary != "" || d.Summary != "") {
			if summary == "" {
				summary = d.Summary
			}
			err = r.summarize(summary)
		}
	case o.File == "":
		_, err = d.Out.Write(text)
	default:
		err = file.Write(o.File, text)
	}
	if err != nil {
		return fmt.Errorf("hand out the review for %s: %w", o.Format, err)
	}
	return nil
}

func (r *Review) in(f Format, d Desk) ([]byte, error) {
	switch f {
	case GerritComments:
		return r.Gerrit(d.Vote, nil)
	case GerritRobot:
		return r.Gerrit(d.Vote, &Robot{RunURL: d.RunURL})
	case GitHubCommands:
		return []byte(r.GitHub()), nil
	case GitHubCheck:
		return r.Check(d.Commit)
	case GitLabQuality:
		return r.GitLab()
	}
	text, err := r.TAP()
	return []byte(text), err
}

// summarize adds the review to a summary that other commands of the step may have
// begun; all of it must stay within GitHub's limit.
func (r *Review) summarize(name string) (err error) {
	out, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	info, err := out.Stat()
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, r.Markdown(max(githubSummary-int(info.Size()), 0)))
	return err
}
