package impact_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/impact"
	"github.com/onap/meshcert/framework/spec"
)

func releases(t testing.TB) []*catalogue.Release {
	t.Helper()
	var all []*catalogue.Release
	for _, name := range catalogue.Names() {
		release, err := catalogue.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, release)
	}
	return all
}

// specs are one of each sort that the real list has.
func specs() []spec.Spec {
	return []spec.Spec{
		{ID: "cluster.nodes", Labels: []spec.Label{spec.Core}},
		{ID: "sidecar.ready", Labels: []spec.Label{spec.Core, spec.MSB, spec.MultiCloud, spec.VFC}},
		{ID: "msb.portal", Labels: []spec.Label{spec.MSB, spec.Traffic}},
		{ID: "metrics.vfc-db", Labels: []spec.Label{spec.VFC, spec.Traffic}},
		{ID: "metrics.thousand", Labels: []spec.Label{spec.MSB, spec.MultiCloud, spec.Traffic}},
		{ID: "tracing.sampling", Labels: []spec.Label{spec.Extended, spec.Traffic}},
		{ID: "tracing.multicloud-to-vio", Labels: []spec.Label{spec.MultiCloud, spec.Traffic}, Paths: []string{"identity"}},
		{ID: "tracing.nslcm-to-catalog", Labels: []spec.Label{spec.VFC, spec.Traffic}, Paths: []string{"nslcm-to-catalog"}},
		{ID: "tracing.resmgr-to-vio", Labels: []spec.Label{spec.VFC, spec.Traffic}, Paths: []string{"resmgr-to-vio"}},
		{ID: "tracing.service-registration", Labels: []spec.Label{spec.MSB, spec.Traffic}, Paths: []string{"service-registration"}},
	}
}

func TestOf(t *testing.T) {
	const (
		ready, portal, db, thousand, sampling = "sidecar.ready", "msb.portal", "metrics.vfc-db", "metrics.thousand", "tracing.sampling"
		vio, nslcm, resmgr, registration      = "tracing.multicloud-to-vio", "tracing.nslcm-to-catalog", "tracing.resmgr-to-vio", "tracing.service-registration"
	)
	msb := []string{ready, portal, db, thousand, sampling, vio, nslcm, resmgr, registration}
	vfc := []string{ready, db, nslcm, resmgr}
	multicloud := []string{ready, thousand, vio, resmgr}
	for name, c := range map[string]struct {
		project string
		change  []string
		want    []string
	}{
		"everything of msb":                             {"msb", nil, msb},
		"everything of vfc":                             {"vfc", nil, vfc},
		"everything of multicloud, and whom it answers": {"multicloud", nil, multicloud},
		"a chart of the project":                        {"vfc", []string{"kubernetes/vfc/values.yaml"}, vfc},
		"meshcert's own chart":                          {"vfc", []string{"fixtures/charts/vfc/values.yaml"}, vfc},
		"a workload of a path":                          {"vfc", []string{"kubernetes/vfc/charts/vfc-nslcm/values.yaml"}, []string{ready, db, nslcm}},
		"a workload of a path, newer trees":             {"vfc", []string{"kubernetes/vfc/components/vfc-resmgr/templates/deployment.yaml"}, []string{ready, db, resmgr}},
		"a workload that a hop calls beside":            {"vfc", []string{"kubernetes/vfc/charts/vfc-db/values.yaml"}, []string{ready, db, nslcm}},
		"a workload of no path":                         {"vfc", []string{"kubernetes/vfc/charts/vfc-ems-driver/values.yaml"}, []string{ready, db}},
		"a workload of the gateway's project":           {"msb", []string{"kubernetes/msb/charts/kube2msb/values.yaml"}, msb},
		"a workload that is new":                        {"vfc", []string{"kubernetes/vfc/charts/vfc-new/values.yaml"}, vfc},
		"two workloads":                                 {"vfc", []string{"kubernetes/vfc/charts/vfc-nslcm/values.yaml", "kubernetes/vfc/charts/vfc-resmgr/values.yaml"}, vfc},
		"another project's chart":                       {"msb", []string{"kubernetes/vfc/charts/vfc-ems-driver/values.yaml"}, []string{ready, db}},
		"another project's chart, no path in common":    {"multicloud", []string{"kubernetes/vfc/charts/vfc-nslcm/values.yaml"}, []string{ready}},
		"a file that is not known":                      {"vfc", []string{"lcm/pub/msapi/extsys.py"}, vfc},
		"one not known beside a workload":               {"vfc", []string{"kubernetes/vfc/charts/vfc-ems-driver/values.yaml", "kubernetes/common/common/values.yaml"}, vfc},
		"documentation":                                 {"msb", []string{"docs/index.rst", "README.md", "kubernetes/msb/README.md", "LICENSE", "INFO.yaml"}, nil},
		"documentation and a workload":                  {"vfc", []string{"docs/index.rst", "kubernetes/vfc/charts/vfc-ems-driver/Chart.yaml"}, []string{ready, db}},
		"a document that a chart may read":              {"vfc", []string{"kubernetes/vfc/resources/config/motd.md"}, vfc},
		"a document somewhere":                          {"vfc", []string{"src/prompts/ask.md"}, vfc},
	} {
		project, ok := impact.Find(c.project)
		if !ok {
			t.Fatal(c.project)
		}
		got := impact.Of(project, releases(t), specs(), c.change)
		if diff := cmp.Diff(c.want, got.IDs()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
		if got.Left != len(specs())-len(got.Chosen) {
			t.Errorf("%s: %d of %d specs are left out, and %d chosen", name, got.Left, len(specs()), len(got.Chosen))
		}
		for _, chosen := range got.Chosen {
			if chosen.Why == "" {
				t.Errorf("%s: nothing says why %s", name, chosen.Spec)
			}
		}
	}
}

func TestWhy(t *testing.T) {
	project, _ := impact.Find("vfc")
	why := map[string]string{}
	for _, c := range impact.Of(project, releases(t), specs(), []string{"kubernetes/vfc/charts/vfc-db/values.yaml"}).Chosen {
		why[c.Spec] = c.Why
	}
	want := map[string]string{
		"sidecar.ready": "it judges VF-C", "metrics.vfc-db": "it judges VF-C",
		"tracing.nslcm-to-catalog": "on path nslcm-to-catalog vfc-catalog calls vfc-db",
	}
	if diff := cmp.Diff(want, why); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestOddNames: a name that leads elsewhere, or that no file of a chart has, is
// never taken for something harmless.
func TestOddNames(t *testing.T) {
	for name, want := range map[string]impact.File{
		"kubernetes/msb/charts/msb-iag/values.yaml":              {Part: impact.Workload, Of: "msb-iag"},
		"kubernetes/msb/charts/msb-iag/templates/a b.yaml":       {Part: impact.Workload, Of: "msb-iag"},
		"kubernetes/msb/charts/msb-iag/templates/\"ä\".yaml":     {Part: impact.Workload, Of: "msb-iag"},
		"kubernetes/multicloud/charts/msb-iag/values.yaml":       {Part: impact.Chart, Of: "MultiCloud"},
		"kubernetes/msb/msb-iag/values.yaml":                     {Part: impact.Chart, Of: "MSB"},
		"kubernetes/msb/templates/NOTES.md":                      {Part: impact.Chart, Of: "MSB"},
		"kubernetes/msb":                                         {Part: impact.Unknown},
		"kubernetes/msb-x/values.yaml":                           {Part: impact.Unknown},
		"kubernetes/MSB/values.yaml":                             {Part: impact.Unknown},
		"kubernetes/README.md":                                   {Part: impact.Unknown},
		"/docs/index.rst":                                        {Part: impact.Unknown},
		"docs/../kubernetes/vfc/values.yaml":                     {Part: impact.Unknown},
		"../docs/index.rst":                                      {Part: impact.Unknown},
		"./docs/index.rst":                                       {Part: impact.Unknown},
		"docs//index.rst":                                        {Part: impact.Unknown},
		"docs/a\x00b":                                            {Part: impact.Unknown},
		"docs":                                                   {Part: impact.Unknown},
		"docs/":                                                  {Part: impact.Unknown},
		" docs/index.rst":                                        {Part: impact.Unknown},
		"README.md/x":                                            {Part: impact.Unknown},
		"docs/ü \"quoted\" 日本.rst":                               {Part: impact.Document},
		"REPORT.MD":                                              {Part: impact.Document},
		"kubernetes/vfc/charts/vfc-nslcm/charts/vfc-db/x.yaml":   {Part: impact.Workload, Of: "vfc-db"},
		`"kubernetes/vfc/charts/\303`:                            {Part: impact.Unknown},
		strings.Repeat("kubernetes/vfc/", 4000) + "values.yaml":  {Part: impact.Chart, Of: "VF-C"},
		"kubernetes/vfc/charts/vfc-nslcm/resources/x/README.rst": {Part: impact.Workload, Of: "vfc-nslcm"},
	} {
		project, _ := impact.Find("msb")
		got := impact.Of(project, releases(t), specs(), []string{name}).Files
		want.Name = name
		if diff := cmp.Diff([]impact.File{want}, got); diff != "" {
			t.Errorf("%.60q: -want +got:\n%s", name, diff)
		}
	}
}

func TestParseChange(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing":              {"", []string{}},
		"empty lines":          {"\n\r\n\n", []string{}},
		"no last line end":     {"a\nb", []string{"a", "b"}},
		"of another system":    {"a\r\nb\r\n", []string{"a", "b"}},
		"twice":                {"a\nb\na\n", []string{"a", "b"}},
		"spaces":               {" a b \n", []string{" a b "}},
		"quoted by git":        {`"kubernetes/\303\244 \"x\".yaml"` + "\n", []string{`kubernetes/ä "x".yaml`}},
		"quoted and plain":     {"\"a\"\na\n", []string{"a"}},
		"a quote that is open": {`"a` + "\n", []string{`"a`}},
		"a wrong escape":       {`"a\q"` + "\n", []string{`"a\q"`}},
	} {
		if diff := cmp.Diff(c.want, impact.ParseChange(c.text)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// FuzzChange: whatever a list says, what a file that is not known can break is chosen.
func FuzzChange(f *testing.F) {
	for _, seed := range []string{"a\n", "docs/a\nkubernetes/vfc/x\n", "\"\\303\"\n", "../x", "/\n//", "docs/..\x00\n", "kubernetes/msb/charts/\xff"} {
		f.Add(seed)
	}
	vfc, _ := impact.Find("vfc")
	all := releases(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := impact.Of(vfc, all, specs(), impact.ParseChange(text))
		unknown := slices.ContainsFunc(got.Files, func(f impact.File) bool { return f.Part == impact.Unknown })
		if whole := impact.Of(vfc, all, specs(), nil); unknown && len(got.Chosen) != len(whole.Chosen) {
			t.Errorf("%q chooses %v, and has a file that is not known", text, got.IDs())
		}
	})
}
