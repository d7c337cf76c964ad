package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func keys(t *testing.T, j *Journal) string {
	t.Helper()
	all, err := j.Entries()
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range all {
		list = append(list, fmt.Sprintf("%s/%s=%s", e.Kind, e.Name, e.Data["host"]))
	}
	return strings.Join(list, " ")
}

func TestJournal(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	j := Open(folder)
	steps := []struct {
		name string
		do   func() error
		want string
	}{
		{"empty", func() error { return nil }, ""},
		{"intend", func() error { return j.Intend(Entry{Kind: Network, Name: "a", Data: map[string]string{"host": "1"}}) }, "network/a=1"},
		{"same name, another kind", func() error { return j.Intend(Entry{Kind: Cluster, Name: "a"}) }, "network/a=1 cluster/a="},
		{"again replaces and keeps the order", func() error { return j.Intend(Entry{Kind: Network, Name: "a", Data: map[string]string{"host": "2"}}) }, "network/a=2 cluster/a="},
		{"forget what is not there", func() error { return j.Forget(Engine, "a") }, "network/a=2 cluster/a="},
		{"forget", func() error { return j.Forget(Network, "a") }, "cluster/a="},
	}
	for _, s := range steps {
		if err := s.do(); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if got := keys(t, j); got != s.want {
			t.Errorf("%s: got %q, want %q", s.name, got, s.want)
		}
		if got := keys(t, Open(folder)); got != s.want {
			t.Errorf("%s, another process: got %q, want %q", s.name, got, s.want)
		}
	}
	if err := j.Forget(Cluster, "a"); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("an empty journal leaves %v, %v", left, err)
	}
}

func TestTimeIsKept(t *testing.T) {
	j := Open(t.TempDir())
	if err := j.Intend(Entry{Kind: Engine, Name: "e"}); err != nil {
		t.Fatal(err)
	}
	all, err := j.Entries()
	if err != nil || len(all) != 1 || all[0].Time.IsZero() {
		t.Errorf("got %v, %v; want one entry with its time", all, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	j := Open(t.TempDir())
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			if err := j.Intend(Entry{Kind: Folder, Name: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if all, err := j.Entries(); err != nil || len(all) != 20 {
		t.Errorf("got %d entries, %v; want 20", len(all), err)
	}
}

func TestDamage(t *testing.T) {
	for name, text := range map[string]string{"cut off": `[{"kind":"engi`, "empty": "", "another form": `{"kind":"engine"}`} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			file := filepath.Join(folder, "journal.json")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			j := Open(folder)
			if _, err := j.Entries(); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("reading: got %v; want an error that names the file", err)
			}
			if err := j.Intend(Entry{Kind: Engine, Name: "e"}); err == nil {
				t.Error("a damaged journal was written over")
			}
			if now, err := os.ReadFile(file); err != nil || string(now) != text {
				t.Errorf("the damaged journal changed: %q, %v", now, err)
			}
		})
	}
}

func TestUnwritable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Open(filepath.Join(file, "state")).Intend(Entry{Kind: Engine, Name: "e"}); err == nil {
		t.Error("an entry that is not on disk was taken for recorded")
	}
}
