package run

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// The canaries: no file of a run may hold one of them, or one of their forms.
const (
	secretPassword = "c4nary+S3cret/9z"
	secretToken    = "c4naryT0ken0123456789abcdef"
	secretJWT      = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJjNG5hcnkifQ.c2lnbmF0dXJlLWM0bmFyeQ"
	secretKeyBody  = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDc4nary0123456"
)

func privateKey() string {
	return "-----BEGIN PRIVATE" + " KEY-----\n" + strings.Repeat(secretKeyBody+"\n", 24) + "-----END PRIVATE" + " KEY-----\n"
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// mime is base64 in lines of 76, as openssl prints it.
func mime(text string) string {
	var lines []string
	for all := b64(text); all != ""; {
		n := min(76, len(all))
		lines, all = append(lines, all[:n]), all[n:]
	}
	return strings.Join(lines, "\n") + "\n"
}

// planted are texts as they come in environments, values, URLs, logs and errors.
func planted() []string {
	login := "password=" + secretPassword
	return []string{
		"MYSQL_ROOT_PASSWORD=" + secretPassword, "  password: " + secretPassword + "\n  user: root\n", `msg="{\"api_token\":\"` + secretToken + `\"}"`,
		"GET /a?access_token=" + secretToken + "&n=1", "https://admin:" + url.QueryEscape(secretPassword) + "@db.onap:3306/",
		"Authorization: Bearer " + secretToken, "sent bearer " + secretToken, "istio-token is " + secretJWT, privateKey(), "-----BEGIN+PRIVATE" + "+KEY-----%0A" + secretKeyBody,
		"data " + b64(login), "data " + b64(secretJWT), "data " + b64(privateKey()), mime(privateKey()),
		"form " + url.QueryEscape(login), "form data=" + url.QueryEscape("token="+secretJWT), "form key=" + url.QueryEscape(privateKey()),
	}
}

// forbidden are the canaries and all forms in which they were planted.
func forbidden() []string {
	login := "password=" + secretPassword
	return []string{
		secretPassword, url.QueryEscape(secretPassword), secretToken, secretJWT, secretKeyBody, url.QueryEscape(secretKeyBody),
		b64(login), b64(secretPassword), b64(secretJWT), b64(privateKey()), strings.Split(mime(privateKey()), "\n")[3], "c4nary",
	}
}

// spilled is a value whose fields are called as secrets are.
type spilled struct {
	Env        []map[string]string `json:"env"`
	Secret     map[string]any      `json:"secret"`
	Args       []string            `json:"args"`
	Password   string              `json:"password"`
	ClientKey  string              `json:"client.key"`
	Log, Texts []string
}

// leaking are specs that put canaries wherever a spec can put something.
func leaking() []spec.Spec {
	all := strings.Join(planted(), "\n")
	look := func(problem error) spec.Look[evidence.Pods] {
		return spec.Look[evidence.Pods]{
			Name: "pods", Limit: soon,
			Observe: func(context.Context) (evidence.Pods, error) {
				return evidence.Pods{Items: []evidence.Pod{{Name: "a", Annotations: map[string]string{"note": all, "x-auth-token": secretToken}}}}, problem
			},
			Judge: func(evidence.Pods) []verdict.Finding {
				return []verdict.Finding{{
					Kind: "leak", Verdict: verdict.Fail, Summary: planted()[0], Object: "Pod onap/a", Want: planted()[1],
					Got: all, Where: planted()[2], Why: planted()[3], Next: planted()[4],
				}}
			},
		}
	}
	return []spec.Spec{
		do("msb.leaks", func(ctx context.Context, env *spec.Env) {
			env.Keep("spilled", spilled{
				Env:      []map[string]string{{"name": "DB_PASSWORD", "value": secretPassword}},
				Secret:   map[string]any{"kind": "Secret", "data": map[string]string{"a": b64(secretPassword)}},
				Args:     []string{"--password", secretPassword},
				Password: secretPassword, ClientKey: privateKey(), Log: []string{all}, Texts: planted(),
			})
			env.Note("%s", all)
			look(nil).Settle(ctx, env)
		}),
		do("msb.lost", func(ctx context.Context, env *spec.Env) { look(errors.New(all)).Settle(ctx, env) }),
		do("msb.panics", func(context.Context, *spec.Env) { panic(all) }),
		do("msb.skips", func(_ context.Context, env *spec.Env) { env.Skip(all) }),
	}
}

// spill is a child that runs such a spec and says canaries in every other way.
func spill(order Order) int {
	all := strings.Join(planted(), "\n")
	fmt.Println(all)
	for _, text := range planted() {
		fmt.Println(text)
	}
	records := report.NewWriter(filepath.Join(order.Folder, report.RecordsFile))
	for _, r := range []report.Record{
		{Note: &report.Note{Text: all}},
		{Leftover: &report.Leftover{Kind: "Secret", Name: "a", Error: all}},
		{Phase: &report.Phase{Name: "onap casablanca", Error: all}},
		{Environment: &report.Environment{Release: "casablanca", Changes: []report.Change{{Object: "ConfigMap onap/a", By: "value", Rule: "r", Field: "data.password", From: planted()[0], To: all}}}},
	} {
		if err := records.Append(r); err != nil {
			return say(err)
		}
	}
	if err := (scenario{specs: leaking()}).play(order); err != nil {
		return say(err)
	}
	return say(errors.New(all))
}

// TestSecretsNeverEnter: what was planted in environment, values, URLs, logs,
// evidence, findings and errors is in no file of the run.
func TestSecretsNeverEnter(t *testing.T) {
	t.Setenv("DB_PASSWORD", secretPassword)
	t.Setenv("REGISTRY_TOKEN", secretToken)
	c, out := conductor(t, "leaks")
	c.Specs = leaking()
	c.Config.Set = []string{"multicloud.env.AAI_PASSWORD=" + secretPassword}
	status, err := c.Run(t.Context())
	if err != nil || status != report.ExitLeftover {
		t.Fatalf("status %d, %v\n%s", status, err, out)
	}
	folder := folderOf(t, c)
	d := document(t, folder)
	if d.Counts != (report.Counts{Specs: 4, Fail: 2, Inconclusive: 1, Skip: 1}) || len(d.Notes) == 0 || d.Error == "" || len(d.Run.Settings.Set) != 1 {
		t.Errorf("what was planted did not come to the report: %+v", d)
	}
	for _, name := range []string{report.RecordsFile, report.ReportFile, report.JUnitFile, report.PageFile, "specs.log", "artifacts/casablanca/msb.leaks/spilled.json"} {
		if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || !bytes.Contains(text, []byte("[redacted]")) {
			t.Errorf("%s: nothing was taken out of it, %v", name, err)
		}
	}
	clean(t, folder)
}

// clean demands that no file below the folder holds a canary, also as JSON or
// HTML write it.
func clean(t *testing.T, folder string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, name))
		for _, needle := range forbidden() {
			inJSON, _ := json.Marshal(needle)
			for _, form := range []string{needle, strings.Trim(string(inJSON), `"`), strings.ReplaceAll(needle, "+", "&#43;"), url.PathEscape(needle)} {
				if at := bytes.Index(text, []byte(form)); at >= 0 {
					t.Errorf("%s holds %q: …%s…", name, form, text[max(0, at-60):min(len(text), at+60)])
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
