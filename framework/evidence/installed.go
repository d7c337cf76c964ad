package evidence

import "time"

// Installed compares what Helm stored of its releases with what the cluster has.
type Installed struct {
	Namespace string    `json:"namespace"`
	Observed  time.Time `json:"observed"`
	// Releases are the Helm releases that a manifest is stored of.
	Releases []string          `json:"releases"`
	Items    []InstalledObject `json:"items"`
}

// InstalledObject is one workload or Service of a manifest.
type InstalledObject struct {
	Release string `json:"release"`
	// Object is "Deployment onap/msb-msb-iag".
	Object string `json:"object"`
	// Stored and Live map fields to values: "replicas", "containers[x].image",
	// "containers[x].ports", "containers[x].env[Y]", "type", "ports[x]",
	// "ports[x].targetPort", "ports[x].nodePort". Live is nil when the object is gone.
	Stored map[string]string `json:"stored"`
	Live   map[string]string `json:"live"`
}

// Workloads are the Deployments, StatefulSets and DaemonSets of a namespace.
type Workloads struct {
	Namespace string     `json:"namespace"`
	Observed  time.Time  `json:"observed"`
	Items     []Workload `json:"items"`
}

// Workload is one of them.
type Workload struct {
	// Kind is "Deployment", "StatefulSet" or "DaemonSet".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Wanted is how many pods it asks for; Available how many serve; Updated how
	// many are of its newest template.
	Wanted    int `json:"wanted"`
	Available int `json:"available"`
	Updated   int `json:"updated"`
	// Paused tells that a Deployment's rollout is stopped.
	Paused bool `json:"paused,omitempty"`
}

// Stability is what the pods of a namespace went through since they started.
type Stability struct {
	Pods Pods `json:"pods"`
	// Deaths are the last end of each container that was started again.
	Deaths []Death `json:"deaths,omitempty"`
	// Warnings are the events of type Warning about pods that are still there,
	// from after they were last ready.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Death is how a container ended last.
type Death struct {
	Pod       string    `json:"pod"`
	Container string    `json:"container"`
	Reason    string    `json:"reason"`
	ExitCode  int       `json:"exitCode"`
	At        time.Time `json:"at"`
}

// Warning is one event.
type Warning struct {
	Pod     string    `json:"pod"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	Count   int       `json:"count"`
	Last    time.Time `json:"last"`
}
