package injection

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// config is the injector's entry config as Istio's chart writes it; its template
// has a line of its own that begins with policy, further in.
const config = `# defaultTemplates defines the default template
defaultTemplates: [sidecar]
policy: enabled
alwaysInjectSelector:
  []
neverInjectSelector:
- matchLabels: {openshift.io/build.name: ""}
templates:
  sidecar: |
    spec:
      policy: disabled
`

const chartValues = `{"global": {"hub": "docker.io/istio", "tag": "1.31.0", "variant": "", "proxy": {"image": "proxyv2"}}}`

// mesh are the objects that the injector is.
func mesh() []runtime.Object {
	in := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: "istio-system", Labels: map[string]string{"app": "sidecar-injector"}}
	}
	hooks := &admissionv1.MutatingWebhookConfiguration{
		ObjectMeta: in("istio-sidecar-injector"),
		Webhooks: []admissionv1.MutatingWebhook{{
			Name:              "namespace.sidecar-injector.istio.io",
			ClientConfig:      admissionv1.WebhookClientConfig{Service: &admissionv1.ServiceReference{Namespace: "istio-system", Name: "istiod"}},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"istio-injection": "enabled"}},
			ObjectSelector:    &metav1.LabelSelector{},
		}},
	}
	hooks.Namespace = ""
	node := func(name, version string) *corev1.Node {
		n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
		n.Status.NodeInfo.KubeletVersion = version
		return n
	}
	istiod := &appsv1.Deployment{ObjectMeta: in("istiod")}
	istiod.Spec.Template.Spec.Containers = []corev1.Container{{Env: []corev1.EnvVar{{Name: "ENABLE_NATIVE_SIDECARS", Value: "true"}}}}
	return []runtime.Object{
		&corev1.ConfigMap{ObjectMeta: in("istio-sidecar-injector"), Data: map[string]string{"config": config, "values": chartValues}},
		hooks, istiod, node("b", "v1.34.4"), node("a", "v1.34.4"),
	}
}

func wantedInjector() evidence.Injector {
	return evidence.Injector{
		Policy: "enabled", Selectors: []string{`neverInjectSelector: {"matchLabels":{"openshift.io/build.name":""}}`},
		Hub: "docker.io/istio", Image: "proxyv2", Tag: "1.31.0", NativeSidecars: "true", Kubelets: []string{"v1.34.4"},
		Webhooks: []evidence.InjectionWebhook{{
			Configuration: "istio-sidecar-injector", Name: "namespace.sidecar-injector.istio.io", Calls: "istio-system/istiod",
			Namespaces: "istio-injection=enabled",
		}},
	}
}

var cases = []evidence.InjectionCase{{NamespaceLabel: "enabled", Annotation: "true"}, {Label: "false"}}

// tried is an observer of a cluster that answers a tried pod so.
func tried(t *testing.T, answer func(*corev1.Pod) error) *Observer {
	t.Helper()
	set := fake.NewClientset(mesh()...)
	set.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		create := action.(clienttesting.CreateActionImpl)
		if diff := cmp.Diff([]string{metav1.DryRunAll}, create.CreateOptions.DryRun); diff != "" {
			t.Errorf("a pod is made that should only be tried: %s", diff)
		}
		p := create.GetObject().(*corev1.Pod).DeepCopy()
		return true, p, answer(p)
	})
	return New(&kube.Client{Set: set})
}

func TestTry(t *testing.T) {
	o := tried(t, func(p *corev1.Pod) error {
		if p.Namespace == LabelledNamespace && p.Annotations["sidecar.istio.io/inject"] == "true" && p.Labels == nil {
			p.Spec.InitContainers = []corev1.Container{{Name: "istio-init"}, {Name: "istio-proxy"}}
		}
		if p.Namespace == PlainNamespace && p.Labels["sidecar.istio.io/inject"] == "false" {
			return apierrors.NewInternalError(errors.New(`failed calling webhook "object.sidecar-injector.istio.io": connection refused`))
		}
		return nil
	})
	seen, err := o.Try(t.Context(), cases)
	if err != nil {
		t.Fatal(err)
	}
	if seen.Observed.IsZero() {
		t.Error("the evidence has no time")
	}
	seen.Observed = evidence.Injection{}.Observed
	want := evidence.Injection{Injector: wantedInjector(), Tries: []evidence.InjectionTry{
		{Case: cases[0], Containers: []string{App}, InitContainers: []string{"istio-init", "istio-proxy"}},
		{Case: cases[1], Refused: `Internal error occurred: failed calling webhook "object.sidecar-injector.istio.io": connection refused`},
	}}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}

// TestTryFails: a refusal of somebody else is no word of the injector's.
func TestTryFails(t *testing.T) {
	for name, c := range map[string]struct {
		cases  []evidence.InjectionCase
		answer error
		want   evidence.Absence
	}{
		"forbidden":        {cases, apierrors.NewForbidden(corev1.Resource("pods"), "injector-probe", errors.New("no")), evidence.Unmet},
		"too many":         {cases, apierrors.NewTooManyRequests("slowly", 1), evidence.Transient},
		"a strange label":  {[]evidence.InjectionCase{{NamespaceLabel: "disabled"}}, nil, evidence.Final},
		"namespace is out": {cases, apierrors.NewNotFound(corev1.Resource("namespaces"), LabelledNamespace), evidence.Unmet},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tried(t, func(*corev1.Pod) error { return c.answer }).Try(t.Context(), c.cases)
			if err == nil || evidence.AbsenceOf(err) != c.want {
				t.Errorf("got %v (%s), want %s", err, evidence.AbsenceOf(err), c.want)
			}
		})
	}
}

// TestNoInjector: what the injector is must be known, part by part.
func TestNoInjector(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func([]runtime.Object) []runtime.Object
		want  evidence.Absence
	}{
		"no ConfigMap": {func(all []runtime.Object) []runtime.Object { return all[1:] }, evidence.Unmet},
		"no istiod":    {func(all []runtime.Object) []runtime.Object { return append(all[:2:2], all[3:]...) }, evidence.Unmet},
		"odd rules": {func(all []runtime.Object) []runtime.Object {
			all[0].(*corev1.ConfigMap).Data["config"] = "policy: [a"
			return all
		}, evidence.Final},
		"no values": {func(all []runtime.Object) []runtime.Object {
			delete(all[0].(*corev1.ConfigMap).Data, "values")
			return all
		}, evidence.Final},
		"odd selector": {func(all []runtime.Object) []runtime.Object {
			all[1].(*admissionv1.MutatingWebhookConfiguration).Webhooks[0].NamespaceSelector.MatchExpressions = []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Like"}}
			return all
		}, evidence.Final},
	} {
		t.Run(name, func(t *testing.T) {
			o := New(&kube.Client{Set: fake.NewClientset(c.spoil(mesh())...)})
			_, err := o.Shapes(t.Context(), "onap")
			if err == nil || evidence.AbsenceOf(err) != c.want {
				t.Errorf("got %v (%s), want %s", err, evidence.AbsenceOf(err), c.want)
			}
		})
	}
}

// probed is a container with a probe of every sort.
func probed() corev1.Container {
	service := "health"
	return corev1.Container{
		Name: "vio", Image: "vio:1", Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 9004}},
		Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse("5m"), "ephemeral-storage": resource.MustParse("1Gi")}},
		LivenessProbe: &corev1.Probe{
			ProbeHandler:        corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/a", Port: intstr.FromString("web"), Scheme: corev1.URISchemeHTTPS}},
			InitialDelaySeconds: 30, PeriodSeconds: 10, TimeoutSeconds: 2, SuccessThreshold: 1, FailureThreshold: 5,
		},
		ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 7, Service: &service}}},
		StartupProbe:   &corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"cat", "/a"}}}},
	}
}

func TestShapes(t *testing.T) {
	always, yes := corev1.ContainerRestartPolicyAlways, true
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "multicloud-vio", Namespace: "onap"}}
	deployment.Spec.Template.Spec.Containers = []corev1.Container{probed()}
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "onap"}}
	set.Spec.Template.Spec.Containers = []corev1.Container{{Name: "db", Image: "db:1"}}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: "multicloud-vio-5d9c7b9f4c-8xk2p", Namespace: "onap", Labels: map[string]string{"pod-template-hash": "5d9c7b9f4c"},
		Annotations:     map[string]string{"sidecar.istio.io/inject": "true", "istio.io/rev": "default", "prometheus.io/port": "15020"},
		OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", Name: "multicloud-vio-5d9c7b9f4c", UID: types.UID("1"), Controller: &yes}},
	}}
	pod.Spec.Containers = []corev1.Container{{Name: "vio", Image: "vio:1", LivenessProbe: &corev1.Probe{
		ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/app-health/vio/livez", Port: intstr.FromInt32(15020)}},
	}}}
	pod.Spec.InitContainers = []corev1.Container{{Name: "istio-proxy", Image: "p:1", RestartPolicy: &always, Env: []corev1.EnvVar{{
		Name: "ISTIO_KUBE_APP_PROBERS", Value: `{"/app-health/vio/livez":{"httpGet":{"path":"/a","port":9004,"scheme":"HTTPS"},"timeoutSeconds":2},"/app-health/vio/x":{"tcpSocket":{"port":1}}}`,
	}}}}
	over := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "job", Namespace: "onap"}, Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}
	client := fake.NewClientset(append(mesh(), deployment, set, pod, over)...)
	seen, err := New(&kube.Client{Set: client}).Shapes(t.Context(), "onap")
	if err != nil {
		t.Fatal(err)
	}
	seen.Observed = evidence.Shapes{}.Observed
	want := evidence.Shapes{
		Namespace: "onap", Injector: wantedInjector(),
		Templates: []evidence.Shape{
			{Workload: "db", Containers: []evidence.ContainerShape{{Name: "db", Image: "db:1"}}},
			{Workload: "multicloud-vio", Containers: []evidence.ContainerShape{{
				Name: "vio", Image: "vio:1", Requests: map[string]string{"cpu": "5m"}, Probes: map[string]evidence.Probe{
					"livez":    {Action: "https:9004/a", Delay: 30, Period: 10, Timeout: 2, Success: 1, Failure: 5},
					"readyz":   {Action: "grpc:7/health"},
					"startupz": {Action: "exec:cat /a"},
				},
			}}},
		},
		Pods: []evidence.Shape{{
			Workload: "multicloud-vio", Pod: pod.Name, Annotations: map[string]string{"sidecar.istio.io/inject": "true", "istio.io/rev": "default"},
			Containers: []evidence.ContainerShape{{Name: "vio", Image: "vio:1", Probes: map[string]evidence.Probe{"livez": {Action: "http:15020/app-health/vio/livez"}}}},
			InitContainers: []evidence.ContainerShape{{Name: "istio-proxy", Image: "p:1", Sidecar: true, AppProbers: map[string]evidence.Probe{
				"/app-health/vio/livez": {Action: "https:9004/a", Timeout: 2}, "/app-health/vio/x": {Action: "tcp:1"},
			}}},
		}},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	pod.Spec.InitContainers[0].Env[0].Value = `{"/app-health`
	client = fake.NewClientset(append(mesh(), pod)...)
	if _, err := New(&kube.Client{Set: client}).Shapes(t.Context(), "onap"); err == nil || evidence.AbsenceOf(err) != evidence.Final || !strings.Contains(err.Error(), pod.Name) {
		t.Errorf("probers that break off: got %v, want a final error that names the pod", err)
	}
}

func TestSetPolicy(t *testing.T) {
	client := fake.NewClientset(mesh()...)
	o := New(&kube.Client{Set: client})
	read := func() string {
		t.Helper()
		m, err := client.CoreV1().ConfigMaps("istio-system").Get(t.Context(), "istio-sidecar-injector", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return m.Data["config"]
	}
	set := func(policy catalogue.Policy) {
		t.Helper()
		if err := o.SetPolicy(t.Context(), policy); err != nil {
			t.Fatal(err)
		}
	}
	set(catalogue.Disabled)
	if diff := cmp.Diff(strings.Replace(config, "policy: enabled", "policy: disabled", 1), read()); diff != "" {
		t.Errorf("not only the policy is another: %s", diff)
	}
	set(catalogue.Enabled)
	if diff := cmp.Diff(config, read()); diff != "" {
		t.Errorf("the rules are not back as they were: %s", diff)
	}
	client.ClearActions()
	set(catalogue.Enabled)
	for _, a := range client.Actions() {
		if a.GetVerb() != "get" {
			t.Errorf("the policy is set already, and there is a %s", a.GetVerb())
		}
	}
}

// TestSetPolicyAgainstOthers: somebody else's change at the same time is kept.
func TestSetPolicyAgainstOthers(t *testing.T) {
	client := fake.NewClientset(mesh()...)
	refused := false
	client.PrependReactor("update", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
		if refused {
			return false, nil, nil
		}
		refused = true
		return true, nil, apierrors.NewConflict(corev1.Resource("configmaps"), "istio-sidecar-injector", errors.New("changed"))
	})
	if err := New(&kube.Client{Set: client}).SetPolicy(t.Context(), catalogue.Disabled); err != nil || !refused {
		t.Errorf("got %v after a conflict (%t)", err, refused)
	}
}

func TestSetPolicyFails(t *testing.T) {
	for name, text := range map[string]string{"no policy": "templates: {}\n", "two policies": "policy: enabled\npolicy: disabled\n", "empty": ""} {
		objects := mesh()
		objects[0].(*corev1.ConfigMap).Data["config"] = text
		client := fake.NewClientset(objects...)
		err := New(&kube.Client{Set: client}).SetPolicy(t.Context(), catalogue.Disabled)
		if err == nil || evidence.AbsenceOf(err) != evidence.Final || !strings.Contains(err.Error(), "istio-system/istio-sidecar-injector") {
			t.Errorf("%s: got %v, want a final error that names the ConfigMap", name, err)
		}
	}
	gone := New(&kube.Client{Set: fake.NewClientset()})
	if err := gone.SetPolicy(t.Context(), catalogue.Disabled); evidence.AbsenceOf(err) != evidence.Unmet {
		t.Errorf("no ConfigMap: got %v, want unmet", err)
	}
}
