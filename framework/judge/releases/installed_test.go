package releases_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/releases"
)

const (
	vio   = "multicloud-multicloud-vio"
	ofVIO = "Deployment onap/" + vio
)

// stored is each workload and Service as Helm stored it and as it is: the same.
func stored(release *catalogue.Release) evidence.Installed {
	seen := evidence.Installed{Namespace: "onap", Observed: sample.Now, Releases: release.HelmReleases()}
	add := func(w catalogue.Workload, object string, fields map[string]string) {
		seen.Items = append(seen.Items, evidence.InstalledObject{Release: w.HelmRelease, Object: object, Stored: fields, Live: maps.Clone(fields)})
	}
	for _, w := range release.Workloads {
		fields := map[string]string{"replicas": "1"}
		for _, c := range w.Containers {
			fields["containers["+c.Name+"].image"] = c.Image
		}
		add(w, w.Object("onap"), fields)
		for _, s := range w.Services {
			add(w, "Service onap/"+s.Name, map[string]string{"type": s.Type, "ports[" + s.Ports[0].Name + "]": fmt.Sprint(s.Ports[0].Port)})
		}
	}
	return seen
}

func installed(t *testing.T, seen *evidence.Installed, object string) *evidence.InstalledObject {
	t.Helper()
	for i := range seen.Items {
		if seen.Items[i].Object == object {
			return &seen.Items[i]
		}
	}
	t.Fatalf("no %s", object)
	return nil
}

func TestManifest(t *testing.T) {
	release := sample.Release(t, "casablanca")
	const service = "Service onap/multicloud-vio"
	for name, c := range map[string]struct {
		object     string
		change     func(*evidence.InstalledObject)
		want       []string
		given, got string
	}{
		"nothing":          {ofVIO, func(*evidence.InstalledObject) {}, nil, "", ""},
		"other replicas":   {ofVIO, func(o *evidence.InstalledObject) { o.Live["replicas"] = "0" }, []string{"fail drift " + ofVIO}, "replicas 1", "replicas 0"},
		"a variable more":  {ofVIO, func(o *evidence.InstalledObject) { o.Live["containers[x].env[A]"] = "1" }, []string{"fail drift " + ofVIO}, "no containers[x].env[A]", "containers[x].env[A] 1"},
		"a variable less":  {ofVIO, func(o *evidence.InstalledObject) { o.Stored["containers[x].env[A]"] = "" }, []string{"fail drift " + ofVIO}, "containers[x].env[A] none", "no containers[x].env[A]"},
		"two things":       {service, func(o *evidence.InstalledObject) { o.Live["type"], o.Live["ports[z]"] = "ClusterIP", "5" }, []string{"fail drift " + service}, "no ports[z]; type NodePort", "ports[z] 5; type ClusterIP"},
		"a NodePort given": {service, func(o *evidence.InstalledObject) { o.Live["ports[z].nodePort"] = "31111" }, nil, "", ""},
		"another NodePort": {service, func(o *evidence.InstalledObject) {
			o.Stored["ports[z].nodePort"], o.Live["ports[z].nodePort"] = "30292", "31111"
		}, []string{"fail drift " + service}, "ports[z].nodePort 30292", "ports[z].nodePort 31111"},
		"gone":            {service, func(o *evidence.InstalledObject) { o.Live = nil }, []string{"fail object-missing " + service}, "what Helm installed", "none"},
		"never installed": {ofVIO, func(o *evidence.InstalledObject) { o.Object = service }, []string{"inconclusive not-in-manifest " + ofVIO}, "", ""},
		"stored empty":    {ofVIO, func(o *evidence.InstalledObject) { o.Stored, o.Live = nil, map[string]string{} }, []string{"inconclusive not-in-manifest " + ofVIO}, "", ""},
	} {
		seen := stored(release)
		c.change(installed(t, &seen, c.object))
		findings := releases.JudgeManifest(release, seen)
		sample.Judged(t, name, findings, c.want...)
		if c.got != "" && (findings[0].Want != c.given || findings[0].Got != c.got) {
			t.Errorf("%s: want %q, got %q; should be %q and %q", name, findings[0].Want, findings[0].Got, c.given, c.got)
		}
	}
	sample.Judged(t, "nothing stored", releases.JudgeManifest(release, evidence.Installed{Namespace: "onap"}), "inconclusive no-evidence Namespace onap")
}

func running(release *catalogue.Release) evidence.Workloads {
	seen := evidence.Workloads{Namespace: "onap", Observed: sample.Now}
	for _, w := range release.Workloads {
		seen.Items = append(seen.Items, evidence.Workload{Kind: "Deployment", Name: w.Name, Wanted: 1, Available: 1, Updated: 1})
	}
	return seen
}

func TestWorkloads(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for name, c := range map[string]struct {
		change func(*evidence.Workload)
		want   []string
	}{
		"nothing":             {func(*evidence.Workload) {}, nil},
		"more of them":        {func(w *evidence.Workload) { w.Wanted, w.Available, w.Updated = 3, 3, 3 }, nil},
		"scaled to nothing":   {func(w *evidence.Workload) { w.Wanted, w.Available, w.Updated = 0, 0, 0 }, []string{"fail scaled-to-nothing " + ofVIO}},
		"not available":       {func(w *evidence.Workload) { w.Available = 0 }, []string{"fail not-available " + ofVIO}},
		"one of two":          {func(w *evidence.Workload) { w.Wanted, w.Updated = 2, 2 }, []string{"fail not-available " + ofVIO}},
		"an older template":   {func(w *evidence.Workload) { w.Updated = 0 }, []string{"fail not-updated " + ofVIO}},
		"its rollout stopped": {func(w *evidence.Workload) { w.Paused = true }, []string{"fail rollout-paused " + ofVIO}},
		"under another name":  {func(w *evidence.Workload) { w.Name = "x" }, []string{"fail missing-workload " + ofVIO, "fail extra-workload Deployment onap/x"}},
		"of another kind":     {func(w *evidence.Workload) { w.Kind = "DaemonSet" }, []string{"fail extra-workload DaemonSet onap/" + vio, "fail missing-workload " + ofVIO}},
	} {
		seen := running(release)
		i := slices.IndexFunc(seen.Items, func(w evidence.Workload) bool { return w.Name == vio })
		c.change(&seen.Items[i])
		sample.Judged(t, name, releases.JudgeWorkloads(release, seen), c.want...)
	}
	sample.Judged(t, "nothing there", releases.JudgeWorkloads(release, evidence.Workloads{Namespace: "onap"}), "inconclusive no-evidence Namespace onap")
}

// TestWorkloadsOfOtherKinds: a derived catalogue names the kind of each workload.
func TestWorkloadsOfOtherKinds(t *testing.T) {
	release := sample.Release(t, "casablanca")
	seen := running(release)
	i := slices.IndexFunc(release.Workloads, func(w catalogue.Workload) bool { return w.Name == vio })
	release.Workloads[i].Kind = catalogue.StatefulSet
	sample.Judged(t, "a Deployment", releases.JudgeWorkloads(release, seen), "fail extra-workload "+ofVIO, "fail missing-workload StatefulSet onap/"+vio)
	seen.Items[i].Kind = "StatefulSet"
	sample.Judged(t, "the StatefulSet", releases.JudgeWorkloads(release, seen))
}

func quiet(release *catalogue.Release) evidence.Stability {
	return evidence.Stability{Pods: sample.Pods(release, catalogue.Enabled)}
}

func TestRestarts(t *testing.T) {
	release := sample.Release(t, "casablanca")
	const pod = vio + "-5d9c7b9f4c-8xk2p"
	warning := func(reason string, ago time.Duration) func(*evidence.Stability, *evidence.Pod) {
		return func(s *evidence.Stability, _ *evidence.Pod) {
			s.Warnings = append(s.Warnings, evidence.Warning{Pod: pod, Reason: reason, Message: "it did", Count: 2, Last: sample.Now.Add(-ago)})
		}
	}
	again := func(_ *evidence.Stability, p *evidence.Pod) { p.Containers[0].Restarts = 1 }
	died := func(reason string) func(*evidence.Stability, *evidence.Pod) {
		return func(s *evidence.Stability, p *evidence.Pod) {
			again(s, p)
			s.Deaths = append(s.Deaths, evidence.Death{Pod: pod, Container: p.Containers[0].Name, Reason: reason, ExitCode: 137, At: sample.Now})
		}
	}
	for name, c := range map[string]struct {
		change func(*evidence.Stability, *evidence.Pod)
		want   []string
	}{
		"nothing":             {func(*evidence.Stability, *evidence.Pod) {}, nil},
		"started again":       {again, []string{"fail restarted " + ofVIO}},
		"the sidecar":         {func(_ *evidence.Stability, p *evidence.Pod) { p.InitContainers[1].Restarts = 2 }, []string{"fail restarted " + ofVIO}},
		"ended with an error": {died("Error"), []string{"fail restarted " + ofVIO}},
		"out of memory":       {died("OOMKilled"), []string{"fail oom-killed " + ofVIO}},
		"another's death": {func(s *evidence.Stability, p *evidence.Pod) {
			died("OOMKilled")(s, p)
			s.Deaths[0].Container = "other"
		}, []string{"fail restarted " + ofVIO}},
		"of a pod that ends": {func(s *evidence.Stability, p *evidence.Pod) { again(s, p); p.Terminating = true }, []string{"inconclusive no-pod-seen " + ofVIO}},
		"warned":             {warning("BackOff", time.Minute), []string{"fail warned " + ofVIO}},
		"warned long ago":    {warning("BackOff", releases.Recent+time.Second), nil},
		"warned at no time": {func(s *evidence.Stability, p *evidence.Pod) {
			warning("BackOff", 0)(s, p)
			s.Warnings[0].Last = time.Time{}
		}, []string{"fail warned " + ofVIO}},
		"a probe failed once": {warning("Unhealthy", time.Minute), nil},
		"of another pod": {func(s *evidence.Stability, p *evidence.Pod) {
			warning("BackOff", 0)(s, p)
			s.Warnings[0].Pod = "other"
		}, nil},
		"without containers": {func(_ *evidence.Stability, p *evidence.Pod) { p.Containers = nil }, []string{"inconclusive no-pod-seen " + ofVIO}},
		"a pod of nobody":    {func(s *evidence.Stability, p *evidence.Pod) { again(s, p); p.Workload = "" }, []string{"fail restarted Pod onap/" + pod, "inconclusive no-pod-seen " + ofVIO}},
	} {
		seen := quiet(release)
		c.change(&seen, sample.Pod(t, seen.Pods, vio))
		sample.Judged(t, name, releases.JudgeRestarts(release, seen), c.want...)
	}
	sample.Judged(t, "no pods", releases.JudgeRestarts(release, evidence.Stability{Pods: evidence.Pods{Namespace: "onap"}}), "inconclusive no-evidence Namespace onap")
}
