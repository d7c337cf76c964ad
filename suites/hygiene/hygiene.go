// Package hygiene holds the specs that ask of the release what ONAP's own gating
// checks ask. What is known of a release's charts is waived by a file that says
// who answers for it and until when; anything else turns them red.
package hygiene

import (
	"context"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/hygiene"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// projects are the labels of all these specs.
func projects() []spec.Label {
	return []spec.Label{spec.Extended, spec.MSB, spec.MultiCloud, spec.VFC}
}

// Specs of topic hygiene.
func Specs() []spec.Spec {
	return []spec.Spec{
		{
			ID:       "hygiene.root-pods",
			Proves:   "no container of the release runs as root, or may",
			FailsIf:  "a container's user is 0, or nothing but its image decides that it is not",
			Labels:   projects(),
			Waivable: hygiene.RootKinds(),
			Run:      rootPods,
		},
		{
			ID:       "hygiene.limits",
			Proves:   "every container, sidecars and init containers included, has limits of CPU and memory",
			FailsIf:  "a container has no limit of CPU or of memory",
			Labels:   projects(),
			Waivable: hygiene.LimitsKinds(),
			Run:      pods(hygiene.JudgeLimits),
		},
		{
			ID:       "hygiene.jdwp",
			Proves:   "no Java debugger can be reached in any pod",
			FailsIf:  "a command or variable switches a debugger on, or a port that listens answers a debugger's handshake",
			Labels:   projects(),
			Waivable: hygiene.DebuggerKinds(),
			Run:      debuggers,
		},
		{
			ID:       "hygiene.node-ports",
			Proves:   "only the NodePorts of the catalogue are open, each with TLS behind it",
			FailsIf:  "a NodePort is not the catalogue's, or what is behind it does not answer a TLS handshake",
			Labels:   projects(),
			Waivable: hygiene.NodePortKinds(),
			Run:      nodePorts(hygiene.JudgeNodePorts),
		},
		{
			ID:       "hygiene.certificates",
			Proves:   "every certificate that a NodePort presents holds for 30 days more and is an authority's",
			FailsIf:  "a certificate is expired, ends within 30 days or is signed by itself",
			Labels:   projects(),
			Waivable: hygiene.CertificateKinds(),
			Run:      nodePorts(hygiene.JudgeCertificates),
		},
		{
			ID:       "hygiene.versions",
			Proves:   "every image is named by the tag of a release or by a digest",
			FailsIf:  "an image has no tag, or one that moves: latest, master, nightly, SNAPSHOT, STAGING",
			Labels:   projects(),
			Waivable: hygiene.VersionsKinds(),
			Run:      versions,
		},
		{
			ID:       "hygiene.privileges",
			Proves:   "no pod reaches into its node, and no account of ONAP has more rights than it needs",
			FailsIf:  "a container is privileged, a pod mounts a folder or shares a namespace of the node, an account may do everything, or ServiceAccount default may do anything",
			Labels:   projects(),
			Waivable: hygiene.PrivilegeKinds(),
			Run:      privileges,
		},
	}
}

func rootPods(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Inside]{
		Name: "inside", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Inside, error) { return env.Hygiene.Inside(ctx, spec.Namespace) },
		Judge:   func(seen evidence.Inside) []verdict.Finding { return hygiene.JudgeRoot(env.Release, seen) },
	}.Settle(ctx, env)
}

func debuggers(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Inside]{
		Name: "debuggers", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Inside, error) {
			return env.Hygiene.Debuggers(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Inside) []verdict.Finding { return hygiene.JudgeDebuggers(env.Release, seen) },
	}.Settle(ctx, env)
}

// pods looks at what pods are given and may do.
func pods(judge func(*catalogue.Release, evidence.PodSpecs) []verdict.Finding) func(context.Context, *spec.Env) {
	return func(ctx context.Context, env *spec.Env) {
		spec.Look[evidence.PodSpecs]{
			Name: "pod-specs", Source: spec.APIServer,
			Observe: func(ctx context.Context) (evidence.PodSpecs, error) {
				return env.Hygiene.PodSpecs(ctx, spec.Namespace)
			},
			Judge: func(seen evidence.PodSpecs) []verdict.Finding { return judge(env.Release, seen) },
		}.Settle(ctx, env)
	}
}

// versions judges the images' tags. The versions of Java and Python in them,
// which ONAP's check also lists, are not looked at.
func versions(ctx context.Context, env *spec.Env) {
	env.Note("the versions of Java and Python in the images are not judged: an image's tag says nothing of them")
	pods(hygiene.JudgeVersions)(ctx, env)
}

// nodePorts looks at what the nodes open to the outside.
func nodePorts(judge func(*catalogue.Release, evidence.NodePorts) []verdict.Finding) func(context.Context, *spec.Env) {
	return func(ctx context.Context, env *spec.Env) {
		spec.Look[evidence.NodePorts]{
			Name: "node-ports", Source: spec.APIServer,
			Observe: func(ctx context.Context) (evidence.NodePorts, error) {
				return env.Hygiene.NodePorts(ctx, spec.Namespace)
			},
			Judge: func(seen evidence.NodePorts) []verdict.Finding { return judge(env.Release, seen) },
		}.Settle(ctx, env)
	}
}

func privileges(ctx context.Context, env *spec.Env) {
	spec.Look[evidence.Privileges]{
		Name: "privileges", Source: spec.APIServer,
		Observe: func(ctx context.Context) (evidence.Privileges, error) {
			return env.Hygiene.Privileges(ctx, spec.Namespace)
		},
		Judge: func(seen evidence.Privileges) []verdict.Finding { return hygiene.JudgePrivileges(env.Release, seen) },
	}.Settle(ctx, env)
}
