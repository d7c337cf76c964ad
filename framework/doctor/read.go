package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/onap/meshcert/framework/provision/engine"
	"github.com/onap/meshcert/framework/provision/engine/firewall"
)

// inotifyPath is the kernel's limit of instances a user (inotify(7)).
const inotifyPath = "/proc/sys/fs/inotify/max_user_instances"

// Read fills Facts from this machine. It starts nothing and changes nothing.
func Read(ctx context.Context, n Needs) Facts {
	f := Facts{
		Engine:   readEngine(ctx, n),
		Root:     os.Geteuid() == 0,
		Firewall: firewall.Available(),
		CPUs:     runtime.NumCPU(),
		Memory:   readMemory(),
		Disks:    []Disk{readDisk(n.Cache), readDisk(n.State)},
		Inotify:  readInotify(),
		Go:       readGo(ctx),
	}
	if n.Source != "" {
		_, err := os.Stat(filepath.Join(n.Source, "fixtures", "images"))
		f.Recipes = err == nil
	}
	return f
}

func readEngine(ctx context.Context, n Needs) Engine {
	e, err := engine.Answering(ctx, engine.Options{State: n.State, Cache: n.Cache, Host: n.EngineHost})
	switch {
	case err == nil:
		return Engine{Host: e.Host, Version: e.Version, Private: e.Private}
	case n.EngineHost != "":
		return Engine{Problem: err, Do: "start that engine, or unset DOCKER_HOST"}
	}
	return Engine{Problem: engine.CanInstall(), Do: engine.Advice}
}

func readMemory() Space {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return Space{Err: err}
	}
	return parseMemory(string(text))
}

// parseMemory reads MemAvailable of /proc/meminfo, in kB there (proc(5)).
func parseMemory(text string) Space {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "MemAvailable:" {
			continue
		}
		n, err := strconv.ParseInt(fields[1], 10, 64)
		return Space{Bytes: n << 10, Err: err}
	}
	return Space{Err: errors.New("/proc/meminfo has no line MemAvailable")}
}

// readDisk looks at the nearest folder above that exists.
func readDisk(folder string) Disk {
	d := Disk{Folder: folder}
	at := folder
	for {
		info, err := os.Stat(at)
		if err == nil {
			if s, ok := info.Sys().(*syscall.Stat_t); ok {
				d.Device = s.Dev
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			d.Free.Err = err
			return d
		}
		at = filepath.Dir(at)
	}
	var s unix.Statfs_t
	if err := unix.Statfs(at, &s); err != nil {
		d.Free.Err = fmt.Errorf("free space under %s: %w", at, err)
		return d
	}
	d.Free.Bytes = int64(s.Bavail) * s.Bsize
	return d
}

func readInotify() Inotify {
	text, err := os.ReadFile(inotifyPath)
	if err != nil {
		return Inotify{Err: err}
	}
	limit, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return Inotify{Err: fmt.Errorf("%s: %w", inotifyPath, err)}
	}
	return Inotify{Limit: limit, Used: inotifyInUse(ProxyUser)}
}

// inotifyInUse counts the inotify instances of a user's processes. Processes
// that may not be looked into are left out, so it is the least there are.
func inotifyInUse(user uint32) int {
	folders, _ := filepath.Glob("/proc/[0-9]*/fd") // the pattern is well-formed, the only error there is
	used := 0
	for _, folder := range folders {
		info, err := os.Stat(filepath.Dir(folder))
		if err != nil {
			continue
		}
		if s, ok := info.Sys().(*syscall.Stat_t); !ok || s.Uid != user {
			continue
		}
		files, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, f := range files {
			if to, err := os.Readlink(filepath.Join(folder, f.Name())); err == nil && to == "anon_inode:inotify" {
				used++
			}
		}
	}
	return used
}

func readGo(ctx context.Context) Go {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	if err != nil {
		return Go{Err: err}
	}
	return Go{Version: strings.TrimPrefix(strings.TrimSpace(string(out)), "go")}
}

// listening returns the TCP ports this machine listens on, from the text of /proc/net/tcp or tcp6.
func listening(text string) (map[int]bool, error) {
	const listen = "0A" // TCP_LISTEN, include/net/tcp_states.h
	ports := map[int]bool{}
	for s := bufio.NewScanner(strings.NewReader(text)); s.Scan(); {
		fields := strings.Fields(s.Text())
		if len(fields) < 4 || fields[3] != listen {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		if err != nil {
			return nil, fmt.Errorf("read the ports in use: %q: %w", fields[1], err)
		}
		ports[int(port)] = true
	}
	return ports, nil
}
