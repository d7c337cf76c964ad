package doctor

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/mod/semver"
)

// Needs is what a run is going to ask of this machine.
type Needs struct {
	// Cache and State are the folders of config.Places.
	Cache, State string
	// Source is the checkout with the image recipes; empty when there is none.
	Source string
	// Build says that images are built from packages, and Built that they are in the cache already.
	Build, Built bool
	// EngineHost is the user's DOCKER_HOST; empty when none is set.
	EngineHost string
	// Sidecars is how many proxies run at one time.
	Sidecars int
	// EgressOpen says that the cluster's way out stays open.
	EgressOpen bool
}

// Facts are what the readers found on this machine. An error beside a value says that it could not be read.
type Facts struct {
	Engine   Engine
	Root     bool
	Firewall error // why firewall rules cannot be set; nil when they can
	CPUs     int
	Memory   Space // of main memory, what can be had without swapping
	Disks    []Disk
	Inotify  Inotify
	Go       Go
	Recipes  bool // the checkout has fixtures/images
}

// Engine is what is known of container engines.
type Engine struct {
	// Host and Version are the engine's that answers; empty when none does.
	Host, Version string
	Private       bool
	// Problem is why the engine of DOCKER_HOST does not answer, or why none can be started; nil otherwise.
	Problem error
	// Do is what to do about Problem.
	Do string
}

// Space is an amount of bytes.
type Space struct {
	Bytes int64
	Err   error
}

// Disk is the file system under a folder.
type Disk struct {
	// Device tells file systems apart: folders on one share its free bytes.
	Device uint64
	Folder string
	Free   Space
}

// Inotify is the kernel's limit of inotify instances a user, and how many the
// sidecars' user has already.
type Inotify struct {
	Limit, Used int
	Err         error
}

// Go is the Go toolchain.
type Go struct {
	// Version is as "go version" prints it without the prefix, for example "1.26.0".
	Version string
	Err     error
}

// The limits, with where they come from.
const (
	// MinCPUs: the whole environment was measured on two cores; with one, probes time out.
	MinCPUs = 2
	// MinMemory: two nodes take 0.7 GB, 31 sidecars 1.6 GB, stand-ins and add-ons about 1.5 GB (measured).
	MinMemory = 6 << 30
	// firstBuild is what the first build from packages takes, Go's caches and the engine's data included; laterRun what one run takes.
	firstBuild = 25 << 30
	laterRun   = 6 << 30
	// stateNeeds is for journal, kubeconfig and the private engine's log, where they are on a file system of their own.
	stateNeeds = 100 << 20
	// InotifyEach is how many instances each pilot-agent takes; all sidecars of all clusters are the same user, ProxyUser.
	InotifyEach = 2
	// ProxyUser is the user id of Istio's proxies (istio.io, proxyv2's Dockerfile).
	ProxyUser = 1337
	// inotifySpare is for istiod, which has the same user, and for two generations of a pod during a roll-out.
	inotifySpare = 16
	// minGo is what the recipes' go.mod files ask for.
	minGo = "v1.26"
)

// Machine looks at this machine and judges it.
func Machine(ctx context.Context, n Needs) []Check {
	return Judge(n, Read(ctx, n))
}

// Judge decides over facts that were read.
//
// Ports are no check here: NodePorts of a kind cluster open on the node
// containers' own addresses, not on this machine's, so nothing here can take
// them. The API server's port is picked free. For a real cluster see Cluster.
func Judge(n Needs, f Facts) []Check {
	checks := []Check{
		engineCheck(f.Engine),
		egressCheck(n, f),
		cpuCheck(f.CPUs),
		memoryCheck(f.Memory),
	}
	checks = append(checks, diskChecks(n, f.Disks)...)
	checks = append(checks, inotifyCheck(n, f))
	if n.Build {
		checks = append(checks, goCheck(n, f), recipeCheck(n, f), builderCheck(n, f))
	}
	return checks
}

func engineCheck(e Engine) Check {
	c := Check{Category: "engine", Name: "container engine"}
	switch {
	case e.Version != "" && e.Private:
		c.Status, c.Text = OK, "Docker "+e.Version+", our own, runs at "+e.Host
	case e.Version != "":
		c.Status, c.Text = OK, "Docker "+e.Version+" answers at "+e.Host
	case e.Problem == nil:
		c.Status, c.Text = OK, "none answers; a private Docker will be started (and installed, where it is missing)"
	default:
		c.Status, c.Text, c.Do = Fail, e.Problem.Error(), e.Do
	}
	return c
}

func egressCheck(n Needs, f Facts) Check {
	c := Check{Category: "network", Name: "way out of the cluster", Status: OK}
	switch {
	case n.EgressOpen:
		c.Status, c.Text = Warn, "stays open, as --open-egress says: specs may be answered from outside the cluster"
		c.Do = "leave --open-egress out where root and iptables are there"
	case f.Firewall == nil:
		c.Text = "can be closed"
	case f.Root && f.Engine.Version == "" && f.Engine.Problem == nil:
		c.Text = "can be closed once iptables is installed, with the engine"
	default:
		c.Status, c.Text = Fail, "cannot be closed: "+f.Firewall.Error()
		c.Do = "run as root with iptables installed, or leave it open with --open-egress"
	}
	return c
}

func cpuCheck(cpus int) Check {
	c := Check{Category: "machine", Name: "cores", Status: OK, Text: fmt.Sprintf("%d", cpus)}
	if cpus < MinCPUs {
		c.Status, c.Do = Warn, fmt.Sprintf("use a machine with %d cores or more: with less, probes time out", MinCPUs)
	}
	return c
}

func memoryCheck(s Space) Check {
	c := Check{Category: "machine", Name: "memory", Status: OK}
	switch {
	case s.Err != nil:
		c.Status, c.Text, c.Do = Warn, "could not be read: "+s.Err.Error(), "make sure that "+bytes(MinMemory)+" are free"
	case s.Bytes < MinMemory:
		c.Status, c.Text = Fail, bytes(s.Bytes)+" available, "+bytes(MinMemory)+" needed"
		c.Do = "stop other programs or use a machine with more memory"
	default:
		c.Text = bytes(s.Bytes) + " available"
	}
	return c
}

// diskChecks asks once of each file system for what all folders on it need
// together. The state folder needs little; the cache has images and the private engine's data.
func diskChecks(n Needs, disks []Disk) []Check {
	cache := int64(laterRun)
	if n.Build && !n.Built {
		cache = firstBuild
	}
	var checks []Check
	seen := map[uint64]bool{}
	for _, d := range disks {
		if d.Free.Err == nil && seen[d.Device] {
			continue
		}
		seen[d.Device] = true
		need := cache
		if d.Folder == n.State {
			need = stateNeeds
		}
		c := Check{Category: "machine", Name: "disk under " + d.Folder, Status: OK}
		switch {
		case d.Free.Err != nil:
			c.Status, c.Text, c.Do = Warn, "could not be read: "+d.Free.Err.Error(), "make sure that "+bytes(need)+" are free"
		case d.Free.Bytes < need:
			c.Status, c.Text = Fail, bytes(d.Free.Bytes)+" free, "+bytes(need)+" needed"
			c.Do = "free space there, or use another place with XDG_CACHE_HOME and XDG_STATE_HOME"
		default:
			c.Text = bytes(d.Free.Bytes) + " free"
		}
		checks = append(checks, c)
	}
	return checks
}

// InotifyNeed is the limit that lets the wanted sidecars start beside those there are.
func InotifyNeed(used, sidecars int) int {
	return used + InotifyEach*sidecars + inotifySpare
}

func inotifyCheck(n Needs, f Facts) Check {
	c := Check{Category: "machine", Name: "inotify instances", Status: OK}
	i := f.Inotify
	if i.Err != nil {
		c.Status, c.Text = Warn, "could not be read: "+i.Err.Error()
		c.Do = fmt.Sprintf("make sure that fs.inotify.max_user_instances is %d or more", InotifyNeed(0, n.Sidecars))
		return c
	}
	need := InotifyNeed(i.Used, n.Sidecars)
	c.Text = fmt.Sprintf("%d of %d in use by user %d, %d sidecars need up to %d", i.Used, i.Limit, ProxyUser, n.Sidecars, need-i.Used)
	switch {
	case need <= i.Limit:
	case f.Root:
		c.Status, c.Do = Warn, fmt.Sprintf("nothing: the limit is raised to %d while the environment is there", need)
	default:
		c.Status, c.Do = Fail, fmt.Sprintf("sysctl -w fs.inotify.max_user_instances=%d as root, or stop other clusters", need)
	}
	return c
}

// builderCheck: a node's root file system is made by debootstrap, which needs root.
func builderCheck(n Needs, f Facts) Check {
	c := Check{Category: "source", Name: "rights to build images", Status: OK, Text: "root"}
	switch {
	case n.Built:
		c.Text = "none needed: the images are built"
	case !f.Root:
		c.Status, c.Text = Fail, "images are built from Debian packages, which needs root"
		c.Do = "run as root"
	}
	return c
}

func goCheck(n Needs, f Facts) Check {
	c := Check{Category: "source", Name: "Go toolchain", Status: OK, Text: "go " + f.Go.Version}
	switch {
	case n.Built:
		if f.Go.Err != nil {
			c.Text = "none, and none is needed: the images are built"
		}
	case f.Go.Err != nil:
		c.Status, c.Text = Fail, "images are built from packages and go is not there: "+f.Go.Err.Error()
		c.Do = "install Go " + strings.TrimPrefix(minGo, "v") + " or newer (https://go.dev/dl/)"
	case semver.Compare("v"+f.Go.Version, minGo) < 0:
		c.Status = Fail
		c.Do = "install Go " + strings.TrimPrefix(minGo, "v") + " or newer (https://go.dev/dl/)"
	}
	return c
}

func recipeCheck(n Needs, f Facts) Check {
	c := Check{Category: "source", Name: "image recipes", Status: OK, Text: "in " + n.Source}
	if !f.Recipes {
		c.Status, c.Text = Fail, "images are built from packages and there is no checkout with fixtures/images"
		c.Do = "run inside a checkout of meshcert"
	}
	return c
}
