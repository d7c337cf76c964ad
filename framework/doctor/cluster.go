package doctor

import (
	"context"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	authorization "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes"

	"github.com/onap/meshcert/framework/kube"
)

// ClusterFacts are what the reader found in a real cluster.
type ClusterFacts struct {
	// Version is the server's, for example "v1.34.4"; Err why it does not answer.
	Version string
	Err     error
	// Missing are rights we lack, as "verb resource", and RightsErr why they could not be asked for.
	Missing   []string
	RightsErr error
	// Istio are the control planes that are there and not ours, as "namespace/deployment".
	Istio    []string
	IstioErr error
	// Taken are the NodePorts of the release that another's Service has, by the Service's "namespace/name".
	Taken    map[int]string
	TakenErr error
	// Busy are those of them that a program outside the cluster listens on, where a node is this machine itself.
	Busy []int
}

// answerLimit is how long an API server may take to say its version.
const answerLimit = 15 * time.Second

// version asks the API server for its version, for example "v1.34.4".
func version(ctx context.Context, set kubernetes.Interface) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	v, err := discovery.ToServerVersionInterfaceWithContext(set.Discovery()).ServerVersionWithContext(ctx)
	if err != nil {
		return "", err
	}
	return v.GitVersion, nil
}

// Answers returns an error with what to do when the API server does not answer.
func Answers(ctx context.Context, c *kube.Client) error {
	if _, err := version(ctx, c.Set); err != nil {
		return Err([]Check{silent(err)})
	}
	return nil
}

// Ports are the NodePorts that ONAP's charts (MSB, MultiCloud, VF-C) and Servicegraph ask for.
func Ports() []int {
	ports := []int{30088}
	for p := 30280; p <= 30296; p++ {
		ports = append(ports, p)
	}
	return ports
}

// MinVersion is the oldest Kubernetes that the Istio of this suite supports (istio.io, supported releases: 1.31).
const minKubernetes = "v1.31"

// wanted are the rights `up` and `run` cannot do without.
var wanted = []authorization.ResourceAttributes{
	{Verb: "create", Resource: "namespaces"},
	{Verb: "delete", Resource: "namespaces"},
	{Verb: "create", Resource: "deployments", Group: "apps"},
	{Verb: "create", Resource: "services"},
	{Verb: "create", Resource: "secrets"},
	{Verb: "create", Resource: "pods", Subresource: "exec"},
	{Verb: "get", Resource: "services", Subresource: "proxy"},
	{Verb: "create", Resource: "clusterroles", Group: "rbac.authorization.k8s.io"},
	{Verb: "create", Resource: "customresourcedefinitions", Group: "apiextensions.k8s.io"},
	{Verb: "create", Resource: "mutatingwebhookconfigurations", Group: "admissionregistration.k8s.io"},
}

// Cluster looks at a real cluster and judges it.
func Cluster(ctx context.Context, c *kube.Client) []Check {
	return JudgeCluster(ReadCluster(ctx, c.Set))
}

// ReadCluster fills ClusterFacts from a cluster. It changes nothing.
func ReadCluster(ctx context.Context, set kubernetes.Interface) ClusterFacts {
	var f ClusterFacts
	if f.Version, f.Err = version(ctx, set); f.Err != nil {
		return f
	}
	f.Missing, f.RightsErr = missingRights(ctx, set)
	f.Istio, f.IstioErr = foreignIstio(ctx, set)
	f.Taken, f.TakenErr = takenPorts(ctx, set)
	if onThisMachine(ctx, set) {
		f.Busy = busyPorts(f.Taken)
	}
	return f
}

func missingRights(ctx context.Context, set kubernetes.Interface) ([]string, error) {
	var missing []string
	for _, a := range wanted {
		review := &authorization.SelfSubjectAccessReview{Spec: authorization.SelfSubjectAccessReviewSpec{ResourceAttributes: &a}}
		answer, err := set.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
		if err != nil {
			return nil, err
		}
		if !answer.Status.Allowed {
			missing = append(missing, strings.TrimSuffix(a.Verb+" "+a.Resource+"/"+a.Subresource, "/"))
		}
	}
	return missing, nil
}

func foreignIstio(ctx context.Context, set kubernetes.Interface) ([]string, error) {
	all, err := set.AppsV1().Deployments("").List(ctx, metav1.ListOptions{LabelSelector: "app=istiod"})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, d := range all.Items {
		ns, err := set.CoreV1().Namespaces().Get(ctx, d.Namespace, metav1.GetOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			return nil, err
		}
		if err == nil && ns.Labels[kube.ManagedBy] != kube.Manager {
			found = append(found, d.Namespace+"/"+d.Name)
		}
	}
	return found, nil
}

func takenPorts(ctx context.Context, set kubernetes.Interface) (map[int]string, error) {
	services, err := set.CoreV1().Services("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	namespaces, err := set.CoreV1().Namespaces().List(ctx, metav1.ListOptions{LabelSelector: kube.ManagedBy + "=" + kube.Manager})
	if err != nil {
		return nil, err
	}
	own := map[string]bool{}
	for _, n := range namespaces.Items {
		own[n.Name] = true
	}
	return foreignPorts(services.Items, own), nil
}

// foreignPorts returns who has our NodePorts, Services in namespaces of ours left out.
func foreignPorts(services []corev1.Service, own map[string]bool) map[int]string {
	ours := Ports()
	taken := map[int]string{}
	for _, s := range services {
		for _, p := range s.Spec.Ports {
			if !own[s.Namespace] && slices.Contains(ours, int(p.NodePort)) {
				taken[int(p.NodePort)] = s.Namespace + "/" + s.Name
			}
		}
	}
	return taken
}

// onThisMachine says whether a node has an address of this machine: then, and
// only then, programs here and NodePorts there compete for ports.
func onThisMachine(ctx context.Context, set kubernetes.Interface) bool {
	nodes, err := set.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return false
	}
	local, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, n := range nodes.Items {
		for _, a := range n.Status.Addresses {
			ip := net.ParseIP(a.Address)
			if ip != nil && slices.ContainsFunc(local, func(l net.Addr) bool {
				n, ok := l.(*net.IPNet)
				return ok && n.IP.Equal(ip)
			}) {
				return true
			}
		}
	}
	return false
}

// busyPorts are our ports that a program listens on and no Service has; proxies of the cluster itself may listen for Services.
func busyPorts(taken map[int]string) []int {
	used := map[int]bool{}
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // no IPv6, or not Linux
		}
		if ports, err := listening(string(text)); err == nil {
			maps.Copy(used, ports)
		}
	}
	return slices.DeleteFunc(Ports(), func(p int) bool { return !used[p] || taken[p] != "" })
}
