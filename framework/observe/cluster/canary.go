package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// The canary's server, and how Istio names identities by its default trust domain.
const (
	canaryURL    = "http://canary.meshcert-canary:8080/"
	canaryServer = "canary-server"
	identity     = "spiffe://cluster.local/ns/%s/sa/%s"
)

// Canary sends one request between our own pair, with a trace id of ours and no
// sampling decision: that is the mesh's. The spans come later:
// the caller looks for them by TraceID and sets Trace.
func (o *Observer) Canary(ctx context.Context) (evidence.Canary, error) {
	client, err := o.enter(ctx, canaryClient)
	if err != nil {
		return evidence.Canary{}, observe.Absent(err)
	}
	seen, err := client.canary(ctx)
	return seen, observe.Absent(err)
}

// canary sends the request from this pod.
func (i insider) canary(ctx context.Context) (evidence.Canary, error) {
	id := make([]byte, 16)
	rand.Read(id)
	// Some back ends cut leading zeros off.
	id[0] |= 0x10
	trace := hex.EncodeToString(id)
	var answer struct {
		Status int    `json:"status"`
		Body   string `json:"body"`
		Error  string `json:"error"`
	}
	start := time.Now()
	// Zipkin's tracer reads B3, OpenTelemetry's reads W3C.
	err := i.run(ctx, &answer, "get", "-H", "x-b3-traceid: "+trace, "-H", "x-b3-spanid: "+trace[16:],
		"-H", "traceparent: 00-"+trace+"-"+trace[16:]+"-01", canaryURL)
	if err != nil {
		return evidence.Canary{}, fmt.Errorf("send the canary's request: %w", err)
	}
	if answer.Status == 0 && answer.Error == "" {
		return evidence.Canary{}, fmt.Errorf("send the canary's request: the answer of pod %s/%s says neither a status nor an error", i.namespace, i.pod)
	}
	seen := evidence.Canary{
		Observed: start.UTC(), TraceID: trace,
		Response: evidence.Response{
			Method: http.MethodGet, URL: canaryURL, Status: answer.Status, Error: answer.Error, Body: answer.Body, Duration: time.Since(start),
		},
		ClientIdentity: fmt.Sprintf(identity, i.namespace, i.workload),
		ServerIdentity: fmt.Sprintf(identity, i.namespace, canaryServer),
		ServerService:  canaryServer + "." + i.namespace,
	}
	if answer.Status != http.StatusOK {
		return seen, nil
	}
	seen.ForwardedClientCert, err = forwardedCert(answer.Body)
	return seen, err
}

// forwardedCert reads X-Forwarded-Client-Cert out of what the server echoes:
// {"headers":{"name":["value"]}}, names in lower case. "" when it saw none.
func forwardedCert(body string) (string, error) {
	var echo struct {
		Headers map[string][]string `json:"headers"`
	}
	if err := json.Unmarshal([]byte(body), &echo); err != nil || len(echo.Headers) == 0 {
		return "", evidence.Absent(evidence.Final, fmt.Errorf("read the canary server's echo: no headers in %q", body))
	}
	return strings.Join(echo.Headers["x-forwarded-client-cert"], ","), nil
}
