package injection

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// The forms of a sidecar.
const (
	native  = "native" // an init container that is restarted always
	classic = "classic"
)

// nativeFrom is the kubelet from which istiod makes native sidecars unless it is told otherwise.
var nativeFrom = version.MajorMinor(1, 33)

// Form is the form that istiod gives sidecars, "" when it cannot be known.
// Source: Istio, pilot/pkg/features and pkg/kube/inject DetectNativeSidecar.
func Form(injector evidence.Injector) string {
	switch injector.NativeSidecars {
	case "true":
		return native
	case "", "auto":
	default:
		return classic
	}
	form := ""
	for _, kubelet := range injector.Kubelets {
		v, err := version.ParseGeneric(kubelet)
		if err != nil {
			return ""
		}
		if v.LessThan(nativeFrom) {
			return classic
		}
		form = native
	}
	return form
}

// Image is the image that the injector gives sidecars, "" when it is not known.
// Source: Istio, pkg/kube/inject imageURL, and the template of the sidecar, which
// takes an image with a slash as it is.
func Image(injector evidence.Injector) string {
	switch {
	case strings.Contains(injector.Image, "/"):
		return injector.Image
	case injector.Hub == "" || injector.Image == "" || injector.Tag == "":
		return ""
	case injector.Variant == "":
		return injector.Hub + "/" + injector.Image + ":" + injector.Tag
	}
	tag := strings.TrimSuffix(strings.TrimSuffix(injector.Tag, "-distroless"), "-debug")
	if injector.Variant != "default" {
		tag += "-" + injector.Variant
	}
	return injector.Hub + "/" + injector.Image + ":" + tag
}

// JudgeForm says whether every sidecar of the release has the form and image
// that the injector is set to, the init container that leads traffic to it, and
// requests and limits. What is wrong with all of them in the same way is said once, of
// what made them.
func JudgeForm(release *catalogue.Release, policy catalogue.Policy, seen evidence.Shapes) []verdict.Finding {
	if missing := noPods(seen); missing != nil {
		return missing
	}
	findings, form, image := unknown(seen.Injector)
	judged := 0
	var flaws []flaw
	for _, w := range release.Workloads {
		pods := of(seen.Pods, w.Name)
		if len(pods) == 0 && w.Injected(policy) {
			findings = append(findings, podless(seen, w))
		}
		for _, p := range pods {
			j := formJudge{object: w.Object(seen.Namespace), workload: w.Name, pod: p, form: form, image: image}
			_, has := container(p, catalogue.Proxy)
			switch {
			case has:
				judged++
				flaws = append(flaws, j.judge()...)
			case w.Injected(policy):
				findings = append(findings, j.sidecarless(seen.Namespace))
			}
		}
	}
	if judged == 0 {
		findings = append(findings, verdict.Finding{
			Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "no pod of the release has a sidecar, so no form was judged",
			Object: "Namespace " + seen.Namespace, Want: "at least one pod with container " + catalogue.Proxy, Got: "none",
			Where: "pods of namespace " + seen.Namespace, Why: "a judgement of none proves nothing", Next: "see whether pods are injected: run spec sidecar.ready",
		})
	}
	findings = append(findings, gather(flaws, judged)...)
	verdict.Sort(findings)
	return findings
}

// unknown are the findings about an injector whose wishes are not known.
func unknown(injector evidence.Injector) (findings []verdict.Finding, form, image string) {
	form, image = Form(injector), Image(injector)
	if form == "" {
		findings = append(findings, verdict.Finding{
			Kind: "form-unknown", Verdict: verdict.Inconclusive, Summary: "it is not known which form istiod gives sidecars", Object: istiod,
			Want:  "ENABLE_NATIVE_SIDECARS, or the version of each kubelet, by which istiod decides",
			Got:   fmt.Sprintf("ENABLE_NATIVE_SIDECARS %s, kubelets %s", object.Text(injector.NativeSidecars), object.Text(strings.Join(injector.Kubelets, ", "))),
			Where: "environment of istiod, list of nodes", Why: "the sidecars' form is judged against istiod's setting",
			Next: "see the nodes: kubectl get nodes",
		})
	}
	if image == "" {
		findings = append(findings, verdict.Finding{
			Kind: "image-unknown", Verdict: verdict.Inconclusive, Summary: "it is not known which image the injector gives sidecars", Object: configMap,
			Want: "global.hub, global.tag and global.proxy.image", Got: fmt.Sprintf("hub %s, tag %s, image %s", object.Text(injector.Hub), object.Text(injector.Tag), object.Text(injector.Image)),
			Where: "entry values", Why: "the sidecars' image is judged against the injector's",
			Next: "see the entry: kubectl -n istio-system get configmap istio-sidecar-injector -o yaml",
		})
	}
	return findings, form, image
}

// flaw is a finding about one pod's sidecar.
type flaw struct {
	verdict.Finding
	// is completes a sentence about a sidecar: "is classic".
	is string
	// common is the object that is to blame when all sidecars are so.
	common string
}

// gather makes one finding of flaws that all judged pods share.
func gather(flaws []flaw, judged int) []verdict.Finding {
	type shared struct{ kind, got string }
	of := func(f flaw) shared { return shared{string(f.Kind), f.Got} }
	count := map[shared]int{}
	for _, f := range flaws {
		count[of(f)]++
	}
	var findings []verdict.Finding
	everywhere := map[shared]bool{}
	for _, f := range flaws {
		if f.common == "" || count[of(f)] < judged || judged < 2 {
			findings = append(findings, f.Finding)
			continue
		}
		if !everywhere[of(f)] {
			everywhere[of(f)] = true
			findings = append(findings, f.ofAll(judged))
		}
	}
	return findings
}

// ofAll is the finding about what made all pods.
func (f flaw) ofAll(judged int) verdict.Finding {
	all := f.Finding
	all.Summary, all.Object = "every sidecar "+f.is, f.common
	all.Where = fmt.Sprintf("all %d pods with a sidecar", judged)
	all.Why = "since it is so in every pod, the injector was set otherwise when they were made, or does otherwise than it is set"
	all.Next = "see how it is set; when that is right, make the pods again: kubectl -n " + object.Namespace + " rollout restart deployment"
	return all
}

// formJudge judges the sidecar of one pod.
type formJudge struct {
	object, workload string
	pod              evidence.Shape
	form, image      string
}

func (j formJudge) judge() []flaw {
	is := func(c evidence.ContainerShape) bool { return c.Name == catalogue.Proxy }
	inside, before := slices.ContainsFunc(j.pod.Containers, is), slices.ContainsFunc(j.pod.InitContainers, is)
	if inside && before {
		f := j.flaw("two-sidecars", "", "is there twice, native and classic")
		f.Want, f.Got = "one "+catalogue.Proxy, "one among the containers and one among the init containers"
		f.Why = "both want the same ports, so the pod cannot become ready"
		f.Next = fmt.Sprintf("see whether the pod template of %s brings a sidecar of its own", j.workload)
		return []flaw{f}
	}
	proxy, _ := container(j.pod, catalogue.Proxy)
	flaws := append(j.formed(proxy, before), j.prepared()...)
	if j.image != "" && proxy.Image != j.image {
		f := j.flaw("wrong-image", configMap, "runs another image than the injector's")
		f.Want, f.Got = j.image, object.Text(proxy.Image)
		f.Why = "the pod was made before the injector's image was changed, or asks for one of its own" + says(j.pod, "sidecar.istio.io/proxyImage")
		f.Next = fmt.Sprintf("make the pod again: kubectl -n %s rollout restart deployment %s", object.Namespace, j.workload)
		flaws = append(flaws, f)
	}
	return append(flaws, j.resources(proxy)...)
}

func (j formJudge) formed(proxy evidence.ContainerShape, before bool) []flaw {
	got := classic
	if before {
		got = native
	}
	is := "is " + got
	if before && !proxy.Sidecar {
		is = "is an init container that is not restarted"
	}
	f := j.flaw("wrong-form", istiod, is)
	f.Want, f.Got = object.Text(j.form)+", as istiod is set", got
	switch {
	case before && !proxy.Sidecar:
		f.Got = "an init container without restartPolicy Always"
		f.Why = "the pod's own containers wait until it ends, which a proxy never does"
	case j.form == "" || got == j.form:
		return nil
	default:
		f.Why = "one workload whose sidecar has another form starts and ends in another order than the rest" + says(j.pod, "sidecar.istio.io/nativeSidecar")
	}
	f.Next = fmt.Sprintf("see annotation sidecar.istio.io/nativeSidecar of %s and ENABLE_NATIVE_SIDECARS of istiod, then make the pod again", j.workload)
	return []flaw{f}
}

func (j formJudge) prepared() []flaw {
	if slices.ContainsFunc(j.pod.InitContainers, func(c evidence.ContainerShape) bool { return slices.Contains(injectorInits, c.Name) }) {
		return nil
	}
	f := j.flaw("init-missing", configMap, "has nothing that leads traffic to it")
	f.Want, f.Got = "init container "+strings.Join(injectorInits, " or "), "neither"
	f.Where += ", init containers " + namesOf(j.pod.InitContainers)
	f.Why = "without it the sidecar is there and no connection goes through it, so the pod is in the mesh by its READY column alone"
	f.Next = fmt.Sprintf("see the injector's templates and the pod template of %s", j.workload)
	return []flaw{f}
}

func (j formJudge) resources(proxy evidence.ContainerShape) []flaw {
	var lacks []string
	for _, list := range []struct {
		name string
		has  map[string]string
	}{{"requests", proxy.Requests}, {"limits", proxy.Limits}} {
		for _, name := range []string{"cpu", "memory"} {
			if amount := list.has[name]; amount == "" || amount == "0" {
				lacks = append(lacks, list.name+"."+name)
			}
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	f := j.flaw("no-resources", configMap, "has no requests or no limits")
	f.Want, f.Got = "requests and limits of cpu and memory", "no "+strings.Join(lacks, ", ")
	f.Why = "a sidecar without a request is not counted by the scheduler, one without a limit may take what the application needs" +
		says(j.pod, "sidecar.istio.io/proxyCPU") + says(j.pod, "sidecar.istio.io/proxyMemory")
	f.Next = "see global.proxy.resources in the injector's values and the pod's annotations sidecar.istio.io/proxyCPU, proxyMemory and their limits"
	return []flaw{f}
}

func (j formJudge) sidecarless(namespace string) verdict.Finding {
	f := j.flaw("sidecar-missing", "", "is missing").Finding
	f.Want, f.Got = "container "+catalogue.Proxy, "containers "+namesOf(all(j.pod))
	f.Why = "by the policy and the catalogue's annotation the pod must have one" + says(j.pod, inject)
	f.Next = fmt.Sprintf("see the annotation, the label istio-injection of namespace %s and istiod's webhook, then make the pod again", namespace)
	return f
}

func (j formJudge) flaw(kind verdict.Kind, common, is string) flaw {
	return flaw{is: is, common: common, Finding: verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: fmt.Sprintf("the sidecar of %s %s", j.workload, is), Object: j.object, Where: "pod " + object.Text(j.pod.Pod),
	}}
}
