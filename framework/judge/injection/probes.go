package injection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// The agent answers probes on this port, and knows what to ask from this variable.
const (
	agentPort  = 15020
	probersEnv = "ISTIO_KUBE_APP_PROBERS"
	rewriting  = "sidecar.istio.io/rewriteAppHTTPProbers"
)

// probeNames are all probes, in the order they are judged.
var probeNames = []string{evidence.StartupProbe, evidence.LivenessProbe, evidence.ReadinessProbe}

// JudgeProbes says whether each probe of an injected pod asks the sidecar's
// agent, which asks in the kubelet's place what the workload's template says; a
// probe by command, and every probe of a pod without a sidecar, must be the
// template's own.
func JudgeProbes(release *catalogue.Release, policy catalogue.Policy, seen evidence.Shapes) []verdict.Finding {
	if missing := noPods(seen); missing != nil {
		return missing
	}
	var findings []verdict.Finding
	rewritten := 0
	for _, w := range release.Workloads {
		templates, pods := of(seen.Templates, w.Name), of(seen.Pods, w.Name)
		switch {
		case len(pods) == 0:
			findings = append(findings, podless(seen, w))
			continue
		case len(templates) == 0:
			findings = append(findings, templateless(seen, w))
			continue
		}
		for _, template := range templates {
			for _, pod := range pods {
				j := probeJudge{object: w.Object(seen.Namespace), workload: w, template: template, pod: pod}
				findings = append(findings, j.judge(policy)...)
				rewritten += j.rewritten
			}
		}
	}
	if rewritten == 0 {
		findings = append(findings, verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "no pod with a sidecar has a probe, so no rewriting was judged",
			Object: "Namespace " + seen.Namespace, Want: "at least one probe of a pod with a sidecar", Got: "none",
			Where: "pods and templates of namespace " + seen.Namespace, Why: "a judgement of none proves nothing",
			Next: "see whether pods are injected, and the charts' probes",
		})
	}
	verdict.Sort(findings)
	return findings
}

func templateless(seen evidence.Shapes, w catalogue.Workload) verdict.Finding {
	return verdict.Finding{
		Kind: "no-template", Verdict: verdict.Inconclusive, Summary: w.Name + " has pods and no template, so its own probes are not known", Object: w.Object(seen.Namespace),
		Want: "a Deployment, StatefulSet or DaemonSet " + w.Name, Got: "none", Where: "lists of workloads of namespace " + seen.Namespace,
		Why:  "what the chart asks to probe is in the workload's pod template",
		Next: fmt.Sprintf("see what owns the pods: kubectl -n %s get pods -o custom-columns=NAME:.metadata.name,OWNER:.metadata.ownerReferences[0].name", seen.Namespace),
	}
}

// probeJudge judges one pod by its template.
type probeJudge struct {
	object        string
	workload      catalogue.Workload
	template, pod evidence.Shape
	// rewritten counts the probes that had to be rewritten.
	rewritten int
}

func (j *probeJudge) judge(policy catalogue.Policy) []verdict.Finding {
	proxy, injected := container(j.pod, catalogue.Proxy)
	if j.workload.Injected(policy) && !injected {
		f := j.finding("sidecar-missing", verdict.Inconclusive, j.workload.Name+" has no sidecar, so nobody rewrote its probes")
		f.Want, f.Got = "container "+catalogue.Proxy, "containers "+namesOf(all(j.pod))
		f.Why = "by the policy and the catalogue's annotation it must have one; spec sidecar.ready judges that"
		f.Next = "see why it was not injected: run spec sidecar.ready"
		return []verdict.Finding{f}
	}
	if f, other := j.otherTemplate(); other {
		return []verdict.Finding{f}
	}
	var findings []verdict.Finding
	for _, own := range all(j.template) {
		now, _ := container(j.pod, own.Name)
		for _, name := range probeNames {
			p := probeCase{probeJudge: j, container: own.Name, name: name}
			p.own, p.has = own.Probes[name]
			p.now, p.asks = now.Probes[name]
			findings = append(findings, p.judge(proxy, injected)...)
		}
	}
	return findings
}

// otherTemplate tells whether the pod was not made from the template: its
// containers are others, the injector's aside.
func (j *probeJudge) otherTemplate() (verdict.Finding, bool) {
	own := slices.DeleteFunc(slices.Clone(all(j.pod)), func(c evidence.ContainerShape) bool {
		return c.Name == catalogue.Proxy || slices.Contains(injectorInits, c.Name)
	})
	if sortedNames(own) == sortedNames(all(j.template)) && len(own) > 0 {
		return verdict.Finding{}, false
	}
	f := j.finding("other-template", verdict.Inconclusive, "a pod of "+j.workload.Name+" was not made from the template that is there")
	f.Want, f.Got = "containers "+namesOf(all(j.template)), "containers "+namesOf(own)
	f.Why = "a probe can only be compared with the one of the same container"
	f.Next = fmt.Sprintf("see whether a rollout is under way: kubectl -n %s rollout status deployment %s", object.Namespace, j.workload.Name)
	return f, true
}

func sortedNames(containers []evidence.ContainerShape) string {
	var names []string
	for _, c := range containers {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

func (j *probeJudge) finding(kind verdict.Kind, v verdict.Verdict, summary string) verdict.Finding {
	return verdict.Finding{Kind: kind, Verdict: v, Summary: summary, Object: j.object, Where: "pod " + object.Text(j.pod.Pod)}
}

// probeCase is one probe of one container.
type probeCase struct {
	*probeJudge
	container, name string
	// own is the template's, now the pod's; has and asks tell whether there is one.
	own, now  evidence.Probe
	has, asks bool
}

func (p probeCase) judge(proxy evidence.ContainerShape, injected bool) []verdict.Finding {
	if !p.has && !p.asks {
		return nil
	}
	if !p.has || !injected || strings.HasPrefix(p.own.Action, "exec:") {
		return p.unchanged(injected)
	}
	p.rewritten++
	path := fmt.Sprintf("/app-health/%s/%s", p.container, p.name)
	want := p.own
	want.Action = fmt.Sprintf("http:%d%s", agentPort, path)
	if p.now == want {
		return p.kept(proxy, path)
	}
	if p.now == p.own {
		f := p.finding("probe-not-rewritten", fmt.Sprintf("the kubelet probes %s of %s past its sidecar's agent", p.container, p.workload.Name))
		f.Want, f.Got = describe(want), describe(p.now)
		f.Why = "the probe is still the template's: under STRICT mutual TLS the kubelet, which has no certificate, cannot make it, and the container is restarted" + says(p.pod, rewriting)
		f.Next = fmt.Sprintf("remove annotation %s from the pod template of %s, or see rewriteAppHTTPProbe in the injector's values", rewriting, p.workload.Name)
		return []verdict.Finding{f}
	}
	return []verdict.Finding{p.changed(want)}
}

// unchanged demands the template's own probe.
func (p probeCase) unchanged(injected bool) []verdict.Finding {
	if p.has == p.asks && p.own == p.now {
		return nil
	}
	f := p.changed(p.own)
	if !p.has {
		f.Want = "no probe"
	}
	if !injected {
		f.Why = "the pod has no sidecar, so nobody but its template says how it is probed, and there is no agent to ask"
	}
	return []verdict.Finding{f}
}

func (p probeCase) changed(want evidence.Probe) verdict.Finding {
	f := p.finding("probe-changed", fmt.Sprintf("a probe of container %s of %s is neither the template's nor a rewritten one", p.container, p.workload.Name))
	f.Want, f.Got = describe(want), describe(p.now)
	if !p.asks {
		f.Got = "no probe"
	}
	f.Why = "the injector changes whom a probe asks, and nothing of when and how often; a command stays as it is"
	f.Next = fmt.Sprintf("compare the pod with its template: kubectl -n %s get pod %s -o yaml; another webhook may have changed it", object.Namespace, object.Text(p.pod.Pod))
	return f
}

// kept demands that the agent knows the template's probe.
func (p probeCase) kept(proxy evidence.ContainerShape, path string) []verdict.Finding {
	agent, ok := proxy.AppProbers[path]
	if ok && agent.Action == p.own.Action && agent.Timeout == p.own.Timeout {
		return nil
	}
	f := p.finding("probe-not-kept", fmt.Sprintf("the sidecar's agent of %s does not make the probe of container %s", p.workload.Name, p.container))
	f.Where += ", container " + catalogue.Proxy + ", variable " + probersEnv + ", " + path
	f.Want, f.Got = fmt.Sprintf("%s timeout=%d", p.own.Action, p.own.Timeout), "none"
	if ok {
		f.Got = fmt.Sprintf("%s timeout=%d", object.Text(agent.Action), agent.Timeout)
	}
	f.Why = "the kubelet asks the agent, and the agent asks something else than the template says, so the pod's health is not the application's"
	f.Next = fmt.Sprintf("make the pod again, and see the variable: kubectl -n %s get pod %s -o yaml", object.Namespace, object.Text(p.pod.Pod))
	return []verdict.Finding{f}
}

func (p probeCase) finding(kind verdict.Kind, summary string) verdict.Finding {
	f := p.probeJudge.finding(kind, verdict.Fail, summary)
	f.Where += fmt.Sprintf(", container %s, %s", p.container, p.name)
	return f
}

func describe(p evidence.Probe) string {
	return fmt.Sprintf("%s delay=%d period=%d timeout=%d success=%d failure=%d", object.Text(p.Action), p.Delay, p.Period, p.Timeout, p.Success, p.Failure)
}
