package evidence

import "time"

// Injector is what decides whether a pod gets a sidecar, and which.
type Injector struct {
	// Webhooks are those of the sidecar injector, by configuration and name.
	Webhooks []InjectionWebhook `json:"webhooks"`
	// Policy and Selectors are those of ConfigMap istio-sidecar-injector; Selectors
	// are its alwaysInjectSelector and neverInjectSelector, each as "NAME: JSON",
	// empty when it has none.
	Policy    string   `json:"policy"`
	Selectors []string `json:"selectors,omitempty"`
	// Hub, Image, Tag and Variant name the proxy's image in the ConfigMap's values.
	Hub     string `json:"hub"`
	Image   string `json:"image"`
	Tag     string `json:"tag"`
	Variant string `json:"variant,omitempty"`
	// NativeSidecars is istiod's ENABLE_NATIVE_SIDECARS, empty when it is not set.
	NativeSidecars string `json:"nativeSidecars,omitempty"`
	// Kubelets are the versions of the nodes' kubelets, sorted, each once.
	Kubelets []string `json:"kubelets"`
}

// InjectionWebhook is one webhook by which the API server asks about a new pod.
type InjectionWebhook struct {
	Configuration string `json:"configuration"`
	Name          string `json:"name"`
	// Calls is who is asked: "NAMESPACE/SERVICE" or a URL.
	Calls string `json:"calls"`
	// Namespaces and Objects select by labels, as kubectl writes selectors; empty selects all.
	Namespaces string `json:"namespaces"`
	Objects    string `json:"objects"`
}

// InjectionCase is a pod in a namespace as the injector sees it: the values of
// the namespace's label istio-injection, and of the pod's label and annotation
// sidecar.istio.io/inject; each empty when it is not set.
type InjectionCase struct {
	NamespaceLabel string `json:"namespaceLabel"`
	Label          string `json:"label"`
	Annotation     string `json:"annotation"`
}

// InjectionTry is what the API server would make of a pod.
type InjectionTry struct {
	Case InjectionCase `json:"case"`
	// Containers and InitContainers are names.
	Containers     []string `json:"containers"`
	InitContainers []string `json:"initContainers"`
	// Refused is the API server's error when an injection webhook failed or denied the pod.
	Refused string `json:"refused,omitempty"`
}

// Injection is the injector, and what comes of pods that are made now.
type Injection struct {
	Observed time.Time      `json:"observed"`
	Injector Injector       `json:"injector"`
	Tries    []InjectionTry `json:"tries"`
}

// Shapes are the pods of a namespace as they were made, beside the templates
// they were made from. Pods that have ended or are ending are left out.
type Shapes struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	Injector  Injector  `json:"injector"`
	Templates []Shape   `json:"templates"`
	Pods      []Shape   `json:"pods"`
}

// Shape is a pod, or the pod template of a workload.
type Shape struct {
	Workload string `json:"workload"`
	// Pod is empty for a template.
	Pod string `json:"pod,omitempty"`
	// Annotations are those of Istio.
	Annotations    map[string]string `json:"annotations,omitempty"`
	Containers     []ContainerShape  `json:"containers"`
	InitContainers []ContainerShape  `json:"initContainers,omitempty"`
}

// ContainerShape is a container as it was asked for.
type ContainerShape struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Sidecar marks an init container with restartPolicy Always.
	Sidecar bool `json:"sidecar,omitempty"`
	// Requests and Limits map "cpu" and "memory" to quantities.
	Requests map[string]string `json:"requests,omitempty"`
	Limits   map[string]string `json:"limits,omitempty"`
	// Probes are the kubelet's, by LivenessProbe, ReadinessProbe, StartupProbe.
	Probes map[string]Probe `json:"probes,omitempty"`
	// AppProbers, of a sidecar, are the probes that its agent makes in the
	// kubelet's place (ISTIO_KUBE_APP_PROBERS), by the path that the kubelet asks.
	// Of their times only the time-out is known.
	AppProbers map[string]Probe `json:"appProbers,omitempty"`
}

// The probes, named as the agent's paths end: /app-health/CONTAINER/livez.
const (
	LivenessProbe  = "livez"
	ReadinessProbe = "readyz"
	StartupProbe   = "startupz"
)

// Probe is what is asked of a container, and how often.
type Probe struct {
	// Action is "http:9001/path", "https:9001/path", "tcp:8500", "grpc:9000/service"
	// or "exec:command and arguments"; a named port is written as its number.
	Action string `json:"action"`
	// Delay, Period and Timeout are seconds; Success and Failure thresholds.
	Delay   int `json:"delay,omitempty"`
	Period  int `json:"period,omitempty"`
	Timeout int `json:"timeout,omitempty"`
	Success int `json:"success,omitempty"`
	Failure int `json:"failure,omitempty"`
}
