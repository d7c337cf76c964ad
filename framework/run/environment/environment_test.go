package environment

import (
	"context"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/provision/chart"
	"github.com/onap/meshcert/framework/provision/cluster"
	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/report"
)

// digest is a digest of one repeated digit.
func digest(digit string) string { return "sha256:" + strings.Repeat(digit, 64) }

func pod(workload string, ready bool, containers ...evidence.Container) evidence.Pod {
	return evidence.Pod{Name: workload + "-1", Workload: workload, Ready: ready, Containers: containers}
}

// gone is a cluster whose API server does not answer any more.
func gone(t *testing.T) *cluster.Cluster {
	t.Helper()
	server := httptest.NewServer(nil)
	server.Close()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{"gone": {Server: server.URL}}, Contexts: map[string]*clientcmdapi.Context{"gone": {Cluster: "gone"}}, CurrentContext: "gone",
	}, file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := cluster.Existing(file, "")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDescribeWhatIsGone: what cannot be looked at is noted, one note a part, and
// the rest is described all the same.
func TestDescribeWhatIsGone(t *testing.T) {
	seen, notes := Describe(t.Context(), Source{
		Release: "casablanca", Cluster: gone(t), Images: image.OpenStore(t.TempDir()),
		Plan: func(context.Context) (*onap.Plan, error) { return nil, errors.New("no charts") },
	})
	want := []string{"the charts of this run", "the cluster", "Istio", "the injector", "pods", "the Helm releases"}
	var got []string
	for _, note := range notes {
		what, why, _ := strings.Cut(note, " could not be looked at for the report: ")
		if got = append(got, what); why == "" {
			t.Errorf("note %q says no reason", note)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	if seen.Release != "casablanca" || seen.Host == nil || seen.Host.CPUs < 1 || seen.Host.MemoryBytes <= 0 || seen.Host.Kernel == "" {
		t.Errorf("release %q, host %+v", seen.Release, seen.Host)
	}
	if seen.Kubernetes != "" || seen.Istio != "" || seen.Egress != "" || seen.Images != nil {
		t.Errorf("described although nothing answered: %+v", seen)
	}
}

// TestStrange: changes are only told of charts that are the ones installed.
func TestStrange(t *testing.T) {
	plan := &onap.Plan{Releases: []chart.Release{
		{Name: "msb", Namespace: "onap", Origin: chart.Origin{Chart: digest("a"), Values: digest("b")}},
		{Name: "vfc", Namespace: "onap", Origin: chart.Origin{Chart: digest("c"), Values: digest("d")}},
	}}
	installed := []report.Chart{
		{Release: "msb", Namespace: "onap", Digest: digest("a"), ValuesDigest: digest("b")},
		{Release: "vfc", Namespace: "onap", Digest: digest("c"), ValuesDigest: digest("e")},
	}
	if diff := cmp.Diff([]string{"vfc"}, strange(plan, installed)); diff != "" {
		t.Errorf("other values (-want +got):\n%s", diff)
	}
	installed[1].ValuesDigest = digest("d")
	if got := strange(plan, installed); got != nil {
		t.Errorf("all as planned: %v", got)
	}
}
