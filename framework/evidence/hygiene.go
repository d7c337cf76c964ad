package evidence

import "time"

// PodSpecs is what the pods of a namespace are given and may do, as their specs say.
type PodSpecs struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	Items     []PodSpec `json:"items"`
}

// PodSpec is one pod that is not ending.
type PodSpec struct {
	Name string `json:"name"`
	// Workload is the owning Deployment, StatefulSet or DaemonSet; empty for a bare pod.
	Workload       string `json:"workload"`
	ServiceAccount string `json:"serviceAccount"`
	// HostNamespaces are those of the node that it shares: "network", "pid", "ipc".
	HostNamespaces []string `json:"hostNamespaces,omitempty"`
	// HostPaths are the node's folders that it mounts.
	HostPaths  []string        `json:"hostPaths,omitempty"`
	Containers []ContainerSpec `json:"containers"`
}

// ContainerSpec is one container, init containers included.
type ContainerSpec struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	// Init marks a container that ends before the others begin; a native sidecar is none.
	Init bool `json:"init,omitempty"`
	// Command is the command with its arguments.
	Command []string `json:"command,omitempty"`
	// Env holds the values that are given as text.
	Env   map[string]string `json:"env,omitempty"`
	Ports []int             `json:"ports,omitempty"`
	// Limits maps "cpu" and "memory" to quantities ("2", "256Mi").
	Limits map[string]string `json:"limits,omitempty"`
	// User and NonRoot are what container or pod demand; nil when neither does.
	User    *int64 `json:"user,omitempty"`
	NonRoot *bool  `json:"nonRoot,omitempty"`
	// UID is the user that the container runtime says it started as; nil where it does not say.
	UID        *int64 `json:"uid,omitempty"`
	Privileged bool   `json:"privileged,omitempty"`
	// Added are the capabilities beyond the runtime's own.
	Added []string `json:"added,omitempty"`
}

// Inside is the pods of a namespace, and what each shows of itself from inside.
type Inside struct {
	Pods PodSpecs `json:"pods"`
	// Sockets has an entry for each of the pods.
	Sockets []Sockets `json:"sockets"`
}

// Sockets are the TCP sockets that listen in a pod.
type Sockets struct {
	Pod       string   `json:"pod"`
	Listening []Socket `json:"listening,omitempty"`
	// Guessed tells that Listening are the ports its containers declare, since no
	// container can show its sockets; the reason is in Error.
	Guessed bool   `json:"guessed,omitempty"`
	Error   string `json:"error,omitempty"`
}

// Socket is one TCP port that is listened on.
type Socket struct {
	Port int `json:"port"`
	// UID is the user that the socket is of, -1 when that is not known.
	UID int64 `json:"uid"`
	// Elsewhere tells that it listens on neither all addresses nor loopback.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Answer is what came back to the handshake of a Java debugger, at most 64
	// bytes, empty for nothing; Asked tells that it was sent.
	Answer string `json:"answer,omitempty"`
	Asked  bool   `json:"asked,omitempty"`
}

// OfSidecar tells whether the socket is of Istio's sidecar: its user (1337) and
// one of its ports (15000 to 15099, Istio's "Ports used by Istio").
func (s Socket) OfSidecar() bool { return s.UID == 1337 && s.Port >= 15000 && s.Port < 15100 }

// NodePorts are the ports of a namespace's Services that every node opens to
// the outside, and what answers a TLS handshake behind each.
type NodePorts struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	// Services is how many Services the namespace has, those without NodePorts included.
	Services int        `json:"services"`
	Items    []NodePort `json:"items"`
}

// NodePort is one port.
type NodePort struct {
	Service string `json:"service"`
	Name    string `json:"name"`
	Port    int    `json:"port"`
	Number  int    `json:"number"`
	// TLS is "spoken", or "refused" when something else answers; empty when nobody
	// could be asked, for the reason in Error.
	TLS   string `json:"tls,omitempty"`
	Error string `json:"error,omitempty"`
	// Certificate is the one presented, nil without TLS.
	Certificate *Certificate `json:"certificate,omitempty"`
}

// The values of NodePort.TLS.
const (
	TLSSpoken  = "spoken"
	TLSRefused = "refused"
)

// Certificate is a server's.
type Certificate struct {
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
}

// Privileges is what the pods of a namespace may do, and what is granted to
// their accounts.
type Privileges struct {
	Pods   PodSpecs `json:"pods"`
	Grants []Grant  `json:"grants"`
}

// Grant is a role bound to accounts of the namespace.
type Grant struct {
	// Binding and Role are named as Kubernetes does: "RoleBinding onap/x", "ClusterRole y".
	Binding string `json:"binding"`
	Role    string `json:"role"`
	// Accounts are the ServiceAccounts of the namespace that are named; Groups are
	// the groups named that all of them are in.
	Accounts []string `json:"accounts,omitempty"`
	Groups   []string `json:"groups,omitempty"`
	// Rules are the role's; nil when the role does not exist.
	Rules []Rule `json:"rules"`
}

// Rule lists what may be done to which resources.
type Rule struct {
	APIGroups []string `json:"apiGroups,omitempty"`
	Resources []string `json:"resources,omitempty"`
	Verbs     []string `json:"verbs"`
}
