package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
)

// corefileAnnotation on CoreDNS's pods names the configuration they were started with.
const corefileAnnotation = "meshcert.onap.org/corefile"

// outside is the CoreDNS server that answers "no such name" to every name that
// no other server has. It is one of its own because in one server the plugin
// template answers before the plugin kubernetes (coredns, plugin.cfg).
const outside = `.:53 {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
`

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

// closedCorefile gives kubeadm's server for all names the cluster's own zones
// only, asks no other resolver, and adds the server outside. What is closed
// already comes back as it is.
func closedCorefile(text string) (string, error) {
	if strings.HasSuffix(text, outside) && !forwards(text) {
		return text, nil
	}
	own, err := zones(text)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	head, forward, skipping := false, false, false
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case skipping:
			skipping = !slices.Equal(words, []string{"}"})
		case slices.Equal(words, []string{".:53", "{"}):
			head = true
			out.WriteString(strings.Join(own, ":53 ") + ":53 {\n")
		case len(words) > 0 && words[0] == "forward":
			forward, skipping = true, words[len(words)-1] == "{"
		case len(words) > 0 && words[0] == "fallthrough":
			// There is nothing left to fall through to.
		default:
			out.WriteString(line)
		}
	}
	if !head || !forward || skipping || strings.Contains(text, outside) {
		return "", fmt.Errorf("the Corefile is not kubeadm's (a server .:53 with the plugins kubernetes and forward): %q", text)
	}
	return out.String() + outside, nil
}

// zones are the ones the plugin kubernetes answers for, such as cluster.local and in-addr.arpa.
func zones(corefile string) ([]string, error) {
	for line := range strings.Lines(corefile) {
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "kubernetes" {
			return slices.DeleteFunc(words[1:], func(w string) bool { return w == "{" }), nil
		}
	}
	return nil, fmt.Errorf("the Corefile has no plugin kubernetes with its zones: %q", corefile)
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
