package doctor

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/journal"
)

func healthy() (Needs, Facts) {
	return Needs{Cache: "/c", State: "/s", Source: "/src", Build: true, Sidecars: 31},
		Facts{
			Engine: Engine{Host: "unix:///x", Version: "20.10"}, Root: true, CPUs: 4, Recipes: true,
			Memory:  Space{Bytes: 16 << 30},
			Disks:   []Disk{{Device: 1, Folder: "/c", Free: Space{Bytes: 60 << 30}}, {Device: 1, Folder: "/s", Free: Space{Bytes: 60 << 30}}},
			Inotify: Inotify{Limit: 128}, Go: Go{Version: "1.26.0"},
		}
}

func TestMachine(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name   string
		change func(*Needs, *Facts)
		check  string // the one that is not ok; "" for none
		status Status
		text   string // a part of text and advice
	}{
		{"healthy", func(*Needs, *Facts) {}, "", OK, ""},
		{"no engine yet", func(_ *Needs, f *Facts) { f.Engine = Engine{} }, "", OK, ""},
		{"no engine, no iptables yet", func(_ *Needs, f *Facts) { f.Engine, f.Firewall = Engine{}, broken }, "", OK, ""},
		{"no engine possible", func(_ *Needs, f *Facts) { f.Engine = Engine{Problem: broken, Do: "install Docker"} }, "container engine", Fail, "install Docker"},
		{"not root", func(_ *Needs, f *Facts) { f.Firewall = broken }, "way out of the cluster", Fail, "--open-egress"},
		{"not root, open", func(n *Needs, f *Facts) { f.Firewall, n.EgressOpen = broken, true }, "way out of the cluster", Warn, "stays open"},
		{"one core", func(_ *Needs, f *Facts) { f.CPUs = 1 }, "cores", Warn, "2 cores"},
		{"little memory", func(_ *Needs, f *Facts) { f.Memory.Bytes = 2 << 30 }, "memory", Fail, "2.0 GB available, 6.0 GB needed"},
		{"unknown memory", func(_ *Needs, f *Facts) { f.Memory = Space{Err: broken} }, "memory", Warn, "broken"},
		{"first build, little disk", func(_ *Needs, f *Facts) { f.Disks[0].Free.Bytes = 20 << 30 }, "disk under /c", Fail, "25.0 GB needed"},
		{"later run, the same disk", func(n *Needs, f *Facts) { n.Built, f.Disks[0].Free.Bytes = true, 20<<30 }, "", OK, ""},
		{"later run, full", func(n *Needs, f *Facts) { n.Built, f.Disks[0].Free.Bytes = true, 1<<20 }, "disk under /c", Fail, "1 MB free"},
		{"another disk is full", func(_ *Needs, f *Facts) { f.Disks[1] = Disk{Device: 2, Folder: "/s"} }, "disk under /s", Fail, "0 MB free"},
		{"unknown disk", func(_ *Needs, f *Facts) { f.Disks[1] = Disk{Folder: "/s", Free: Space{Err: broken}} }, "disk under /s", Warn, "broken"},
		{"sidecars of another cluster", func(n *Needs, f *Facts) { f.Inotify.Used, f.Root = 62, false; n.Built = true }, "inotify instances", Fail, "max_user_instances=140"},
		{"the same as root", func(_ *Needs, f *Facts) { f.Inotify.Used = 62 }, "inotify instances", Warn, "raised to 140"},
		{"unknown inotify", func(_ *Needs, f *Facts) { f.Inotify = Inotify{Err: broken} }, "inotify instances", Warn, "78 or more"},
		{"old Go", func(_ *Needs, f *Facts) { f.Go.Version = "1.25.9" }, "Go toolchain", Fail, "install Go 1.26"},
		{"no Go", func(_ *Needs, f *Facts) { f.Go = Go{Err: broken} }, "Go toolchain", Fail, "install Go 1.26"},
		{"no Go and none needed", func(n *Needs, f *Facts) { n.Built, f.Go = true, Go{Err: broken} }, "", OK, ""},
		{"building without root", func(_ *Needs, f *Facts) { f.Root = false }, "rights to build images", Fail, "run as root"},
		{"not root, all built", func(n *Needs, f *Facts) { n.Built, f.Root = true, false }, "", OK, ""},
		{"no checkout", func(_ *Needs, f *Facts) { f.Recipes = false }, "image recipes", Fail, "checkout"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, f := healthy()
			c.change(&n, &f)
			for _, got := range Judge(n, f) {
				want := OK
				if got.Name == c.check {
					want = c.status
				}
				if got.Status != want || got.Name == c.check && !strings.Contains(got.Text+" "+got.Do, c.text) {
					t.Errorf("got %+v, want %s with %q", got, want, c.text)
				}
				if got.Status != OK && got.Do == "" {
					t.Errorf("%s says not what to do", got.Name)
				}
			}
		})
	}
}

func TestCluster(t *testing.T) {
	broken := errors.New("broken")
	good := ClusterFacts{Version: "v1.34.4"}
	for _, c := range []struct {
		name   string
		change func(*ClusterFacts)
		check  string
		status Status
		text   string
	}{
		{"good", func(*ClusterFacts) {}, "", OK, ""},
		{"vendor's suffix", func(f *ClusterFacts) { f.Version = "v1.33.1-gke.100" }, "", OK, ""},
		{"unreachable", func(f *ClusterFacts) { f.Err = broken }, "API server", Fail, "--kubeconfig"},
		{"old", func(f *ClusterFacts) { f.Version = "v1.29.0" }, "Kubernetes version", Fail, "v1.31"},
		{"odd version", func(f *ClusterFacts) { f.Version = "weird" }, "Kubernetes version", Warn, "v1.31"},
		{"few rights", func(f *ClusterFacts) { f.Missing = []string{"create pods/exec"} }, "rights", Fail, "may not create pods/exec"},
		{"unknown rights", func(f *ClusterFacts) { f.RightsErr = broken }, "rights", Warn, "broken"},
		{"another Istio", func(f *ClusterFacts) { f.Istio = []string{"mesh/istiod"} }, "Istio", Fail, "mesh/istiod"},
		{"unknown Istio", func(f *ClusterFacts) { f.IstioErr = broken }, "Istio", Warn, "broken"},
		{"ports of a Service", func(f *ClusterFacts) { f.Taken = map[int]string{30283: "a/web", 30280: "b/x"} }, "NodePorts", Fail, "30280 by Service b/x, 30283 by Service a/web"},
		{"ports of a program", func(f *ClusterFacts) { f.Busy = []int{30088} }, "NodePorts", Fail, "30088 by a program"},
		{"unknown ports", func(f *ClusterFacts) { f.TakenErr = broken }, "NodePorts", Warn, "broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := good
			c.change(&f)
			seen := c.check == ""
			for _, got := range JudgeCluster(f) {
				want := OK
				if got.Name == c.check {
					want, seen = c.status, true
				}
				if got.Status != want || got.Name == c.check && !strings.Contains(got.Text+" "+got.Do, c.text) {
					t.Errorf("got %+v, want %s with %q", got, want, c.text)
				}
			}
			if !seen {
				t.Errorf("no check %s", c.check)
			}
		})
	}
}

func TestForeignPorts(t *testing.T) {
	service := func(namespace, name string, port int32) corev1.Service {
		return corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}, {NodePort: port}}}}
	}
	got := foreignPorts([]corev1.Service{service("onap", "msb-iag", 30280), service("shop", "web", 30296),
		service("shop", "near", 30297), service("shop", "graph", 30088)}, map[string]bool{"onap": true})
	if diff := cmp.Diff(map[int]string{30296: "shop/web", 30088: "shop/graph"}, got); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

func TestListening(t *testing.T) {
	text := `  sl  local_address rem_address   st tx_queue
   0: 0100007F:7648 00000000:0000 0A 00000000:00000000
   1: 0100007F:7649 0200007F:0050 01 00000000:00000000
`
	got, err := listening(text)
	if diff := cmp.Diff(map[int]bool{30280: true}, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if _, err := listening("a\n0: 0:XX 0 0A\n"); err == nil {
		t.Error("a port that is no number was taken")
	}
}

func TestParseMemory(t *testing.T) {
	if got := parseMemory("MemTotal: 10 kB\nMemAvailable:    2048 kB\n"); got.Bytes != 2<<20 || got.Err != nil {
		t.Errorf("got %+v", got)
	}
	for _, text := range []string{"", "MemFree: 1 kB\n", "MemAvailable: much kB\n"} {
		if got := parseMemory(text); got.Err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

func TestErr(t *testing.T) {
	checks := []Check{{Name: "a", Status: OK}, {Name: "b", Status: Warn, Text: "w"}}
	if Worst(checks) != Warn || Err(checks) != nil {
		t.Errorf("a warning is taken for a failure: %v, %v", Worst(checks), Err(checks))
	}
	checks = append(checks, Check{Name: "disk", Status: Fail, Text: "full", Do: "free space"})
	if err := Err(checks); Worst(checks) != Fail || err == nil || err.Error() != "disk: full; free space" {
		t.Errorf("got %v, %v", Worst(checks), err)
	}
}

func TestRaiseAndRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "max_user_instances")
	j := journal.Open(t.TempDir())
	set := func(n int) { // what another program does
		if err := os.WriteFile(path, []byte(strconv.Itoa(n)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want string) {
		t.Helper()
		if text, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(text)) != want {
			t.Errorf("limit is %q, %v; want %s", text, err, want)
		}
	}
	set(128)
	if got, err := raise(j, path, Inotify{Limit: 128}, 31); err != nil || got != 128 {
		t.Fatalf("a limit that suffices: got %d, %v", got, err)
	}
	if all, err := j.Entries(); err != nil || len(all) > 0 {
		t.Fatalf("a limit that suffices was recorded: %v, %v", all, err)
	}
	if got, err := raise(j, path, Inotify{Limit: 128, Used: 4}, 100); err != nil || got != 220 {
		t.Fatalf("got %d, %v; want 220", got, err)
	}
	is("220")
	if got, err := raise(j, path, Inotify{Limit: 220}, 200); err != nil || got != 416 {
		t.Fatalf("second raise: got %d, %v; want 416", got, err)
	}
	is("416")
	all, err := j.Entries()
	if err != nil || len(all) != 1 {
		t.Fatalf("got entries %v, %v; want one", all, err)
	}
	if err := Restore(all[0]); err != nil {
		t.Fatal(err)
	}
	is("128")
	set(1024)
	if err := Restore(all[0]); err != nil {
		t.Fatal(err)
	}
	is("1024")
	if err := Restore(journal.Entry{Kind: journal.Limit, Name: "x"}); err == nil {
		t.Error("an entry without a former value was taken")
	}
	if _, err := raise(j, filepath.Join(path, "none"), Inotify{Limit: 1}, 1); err == nil {
		t.Error("a limit that cannot be written was taken for raised")
	}
}
