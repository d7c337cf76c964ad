package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// rootFile is the name of the file that describes a Debian root file system.
const rootFile = "root.yaml"

// Root says what a Debian root file system holds: the file root.yaml.
type Root struct {
	// Suite is Debian's name of the release: bookworm.
	Suite string `json:"suite"`
	// Packages are installed beside Debian's smallest set (minbase).
	Packages []string `json:"packages"`
}

// debian installs and reads packages. It needs root on a Debian machine.
type debian struct {
	cache string // folder for downloaded packages
	// apt is held while apt-get runs: two at once disturb each other.
	apt sync.Mutex
}

func readRoot(images, name string) (Root, error) {
	var r Root
	file := filepath.Join(images, name, rootFile)
	if err := decode(file, &r); err != nil {
		return Root{}, err
	}
	if r.Suite == "" || len(r.Packages) == 0 {
		return Root{}, fmt.Errorf("%s: needs suite and packages", file)
	}
	return r, nil
}

// root is the step that makes a root file system; the result holds it in the
// folder "root". The packages' own versions are those the mirror serves now
// and are no part of the key.
func (d *debian) root(images, name string) (step, error) {
	r, err := readRoot(images, name)
	if err != nil {
		return step{}, err
	}
	key := newKey("debian root").text("suite", r.Suite).text("packages", strings.Join(r.Packages, ",")).sum()
	return step{name: "Debian root file system", slug: "root-" + name, key: key,
		fill: func(ctx context.Context, dir string, say func(error)) error { return d.bootstrap(ctx, r, dir, say) }}, nil
}

func (d *debian) bootstrap(ctx context.Context, r Root, dir string, say func(error)) error {
	if os.Geteuid() != 0 {
		return errors.New("a Debian root file system can be made by root only: run as root, or take images from a registry")
	}
	if _, err := exec.LookPath("debootstrap"); err != nil {
		if err := d.install(ctx, "debootstrap", say); err != nil {
			return err
		}
	}
	mirror, err := d.mirror(ctx, r.Suite)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(d.cache, 0o755); err != nil {
		return fmt.Errorf("make a folder for Debian packages: %w", err)
	}
	target := filepath.Join(dir, "root")
	return download(ctx, "Debian packages of "+r.Suite+" from "+mirror, say, func() error {
		if err := os.RemoveAll(target); err != nil {
			return permanent(fmt.Errorf("remove a half-made root file system: %w", err))
		}
		// Packages that came down stay in the cache folder for the next try.
		_, err := command{args: []string{"debootstrap", "--variant=minbase", "--cache-dir=" + d.cache,
			"--include=" + strings.Join(r.Packages, ","), r.Suite, target, mirror}, contained: true}.run(ctx)
		return err
	})
}

// install installs a package on this machine.
func (d *debian) install(ctx context.Context, pkg string, say func(error)) error {
	d.apt.Lock()
	defer d.apt.Unlock()
	if err := need("apt-get", "install "+pkg+" yourself, or take images from a registry"); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("install the Debian package %s, it is needed to build images from packages (only root can)", pkg)
	}
	env := []string{"DEBIAN_FRONTEND=noninteractive"}
	return download(ctx, "the Debian package "+pkg, say, func() error {
		_, err := command{args: []string{"apt-get", "install", "-y", "--no-install-recommends", pkg}, env: env}.run(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		// A machine that never asked for the lists of packages has none.
		if _, listErr := (command{args: []string{"apt-get", "update"}, env: env}).run(ctx); listErr != nil {
			return listErr
		}
		return err
	})
}

// mirror is the address of the Debian mirror that this machine's apt uses: the
// one that names the suite, or one that serves Debian at all.
func (d *debian) mirror(ctx context.Context, suite string) (string, error) {
	out, err := command{args: []string{"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT) $(LABEL)", "Created-By: Packages"}}.run(ctx)
	if err != nil {
		return "", fmt.Errorf("ask apt for its Debian mirror: %w", err)
	}
	return pickMirror(string(out), suite)
}

// pickMirror reads lines "URI RELEASE COMPONENT LABEL"; the label is missing
// when apt has no lists yet.
func pickMirror(targets, suite string) (string, error) {
	second := ""
	for line := range strings.Lines(targets) {
		f := strings.Fields(line)
		if len(f) < 3 || f[2] != "main" {
			continue
		}
		if f[1] == suite {
			return strings.TrimSuffix(f[0], "/"), nil
		}
		if len(f) == 4 && f[3] == "Debian" {
			second = strings.TrimSuffix(f[0], "/")
		}
	}
	if second == "" {
		return "", fmt.Errorf("apt of this machine knows no Debian mirror for %s (its sources say:\n%s): add one, or take images from a registry", suite, strings.TrimSpace(targets))
	}
	return second, nil
}
