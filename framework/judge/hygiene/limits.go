package hygiene

import (
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// LimitsKinds are the kinds of JudgeLimits that can be waived.
func LimitsKinds() []verdict.Kind {
	return []verdict.Kind{"no-limits", "init-no-limits", "proxy-no-limits"}
}

// JudgeLimits says which containers lack a limit of CPU or memory.
func JudgeLimits(release *catalogue.Release, pods evidence.PodSpecs) []verdict.Finding {
	return judgePods(release, pods, func(p evidence.PodSpec) []mark {
		var marks []mark
		for _, c := range p.Containers {
			var lacking []string
			for _, resource := range []string{"cpu", "memory"} {
				if limit := c.Limits[resource]; limit == "" || limit == "0" {
					lacking = append(lacking, resource)
				}
			}
			if len(lacking) == 0 {
				continue
			}
			kind := verdict.Kind("no-limits")
			switch {
			case c.Name == catalogue.Proxy:
				kind = "proxy-no-limits"
			case c.Init:
				kind = "init-no-limits"
			}
			marks = append(marks, mark{kind, c.Name, "no limit of " + strings.Join(lacking, " and ")})
		}
		return marks
	}, limitsSentences())
}

func limitsSentences() map[verdict.Kind]sentences {
	const want, why = "limits of cpu and memory", "one container can take all of the node, and its neighbours are killed or starve for it"
	return map[verdict.Kind]sentences{
		"no-limits":       {"containers have no limits", want, why, "set resources.limits in the chart (OOM: a flavor other than unlimited), or waive it with owner and end"},
		"init-no-limits":  {"init containers have no limits", want, why, "set resources.limits of the init container in the chart, or waive it with owner and end"},
		"proxy-no-limits": {"the sidecar has no limits", want, why, "set global.proxy.resources.limits of istiod, or the annotations sidecar.istio.io/proxyCPULimit and proxyMemoryLimit"},
	}
}

// VersionsKinds are the kinds of JudgeVersions that can be waived.
func VersionsKinds() []verdict.Kind { return []verdict.Kind{"floating-tag"} }

// JudgeVersions says which images are named by a tag that may mean another image
// tomorrow: none, latest, or a snapshot's.
func JudgeVersions(release *catalogue.Release, pods evidence.PodSpecs) []verdict.Finding {
	return judgePods(release, pods, func(p evidence.PodSpec) []mark {
		var marks []mark
		for _, c := range p.Containers {
			if why := floats(c.Image); why != "" {
				marks = append(marks, mark{"floating-tag", c.Name, c.Image + " " + why})
			}
		}
		return marks
	}, map[verdict.Kind]sentences{"floating-tag": {
		"images have no fixed version", "a tag of a release, or a digest",
		"the same chart runs another program on the next node or the next day, so nothing that was certified says anything about it",
		"name a released version in the chart's values",
	}})
}

// floats says why the image's name does not mean one image, "" when it does.
func floats(image string) string {
	name, digest, pinned := strings.Cut(image, "@")
	if pinned && strings.HasPrefix(digest, "sha256:") {
		return ""
	}
	_, tag, tagged := strings.Cut(name[strings.LastIndex(name, "/")+1:], ":")
	words := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return strings.ContainsRune("-_.", r) })
	switch {
	case !tagged || tag == "":
		return "has no tag"
	case slices.Contains(words, "latest"), slices.Contains(words, "nightly"), slices.Contains(words, "master"):
		return "is whatever was built last"
	case slices.Contains(words, "snapshot"), slices.Contains(words, "staging"):
		return "is no release"
	}
	return ""
}
