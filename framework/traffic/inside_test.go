package traffic

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
)

func pod(namespace, name, app string, ready corev1.ConditionStatus) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": app}},
		Status:     corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}},
	}
}

// from is a sender whose pods print the answer; asked gets what was run where.
func from(printed string, problem error, asked *[]string, pods ...*corev1.Pod) *Sender {
	set := fake.NewClientset()
	for _, p := range pods {
		_ = set.Tracker().Add(p)
	}
	sender := To(&url.URL{Scheme: "http", Host: "10.0.0.1:30280"})
	sender.inside = &inside{set: set, host: "msb-iag.onap", exec: func(_ context.Context, namespace, pod, container string, command ...string) (string, error) {
		*asked = append(append(*asked, namespace+"/"+pod+"/"+container), command...)
		return printed, problem
	}}
	return sender
}

func TestFromPods(t *testing.T) {
	meshed, unmeshed := pod("meshcert-canary", "canary-client-1", "canary-client", "True"), pod("meshcert-client", "client-1", "client", "True")
	path := catalogue.Path{Method: "POST", URL: "/api/x?a=b", Body: `{"a":1}`, Status: 200}
	for origin, where := range map[Origin]string{Meshed: "meshcert-canary/canary-client-1/canary", Unmeshed: "meshcert-client/client-1/client"} {
		var asked []string
		sender := from(`{"status":200,"headers":{"X-A":["1"]},"body":"hello"}`, nil, &asked, meshed, unmeshed)
		sent, err := sender.Send(t.Context(), path, Options{Headers: B3Single, Sampled: true, From: origin})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{where, program, "get", "-timeout", limit.String(), "-X", "POST",
			"-H", "B3: " + sent.TraceID + "-" + sent.SpanID + "-1", "-H", "Content-Type: application/json", "-H", "X-Request-Id: " + sent.RequestID,
			"-d", path.Body, "http://msb-iag.onap/api/x?a=b"}
		if diff := cmp.Diff(want, asked); diff != "" {
			t.Errorf("from %s, -want +got:\n%s", origin, diff)
		}
		got := sent.Response
		got.Duration = 0
		if diff := cmp.Diff(evidence.Response{Method: "POST", URL: "http://msb-iag.onap/api/x?a=b", Status: 200, Header: "X-A: 1", Body: "hello"}, got); diff != "" {
			t.Errorf("from %s, -want +got:\n%s", origin, diff)
		}
	}
}

func TestFromPodsThatAreNot(t *testing.T) {
	ready := pod("meshcert-client", "client-1", "client", "True")
	for name, c := range map[string]struct {
		origin  Origin
		printed string
		problem error
		pods    []*corev1.Pod
		want    string
		absence evidence.Absence
	}{
		"no pod":              {origin: Unmeshed, want: "none of 0 pods", absence: evidence.Unmet},
		"none that is ready":  {origin: Unmeshed, pods: []*corev1.Pod{pod("meshcert-client", "client-1", "client", "False")}, want: "none of 1 pods", absence: evidence.Unmet},
		"another's":           {origin: Meshed, pods: []*corev1.Pod{ready}, want: "canary-client in namespace meshcert-canary", absence: evidence.Unmet},
		"an unknown origin":   {origin: "moon", pods: []*corev1.Pod{ready}, want: `from "moon"`, absence: evidence.Final},
		"a command refused":   {origin: Unmeshed, problem: errors.New("refused"), pods: []*corev1.Pod{ready}, want: "refused", absence: evidence.Transient},
		"an answer cut short": {origin: Unmeshed, printed: `{"status":2`, pods: []*corev1.Pod{ready}, want: "read what pod meshcert-client/client-1 printed", absence: evidence.Final},
		"an empty answer":     {origin: Unmeshed, printed: `{}`, pods: []*corev1.Pod{ready}, want: "neither a status nor an error", absence: evidence.Final},
	} {
		var asked []string
		_, err := from(c.printed, c.problem, &asked, c.pods...).Get(t.Context(), "/", Options{Headers: None, From: c.origin})
		if err == nil || !strings.Contains(err.Error(), c.want) || evidence.AbsenceOf(err) != c.absence {
			t.Errorf("%s: got %v (%s), want %s error with %q", name, err, evidence.AbsenceOf(err), c.absence, c.want)
		}
	}
	// What the pod says of a request without an answer is an answer of ours.
	var asked []string
	sent, err := from(`{"error":"connection reset"}`, nil, &asked, ready).Get(t.Context(), "/", Options{Headers: None, From: Unmeshed})
	if err != nil || sent.Response.Status != 0 || sent.Response.Error != "connection reset" {
		t.Errorf("a request without an answer: %+v, %v", sent.Response, err)
	}
}
