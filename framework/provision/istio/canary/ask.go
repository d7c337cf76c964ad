package canary

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/kube"
)

// URL is the server's address inside the cluster.
const URL = "http://canary." + Namespace + ":8080/"

// Answer is what came of one request to the server.
type Answer struct {
	// TraceID is the B3 trace id sent: 32 hex digits, sampled.
	TraceID string `json:"traceID"`
	// Status is the answer's status; 0 when none came, Error says why.
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
	// Seen are the request's headers as the server saw them, names in lower case;
	// nil when the answer is not the server's.
	Seen map[string]string `json:"seen,omitempty"`
}

// ClientCertificate is the header the server's sidecar writes about the client's
// certificate ("By=spiffe://…;Hash=…;URI=spiffe://…"), empty without mutual TLS.
func (a Answer) ClientCertificate() string { return a.Seen["x-forwarded-client-cert"] }

// Ask sends one traced GET from the sender to the canary's server and tells what
// the server saw. A request that fails is an Answer, which the sender prints
// though its command fails; the error is for a sender that could not be used.
func Ask(ctx context.Context, c *kube.Client, from Sender) (Answer, error) {
	id := make([]byte, 16)
	rand.Read(id)
	trace := hex.EncodeToString(id)
	pod, err := readyPod(ctx, c, from)
	if err != nil {
		return Answer{}, err
	}
	out, problem := c.Exec(ctx, from.Namespace, pod, from.Container, command(trace)...)
	answer, err := decode([]byte(out))
	if err != nil {
		return Answer{}, fmt.Errorf("ask the canary from pod %s/%s: %w", from.Namespace, pod, errors.Join(problem, err))
	}
	answer.TraceID = trace
	return answer, nil
}

// command is the stand-in's own HTTP client; the span id is the trace id's
// second half, as B3 has it for the first span.
func command(trace string) []string {
	return []string{"/usr/local/bin/standin", "get",
		"-H", "x-b3-traceid: " + trace,
		"-H", "x-b3-spanid: " + trace[16:],
		"-H", "x-b3-sampled: 1",
		URL}
}

// decode reads what the stand-in's client prints: {"status", "error", "body"},
// the body being the server's own JSON, {"headers"}.
func decode(out []byte) (Answer, error) {
	var printed struct {
		Status int    `json:"status"`
		Error  string `json:"error"`
		Body   string `json:"body"`
	}
	if err := json.Unmarshal(out, &printed); err != nil {
		return Answer{}, fmt.Errorf("read the sender's output %q: %w", abridge(out), err)
	}
	answer := Answer{Status: printed.Status, Error: printed.Error}
	var echo struct {
		Headers map[string][]string `json:"headers"`
	}
	if json.Unmarshal([]byte(printed.Body), &echo) != nil || echo.Headers == nil {
		return answer, nil
	}
	answer.Seen = make(map[string]string, len(echo.Headers))
	for name, values := range echo.Headers {
		answer.Seen[strings.ToLower(name)] = strings.Join(values, ",")
	}
	return answer, nil
}

func abridge(out []byte) string {
	const most = 200
	if len(out) > most {
		return string(out[:most]) + "…"
	}
	return string(out)
}

// readyPod returns the newest ready pod of the sender's workload.
func readyPod(ctx context.Context, c *kube.Client, from Sender) (string, error) {
	pods, err := c.Set.CoreV1().Pods(from.Namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + from.Workload})
	if err != nil {
		return "", fmt.Errorf("find the pod of %s/%s: %w", from.Namespace, from.Workload, err)
	}
	ready := slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || !slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
			return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
		})
	})
	if len(ready) == 0 {
		return "", fmt.Errorf("none of the %d pods of %s/%s is ready", len(pods.Items), from.Namespace, from.Workload)
	}
	return slices.MaxFunc(ready, func(a, b corev1.Pod) int {
		return a.CreationTimestamp.Compare(b.CreationTimestamp.Time)
	}).Name, nil
}
