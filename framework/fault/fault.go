// Package fault breaks things on purpose, so that the suite can prove that its
// specs notice. A fault is data (fixtures/faults): what it breaks, how, and
// which specs must turn red, naming which object. The package guarantees that
// what a fault changes on a cluster is written down on that cluster before it
// is changed, so that it can be put back by anyone, also after a crash.
package fault

import (
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
)

// Layer is the part of the system that a fault breaks.
type Layer string

// The layers.
const (
	Workload    Layer = "workload"
	Application Layer = "application"
	Mesh        Layer = "mesh"
	Telemetry   Layer = "telemetry"
	MSB         Layer = "msb"
	Charts      Layer = "charts"
	Cluster     Layer = "cluster"
)

// Fault is one deliberate break. It is applied to a cluster (Apply) or to
// recorded evidence (Evidence), never both.
type Fault struct {
	// ID is the name of the fault's file, in kebab-case: "vio-without-sidecar".
	ID    string `json:"-"`
	Layer Layer  `json:"layer"`
	// Breaks is one clause: "multicloud-vio runs without a sidecar".
	Breaks string `json:"breaks"`
	// Disturbs are globs over the specs whose judgement the fault may change, hide
	// or forge where it is none of its own Red; the word Pods stands for new pods
	// that are to get a sidecar. A fault that needs one of them, to be noticed or
	// to be applied and cleared, is not applied at the same time.
	Disturbs []string `json:"disturbs,omitempty"`
	// Alone tells that the fault disturbs everything.
	Alone bool `json:"alone,omitempty"`
	// Quick puts the fault into the quick subset.
	Quick bool `json:"quick,omitempty"`
	// Needs is the tracing of which the fault breaks a part or which its findings
	// name; what is empty may be any. The fault is of no other.
	Needs tracer.Tracing `json:"needs,omitzero"`
	// Apply are the actions on a cluster, in order.
	Apply []Action `json:"apply,omitempty"`
	// Clear are restarts and requests after everything was put back and is
	// available; most faults need none.
	Clear []Action `json:"clear,omitempty"`
	// Evidence are the changes to what a healthy run recorded.
	Evidence []Edit `json:"evidence,omitempty"`
	// Red are the specs that must notice, and what their finding must say.
	Red []Red `json:"red"`
}

// Pods is the word of Fault.Disturbs for pods that are made where the mesh
// injects sidecars.
const Pods = "pods"

// Live tells whether the fault is applied to a cluster.
func (f Fault) Live() bool { return len(f.Apply) > 0 }

// Action changes one thing on a cluster; exactly one of Edit, Create, Delete,
// Restart, Values and Request is set.
type Action struct {
	// Edit names an object, "KIND NAMESPACE/NAME" or "KIND NAME", that the jq
	// program With changes. It is put back as it was. Where several API groups
	// have the kind, the group follows it: "Gateway.networking.istio.io onap/g".
	Edit string `json:"edit,omitempty"`
	With string `json:"with,omitempty"`
	// Create is a manifest; the object is deleted again.
	Create map[string]any `json:"create,omitempty"`
	// Delete names an object that is made again as it was.
	Delete string `json:"delete,omitempty"`
	// Restart names a workload whose pods are deleted, so that new ones are made;
	// once more after everything was put back.
	Restart string `json:"restart,omitempty"`
	// Values are chart values ("msb.msb-iag.istioSidecar=false") that the release
	// is upgraded with, and without them again.
	Values []string `json:"values,omitempty"`
	// Request is sent to a Service through the API server; it is not undone, see
	// Fault.Clear.
	Request *Request `json:"request,omitempty"`
	// Until says what is waited for of an edited or restarted workload: Available
	// when it is empty.
	Until Until `json:"until,omitempty"`
}

// Until is a state of a workload's pods.
type Until string

const (
	// Available: every wanted replica is of the newest template and available,
	// and no older pod is left.
	Available Until = "available"
	// Updated: every pod is of the newest template, whatever became of it. A
	// rolling update keeps an older pod until a newer one is available, so an edit
	// after which none will be sets .spec.strategy to Recreate too.
	Updated Until = "updated"
	// Gone: no pod is left.
	Gone Until = "gone"
	// AtOnce: nothing is waited for.
	AtOnce Until = "at-once"
)

// Request is one HTTP request to a Service.
type Request struct {
	Method string `json:"method"`
	// Service is NAMESPACE/NAME:PORT, the port by name or number.
	Service string `json:"service"`
	Path    string `json:"path"`
	// Body is the JSON body.
	Body string `json:"body,omitempty"`
	// Status is the answer wanted; a DELETE may also find nothing any more (404).
	Status int `json:"status"`
}

// Edit is a jq program over one piece of recorded evidence: its input and
// output are the stored file's whole JSON, {"evidence": …, "error": …}. Variable
// $kept holds all evidence of the spec by name.
type Edit struct {
	// Spec and Name say which: artifacts/RELEASE/SPEC/NAME.json.
	Spec string `json:"spec"`
	Name string `json:"name"`
	With string `json:"with"`
}

// Red is a spec that must turn red, and the finding it must do it with.
type Red struct {
	Spec string `json:"spec"`
	// Kind and Object are those of one of the spec's findings.
	Kind   verdict.Kind `json:"kind"`
	Object string       `json:"object"`
}

// In tells whether the findings have the one that is asked for, and that it is
// none that leaves the spec green.
func (r Red) In(findings []verdict.Finding) bool {
	for _, f := range findings {
		if f.Verdict != verdict.Pass && f.Kind == r.Kind && f.Object == r.Object {
			return true
		}
	}
	return false
}

// Of is what the fault demands of a spec; nothing when the spec need not notice.
func (f Fault) Of(spec string) []Red {
	var all []Red
	for _, r := range f.Red {
		if r.Spec == spec {
			all = append(all, r)
		}
	}
	return all
}
