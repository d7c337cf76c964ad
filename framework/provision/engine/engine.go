// Package engine gives meshcert a container engine. A Docker that answers is
// used as it is and never changed. Where none answers, and the machine allows
// it, Docker is installed and a private dockerd is started beside nothing
// else: own socket, own data root, own exec root, own address pool, no default
// bridge. The private engine is in the journal before it runs, outlives the
// process that started it, and Stop takes it away with all it left in the
// kernel (containers, mounts, firewall chains), and never another process.
package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/journal"
)

// Options say where the private engine lives and what it may use.
type Options struct {
	// Cache is the folder that keeps the private engine's data root (Cache/engine) between runs.
	Cache string
	// State is the folder that keeps its socket, configuration, pid file and log (State/engine) while it runs.
	State string
	// Host is the user's own DOCKER_HOST; empty when the user set none. An engine
	// that is named here has to answer: no private one takes its place.
	Host string
	// Journal gets the private engine's entry before it is started.
	Journal *journal.Journal
	// Runc returns the path of the runtime wrapper runc-bounded. It is called
	// only when a private engine is started on a machine that cannot grant every capability.
	Runc func(context.Context) (string, error)
	// Log gets one line a step; nil is allowed.
	Log func(string)
}

// Engine is a container engine that answered. It survives JSON, so that a
// parent process can hand it to its children.
type Engine struct {
	// Host is the value for DOCKER_HOST, for example "unix:///run/docker.sock".
	Host string `json:"host"`
	// Private says that meshcert started it and may stop it.
	Private bool `json:"private"`
	// Version is the server's version, for example "20.10.24+dfsg1".
	Version string `json:"version"`
	// CLI is the path of a docker command line tool that the engine understands.
	CLI string `json:"cli"`
}

// answerLimit bounds one question to an engine, so that a hung one is found out.
const answerLimit = 15 * time.Second

// Ensure returns an engine that answers: the one the user named, else a
// private one that already runs, else the machine's default, else a new
// private one. The error says what to install where none of these is possible.
func Ensure(ctx context.Context, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	e, err := Answering(ctx, o)
	if err == nil || o.Host != "" {
		return e, err
	}
	return startPrivate(ctx, o, layout(o))
}

// Answering returns the engine that Ensure would take without starting one. It uses Host and State of the options.
func Answering(ctx context.Context, o Options) (*Engine, error) {
	if o.Host != "" {
		e, err := ask(ctx, o.Host)
		if err != nil {
			return nil, fmt.Errorf("the container engine of DOCKER_HOST=%s does not answer; start it, or unset DOCKER_HOST: %w", o.Host, err)
		}
		e.Private = o.Host == layout(o).host()
		return e, nil
	}
	if e, err := Running(ctx, o.State); err == nil {
		return e, nil
	}
	return askDefault(ctx)
}

// Running returns the private engine whose socket is in the state folder, or
// an error when it does not answer. It starts nothing.
func Running(ctx context.Context, state string) (*Engine, error) {
	host := layout(Options{State: state}).host()
	if _, err := os.Stat(strings.TrimPrefix(host, "unix://")); err != nil {
		return nil, fmt.Errorf("no private container engine: %w", err)
	}
	e, err := ask(ctx, host)
	if err != nil {
		return nil, err
	}
	e.Private = true
	return e, nil
}

// At returns the engine behind a DOCKER_HOST value that a journal entry or a parent process recorded.
func At(ctx context.Context, host string) (*Engine, error) {
	return ask(ctx, host)
}

// Docker runs the docker command line tool against the engine and returns its
// standard output without the final line break. The error carries the last lines of standard error.
func (e *Engine) Docker(ctx context.Context, args ...string) (string, error) {
	return docker(ctx, e.CLI, e.Host, args...)
}

// Env returns the environment variables ("KEY=value") that make docker, and
// the kind library, talk to this engine with a command line tool that fits it.
func (e *Engine) Env() []string {
	env := []string{"DOCKER_HOST=" + e.Host}
	if found, err := exec.LookPath("docker"); err != nil || found != e.CLI {
		env = append(env, "PATH="+filepath.Dir(e.CLI)+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	return env
}

// Privileged runs a privileged container of an image the engine has, which is
// what kind asks for, and says why it cannot. It finds out what no list of
// capabilities can tell: security modules, user namespaces, a rootless engine.
func (e *Engine) Privileged(ctx context.Context, image string) error {
	_, err := e.Docker(ctx, "run", "--rm", "--privileged", "--network", "none", "--entrypoint", "/bin/true", image)
	if err != nil {
		return fmt.Errorf("the container engine %s cannot run a privileged container, which a kind node is: %w", e.Host, err)
	}
	return nil
}

// ask looks for a docker command line tool that the engine at host understands.
func ask(ctx context.Context, host string) (*Engine, error) {
	clis := commandLines()
	if len(clis) == 0 {
		return nil, errNoCommandLine
	}
	var failed error
	for _, cli := range clis {
		version, err := serverVersion(ctx, cli, host)
		if err == nil {
			return &Engine{Host: host, Version: version, CLI: cli}, nil
		}
		if failed == nil {
			failed = err
		}
	}
	return nil, failed
}

// askDefault asks the engine of the user's docker context, which is /var/run/docker.sock where nothing else was set.
func askDefault(ctx context.Context) (*Engine, error) {
	clis := commandLines()
	if len(clis) == 0 {
		return nil, errNoCommandLine
	}
	host, err := docker(ctx, clis[0], "", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if err != nil || host == "" {
		host = "unix:///var/run/docker.sock"
	}
	return ask(ctx, host)
}

var errNoCommandLine = errors.New("no docker command line tool in PATH")

// commandLines lists the docker tools there are, the one of PATH first. An
// old engine refuses a much newer tool, so the distribution's comes second.
func commandLines() []string {
	var found []string
	for _, name := range []string{"docker", "/usr/bin/docker"} {
		if path, err := exec.LookPath(name); err == nil && !slices.Contains(found, path) {
			found = append(found, path)
		}
	}
	return found
}

func serverVersion(ctx context.Context, cli, host string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	return docker(ctx, cli, host, "version", "--format", "{{.Server.Version}}")
}

// docker runs one command. An empty host leaves the choice to the user's docker context.
func docker(ctx context.Context, cli, host string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, cli, args...)
	cmd.Env = withoutDockerHost(os.Environ())
	if host != "" {
		cmd.Env = append(cmd.Env, "DOCKER_HOST="+host)
	}
	return output(ctx, cmd)
}

func withoutDockerHost(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "DOCKER_HOST=") || strings.HasPrefix(v, "DOCKER_CONTEXT=")
	})
}

// output runs a command and puts the end of what it complained about into the error.
func output(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if err == nil {
		return strings.TrimRight(out.String(), "\n"), nil
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	what := filepath.Base(cmd.Path) + " " + strings.Join(cmd.Args[1:], " ")
	if text := lastLines(complaint.String(), 8); text != "" {
		return "", fmt.Errorf("%s: %w: %s", what, err, text)
	}
	return "", fmt.Errorf("%s: %w", what, err)
}

// lastLines returns the last n lines that are not empty.
func lastLines(text string, n int) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return strings.TrimSpace(l) == "" })
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
