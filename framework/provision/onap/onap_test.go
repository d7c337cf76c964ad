package onap_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
)

func load(t *testing.T, name string) *catalogue.Release {
	t.Helper()
	release, err := catalogue.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func render(t *testing.T, o onap.Options) []*unstructured.Unstructured {
	t.Helper()
	plan, err := onap.NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Objects
}

func texts(differences []difference) []string {
	var out []string
	for _, d := range differences {
		out = append(out, d.String())
	}
	return out
}

// TestChartsEqualCatalogue: the charts make what the catalogue, which was not
// written from them, says of every release.
func TestChartsEqualCatalogue(t *testing.T) {
	for _, name := range catalogue.Names() {
		release := load(t, name)
		for _, d := range compare(release, render(t, onap.Options{Release: release})) {
			t.Errorf("release %s: %s", name, d)
		}
	}
}

// TestQuick: quick values change nothing but what they say.
func TestQuick(t *testing.T) {
	release := load(t, "casablanca")
	got := texts(compare(release, render(t, onap.Options{Release: release, Quick: true})))
	want := []string{`Deployment onap/vfc-vfc-db: probes.readiness: want "tcp:3306 delay=120 period=10", got "tcp:3306 delay=5 period=10"`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCompareReports: each flipped value is reported, and nothing else.
func TestCompareReports(t *testing.T) {
	release := load(t, "casablanca")
	const iag = "Deployment onap/msb-msb-iag: "
	for _, c := range []struct {
		set  string
		want []string
	}{
		{"msb.msb-iag.istioSidecar=false", []string{iag + `annotation: want "true", got "false"`}},
		{"msb.msb-iag.istioSidecar=", []string{iag + `annotation: want "true", got ""`}},
		{"msb.msb-iag.service.portName=iag", []string{iag +
			`services[msb-iag].ports: want "[{\"name\":\"http-msb-iag\",\"port\":80,\"nodePort\":30280},{\"name\":\"https-msb-iag\",\"port\":443,\"nodePort\":30283}]", ` +
			`got "[{\"name\":\"iag\",\"port\":80,\"nodePort\":30280},{\"name\":\"https-msb-iag\",\"port\":443,\"nodePort\":30283}]"`}},
		{"multicloud.istioSidecar=true", []string{`Deployment onap/multicloud-multicloud: annotation: want "", got "true"`}},
		{"multicloud.multicloud-vio.env.MSB_PORT=80", []string{`Deployment onap/multicloud-multicloud-vio: env.MSB_PORT: want "80.onap", got "80"`}},
		{"vfc.vfc-nslcm.waitsFor=vfc-database", []string{`Deployment onap/vfc-vfc-nslcm: initContainers[vfc-nslcm-readiness].waitsFor: want "vfc-db", got "vfc-database"`}},
		{"vfc.vfc-nslcm.filebeat=filebeat-onap", []string{
			`Deployment onap/vfc-vfc-nslcm: containers: want "vfc-nslcm, vfc-nslcm-filebeat-onap", got "vfc-nslcm, filebeat-onap"`,
			`Deployment onap/vfc-vfc-nslcm: containers[filebeat-onap].image: want "", got "docker.elastic.co/beats/filebeat:5.5.0"`,
			`Deployment onap/vfc-vfc-nslcm: containers[filebeat-onap].ports: want "", got "null"`,
			`Deployment onap/vfc-vfc-nslcm: containers[vfc-nslcm-filebeat-onap].image: want "docker.elastic.co/beats/filebeat:5.5.0", got ""`,
			`Deployment onap/vfc-vfc-nslcm: containers[vfc-nslcm-filebeat-onap].ports: want "null", got ""`,
		}},
		{"vfc.vfc-resmgr.registrations=null", []string{`Deployment onap/vfc-vfc-resmgr: registrations[resmgr v1]: want "/api/resmgr/v1:8480", got ""`}},
		{"vfc.vfc-workflow.image=onap/vfc/x:1", []string{`Deployment onap/vfc-vfc-workflow: containers[vfc-workflow].image: want "nexus3.onap.org:10001/onap/vfc/wfengine-mgrservice:1.2.0", got "nexus3.onap.org:10001/onap/vfc/x:1"`}},
		{"vfc.vfc-vnfres.enabled=false", []string{`Deployment onap/vfc-vfc-vnfres: workload: want "present", got ""`}},
		{"multicloud.multicloud-pike.liveness=null", []string{`Deployment onap/multicloud-multicloud-pike: probes.liveness: want "http:9007/api/multicloud-pike/v0/swagger.json delay=30 period=10", got ""`}},
	} {
		t.Run(c.set, func(t *testing.T) {
			got := texts(compare(release, render(t, onap.Options{Release: release, Set: []string{c.set}})))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	t.Run("service account", func(t *testing.T) {
		if got := compare(release, render(t, onap.Options{Release: release, Set: []string{"msb.serviceAccount="}})); len(got) != 5 {
			t.Errorf("want one difference for each of MSB's five workloads, got %v", texts(got))
		}
	})
}

// TestCompareBrokenObjects: what rendering cannot produce is reported too.
func TestCompareBrokenObjects(t *testing.T) {
	release := load(t, "casablanca")
	edit := func(kind, name string, change func(map[string]any)) []*unstructured.Unstructured {
		objects := render(t, onap.Options{Release: release})
		for _, o := range objects {
			if o.GetKind() == kind && o.GetName() == name {
				change(o.Object)
				return objects
			}
		}
		t.Fatalf("there is no %s %s", kind, name)
		return nil
	}
	spec := func(o map[string]any) map[string]any { return o["spec"].(map[string]any) }
	for _, c := range []struct {
		name    string
		objects []*unstructured.Unstructured
		want    string
	}{
		{"service selects nothing", edit("Service", "msb-iag", func(o map[string]any) { spec(o)["selector"] = map[string]any{"app": "x"} }),
			`Service onap/msb-iag: selector: want "selects a workload", got "map[app:x]"`},
		{"unknown field", edit("Deployment", "msb-msb-iag", func(o map[string]any) { spec(o)["replica"] = int64(2) }),
			"unknown field \\\"spec.replica\\\""},
		{"deployment selects other pods", edit("Deployment", "msb-msb-iag", func(o map[string]any) {
			spec(o)["selector"] = map[string]any{"matchLabels": map[string]any{"app": "x"}}
		}), `Deployment onap/msb-msb-iag: selector: want "selects its own pods"`},
		{"registrations are no JSON", edit("Service", "vfc-nslcm", func(o map[string]any) {
			o["metadata"].(map[string]any)["annotations"] = map[string]any{"msb.onap.org/service-info": "["}
		}), "service vfc-nslcm: annotation msb.onap.org/service-info"},
	} {
		if got := strings.Join(texts(compare(release, c.objects)), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s: want %q in\n%s", c.name, c.want, got)
		}
	}
}

func TestValuesRefused(t *testing.T) {
	release := load(t, "casablanca")
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for _, c := range []struct {
		name string
		o    onap.Options
		want string
	}{
		{"no file", onap.Options{Values: []string{"/nowhere/v.yaml"}}, "read value file: open /nowhere/v.yaml"},
		{"no YAML", onap.Options{Values: []string{write("a: [")}}, "values.yaml: "},
		{"key twice", onap.Options{Values: []string{write("msb: {}\nmsb: {}\n")}}, `already set in map`},
		{"unknown chart", onap.Options{Values: []string{write("vcf: {}\n")}}, "value vcf: there is no such value; known here: global, msb, multicloud, vfc"},
		{"unknown workload", onap.Options{Set: []string{"vfc.vfc-nsclm.istioSidecar=false"}}, "value vfc.vfc-nsclm: there is no such value; known here: config, global, vfc-catalog"},
		{"setting", onap.Options{Set: []string{"vfc"}}, `read setting "vfc"`},
		{"no mapping", onap.Options{Set: []string{"vfc=1"}}, "value vfc: 1 is no mapping"},
		{"template", onap.Options{Values: []string{write("msb: {msb-iag: {env: {CONSUL_IP: '{{ .Nothing.here }}'}}}")}}, "render chart msb 3.0.0 as release msb in namespace onap: template: msb/templates/workloads.yaml"},
	} {
		c.o.Release = release
		if _, err := onap.NewPlan(t.Context(), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", c.name, err, c.want)
		}
	}
}

// TestStandIns: the images' environment comes from the manifests.
func TestStandIns(t *testing.T) {
	find := func(set []onap.StandIn, ref string) onap.StandIn {
		for _, s := range set {
			if s.Ref == ref {
				return s
			}
		}
		t.Fatalf("there is no stand-in for %s", ref)
		return onap.StandIn{}
	}
	var sets [][]onap.StandIn
	byRelease := map[string][]onap.StandIn{}
	count := map[string]int{"beijing": 27, "blog": 27, "casablanca": 30, "master-2018-07-31": 27}
	for _, name := range catalogue.Names() {
		set, err := onap.StandIns(render(t, onap.Options{Release: load(t, name)}))
		if err != nil {
			t.Fatal(err)
		}
		if len(set) != count[name] {
			t.Errorf("%s needs %d stand-ins, want %d", name, len(set), count[name])
		}
		sets, byRelease[name] = append(sets, set), set
	}
	blog, casablanca := byRelease["blog"], byRelease["casablanca"]
	for _, c := range []struct {
		set   []onap.StandIn
		ref   string
		env   map[string]string
		links map[string]string
	}{
		{casablanca, "nexus3.onap.org:10001/onap/multicloud/framework:1.2.1", map[string]string{
			"MESHCERT_ROLE": "multicloud", "MESHCERT_NAME": "multicloud", "MESHCERT_PORTS": "9001",
			"MESHCERT_BASES": "/api/multicloud/v0,/api/multicloud/v1"}, nil},
		{blog, "nexus3.onap.org:10001/onap/multicloud/framework:1.1.2", map[string]string{
			"MESHCERT_ROLE": "multicloud", "MESHCERT_NAME": "multicloud", "MESHCERT_PORTS": "9001", "MESHCERT_BASES": "/api/multicloud/v0"}, nil},
		{casablanca, "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", map[string]string{
			"MESHCERT_ROLE": "gateway", "MESHCERT_PORTS": "80,443", "MESHCERT_HOST_MODE": "service"}, nil},
		{blog, "nexus3.onap.org:10001/onap/msb/msb_apigateway:1.1.0", map[string]string{
			"MESHCERT_ROLE": "gateway", "MESHCERT_PORTS": "80,443", "MESHCERT_HOST_MODE": "client"}, nil},
		{casablanca, "nexus3.onap.org:10001/onap/vfc/nfvo/svnfm/nokiav2:1.3.0", map[string]string{
			"MESHCERT_ROLE": "vfc", "MESHCERT_NAME": "vfc-nokia-v2vnfm-driver", "MESHCERT_PORTS": "8089", "MESHCERT_BASES": "/api/NokiaSVNFM/v1"}, nil},
		{casablanca, "docker.elastic.co/beats/filebeat:5.5.0", map[string]string{"MESHCERT_ROLE": "filebeat"}, nil},
		{casablanca, "oomk8s/readiness-check:2.0.0", map[string]string{"MESHCERT_ROLE": "readiness"}, map[string]string{"/root/ready.py": onap.Program}},
	} {
		got := find(c.set, c.ref)
		if c.links == nil {
			c.links = map[string]string{}
		}
		if diff := cmp.Diff(onap.StandIn{Ref: c.ref, Base: onap.ProgramImage, Env: c.env, Links: c.links}, got, cmpopts.IgnoreFields(onap.StandIn{}, "Mounts")); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.ref, diff)
		}
	}
	all, err := onap.Merge(sets...)
	if err != nil {
		t.Fatal(err)
	}
	// Of blog and casablanca consul, kube2msb, nokia, filebeat and readiness-check are
	// the same; the day after blog has a gateway and a discovery of its own.
	if want := len(blog) + len(casablanca) - 5 + 2; len(all) != want {
		t.Errorf("all releases need %d stand-ins, want %d", len(all), want)
	}
}
