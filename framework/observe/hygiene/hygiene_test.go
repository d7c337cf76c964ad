package hygiene

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientset "k8s.io/client-go/kubernetes/fake"
	clienttest "k8s.io/client-go/testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// pod is a ready one of a workload, with a sidecar, an init container and an app.
func pod(name, workload string) *corev1.Pod {
	yes, always := true, corev1.ContainerRestartPolicyAlways
	root, user := int64(0), int64(1337)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "onap", Name: name, UID: "uid-" + "x", Labels: map[string]string{"app": workload},
			OwnerReferences: []metav1.OwnerReference{{Kind: "StatefulSet", Name: workload, Controller: &yes}},
		},
		Spec: corev1.PodSpec{
			ServiceAccountName: "msb", SecurityContext: &corev1.PodSecurityContext{RunAsUser: &root},
			InitContainers: []corev1.Container{
				{Name: "wait", Image: "w:1", SecurityContext: &corev1.SecurityContext{RunAsNonRoot: &yes}},
				{Name: "istio-proxy", Image: "p:1", RestartPolicy: &always, SecurityContext: &corev1.SecurityContext{RunAsUser: &user}},
			},
			Containers: []corev1.Container{{
				Name: "app", Image: "a:1", Command: []string{"run"}, Args: []string{"-x"}, Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 80}, {ContainerPort: 443}},
				Env:       []corev1.EnvVar{{Name: "A", Value: "1"}, {Name: "IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}}},
				Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{"cpu": resource.MustParse("2"), "memory": resource.MustParse("0"), "ephemeral-storage": resource.MustParse("1Gi")}},
			}},
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "app", User: &corev1.ContainerUser{Linux: &corev1.LinuxContainerUser{UID: 5}}}},
		},
	}
}

// observer executes and connects to nothing until it is told how.
func observer(objects ...runtime.Object) *Observer {
	o := New(&kube.Client{Set: clientset.NewClientset(objects...)})
	o.exec = func(context.Context, string, string, string, ...string) (string, error) {
		return "", errors.New("no exec")
	}
	o.connect = func(context.Context, string, string, int) (net.Conn, error) { return nil, errors.New("no connection") }
	return o
}

func TestPodSpecs(t *testing.T) {
	yes := true
	ending, odd := pod("b-0", "b"), pod("a-0", "a")
	ending.DeletionTimestamp, ending.Finalizers = &metav1.Time{}, []string{"x/y"}
	odd.OwnerReferences, odd.Spec.HostNetwork, odd.Spec.HostIPC = nil, true, true
	odd.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/etc"}}}, {VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	odd.Spec.InitContainers, odd.Status.ContainerStatuses = nil, nil
	odd.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{Privileged: &yes, Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"SYS_ADMIN"}}}
	got, err := observer(pod("c-0", "c"), ending, odd).PodSpecs(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	root, user, five := int64(0), int64(1337), int64(5)
	app := evidence.ContainerSpec{Name: "app", Image: "a:1", Command: []string{"run", "-x"}, Env: map[string]string{"A": "1"}, Ports: []int{80, 443}, Limits: map[string]string{"cpu": "2"}, User: &root, UID: &five}
	strange := app
	strange.UID, strange.Privileged, strange.Added = nil, true, []string{"SYS_ADMIN"}
	want := []evidence.PodSpec{
		{Name: "a-0", ServiceAccount: "msb", HostNamespaces: []string{"network", "ipc"}, HostPaths: []string{"/etc"}, Containers: []evidence.ContainerSpec{strange}},
		{Name: "c-0", Workload: "c", ServiceAccount: "msb", Containers: []evidence.ContainerSpec{
			{Name: "wait", Image: "w:1", Init: true, User: &root, NonRoot: &yes},
			{Name: "istio-proxy", Image: "p:1", User: &user},
			app,
		}},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

// line is one of /proc/net/tcp.
func line(address, state string, uid int) string {
	return fmt.Sprintf("   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000  %d        0 8522991 1 00000000f3a86da9 100 0 0 10 0\n", address, state, uid)
}

func TestReadSockets(t *testing.T) {
	six := strings.Repeat("0", 32)
	text := header + line("00000000:3AAD", "0A", 1337) + line("00000000:3AAD", "0A", 1337) + line("0D00F40A:9B40", "01", 1337) +
		line("0100007F:0050", "0A", 0) + line("0D00F40A:01BB", "0A", 7) + header + line(six+":0050", "0A", 0) + "\n" + line(six[:24]+"01000000:0051", "0A", 3)
	got, err := readSockets(text)
	want := []evidence.Socket{{Port: 80}, {Port: 81, UID: 3}, {Port: 443, UID: 7, Elsewhere: true}, {Port: 15021, UID: 1337}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
	if got, err := readSockets(header); err != nil || got == nil || len(got) != 0 {
		t.Errorf("a pod where nothing listens gives %v and %v", got, err)
	}
	for name, bad := range map[string]string{
		"nothing":       "",
		"a page":        "<html>\n</html>",
		"no header":     line("00000000:3AAD", "0A", 0),
		"half a line":   header + "   0: 00000000:3AAD 00000000:0000 0A\n",
		"no port":       header + line("00000000", "0A", 0),
		"a port beyond": header + line("00000000:1FFFF", "0A", 0),
		"no user":       header + strings.Replace(line("00000000:3AAD", "0A", 42), " 42 ", " root ", 1),
	} {
		if got, err := readSockets(bad); err == nil || evidence.AbsenceOf(err) != evidence.Final {
			t.Errorf("%s: got %v and error %v, want a final one", name, got, err)
		}
	}
}

// serve answers one connection with the answer; what was sent is in the channel.
func serve(answer string) (func(context.Context, string, string, int) (net.Conn, error), <-chan string) {
	asked := make(chan string, 100)
	return func(_ context.Context, _, pod string, port int) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			buffer := make([]byte, 100)
			n, _ := far.Read(buffer)
			asked <- fmt.Sprintf("%s:%d %q", pod, port, buffer[:n])
			io.WriteString(far, answer)
		}()
		return near, nil
	}, asked
}

func TestDebuggers(t *testing.T) {
	o := observer(pod("a-0", "a"))
	o.exec = func(_ context.Context, _, _, container string, command ...string) (string, error) {
		if container != "istio-proxy" || command[0] != "cat" {
			return "", errors.New("not here")
		}
		return header + line("00000000:0050", "0A", 0) + line("00000000:3AAD", "0A", 1337) + line("0D00F40A:01BB", "0A", 7), nil
	}
	connect, asked := serve(greeting + "\xff")
	o.connect = connect
	got, err := o.Debuggers(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	want := []evidence.Sockets{{Pod: "a-0", Listening: []evidence.Socket{
		{Port: 80, Asked: true, Answer: "JDWP-Handshake?"}, {Port: 443, UID: 7, Elsewhere: true}, {Port: 15021, UID: 1337},
	}}}
	if diff := cmp.Diff(want, got.Sockets); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if first := <-asked; first != `a-0:80 "JDWP-Handshake\r\n\r\n"` || len(asked) > 0 {
		t.Errorf("asked %s and %d more", first, len(asked))
	}
	calm, err := o.Inside(t.Context(), "onap")
	if err != nil || len(asked) > 0 || slices.ContainsFunc(calm.Sockets[0].Listening, func(s evidence.Socket) bool { return s.Asked }) {
		t.Errorf("Inside asked for a debugger, or fails: %+v, %v", calm.Sockets, err)
	}
}

// TestGuessed: where no container shows its sockets, the declared ports stand in.
func TestGuessed(t *testing.T) {
	o := observer(pod("a-0", "a"))
	got, err := o.Debuggers(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	s := got.Sockets[0]
	if diff := cmp.Diff([]evidence.Socket{{Port: 80, UID: -1}, {Port: 443, UID: -1}}, s.Listening); diff != "" || !s.Guessed {
		t.Errorf("guessed %v, -want +got:\n%s", s.Guessed, diff)
	}
	if s.Error != "no connection" {
		t.Errorf("the reason is %q, want why the ports could not be asked", s.Error)
	}
}

// service has a NodePort 30000+port for each port, to the target of the same place.
func service(name string, targets ...intstr.IntOrString) *corev1.Service {
	s := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "onap", Name: name}}
	s.Spec.Type, s.Spec.Selector = corev1.ServiceTypeNodePort, map[string]string{"app": "a"}
	for i, target := range targets {
		s.Spec.Ports = append(s.Spec.Ports, corev1.ServicePort{Name: fmt.Sprint("p", i), Port: int32(i + 1), NodePort: int32(30001 + i), TargetPort: target})
	}
	return s
}

// dialTo connects every port to a server.
func dialTo(server *httptest.Server, ports *[]int) func(context.Context, string, string, int) (net.Conn, error) {
	return func(ctx context.Context, _, _ string, port int) (net.Conn, error) {
		*ports = append(*ports, port)
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
}

func TestNodePorts(t *testing.T) {
	inside := service("inside", intstr.FromInt32(80))
	inside.Spec.Type = corev1.ServiceTypeClusterIP
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	safe := httptest.NewTLSServer(http.NotFoundHandler())
	defer safe.Close()
	silent := func(context.Context, string, string, int) (net.Conn, error) {
		near, far := net.Pipe()
		return near, far.Close()
	}
	for name, c := range map[string]struct {
		connect func(*[]int) func(context.Context, string, string, int) (net.Conn, error)
		tls     string
	}{
		"TLS":     {func(p *[]int) func(context.Context, string, string, int) (net.Conn, error) { return dialTo(safe, p) }, "spoken"},
		"HTTP":    {func(p *[]int) func(context.Context, string, string, int) (net.Conn, error) { return dialTo(plain, p) }, "refused"},
		"silence": {func(*[]int) func(context.Context, string, string, int) (net.Conn, error) { return silent }, ""},
	} {
		o := observer(pod("a-0", "a"), inside, service("open", intstr.FromInt32(8080), intstr.FromString("web"), intstr.FromInt32(0), intstr.FromString("other")))
		var ports []int
		o.connect = c.connect(&ports)
		got, err := o.NodePorts(t.Context(), "onap")
		if err != nil || got.Services != 2 || len(got.Items) != 4 {
			t.Fatalf("%s: %v, %+v", name, err, got)
		}
		if diff := cmp.Diff([]int{8080, 80, 3}, ports); c.tls != "" && diff != "" {
			t.Errorf("%s: ports of the pod, -want +got:\n%s", name, diff)
		}
		for i, p := range got.Items {
			asked := i < 3
			switch {
			case !asked && (p.TLS != "" || !strings.Contains(p.Error, `no port named "other"`)),
				asked && p.TLS != c.tls, asked && (p.Error == "") != (c.tls != ""),
				(p.Certificate != nil) != (asked && c.tls == "spoken"):
				t.Errorf("%s: port %d is seen as %+v", name, i, p)
			}
		}
	}
}

// TestNodePortsOfOldTLS: a server that refuses our handshake by an alert speaks TLS.
func TestNodePortsOfOldTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("not you") }}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	o := observer(pod("a-0", "a"), service("open", intstr.FromInt32(443)))
	var ports []int
	o.connect = dialTo(server, &ports)
	got, err := o.NodePorts(t.Context(), "onap")
	if err != nil || got.Items[0].TLS != evidence.TLSSpoken || got.Items[0].Certificate != nil {
		t.Errorf("%v: %+v", err, got.Items)
	}
}

// TestNobodyBehind: a Service without a ready pod cannot be asked.
func TestNobodyBehind(t *testing.T) {
	sick := pod("a-0", "a")
	sick.Status.Conditions = nil
	got, err := observer(sick, service("open", intstr.FromInt32(443))).NodePorts(t.Context(), "onap")
	if err != nil || got.Items[0].TLS != "" || got.Items[0].Error != "no ready pod is behind the Service" {
		t.Errorf("%v: %+v", err, got.Items)
	}
}

func bindings() []runtime.Object {
	account := func(namespace, name string) rbacv1.Subject {
		return rbacv1.Subject{Kind: "ServiceAccount", Namespace: namespace, Name: name}
	}
	group := func(name string) rbacv1.Subject { return rbacv1.Subject{Kind: "Group", Name: name} }
	user := func(name string) rbacv1.Subject { return rbacv1.Subject{Kind: "User", Name: name} }
	get := []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}, {NonResourceURLs: []string{"/api"}, Verbs: []string{"get"}}}
	local := func(name, kind, role string, subjects ...rbacv1.Subject) *rbacv1.RoleBinding {
		return &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "onap", Name: name}, RoleRef: rbacv1.RoleRef{Kind: kind, Name: role}, Subjects: subjects}
	}
	return []runtime.Object{
		&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "onap", Name: "reader"}, Rules: get},
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "admin"}, Rules: get[:1]},
		local("one", "Role", "reader", account("onap", "msb"), account("other", "msb"), user("system:serviceaccount:onap:vfc"), user("system:serviceaccount:other:vfc")),
		local("two", "ClusterRole", "admin", account("onap", "default"), group("system:serviceaccounts:onap")),
		local("three", "Role", "gone", account("onap", "msb")),
		local("four", "Role", "reader", account("other", "msb"), group("system:masters")),
		&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: "all"}, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "admin"}, Subjects: []rbacv1.Subject{group("system:authenticated")}},
	}
}

func TestPrivileges(t *testing.T) {
	got, err := observer(bindings()...).Privileges(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	pods := evidence.Rule{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"get"}}
	want := []evidence.Grant{
		{Binding: "ClusterRoleBinding all", Role: "ClusterRole admin", Groups: []string{"system:authenticated"}, Rules: []evidence.Rule{pods}},
		{Binding: "RoleBinding onap/one", Role: "Role onap/reader", Accounts: []string{"msb", "vfc"}, Rules: []evidence.Rule{pods, {Resources: []string{"/api"}, Verbs: []string{"get"}}}},
		{Binding: "RoleBinding onap/three", Role: "Role onap/gone", Accounts: []string{"msb"}},
		{Binding: "RoleBinding onap/two", Role: "ClusterRole admin", Accounts: []string{"default"}, Groups: []string{"system:serviceaccounts:onap"}, Rules: []evidence.Rule{pods}},
	}
	if diff := cmp.Diff(want, got.Grants); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestPrivilegesForbidden: who may not look at the cluster's bindings has an
// unmet precondition, and no evidence.
func TestPrivilegesForbidden(t *testing.T) {
	for _, what := range []string{"rolebindings", "clusterrolebindings", "clusterroles"} {
		o := observer(bindings()...)
		refused := apierrors.NewForbidden(schema.GroupResource{Group: "rbac.authorization.k8s.io", Resource: what}, "", errors.New("no"))
		o.kube.Set.(*clientset.Clientset).PrependReactor("*", what, func(clienttest.Action) (bool, runtime.Object, error) { return true, nil, refused })
		if _, err := o.Privileges(t.Context(), "onap"); evidence.AbsenceOf(err) != evidence.Unmet {
			t.Errorf("%s refused: absence %s of %v, want unmet", what, evidence.AbsenceOf(err), err)
		}
	}
}
