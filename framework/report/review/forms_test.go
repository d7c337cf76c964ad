package review_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/report/review"
	"github.com/onap/meshcert/framework/verdict"
)

// annotation is what GitHub's runner makes of a workflow command.
type annotation struct {
	level, file, title, message string
	line                        int
}

var commandForm = regexp.MustCompile(`^::([a-z-]+) ([^:]*)::(.*)$`)

// runner reads a step's output as GitHub's runner does, strictly: every line is a
// command that makes an annotation.
func runner(t *testing.T, output string) []annotation {
	t.Helper()
	var all []annotation
	for line := range strings.Lines(output) {
		m := commandForm.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil || !slices.Contains([]string{"error", "warning", "notice"}, m[1]) {
			t.Fatalf("not an annotation: %q", line)
		}
		a := annotation{level: m[1], message: strings.NewReplacer("%0A", "\n", "%0D", "\r", "%25", "%").Replace(m[3])}
		for _, one := range strings.Split(m[2], ",") {
			name, value, _ := strings.Cut(one, "=")
			value = strings.NewReplacer("%3A", ":", "%2C", ",", "%0A", "\n", "%0D", "\r", "%25", "%").Replace(value)
			switch name {
			case "file":
				a.file = value
			case "title":
				a.title = value
			case "line", "endLine":
				n, err := strconv.Atoi(value)
				if err != nil || n < 1 {
					t.Fatalf("%s of %q", name, line)
				}
				a.line = n
			default:
				t.Fatalf("property %q of %q", name, line)
			}
		}
		all = append(all, a)
	}
	return all
}

func TestGitHub(t *testing.T) {
	r := red(t)
	got := runner(t, r.GitHub())
	if len(got) != 5 {
		t.Fatalf("%d annotations: %+v", len(got), got)
	}
	first := got[0]
	if first.level != "error" || first.file != values || first.line != 4 || first.title != "sidecar.ready: msb-msb-iag runs without container istio-proxy" ||
		!strings.Contains(first.message, "new: blocks (no waiver covers it)\nsidecar.ready: msb-msb-iag") {
		t.Errorf("%+v", first)
	}
	if got[3].level != "warning" || got[4].level != "notice" || got[2].file != "" {
		t.Errorf("%+v", got[2:])
	}
}

// TestGitHubLimits: thousands of findings are ten annotations a level, and what
// is left out is counted.
func TestGitHubLimits(t *testing.T) {
	for n, left := range map[int][2]int{15: {0, 0}, 16: {2, 0}, 5000: {3333 - 9, 1667 - 9}} {
		r := flood(t, n)
		levels := map[string]int{}
		text := r.GitHub()
		for _, a := range runner(t, text) {
			levels[a.level]++
			if len(a.message) > 4<<10 || len(a.title) > 255 || !utf8.ValidString(a.message) {
				t.Errorf("too long: %d and %d bytes", len(a.message), len(a.title))
			}
		}
		if levels["error"] > 10 || levels["warning"] > 10 || levels["notice"] > 10 {
			t.Errorf("%d findings: %v annotations", n, levels)
		}
		for i, want := range left {
			said := fmt.Sprintf("::%s title=meshcert::%d more findings left out: the report of the run has all\n", []string{"error", "warning"}[i], want)
			if strings.Contains(text, said) != (want > 0) {
				t.Errorf("%d findings: %q is %t", n, said, want <= 0)
			}
		}
	}
}

// TestGitHubWithoutFindings: what blocks without a finding is an error, and what
// judges nothing no success.
func TestGitHubWithoutFindings(t *testing.T) {
	killed := ran("new", judged("sidecar.ready", verdict.Pass))
	killed.Finished = false
	for name, c := range map[string]struct {
		review review.Review
		want   string
	}{
		"killed":  {review.Of(asked(t, killed)), "::error title=meshcert::1 of 1 spec that the change can break passed; the run was killed before its end\n"},
		"nothing": {review.Of(review.Question{Project: "MSB"}), "::notice title=meshcert::nothing to judge: the change can break nothing of MSB\n"},
		"green":   {review.Of(asked(t, ran("new", judged("sidecar.ready", verdict.Pass)))), ""},
	} {
		if got := c.review.GitHub(); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

var preForm = regexp.MustCompile(`(?s)<pre>.*?</pre>`)

func TestMarkdown(t *testing.T) {
	for _, n := range []int{0, 1, 9, 5000} {
		r := flood(t, n)
		for _, limit := range []int{1 << 20, 4000, 100, 0} {
			text := r.Markdown(limit)
			if len(text) > max(min(limit, 1<<20), len(" … (cut)")) || !utf8.ValidString(text) {
				t.Errorf("%d findings: %d bytes of %d", n, len(text), limit)
			}
			if limit == 1<<20 && n == 5000 && !strings.Contains(text, " more findings left out") {
				t.Errorf("nothing says that something is left out: %s", text[len(text)-200:])
			}
		}
		text := r.Markdown(1 << 20)
		for _, quoted := range preForm.FindAllString(text, -1) {
			if inside := quoted[len("<pre>") : len(quoted)-len("</pre>")]; strings.ContainsAny(inside, "<>\n@") {
				t.Errorf("what is quoted has %q", inside)
			}
		}
		for _, bad := range []string{"<script", "](", "`", "\x1b", "\u202e", "\n# ", "@onap", "\n::", "\n\n\n", " | c"} {
			if strings.Contains(preForm.ReplaceAllString(text, "quoted"), bad) {
				t.Errorf("%d findings: the summary has %q", n, bad)
			}
		}
		if open, shut := strings.Count(text, "<details>"), strings.Count(text, "</details>"); open != shut || strings.Count(text, "<pre>") != open {
			t.Errorf("%d details begin and %d end", open, shut)
		}
	}
	r := red(t)
	for _, want := range []string{"### meshcert, MSB: FAIL\n", "| 3 | new: blocks |\n", "<details><summary>new: blocks: sidecar.ready&#58;"} {
		if text := strings.ReplaceAll(r.Markdown(1<<20), "ready: ", "ready&#58; "); !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// checkRun is the body that GitHub's REST API documents for "Create a check run",
// as far as a finished one has it.
type checkRun struct {
	Name       string  `json:"name"`
	HeadSHA    string  `json:"head_sha"`
	DetailsURL *string `json:"details_url"`
	ExternalID *string `json:"external_id"`
	Status     string  `json:"status"`
	Conclusion string  `json:"conclusion"`
	Output     struct {
		Title       string  `json:"title"`
		Summary     string  `json:"summary"`
		Text        *string `json:"text"`
		Annotations []struct {
			Path        string  `json:"path"`
			StartLine   int     `json:"start_line"`
			EndLine     int     `json:"end_line"`
			StartColumn *int    `json:"start_column"`
			EndColumn   *int    `json:"end_column"`
			Level       string  `json:"annotation_level"`
			Message     string  `json:"message"`
			Title       string  `json:"title"`
			RawDetails  *string `json:"raw_details"`
		} `json:"annotations"`
	} `json:"output"`
}

// checks takes check runs as GitHub documents them.
func checks(w http.ResponseWriter, r *http.Request) {
	var in checkRun
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	out := in.Output
	switch {
	case err != nil:
	case in.Name == "" || len(in.HeadSHA) != 40 || in.Status != "completed" || !slices.Contains([]string{"success", "failure", "skipped"}, in.Conclusion):
		err = fmt.Errorf("%q, %q, %q, %q", in.Name, in.HeadSHA, in.Status, in.Conclusion)
	case out.Title == "" || len(out.Title) > 255 || out.Summary == "" || len(out.Summary) > 65535 || len(out.Annotations) > 50:
		err = fmt.Errorf("output of %d bytes with %d annotations", len(out.Summary), len(out.Annotations))
	}
	for _, a := range out.Annotations {
		if a.Path == "" || strings.HasPrefix(a.Path, "/") || a.StartLine < 1 || a.EndLine < a.StartLine || !slices.Contains([]string{"notice", "warning", "failure"}, a.Level) ||
			a.Message == "" || len(a.Message) > 64<<10 || len(a.Title) > 255 {
			err = fmt.Errorf("annotation %+v", a)
		}
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

func TestGitHubTakesCheckRuns(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(checks))
	defer server.Close()
	for name, c := range map[string]struct {
		review     review.Review
		conclusion string
	}{
		"red": {red(t), "failure"}, "nothing": {review.Of(review.Question{Project: "MSB"}), "skipped"}, "thousands": {flood(t, 5000), "failure"},
		"green": {review.Of(asked(t, ran("new", judged("sidecar.ready", verdict.Pass)))), "success"},
	} {
		body, err := c.review.Check(strings.Repeat("a", 40))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.Post(server.URL, "application/json", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if answer.Body.Close(); err != nil || answer.StatusCode != http.StatusCreated || !bytes.Contains(body, []byte(`"conclusion": "`+c.conclusion+`"`)) {
			t.Errorf("%s: %s %s %v", name, answer.Status, text, err)
		}
		if name == "thousands" && !bytes.Contains(body, []byte(" more annotations left out")) {
			t.Error("nothing says that annotations are left out")
		}
	}
}

// TestGitLab: the fields that docs.gitlab.com names for a code quality report.
func TestGitLab(t *testing.T) {
	killed := ran("new", judged("sidecar.ready", verdict.Pass))
	killed.Finished = false
	for name, c := range map[string]struct {
		review review.Review
		want   int
	}{
		"red": {red(t), 5}, "thousands": {flood(t, 5000), 5000}, "killed": {review.Of(asked(t, killed)), 1}, "nothing": {review.Of(review.Question{Project: "MSB", Charts: tree(t)}), 0},
	} {
		text, err := c.review.GitLab()
		if err != nil {
			t.Fatal(err)
		}
		var all []struct {
			Description string `json:"description"`
			CheckName   string `json:"check_name"`
			Fingerprint string `json:"fingerprint"`
			Severity    string `json:"severity"`
			Location    struct {
				Path  string `json:"path"`
				Lines struct {
					Begin int `json:"begin"`
				} `json:"lines"`
			} `json:"location"`
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&all); err != nil || len(all) != c.want || all == nil {
			t.Errorf("%s: %d issues, want %d (%v)", name, len(all), c.want, err)
		}
		seen := map[string]bool{}
		for _, i := range all {
			if i.Description == "" || i.CheckName == "" || len(i.Fingerprint) != 64 || seen[i.Fingerprint] || i.Location.Lines.Begin < 1 ||
				!slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, i.Severity) || !strings.HasPrefix(i.Location.Path, "kubernetes/msb/") {
				t.Errorf("%s: %+v", name, i)
			}
			seen[i.Fingerprint] = true
		}
	}
}

// TestFingerprint: another run's texts and moved lines leave it; another object does not.
func TestFingerprint(t *testing.T) {
	prints := func(run, summary, object string) []string {
		q := asked(t, ran(run, judged("a.b", verdict.Fail, wrong("k", object, summary), wrong("k", object, summary))))
		q.Change = []string{deployment}
		r := review.Of(q)
		text, err := r.GitLab()
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile(`[0-9a-f]{64}`).FindAllString(string(text), -1)
	}
	first := prints("one", "3 restarts of pod x-1", iag)
	if !slices.Equal(first, prints("two", "5 restarts of pod x-2", iag)) || len(first) != 2 || first[0] == first[1] {
		t.Errorf("%v is not stable, or says twice the same", first)
	}
	if slices.Contains(prints("one", "3 restarts of pod x-1", nslcm), first[0]) {
		t.Error("another object has the same fingerprint")
	}
}

var tapForm = regexp.MustCompile(`^(ok|not ok) (\d+) - ((?:[^#\\]|\\#|\\\\)*?)(?: # (SKIP|TODO) ((?:[^#\\]|\\#|\\\\)*))?$`)

// harness reads TAP 14 strictly and counts the tests that fail.
func harness(t *testing.T, text string) (tests, failed int, bailed bool) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	plan := regexp.MustCompile(`^1\.\.(\d+)( # SKIP .+)?$`).FindStringSubmatch(lines[min(1, len(lines)-1)])
	if lines[0] != "TAP version 14" || plan == nil {
		t.Fatalf("no plan: %q", text)
	}
	for i := 2; i < len(lines); i++ {
		switch m := tapForm.FindStringSubmatch(lines[i]); {
		case m != nil:
			if tests++; m[2] != strconv.Itoa(tests) {
				t.Errorf("test %s is the %dth", m[2], tests)
			}
			if m[1] == "not ok" && m[4] != "TODO" {
				failed++
			}
		case lines[i] == "  ---":
			end := i + 1 + slices.Index(lines[i+1:], "  ...")
			var value map[string]any
			if err := yaml.UnmarshalStrict([]byte(strings.Join(lines[i+1:max(end, i+1)], "\n")), &value); err != nil || value["severity"] == nil {
				t.Fatalf("diagnosis %q: %v", lines[i:end+1], err)
			}
			i = end
		case strings.HasPrefix(lines[i], "Bail out! "):
			bailed = true
		case !strings.HasPrefix(lines[i], "# "):
			t.Fatalf("line %d is nothing of TAP: %q", i, lines[i])
		}
	}
	if plan[1] != strconv.Itoa(tests) {
		t.Errorf("%s tests are planned, and %d there", plan[1], tests)
	}
	return tests, failed, bailed
}

func TestTAP(t *testing.T) {
	killed := ran("new", judged("sidecar.ready", verdict.Pass))
	killed.Finished = false
	missing := asked(t, ran("new", judged("sidecar.ready", verdict.Pass)))
	missing.Expected = append(missing.Expected, "blog/sidecar.ready")
	for name, c := range map[string]struct {
		review        review.Review
		tests, failed int
		bailed        bool
	}{
		"red": {red(t), 7, 4, false}, "thousands": {flood(t, 5000), 5000, 5000, false}, "nothing": {review.Of(review.Question{Project: "MSB"}), 0, 0, false},
		"killed": {review.Of(asked(t, killed)), 1, 0, true}, "missing": {review.Of(missing), 2, 1, true},
	} {
		text, err := c.review.TAP()
		if err != nil {
			t.Fatal(err)
		}
		tests, failed, bailed := harness(t, text)
		if tests != c.tests || failed != c.failed || bailed != c.bailed {
			t.Errorf("%s: %d tests, %d failed, bailed out %t; want %d, %d, %t", name, tests, failed, bailed, c.tests, c.failed, c.bailed)
		}
	}
	r := red(t)
	text, err := r.TAP()
	for _, want := range []string{
		"not ok 1 - casablanca/sidecar.ready\n  ---\n", "  - at: " + values + ":4\n", "not ok 4 - casablanca/hygiene.limits # TODO waived by MSB, until 2027-12-31: none set\n",
		"ok 6 - casablanca/metrics.grafana # SKIP there is no Grafana \\#1\n", "ok 7 - casablanca/msb.portal\n",
	} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%q is not in (%v):\n%s", want, err, text)
		}
	}
}

func TestOutputs(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	got, err := review.ParseOutputs([]string{"gerrit=" + in("g"), "gerrit-robot=" + in("r"), "github", "github-check=" + in("c"), "gitlab=" + in("l"), "tap=" + in("t")})
	if err != nil {
		t.Fatal(err)
	}
	summary := in("summary")
	if err := os.WriteFile(summary, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	r := red(t)
	for _, o := range got {
		if err := r.Hand(o, review.Desk{Out: &out, Summary: summary, Commit: "c", Vote: review.Vote{Label: "Verified", Pass: 1, Fail: -1}, RunURL: "https://x"}); err != nil {
			t.Error(err)
		}
	}
	for name, want := range map[string]string{"g": `"comments"`, "r": `"robot_comments"`, "c": `"head_sha": "c"`, "l": `"fingerprint"`, "t": "TAP version 14", "summary": "before\n### meshcert"} {
		if text, err := os.ReadFile(in(name)); err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s: %v, %q is not in %.300s", name, err, want, text)
		}
	}
	if len(runner(t, out.String())) != 5 {
		t.Errorf("standard output: %s", out.String())
	}
	for _, words := range [][]string{
		{"bitbucket=x"}, {""}, {"gerrit"}, {"gitlab="}, {"github-check"}, {"tap", "tap"}, {"gerrit=" + in("a"), "gitlab=" + in("b/../a")}, {"gerrit=" + in("no/a")}, {"gerrit=" + in("g/a")},
	} {
		if all, err := review.ParseOutputs(words); err == nil {
			t.Errorf("%v is taken for %v", words, all)
		}
	}
}

// TestSummaryIsFull: what other commands of the step wrote counts, too.
func TestSummaryIsFull(t *testing.T) {
	name := filepath.Join(t.TempDir(), "summary")
	if err := os.WriteFile(name, bytes.Repeat([]byte("x"), 1000<<10-300), 0o600); err != nil {
		t.Fatal(err)
	}
	r := flood(t, 500)
	if err := r.Hand(review.Output{Format: review.GitHubCommands}, review.Desk{Out: io.Discard, Summary: name}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(name); err != nil || info.Size() > 1<<20 {
		t.Errorf("%v: %d bytes", err, info.Size())
	}
}
