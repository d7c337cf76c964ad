package kindconfig

import (
	"io/fs"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"
)

func TestConfigurations(t *testing.T) {
	nodes := map[string][]v1alpha4.NodeRole{
		"single.yaml":     {v1alpha4.ControlPlaneRole},
		"multi-node.yaml": {v1alpha4.ControlPlaneRole, v1alpha4.WorkerRole},
	}
	files, err := fs.Glob(Files, "*")
	if err != nil || len(files) != len(nodes) {
		t.Fatalf("got %v, %v; want the files of %v", files, err, nodes)
	}
	for _, name := range files {
		text, err := Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var c v1alpha4.Cluster
		if err := yaml.UnmarshalStrict(text, &c); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c.Name != "" {
			t.Errorf("%s names the cluster %s; the name is the user's", name, c.Name)
		}
		if c.Networking.APIServerAddress != "127.0.0.1" || c.Networking.APIServerPort != 0 || c.Networking.IPFamily != v1alpha4.IPv4Family {
			t.Errorf("%s: networking %+v; want IPv4, and the API server on a free port of this machine only", name, c.Networking)
		}
		if c.Networking.DNSSearch == nil || len(*c.Networking.DNSSearch) != 0 {
			t.Errorf("%s lets the machine's search domains in", name)
		}
		want := nodes[name]
		if len(c.Nodes) != len(want) {
			t.Errorf("%s has %d nodes, want %d", name, len(c.Nodes), len(want))
			continue
		}
		for i, n := range c.Nodes {
			if n.Role != want[i] {
				t.Errorf("%s: node %d is %s, want %s", name, i, n.Role, want[i])
			}
		}
	}
}
