//go:build live

package cluster

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	kindcluster "sigs.k8s.io/kind/pkg/cluster"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

// These tests make real clusters, about three minutes' worth. They need root, an
// engine that answers and the node image in it:
//
//	meshcert up && go test -tags live -timeout 20m ./framework/provision/cluster
const (
	nodeImage = "meshcert.local/kind-node:v1.34.4"
	bystander = "meshcert-live-bystander"
)

func liveEngine(t *testing.T) *engine.Engine {
	t.Helper()
	p, err := config.DefaultPlaces(".", "")
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Answering(t.Context(), engine.Options{State: p.State, Cache: p.Cache})
	if err != nil {
		t.Fatalf("no engine; run meshcert up first: %v", err)
	}
	if _, err := imageID(t.Context(), e, nodeImage); err != nil {
		t.Fatal(err)
	}
	return e
}

// as makes this process the child that works on the cluster of the name.
func as(t *testing.T, e *engine.Engine, name string) {
	t.Helper()
	for _, v := range Env(e, name) {
		key, value, _ := strings.Cut(v, "=")
		t.Setenv(key, value)
	}
}

func liveOptions(t *testing.T, e *engine.Engine, name, layout string) Options {
	t.Helper()
	o := Options{Name: name, Config: layout, NodeImage: nodeImage, Kubeconfig: filepath.Join(t.TempDir(), "kubeconfig"),
		Engine: e, Journal: journal.Open(t.TempDir()), Log: func(s string) { t.Log(name+":", s) }}
	t.Cleanup(func() {
		if err := Remove(context.Background(), o); err != nil {
			t.Error(err)
		}
	})
	return o
}

func mustCreate(t *testing.T, o Options) *Cluster {
	t.Helper()
	as(t, o.Engine, o.Name)
	start := time.Now()
	c, err := Create(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s is ready after %v", o.Name, time.Since(start).Round(100*time.Millisecond))
	return c
}

// nodesOf are the cluster's containers with their start, which a restart changes.
func nodesOf(t *testing.T, e *engine.Engine, name string) string {
	t.Helper()
	all, err := containers(t.Context(), e, "label="+nodeLabel+"="+name)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, c := range all {
		at, err := e.Docker(t.Context(), "inspect", "--format", "{{.Name}} {{.State.StartedAt}}", c.id)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, at)
	}
	slices.Sort(seen)
	return strings.Join(seen, "\n")
}

// gone checks that nothing of the cluster is left on this machine.
func gone(t *testing.T, o Options) {
	t.Helper()
	if left := nodesOf(t, o.Engine, o.Name); left != "" {
		t.Errorf("nodes of %s are left: %s", o.Name, left)
	}
	if id, _, err := network(t.Context(), o.Engine, o.Name); err != nil || id != "" {
		t.Errorf("network %s is left: %s, %v", o.Name, id, err)
	}
	if _, err := net.InterfaceByName(bridge(o.Engine.Host, o.Name)); err == nil {
		t.Errorf("the bridge of %s is left", o.Name)
	}
	for _, r := range rules(o.Engine.Host, o.Name) {
		if there, err := firewall.Present(t.Context(), r.args); err != nil || there {
			t.Errorf("rule %s is left: %v, %v", r.comment, there, err)
		}
	}
	if _, err := os.Stat(o.Kubeconfig); err == nil {
		t.Errorf("kubeconfig %s is left", o.Kubeconfig)
	}
	if all, err := o.Journal.Entries(); err != nil || len(all) > 0 {
		t.Errorf("journal has %v, %v", all, err)
	}
}

func answers(t *testing.T, c *kube.Client) {
	t.Helper()
	if _, err := c.Set.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(t.Context()); err != nil {
		t.Errorf("%s does not answer: %v", c.Config.Host, err)
	}
}

func TestTwoClustersAndABystander(t *testing.T) {
	e := liveEngine(t)
	user := filepath.Join(t.TempDir(), "config")
	before := []byte("apiVersion: v1\nkind: Config\ncurrent-context: mine\n")
	if err := os.WriteFile(user, before, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", user)

	other := makeBystander(t, e)
	otherNodes := nodesOf(t, e, bystander)
	oa, ob := liveOptions(t, e, "meshcert-live-a", "single"), liveOptions(t, e, "meshcert-live-b", "multi-node")
	a, b := mustCreate(t, oa), mustCreate(t, ob)
	bNodes := nodesOf(t, e, ob.Name)

	t.Run("found", func(t *testing.T) { checkFind(t, oa) })
	t.Run("no way out", func(t *testing.T) { checkEgress(t, a, e) })
	t.Run("names", func(t *testing.T) { checkNames(t, a) })
	t.Run("load", func(t *testing.T) {
		as(t, e, ob.Name)
		checkLoad(t, b)
	})

	if err := Remove(t.Context(), oa); err != nil {
		t.Fatal(err)
	}
	gone(t, oa)
	answers(t, b.Kube)
	answers(t, other)
	if now := nodesOf(t, e, ob.Name); now != bNodes {
		t.Errorf("the other cluster's nodes changed: %s, were %s", now, bNodes)
	}
	own, err := Owned(t.Context(), e)
	if err != nil || len(own) != 4 || own[0].Name != ob.Name {
		t.Errorf("owned %+v, %v; want network, rules and cluster of %s", own, err, ob.Name)
	}
	if err := Remove(t.Context(), ob); err != nil {
		t.Fatal(err)
	}
	gone(t, ob)
	answers(t, other)
	if now := nodesOf(t, e, bystander); now != otherNodes {
		t.Errorf("the bystander's nodes changed: %s, were %s", now, otherNodes)
	}
	if now, err := os.ReadFile(user); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the user's kubeconfig changed: %s, %v", now, err)
	}
}

// makeBystander makes a cluster as a user of kind does, in kind's own network.
func makeBystander(t *testing.T, e *engine.Engine) *kube.Client {
	t.Helper()
	for _, v := range e.Env() {
		key, value, _ := strings.Cut(v, "=")
		t.Setenv(key, value)
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	p := kindcluster.NewProvider(kindcluster.ProviderWithDocker())
	t.Cleanup(func() {
		if err := p.Delete(bystander, kubeconfig); err != nil {
			t.Error(err)
		}
		if _, err := e.Docker(context.Background(), "network", "rm", "kind"); err != nil {
			t.Error(err)
		}
	})
	if err := p.Create(bystander, kindcluster.CreateWithNodeImage(nodeImage), kindcluster.CreateWithKubeconfigPath(kubeconfig)); err != nil {
		t.Fatal(err)
	}
	client, err := kube.New(kubeconfig, "kind-"+bystander)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func checkFind(t *testing.T, o Options) {
	c, err := Find(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	answers(t, c.Kube)
	changed := o
	changed.Config = "multi-node"
	if _, err := Find(t.Context(), changed); !errors.Is(err, ErrUnfit) {
		t.Errorf("another layout: got %v, want ErrUnfit", err)
	}
	changed = o
	changed.Name = "meshcert-live-none"
	if _, err := Find(t.Context(), changed); !errors.Is(err, ErrNone) {
		t.Errorf("no cluster: got %v, want ErrNone", err)
	}
	changed.Name = bystander
	if _, err := Find(t.Context(), changed); err == nil || errors.Is(err, ErrNone) || errors.Is(err, ErrUnfit) {
		t.Errorf("another's cluster: got %v, want an error that it is not ours", err)
	}
}

// checkEgress tries to reach a server of this machine and an address outside
// from the nodes. The bystander's node reaches the server, so the try can work.
func checkEgress(t *testing.T, c *Cluster, e *engine.Engine) {
	l, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	try := func(cluster, address string) error {
		_, err := e.Docker(t.Context(), "exec", cluster+"-control-plane", "timeout", "5", "bash", "-c", "exec 3<>/dev/tcp/"+address)
		return err
	}
	gateway := func(cluster string) string {
		ip, err := e.Docker(t.Context(), "exec", cluster+"-control-plane", "sh", "-c", "ip -4 route show default | cut -d' ' -f3")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s/%d", ip, port)
	}
	before, err := c.Egress(t.Context())
	if err != nil || !before.Closed {
		t.Fatalf("got %+v, %v; want closed", before, err)
	}
	if err := try(bystander, gateway(bystander)); err != nil {
		t.Errorf("the bystander cannot reach its machine any more: %v", err)
	}
	for what, address := range map[string]string{"this machine": gateway(c.Name), "an address outside": "192.0.2.1/80"} {
		if err := try(c.Name, address); err == nil || !strings.Contains(err.Error(), "refused") && !strings.Contains(err.Error(), "unreachable") {
			t.Errorf("%s: got %v, want a refusal", what, err)
		}
	}
	after, err := c.Egress(t.Context())
	if err != nil || after.Rejected < before.Rejected+2 {
		t.Errorf("got %+v, %v; want at least two packets more than %d", after, err, before.Rejected)
	}
}

// checkNames asks the cluster's DNS through a NodePort.
func checkNames(t *testing.T, c *Cluster) {
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "dns", Namespace: "kube-system"}, Spec: corev1.ServiceSpec{
		Type: corev1.ServiceTypeNodePort, Selector: map[string]string{"k8s-app": "kube-dns"}, Ports: []corev1.ServicePort{{Port: 53, Protocol: corev1.ProtocolTCP}}}}
	s, err := c.Kube.Set.CoreV1().Services("kube-system").Create(t.Context(), s, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nodes, err := c.Kube.Set.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("%s:%d", nodes.Items[0].Status.Addresses[0].Address, s.Spec.Ports[0].NodePort)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}}
	var inside []string
	var last error
	err = wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		inside, last = resolver.LookupHost(ctx, "kubernetes.default.svc.cluster.local.")
		return last == nil, nil
	})
	if err != nil || len(inside) != 1 {
		t.Fatalf("a name inside: got %v, %v, at last %v", inside, err, last)
	}
	var none *net.DNSError
	if got, err := resolver.LookupHost(t.Context(), "deb.debian.org."); !errors.As(err, &none) || !none.IsNotFound {
		t.Errorf("a name outside: got %v, %v; want that there is none", got, err)
	}
}

// checkLoad loads an image made of one file.
func checkLoad(t *testing.T, c *Cluster) {
	e, err := engine.At(t.Context(), c.host)
	if err != nil {
		t.Fatal(err)
	}
	const ref = "meshcert.local/live:1"
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	if err := errors.Join(w.WriteHeader(&tar.Header{Name: "file", Mode: 0o644, Size: 4}), errOf(w.Write([]byte("live"))), w.Close()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "layer.tar")
	if err := os.WriteFile(file, layer.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Docker(t.Context(), "import", file, ref); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = e.Docker(context.Background(), "rmi", ref) })
	archive := func(ctx context.Context, out io.Writer) error {
		cmd := exec.CommandContext(ctx, e.CLI, "save", ref)
		cmd.Env, cmd.Stdout = append(os.Environ(), e.Env()...), out
		return cmd.Run()
	}
	if err := c.Load(t.Context(), archive, []string{ref}); err != nil {
		t.Error(err)
	}
	err = c.Load(t.Context(), archive, []string{ref, "meshcert.local/other:1"})
	if err == nil || !strings.Contains(err.Error(), "meshcert.local/other:1") || !strings.Contains(err.Error(), "node "+c.Name) {
		t.Errorf("got %v; want the node and the missing image", err)
	}
	broken := func(_ context.Context, out io.Writer) error { return errOf(out.Write([]byte("no archive"))) }
	if err := c.Load(t.Context(), broken, nil); err == nil || !strings.Contains(err.Error(), "node "+c.Name) {
		t.Errorf("a broken archive: got %v; want the node's error", err)
	}
}

func errOf(_ int, err error) error { return err }

// TestKilledWhileMaking kills the child at several points of its work and
// removes what is there by then.
func TestKilledWhileMaking(t *testing.T) {
	const variable = "MESHCERT_LIVE_STATE"
	e := liveEngine(t)
	options := func(state string) Options {
		return Options{Name: "meshcert-live-c", Config: "multi-node", NodeImage: nodeImage,
			Kubeconfig: filepath.Join(state, "kubeconfig"), Engine: e, Journal: journal.Open(state)}
	}
	if state := os.Getenv(variable); state != "" {
		_, err := Create(t.Context(), options(state))
		t.Fatalf("the child was not killed: %v", err)
	}
	for _, c := range []struct {
		name  string
		there func(context.Context, Options) (bool, error)
		find  error
	}{
		{"network", func(ctx context.Context, o Options) (bool, error) {
			id, _, err := network(ctx, e, o.Name)
			return id != "", err
		}, nil},
		{"first node", func(ctx context.Context, o Options) (bool, error) {
			all, err := o.nodes(ctx)
			return len(all) > 0, err
		}, ErrUnfit},
		{"kubeconfig", func(_ context.Context, o Options) (bool, error) {
			_, err := os.Stat(o.Kubeconfig)
			return err == nil, nil
		}, ErrUnfit},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t.TempDir())
			cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWhileMaking$")
			cmd.Env = append(append(os.Environ(), Env(e, o.Name)...), variable+"="+filepath.Dir(o.Kubeconfig))
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) { return c.there(ctx, o) })
			if err := errors.Join(err, syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait()
			if _, err := Find(t.Context(), o); c.find != nil && !errors.Is(err, c.find) {
				t.Errorf("half-made: got %v, want %v", err, c.find)
			}
			if err := Remove(t.Context(), o); err != nil {
				t.Error(err)
			}
			gone(t, o)
		})
	}
}
