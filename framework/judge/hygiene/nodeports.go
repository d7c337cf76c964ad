package hygiene

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// NodePortKinds are the kinds of JudgeNodePorts that can be waived.
func NodePortKinds() []verdict.Kind {
	return []verdict.Kind{"unknown-node-port", "node-port-without-tls", "https-without-tls"}
}

// JudgeNodePorts says which NodePorts the catalogue does not know, and which let
// in clients without TLS.
func JudgeNodePorts(release *catalogue.Release, seen evidence.NodePorts) []verdict.Finding {
	if seen.Services == 0 {
		return []verdict.Finding{nothing(seen.Namespace, "Services")}
	}
	findings := portsNotSeen(release, seen)
	for _, name := range services(seen) {
		var unknown, plain, broken, unasked []string
		for _, p := range seen.Items {
			if p.Service != name {
				continue
			}
			switch {
			case !inCatalogue(release, p):
				unknown = append(unknown, text(p))
			case p.TLS == evidence.TLSRefused && saysTLS(p):
				broken = append(broken, text(p))
			case p.TLS == evidence.TLSRefused:
				plain = append(plain, text(p))
			case p.TLS != evidence.TLSSpoken:
				unasked = append(unasked, text(p)+" ("+object.Text(p.Error)+")")
			}
		}
		f := verdict.Finding{Object: object.Service(seen.Namespace, name), Where: "every node's address, from outside the cluster", Verdict: verdict.Fail}
		if len(unknown) > 0 {
			f.Kind, f.Summary, f.Got = "unknown-node-port", "Service "+name+" opens NodePorts that the catalogue does not know", strings.Join(unknown, ", ")
			f.Want, f.Why = "no NodePort but the catalogue's", "it is a way into the cluster that the release does not have, past its gateways"
			f.Next = "see who made it: kubectl -n " + seen.Namespace + " get service " + name + " -o yaml --show-managed-fields"
			findings = append(findings, f)
		}
		if len(plain) > 0 {
			f.Kind, f.Summary, f.Got = "node-port-without-tls", "Service "+name+" lets clients in without TLS", strings.Join(plain, ", ")
			f.Want, f.Why = "a server that speaks TLS behind every NodePort", "what is sent to it from outside, credentials too, can be read and changed on the way"
			f.Next = "make it a ClusterIP and lead clients through a gateway with TLS, or waive it with owner and end"
			findings = append(findings, f)
		}
		if len(broken) > 0 {
			f.Kind, f.Summary, f.Got = "https-without-tls", "Service "+name+" says https and speaks no TLS", strings.Join(broken, ", ")
			f.Want, f.Why = "TLS on every port that is named for it", "clients that take it for safe cannot connect, or are made to talk in the open"
			f.Next = "see the program behind the port: its certificate may be missing or unreadable, so read its log"
			findings = append(findings, f)
		}
		if len(unasked) > 0 {
			findings = append(findings, notAsked(f.Object, unasked))
		}
	}
	verdict.Sort(findings)
	return findings
}

// saysTLS tells whether the port is named for TLS: "https-msb-iag", "msb-iag-https".
func saysTLS(p evidence.NodePort) bool { return strings.Contains(p.Name, "https") }

func notAsked(service string, ports []string) verdict.Finding {
	return verdict.Finding{
		Kind: "not-asked", Verdict: verdict.Inconclusive, Object: service, Summary: service + ": not every NodePort was asked for TLS",
		Want: "an answer to a TLS handshake", Got: "none of " + strings.Join(ports, ", "), Where: "the pod behind the Service, by port-forward",
		Why: "a port that was not asked may let in anybody", Next: "see that a ready pod is behind the Service, and the API server's answer to port-forward",
	}
}

// portsNotSeen is about NodePorts of the catalogue that were not seen.
func portsNotSeen(release *catalogue.Release, seen evidence.NodePorts) []verdict.Finding {
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		for _, s := range w.Services {
			for _, p := range s.Ports {
				if p.NodePort == 0 || slices.ContainsFunc(seen.Items, func(got evidence.NodePort) bool { return got.Service == s.Name && got.Number == p.NodePort }) {
					continue
				}
				findings = append(findings, verdict.Finding{
					Kind: "node-port-not-seen", Verdict: verdict.Inconclusive, Object: object.Service(seen.Namespace, s.Name),
					Summary: fmt.Sprintf("NodePort %d of Service %s was not seen", p.NodePort, s.Name),
					Want:    fmt.Sprintf("%s:%d→%d", p.Name, p.Port, p.NodePort), Got: "none", Where: "Services of namespace " + seen.Namespace,
					Why: "what is behind it cannot be judged", Next: "see spec releases.services, which says what is wrong with the Service",
				})
			}
		}
	}
	return findings
}

func inCatalogue(release *catalogue.Release, p evidence.NodePort) bool {
	for _, w := range release.Workloads {
		for _, s := range w.Services {
			if s.Name == p.Service && slices.ContainsFunc(s.Ports, func(want catalogue.Port) bool { return want.Port == p.Port && want.NodePort == p.Number }) {
				return true
			}
		}
	}
	return false
}

// services are the names in the evidence, sorted.
func services(seen evidence.NodePorts) []string {
	var names []string
	for _, p := range seen.Items {
		names = append(names, p.Service)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func text(p evidence.NodePort) string { return fmt.Sprintf("%s:%d→%d", p.Name, p.Port, p.Number) }

// CertificateKinds are the kinds of JudgeCertificates that can be waived.
func CertificateKinds() []verdict.Kind {
	return []verdict.Kind{"certificate-expired", "certificate-ends-soon", "certificate-self-signed"}
}

// Soon is how long a certificate must still hold.
const Soon = 30 * 24 * time.Hour

// JudgeCertificates says which certificates that NodePorts present to clients are
// expired, end soon, or are vouched for by nobody but themselves.
func JudgeCertificates(release *catalogue.Release, seen evidence.NodePorts) []verdict.Finding {
	if seen.Services == 0 || seen.Observed.IsZero() {
		return []verdict.Finding{nothing(seen.Namespace, "Services")}
	}
	findings := portsNotSeen(release, seen)
	plain := 0
	for _, p := range seen.Items {
		of := object.Service(seen.Namespace, p.Service)
		switch {
		case p.TLS == evidence.TLSRefused && saysTLS(p):
			f := notAsked(of, []string{text(p)})
			f.Kind, f.Summary = "certificate-not-seen", of+": it is named for TLS and speaks none, so it presents no certificate"
			f.Why, f.Next = "what it presented before, or will again, is not known", "see spec hygiene.node-ports, which says what is wrong with the port"
			findings = append(findings, f)
		case p.TLS == evidence.TLSRefused:
			plain++
		case p.TLS != evidence.TLSSpoken:
			findings = append(findings, notAsked(of, []string{text(p) + " (" + object.Text(p.Error) + ")"}))
		case p.Certificate == nil:
			f := notAsked(of, []string{text(p)})
			f.Kind, f.Summary = "certificate-not-seen", of+": it speaks TLS, and its certificate was not seen"
			findings = append(findings, f)
		default:
			findings = append(findings, certificate(of, p, seen.Observed)...)
		}
	}
	if plain == len(seen.Items) && len(findings) == 0 {
		findings = append(findings, verdict.Finding{
			Kind: "no-certificate", Verdict: verdict.Pass, Object: "Namespace " + seen.Namespace,
			Summary: "no NodePort speaks TLS, so no certificate was judged", Got: object.Count(plain, "NodePort") + " without TLS",
		})
	}
	verdict.Sort(findings)
	return findings
}

func certificate(of string, p evidence.NodePort, now time.Time) []verdict.Finding {
	c := p.Certificate
	f := verdict.Finding{
		Verdict: verdict.Fail, Object: of, Where: "NodePort " + text(p),
		Got:  fmt.Sprintf("%s, issued by %s, from %s to %s", object.Text(c.Subject), object.Text(c.Issuer), c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly)),
		Next: "issue a new one, by an authority that clients trust, and restart what presents it",
	}
	var findings []verdict.Finding
	switch {
	case now.After(c.NotAfter) || now.Before(c.NotBefore):
		f.Kind, f.Summary = "certificate-expired", of+": its certificate does not hold today"
		f.Want, f.Why = "a certificate that holds on "+now.Format(time.DateOnly), "every client that checks it refuses the connection"
		findings = append(findings, f)
	case now.Add(Soon).After(c.NotAfter):
		f.Kind, f.Summary = "certificate-ends-soon", of+": its certificate ends within 30 days"
		f.Want, f.Why = "30 days more at least", "from that day every client that checks it refuses the connection"
		findings = append(findings, f)
	}
	if c.Subject == c.Issuer {
		f.Kind, f.Summary = "certificate-self-signed", of+": its certificate is vouched for by itself alone"
		f.Want, f.Why = "a certificate of an authority", "a client cannot tell it from anybody else's, so it must trust all or nobody"
		findings = append(findings, f)
	}
	return findings
}
