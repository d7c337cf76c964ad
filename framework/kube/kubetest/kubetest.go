// Package kubetest starts a real Kubernetes API server for tests: the
// kube-apiserver and etcd that `make images` built for the node image, on
// loopback ports, with all their files in a folder of the test. It guarantees
// that both are gone when the test ends, also when the test is killed. There is
// no controller manager, scheduler or kubelet: what they would do, a test does.
package kubetest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/onap/meshcert/framework/kube"
)

// startLimit is how long the API server may take to be ready.
const startLimit = time.Minute

// token is the only user's; it is allowed everything.
const token = "kubetest"

// Server is a running API server.
type Server struct {
	Client *kube.Client
	// Kubeconfig is a file whose only context is "kubetest".
	Kubeconfig string
}

// Start starts an API server that ends with the test. Where its programs were
// never built the test is skipped.
func Start(t *testing.T) *Server {
	t.Helper()
	etcd, apiserver := program(t, "go-etcd", "server"), program(t, "go-kubernetes", "kube-apiserver")
	folder := t.TempDir()
	ports := freePorts(t, 3)
	url := func(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }
	run(t, folder, etcd,
		"--data-dir="+filepath.Join(folder, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+url(ports[0]), "--advertise-client-urls="+url(ports[0]), "--listen-peer-urls="+url(ports[1]),
	)
	key := signingKey(t, folder)
	tokens := write(t, folder, "tokens.csv", token+",kubetest,kubetest,system:masters\n")
	run(t, folder, apiserver,
		"--etcd-servers="+url(ports[0]), "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", ports[2]), "--cert-dir="+filepath.Join(folder, "certs"),
		"--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
		"--service-account-issuer=https://kubetest", "--service-account-key-file="+key, "--service-account-signing-key-file="+key,
		"--token-auth-file="+tokens, "--authorization-mode=RBAC", "--disable-admission-plugins=ServiceAccount",
	)
	host := fmt.Sprintf("https://127.0.0.1:%d", ports[2])
	client, err := kube.FromConfig(&rest.Config{Host: host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	if err != nil {
		t.Fatal(err)
	}
	ready := func(ctx context.Context) error {
		return client.Set.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}
	if err := kube.Until(t.Context(), "the API server to be ready", startLimit, ready); err != nil {
		t.Fatalf("%v; the logs are in %s", err, folder)
	}
	return &Server{Client: client, Kubeconfig: kubeconfig(t, folder, host)}
}

// program finds what a step of the image builds has left in the cache.
func program(t *testing.T, step, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("needs a real API server, and there is no cache folder it could be in: %v", err)
	}
	found, err := filepath.Glob(filepath.Join(cache, "meshcert", "steps", step, "*", name))
	if err != nil || len(found) == 0 {
		t.Skipf("needs a real API server, and %s of step %s is not in %s: run `make images` once", name, step, cache)
	}
	return found[0]
}

// run starts a program, its output in a file of the folder, and ends it with the test.
func run(t *testing.T, folder, path string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(folder, filepath.Base(path)+".log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		// The signal comes when the thread that started the program ends, so the
		// thread stays as long as the program.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			err = cmd.Wait()
		}
		ended <- err
	}()
	if err := <-started; err != nil {
		t.Fatal(errors.Join(err, log.Close()))
	}
	t.Cleanup(func() {
		// Nothing is to be kept, so nothing has to be written down first.
		if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Errorf("end %s: %v", filepath.Base(path), err)
		}
		<-ended
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

// freePorts are ports of the loopback address that nobody listens on.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// signingKey writes a key for ServiceAccounts' tokens.
func signingKey(t *testing.T, folder string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, folder, "service-accounts.key", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
}

func kubeconfig(t *testing.T, folder, host string) string {
	t.Helper()
	const name = "kubetest"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: host, InsecureSkipTLSVerify: true}
	config.AuthInfos[name] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	config.CurrentContext = name
	path := filepath.Join(folder, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
