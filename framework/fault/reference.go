package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
)

// reference names an object as people do: "Deployment onap/msb-msb-iag",
// "MutatingWebhookConfiguration istio-sidecar-injector". Where two API groups
// have the kind, the group follows it: "Gateway.networking.istio.io onap/g".
type reference struct {
	Kind, Group, Namespace, Name string
}

var referenceForm = regexp.MustCompile(`^([A-Z][A-Za-z0-9]*)(?:\.([a-z0-9.-]+))? (?:([a-z0-9-]+)/)?([A-Za-z0-9.:_-]+)$`)

func parseReference(text string) (reference, error) {
	part := referenceForm.FindStringSubmatch(text)
	if part == nil {
		return reference{}, fmt.Errorf("%q is neither KIND NAMESPACE/NAME nor KIND NAME", text)
	}
	return reference{Kind: part[1], Group: part[2], Namespace: part[3], Name: part[4]}, nil
}

// String is the reference without its group, as findings name objects.
func (r reference) String() string {
	if r.Namespace == "" {
		return r.Kind + " " + r.Name
	}
	return r.Kind + " " + r.Namespace + "/" + r.Name
}

// workload tells whether the object has pods that can be waited for.
func (r reference) workload() bool { return r.Kind == "Deployment" && r.Namespace != "" }

// touches names the object the action changes, "" for a request.
func (a Action) touches() string {
	switch {
	case a.Create != nil:
		return kube.Name(&unstructured.Unstructured{Object: a.Create})
	case len(a.Values) > 0:
		return values
	case a.Request != nil:
		return ""
	}
	r, err := parseReference(a.Edit + a.Delete + a.Restart)
	if err != nil {
		return a.Edit + a.Delete + a.Restart
	}
	return r.String()
}

// plain are the namespaces in which the mesh injects no sidecar.
var plain = []string{"istio-system", "kube-system", "meshcert-client"}

// makesPods tells whether the action, or putting it back, makes pods that are to
// get a sidecar.
func (a Action) makesPods() bool {
	if len(a.Values) > 0 {
		return true
	}
	kind, object, _ := strings.Cut(a.touches(), " ")
	namespace, _, namespaced := strings.Cut(object, "/")
	return namespaced && slices.Contains(podKinds, kind) && !slices.Contains(plain, namespace)
}

// podKinds are the kinds of objects that are pods or make some.
var podKinds = []string{"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob"}

// target splits the request's Service.
func (r Request) target() (namespace, service, port string, err error) {
	namespace, rest, slash := strings.Cut(r.Service, "/")
	service, port, colon := strings.Cut(rest, ":")
	if !slash || !colon || namespace == "" || service == "" || port == "" || strings.ContainsAny(service+port, "/: ") {
		return "", "", "", fmt.Errorf("%q is not NAMESPACE/NAME:PORT", r.Service)
	}
	return namespace, service, port, nil
}
