// Package cluster makes, finds and removes the Kubernetes cluster that a run
// works on: a kind cluster of our own, or a real one that is only looked at.
//
// It guarantees that a kind cluster has a container network of its own with no
// way out (unless that was asked for), a kubeconfig of its own, and an entry in
// the journal before any part of it exists; that no other cluster, network or
// kubeconfig is read or changed; and that Delete removes also a half-made one.
//
// The kind library knows the container engine only through its process's
// environment, runs to its end without asking a context, and starts the docker
// command line tool. So Create and Load are called in a child process that got
// the variables of Env, and that the parent can kill with its process group;
// they refuse to work without these variables. Find, Delete, Egress and Owned
// work in any process.
package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/kindconfig"
)

// Options describe the kind cluster that is wanted.
type Options struct {
	// Name is the cluster's, its network's and the journal entry's: small letters, digits and hyphens, at most 40.
	Name string
	// Config is the name of a configuration in kindconfig: "single" or "multi-node".
	Config string
	// NodeImage is the nodes' image; the engine has to hold it already.
	NodeImage string
	// Kubeconfig is the absolute path of the cluster's own kubeconfig.
	Kubeconfig string
	// EgressOpen leaves the way out of the cluster open.
	EgressOpen bool
	Engine     *engine.Engine
	Journal    *journal.Journal
	// Log gets one line a step; nil is allowed.
	Log func(string)
	// Meanwhile, when set, is done by Create while the nodes become Ready: what
	// needs a node's container runtime and API server only, such as Load.
	Meanwhile func(context.Context, *Cluster) error
}

// Cluster is a cluster that answers.
type Cluster struct {
	// Name is the kind cluster's name; empty for a real cluster.
	Name       string
	Kubeconfig string
	Context    string
	// Owned says that meshcert made it and may change and remove it.
	Owned bool
	// Kube talks to its API server.
	Kube *kube.Client

	host string // DOCKER_HOST of the engine its nodes are in
	log  func(string)
}

// ErrNone says that there is no cluster of the wanted name.
var ErrNone = errors.New("no such cluster")

// ErrUnfit says that a cluster of ours is there and cannot be used as it is
// wanted: half-made, stopped, or made in another way. It has to be deleted first.
var ErrUnfit = errors.New("the cluster does not fit")

const (
	// nodeLabel is what kind puts on the containers of a cluster (kind, pkg/cluster/internal/providers/docker/constants.go).
	nodeLabel = "io.x-k8s.kind.cluster"
	// networkVariable tells kind the container network to use.
	networkVariable = "KIND_EXPERIMENTAL_DOCKER_NETWORK"
)

// Existing returns a real cluster of which meshcert owns nothing. An empty
// context is the kubeconfig's current one.
func Existing(kubeconfig, contextName string) (*Cluster, error) {
	client, err := kube.New(kubeconfig, contextName)
	if err != nil {
		return nil, err
	}
	return &Cluster{Kubeconfig: kubeconfig, Context: contextName, Kube: client, log: func(string) {}}, nil
}

// Env returns the environment variables ("KEY=value") for the child process
// that calls Create or Load for the cluster of this name.
func Env(e *engine.Engine, name string) []string {
	return append(e.Env(), networkVariable+"="+name)
}

var validName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

func (o *Options) validate() error {
	if !validName.MatchString(o.Name) {
		return fmt.Errorf("cluster name %q: want small letters, digits and hyphens, at most 40", o.Name)
	}
	if !filepath.IsAbs(o.Kubeconfig) {
		return fmt.Errorf("kubeconfig %q of cluster %s: want an absolute path", o.Kubeconfig, o.Name)
	}
	if _, err := configuration(o.Config); err != nil {
		return err
	}
	if o.Log == nil {
		o.Log = func(string) {}
	}
	return nil
}

// configuration returns the kind configuration of the name.
func configuration(name string) ([]byte, error) {
	text, err := kindconfig.Files.ReadFile(name + ".yaml")
	if !errors.Is(err, fs.ErrNotExist) && err != nil {
		return nil, fmt.Errorf("read kind configuration %q: %w", name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("kind configuration %q is unknown; there are %s", name, strings.Join(Configs(), ", "))
	}
	return text, nil
}

// Configs lists the names that Options.Config takes.
func Configs() []string {
	files, _ := fs.Glob(kindconfig.Files, "*.yaml") // the pattern is well-formed, the only error there is
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".yaml")
	}
	slices.Sort(files)
	return files
}

// checkProcess refuses to let kind work on an engine or network that is not the wanted one.
func checkProcess(host, name string) error {
	for key, want := range map[string]string{"DOCKER_HOST": host, networkVariable: name} {
		if got := os.Getenv(key); got != want {
			return fmt.Errorf("this process has %s=%q, want %q: kind works in a child process with the variables of cluster.Env", key, got, want)
		}
	}
	return nil
}

// bridge is the name of the network's interface on this machine, known before
// the network exists, so that its firewall rules can be recorded before. At most 15 characters.
func bridge(host, name string) string {
	sum := sha256.Sum256([]byte(host + "\n" + name))
	return "mc-" + hex.EncodeToString(sum[:5])
}

func contextName(name string) string { return "kind-" + name }

// entry is the journal's record of the cluster; Find compares it with what is wanted.
func (o *Options) entry(imageID string, ready bool) journal.Entry {
	return journal.Entry{Kind: journal.Cluster, Name: o.Name, Data: map[string]string{
		"host": o.Engine.Host, "private": fmt.Sprint(o.Engine.Private), "kubeconfig": o.Kubeconfig,
		"config": o.Config, "image": imageID, "open": fmt.Sprint(o.EgressOpen), "ready": fmt.Sprint(ready),
	}}
}

// Find returns the finished cluster that fits the options, closes its way out
// again where a restart of the machine opened it, and checks that it answers.
// The error is ErrNone when there is none, and ErrUnfit with the reason when
// one of ours has to be deleted first. Another's cluster of the same name is another error.
func Find(ctx context.Context, o Options) (*Cluster, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	nodes, err := o.nodes(ctx)
	if err != nil {
		return nil, err
	}
	e, known, err := recorded(o.Journal, o.Name)
	switch {
	case err != nil:
		return nil, err
	case !known && len(nodes) > 0:
		return nil, fmt.Errorf("a kind cluster %s is there that meshcert did not make (its nodes: %s); give another name or remove it", o.Name, names(nodes))
	case !known:
		return nil, ErrNone
	}
	id, err := imageID(ctx, o.Engine, o.NodeImage)
	if err != nil {
		return nil, err
	}
	if why := unfit(e.Data, o.entry(id, true).Data, nodes); why != "" {
		return nil, fmt.Errorf("%w: %s: %s", ErrUnfit, o.Name, why)
	}
	if !o.EgressOpen {
		if err := closeWayOut(ctx, &o); err != nil {
			return nil, err
		}
	}
	c, err := connect(&o)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnfit, o.Name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if _, err := c.Kube.Set.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx); err != nil {
		return nil, fmt.Errorf("%w: %s: its API server does not answer: %w", ErrUnfit, o.Name, err)
	}
	return c, nil
}

// unfit says how the recorded cluster and its nodes differ from what is wanted; "" when they do not.
func unfit(is, want map[string]string, nodes []container) string {
	if is["ready"] != "true" {
		return "it was never finished"
	}
	for _, field := range []struct{ key, what string }{
		{"host", "container engine"}, {"config", "configuration"}, {"image", "node image"},
		{"kubeconfig", "kubeconfig"}, {"open", "open way out"},
	} {
		if is[field.key] != want[field.key] {
			return fmt.Sprintf("%s is %s, want %s", field.what, is[field.key], want[field.key])
		}
	}
	if len(nodes) == 0 {
		return "its nodes are gone"
	}
	for _, n := range nodes {
		if n.state != "running" {
			return fmt.Sprintf("node %s is %s", n.name, n.state)
		}
	}
	return ""
}

func recorded(j *journal.Journal, name string) (journal.Entry, bool, error) {
	all, err := j.Entries()
	if err != nil {
		return journal.Entry{}, false, err
	}
	i := slices.IndexFunc(all, func(e journal.Entry) bool { return e.Kind == journal.Cluster && e.Name == name })
	if i < 0 {
		return journal.Entry{}, false, nil
	}
	return all[i], true, nil
}

func connect(o *Options) (*Cluster, error) {
	client, err := kube.New(o.Kubeconfig, contextName(o.Name))
	if err != nil {
		return nil, err
	}
	return &Cluster{Name: o.Name, Kubeconfig: o.Kubeconfig, Context: contextName(o.Name), Owned: true,
		Kube: client, host: o.Engine.Host, log: o.Log}, nil
}
