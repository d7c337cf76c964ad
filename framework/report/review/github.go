package review

import (
	"fmt"
	"html"
	"strings"

	"github.com/onap/meshcert/framework/verdict"
)

// Limits of GitHub: a step has 10 annotations of each level and a job 50
// (actions/toolkit, docs/problem-matchers.md); a step's summary 1 MiB
// (docs.github.com, "Workflow commands"); a check run takes 50 annotations in one
// request, 64 KiB in each text, 65 535 characters of summary and 255 of title
// (docs.github.com, REST API "Check runs").
const (
	githubLevel       = 10
	githubText        = 4 << 10
	githubSummary     = 1000 << 10
	githubAnnotations = 50
	githubOutput      = 60 << 10
	githubTitle       = 255
)

// levels are GitHub's, by standing: the workflow command's and the check run's.
func (s Standing) levels() (command, check string) {
	switch s {
	case Waived:
		return "notice", "notice"
	case Unjudged:
		return "warning", "warning"
	}
	return "error", "failure"
}

// GitHub is the review as workflow commands, which a runner of GitHub Actions
// reads from a step's output and shows at the lines of the change
// (docs.github.com, "Workflow commands for GitHub Actions").
func (r *Review) GitHub() string {
	var out strings.Builder
	counts := map[string]int{}
	for _, p := range r.Problems {
		level, _ := p.Standing.levels()
		counts[level]++
	}
	said := map[string]int{}
	for _, p := range r.Problems {
		level, _ := p.Standing.levels()
		said[level]++
		switch n := counts[level]; {
		case said[level] < githubLevel || n == githubLevel && said[level] == githubLevel:
			annotate(&out, level, p)
		case said[level] == githubLevel:
			command(&out, level, "title=meshcert", leftOut(n-githubLevel+1, "findings"))
		}
	}
	// An error is said even where no finding is.
	switch {
	case r.Verdict == verdict.Skip:
		command(&out, "notice", "title=meshcert", r.Sentence())
	case counts["error"] == 0 && counts["warning"] == 0 && r.Verdict != verdict.Pass:
		command(&out, "error", "title=meshcert", r.Sentence())
	}
	return out.String()
}

func annotate(out *strings.Builder, level string, p Problem) {
	var properties []string
	if p.Place.File != "" {
		properties = append(properties, "file="+property(p.Place.File))
		if p.Place.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d,endLine=%d", p.Place.Line, p.Place.Line))
		}
	}
	properties = append(properties, "title="+property(cut(p.title(), githubTitle)))
	command(out, level, strings.Join(properties, ","), cut(p.Standing.says()+" ("+p.Because+")\n"+p.Text, githubText))
}

func command(out *strings.Builder, level, properties, message string) {
	fmt.Fprintf(out, "::%s %s::%s\n", level, properties, data(message))
}

// data escapes a command's message, property one of its properties, as
// actions/toolkit does (packages/core/src/command.ts).
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(clean(text))
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}

// Markdown is the review as a job's summary of GitHub Actions, of at most so many
// bytes: what the file of the step still takes. Texts of findings are escaped, so
// that they are shown as they are.
func (r *Review) Markdown(limit int) string {
	return r.markdown(min(limit, githubSummary))
}

func (r *Review) markdown(limit int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "### meshcert, %s: %s\n\n%s\n\n", r.Project, strings.ToUpper(string(r.Verdict)), shown(r.Sentence()))
	r.markdownCounts(&out)
	for _, n := range r.Notes {
		if out.Len() < limit/4 {
			fmt.Fprintf(&out, "- %s\n", shown(n))
		}
	}
	for i, p := range r.Problems {
		text := fmt.Sprintf("\n<details><summary>%s: %s</summary>\n\n%s\n\n<pre>%s</pre>\n\n</details>\n",
			p.Standing.says(), shown(cut(p.title(), githubText)), shown(cut(p.Because, githubText)), pre(cut(p.Text, 4*githubText)))
		rest := "\n" + leftOut(len(r.Problems)-i, "findings") + "\n"
		if out.Len()+len(text)+len(rest) > limit {
			if out.Len()+len(rest) <= limit {
				out.WriteString(rest)
			}
			break
		}
		out.WriteString(text)
	}
	if out.Len() > limit {
		return cut(out.String(), limit)
	}
	return out.String()
}

func (r *Review) markdownCounts(out *strings.Builder) {
	n := r.counts()
	if len(r.Problems) == 0 {
		return
	}
	out.WriteString("| findings | |\n| ---: | --- |\n")
	for _, s := range standings() {
		if n[s.Standing] > 0 {
			fmt.Fprintf(out, "| %d | %s |\n", n[s.Standing], s.says)
		}
	}
}

// shown is a text in which neither Markdown nor HTML has a meaning, on one line:
// what could have one is a character reference, as CommonMark (6.2, entities)
// and HTML read it.
func shown(text string) string {
	var out strings.Builder
	for _, c := range strings.Join(strings.Fields(clean(text)), " ") {
		if strings.ContainsRune("\\`*_{}[]()#+!|<>&~@:$'\"", c) {
			fmt.Fprintf(&out, "&#%d;", c)
		} else {
			out.WriteRune(c)
		}
	}
	return out.String()
}

// pre is a text inside <pre>. An empty line would end the HTML block for Markdown
// (CommonMark 4.6), so line ends are references, too.
func pre(text string) string {
	return strings.NewReplacer("\n", "&#10;", "@", "&#64;").Replace(html.EscapeString(clean(strings.TrimRight(text, "\n"))))
}

// githubCheck is the body of POST /repos/OWNER/REPO/check-runs.
type githubCheck struct {
	Name       string       `json:"name"`
	HeadSHA    string       `json:"head_sha"`
	Status     string       `json:"status"`
	Conclusion string       `json:"conclusion"`
	Output     githubResult `json:"output"`
}

type githubResult struct {
	Title       string             `json:"title"`
	Summary     string             `json:"summary"`
	Annotations []githubAnnotation `json:"annotations"`
}

type githubAnnotation struct {
	Path      string `json:"path"`
	StartLine int    `json:"start_line"`
	EndLine   int    `json:"end_line"`
	Level     string `json:"annotation_level"`
	Message   string `json:"message"`
	Title     string `json:"title"`
}

// Check is the review as a GitHub check run of the commit. What belongs to no
// file is in its summary alone; so is what one request cannot take.
func (r *Review) Check(commit string) ([]byte, error) {
	check := githubCheck{
		Name: "meshcert " + r.Project, HeadSHA: commit, Status: "completed", Conclusion: conclusion(r.Verdict),
		Output: githubResult{Title: cut(r.Sentence(), githubTitle), Annotations: []githubAnnotation{}},
	}
	left := 0
	for _, p := range r.Problems {
		if p.Place.File == "" {
			continue
		}
		if len(check.Output.Annotations) == githubAnnotations {
			left++
			continue
		}
		line := max(p.Place.Line, 1)
		_, level := p.Standing.levels()
		check.Output.Annotations = append(check.Output.Annotations, githubAnnotation{
			Path: p.Place.File, StartLine: line, EndLine: line, Level: level,
			Message: cut(clean(p.Text), githubText), Title: cut(clean(p.title()), githubTitle),
		})
	}
	check.Output.Summary = r.markdown(githubOutput - githubText)
	if left > 0 {
		check.Output.Summary += "\n" + leftOut(left, "annotations") + "\n"
	}
	return encode(check)
}

func conclusion(v verdict.Verdict) string {
	switch v {
	case verdict.Pass:
		return "success"
	case verdict.Skip:
		return "skipped"
	}
	return "failure"
}
