package catalogue_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/catalogue"
)

func load(t *testing.T, name string) *catalogue.Release {
	t.Helper()
	release, err := catalogue.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// ready is the READY column of every workload under the policy.
func ready(r *catalogue.Release, p catalogue.Policy) map[string]string {
	column := map[string]string{}
	for _, w := range r.Workloads {
		_, column[w.Name] = r.Expected(w, p)
	}
	return column
}

// TestBlogListing compares the catalogue with the source document's own listing.
func TestBlogListing(t *testing.T) {
	file, err := os.Open("../../fixtures/answers/blog-listing.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	listing := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(strings.TrimPrefix(lines.Text(), "pod/"))
		if !strings.HasPrefix(lines.Text(), "pod/") {
			continue
		}
		parts := strings.Split(fields[0], "-") // workload, ReplicaSet hash, pod hash
		listing[strings.Join(parts[:len(parts)-2], "-")] = fields[1]
	}
	if len(listing) != 26 {
		t.Fatalf("the listing has %d pods, want 26", len(listing))
	}
	blog := load(t, "blog")
	if diff := cmp.Diff(listing, ready(blog, blog.Policy)); diff != "" {
		t.Errorf("READY of release blog, -listing +catalogue:\n%s", diff)
	}
	if len(blog.Portal) != 23 {
		t.Errorf("the portal of blog lists %d services, want the 23 of the document's picture", len(blog.Portal))
	}
}

// TestReady compares every release with the READY columns of OOM's own templates,
// for both policies.
func TestReady(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/answers/ready.txt")
	if err != nil {
		t.Fatal(err)
	}
	var columns []string // RELEASE/POLICY
	want := map[string]map[string]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		switch {
		case fields[0] == "#":
		case columns == nil:
			columns = fields[1:]
		default:
			for i, value := range fields[1:] {
				if want[columns[i]] == nil {
					want[columns[i]] = map[string]string{}
				}
				if value != "-" {
					want[columns[i]][fields[0]] = value
				}
			}
		}
	}
	got := map[string]map[string]string{}
	for _, name := range catalogue.Names() {
		for _, policy := range []catalogue.Policy{catalogue.Disabled, catalogue.Enabled} {
			got[name+"/"+string(policy)] = ready(load(t, name), policy)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +catalogue:\n%s", diff)
	}
}

func TestRegistered(t *testing.T) {
	for name, want := range map[string]int{"beijing": 21, "blog": 21, "master-2018-07-31": 21, "casablanca": 29} {
		if got := len(load(t, name).Registered()); got != want {
			t.Errorf("%s: %d registrations, want %d", name, got, want)
		}
	}
}

// TestRequests: what no request sets off is sent by nobody.
func TestRequests(t *testing.T) {
	r := load(t, "casablanca")
	for _, p := range r.Requests() {
		if !p.Requested() || p.Cause() != p.ID {
			t.Errorf("path %s: requested %v, cause %q", p.ID, p.Requested(), p.Cause())
		}
	}
	registration, ok := r.Path("service-registration")
	if !ok || registration.Requested() || registration.Cause() != catalogue.Registering {
		t.Errorf("registration: %+v", registration)
	}
	if got, want := len(r.Requests()), len(r.Paths)-1; got != want || got < 8 {
		t.Errorf("%d requests, want %d, eight at least", got, want)
	}
}

func TestExpectedNames(t *testing.T) {
	r := load(t, "blog")
	consul, _ := r.Workload("msb-consul")
	framework, _ := r.Workload("multicloud")
	for _, c := range []struct {
		workload catalogue.Workload
		want     []string
	}{
		{consul, []string{"msb-consul", "istio-proxy"}},
		{framework, []string{"multicloud", "filebeat-onap"}}, // 2/2 too, but no sidecar
	} {
		names, ready := r.Expected(c.workload, catalogue.Disabled)
		if diff := cmp.Diff(c.want, names); diff != "" || ready != "2/2" {
			t.Errorf("%s: READY %s, names -want +got:\n%s", c.workload.Name, ready, diff)
		}
	}
}

func TestUnknownRelease(t *testing.T) {
	_, err := catalogue.Load("casablanka")
	if want := `unknown release "casablanka"; known: beijing, blog, casablanca, master-2018-07-31`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

// TestParseRefuses breaks one thing at a time in a good catalogue.
func TestParseRefuses(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/catalogue/casablanca.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field", "policy: enabled", "policy: enabled\npolcy: x", `unknown field "polcy"`},
		{"policy", "policy: enabled", "policy: on", `policy: "true"`},
		{"edge to nowhere", "{from: kube2msb, to: msb-discovery,", "{from: kube2msb, to: msb-discover,", `edges[0] (kube2msb → msb-discover): to: no workload has the app name "msb-discover"`},
		{"edge's port", "to: msb-discovery, port: 10081,", "to: msb-discovery, port: 10082,", "msb-discovery has no port 10082"},
		{"edge's path", "when: nslcm-to-catalog}", "when: nslcm-to-catalogue}", `when "nslcm-to-catalogue" is neither a path`},
		{"path without its edge", "{from: multicloud, to: msb-iag, port: 80, protocol: http, when: identity}", "{from: multicloud, to: msb-iag, port: 80, protocol: http, when: always}", "no edge multicloud → msb-iag with when: identity"},
		{"hop", "hops: [msb-iag, multicloud,", "hops: [msb-iag, multicloud2,", `hops: no workload has the app name "multicloud2"`},
		{"a path without end", "hops: [msb-iag, multicloud,", "hops: [msb-iag, " + strings.Repeat("multicloud, msb-iag, ", 20) + "multicloud,", "at least one and at most 32"},
		{"a path that nothing sets off", "  when: registration\n", "", "(service-registration): method and status are needed"},
		{"a path set off by an unknown thing", "  when: registration\n", "  when: always\n", `when "always", want "registration" or nothing`},
		{"a registration with a request", "  when: registration\n", "  when: registration\n  url: /api\n", "are for a request"},
		{"a registration that nobody hears", "hops: [kube2msb, msb-discovery, msb-consul]", "hops: [msb-discovery]", "a path without a request has at least two"},
		{"a registration without its edge", "{from: msb-discovery, to: msb-consul, port: 8500, protocol: http, when: registration}", "{from: msb-discovery, to: msb-consul, port: 8500, protocol: http, when: always}", "no edge msb-discovery → msb-consul with when: registration"},
		{"dropsAt", "dropsAt: vfc-nslcm", "dropsAt: vfc-db", `dropsAt "vfc-db" is not among its hops`},
		{"gap's object", "object: Deployment onap/vfc-vfc-nslcm", "object: vfc-nslcm", `object "vfc-nslcm" is no workload`},
		{"path's source", "source: onap/vfc-nfvo-lcm a94e3c58, restcall.call_req\n", "source: ''\n", "(nslcm-to-catalog): source: missing"},
		{"gap's kind", "kind: headers-dropped", "kind: ''", "kind, text and source are needed"},
		{"annotation", `annotation: "true"`, `annotation: "yes"`, `annotation "yes"`},
		{"kind", "- name: msb-msb-eag\n", "- name: msb-msb-eag\n  kind: Job\n", `kind "Job", want Deployment, StatefulSet or DaemonSet`},
		{"endpoint", "{url: /msb,", "{url: msb,", "url does not begin with /"},
		{"portal", "- vnfres\n", "", `registered service "vnfres" is missing`},
		{"waits for", "waitsFor: vfc-db", "waitsFor: mariadb", `waits for "mariadb", which no workload has`},
		{"registration's port", "url: /api/nslcm/v1, port: 8403", "url: /api/nslcm/v1, port: 8404", "registration nslcm: no service of the workload has port 8404"},
		{"node port", "nodePort: 30280", "nodePort: 0", "nodePort 0 does not fit type NodePort"},
		{"twice", "- name: msb-msb-eag\n  app: msb-eag", "- name: msb-msb-iag\n  app: msb-iag", `app "msb-iag" appears twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := strings.Replace(string(text), c.old, c.new, 1)
			if broken == string(text) {
				t.Fatalf("%q is not in the catalogue", c.old)
			}
			_, err := catalogue.Parse([]byte(broken))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}
