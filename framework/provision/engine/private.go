package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/gofrs/flock"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

const (
	// startLimit bounds a start: a data root with many layers on a busy disk takes a while to be read.
	startLimit = 90 * time.Second
	// socketLimit is the longest path a unix socket may have (unix(7)).
	socketLimit = 107
	forwarding  = "/proc/sys/net/ipv4/ip_forward"
)

// places are the files of one private engine.
type places struct {
	folder string // State/engine, removed as a whole by Stop
	data   string // Cache/engine, kept
}

func layout(o Options) places {
	return places{folder: filepath.Join(o.State, "engine"), data: filepath.Join(o.Cache, "engine")}
}

func (p places) socket() string  { return filepath.Join(p.folder, "docker.sock") }
func (p places) host() string    { return "unix://" + p.socket() }
func (p places) exec() string    { return filepath.Join(p.folder, "exec") }
func (p places) pidFile() string { return filepath.Join(p.folder, "dockerd.pid") }
func (p places) config() string  { return filepath.Join(p.folder, "daemon.json") }
func (p places) log() string     { return filepath.Join(p.folder, "dockerd.log") }

// namespace keeps our containers apart from others' where dockerd uses the machine's containerd.
func (p places) namespace() string {
	sum := sha256.Sum256([]byte(p.folder))
	return "meshcert-" + hex.EncodeToString(sum[:4])
}

// startPrivate installs what is missing and starts a dockerd of our own.
func startPrivate(ctx context.Context, o Options, p places) (*Engine, error) {
	if err := CanInstall(); err != nil {
		return nil, fmt.Errorf("%w; %s", err, Advice)
	}
	if len(p.socket()) > socketLimit {
		return nil, fmt.Errorf("the state folder's path is too long for a socket in it (%d characters, at most %d): %s", len(p.socket()), socketLimit, p.socket())
	}
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the engine's folder: %w", err)
	}
	lock := flock.New(p.folder + ".lock")
	if _, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil {
		return nil, fmt.Errorf("wait for another start of the private engine: %w", err)
	}
	defer func() { _ = lock.Unlock() }()
	if e, err := Running(ctx, o.State); err == nil {
		return e, nil
	}
	if err := install(ctx, o.Log); err != nil {
		return nil, err
	}
	if e, err := askDefault(ctx); err == nil {
		o.Log("the installed package started Docker itself; it is used")
		return e, nil
	}
	return launch(ctx, o, p)
}

// launch writes configuration and journal entry, starts dockerd, and waits until it answers.
func launch(ctx context.Context, o Options, p places) (*Engine, error) {
	runc, err := wrapper(ctx, o)
	if err != nil {
		return nil, err
	}
	held, err := hold(p)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	if err := writeConfig(p, runc); err != nil {
		return nil, err
	}
	entry, err := intent(ctx, o.Journal, p)
	if err != nil {
		return nil, err
	}
	if err := o.Journal.Intend(entry); err != nil {
		return nil, err
	}
	o.Log("start a private container engine (socket " + p.socket() + ", data " + p.data + ")")
	ended, pid, err := spawn(p, held)
	if err != nil {
		return nil, err
	}
	if started, err := readProcess(pid); err == nil {
		entry.Data["pid"], entry.Data["start"] = strconv.Itoa(pid), strconv.FormatUint(started.start, 10)
	}
	if err := o.Journal.Intend(entry); err != nil {
		return nil, err
	}
	e, err := answering(ctx, p, ended)
	if err != nil {
		return nil, err
	}
	return e, e.sweep(ctx)
}

// hold locks the engine's data for the engine: dockerd gets the open file, so the
// lock lasts as long as it or anything it started. Two engines on one data root
// would take each other's mounts away.
func hold(p places) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(p.data), 0o755); err != nil {
		return nil, fmt.Errorf("make the cache folder: %w", err)
	}
	file, err := os.OpenFile(p.data+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the engine's data: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("the engine's data %s is in use (%w), by the engine of another state folder or by what a killed one left: "+
			"run meshcert down with that state folder (XDG_STATE_HOME), or use another cache (XDG_CACHE_HOME)", p.data, err), file.Close())
	}
	return file, nil
}

// wrapper returns the path of runc-bounded where this machine needs it, else "".
func wrapper(ctx context.Context, o Options) (string, error) {
	needed, err := bounded()
	if err != nil || !needed {
		return "", err
	}
	if o.Runc == nil {
		return "", errors.New("this machine withholds a capability that privileged containers ask for, and no runtime wrapper was given")
	}
	o.Log("this machine withholds a capability; containers start through runc-bounded")
	path, err := o.Runc(ctx)
	if err != nil {
		return "", fmt.Errorf("make the runtime wrapper runc-bounded: %w", err)
	}
	return path, nil
}

// daemon is the part of dockerd's configuration file that is set (docs.docker.com, dockerd reference).
// A file of our own keeps the machine's /etc/docker/daemon.json out of it.
type daemon struct {
	Hosts    []string `json:"hosts"`
	DataRoot string   `json:"data-root"`
	ExecRoot string   `json:"exec-root"`
	PidFile  string   `json:"pidfile"`
	Bridge   string   `json:"bridge"`
	Pools    []pool   `json:"default-address-pools"`
	CgroupNS string   `json:"default-cgroupns-mode"`
	// Runtimes and Runtime are set where the runtime wrapper is needed.
	Runtimes map[string]runtime `json:"runtimes,omitempty"`
	Runtime  string             `json:"default-runtime,omitempty"`
}

type pool struct {
	Base string `json:"base"`
	Size int    `json:"size"`
}

type runtime struct {
	Path string `json:"path"`
}

func configOf(p places, runc string) daemon {
	d := daemon{
		Hosts: []string{p.host()}, DataRoot: p.data, ExecRoot: p.exec(), PidFile: p.pidFile(),
		Bridge: "none", CgroupNS: "private",
		// dockerd itself skips a network of these that overlaps a route of the machine.
		Pools: []pool{{Base: "172.30.0.0/16", Size: 24}, {Base: "10.213.0.0/16", Size: 24}},
	}
	if runc != "" {
		d.Runtimes, d.Runtime = map[string]runtime{"runc-bounded": {Path: runc}}, "runc-bounded"
	}
	return d
}

func writeConfig(p places, runc string) error {
	text, err := json.MarshalIndent(configOf(p, runc), "", "  ")
	if err != nil {
		return fmt.Errorf("write the engine's configuration: %w", err)
	}
	if err := os.MkdirAll(p.data, 0o711); err != nil {
		return fmt.Errorf("make the engine's data root: %w", err)
	}
	if err := os.WriteFile(p.config(), text, 0o600); err != nil {
		return fmt.Errorf("write the engine's configuration: %w", err)
	}
	return nil
}

// intent is the journal entry: where the engine is, and what the kernel looked
// like before it. After an engine that was killed, that is what its own entry
// says: its chains are still there, and are not the machine's.
func intent(ctx context.Context, j *journal.Journal, p places) (journal.Entry, error) {
	entry := journal.Entry{Kind: journal.Engine, Name: p.folder, Data: map[string]string{"socket": p.socket(), "data": p.data}}
	all, err := j.Entries()
	if err != nil {
		return entry, err
	}
	for _, e := range all {
		if e.Kind == entry.Kind && e.Name == entry.Name {
			entry.Data["firewall"], entry.Data["forward"] = e.Data["firewall"], e.Data["forward"]
			return entry, nil
		}
	}
	before, err := firewall.Look(ctx)
	if err != nil {
		return entry, err
	}
	footprint, err := json.Marshal(before)
	if err != nil {
		return entry, fmt.Errorf("record the firewall's state: %w", err)
	}
	forward, err := os.ReadFile(forwarding)
	if err != nil {
		return entry, fmt.Errorf("record whether this machine forwards packets: %w", err)
	}
	entry.Data["firewall"], entry.Data["forward"] = string(footprint), strings.TrimSpace(string(forward))
	return entry, nil
}

// spawn starts dockerd in a session of its own, so that it outlives this
// process and no key pressed in a terminal reaches it. The channel gets its end.
func spawn(p places, held *os.File) (<-chan error, int, error) {
	log, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the engine's log: %w", err)
	}
	defer log.Close()
	// The two namespaces are flags: Docker 20.10 reads no name for the second one from its file.
	cmd := exec.Command("dockerd", "--config-file", p.config(),
		"--containerd-namespace", p.namespace(), "--containerd-plugins-namespace", p.namespace()+".plugins")
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = p.folder
	cmd.ExtraFiles = []*os.File{held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, 0, fmt.Errorf("start dockerd: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, cmd.Process.Pid, nil
}

// answering waits until the engine answers, and ends early when dockerd does.
func answering(ctx context.Context, p places, ended <-chan error) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	try := func() (*Engine, error) {
		select {
		case err := <-ended:
			return nil, backoff.Permanent(fmt.Errorf("dockerd ended: %w", cmp.Or(err, errors.New("exit status 0"))))
		default:
		}
		return ask(ctx, p.host())
	}
	e, err := backoff.Retry(ctx, try, backoff.WithMaxElapsedTime(startLimit),
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: 50 * time.Millisecond, Multiplier: 1.5, MaxInterval: time.Second}))
	if err != nil {
		log, _ := os.ReadFile(p.log())
		return nil, fmt.Errorf("the private container engine does not answer: %w; the end of its log:\n%s", err, lastLines(string(log), 15))
	}
	e.Private = true
	return e, nil
}

// sweep removes the containers and networks that a private engine, which was
// killed with the machine perhaps, remembers from its last life. Images stay.
func (e *Engine) sweep(ctx context.Context) error {
	old, err := e.Docker(ctx, "ps", "--all", "--quiet")
	if err != nil {
		return fmt.Errorf("list the private engine's old containers: %w", err)
	}
	if ids := strings.Fields(old); len(ids) > 0 {
		if _, err := e.Docker(ctx, append([]string{"rm", "--force", "--volumes"}, ids...)...); err != nil {
			return fmt.Errorf("remove the private engine's old containers: %w", err)
		}
	}
	if _, err := e.Docker(ctx, "network", "prune", "--force"); err != nil {
		return fmt.Errorf("remove the private engine's old networks: %w", err)
	}
	return nil
}
