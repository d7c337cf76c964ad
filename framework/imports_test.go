package framework_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/onap/meshcert/"

// rule forbids imports: a package whose path has the prefix From must not
// import one whose path begins with any of Not, unless the path begins with one of But.
type rule struct {
	From string
	Not  []string
	But  []string
}

// rules are the import directions of docs/architecture.md.
func rules() []rule {
	return []rule{
		{From: "framework/judge/", Not: []string{module},
			But: []string{module + "framework/evidence", module + "framework/catalogue", module + "framework/verdict", module + "framework/metric", module + "framework/judge/object"}},
		{From: "framework/judge/", Not: []string{"k8s.io/client-go", "net/http", "os/exec"}},
		{From: "framework/metric", Not: []string{module, "net/http", "github.com/prometheus/client_golang"}, But: []string{module + "framework/evidence"}},
		{From: "framework/evidence/store", Not: []string{module + "framework/observe", module + "framework/provision"}},
		{From: "framework/report", Not: []string{module + "framework/provision", module + "framework/observe", module + "framework/kube", module + "framework/run"}},
		{From: "framework/provision/", Not: []string{module + "framework/observe", module + "framework/judge", module + "framework/report"}},
		{From: "framework/observe/", Not: []string{module + "framework/judge", module + "framework/provision/istio", module + "framework/report"}},
		{From: "framework/run/environment", Not: []string{module}, But: []string{
			module + "framework/catalogue", module + "framework/evidence", module + "framework/observe", module + "framework/provision", module + "framework/report", module + "framework/tracer",
		}},
		{From: "framework/", Not: []string{module + "suites", module + "cmd"}},
		{From: "fixtures/", Not: []string{module}},
		{From: "kindconfig", Not: []string{module}},
		{From: "reports/", Not: []string{module}},
		{From: "suites/", Not: []string{module + "framework/provision", module + "framework/run", module + "framework/report", module + "framework/kube"}},
		{From: "cmd/", Not: []string{module + "suites/"}, But: []string{module + "suites/all"}},
	}
}

// imported is what go list says of a package.
type imported struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []imported {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "../...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []imported
	for decoder := json.NewDecoder(strings.NewReader(string(out))); decoder.More(); {
		var p imported
		if err := decoder.Decode(&p); err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
	return all
}

func TestImportDirection(t *testing.T) {
	all := packages(t)
	if len(all) < 20 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	for _, p := range all {
		path := strings.TrimPrefix(p.ImportPath, module)
		for _, i := range p.Imports {
			if why := broken(path, i); why != "" {
				t.Errorf("%s imports %s: %s", path, strings.TrimPrefix(i, module), why)
			}
		}
	}
}

// broken says which rule the import breaks, "" for none.
func broken(path, imports string) string {
	if ginkgo := strings.HasPrefix(imports, "github.com/onsi/"); ginkgo && path != "framework/spec" && strings.HasPrefix(path, "framework/") {
		return "only framework/spec meets Ginkgo and Gomega"
	}
	if strings.HasPrefix(imports, module) && forTests(imports) && !forTests(path) {
		return "it is for tests only"
	}
	for _, r := range rules() {
		if !strings.HasPrefix(path, r.From) || hasPrefix(imports, r.But) || !hasPrefix(imports, r.Not) {
			continue
		}
		return "a package of " + r.From + " must not import it"
	}
	if topic, ok := strings.CutPrefix(path, "suites/"); ok && topic != "all" && strings.HasPrefix(imports, module+"suites/") {
		return "a topic must not import another"
	}
	return ""
}

// forTests tells by its name whether a package helps tests, as kubetest does;
// selftest is about the suite's own test.
func forTests(path string) bool {
	return strings.HasSuffix(path, "test") && !strings.HasSuffix(path, "/selftest")
}

func hasPrefix(path string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

func TestImportRulesBite(t *testing.T) {
	for _, c := range []struct{ path, imports string }{
		{"framework/judge/tracing", module + "framework/kube"},
		{"framework/judge/tracing", "k8s.io/client-go/kubernetes"},
		{"framework/metric", module + "framework/observe/prometheus"},
		{"framework/report", module + "framework/observe/pods"},
		{"framework/provision/onap", module + "framework/judge/sidecar"},
		{"framework/run", "github.com/onsi/gomega"},
		{"framework/run", module + "suites/all"},
		{"framework/run/environment", module + "framework/judge/sidecar"},
		{"framework/run/environment", module + "framework/spec"},
		{"fixtures/charts", module + "framework/kube"},
		{"suites/graph", module + "suites/metrics"},
		{"cmd/meshcert", module + "suites/graph"},
		{"framework/run", module + "framework/kube/kubetest"},
		{"framework/observe/jaeger", module + "framework/internal/proctest"},
		{"framework/report/selftest", module + "framework/kube/kubetest"},
		{"framework/report/selftest", module + "framework/run"},
	} {
		if broken(c.path, c.imports) == "" {
			t.Errorf("%s may import %s, although it must not", c.path, c.imports)
		}
	}
}
