package controlplane

import (
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
			"", "see the pods of namespace meshcert-canary and their proxies' logs")}
	}
	findings := certificate(c)
	switch {
	case c.Trace == nil || len(c.Trace.Spans) == 0:
		f := canary("not-asked", "no span of the canary's request was found", "a server span of "+c.ServerService, "no trace",
			"sampling, the collector or the trace format may be the reason", "see that sampling is 100 % and that Jaeger is ready")
		f.Verdict = verdict.Inconclusive
		findings = append(findings, f)
	case !slices.ContainsFunc(c.Trace.Spans, func(s evidence.Span) bool { return s.Kind == evidence.Server && s.Service == c.ServerService }):
		findings = append(findings, canary("no-inbound-span", "the canary's request left no inbound span", "a server span of "+c.ServerService,
			fmt.Sprintf("%d spans, none of them", len(c.Trace.Spans)), quiet, alpn))
	}
	verdict.Sort(findings)
	return findings
}

const (
	quiet = "HTTP over mutual TLS to a port without a protocol in its name arrives as plain TCP: requests work, but policies, metrics and spans do not"
	alpn  = "see that the outbound side announces istio's protocols by ALPN (the EnvoyFilter, when the proxy has no istio.alpn filter)"
)

func certificate(c evidence.Canary) []verdict.Finding {
	if c.ForwardedClientCert == "" {
		return []verdict.Finding{canary("no-client-certificate", "the canary's request arrived without a client certificate",
			"X-Forwarded-Client-Cert with "+c.ClientIdentity, "no such header", quiet, alpn)}
	}
	by, uri := identities(c.ForwardedClientCert)
	if by == c.ServerIdentity && uri == c.ClientIdentity {
		return nil
	}
	return []verdict.Finding{canary("wrong-identity", "the canary's certificates name other identities",
		fmt.Sprintf("%s called by %s", c.ServerIdentity, c.ClientIdentity), fmt.Sprintf("%s called by %s", object.Text(by), object.Text(uri)),
		"the certificate does not name the pod's ServiceAccount", "see the ServiceAccounts of the canary pods and istiod's trust domain")}
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
		Want: want, Got: got, Why: why, Next: next,
	}
}
