package observe_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

func resource(name string) schema.GroupResource { return schema.GroupResource{Resource: name} }

func TestNeedsRights(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want evidence.Absence
	}{
		"forbidden":         {fmt.Errorf("list nodes: %w", apierrors.NewForbidden(resource("nodes"), "", errors.New("no"))), evidence.Unmet},
		"unauthorized":      {apierrors.NewUnauthorized("token expired"), evidence.Final},
		"too many requests": {apierrors.NewTooManyRequests("later", 1), evidence.Transient},
		"marked already":    {evidence.Absent(evidence.Final, errors.New("odd")), evidence.Final},
	} {
		if got := observe.NeedsRights(c.err); evidence.AbsenceOf(got) != c.want || !errors.Is(got, c.err) {
			t.Errorf("%s: %v is %s, want %s", name, got, evidence.AbsenceOf(got), c.want)
		}
	}
	if err := observe.NeedsRights(nil); err != nil {
		t.Errorf("nothing is wrong, and it says %v", err)
	}
}

func TestAbsent(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want evidence.Absence
	}{
		"forbidden":             {apierrors.NewForbidden(resource("pods"), "", errors.New("no list")), evidence.Final},
		"unauthorized":          {apierrors.NewUnauthorized("token expired"), evidence.Final},
		"invalid":               {apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, "x", nil), evidence.Final},
		"bad request":           {apierrors.NewBadRequest("no such field selector"), evidence.Final},
		"method not allowed":    {apierrors.NewMethodNotSupported(resource("pods"), "watch"), evidence.Final},
		"no Service":            {apierrors.NewNotFound(resource("services"), "msb-iag"), evidence.Unmet},
		"no ConfigMap":          {apierrors.NewNotFound(resource("configmaps"), "istio-ca-root-cert"), evidence.Unmet},
		"no such kind":          {&meta.NoKindMatchError{GroupKind: schema.GroupKind{Kind: "VirtualService"}}, evidence.Unmet},
		"a pod that went":       {apierrors.NewNotFound(resource("pods"), "client-1"), evidence.Transient},
		"no endpoints":          {apierrors.NewServiceUnavailable(`no endpoints available for service "jaeger-query"`), evidence.Unmet},
		"no port":               {apierrors.NewServiceUnavailable(`no service port "16686" found for service "jaeger-query"`), evidence.Unmet},
		"endpoint refuses":      {apierrors.NewServiceUnavailable("error trying to reach service: connect: connection refused"), evidence.Transient},
		"too many requests":     {apierrors.NewTooManyRequests("later", 1), evidence.Transient},
		"API server time-out":   {apierrors.NewTimeoutError("later", 1), evidence.Transient},
		"internal error":        {apierrors.NewInternalError(errors.New("etcd")), evidence.Transient},
		"conflict":              {apierrors.NewConflict(resource("services"), "x", errors.New("changed")), evidence.Transient},
		"status 401":            {&observe.StatusError{Status: 401}, evidence.Final},
		"status 403 of a proxy": {&observe.StatusError{Status: 403, Body: "RBAC: access denied"}, evidence.Final},
		"status 415":            {&observe.StatusError{Status: 415}, evidence.Final},
		"status 404":            {&observe.StatusError{Status: 404, Body: "404 page not found"}, evidence.Transient},
		"status 429":            {&observe.StatusError{Status: 429}, evidence.Transient},
		"status 500":            {&observe.StatusError{Status: 500, Body: "{"}, evidence.Transient},
		"status 502 in HTML":    {&observe.StatusError{Status: 502, Body: "<html>"}, evidence.Transient},
		"HTML":                  {&observe.MalformedError{Reason: "HTML, not JSON"}, evidence.Final},
		"cut":                   {&observe.MalformedError{Reason: "empty", Cut: true}, evidence.Transient},
		"unknown authority":     {&url.Error{Op: "Get", Err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}}, evidence.Final},
		"authority, bare":       {x509.UnknownAuthorityError{}, evidence.Final},
		"another name":          {x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, evidence.Final},
		"certificate expired":   {x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired}, evidence.Final},
		"refused":               {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, evidence.Transient},
		"reset":                 {&url.Error{Op: "Get", Err: syscall.ECONNRESET}, evidence.Transient},
		"broken off":            {io.ErrUnexpectedEOF, evidence.Transient},
		"time-out":              {context.DeadlineExceeded, evidence.Transient},
		"name not found":        {&net.DNSError{Err: "no such host", IsNotFound: true}, evidence.Transient},
		"anything":              {errors.New("anything"), evidence.Transient},
		"marked before":         {evidence.Absent(evidence.Unmet, apierrors.NewUnauthorized("x")), evidence.Unmet},
	} {
		t.Run(name, func(t *testing.T) {
			wrapped := observe.Absent(fmt.Errorf("look: %w", c.err))
			if got := evidence.AbsenceOf(wrapped); got != c.want {
				t.Errorf("%s, want %s: %v", got, c.want, wrapped)
			}
			if !errors.Is(wrapped, c.err) {
				t.Errorf("the error is lost: %v", wrapped)
			}
		})
	}
	if err := observe.Absent(nil); err != nil {
		t.Errorf("nil became %v", err)
	}
}

// said answers as the API server does when it says no itself.
func said(err *apierrors.StatusError) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		status := err.Status()
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(status.Code))
		_ = json.NewEncoder(w).Encode(status)
	}
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// TestAbsentOverHTTP has answers as they come over a connection, of a Service
// behind the API server's proxy.
func TestAbsentOverHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   evidence.Absence
	}{
		"no endpoints":     {said(apierrors.NewServiceUnavailable(`no endpoints available for service "jaeger-query"`)), evidence.Unmet},
		"no Service":       {said(apierrors.NewNotFound(resource("services"), "jaeger-query")), evidence.Unmet},
		"forbidden":        {said(apierrors.NewForbidden(resource("services/proxy"), "jaeger-query", errors.New("no"))), evidence.Final},
		"endpoint is away": {said(apierrors.NewServiceUnavailable("error trying to reach service: EOF")), evidence.Transient},
		"HTML":             {text("<!doctype html><title>Jaeger UI</title>"), evidence.Final},
		"another type":     {text(`[1]`), evidence.Final},
		"two values":       {text(`{"a":1}{"a":2}`), evidence.Final},
		"half a document":  {text(`{"a": `), evidence.Transient},
		"nothing":          {text(""), evidence.Transient},
		"cut by length":    {short, evidence.Transient},
		"not found":        {http.NotFound, evidence.Transient},
		"too slow":         {hang, evidence.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.answer)
			defer server.Close()
			client := server.Client()
			client.Timeout = 200 * time.Millisecond
			err := observe.GetJSON(t.Context(), client, server.URL, &struct{ A int }{})
			if got := evidence.AbsenceOf(observe.Absent(err)); err == nil || got != c.want {
				t.Errorf("%s, want %s: %v", got, c.want, err)
			}
		})
	}
	strange := httptest.NewTLSServer(text(`{}`))
	defer strange.Close()
	plain := httptest.NewServer(text(`{}`))
	defer plain.Close()
	for name, address := range map[string]string{"a certificate of nobody we know": strange.URL, "no TLS": "https" + plain.URL[len("http"):]} {
		_, err := observe.Get(t.Context(), &http.Client{}, address)
		if got := evidence.AbsenceOf(observe.Absent(err)); err == nil || got != evidence.Final {
			t.Errorf("%s: %s, want final: %v", name, got, err)
		}
	}
	_, err := observe.Get(t.Context(), &http.Client{}, "http://127.0.0.1:1/")
	if got := evidence.AbsenceOf(observe.Absent(err)); got != evidence.Transient {
		t.Errorf("no server: %s: %v", got, err)
	}
}

// TestAbsentOfExec: the API server refuses a command in a pod.
func TestAbsentOfExec(t *testing.T) {
	for name, c := range map[string]struct {
		answer *apierrors.StatusError
		want   evidence.Absence
	}{
		"forbidden":        {apierrors.NewForbidden(resource("pods/exec"), "client-1", errors.New("no")), evidence.Final},
		"the pod is gone":  {apierrors.NewNotFound(resource("pods"), "client-1"), evidence.Transient},
		"the node is away": {apierrors.NewInternalError(errors.New("dial tcp: connection refused")), evidence.Transient},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(said(c.answer))
			defer server.Close()
			client, err := kube.FromConfig(&rest.Config{Host: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Exec(t.Context(), "meshcert-client", "client-1", "client", "true")
			if got := evidence.AbsenceOf(observe.Absent(err)); err == nil || got != c.want {
				t.Errorf("%s, want %s: %v", got, c.want, err)
			}
		})
	}
}
