package review

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// gitlabIssue is one entry of a code quality report, the part of Code Climate's
// format that GitLab reads (docs.gitlab.com, "Code Quality", "Code Quality report
// format"): a path without ./ in front, a line, and a fingerprint by which the
// same entry is known again in another run.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// GitLab is the review as a code quality report. GitLab shows what one report has
// and an earlier one has not, by the fingerprint; it is made of release, spec,
// kind and object, so that neither a run's names nor moved lines change it. What
// belongs to no file is put to the project's chart. What is no finding, a run
// that was killed say, is an entry too, so that the report is empty only when
// nothing blocks.
func (r *Review) GitLab() ([]byte, error) {
	issues := []gitlabIssue{}
	seen := map[string]int{}
	for _, p := range r.Problems {
		place := p.Place
		if place.File == "" {
			place.File = r.home
		}
		key := fmt.Sprintf("%q %q %q %q", p.Release, p.Spec, p.Finding.Kind, p.Finding.Object)
		seen[key]++
		issues = append(issues, gitlabIssue{
			Description: cut(clean(p.title()+" ("+p.Standing.says()+")"), 1<<10), CheckName: p.Spec + "/" + string(p.Finding.Kind),
			Fingerprint: fingerprint(key, seen[key]), Severity: severity(p.Standing),
			Location: gitlabLocation{place.File, gitlabLines{max(place.Line, 1)}},
		})
	}
	for i, d := range r.Doubts {
		issues = append(issues, gitlabIssue{
			Description: cut(clean(d), 1<<10), CheckName: "meshcert/run", Fingerprint: fingerprint("run", i), Severity: severity(Unjudged),
			Location: gitlabLocation{r.home, gitlabLines{1}},
		})
	}
	return encode(issues)
}

func fingerprint(key string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "meshcert %s %d", key, n))
	return hex.EncodeToString(sum[:])
}

// severity is one of info, minor, major, critical and blocker.
func severity(s Standing) string {
	switch s {
	case Waived:
		return "info"
	case Unjudged:
		return "critical"
	}
	return "blocker"
}
