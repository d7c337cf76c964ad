package releases

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// RestartKinds are the kinds of JudgeRestarts that can be waived.
func RestartKinds() []verdict.Kind { return []verdict.Kind{"restarted", "oom-killed", "warned"} }

// Recent is for how long a warning counts.
const Recent = 5 * time.Minute

// mild are warnings that a busy node also gives rise to; that they did no harm
// shows in READY and restarts. They are notes.
var mild = []string{"Unhealthy", "ProbeWarning", "DNSConfigForming", "FailedToRetrieveImagePullSecret"}

// JudgeRestarts says which containers were started again, and which pods were
// warned of in the last minutes, after they had been ready.
func JudgeRestarts(release *catalogue.Release, seen evidence.Stability) []verdict.Finding {
	if len(seen.Pods.Items) == 0 {
		return []verdict.Finding{nothing("namespace "+seen.Pods.Namespace+" has no pods", seen.Pods.Namespace, "list of pods")}
	}
	findings := podless(release, seen.Pods)
	for _, p := range seen.Pods.Items {
		if p.Terminating {
			continue
		}
		of := "Pod " + seen.Pods.Namespace + "/" + p.Name
		if p.Workload != "" {
			of = object.Workload(release, seen.Pods.Namespace, p.Workload)
		}
		for _, c := range slices.Concat(p.InitContainers, p.Containers) {
			if c.Restarts > 0 {
				findings = append(findings, restarted(of, p, c, seen))
			}
		}
		findings = append(findings, warned(of, p, seen)...)
	}
	verdict.Sort(findings)
	return findings
}

// podless names the workloads of the catalogue without a pod that has containers.
func podless(release *catalogue.Release, pods evidence.Pods) []verdict.Finding {
	var findings []verdict.Finding
	for _, w := range release.Workloads {
		if slices.ContainsFunc(pods.Items, func(p evidence.Pod) bool { return p.Workload == w.Name && !p.Terminating && len(p.Containers) > 0 }) {
			continue
		}
		findings = append(findings, verdict.Finding{
			Kind: "no-pod-seen", Verdict: verdict.Inconclusive, Object: w.Object(pods.Namespace), Summary: "no pod of " + w.Name + " was seen",
			Want: "a pod whose restarts can be read", Got: "none", Where: "list of " + object.Count(len(pods.Items), "pod"),
			Why: "what does not run now may have died before", Next: "see spec releases.workloads, which says what became of it",
		})
	}
	return findings
}

func restarted(of string, p evidence.Pod, c evidence.Container, seen evidence.Stability) verdict.Finding {
	f := verdict.Finding{
		Kind: "restarted", Verdict: verdict.Fail, Object: of, Summary: fmt.Sprintf("%s: container %s was started again", of, c.Name),
		Want: "0 restarts", Got: fmt.Sprintf("%d, state %s", c.Restarts, object.Text(c.State)), Where: "container " + c.Name + " of pod " + p.Name,
		Why:  "it ended although nothing asked it to; what it held in memory is lost, and the next end may come under load",
		Next: fmt.Sprintf("read what it said at its end: kubectl -n %s logs %s -c %s --previous", seen.Pods.Namespace, p.Name, c.Name),
	}
	for _, d := range seen.Deaths {
		if d.Pod != p.Name || d.Container != c.Name {
			continue
		}
		f.Got += fmt.Sprintf(", last end %s with exit code %d at %s", object.Text(d.Reason), d.ExitCode, d.At.Format(time.RFC3339))
		if d.Reason == "OOMKilled" {
			f.Kind, f.Summary = "oom-killed", fmt.Sprintf("%s: container %s was killed for its memory", of, c.Name)
			f.Why = "it reached its limit of memory, or the node had no more"
			f.Next = "raise its limit in the chart's values (OOM: flavor), or find what grows"
		}
	}
	return f
}

// warned is about recent events of a pod: one finding, or one note for mild ones.
func warned(of string, p evidence.Pod, seen evidence.Stability) []verdict.Finding {
	var grave, notes []string
	for _, w := range seen.Warnings {
		if w.Pod != p.Name || (!w.Last.IsZero() && w.Last.Before(seen.Pods.Observed.Add(-Recent))) {
			continue
		}
		text := fmt.Sprintf("%s: %s (%d×, last %s)", w.Reason, strings.TrimSpace(w.Message), w.Count, w.Last.Format(time.TimeOnly))
		if slices.Contains(mild, w.Reason) {
			notes = append(notes, text)
		} else {
			grave = append(grave, text)
		}
	}
	f := verdict.Finding{
		Kind: "warned", Verdict: verdict.Fail, Object: of, Summary: of + ": Kubernetes warned of its pod", Where: "events about pod " + p.Name,
		Want: fmt.Sprintf("no warning in the last %.0f minutes, after it was ready", Recent.Minutes()), Got: strings.Join(grave, "; "),
		Why:  "the node or a controller could not do something that the pod needs",
		Next: fmt.Sprintf("see all events of the pod: kubectl -n %s describe pod %s", seen.Pods.Namespace, p.Name),
	}
	var findings []verdict.Finding
	if len(grave) > 0 {
		findings = append(findings, f)
	}
	if len(notes) > 0 {
		f.Verdict, f.Got = verdict.Pass, strings.Join(notes, "; ")
		f.Summary = of + ": Kubernetes warned of its pod, which did it no harm: " + notes[0]
		findings = append(findings, f)
	}
	return findings
}
