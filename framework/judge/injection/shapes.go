package injection

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// noPods is the finding about a namespace without pods, if it is one.
func noPods(seen evidence.Shapes) []verdict.Finding {
	if len(seen.Pods) > 0 {
		return nil
	}
	return []verdict.Finding{{
		Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: fmt.Sprintf("namespace %s has no pods at all", seen.Namespace),
		Object: "Namespace " + seen.Namespace, Want: "the pods of the release", Got: "none", Where: "list of pods of namespace " + seen.Namespace,
		Why:  "the API server answered with an empty list: nothing is installed here, or this is not the release's namespace",
		Next: "see what is installed and where: helm list --all-namespaces, kubectl get pods --all-namespaces",
	}}
}

// podless is the finding about a workload that has no pod to be judged.
func podless(seen evidence.Shapes, w catalogue.Workload) verdict.Finding {
	return verdict.Finding{
		Kind: "no-pod", Verdict: verdict.Inconclusive, Summary: w.Name + " has no pod, so nothing is known of its sidecar", Object: w.Object(seen.Namespace),
		Want: "a pod", Got: "none", Where: "list of pods of namespace " + seen.Namespace,
		Why:  "other pods of the namespace are there; what the injector does is only seen on pods",
		Next: fmt.Sprintf("see kubectl -n %s describe deployment,replicaset %s; spec sidecar.ready says more", seen.Namespace, w.Name),
	}
}

// of are the shapes of a workload.
func of(shapes []evidence.Shape, workload string) []evidence.Shape {
	return slices.DeleteFunc(slices.Clone(shapes), func(s evidence.Shape) bool { return s.Workload != workload })
}

// all are the containers of both lists.
func all(s evidence.Shape) []evidence.ContainerShape {
	return slices.Concat(s.InitContainers, s.Containers)
}

// container returns the first container of that name.
func container(s evidence.Shape, name string) (evidence.ContainerShape, bool) {
	containers := all(s)
	i := slices.IndexFunc(containers, func(c evidence.ContainerShape) bool { return c.Name == name })
	if i < 0 {
		return evidence.ContainerShape{}, false
	}
	return containers[i], true
}

func namesOf(containers []evidence.ContainerShape) string {
	var names []string
	for _, c := range containers {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// says quotes an annotation of the pod, for a reason.
func says(s evidence.Shape, annotation string) string {
	if v, ok := s.Annotations[annotation]; ok {
		return fmt.Sprintf("; the pod has annotation %s=%q", annotation, v)
	}
	return ""
}
