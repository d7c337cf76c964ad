package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

// corefileAnnotation on CoreDNS's pods names the configuration they were started with.
const corefileAnnotation = "meshcert.onap.org/corefile"

// answerNothing is the CoreDNS block that answers "no such name" (plugin template)
// to all that the plugins before it do not answer.
const answerNothing = "    template ANY ANY {\n        rcode NXDOMAIN\n    }\n"

// closeNames makes the cluster's DNS answer for its own names only. A firewall
// rule cannot do that: the nodes' resolver is the container engine itself,
// which asks from outside the network. New pods with the new configuration take
// the place of the old ones, so that no pod answers by the old one afterwards.
func (c *Cluster) closeNames(ctx context.Context) error {
	var closed string
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		m, err := c.Kube.Set.CoreV1().ConfigMaps("kube-system").Get(ctx, "coredns", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if closed, err = closedCorefile(m.Data["Corefile"]); err != nil {
			return err
		}
		m.Data["Corefile"] = closed
		_, err = c.Kube.Set.CoreV1().ConfigMaps("kube-system").Update(ctx, m, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("close the names outside in ConfigMap kube-system/coredns: %w", err)
	}
	sum := sha256.Sum256([]byte(closed))
	patch := fmt.Sprintf(`{"spec":{"template":{"metadata":{"annotations":{%q:%q}}}}}`, corefileAnnotation, hex.EncodeToString(sum[:8]))
	_, err = c.Kube.Set.AppsV1().Deployments("kube-system").Patch(ctx, "coredns", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		return fmt.Errorf("restart Deployment kube-system/coredns: %w", err)
	}
	return nil
}

func (c *Cluster) corefile(ctx context.Context) (string, error) {
	m, err := c.Kube.Set.CoreV1().ConfigMaps("kube-system").Get(ctx, "coredns", metav1.GetOptions{})
	if err != nil {
		return "", fmt.Errorf("read ConfigMap kube-system/coredns: %w", err)
	}
	return m.Data["Corefile"], nil
}

// closedCorefile puts answerNothing in the place of each forward block. A
// configuration that is closed already comes back as it is.
func closedCorefile(text string) (string, error) {
	var out strings.Builder
	found, skipping := strings.Contains(text, answerNothing), false
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case skipping:
			skipping = !(len(words) > 0 && words[0] == "}")
		case len(words) > 0 && words[0] == "forward":
			found, skipping = true, words[len(words)-1] == "{"
			out.WriteString(answerNothing)
		default:
			out.WriteString(line)
		}
	}
	if !found || skipping {
		return "", fmt.Errorf("Corefile has no forward block that ends: %q", text)
	}
	return out.String(), nil
}

// forwards says whether a CoreDNS configuration asks others.
func forwards(corefile string) bool {
	for line := range strings.Lines(corefile) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == "forward" {
			return true
		}
	}
	return false
}
