package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/kind/pkg/cluster/nodes"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/provision/engine"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"good", Options{Name: "meshcert", Config: "single", Kubeconfig: "/k"}, ""},
		{"no name", Options{Config: "single", Kubeconfig: "/k"}, "cluster name"},
		{"capital letters", Options{Name: "Mesh", Config: "single", Kubeconfig: "/k"}, "cluster name"},
		{"a name that is a pattern", Options{Name: "mesh.*", Config: "single", Kubeconfig: "/k"}, "cluster name"},
		{"too long", Options{Name: strings.Repeat("a", 41), Config: "single", Kubeconfig: "/k"}, "at most 40"},
		{"relative kubeconfig", Options{Name: "m", Config: "single", Kubeconfig: "k"}, "absolute"},
		{"unknown configuration", Options{Name: "m", Config: "calico", Kubeconfig: "/k"}, `"calico" is unknown; there are multi-node, single`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.o.validate()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestProcessWithoutItsVariables(t *testing.T) {
	e := &engine.Engine{Host: "unix:///ours.sock", CLI: "/usr/bin/docker"}
	for _, c := range []struct {
		name, host, network string
		fails               bool
	}{
		{"the child's", e.Host, "meshcert", false},
		{"the user's engine", "unix:///var/run/docker.sock", "meshcert", true},
		{"no engine", "", "meshcert", true},
		{"kind's shared network", e.Host, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("DOCKER_HOST", c.host)
			t.Setenv(networkVariable, c.network)
			if err := checkProcess(e.Host, "meshcert"); (err != nil) != c.fails {
				t.Errorf("got %v, want error %v", err, c.fails)
			}
		})
	}
	for _, v := range Env(e, "meshcert") {
		key, value, _ := strings.Cut(v, "=")
		t.Setenv(key, value)
	}
	if err := checkProcess(e.Host, "meshcert"); err != nil {
		t.Errorf("the variables of Env do not suffice: %v", err)
	}
}

func TestUnfit(t *testing.T) {
	want := map[string]string{"host": "h", "config": "single", "image": "sha256:1", "kubeconfig": "/k", "open": "false", "ready": "true"}
	running := []container{{name: "m-control-plane", state: "running"}}
	for _, c := range []struct {
		name       string
		key, value string
		nodes      []container
		want       string
	}{
		{"fits", "", "", running, ""},
		{"half-made", "ready", "false", running, "never finished"},
		{"other layout", "config", "multi-node", running, "configuration is multi-node, want single"},
		{"other image", "image", "sha256:2", running, "node image is sha256:2"},
		{"open", "open", "true", running, "open way out is true"},
		{"other engine", "host", "x", running, "container engine is x"},
		{"no nodes", "", "", nil, "nodes are gone"},
		{"stopped", "", "", []container{running[0], {name: "m-worker", state: "exited"}}, "node m-worker is exited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			is := map[string]string{}
			for k, v := range want {
				is[k] = v
			}
			if c.key != "" {
				is[c.key] = c.value
			}
			if got := unfit(is, want, c.nodes); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseContainers(t *testing.T) {
	got, err := parseContainers("a1\tm-control-plane\trunning\nb2\tm-worker\texited")
	want := []container{{"a1", "m-control-plane", "running"}, {"b2", "m-worker", "exited"}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if none, err := parseContainers(""); err != nil || none != nil {
		t.Errorf("no containers: got %v, %v", none, err)
	}
	if _, err := parseContainers("a1 running"); err == nil {
		t.Error("a line in another form was taken")
	}
}

func TestRules(t *testing.T) {
	link := bridge("unix:///s", "meshcert")
	if len(link) > 15 {
		t.Errorf("interface name %s has %d characters, the kernel takes 15", link, len(link))
	}
	if link == bridge("unix:///s", "other") || link == bridge("unix:///t", "meshcert") {
		t.Error("two networks share an interface")
	}
	var got []string
	for _, r := range rules("unix:///s", "meshcert") {
		got = append(got, strings.ReplaceAll(strings.Join(r.args, " "), link, "BR"))
		e := r.entry()
		if e.Kind != journal.Firewall || e.Name != r.comment || len(r.comment) > 256 {
			t.Errorf("journal entry %+v", e)
		}
	}
	want := []string{
		"DOCKER-USER -i BR ! -o BR -m comment --comment meshcert-BR-forward -j REJECT",
		"INPUT -i BR -m conntrack --ctstate NEW -m comment --comment meshcert-BR-input -j REJECT",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

const openCorefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30
}
`

const closed = `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    health {
       lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       ttl 30
    }
    cache 30
}
.:53 {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`

func TestClosedCorefile(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
	}{
		{"kubeadm's", openCorefile, closed},
		{"closed already", closed, closed},
		{"forward without a block", ".:53 {\n    kubernetes a.b {\n    }\n    forward . 8.8.8.8\n}\n", "a.b:53 {\n    kubernetes a.b {\n    }\n}\n" + outside},
		{"opened again", closed + "example.com:53 {\n    forward . 8.8.8.8\n}\n", ""},
		{"no forward", ".:53 {\n    kubernetes a.b {\n    }\n}\n", ""},
		{"no kubernetes", ".:53 {\n    forward . 8.8.8.8\n}\n", ""},
		{"other server", "a.b:53 {\n    kubernetes a.b {\n    }\n    forward . 8.8.8.8\n}\n", ""},
		{"block without end", ".:53 {\n    kubernetes a.b {\n    }\n    forward . 8.8.8.8 {\n", ""},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := closedCorefile(c.text)
			if (err != nil) != (c.want == "") {
				t.Fatalf("got %q, error %v", got, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err == nil && forwards(got) {
				t.Error("still asks others")
			}
		})
	}
	if !forwards(openCorefile) {
		t.Error("an open configuration is taken for closed")
	}
}

func TestAbsent(t *testing.T) {
	has := []string{"docker.io/oomk8s/readiness-check:2.0.0", "docker.io/library/busybox:latest",
		"nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", "registry.hub.docker.com/library/consul:0.9.3"}
	for _, c := range []struct {
		ref     string
		missing bool
		fails   bool
	}{
		{"oomk8s/readiness-check:2.0.0", false, false},
		{"docker.io/oomk8s/readiness-check:2.0.0", false, false},
		{"busybox", false, false},
		{"nexus3.onap.org:10001/onap/msb/msb_apigateway:1.2.1", false, false},
		{"registry.hub.docker.com/library/consul:0.9.3", false, false},
		{"oomk8s/readiness-check:2.0.1", true, false},
		{"consul:0.9.3", true, false},
		{"Not A Reference", false, true},
	} {
		got, err := absent([]string{c.ref}, has)
		if (err != nil) != c.fails || (len(got) == 1) != c.missing {
			t.Errorf("%s: got %v, %v; want missing %v, error %v", c.ref, got, err, c.missing, c.fails)
		}
	}
}

// node is a node that only has a name.
type node struct {
	nodes.Node
	name string
}

func (n node) String() string { return n.name }

func TestStream(t *testing.T) {
	broken := errors.New("no space left on device")
	three := func(_ context.Context, w io.Writer) error {
		for range 3 {
			if _, err := w.Write([]byte(strings.Repeat("x", 100_000))); err != nil {
				return fmt.Errorf("write layer: %w", err)
			}
		}
		return nil
	}
	all := func(_ nodes.Node, in io.Reader) error {
		got, err := io.ReadAll(in)
		if err == nil && len(got) != 300_000 {
			err = fmt.Errorf("got %d bytes", len(got))
		}
		return err
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name    string
		ctx     context.Context
		archive func(context.Context, io.Writer) error
		load    func(nodes.Node, io.Reader) error
		want    string
	}{
		{"good", context.Background(), three, all, ""},
		{"importer leaves padding", context.Background(), three, func(_ nodes.Node, in io.Reader) error {
			_, err := io.CopyN(io.Discard, in, 10)
			return err
		}, ""},
		{"one node fails", context.Background(), three, func(n nodes.Node, in io.Reader) error {
			if n.String() == "m-worker" {
				return broken
			}
			return all(n, in)
		}, "node m-worker: no space left on device"},
		{"archive fails", context.Background(), func(context.Context, io.Writer) error { return broken }, all, "write the image archive: no space"},
		{"cancelled", canceled, three, all, "context canceled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := stream(c.ctx, []nodes.Node{node{name: "m-control-plane"}, node{name: "m-worker"}}, c.archive, c.load)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestStates(t *testing.T) {
	ready := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}, Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionTrue}, {Type: corev1.NodeReady, Status: corev1.ConditionTrue}}}}
	unready := ready.DeepCopy()
	unready.Status.Conditions[1] = corev1.NodeCondition{Type: corev1.NodeReady, Status: corev1.ConditionFalse, Reason: "KubeletNotReady", Message: "cni plugin not initialized"}
	silent := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}
	for want, n := range map[string]*corev1.Node{"": ready, "KubeletNotReady: cni plugin not initialized": unready, "has not reported yet": silent} {
		if name, got := nodeState(n); name != "n" || got != want {
			t.Errorf("node: got %q %q, want %q", name, got, want)
		}
	}
	for _, c := range []struct {
		desired, available int32
		generation         int64
		ready              bool
	}{
		{2, 2, 1, true}, {2, 1, 1, false}, {1, 1, 1, false}, {0, 0, 1, false}, {2, 2, 2, false},
	} {
		d := &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: "kindnet", Generation: c.generation},
			Status: appsv1.DaemonSetStatus{ObservedGeneration: 1, DesiredNumberScheduled: c.desired, NumberAvailable: c.available}}
		if _, why := daemonSetState(d, 2); (why == "") != c.ready {
			t.Errorf("%+v on two nodes: %q", c, why)
		}
	}
}

func TestLogKeepsTheEnd(t *testing.T) {
	var said []string
	l := &kindLog{out: func(s string) { said = append(said, s) }}
	l.Warnf("Overriding docker network due to %s", networkVariable)
	l.Warn("cgroups v1")
	l.V(0).Infof(" • %s  ...\n", "Preparing nodes 📦 📦")
	l.V(0).Info(" ✓ Preparing nodes 📦 📦")
	l.V(1).Info("for the error")
	l.V(3).Info("for nobody")
	if diff := cmp.Diff([]string{"warning: cgroups v1", "Preparing nodes"}, said); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
	if tail := l.tail(); !strings.HasSuffix(tail, "✓ Preparing nodes 📦 📦\nfor the error") {
		t.Errorf("tail %q", tail)
	}
	for i := range 2 * kept {
		l.V(1).Infof("line %d", i)
	}
	if lines := strings.Split(l.tail(), "\n"); len(lines) != kept || lines[kept-1] != fmt.Sprintf("line %d", 2*kept-1) {
		t.Errorf("kept %d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func TestDeleteOfAnEngineThatIsGone(t *testing.T) {
	gone := "unix://" + filepath.Join(t.TempDir(), "docker.sock")
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	for _, c := range []struct {
		name, private string
		fails         bool
	}{{"the user's", "false", true}, {"private", "true", false}} {
		t.Run(c.name, func(t *testing.T) {
			if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			e := journal.Entry{Kind: journal.Cluster, Name: "m", Data: map[string]string{"host": gone, "private": c.private, "kubeconfig": kubeconfig}}
			err := Delete(context.Background(), e)
			_, left := os.Stat(kubeconfig)
			if (err != nil) != c.fails || (left == nil) != c.fails {
				t.Errorf("got %v, kubeconfig left %v; want error %v", err, left == nil, c.fails)
			}
		})
	}
}

func TestDeleteRefusesOtherEntries(t *testing.T) {
	for _, e := range []journal.Entry{
		{Kind: journal.Engine, Name: "x"},
		{Kind: journal.Firewall, Name: "x", Data: map[string]string{"rule": "-F"}},
		{Kind: journal.Firewall, Name: "x", Data: map[string]string{"rule": `["INPUT"]`}},
	} {
		if err := Delete(context.Background(), e); err == nil {
			t.Errorf("Delete took %+v", e)
		}
	}
}
