package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

// removeLimit bounds the removal of a cluster's containers on a busy machine.
const removeLimit = time.Minute

// Delete removes what an entry of kind Cluster, Network or Firewall names,
// finished or half-made; what is gone already is no error. Entries are deleted
// newest first: a cluster's nodes before its network. After nil the caller
// forgets the entry.
//
// Where the entry's engine is a private one that does not run any more, its
// containers go with engine.Stop; here go the traces it left on this machine.
// Another engine has to answer: what is in it cannot be seen otherwise.
func Delete(ctx context.Context, entry journal.Entry) error {
	switch entry.Kind {
	case journal.Cluster:
		return deleteCluster(ctx, entry)
	case journal.Network:
		return deleteNetwork(ctx, entry)
	case journal.Firewall:
		return deleteRule(ctx, entry)
	}
	return fmt.Errorf("journal entry %s %q is not a cluster's", entry.Kind, entry.Name)
}

func deleteCluster(ctx context.Context, entry journal.Entry) error {
	e, err := engineOf(ctx, entry)
	if err != nil {
		return err
	}
	if e != nil {
		if err := removeContainers(ctx, e, "label="+nodeLabel+"="+entry.Name); err != nil {
			return fmt.Errorf("remove the nodes of cluster %s: %w", entry.Name, err)
		}
	}
	if file := entry.Data["kubeconfig"]; file != "" {
		for _, path := range []string{file, file + ".lock"} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove the kubeconfig of cluster %s: %w", entry.Name, err)
			}
		}
	}
	return nil
}

func deleteNetwork(ctx context.Context, entry journal.Entry) error {
	e, err := engineOf(ctx, entry)
	if err != nil {
		return err
	}
	if e == nil {
		link := entry.Data["bridge"]
		if err := deleteLink(link); err != nil || firewall.Available() != nil {
			return err
		}
		return firewall.Forget(ctx, link)
	}
	id, own, err := network(ctx, e, entry.Name)
	if err != nil || id == "" {
		return err
	}
	if !own {
		return fmt.Errorf("container network %s has lost the label %s; look whose it is and remove it by hand", entry.Name, ownLabel)
	}
	// Nothing but nodes of ours belongs into it.
	if err := removeContainers(ctx, e, "network="+id); err != nil {
		return fmt.Errorf("remove what is left in container network %s: %w", entry.Name, err)
	}
	if _, err := e.Docker(ctx, "network", "rm", id); err != nil {
		return fmt.Errorf("remove container network %s: %w", entry.Name, err)
	}
	return nil
}

func deleteRule(ctx context.Context, entry journal.Entry) error {
	var args []string
	if err := json.Unmarshal([]byte(entry.Data["rule"]), &args); err != nil || len(args) < 2 {
		return fmt.Errorf("firewall rule %s: the journal has %q, want a list of iptables arguments", entry.Name, entry.Data["rule"])
	}
	if err := firewall.Available(); err != nil {
		return fmt.Errorf("remove firewall rule %s: %w", entry.Name, err)
	}
	if err := firewall.Remove(ctx, args); err != nil {
		return fmt.Errorf("remove firewall rule %s: %w", entry.Name, err)
	}
	return nil
}

// engineOf returns the engine an entry was made in; nil when it was a private one that is gone.
func engineOf(ctx context.Context, entry journal.Entry) (*engine.Engine, error) {
	e, err := engine.At(ctx, entry.Data["host"])
	if err == nil {
		return e, nil
	}
	if entry.Data["private"] == "true" && ctx.Err() == nil {
		return nil, nil
	}
	return nil, fmt.Errorf("%s %s is in the container engine %s, which does not answer; start it and run down again: %w",
		entry.Kind, entry.Name, entry.Data["host"], err)
}

// removeContainers removes all that match the filter with their volumes, until
// none has been there for a while: one whose maker was killed may come late,
// and one that fails to start is there for a moment.
func removeContainers(ctx context.Context, e *engine.Engine, filter string) error {
	const quiet = 3 // looks in a row that find nothing
	empty := 0
	var last error
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, removeLimit, true, func(ctx context.Context) (bool, error) {
		all, err := containers(ctx, e, filter)
		if err != nil {
			return false, err
		}
		if len(all) == 0 {
			empty++
			return empty == quiet, nil
		}
		empty = 0
		args := []string{"rm", "--force", "--volumes"}
		for _, c := range all {
			args = append(args, c.id)
		}
		_, last = e.Docker(ctx, args...)
		return false, nil
	})
	if err != nil {
		return errors.Join(err, last)
	}
	return nil
}
