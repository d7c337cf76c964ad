package sidecar

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// podJudge judges one pod of a workload.
type podJudge struct {
	release  *catalogue.Release
	policy   catalogue.Policy
	workload catalogue.Workload
	pod      evidence.Pod
	object   string
}

func (j podJudge) judge() []verdict.Finding {
	want, _ := j.release.Expected(j.workload, j.policy)
	seen := Names(j.pod)
	findings := j.missing(want, seen)
	findings = append(findings, j.unexpected(want, seen)...)
	findings = append(findings, j.inits()...)
	findings = append(findings, j.notReady()...)
	return append(findings, j.restarts()...)
}

func (j podJudge) missing(want, seen []string) []verdict.Finding {
	var findings []verdict.Finding
	for _, name := range want {
		if slices.Contains(seen, name) {
			continue
		}
		f := j.finding("missing-container", fmt.Sprintf("%s runs without container %s", j.workload.Name, name))
		f.Want, f.Got = j.wanted(want), Ready(j.pod)+": "+strings.Join(seen, ", ")
		if name == catalogue.Proxy {
			f.Why = j.rule() + j.podSays()
			f.Next = fmt.Sprintf("inject it: annotation sidecar.istio.io/inject of the pod template of %s, label istio-injection of the namespace, "+
				"and istiod's webhook, then make the pod again", j.workload.Name)
		} else {
			f.Why = fmt.Sprintf("the catalogue of %s lists %s in %s", j.release.Name, name, j.workload.Name)
			f.Next = "see the chart's containers and the values it was installed with"
		}
		findings = append(findings, f)
	}
	return findings
}

func (j podJudge) unexpected(want, seen []string) []verdict.Finding {
	var findings []verdict.Finding
	for i, name := range seen {
		if slices.Contains(want, name) && !slices.Contains(seen[:i], name) {
			continue
		}
		f := j.finding("unexpected-container", fmt.Sprintf("%s runs container %s, which it should not have", j.workload.Name, name))
		f.Want, f.Got = j.wanted(want), Ready(j.pod)+": "+strings.Join(seen, ", ")
		if name == catalogue.Proxy {
			f.Why = j.rule() + j.podSays()
			f.Next = "see the injector's policy and the annotation, then make the pod again"
		} else {
			f.Why = fmt.Sprintf("the catalogue of %s lists no %s in %s", j.release.Name, name, j.workload.Name)
			f.Next = "see the chart's containers, or add the container to the catalogue when it belongs to the release"
		}
		findings = append(findings, f)
	}
	return findings
}

// inits compares the init containers that end; the injector's own are free.
func (j podJudge) inits() []verdict.Finding {
	var want, seen []string
	for _, c := range j.workload.InitContainers {
		want = append(want, c.Name)
	}
	for _, c := range j.pod.InitContainers {
		if !c.Sidecar && !slices.Contains(injectorInits, c.Name) {
			seen = append(seen, c.Name)
		}
	}
	var findings []verdict.Finding
	add := func(kind verdict.Kind, summary, why string) {
		f := j.finding(kind, summary)
		f.Why = why
		f.Want, f.Got = "init containers: "+list(want), "init containers: "+list(seen)
		f.Next = "see the chart's init containers and the values it was installed with"
		findings = append(findings, f)
	}
	for _, name := range want {
		if !slices.Contains(seen, name) {
			add("missing-container", fmt.Sprintf("%s starts without init container %s", j.workload.Name, name),
				fmt.Sprintf("the catalogue of %s lists it; what it does before the start (a wait, a preparation) is left out", j.release.Name))
		}
	}
	for _, name := range seen {
		if !slices.Contains(want, name) {
			add("unexpected-container", fmt.Sprintf("%s starts with init container %s, which it should not have", j.workload.Name, name),
				fmt.Sprintf("the catalogue of %s does not list it, and it is none of the injector's (%s)", j.release.Name, strings.Join(injectorInits, ", ")))
		}
	}
	return findings
}

func (j podJudge) notReady() []verdict.Finding {
	var waiting []string
	for _, c := range slices.Concat(j.pod.InitContainers, j.pod.Containers) {
		if !c.Ready {
			waiting = append(waiting, fmt.Sprintf("%s (%s)", c.Name, state(c)))
		}
	}
	if j.pod.Ready && len(waiting) == 0 {
		return nil
	}
	f := j.finding("not-ready", fmt.Sprintf("%s is not ready: %s", j.workload.Name, Ready(j.pod)))
	_, f.Want = j.release.Expected(j.workload, j.policy)
	f.Got = Ready(j.pod) + ", phase " + j.pod.Phase
	if len(waiting) > 0 {
		f.Why = "not ready: " + strings.Join(waiting, ", ")
	} else {
		f.Why = "all containers are ready, the pod itself is not"
	}
	f.Next = fmt.Sprintf("see the events and logs of pod %s", j.pod.Name)
	return []verdict.Finding{f}
}

func (j podJudge) restarts() []verdict.Finding {
	var findings []verdict.Finding
	for _, c := range slices.Concat(j.pod.InitContainers, j.pod.Containers) {
		if c.Restarts == 0 {
			continue
		}
		f := j.finding("restarts", fmt.Sprintf("container %s of %s was restarted", c.Name, j.workload.Name))
		f.Want, f.Got = "0 restarts", fmt.Sprintf("%d, now %s", c.Restarts, state(c))
		f.Where = fmt.Sprintf("pod %s, container %s", j.pod.Name, c.Name)
		f.Why = "a restart means that the container ended or failed its liveness check; requests of that time may be lost, and it may happen again"
		f.Next = fmt.Sprintf("see the log of the container before the restart: kubectl logs --previous -c %s %s", c.Name, j.pod.Name)
		findings = append(findings, f)
	}
	return findings
}

func (j podJudge) finding(kind verdict.Kind, summary string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: verdict.Fail, Summary: summary, Object: j.object, Where: "pod " + j.pod.Name}
}

func (j podJudge) wanted(names []string) string {
	return fmt.Sprintf("%d/%d: %s", len(names), len(names), strings.Join(names, ", "))
}

// rule says which rule of the injector demands or forbids the sidecar here.
func (j podJudge) rule() string {
	has := "this workload has no annotation"
	if a := j.workload.Annotation; a != "" {
		has = fmt.Sprintf("this workload has %q", a)
	}
	if j.policy == catalogue.Enabled {
		return fmt.Sprintf(`policy enabled injects unless the annotation says "false"; %s`, has)
	}
	return fmt.Sprintf(`policy %s injects only where the annotation says "true"; %s`, j.policy, has)
}

// podSays adds what the running pod asks for when that differs from the catalogue.
func (j podJudge) podSays() string {
	const key = "sidecar.istio.io/inject"
	if v, ok := j.pod.Labels[key]; ok {
		return fmt.Sprintf("; the running pod has the label %s=%s, which wins over the annotation", key, v)
	}
	v, ok := j.pod.Annotations[key]
	switch {
	case v == j.workload.Annotation:
		return ""
	case !ok:
		return "; the running pod has none"
	}
	return fmt.Sprintf("; the running pod has %q", v)
}

func state(c evidence.Container) string {
	if c.State == "" {
		return "no state yet"
	}
	return c.State
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
