package hygiene

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// PrivilegeKinds are the kinds of JudgePrivileges that can be waived.
func PrivilegeKinds() []verdict.Kind {
	return []verdict.Kind{"privileged", "host-namespace", "host-path", "host-time-zone", "added-capability", "cluster-admin", "default-account-rights", "default-account-writes"}
}

// JudgePrivileges says which pods reach into their node, and which accounts of
// the namespace may do everything, or anything without being named.
func JudgePrivileges(release *catalogue.Release, seen evidence.Privileges) []verdict.Finding {
	namespace := seen.Pods.Namespace
	if len(seen.Grants) == 0 {
		f := nothing(namespace, "roles bound to its accounts")
		f.Why = "every cluster binds roles to all accounts (system:discovery), so the bindings were not read"
		return []verdict.Finding{f}
	}
	findings := judgePods(release, seen.Pods, reaches, privilegeSentences())
	for _, g := range seen.Grants {
		findings = append(findings, granted(namespace, g)...)
	}
	verdict.Sort(findings)
	return findings
}

// reaches is what a pod can do to its node.
func reaches(p evidence.PodSpec) []mark {
	var marks []mark
	for _, c := range p.Containers {
		if c.Privileged {
			marks = append(marks, mark{"privileged", c.Name, "privileged: true"})
		}
		if len(c.Added) > 0 && !ofMesh(p, c) {
			marks = append(marks, mark{"added-capability", c.Name, strings.Join(c.Added, ", ")})
		}
	}
	if len(p.HostNamespaces) > 0 {
		marks = append(marks, mark{"host-namespace", "pod", strings.Join(p.HostNamespaces, ", ")})
	}
	for _, path := range p.HostPaths {
		kind := verdict.Kind("host-path")
		if path == "/etc/localtime" {
			kind = "host-time-zone"
		}
		marks = append(marks, mark{kind, "pod", path})
	}
	return marks
}

func privilegeSentences() map[verdict.Kind]sentences {
	const why, next = "a bug in the program is a bug in the node: it reaches beyond its container", "take it out of the chart, or waive it with owner and end"
	return map[verdict.Kind]sentences{
		"privileged":       {"containers are privileged", "privileged: false", why, next},
		"host-namespace":   {"pods share namespaces of the node", "namespaces of their own", why, next},
		"host-path":        {"pods mount files or folders of the node", "no hostPath volume", why, next},
		"host-time-zone":   {"pods mount the node's time zone", "no hostPath volume", "a hostPath volume is refused where pods are restricted (Pod Security Standards, baseline), whatever it mounts", "set the variable TZ in the chart, or waive it with owner and end"},
		"added-capability": {"containers have more capabilities than the runtime gives", "no added capability", why, next},
	}
}

// granted is what is wrong with one binding.
func granted(namespace string, g evidence.Grant) []verdict.Finding {
	var findings []verdict.Finding
	f := verdict.Finding{
		Verdict: verdict.Fail, Got: fmt.Sprintf("%s binds %s: %s", g.Binding, g.Role, rules(g.Rules)), Where: g.Binding,
		Next: "see who needs what: kubectl auth can-i --list --as system:serviceaccount:" + namespace + ":ACCOUNT; bind a role with just that",
	}
	if everything(g) {
		f.Kind, f.Want = "cluster-admin", "rights to what the program calls, and no more"
		f.Why = "whoever runs code in a pod of the account owns what the role covers, Secrets too"
		for _, account := range g.Accounts {
			f.Object = "ServiceAccount " + namespace + "/" + account
			f.Summary = fmt.Sprintf("ServiceAccount %s may do everything", account)
			findings = append(findings, f)
		}
		for _, group := range g.Groups {
			f.Object, f.Summary = g.Binding, fmt.Sprintf("every account in %s may do everything", group)
			findings = append(findings, f)
		}
		return findings
	}
	all := slices.Contains(g.Groups, "system:serviceaccounts:"+namespace)
	if (all || slices.Contains(g.Accounts, "default")) && len(g.Rules) > 0 {
		f.Kind, f.Object, f.Want = "default-account-rights", "ServiceAccount "+namespace+"/default", "an account of its own for each program that calls the API server"
		f.Summary = "ServiceAccount default has rights"
		f.Why = "every pod that names no account runs as default, so each has rights it never asked for"
		if !slices.ContainsFunc(g.Rules, changes) {
			return append(findings, f)
		}
		f.Kind, f.Summary = "default-account-writes", "ServiceAccount default may change things or read Secrets"
		f.Why += ": who gets into any of them can use these"
		findings = append(findings, f)
	}
	return findings
}

// changes tells whether a rule allows more than to look, or to look at Secrets.
func changes(r evidence.Rule) bool {
	looks := []string{"get", "list", "watch"}
	secret := slices.Contains(r.Resources, "secrets") || slices.Contains(r.Resources, "*")
	return secret || slices.ContainsFunc(r.Verbs, func(verb string) bool { return !slices.Contains(looks, verb) })
}

// everything tells whether a role covers all verbs on all resources, of all
// API groups or of the core's, which has Secrets and pods.
func everything(g evidence.Grant) bool {
	return g.Role == "ClusterRole cluster-admin" || slices.ContainsFunc(g.Rules, func(r evidence.Rule) bool {
		return slices.Contains(r.Verbs, "*") && slices.Contains(r.Resources, "*") &&
			(slices.Contains(r.APIGroups, "*") || slices.Contains(r.APIGroups, ""))
	})
}

func rules(all []evidence.Rule) string {
	var texts []string
	for _, r := range all {
		texts = append(texts, strings.Join(r.Verbs, ",")+" on "+strings.Join(r.Resources, ","))
	}
	return object.Text(strings.Join(texts, "; "))
}
