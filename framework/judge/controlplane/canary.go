package controlplane

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeCanary says whether the request between our own pair was HTTP over mutual
// TLS: answered, with the certificates of both ServiceAccounts in
// X-Forwarded-Client-Cert, and with a server span of the callee. A mesh that
// treats the port as TCP answers 200 all the same and shows neither.
func JudgeCanary(c evidence.Canary) []verdict.Finding {
	if c.Response.Status != 200 {
		got := fmt.Sprintf("status %d", c.Response.Status)
		if c.Response.Status == 0 {
			got = object.Text(c.Response.Error)
		}
		return []verdict.Finding{canary("canary-failed", "the canary's request was not answered", "status 200", got,
			"the pair is ours and its programs are simple: what stops this request (a proxy without configuration or certificate, a policy) may stop any other",
			"see the pods of namespace meshcert-canary and their proxies' logs: kubectl -n meshcert-canary logs deployment/canary-client -c istio-proxy")}
	}
	findings := certificate(c)
	switch {
	case c.Trace == nil || len(c.Trace.Spans) == 0 || !sent(c):
		backend := cmp.Or(c.Backend, jaeger)
		f := canary("not-asked", "no span of the canary's request was found", "a server span of "+c.ServerService, "no trace",
			"sampling, the collector or the trace format may be the reason", "see that sampling is 100 % and that "+backend+" is ready")
		f.Verdict, f.Object, f.Where = verdict.Inconclusive, backend, "trace "+object.Text(c.TraceID)
		findings = append(findings, f)
	case !inbound(c):
		f := canary("no-inbound-span", "the canary's request left no inbound span", "a server span of "+c.ServerService,
			"only "+object.Count(len(c.Trace.Spans), "other span"), quiet, alpn)
		if c.ForwardedClientCert != "" {
			f.Why = "the server's proxy wrote X-Forwarded-Client-Cert, so it saw HTTP over mutual TLS: its span is late, was lost on the way to the collector, or it traces to somewhere else"
			f.Next = "look again; see the tracing settings of the server's proxy and the collector's log"
		}
		f.Where = "trace " + object.Text(c.TraceID)
		findings = append(findings, f)
	}
	verdict.Sort(findings)
	return findings
}

const (
	jaeger = "Deployment istio-system/jaeger"
	quiet  = "HTTP over mutual TLS to a port without a protocol in its name arrives as plain TCP: requests work, but policies, metrics and spans do not"
	alpn   = "see that the outbound side announces istio's protocols by ALPN (the EnvoyFilter, when the proxy has no istio.alpn filter)"
)

// sent tells whether the trace is of the request; some back ends cut zeros off its id.
func sent(c evidence.Canary) bool {
	return c.TraceID == "" || strings.TrimLeft(c.Trace.ID, "0") == strings.TrimLeft(c.TraceID, "0")
}

// inbound tells whether the server's proxy reported the request as HTTP.
func inbound(c evidence.Canary) bool {
	return c.Trace != nil && slices.ContainsFunc(c.Trace.Spans, func(s evidence.Span) bool {
		return s.Kind == evidence.Server && s.Service == c.ServerService
	})
}

func certificate(c evidence.Canary) []verdict.Finding {
	if c.ForwardedClientCert == "" {
		f := canary("no-client-certificate", "the canary's request arrived without a client certificate",
			"X-Forwarded-Client-Cert with "+c.ClientIdentity, "no such header", "", alpn)
		switch {
		case inbound(c):
			f.Why = "the server's proxy reported the request as HTTP, so the header is missing because the connection was no mutual TLS"
			f.Next = "see PeerAuthentications and DestinationRules: kubectl get peerauthentication,destinationrule --all-namespaces"
		case c.Trace == nil || len(c.Trace.Spans) == 0:
			f.Why = "either the connection was no mutual TLS, or the request arrived as plain TCP; without spans the two cannot be told apart"
		default:
			f.Why = quiet
		}
		return []verdict.Finding{f}
	}
	by, uri := identities(c.ForwardedClientCert)
	if by == c.ServerIdentity && uri == c.ClientIdentity {
		return nil
	}
	return []verdict.Finding{canary("wrong-identity", "the canary's certificates name other identities",
		fmt.Sprintf("%s called by %s", c.ServerIdentity, c.ClientIdentity), fmt.Sprintf("%s called by %s", object.Text(by), object.Text(uri)),
		"a certificate does not name its pod's ServiceAccount, or the header is not what the server's proxy writes",
		"see the ServiceAccounts of the canary pods and istiod's trust domain")}
}

// identities reads By and URI of the header's last element, which the server's
// own proxy wrote. Format: Envoy's documentation of x-forwarded-client-cert.
func identities(header string) (by, uri string) {
	elements := fields(header, ',')
	for _, pair := range fields(elements[len(elements)-1], ';') {
		key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch strings.ToLower(key) {
		case "by":
			by = strings.Trim(value, `"`)
		case "uri":
			uri = strings.Trim(value, `"`)
		}
	}
	return by, uri
}

// fields cuts text at the separator outside of double quotes.
func fields(text string, separator rune) []string {
	quoted := false
	var all []string
	start := 0
	for i, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == separator && !quoted:
			all = append(all, text[start:i])
			start = i + 1
		}
	}
	return append(all, text[start:])
}

func canary(kind verdict.Kind, summary, want, got, why, next string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: "Namespace meshcert-canary",
		Want: want, Got: got, Where: "GET http://canary.meshcert-canary:8080/ from canary-client to canary-server", Why: why, Next: next,
	}
}
