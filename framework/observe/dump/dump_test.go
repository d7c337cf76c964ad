package dump

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
)

const pods = `{"kind": "PodList", "apiVersion": "v1", "items": [
  {"metadata": {"name": "msb-iag-5d8-x", "namespace": "onap", "labels": {"pod-template-hash": "5d8"}, "managedFields": [{"manager": "helm"}],
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "msb-iag-5d8", "uid": "u", "controller": true}]},
   "spec": {"initContainers": [{"name": "istio-proxy"}], "containers": [{"name": "msb-iag", "env": [{"name": "MYSQL_ROOT_PASSWORD", "value": "canary-1"}]}]},
   "status": {"initContainerStatuses": [{"name": "istio-proxy", "restartCount": 0, "state": {"running": {}}}],
              "containerStatuses": [{"name": "msb-iag", "restartCount": 2, "state": {"running": {}}}]}},
  {"metadata": {"name": "vfc-db-0", "namespace": "onap"},
   "spec": {"containers": [{"name": "vfc-db"}]},
   "status": {"containerStatuses": [{"name": "vfc-db", "restartCount": 1, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}}]}`

// answers are what a healthy API server says; a test changes some of them.
func answers() map[string]string {
	return map[string]string{
		"/api/v1/namespaces/onap/pods":                    pods,
		"/api/v1/namespaces/onap/events":                  `{"kind": "EventList", "apiVersion": "v1", "items": [{"metadata": {"name": "e"}, "message": "Back-off restarting"}]}`,
		"/api/v1/namespaces/onap/pods/msb-iag-5d8-x/log":  "2026 sent Authorization: Bearer canary-2-0123456789\n",
		"/api/v1/namespaces/onap/pods/vfc-db-0/log":       "2026 died\n",
		"/api/v1/namespaces/onap/pods/msb-iag-5d8-x/exec": `{"configs": [{"private_key": {"inline_string": "canary-3"}}]}`,
		"/api/v1/namespaces/onap/secrets":                 `{"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "items": [{"metadata": {"name": "sh.helm.release.v1.msb.v3", "namespace": "onap", "labels": {"name": "msb", "owner": "helm", "status": "deployed", "version": "3"}}}]}`,
		"/api":                                            `{"kind": "APIVersions", "versions": ["v1"]}`,
		"/apis":                                           `{"kind": "APIGroupList", "groups": [{"name": "security.istio.io", "versions": [{"groupVersion": "security.istio.io/v1", "version": "v1"}], "preferredVersion": {"groupVersion": "security.istio.io/v1", "version": "v1"}}]}`,
		"/api/v1":                                         `{"kind": "APIResourceList", "groupVersion": "v1", "resources": [{"name": "pods", "namespaced": true, "kind": "Pod", "verbs": ["list"]}]}`,
		"/apis/security.istio.io/v1":                      `{"kind": "APIResourceList", "groupVersion": "security.istio.io/v1", "resources": [{"name": "peerauthentications", "namespaced": true, "kind": "PeerAuthentication", "verbs": ["list"]}, {"name": "checks", "namespaced": true, "kind": "Check", "verbs": ["create"]}]}`,
		"/apis/security.istio.io/v1/namespaces/onap/peerauthentications": `{"kind": "PeerAuthenticationList", "apiVersion": "security.istio.io/v1", "items": [{"kind": "PeerAuthentication", "apiVersion": "security.istio.io/v1", "metadata": {"name": "default", "namespace": "onap", "managedFields": [{}]}, "spec": {"mtls": {"mode": "STRICT"}}}]}`,
	}
}

// server answers as an API server does; "hang" never ends, "NNN text" is an
// error status.
func server(t *testing.T, answers map[string]string) *kube.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers[r.URL.Path]
		switch {
		case !ok:
			http.NotFound(w, r)
		case answer == "hang":
			<-r.Context().Done()
		case strings.HasPrefix(answer, "403 "):
			http.Error(w, answer[4:], http.StatusForbidden)
		case strings.HasSuffix(r.URL.Path, "/exec"):
			stream(t, w, r, answer)
		case strings.HasSuffix(r.URL.Path, "/log"):
			fmt.Fprintf(w, "container=%s previous=%s\n%s", r.URL.Query().Get("container"), r.URL.Query().Get("previous"), answer)
		default:
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, answer)
		}
	}))
	t.Cleanup(s.Close)
	client, err := kube.FromConfig(&rest.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// stream speaks the exec protocol v5: a byte for the channel (1 output, 3 status), then the text.
func stream(t *testing.T, w http.ResponseWriter, r *http.Request, output string) {
	if got, want := strings.Join(r.URL.Query()["command"], " "), "pilot-agent request GET config_dump"; got != want {
		t.Errorf("command %q, want %q", got, want)
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io"}}
	connection, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer connection.Close()
	for _, message := range []string{"\x01" + output, "\x03" + `{"status": "Success"}`} {
		if err := connection.WriteMessage(websocket.BinaryMessage, []byte(message)); err != nil {
			t.Error(err)
		}
	}
	end := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := connection.WriteMessage(websocket.CloseMessage, end); err != nil {
		t.Error(err)
	}
}

// written returns the files of the dump, by path.
func written(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(text)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestDumpWritesEverythingRedacted(t *testing.T) {
	folder := t.TempDir()
	err := New(server(t, answers()), "onap").Dump(t.Context(), folder, []string{"Deployment onap/msb-iag", "Pod onap/msb-iag-5d8-x"})
	if err != nil {
		t.Fatal(err)
	}
	files := written(t, filepath.Join(folder, "cluster"))
	for path, want := range map[string]string{
		"onap/pods.json":                               `"name": "vfc-db-0"`,
		"onap/events.json":                             "Back-off restarting",
		"onap/istio.json":                              `"mode": "STRICT"`,
		"onap/logs/msb-iag-5d8-x/msb-iag.log":          "container=msb-iag previous=\n2026 sent",
		"onap/logs/msb-iag-5d8-x/msb-iag.previous.log": "container=msb-iag previous=true\n",
		"onap/logs/msb-iag-5d8-x/istio-proxy.log":      "container=istio-proxy",
		"onap/logs/vfc-db-0/vfc-db.previous.log":       "2026 died",
		"onap/proxy/msb-iag-5d8-x.json":                `"configs"`,
		"onap/helm.json":                               `"deployed"`,
	} {
		if !strings.Contains(files[path], want) {
			t.Errorf("%s holds %q, want %q in it", path, files[path], want)
		}
		if strings.Contains(files[path], "canary") || strings.Contains(files[path], "managedFields") {
			t.Errorf("%s holds what should have been taken out:\n%s", path, files[path])
		}
		delete(files, path)
	}
	if len(files) > 0 {
		t.Errorf("unexpected files: %v", files)
	}
}

// TestLaterFailuresShareADump has failures at the given seconds. Each wants the
// proxy of one workload; "everything" is told by the events.
func TestLaterFailuresShareADump(t *testing.T) {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	run := t.TempDir()
	d := New(server(t, answers()), "onap")
	const events, proxy = "cluster/onap/events.json", "cluster/onap/proxy/msb-iag-5d8-x.json"
	for _, failure := range []struct {
		spec    string
		after   time.Duration
		objects []string
		files   []string
		pointer string
	}{
		{"first", 0, nil, []string{events}, ""},
		{"named", 20 * time.Second, []string{"Deployment onap/msb-iag"}, []string{proxy, PointerFile},
			"../first/cluster\nholds the state of the cluster, written down 20s before.\n"},
		{"unnamed", 59 * time.Second, nil, []string{PointerFile},
			"../first/cluster\nholds the state of the cluster, written down 59s before.\n"},
		{"next", 60 * time.Second, []string{"onap/msb-iag"}, []string{events, proxy}, ""},
		{"after", 90 * time.Second, []string{"onap/msb-iag"}, []string{proxy, PointerFile},
			"../next/cluster\nholds the state of the cluster, written down 30s before.\n"},
	} {
		d.now = func() time.Time { return began.Add(failure.after) }
		folder := filepath.Join(run, failure.spec)
		if err := d.Dump(t.Context(), folder, failure.objects); err != nil {
			t.Errorf("%s: %v", failure.spec, err)
		}
		files := written(t, folder)
		whole := slices.Contains(failure.files, events)
		for _, path := range failure.files {
			if files[path] == "" {
				t.Errorf("%s: no %s", failure.spec, path)
			}
		}
		if !whole && len(files) != len(failure.files) {
			t.Errorf("%s: files %v, want %v only", failure.spec, slices.Sorted(maps.Keys(files)), failure.files)
		}
		if _, err := os.Stat(filepath.Join(folder, "cluster")); len(failure.objects) == 0 && !whole && err == nil {
			t.Errorf("%s: an empty folder cluster", failure.spec)
		}
		if diff := cmp.Diff(failure.pointer, files[PointerFile]); diff != "" {
			t.Errorf("%s: pointer, -want +got:\n%s", failure.spec, diff)
		}
	}
}

func TestALaterFailureSaysWhatItLacks(t *testing.T) {
	d := New(server(t, answers()), "onap")
	if err := d.Dump(t.Context(), filepath.Join(t.TempDir(), "first"), nil); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	err := d.Dump(t.Context(), folder, []string{"Deployment onap/nothing"})
	if want := "proxy configuration of onap/nothing: no pod"; err == nil || !strings.Contains(err.Error(), want) ||
		!strings.Contains(written(t, folder)["cluster/"+ErrorsFile], want) {
		t.Errorf("got error %v, want one with %q, and in %s", err, want, ErrorsFile)
	}
}

func TestHelmReleasesAreReadFromLabels(t *testing.T) {
	folder := t.TempDir()
	if err := New(server(t, answers()), "onap").Dump(t.Context(), folder, nil); err != nil {
		t.Fatal(err)
	}
	var got []evidence.HelmRelease
	if err := json.Unmarshal([]byte(written(t, folder)["cluster/onap/helm.json"]), &got); err != nil {
		t.Fatal(err)
	}
	want := []evidence.HelmRelease{{Name: "msb", Namespace: "onap", Status: "deployed", Revision: 3}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("releases differ (-want +got):\n%s", diff)
	}
}

func TestOnePartDoesNotStopTheOthers(t *testing.T) {
	for name, c := range map[string]struct {
		path, answer string
		pods         []string
		want, kept   string
	}{
		"events forbidden":      {"/api/v1/namespaces/onap/events", "403 no", nil, "events of onap: ", "onap/pods.json"},
		"secrets forbidden":     {"/api/v1/namespaces/onap/secrets", "403 no", nil, "Helm releases of onap: ", "onap/istio.json"},
		"a log refused":         {"/api/v1/namespaces/onap/pods/vfc-db-0/log", "403 no", nil, "log onap/logs/vfc-db-0/vfc-db.previous.log: ", "onap/logs/msb-iag-5d8-x/msb-iag.log"},
		"no pods":               {"/api/v1/namespaces/onap/pods", "403 no", nil, "pods of onap: ", "onap/events.json"},
		"Istio not listed":      {"/apis/security.istio.io/v1/namespaces/onap/peerauthentications", "403 no", nil, "list peerauthentications", "onap/istio.json"},
		"exec refused":          {"/api/v1/namespaces/onap/pods/msb-iag-5d8-x/exec", "403 no", []string{"onap/msb-iag"}, "proxy configuration of onap/msb-iag-5d8-x: ", "onap/pods.json"},
		"no such workload":      {"", "", []string{"Deployment onap/nothing"}, "proxy configuration of onap/nothing: no pod", "onap/pods.json"},
		"a pod without a proxy": {"", "", []string{"onap/vfc-db-0"}, "pod onap/vfc-db-0 has no container istio-proxy", "onap/pods.json"},
		"an error with a token": {"/api/v1/namespaces/onap/events", "403 token=canary-4", nil, "token=[redacted]", "onap/pods.json"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			all := answers()
			if c.path != "" {
				all[c.path] = c.answer
			}
			err := New(server(t, all), "onap").Dump(t.Context(), folder, c.pods)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			files := written(t, filepath.Join(folder, "cluster"))
			if files[c.kept] == "" || !strings.Contains(files[ErrorsFile], c.want) {
				t.Errorf("want %s and the problem in %s, got files %v", c.kept, ErrorsFile, files)
			}
		})
	}
}

func TestDumpEndsWithItsContext(t *testing.T) {
	all := answers()
	all["/api/v1/namespaces/onap/pods/vfc-db-0/log"] = "hang"
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	folder := t.TempDir()
	began := time.Now()
	err := New(server(t, all), "onap").Dump(ctx, folder, nil)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	if err == nil || !strings.Contains(err.Error(), "log onap/logs/vfc-db-0/vfc-db.previous.log: ") {
		t.Errorf("got %v, want an error that names the log", err)
	}
	if written(t, folder)["cluster/onap/logs/msb-iag-5d8-x/msb-iag.log"] == "" {
		t.Error("the other log is missing")
	}
}

func TestBoxKeepsItsLimits(t *testing.T) {
	b := &box{folder: t.TempDir(), left: 10}
	if err := b.put("a/small", []byte("12345678")); err != nil {
		t.Error(err)
	}
	if err := b.put("more", []byte("123")); err == nil || !strings.Contains(err.Error(), "exceeds the limit") {
		t.Errorf("got %v, want an error about the limit of a dump", err)
	}
	if err := b.put("huge", make([]byte, fileLimit+1)); err == nil || !strings.Contains(err.Error(), "limit of") {
		t.Errorf("got %v, want an error about the limit of a file", err)
	}
	if got := len(written(t, b.folder)); got != 1 {
		t.Errorf("%d files, want 1", got)
	}
}

func TestDumpNamesAFolderThatCannotBeMade(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := New(server(t, answers())).Dump(t.Context(), file, nil); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("got %v, want an error that names %s", err, file)
	}
}
