package cluster

import (
	"context"
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/engine"
)

// ownLabel marks the container network of a cluster of ours; kind itself puts no label of ours on the nodes.
const ownLabel = kube.ManagedBy + "=" + kube.Manager

// container is one container of an engine.
type container struct{ id, name, state string }

// containers lists those of the engine that match the filter, stopped ones too.
func containers(ctx context.Context, e *engine.Engine, filter string) ([]container, error) {
	text, err := e.Docker(ctx, "ps", "--all", "--no-trunc", "--filter", filter, "--format", "{{.ID}}\t{{.Names}}\t{{.State}}")
	if err != nil {
		return nil, fmt.Errorf("list containers with %s: %w", filter, err)
	}
	return parseContainers(text)
}

// nodes lists the containers of the cluster's nodes.
func (o *Options) nodes(ctx context.Context) ([]container, error) {
	return containers(ctx, o.Engine, "label="+nodeLabel+"="+o.Name)
}

func parseContainers(text string) ([]container, error) {
	var all []container
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("list containers: line %q has %d fields, want id, name, state", line, len(fields))
		}
		all = append(all, container{id: fields[0], name: fields[1], state: fields[2]})
	}
	return all, nil
}

func names(all []container) string {
	list := make([]string, len(all))
	for i, c := range all {
		list[i] = c.name
	}
	return strings.Join(list, ", ")
}

func imageID(ctx context.Context, e *engine.Engine, image string) (string, error) {
	id, err := e.Docker(ctx, "image", "inspect", "--format", "{{.Id}}", image)
	if err != nil {
		return "", fmt.Errorf("node image %s is not in the container engine %s; build it first: %w", image, e.Host, err)
	}
	return id, nil
}

// network returns the id and our-ness of the network with exactly this name; "" when there is none.
func network(ctx context.Context, e *engine.Engine, name string) (id string, own bool, err error) {
	text, err := e.Docker(ctx, "network", "ls", "--no-trunc", "--filter", "name=^"+name+"$",
		"--format", `{{.ID}} {{.Label "`+kube.ManagedBy+`"}}`)
	if err != nil {
		return "", false, fmt.Errorf("look for container network %s: %w", name, err)
	}
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return "", false, nil
	}
	return fields[0], len(fields) > 1 && fields[1] == kube.Manager, nil
}

// makeNetwork makes the cluster's own network before kind, which would make
// one without our label. It is IPv4 only, so that one packet filter guards the way out.
func makeNetwork(ctx context.Context, o *Options) error {
	id, own, err := network(ctx, o.Engine, o.Name)
	if err != nil {
		return err
	}
	if id != "" && !own {
		return fmt.Errorf("a container network %s is there that meshcert did not make; give the cluster another name or remove the network", o.Name)
	}
	link := bridge(o.Engine.Host, o.Name)
	if err := o.Journal.Intend(networkEntry(o.Engine, o.Name)); err != nil {
		return err
	}
	if id != "" {
		return nil
	}
	_, err = o.Engine.Docker(ctx, "network", "create", "--driver", "bridge", "--label", ownLabel,
		"--opt", "com.docker.network.bridge.name="+link, o.Name)
	if err != nil {
		return fmt.Errorf("make container network %s: %w", o.Name, err)
	}
	return nil
}

func networkEntry(e *engine.Engine, name string) journal.Entry {
	return journal.Entry{Kind: journal.Network, Name: name, Data: map[string]string{
		"host": e.Host, "private": fmt.Sprint(e.Private), "bridge": bridge(e.Host, name),
	}}
}

// Owned finds by label what meshcert has in an engine, as journal entries that
// Delete takes, in the order they were made. It is for an inventory, and for a
// journal that was lost.
func Owned(ctx context.Context, e *engine.Engine) ([]journal.Entry, error) {
	text, err := e.Docker(ctx, "network", "ls", "--filter", "label="+ownLabel, "--format", "{{.Name}}")
	if err != nil {
		return nil, fmt.Errorf("list the container networks of meshcert: %w", err)
	}
	var all []journal.Entry
	for _, name := range strings.Fields(text) {
		all = append(all, networkEntry(e, name))
		for _, r := range rules(e.Host, name) {
			all = append(all, r.entry())
		}
		all = append(all, journal.Entry{Kind: journal.Cluster, Name: name, Data: map[string]string{
			"host": e.Host, "private": fmt.Sprint(e.Private),
		}})
	}
	return all, nil
}
