package observe

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

// IstioNamespace is where istiod and the add-ons run.
const IstioNamespace = "istio-system"

// rootMap is the ConfigMap in which istiod publishes its CA certificate.
const rootMap = "istio-ca-root-cert"

// MeshRoot is the fingerprint of the CA certificate that istiod publishes.
func MeshRoot(ctx context.Context, client *kube.Client) (string, error) {
	published, err := client.Set.CoreV1().ConfigMaps(IstioNamespace).Get(ctx, rootMap, metav1.GetOptions{})
	if err != nil {
		return "", Absent(fmt.Errorf("read the mesh's CA certificate, ConfigMap %s/%s: %w", IstioNamespace, rootMap, err))
	}
	fingerprint, err := Fingerprint([]byte(published.Data["root-cert.pem"]))
	if err != nil {
		return "", evidence.Absent(evidence.Final, fmt.Errorf("read the mesh's CA certificate in ConfigMap %s/%s: %w", IstioNamespace, rootMap, err))
	}
	return fingerprint, nil
}

// Fingerprint is the SHA-256, in hex, of the first certificate of a PEM text.
func Fingerprint(text []byte) (string, error) {
	c, err := Certificate(text)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:]), nil
}

// Certificate is the first certificate of a PEM text.
func Certificate(text []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("no PEM certificate in %d bytes", len(text))
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read PEM certificate: %w", err)
	}
	return c, nil
}
