package engine

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/onap/meshcert/framework/journal"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

const (
	sweepLimit = 2 * time.Minute
	// termLimit is how long dockerd may take to stop its containers and write its state.
	termLimit = 30 * time.Second
	killLimit = 10 * time.Second
)

// Stop ends the private engine of the entry and removes what it left: its
// containers and networks, its containerd and shims, its mounts, its firewall
// chains, its folder. The data root, which keeps the images, stays. It knows
// the processes by the engine's own paths on their command lines, so it never
// ends another; an engine that is gone already is no error. Errors are
// collected: one thing that cannot be removed does not keep the rest.
func Stop(ctx context.Context, entry journal.Entry) error {
	if entry.Kind != journal.Engine || !filepath.IsAbs(entry.Name) {
		return fmt.Errorf("journal entry %s %q is not a private engine", entry.Kind, entry.Name)
	}
	p := places{folder: entry.Name, data: entry.Data["data"]}
	err := errors.Join(
		stopDaemon(ctx, p, entry),
		stopOrphans(ctx, p),
		unmount(p),
		restoreKernel(ctx, entry),
	)
	if err != nil {
		return fmt.Errorf("stop the private container engine: %w", err)
	}
	for _, path := range []string{p.folder, p.folder + ".lock"} {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove the private engine's folder: %w", err)
		}
	}
	return nil
}

func stopDaemon(ctx context.Context, p places, entry journal.Entry) error {
	d, err := findDaemon(p, entry)
	if err != nil || d == nil {
		return err
	}
	if e, askErr := ask(ctx, p.host()); askErr == nil {
		limited, cancel := context.WithTimeout(ctx, sweepLimit)
		err = e.sweep(limited)
		cancel()
	}
	if d.end(ctx, syscall.SIGTERM, termLimit) == nil {
		return err
	}
	return errors.Join(err, d.end(ctx, syscall.SIGKILL, killLimit))
}

// findDaemon returns the dockerd that was started with this engine's
// configuration; nil when none runs. When the journal knows its number and
// start, they must agree too: then a copy started by somebody else with the same file is left alone.
func findDaemon(p places, entry journal.Entry) (*process, error) {
	all, err := processes()
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		if !d.is("dockerd", p.config()) {
			continue
		}
		pid, start := entry.Data["pid"], entry.Data["start"]
		if pid != "" && (pid != strconv.Itoa(d.pid) || start != strconv.FormatUint(d.start, 10)) {
			continue
		}
		return &d, nil
	}
	return nil, nil
}

// stopOrphans kills what outlives a dockerd that was killed: its containerd, its shims and their containers.
func stopOrphans(ctx context.Context, p places) error {
	all, err := processes()
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(slices.Clone(all), func(q process) bool { return !belongs(q, p) })
	var failed error
	// The containers go before the shims above them, so that no shim is left to start one again.
	for _, q := range append(descendants(all, own), own...) {
		failed = errors.Join(failed, q.end(ctx, syscall.SIGKILL, killLimit))
	}
	return failed
}

// belongs says whether the process is containerd or a shim of this engine.
func belongs(q process, p places) bool {
	return q.is("containerd", filepath.Join(p.exec(), "containerd", "containerd.toml")) ||
		q.is("docker-proxy", p.exec()) ||
		(len(q.args) > 0 && strings.HasPrefix(filepath.Base(q.args[0]), "containerd-shim") && slices.Contains(q.args, p.namespace()))
}

// unmount removes what is still mounted below the engine's folders, the deepest
// first, and the data root too where dockerd mounted it onto itself: it leaves
// a mark for that. A disk that the user mounted there stays.
func unmount(p places) error {
	_, err := os.Stat(filepath.Join(p.exec(), "unmount-on-shutdown"))
	self := err == nil
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("list mounts: %w", err)
	}
	defer f.Close()
	var points []string
	for s := bufio.NewScanner(f); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) > 4 && (below(fields[4], p.exec(), p.data) || self && fields[4] == p.data) {
			points = append(points, fields[4])
		}
	}
	slices.SortFunc(points, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var failed error
	for _, at := range points {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil && !errors.Is(err, unix.EINVAL) {
			failed = errors.Join(failed, fmt.Errorf("unmount %s: %w", at, err))
		}
	}
	return failed
}

func below(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return f != "" && strings.HasPrefix(path, f+"/") })
}

// restoreKernel gives firewall and forwarding their state of before the engine back.
func restoreKernel(ctx context.Context, entry journal.Entry) error {
	if text := entry.Data["firewall"]; text != "" {
		var before firewall.Footprint
		if err := json.Unmarshal([]byte(text), &before); err != nil {
			return fmt.Errorf("read the firewall's former state from the journal: %w", err)
		}
		if err := firewall.Restore(ctx, before); err != nil {
			return err
		}
	}
	if before := entry.Data["forward"]; before == "0" {
		err := os.WriteFile(forwarding, []byte(before), 0o644)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("stop forwarding packets, as before the engine: %w", err)
		}
	}
	return nil
}
