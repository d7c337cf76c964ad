package traffic_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/traffic"
)

var capacity = catalogue.Path{ID: "check-vim-capacity", Method: "POST", URL: "/api/x?a=b", Body: `{"vCPU":1}`}

// gateway serves one answer and keeps what it was asked.
func gateway(t *testing.T, answer http.HandlerFunc) (*traffic.Sender, *[]*http.Request) {
	t.Helper()
	var asked []*http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		asked = append(asked, r)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return traffic.To(base), &asked
}

func hello(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-A", "1")
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write([]byte("hello"))
}

func TestSend(t *testing.T) {
	for name, c := range map[string]struct {
		options traffic.Options
		want    map[string]string // header to form; T and S stand for the ids
	}{
		"b3":                   {traffic.Options{Headers: traffic.B3, Sampled: true}, map[string]string{"X-B3-Traceid": "T", "X-B3-Spanid": "S", "X-B3-Sampled": "1", "Traceparent": ""}},
		"b3, unsampled":        {traffic.Options{Headers: traffic.B3}, map[string]string{"X-B3-Traceid": "T", "X-B3-Sampled": "0"}},
		"b3 single":            {traffic.Options{Headers: traffic.B3Single, Sampled: true}, map[string]string{"B3": "T-S-1", "X-B3-Traceid": "", "Traceparent": ""}},
		"b3 single, unsampled": {traffic.Options{Headers: traffic.B3Single}, map[string]string{"B3": "T-S-0"}},
		"w3c":                  {traffic.Options{Headers: traffic.W3C, Sampled: true}, map[string]string{"Traceparent": "00-T-S-01", "Tracestate": "meshcert=1", "X-B3-Traceid": "", "B3": ""}},
		"w3c, unsampled":       {traffic.Options{Headers: traffic.W3C}, map[string]string{"Traceparent": "00-T-S-00"}},
		"both":                 {traffic.Options{Headers: traffic.Both, Sampled: true}, map[string]string{"Traceparent": "00-T-S-01", "X-B3-Traceid": "T", "X-B3-Spanid": "S", "B3": ""}},
		"request id":           {traffic.Options{Headers: traffic.RequestID}, map[string]string{"Traceparent": "", "X-B3-Traceid": "", "B3": ""}},
		"none":                 {traffic.Options{Headers: traffic.None}, map[string]string{"Traceparent": "", "X-B3-Traceid": "", "X-B3-Sampled": "", "X-Request-Id": ""}},
		"with others":          {traffic.Options{Headers: traffic.RequestID, Also: map[string]string{"X-TransactionId": "abc"}}, map[string]string{"X-Transactionid": "abc"}},
	} {
		t.Run(name, func(t *testing.T) {
			sender, asked := gateway(t, hello)
			sent, err := sender.Send(t.Context(), capacity, c.options)
			if err != nil {
				t.Fatal(err)
			}
			r := (*asked)[0]
			if body, _ := io.ReadAll(r.Body); r.Method != http.MethodPost || r.URL.String() != "/api/x?a=b" || string(body) != capacity.Body {
				t.Errorf("asked %s %s %s", r.Method, r.URL, body)
			}
			if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("X-Request-Id") != sent.RequestID || (sent.RequestID == "") != (c.options.Headers == traffic.None) {
				t.Errorf("headers %v", r.Header)
			}
			for header, form := range c.want {
				want := strings.NewReplacer("T", sent.TraceID, "S", sent.SpanID).Replace(form)
				if got := r.Header.Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
			ids := regexp.MustCompile(`^[0-9a-f]{32} [0-9a-f]{16}$`)
			if traced := c.options.Headers != traffic.None && c.options.Headers != traffic.RequestID; traced != ids.MatchString(sent.TraceID+" "+sent.SpanID) {
				t.Errorf("trace id %q, span id %q", sent.TraceID, sent.SpanID)
			}
			if got := sent.Response; got.Status != 201 || got.Body != "hello" || !strings.Contains(got.Header, "X-A: 1") || got.Error != "" {
				t.Errorf("response %+v", got)
			}
			if sent.End.Before(sent.Start) || sent.Response.Duration != sent.End.Sub(sent.Start) {
				t.Errorf("times %v %v %v", sent.Start, sent.End, sent.Response.Duration)
			}
		})
	}
}

func TestIDsDiffer(t *testing.T) {
	sender, _ := gateway(t, hello)
	seen := map[string]bool{}
	for range 20 {
		sent, err := sender.Get(t.Context(), "/", traffic.Traced())
		if err != nil || seen[sent.TraceID] || seen[sent.RequestID] {
			t.Fatalf("%+v, %v", sent, err)
		}
		seen[sent.TraceID], seen[sent.RequestID] = true, true
	}
}

func TestUnknownFormat(t *testing.T) {
	sender, asked := gateway(t, hello)
	if _, err := sender.Get(t.Context(), "/", traffic.Options{Headers: "b4"}); err == nil || !strings.Contains(err.Error(), `"b4"`) || len(*asked) != 0 {
		t.Errorf("got %v, %d requests", err, len(*asked))
	}
	if _, err := sender.Get(t.Context(), "/%zz", traffic.Traced()); err == nil || evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("a path that cannot be read: %v, want a final error", err)
	}
}

// TestNoRequest: a path that a registration sets off cannot be sent, and a sender
// without a cluster has no pod to send from.
func TestNoRequest(t *testing.T) {
	sender, asked := gateway(t, hello)
	_, err := sender.Send(t.Context(), catalogue.Path{ID: "service-registration", When: catalogue.Registering}, traffic.Traced())
	if err == nil || !strings.Contains(err.Error(), "no request sets it off") || evidence.AbsenceOf(err) != evidence.Final {
		t.Errorf("a path without a request: %v", err)
	}
	_, err = sender.Send(t.Context(), capacity, traffic.Options{Headers: traffic.B3, From: traffic.Meshed})
	if err == nil || evidence.AbsenceOf(err) != evidence.Unmet || len(*asked) != 0 {
		t.Errorf("from a pod without a cluster: %v, %d requests", err, len(*asked))
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	sender, asked := gateway(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/iui", http.StatusFound) })
	sent, err := sender.Get(t.Context(), "/msb", traffic.Traced())
	if err != nil || sent.Response.Status != 302 || len(*asked) != 1 || !strings.Contains(sent.Response.Header, "Location: /iui") {
		t.Errorf("%+v, %v, %d requests", sent.Response, err, len(*asked))
	}
}

func TestNoAnswer(t *testing.T) {
	base, _ := url.Parse("http://127.0.0.1:1")
	sent, err := traffic.To(base).Get(t.Context(), "/", traffic.Traced())
	if err != nil || sent.Response.Status != 0 || sent.Response.Error == "" || sent.TraceID == "" {
		t.Errorf("%+v, %v", sent, err)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	sender, _ := gateway(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("hel"))
	})
	sent, err := sender.Get(t.Context(), "/", traffic.Traced())
	if err != nil || sent.Response.Status != 200 || !strings.Contains(sent.Response.Error, "breaks off") {
		t.Errorf("%+v, %v", sent.Response, err)
	}
}

func TestEachRequestHasItsOwnConnection(t *testing.T) {
	sender, asked := gateway(t, hello)
	for range 3 {
		if _, err := sender.Get(t.Context(), "/", traffic.Traced()); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, r := range *asked {
		seen[r.RemoteAddr] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d connections for 3 requests", len(seen))
	}
}

// TestGatewayThatSignsForItself: a gateway's own certificate is no obstacle.
func TestGatewayThatSignsForItself(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := traffic.To(base).Get(t.Context(), "/", traffic.Traced())
	if err != nil || sent.Response.Status != http.StatusTeapot {
		t.Errorf("got %+v, %v", sent.Response, err)
	}
}

func TestNewFindsTheGateway(t *testing.T) {
	node := func(name string, age time.Duration, ready corev1.ConditionStatus, ip string) *corev1.Node {
		n := &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(1e9, 0).Add(-age))},
			Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}},
		}
		if ip != "" {
			n.Status.Addresses = []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}, {Type: corev1.NodeInternalIP, Address: ip}}
		}
		return n
	}
	service := func(ports ...corev1.ServicePort) *corev1.Service {
		return &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "msb-iag", Namespace: "onap"}, Spec: corev1.ServiceSpec{Ports: ports}}
	}
	https, http := corev1.ServicePort{Port: 443, NodePort: 30283}, corev1.ServicePort{Port: 80, NodePort: 30280}
	for name, c := range map[string]struct {
		objects []runtime.Object
		want    string
		err     string
	}{
		"oldest ready node": {objects: []runtime.Object{service(https, http), node("c", 3, "False", "10.0.0.3"), node("b", 1, "True", "10.0.0.2"), node("a", 2, "True", "10.0.0.1")},
			want: "http://10.0.0.1:30280"},
		"HTTPS alone":        {objects: []runtime.Object{service(https, corev1.ServicePort{Port: 80}), node("a", 1, "True", "10.0.0.1")}, want: "https://10.0.0.1:30283"},
		"IPv6":               {objects: []runtime.Object{service(http), node("a", 1, "True", "fd00::1")}, want: "http://[fd00::1]:30280"},
		"no Service":         {objects: []runtime.Object{node("a", 1, "True", "10.0.0.1")}, err: "Service onap/msb-iag"},
		"no NodePort":        {objects: []runtime.Object{service(corev1.ServicePort{Port: 443}, corev1.ServicePort{Port: 80}), node("a", 1, "True", "10.0.0.1")}, err: "no NodePort for port 80 or 443"},
		"no ready node":      {objects: []runtime.Object{service(http), node("a", 1, "False", "10.0.0.1")}, err: "none of 1 nodes"},
		"no node at all":     {objects: []runtime.Object{service(http)}, err: "none of 0 nodes"},
		"node without an IP": {objects: []runtime.Object{service(http), node("a", 1, "True", "")}, err: "none of 1 nodes"},
	} {
		t.Run(name, func(t *testing.T) {
			sender, err := traffic.New(t.Context(), &kube.Client{Set: fake.NewClientset(c.objects...)}, "onap")
			switch {
			case c.err != "":
				if err == nil || !strings.Contains(err.Error(), c.err) || evidence.AbsenceOf(err) != evidence.Unmet {
					t.Errorf("got %v, want an error with %q, unmet", err, c.err)
				}
			case err != nil || sender.Base.String() != c.want:
				t.Errorf("got %v, %v", sender, err)
			}
		})
	}
}
