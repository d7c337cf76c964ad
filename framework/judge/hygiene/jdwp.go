package hygiene

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// DebuggerKinds are the kinds of JudgeDebuggers that can be waived.
func DebuggerKinds() []verdict.Kind { return []verdict.Kind{"debugger-option", "debugger-listens"} }

// option is how a Java machine is told to let a debugger in.
var option = regexp.MustCompile(`-agentlib:jdwp|-agentpath:\S*jdwp|-Xrunjdwp`)

// greeting is what a Java debugger's port says and answers (JDWP, "Handshake").
const greeting = "JDWP-Handshake"

// JudgeDebuggers says which containers ask for a Java debugger's port, and which
// ports are one. A socket that was not asked is inconclusive.
func JudgeDebuggers(release *catalogue.Release, inside evidence.Inside) []verdict.Finding {
	findings := judgePods(release, inside.Pods, func(p evidence.PodSpec) []mark {
		return append(options(p), answers(p, inside.Sockets)...)
	}, map[verdict.Kind]sentences{
		"debugger-option":  {"a Java debugger is switched on", "no option of a Java debugger in command or environment", debuggerWhy, "take the option out of the chart's command or environment"},
		"debugger-listens": {"a Java debugger listens", "no port that answers a debugger's handshake", debuggerWhy, "find the option -agentlib:jdwp in the image's start script, and take it out"},
	})
	for _, p := range inside.Pods.Items {
		of := func(s evidence.Sockets) bool { return s.Pod == p.Name }
		if !slices.ContainsFunc(inside.Sockets, of) {
			f := notAllAsked(release, inside.Pods.Namespace, p)
			f.Got = "nothing is known of its sockets"
			findings = append(findings, f)
		}
		for _, s := range inside.Sockets {
			if of(s) {
				findings = append(findings, unasked(release, inside.Pods.Namespace, p, s)...)
			}
		}
	}
	verdict.Sort(findings)
	return findings
}

const debuggerWhy = "who reaches the port of a Java debugger runs any code in the program, without a password"

func options(p evidence.PodSpec) []mark {
	var marks []mark
	for _, c := range p.Containers {
		if found := option.FindString(strings.Join(c.Command, " ")); found != "" {
			marks = append(marks, mark{"debugger-option", c.Name, found + " in its command"})
		}
		for name, value := range c.Env {
			if found := option.FindString(value); found != "" {
				marks = append(marks, mark{"debugger-option", c.Name, found + " in variable " + name})
			}
		}
	}
	return marks
}

// answers are the ports that answered the handshake with it; what sends back
// everything, the line behind the handshake too, is an echo and no debugger.
func answers(p evidence.PodSpec, sockets []evidence.Sockets) []mark {
	var marks []mark
	for _, pod := range sockets {
		if pod.Pod != p.Name {
			continue
		}
		for _, s := range pod.Listening {
			rest, debugger := strings.CutPrefix(s.Answer, greeting)
			if debugger && !strings.HasPrefix(rest, "\r\n") {
				marks = append(marks, mark{"debugger-listens", fmt.Sprintf("port %d", s.Port), "answers the handshake"})
			}
		}
	}
	return marks
}

// notAllAsked is the finding about a pod that was not asked at every port.
func notAllAsked(release *catalogue.Release, namespace string, p evidence.PodSpec) verdict.Finding {
	of := objectOf(release, namespace, p)
	return verdict.Finding{
		Kind: "not-asked", Verdict: verdict.Inconclusive, Object: of, Summary: of + ": not every port was asked for a debugger",
		Want: "every port that listens in the pod, asked for a debugger", Where: "pod " + namespace + "/" + p.Name,
		Why:  "a port that was not asked may be a debugger's",
		Next: "see why the pod cannot be asked: the API server's answer to exec and port-forward for it",
	}
}

// unasked is about sockets of a pod that nobody asked. The sidecar's own are not asked.
func unasked(release *catalogue.Release, namespace string, p evidence.PodSpec, sockets evidence.Sockets) []verdict.Finding {
	f := notAllAsked(release, namespace, p)
	var ports []string
	for _, s := range sockets.Listening {
		if !s.Asked && (!s.OfSidecar() || !hasProxy(p)) {
			ports = append(ports, fmt.Sprint(s.Port))
		}
	}
	switch {
	case len(ports) > 0:
		f.Got = "not asked: " + strings.Join(ports, ", ")
		if sockets.Error != "" {
			f.Got += " (" + sockets.Error + ")"
		}
	case len(sockets.Listening) == 0 && sockets.Guessed:
		f.Got = "no port is declared, and its sockets cannot be read: " + object.Text(sockets.Error)
	case len(sockets.Listening) == 0 && declaresPorts(p):
		f.Got = "no socket, although its containers declare ports"
	case sockets.Guessed:
		f.Kind, f.Verdict = "sockets-not-seen", verdict.Pass
		f.Summary = f.Object + ": only the ports that it declares were asked for a debugger"
		f.Got = sockets.Error
		return []verdict.Finding{f}
	default:
		return nil
	}
	return []verdict.Finding{f}
}

func declaresPorts(p evidence.PodSpec) bool {
	return slices.ContainsFunc(p.Containers, func(c evidence.ContainerSpec) bool { return len(c.Ports) > 0 && !c.Init })
}
