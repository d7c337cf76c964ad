// Package kubetest starts a real Kubernetes API server for tests: the
// kube-apiserver and etcd that `make images` built for the node image, on
// loopback ports, with all their files in a folder of the test, gone with the
// test. There is no controller manager, scheduler or kubelet: what they would
// do, a test does.
package kubetest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/onap/meshcert/framework/internal/proctest"
	"github.com/onap/meshcert/framework/kube"
)

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
	etcd, apiserver := proctest.Program(t, "go-etcd", "server"), proctest.Program(t, "go-kubernetes", "kube-apiserver")
	folder := t.TempDir()
	addresses := proctest.Addresses(t, 3)
	store, peers, secure := "http://"+addresses[0], "http://"+addresses[1], addresses[2]
	proctest.Start(t, folder, etcd,
		"--data-dir="+filepath.Join(folder, "etcd"), "--unsafe-no-fsync",
		"--listen-client-urls="+store, "--advertise-client-urls="+store, "--listen-peer-urls="+peers,
	)
	key := signingKey(t, folder)
	tokens := write(t, folder, "tokens.csv", token+",kubetest,kubetest,system:masters\n")
	_, port, err := net.SplitHostPort(secure)
	if err != nil {
		t.Fatal(err)
	}
	server := proctest.Start(t, folder, apiserver,
		"--etcd-servers="+store, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		"--secure-port="+port, "--cert-dir="+filepath.Join(folder, "certs"),
		"--service-cluster-ip-range=10.0.0.0/24", "--endpoint-reconciler-type=none",
		"--service-account-issuer=https://kubetest", "--service-account-key-file="+key, "--service-account-signing-key-file="+key,
		"--token-auth-file="+tokens, "--authorization-mode=RBAC", "--allow-privileged", "--disable-admission-plugins=ServiceAccount",
	)
	host := "https://" + secure
	client, err := kube.FromConfig(&rest.Config{Host: host, BearerToken: token, TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	if err != nil {
		t.Fatal(err)
	}
	server.Ready(t, func(ctx context.Context) error {
		return client.Set.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
	return &Server{Client: client, Kubeconfig: kubeconfig(t, folder, host)}
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
