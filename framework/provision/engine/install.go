package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// installTries bounds the attempts of one apt-get command: package mirrors fail now and then.
const installTries = 4

// Advice is what to do where CanInstall says why not.
const Advice = "install Docker (https://docs.docker.com/engine/install/, or the package docker.io), start it and let this user use it; or run meshcert as root on a Debian-like system"

// CanInstall says why Docker cannot be installed and started here by us; nil when it can.
func CanInstall() error {
	if os.Geteuid() != 0 {
		return errors.New("no container engine answers, and only root can start one")
	}
	if _, err := exec.LookPath("dockerd"); err == nil {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return errors.New("no container engine answers, and this system has no apt-get to install one with")
	}
	return nil
}

// install makes sure that dockerd, the docker tool and iptables are there.
func install(ctx context.Context, log func(string)) error {
	wanted := missingPackages()
	if len(wanted) == 0 {
		return nil
	}
	log("install " + strings.Join(wanted, ", ") + " (packages of this system; they stay)")
	if err := apt(ctx, log, "update", "-qq"); err != nil {
		return fmt.Errorf("read the package lists: %w", err)
	}
	if err := apt(ctx, log, append([]string{"install", "-y", "-qq", "--no-install-recommends"}, wanted...)...); err != nil {
		return fmt.Errorf("install %s (install Docker yourself and try again): %w", strings.Join(wanted, ", "), err)
	}
	if _, err := exec.LookPath("docker"); err != nil {
		// Debian 13 moved the command line tool to a package of its own.
		if err := apt(ctx, log, "install", "-y", "-qq", "--no-install-recommends", "docker-cli"); err != nil {
			return fmt.Errorf("install docker-cli: %w", err)
		}
	}
	return nil
}

func missingPackages() []string {
	var wanted []string
	for _, p := range []struct{ program, pkg string }{
		{"dockerd", "docker.io"}, {"iptables", "iptables"},
	} {
		if _, err := exec.LookPath(p.program); err != nil {
			wanted = append(wanted, p.pkg)
		}
	}
	enabled, err := os.ReadFile("/sys/module/apparmor/parameters/enabled")
	if _, missing := exec.LookPath("apparmor_parser"); err == nil && missing != nil && strings.HasPrefix(string(enabled), "Y") {
		// With AppArmor on and no parser, dockerd cannot load its profile and no container starts.
		wanted = append(wanted, "apparmor")
	}
	return wanted
}

// apt runs apt-get until it ends well, at most installTries times. A cancelled
// attempt is asked to end, not killed: half-configured packages help nobody.
func apt(ctx context.Context, log func(string), args ...string) error {
	args = append([]string{"-o", "DPkg::Lock::Timeout=120"}, args...)
	run := func() (string, error) {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
		out, err := output(ctx, cmd)
		if ctx.Err() != nil {
			return "", backoff.Permanent(err)
		}
		return out, err
	}
	_, err := backoff.Retry(ctx, run, backoff.WithMaxTries(installTries),
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: time.Second, Multiplier: 2, MaxInterval: 10 * time.Second}),
		backoff.WithNotify(func(err error, _ time.Duration) { log("try again: " + err.Error()) }))
	return err
}
