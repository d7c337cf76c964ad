package traffic

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// place is where our client pods are (fixtures/addons/canary.yaml, client.yaml).
type place struct{ namespace, app, container string }

var places = map[Origin]place{
	Meshed:   {"meshcert-canary", "canary-client", "canary"},
	Unmeshed: {"meshcert-client", "client", "client"},
}

// program is what sends in both; it prints one JSON object, also when no answer came.
const program = "/usr/local/bin/standin"

// inside sends requests from our pods to a gateway's Service.
type inside struct {
	set kubernetes.Interface
	// exec runs a command in a container and returns its output.
	exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, error)
	// host is the gateway's Service, "msb-iag.onap".
	host string
}

func insideOf(client *kube.Client, namespace, gateway string) *inside {
	return &inside{set: client.Set, exec: client.Exec, host: gateway + "." + namespace}
}

// from finds a pod of the origin to send from.
func (i *inside) from(ctx context.Context, origin Origin) (func(*http.Request, string) (evidence.Response, error), error) {
	p, known := places[origin]
	if !known {
		return nil, fmt.Errorf("from %q: want %q, %q or nothing", origin, Meshed, Unmeshed)
	}
	pod, err := p.pod(ctx, i.set)
	if err != nil {
		return nil, err
	}
	return func(r *http.Request, body string) (evidence.Response, error) { return i.ask(r, body, p, pod) }, nil
}

// pod finds a ready pod of the place.
func (p place) pod(ctx context.Context, set kubernetes.Interface) (string, error) {
	pods, err := set.CoreV1().Pods(p.namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + p.app})
	if err != nil {
		return "", observe.Absent(fmt.Errorf("find a pod of %s in namespace %s: %w", p.app, p.namespace, err))
	}
	for _, pod := range pods.Items {
		if pod.DeletionTimestamp == nil && isReady(pod) {
			return pod.Name, nil
		}
	}
	return "", evidence.Absent(evidence.Unmet, fmt.Errorf("find a ready pod of %s in namespace %s: none of %d pods is", p.app, p.namespace, len(pods.Items)))
}

func isReady(p corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

// ask sends the request from the pod, to the gateway's Service instead of its NodePort.
func (i *inside) ask(r *http.Request, body string, p place, pod string) (evidence.Response, error) {
	address := *r.URL
	address.Scheme, address.Host = "http", i.host
	command := []string{program, "get", "-timeout", limit.String(), "-X", r.Method}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		command = append(command, "-H", name+": "+r.Header.Get(name))
	}
	if body != "" {
		command = append(command, "-d", body)
	}
	out, problem := i.exec(r.Context(), p.namespace, pod, p.container, append(command, address.String())...)
	var answer struct {
		Status  int         `json:"status"`
		Headers http.Header `json:"headers"`
		Body    string      `json:"body"`
		Error   string      `json:"error"`
	}
	err := json.Unmarshal([]byte(out), &answer)
	switch {
	case err != nil && problem != nil:
		return evidence.Response{}, observe.Absent(problem)
	case err != nil:
		return evidence.Response{}, fmt.Errorf("read what pod %s/%s printed: %w: %.200s", p.namespace, pod, err, out)
	case answer.Status == 0 && answer.Error == "":
		return evidence.Response{}, fmt.Errorf("read what pod %s/%s printed: neither a status nor an error in %.200s", p.namespace, pod, out)
	}
	return evidence.Response{
		Method: r.Method, URL: address.String(), Status: answer.Status, Error: answer.Error,
		Header: headerText(answer.Headers), Body: answer.Body,
	}, nil
}
