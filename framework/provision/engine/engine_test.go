package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/journal"
)

func TestWithheld(t *testing.T) {
	for _, c := range []struct {
		name, status, last string
		want               []int
		fails              bool
	}{
		{"all of 41", "Name:\tx\nCapBnd:\t000001ffffffffff\n", "40\n", nil, false},
		{"CAP_SYS_RESOURCE is missing", "CapBnd:\t000001fffeffffff\n", "40\n", []int{24}, false},
		{"an older kernel knows fewer", "CapBnd:\t0000003fffffffff\n", "37\n", nil, false},
		{"a newer kernel knows more", "CapBnd:\t0000003fffffffff\n", "40\n", []int{38, 39, 40}, false},
		{"effective set does not count", "CapEff:\t0000000000000000\nCapBnd:\t0000000000000001\n", "0\n", nil, false},
		{"no line", "Name:\tx\n", "40\n", nil, true},
		{"no number", "CapBnd:\tzz\n", "40\n", nil, true},
		{"kernel says nonsense", "CapBnd:\t01\n", "99\n", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := withheld(c.status, c.last)
			if (err != nil) != c.fails || !cmp.Equal(got, c.want) {
				t.Errorf("got %v, %v; want %v, error %v", got, err, c.want, c.fails)
			}
		})
	}
}

func TestWrapperIsAskedForOnlyWhereNeeded(t *testing.T) {
	needed, err := bounded()
	if err != nil {
		t.Skip("no Linux process status here:", err)
	}
	asked := false
	path, err := wrapper(context.Background(), Options{Log: func(string) {}, Runc: func(context.Context) (string, error) {
		asked = true
		return "/somewhere/runc-bounded", nil
	}})
	if err != nil || asked != needed || (path != "") != needed {
		t.Errorf("needed %v: asked %v, path %q, error %v", needed, asked, path, err)
	}
}

func TestParseStat(t *testing.T) {
	tail := strings.Repeat(" 0", 17) + " 4711 1 2 3"
	for _, c := range []struct {
		name, text string
		state      byte
		parent     int
		start      uint64
		fails      bool
	}{
		{"plain", "12 (dockerd) S 1" + tail, 'S', 1, 4711, false},
		{"brackets in the name", "12 (a) Z (b) R 7" + tail, 'R', 7, 4711, false},
		{"cut off", "12 (dockerd) S 1 0", 0, 0, 0, true},
		{"empty", "", 0, 0, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			state, parent, start, err := parseStat(c.text)
			if (err != nil) != c.fails || state != c.state || parent != c.parent || start != c.start {
				t.Errorf("got %c %d %d %v", state, parent, start, err)
			}
		})
	}
}

func TestBelongs(t *testing.T) {
	p := places{folder: "/state/engine"}
	for _, c := range []struct {
		args string
		want bool
	}{
		{"/usr/bin/containerd --config /state/engine/exec/containerd/containerd.toml --log-level info", true},
		{"/usr/bin/containerd-shim-runc-v2 -namespace " + p.namespace() + " -id 1", true},
		{"/usr/bin/containerd --config /var/run/docker/containerd/containerd.toml", false},
		{"/usr/bin/containerd-shim-runc-v2 -namespace moby -id 1", false},
		{"grep " + p.namespace(), false},
		{"", false},
	} {
		if got := belongs(process{args: strings.Fields(c.args)}, p); got != c.want {
			t.Errorf("%q belongs to us: got %v, want %v", c.args, got, c.want)
		}
	}
}

func TestDescendants(t *testing.T) {
	all := []process{{pid: 1}, {pid: 2, parent: 1}, {pid: 3, parent: 2}, {pid: 4, parent: 3}, {pid: 5, parent: 1}}
	var got []int
	for _, p := range descendants(all, []process{{pid: 2}}) {
		got = append(got, p.pid)
	}
	if diff := cmp.Diff([]int{3, 4}, got); diff != "" {
		t.Errorf("descendants of 2 (-want +got):\n%s", diff)
	}
}

func TestConfigKeepsToItsPlaces(t *testing.T) {
	p := layout(Options{State: "/s", Cache: "/c"})
	text, err := json.Marshal(configOf(p, "/c/runc-bounded"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"hosts":["unix:///s/engine/docker.sock"],"data-root":"/c/engine","exec-root":"/s/engine/exec","pidfile":"/s/engine/dockerd.pid",` +
		`"bridge":"none","default-address-pools":[{"base":"172.30.0.0/16","size":24},{"base":"10.213.0.0/16","size":24}],"default-cgroupns-mode":"private",` +
		`"runtimes":{"runc-bounded":{"path":"/c/runc-bounded"}},"default-runtime":"runc-bounded"}`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("daemon.json (-want +got):\n%s", diff)
	}
	if plain := configOf(p, ""); plain.Runtime != "" || plain.Runtimes != nil {
		t.Errorf("a machine that needs no wrapper gets one: %+v", plain)
	}
}

// dockerd starts a process that looks like the private engine's on the command line.
func dockerd(t *testing.T, p places) *exec.Cmd {
	t.Helper()
	// The trap makes it a process that ends well on SIGTERM, as dockerd does.
	script := "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done"
	cmd := exec.Command("/bin/bash", "-c", script, "--config-file", p.config())
	cmd.Args[0] = "dockerd"
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the process did not come up")
	}
	go func() { _ = cmd.Wait() }()
	return cmd
}

func TestStopEndsOurProcessOnly(t *testing.T) {
	state, other := t.TempDir(), t.TempDir()
	p := layout(Options{State: state, Cache: t.TempDir()})
	if err := os.MkdirAll(p.exec(), 0o700); err != nil {
		t.Fatal(err)
	}
	ours, theirs := dockerd(t, p), dockerd(t, layout(Options{State: other}))
	running := func(c *exec.Cmd) bool { _, err := readProcess(c.Process.Pid); return err == nil }

	started, err := readProcess(ours.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	entry := journal.Entry{Kind: journal.Engine, Name: p.folder, Data: map[string]string{"data": p.data,
		"pid": strconv.Itoa(started.pid), "start": strconv.FormatUint(started.start+1, 10)}}
	if d, err := findDaemon(p, entry); err != nil || d != nil {
		t.Fatalf("a process with our number and another start was taken for ours: %v, %v", d, err)
	}
	entry.Data["start"] = strconv.FormatUint(started.start, 10)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := Stop(ctx, entry); err != nil {
		t.Fatal(err)
	}
	if running(ours) {
		t.Error("our process still runs")
	}
	if !running(theirs) {
		t.Error("another's process was ended")
	}
	if _, err := os.Stat(p.folder); err == nil {
		t.Error("the engine's folder is still there")
	}
	if _, err := os.Stat(filepath.Dir(p.data)); err != nil {
		t.Error("the cache folder is gone")
	}
	if err := Stop(ctx, entry); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestStopKnowsAnUnfinishedStart(t *testing.T) {
	p := layout(Options{State: t.TempDir()})
	d := dockerd(t, p)
	// Killed between start and second entry: the journal has no number.
	found, err := findDaemon(p, journal.Entry{Data: map[string]string{}})
	if err != nil || found == nil || found.pid != d.Process.Pid {
		t.Fatalf("found %v, %v; want process %d", found, err, d.Process.Pid)
	}
	if err := found.end(context.Background(), syscall.SIGTERM, 10*time.Second); err != nil {
		t.Error(err)
	}
}

func TestStopRefusesOtherEntries(t *testing.T) {
	for _, e := range []journal.Entry{{Kind: journal.Cluster, Name: "/x"}, {Kind: journal.Engine}, {Kind: journal.Engine, Name: "relative"}} {
		if err := Stop(context.Background(), e); err == nil {
			t.Errorf("Stop took %+v", e)
		}
	}
}

func TestDockerErrorHasTheComplaint(t *testing.T) {
	script := filepath.Join(t.TempDir(), "docker")
	text := "#!/bin/sh\nif [ \"$1\" = version ]; then echo 1.2.3; exit; fi\nfor i in 1 2 3 4 5 6 7 8 9 10; do echo line $i >&2; done\necho \"at $DOCKER_HOST\" >&2\nexit 3\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_HOST", "tcp://users-own")
	e := &Engine{Host: "unix:///ours.sock", CLI: script}
	if out, err := e.Docker(context.Background(), "version"); err != nil || out != "1.2.3" {
		t.Fatalf("got %q, %v", out, err)
	}
	_, err := e.Docker(context.Background(), "run", "x")
	if err == nil || !strings.Contains(err.Error(), "docker run x: exit status 3: line 4") || !strings.HasSuffix(err.Error(), "at unix:///ours.sock") {
		t.Errorf("got %v; want the last 8 lines and our host", err)
	}
}

func TestEnsureWithHostThatDoesNotAnswer(t *testing.T) {
	state := t.TempDir()
	_, err := Ensure(context.Background(), Options{Host: "unix:///nowhere.sock", State: state, Cache: state})
	if err == nil || !strings.Contains(err.Error(), "unset DOCKER_HOST") {
		t.Errorf("got %v; want an error that names DOCKER_HOST and the fix", err)
	}
	if files, _ := os.ReadDir(state); len(files) > 0 {
		t.Errorf("something was made: %v", files)
	}
}

func TestStartAfterAKilledEngineKeepsTheFormerState(t *testing.T) {
	p := layout(Options{State: t.TempDir(), Cache: "/c"})
	j := journal.Open(t.TempDir())
	killed := journal.Entry{Kind: journal.Engine, Name: p.folder, Data: map[string]string{"pid": "1", "start": "2", "firewall": `{"chains":false}`, "forward": "0"}}
	if err := j.Intend(killed); err != nil {
		t.Fatal(err)
	}
	got, err := intent(context.Background(), j, p)
	want := map[string]string{"socket": p.socket(), "data": "/c/engine", "firewall": `{"chains":false}`, "forward": "0"}
	if diff := cmp.Diff(want, got.Data); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestEngineSurvivesJSON(t *testing.T) {
	e := Engine{Host: "unix:///x", Private: true, Version: "20.10", CLI: "/usr/bin/docker"}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back Engine
	if err := json.Unmarshal(text, &back); err != nil || back != e {
		t.Errorf("got %+v, %v; want %+v", back, err, e)
	}
}
