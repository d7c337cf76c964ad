package msb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeWrong judges that MSB lists nothing of Services whose annotation is
// wrong, and that kube2msb outlived them: it registered the right one after
// them, and was not restarted since before was seen.
func JudgeWrong(wrong []evidence.Offer, right evidence.Offer, before evidence.Pods, seen evidence.Registering) []verdict.Finding {
	findings := judgeListed(right.Service, []evidence.Offer{right}, seen.Registrations)
	for _, o := range wrong {
		for _, got := range seen.Registrations.Items {
			if got.Name != o.Service && !slices.ContainsFunc(got.Nodes, func(n string) bool { return ours(n, []evidence.Offer{o}) }) {
				continue
			}
			findings = append(findings, verdict.Finding{
				Kind: "wrong-annotation-registered", Verdict: verdict.Fail, Object: registrar,
				Summary: fmt.Sprintf("MSB lists %s, whose annotation is wrong", object.Service(object.Namespace, o.Service)),
				Want:    "no registration for the annotation " + o.Annotation, Got: place(got), Where: list,
				Why:  "kube2msb made something of an annotation that is no list of services MSB can take, and callers get a route that nobody asked for",
				Next: "see how kube2msb reads the annotation, and that msb-discovery refuses what breaks its rules (422)",
			})
		}
	}
	findings = append(findings, judgeOutlived(before, seen.Pods)...)
	verdict.Sort(findings)
	return findings
}

// judgeOutlived judges that kube2msb's pods are the same and no container of
// them was started again.
func judgeOutlived(before, after evidence.Pods) []verdict.Finding {
	f := verdict.Finding{Object: registrar, Want: object.Text(starts(before)), Got: object.Text(starts(after)), Where: "pods of kube2msb"}
	if starts(before) == "" || starts(after) == "" {
		f.Kind, f.Verdict, f.Summary = "no-pods", verdict.Inconclusive, "kube2msb has no pod with a container, so it cannot have outlived anything"
		f.Want = "a pod before and after"
		f.Why = "without a pod nothing reads the annotations, and nothing can be said of how it takes wrong ones"
		f.Next = "see why Deployment msb-kube2msb has no pod"
		return []verdict.Finding{f}
	}
	if f.Want == f.Got {
		return nil
	}
	f.Kind, f.Verdict, f.Summary = "registrar-restarted", verdict.Fail, "kube2msb was started anew by a wrong annotation"
	f.Why = "its pod or a container's count of starts is another than before the wrong Services were made: one team's typing error takes the registrar of all others down"
	f.Next = "see the log of the container that ended (kubectl logs --previous)"
	return []verdict.Finding{f}
}

// starts says how often each container of the pods was started again.
func starts(pods evidence.Pods) string {
	var all []string
	for _, p := range pods.Items {
		for _, c := range p.Containers {
			all = append(all, fmt.Sprintf("%s/%s: %s", p.Name, c.Name, object.Count(c.Restarts, "restart")))
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
