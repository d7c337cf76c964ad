package hygiene

import (
	"fmt"
	"slices"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// RootKinds are the kinds of JudgeRoot that can be waived.
func RootKinds() []verdict.Kind {
	return []verdict.Kind{"runs-as-root", "root-allowed", "init-root-allowed", "proxy-runs-as-root"}
}

// JudgeRoot says which containers run as root, or may: by the user the runtime
// started them as or their sockets are of, else by what the pod demands. The
// mesh's own init containers, which set up the network, are left out.
func JudgeRoot(release *catalogue.Release, inside evidence.Inside) []verdict.Finding {
	if len(inside.Pods.Items) > 0 && len(inside.Sockets) == 0 {
		return []verdict.Finding{nothing(inside.Pods.Namespace, "sockets")}
	}
	return judgePods(release, inside.Pods, func(p evidence.PodSpec) []mark {
		var marks []mark
		owners := owners(p, inside.Sockets)
		for _, c := range p.Containers {
			if ofMesh(p, c) {
				continue
			}
			if m, bad := root(c, owners[c.Name]); bad {
				marks = append(marks, m)
			}
		}
		return marks
	}, rootSentences())
}

// root says whether the container runs as root or may.
func root(c evidence.ContainerSpec, seen []int64) (mark, bool) {
	as := verdict.Kind("runs-as-root")
	allowed := verdict.Kind("root-allowed")
	switch {
	case c.Name == catalogue.Proxy:
		as, allowed = "proxy-runs-as-root", "proxy-runs-as-root"
	case c.Init:
		as, allowed = "init-root-allowed", "init-root-allowed"
	}
	switch {
	case c.UID != nil && *c.UID == 0:
		return mark{as, c.Name, "the runtime started it as user 0"}, true
	case slices.Contains(seen, 0):
		return mark{as, c.Name, "its socket is of user 0"}, true
	case c.UID != nil || len(seen) > 0:
		return mark{}, false
	case c.User != nil && *c.User == 0:
		return mark{as, c.Name, "runAsUser is 0"}, true
	case c.User != nil || (c.NonRoot != nil && *c.NonRoot):
		return mark{}, false
	}
	return mark{allowed, c.Name, "neither runAsUser nor runAsNonRoot, and its user was not seen"}, true
}

// owners are the users of each container's sockets, by the ports that only it declares.
func owners(p evidence.PodSpec, sockets []evidence.Sockets) map[string][]int64 {
	declares := map[int][]string{}
	for _, c := range p.Containers {
		for _, port := range c.Ports {
			if !slices.Contains(declares[port], c.Name) {
				declares[port] = append(declares[port], c.Name)
			}
		}
	}
	users := map[string][]int64{}
	for _, pod := range sockets {
		if pod.Pod != p.Name || pod.Guessed {
			continue
		}
		for _, s := range pod.Listening {
			if names := declares[s.Port]; len(names) == 1 && s.UID >= 0 {
				users[names[0]] = append(users[names[0]], s.UID)
			}
		}
	}
	return users
}

func rootSentences() map[verdict.Kind]sentences {
	const why = "who breaks out of a container as root is root on the node, and whoever reaches a bug in it writes any file in it"
	next := func(who string) string {
		return fmt.Sprintf("give %s a securityContext with runAsNonRoot: true and a runAsUser, or build its image with a user; else waive it with owner and end", who)
	}
	return map[verdict.Kind]sentences{
		"runs-as-root":       {"containers run as root", "a user other than 0", why, next("the container")},
		"root-allowed":       {"nothing keeps containers from running as root", "runAsNonRoot: true, or a user other than 0", "the image alone decides, so the next image may run as root; " + why, next("the container")},
		"init-root-allowed":  {"init containers run as root, or may", "runAsNonRoot: true, or a user other than 0", why, next("the init container")},
		"proxy-runs-as-root": {"the sidecar runs as root, or may", "a user other than 0 (Istio's is 1337)", "the injector's template was changed or the pod overrides it: as root its traffic would also be captured again", "see the pod's container istio-proxy and the injector's template"},
	}
}
