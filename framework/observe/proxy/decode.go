package proxy

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// syncStatus is one entry of istiod's /debug/syncz (pilot/pkg/xds/debug.go,
// type SyncStatus): nonces of what was sent and acknowledged last.
type syncStatus struct {
	Proxy         string `json:"proxy"` // "POD.NAMESPACE"
	ProxyType     string `json:"proxy_type"`
	ClusterSent   string `json:"cluster_sent"`
	ClusterAcked  string `json:"cluster_acked"`
	ListenerSent  string `json:"listener_sent"`
	ListenerAcked string `json:"listener_acked"`
	RouteSent     string `json:"route_sent"`
	RouteAcked    string `json:"route_acked"`
	EndpointSent  string `json:"endpoint_sent"`
	EndpointAcked string `json:"endpoint_acked"`
	// Resources are by type URL.
	Resources map[string]struct {
		LastError string `json:"lastError"`
	} `json:"resources"`
}

// kinds are Envoy's types by the last part of their URL.
var kinds = map[string]string{
	"Cluster": "CDS", "Listener": "LDS", "RouteConfiguration": "RDS", "ClusterLoadAssignment": "EDS",
}

// decodeSync reads /debug/syncz. An istiod that no proxy is connected to answers [].
func decodeSync(body []byte) ([]evidence.Proxy, error) {
	var list *[]syncStatus
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("%w: %s", err, cut(string(body)))
	}
	if list == nil {
		return nil, fmt.Errorf("null, not a list of proxies")
	}
	var found []evidence.Proxy
	for i, s := range *list {
		// A pod's name may hold dots, a namespace's may not.
		dot := strings.LastIndex(s.Proxy, ".")
		if dot < 1 || dot == len(s.Proxy)-1 {
			return nil, fmt.Errorf("[%d].proxy is %q, not POD.NAMESPACE", i, s.Proxy)
		}
		pod, namespace := s.Proxy[:dot], s.Proxy[dot+1:]
		if s.ProxyType != "" && s.ProxyType != "sidecar" {
			continue
		}
		p := evidence.Proxy{Pod: pod, Namespace: namespace, Sync: map[string]string{
			"CDS": synced(s.ClusterSent, s.ClusterAcked),
			"LDS": synced(s.ListenerSent, s.ListenerAcked),
			"RDS": synced(s.RouteSent, s.RouteAcked),
			"EDS": synced(s.EndpointSent, s.EndpointAcked),
		}}
		for url, r := range s.Resources {
			if r.LastError == "" {
				continue
			}
			if p.Rejected == nil {
				p.Rejected = map[string]string{}
			}
			p.Rejected[kind(url)] = r.LastError
		}
		found = append(found, p)
	}
	return found, nil
}

func kind(url string) string {
	name := url[strings.LastIndex(url, ".")+1:]
	if short, ok := kinds[name]; ok {
		return short
	}
	return name
}

// synced puts two nonces in the words of istioctl proxy-status.
func synced(sent, acked string) string {
	switch sent {
	case "":
		return "NOT SENT"
	case acked:
		return "SYNCED"
	}
	return "STALE"
}

// addRejects adds up pilot_total_xds_rejects by type. istiod writes the metric
// only after the first rejection.
func addRejects(metrics string, rejects map[string]float64) error {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(metrics))
	if err != nil {
		return err
	}
	if len(families) == 0 {
		return fmt.Errorf("no metrics: %s", cut(metrics))
	}
	counter := families["pilot_total_xds_rejects"]
	if kind := counter.GetType().String(); counter != nil && kind != "COUNTER" && kind != "UNTYPED" {
		return fmt.Errorf("pilot_total_xds_rejects is a %s, not a counter", kind)
	}
	for _, metric := range counter.GetMetric() {
		name := "unknown type"
		for _, l := range metric.GetLabel() {
			if l.GetName() == "type" {
				name = l.GetValue()
			}
		}
		count := metric.GetCounter().GetValue() + metric.GetUntyped().GetValue()
		if !(count >= 0) || math.IsInf(count, 1) {
			return fmt.Errorf("pilot_total_xds_rejects of type %s is %g, no count", name, count)
		}
		rejects[name] += count
	}
	return nil
}

// secret is one entry of Envoy's config_dump?resource=dynamic_active_secrets.
// Bytes are base64 of PEM; private keys are redacted by Envoy.
type secret struct {
	Name   string `json:"name"`
	Secret struct {
		TLSCertificate struct {
			CertificateChain inline `json:"certificate_chain"`
		} `json:"tls_certificate"`
		ValidationContext struct {
			TrustedCA inline `json:"trusted_ca"`
		} `json:"validation_context"`
	} `json:"secret"`
}

type inline struct {
	Bytes []byte `json:"inline_bytes"`
}

// decodeSecrets fills in the proxy's own certificate (secret "default") and the
// CA it trusts ("ROOTCA"); both must be there.
func decodeSecrets(dump []byte, p *evidence.Proxy) error {
	var answer struct {
		Configs []secret `json:"configs"`
	}
	if err := json.Unmarshal(dump, &answer); err != nil {
		return fmt.Errorf("%w: %s", err, cut(string(dump)))
	}
	var own, root bool
	for _, s := range answer.Configs {
		switch s.Name {
		case "default":
			leaf, err := observe.Certificate(s.Secret.TLSCertificate.CertificateChain.Bytes)
			if err != nil {
				return fmt.Errorf("secret default: %w", err)
			}
			own, p.NotBefore, p.NotAfter = true, leaf.NotBefore, leaf.NotAfter
			if len(leaf.URIs) > 0 {
				p.Identity = leaf.URIs[0].String()
			}
		case "ROOTCA":
			fingerprint, err := observe.Fingerprint(s.Secret.ValidationContext.TrustedCA.Bytes)
			if err != nil {
				return fmt.Errorf("secret ROOTCA: %w", err)
			}
			root, p.Root = true, fingerprint
		}
	}
	if !own || !root {
		return fmt.Errorf("the proxy holds no secret default or none named ROOTCA yet")
	}
	return nil
}

func cut(text string) string {
	const limit = 200
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}
