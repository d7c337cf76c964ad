package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

// Egress is the state of a cluster's way out.
type Egress struct {
	// Closed says that packets to addresses outside the cluster's network are
	// rejected and that its DNS answers for no name outside.
	Closed bool `json:"closed"`
	// Rejected is how many packets tried to leave since the cluster was made. Some
	// do while it starts, before kube-proxy knows the API server's Service: compare two readings.
	Rejected int `json:"rejected"`
	// Rules are the firewall rules that close it, as the arguments after "iptables -I".
	Rules []string `json:"rules"`
}

// rule is one firewall rule of a cluster. Its comment is its name in the journal and in the counters.
type rule struct {
	comment string
	args    []string
}

func (r rule) chain() string { return r.args[0] }

func (r rule) entry() journal.Entry {
	text, _ := json.Marshal(r.args) // strings always marshal
	return journal.Entry{Kind: journal.Firewall, Name: r.comment, Data: map[string]string{"rule": string(text)}}
}

// rules close the way out of a cluster. The first keeps what would leave the
// network from being forwarded: DOCKER-USER is the chain that engines leave to
// others, and asks before their own rules. The second keeps new connections
// from the nodes to this machine's own addresses away; what the machine itself
// asked the nodes for comes back. Traffic inside the network meets neither.
func rules(host, name string) []rule {
	link := bridge(host, name)
	forward, input := "meshcert-"+link+"-forward", "meshcert-"+link+"-input"
	return []rule{
		{forward, []string{"DOCKER-USER", "-i", link, "!", "-o", link, "-m", "comment", "--comment", forward, "-j", "REJECT"}},
		{input, []string{"INPUT", "-i", link, "-m", "conntrack", "--ctstate", "NEW", "-m", "comment", "--comment", input, "-j", "REJECT"}},
	}
}

// closeWayOut records and sets the rules. The network's bridge has to be an interface of this machine.
func closeWayOut(ctx context.Context, o *Options) error {
	if err := canClose(o.Engine.Host, o.Name); err != nil {
		return fmt.Errorf("the way out of cluster %s cannot be closed: %w; --open-egress runs without that", o.Name, err)
	}
	for _, r := range rules(o.Engine.Host, o.Name) {
		if err := o.Journal.Intend(r.entry()); err != nil {
			return err
		}
		if err := firewall.Insert(ctx, r.args); err != nil {
			return fmt.Errorf("close the way out of cluster %s (--open-egress runs without that): %w", o.Name, err)
		}
	}
	return nil
}

func canClose(host, name string) error {
	if err := firewall.Available(); err != nil {
		return err
	}
	if _, err := net.InterfaceByName(bridge(host, name)); err != nil {
		return errors.New("its network is not on this machine, as with a rootless engine, a remote one or one in a virtual machine")
	}
	return nil
}

// Egress says whether the way out is closed, and how many packets tried it. It
// needs root for a cluster of ours; of a real cluster it says that it is open.
func (c *Cluster) Egress(ctx context.Context) (Egress, error) {
	if !c.Owned {
		return Egress{}, nil
	}
	e := Egress{Closed: true}
	for _, r := range rules(c.host, c.Name) {
		packets, found, err := firewall.Packets(ctx, r.chain(), r.comment)
		if err != nil {
			return Egress{}, fmt.Errorf("read the way out of cluster %s: %w", c.Name, err)
		}
		e.Closed = e.Closed && found
		if found {
			e.Rejected += packets
			e.Rules = append(e.Rules, strings.Join(r.args, " "))
		}
	}
	corefile, err := c.corefile(ctx)
	if err != nil {
		return Egress{}, err
	}
	e.Closed = e.Closed && !forwards(corefile)
	return e, nil
}
