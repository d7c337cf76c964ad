// Package journal remembers what meshcert made on this machine. An entry is
// written, and on disk, before the thing exists, and taken back after the
// thing is gone; so whatever happens in between, `down` finds it.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Kind says how an entry is removed.
type Kind string

const (
	// Engine is a private container engine, Name its folder; Data holds "socket",
	// "data" (its data root), "pid" and "start" (clock ticks), and what the machine
	// was like before: "firewall" (chains, as JSON) and "forward" (ip_forward).
	Engine Kind = "engine"
	// Cluster is a kind cluster; Data holds "host" (DOCKER_HOST), "private" (is the
	// engine ours), "kubeconfig", how it was made ("config", "image", "open") and
	// whether it was finished ("ready").
	Cluster Kind = "cluster"
	// Network is a container network; Data holds "host", "private" and "bridge" (its link).
	Network Kind = "network"
	// Firewall is one iptables rule; Data holds "rule" as JSON list of arguments after -I.
	Firewall Kind = "firewall"
	// Limit is a raised kernel limit; Data holds "path", "before" and "raised".
	Limit Kind = "limit"
	// Folder is a temporary folder; Name is its path.
	Folder Kind = "folder"
)

// Entry is one thing that exists or is about to.
type Entry struct {
	Kind Kind              `json:"kind"`
	Name string            `json:"name"`
	Data map[string]string `json:"data,omitempty"`
	Time time.Time         `json:"time"`
}

// Journal is the list of entries in one file. It is safe for concurrent use
// inside one process; between processes the caller holds a lock.
type Journal struct {
	path string
	mu   sync.Mutex
}

// Open returns the journal in the folder; the file appears with the first entry.
func Open(folder string) *Journal {
	return &Journal{path: filepath.Join(folder, "journal.json")}
}

// Entries returns what is recorded, oldest first.
func (j *Journal) Entries() ([]Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.read()
}

// Intend records a thing before it is made. Recording it again replaces its data.
func (j *Journal) Intend(e Entry) error {
	return j.change(func(all []Entry) []Entry {
		if e.Time.IsZero() {
			e.Time = time.Now().UTC()
		}
		if i := index(all, e.Kind, e.Name); i >= 0 {
			all[i] = e
			return all
		}
		return append(all, e)
	})
}

// Forget takes an entry back after the thing is gone.
func (j *Journal) Forget(kind Kind, name string) error {
	return j.change(func(all []Entry) []Entry {
		return slices.DeleteFunc(all, func(e Entry) bool { return e.Kind == kind && e.Name == name })
	})
}

func index(all []Entry, kind Kind, name string) int {
	return slices.IndexFunc(all, func(e Entry) bool { return e.Kind == kind && e.Name == name })
}

func (j *Journal) read() ([]Entry, error) {
	text, err := os.ReadFile(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var all []Entry
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read journal %s: %w; it is damaged: remove by hand what may be left (containers and network of the kind cluster, our dockerd), then this file", j.path, err)
	}
	return all, nil
}

func (j *Journal) change(f func([]Entry) []Entry) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	all, err := j.read()
	if err != nil {
		return err
	}
	all = f(all)
	if len(all) == 0 {
		if err := os.Remove(j.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the empty journal: %w", err)
		}
		return nil
	}
	return j.write(all)
}

// write replaces the file in one step, so that a kill leaves the old or the new one.
func (j *Journal) write(all []Entry) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o700); err != nil {
		return fmt.Errorf("make the journal's folder: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(j.path), ".journal-*")
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), j.path)
	}
	if err != nil {
		return fmt.Errorf("write journal %s: %w", j.path, err)
	}
	return nil
}
