package firewall

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const listing = `-N DOCKER-USER
-A DOCKER-USER -i mc-1 ! -o mc-1 -m comment --comment meshcert-mc-1-forward -c 7 420 -j REJECT --reject-with icmp-port-unreachable
-A DOCKER-USER -i mc-2 ! -o mc-2 -m comment --comment "meshcert-mc-2-forward" -c 1 60 -j REJECT --reject-with icmp-port-unreachable
-A DOCKER-USER -c 90 5400 -j RETURN
`

func TestPackets(t *testing.T) {
	for _, c := range []struct {
		name, text, comment string
		packets             int
		found, fails        bool
	}{
		{"plain", listing, "meshcert-mc-1-forward", 7, true, false},
		{"quoted", listing, "meshcert-mc-2-forward", 1, true, false},
		{"another's rules only", listing, "meshcert-mc-3-forward", 0, false, false},
		{"empty chain", "-N DOCKER-USER\n", "x", 0, false, false},
		{"no counter", "-A INPUT -m comment --comment x -j REJECT\n", "x", 0, false, true},
		{"counter is no number", "-A INPUT -m comment --comment x -c many 1 -j REJECT\n", "x", 0, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			packets, found, err := parsePackets(c.text, c.comment)
			if packets != c.packets || found != c.found || (err != nil) != c.fails {
				t.Errorf("got %d, %v, %v; want %d, %v, error %v", packets, found, err, c.packets, c.found, c.fails)
			}
		})
	}
}

func TestRemoval(t *testing.T) {
	// What dockerd 20.10 leaves in the two tables, among rules of others.
	filter := `-P INPUT ACCEPT
-P FORWARD DROP
-N DOCKER
-N DOCKER-USER
-N MINE
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i wg0 -m comment --comment "keep me" -j MINE
-A DOCKER-USER -j RETURN
`
	want := [][]string{
		{"-D", "FORWARD", "-j", "DOCKER-USER"},
		{"-D", "FORWARD", "-o", "docker0", "-j", "DOCKER"},
		{"-F", "DOCKER"}, {"-F", "DOCKER-USER"},
		{"-X", "DOCKER"}, {"-X", "DOCKER-USER"},
	}
	if diff := cmp.Diff(want, removal(filter)); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	if got := removal("-P INPUT ACCEPT\n-N DOCKERISH\n-A INPUT -j DOCKERISH\n"); got != nil {
		t.Errorf("another's chain would be removed: %v", got)
	}
	if got := policy(filter); got != "DROP" {
		t.Errorf("FORWARD policy is %q, want DROP", got)
	}
}

func TestRestoreLeavesAnothersChains(t *testing.T) {
	// Were it to run a command, the made-up policy would be an error (or this test not root).
	if err := Restore(context.Background(), Footprint{Chains: true, Policy: map[string]string{"iptables": "NONSENSE"}}); err != nil {
		t.Errorf("Restore touched the firewall of another engine: %v", err)
	}
}

func TestNaming(t *testing.T) {
	nat := `-P POSTROUTING ACCEPT
-A POSTROUTING -s 172.30.0.0/24 ! -o mc-1 -j MASQUERADE
-A POSTROUTING -s 172.30.1.0/24 ! -o mc-11 -j MASQUERADE
-A FORWARD -i mc-1 -m comment --comment "a" -j ACCEPT
`
	want := [][]string{
		{"POSTROUTING", "-s", "172.30.0.0/24", "!", "-o", "mc-1", "-j", "MASQUERADE"},
		{"FORWARD", "-i", "mc-1", "-m", "comment", "--comment", "a", "-j", "ACCEPT"},
	}
	if diff := cmp.Diff(want, naming(nat, "mc-1")); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}
