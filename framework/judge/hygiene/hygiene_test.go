package hygiene_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/hygiene"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	vio     = "multicloud-multicloud-vio"
	resmgr  = "vfc-vfc-resmgr"
	ofVIO   = "Deployment onap/" + vio
	ofRes   = "Deployment onap/" + resmgr
	ofIAG   = "Service onap/msb-iag"
	account = "ServiceAccount onap/default"
)

func user(id int64) *int64 { return &id }

func truth(b bool) *bool { return &b }

// clean is a pod for each workload with nothing against it, and what listens there.
func clean(release *catalogue.Release) evidence.Inside {
	inside := evidence.Inside{Pods: evidence.PodSpecs{Namespace: "onap", Observed: sample.Now}}
	limits := map[string]string{"cpu": "2", "memory": "256Mi"}
	for _, w := range release.Workloads {
		p := evidence.PodSpec{Name: w.Name + "-1", Workload: w.Name, ServiceAccount: w.ServiceAccount}
		sockets := evidence.Sockets{Pod: p.Name, Listening: []evidence.Socket{{Port: 15001, UID: 1337}, {Port: 15090, UID: 1337}}}
		p.Containers = append(p.Containers,
			evidence.ContainerSpec{Name: "istio-init", Image: "istio/proxyv2:1.31.0", Init: true, User: user(0), Added: []string{"NET_ADMIN"}, Limits: limits},
			evidence.ContainerSpec{Name: "istio-proxy", Image: "istio/proxyv2:1.31.0", User: user(1337), Ports: []int{15090}, Limits: limits})
		for _, c := range w.InitContainers {
			p.Containers = append(p.Containers, evidence.ContainerSpec{Name: c.Name, Image: c.Image, Init: true, NonRoot: truth(true), Limits: limits})
		}
		for _, c := range w.Containers {
			p.Containers = append(p.Containers, evidence.ContainerSpec{
				Name: c.Name, Image: c.Image, Ports: c.Ports, User: user(1000), Limits: limits, Command: []string{"run", c.Name}, Env: map[string]string{"MSB_PORT": "80"},
			})
			for _, port := range c.Ports {
				sockets.Listening = append(sockets.Listening, evidence.Socket{Port: port, UID: 1000, Asked: true, Answer: "HTTP/1.1 400 Bad Request"})
			}
		}
		inside.Pods.Items = append(inside.Pods.Items, p)
		inside.Sockets = append(inside.Sockets, sockets)
	}
	return inside
}

// seen is the evidence of one workload's pod, to be changed.
type seen struct {
	pod     *evidence.PodSpec
	sockets *evidence.Sockets
}

func of(t *testing.T, inside *evidence.Inside, workload string) seen {
	t.Helper()
	for i := range inside.Pods.Items {
		if inside.Pods.Items[i].Workload == workload {
			return seen{&inside.Pods.Items[i], &inside.Sockets[i]}
		}
	}
	t.Fatalf("no pod of %s", workload)
	return seen{}
}

func (s seen) container(t *testing.T, name string) *evidence.ContainerSpec {
	t.Helper()
	for i := range s.pod.Containers {
		if s.pod.Containers[i].Name == name {
			return &s.pod.Containers[i]
		}
	}
	t.Fatalf("no container %s", name)
	return nil
}

func (s seen) socket(t *testing.T, port int) *evidence.Socket {
	t.Helper()
	for i := range s.sockets.Listening {
		if s.sockets.Listening[i].Port == port {
			return &s.sockets.Listening[i]
		}
	}
	t.Fatalf("no socket %d", port)
	return nil
}

// change alters healthy evidence of vio's pod.
type change func(t *testing.T, s seen)

func TestRoot(t *testing.T) {
	release := sample.Release(t, "casablanca")
	app := func(do func(*evidence.ContainerSpec)) change {
		return func(t *testing.T, s seen) { do(s.container(t, "multicloud-vio")) }
	}
	undecided := func(t *testing.T, s seen) {
		c := s.container(t, "multicloud-vio")
		c.User, s.sockets.Listening = nil, s.sockets.Listening[:2]
	}
	for name, c := range map[string]struct {
		change change
		want   []string
	}{
		"nothing":                   {func(*testing.T, seen) {}, nil},
		"its socket is root's":      {func(t *testing.T, s seen) { s.socket(t, 9004).UID = 0 }, []string{"fail runs-as-root " + ofVIO}},
		"started as root":           {app(func(c *evidence.ContainerSpec) { c.UID = user(0) }), []string{"fail runs-as-root " + ofVIO}},
		"wants root, is not":        {app(func(c *evidence.ContainerSpec) { c.User, c.UID = user(0), user(5) }), nil},
		"decided by nobody, is not": {app(func(c *evidence.ContainerSpec) { c.User = nil }), nil},
		"decided by nobody":         {undecided, []string{"fail root-allowed " + ofVIO}},
		"wants root": {func(t *testing.T, s seen) {
			undecided(t, s)
			s.container(t, "multicloud-vio").User = user(0)
		}, []string{"fail runs-as-root " + ofVIO}},
		"must not be root": {func(t *testing.T, s seen) {
			undecided(t, s)
			s.container(t, "multicloud-vio").NonRoot = truth(true)
		}, nil},
		"may be root": {func(t *testing.T, s seen) {
			undecided(t, s)
			s.container(t, "multicloud-vio").NonRoot = truth(false)
		}, []string{"fail root-allowed " + ofVIO}},
		"guessed sockets say nothing": {func(t *testing.T, s seen) {
			s.container(t, "multicloud-vio").User = nil
			s.sockets.Guessed = true
			s.socket(t, 9004).UID = -1
		}, []string{"fail root-allowed " + ofVIO}},
		"a port of two containers says nothing": {func(t *testing.T, s seen) {
			s.container(t, "multicloud-vio").User = nil
			s.container(t, "filebeat-onap").Ports = []int{9004}
			s.socket(t, 9004).UID = 0
		}, []string{"fail root-allowed " + ofVIO}},
		"an init container": {func(_ *testing.T, s seen) {
			s.pod.Containers = append(s.pod.Containers, evidence.ContainerSpec{Name: "wait", Image: "w:1", Init: true})
		}, []string{"fail init-root-allowed " + ofVIO}},
		"the sidecar":           {func(t *testing.T, s seen) { s.socket(t, 15090).UID = 0 }, []string{"fail proxy-runs-as-root " + ofVIO}},
		"the sidecar may":       {func(t *testing.T, s seen) { s.container(t, "istio-proxy").User, s.sockets.Listening = nil, nil }, []string{"fail proxy-runs-as-root " + ofVIO}},
		"the container is gone": {func(t *testing.T, s seen) { s.container(t, "multicloud-vio").Name = "other" }, []string{"inconclusive workload-not-seen " + ofVIO}},
		"an init container of the mesh's name": {func(t *testing.T, s seen) {
			s.container(t, "istio-proxy").Name = "other"
		}, []string{"fail init-root-allowed " + ofVIO}},
		"a pod of nobody": {func(_ *testing.T, s seen) { s.pod.Workload = "" }, []string{"inconclusive workload-not-seen " + ofVIO}},
	} {
		inside := clean(release)
		c.change(t, of(t, &inside, vio))
		sample.Judged(t, name, hygiene.JudgeRoot(release, inside), c.want...)
	}
	bare := clean(release)
	bare.Sockets = nil
	sample.Judged(t, "no sockets", hygiene.JudgeRoot(release, bare), "inconclusive no-evidence Namespace onap")
	sample.Judged(t, "no pods", hygiene.JudgeRoot(release, evidence.Inside{Pods: evidence.PodSpecs{Namespace: "onap"}}), "inconclusive no-evidence Namespace onap")
}

// TestRootOfStranger: a pod that is no workload's is judged too, by its own name.
func TestRootOfStranger(t *testing.T) {
	release := sample.Release(t, "casablanca")
	inside := clean(release)
	inside.Pods.Items = append(inside.Pods.Items, evidence.PodSpec{Name: "unkempt", Containers: []evidence.ContainerSpec{{Name: "x", Image: "x", User: user(0)}}})
	sample.Judged(t, "root", hygiene.JudgeRoot(release, inside), "fail runs-as-root Pod onap/unkempt")
	sample.Judged(t, "limits", hygiene.JudgeLimits(release, inside.Pods), "fail no-limits Pod onap/unkempt")
	sample.Judged(t, "versions", hygiene.JudgeVersions(release, inside.Pods), "fail floating-tag Pod onap/unkempt")
}

func TestLimits(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for name, c := range map[string]struct {
		container string
		limits    map[string]string
		want      []string
		got       string
	}{
		"no memory":        {"multicloud-vio", map[string]string{"cpu": "1"}, []string{"fail no-limits " + ofVIO}, "multicloud-vio: no limit of memory"},
		"no cpu":           {"multicloud-vio", map[string]string{"memory": "1Gi"}, []string{"fail no-limits " + ofVIO}, "multicloud-vio: no limit of cpu"},
		"neither":          {"filebeat-onap", nil, []string{"fail no-limits " + ofVIO}, "filebeat-onap: no limit of cpu and memory"},
		"the sidecar":      {"istio-proxy", nil, []string{"fail proxy-no-limits " + ofVIO}, "istio-proxy: no limit of cpu and memory"},
		"the mesh's init":  {"istio-init", nil, []string{"fail init-no-limits " + ofVIO}, "istio-init: no limit of cpu and memory"},
		"no bound at all":  {"multicloud-vio", map[string]string{"cpu": "0", "memory": "0"}, []string{"fail no-limits " + ofVIO}, "multicloud-vio: no limit of cpu and memory"},
		"both as they are": {"multicloud-vio", map[string]string{"cpu": "1", "memory": "1"}, nil, ""},
	} {
		inside := clean(release)
		of(t, &inside, vio).container(t, c.container).Limits = c.limits
		findings := hygiene.JudgeLimits(release, inside.Pods)
		sample.Judged(t, name, findings, c.want...)
		if len(findings) > 0 && findings[0].Got != c.got {
			t.Errorf("%s: got %q, want %q", name, findings[0].Got, c.got)
		}
	}
	sample.Judged(t, "no pods", hygiene.JudgeLimits(release, evidence.PodSpecs{}), "inconclusive no-evidence Namespace ")
}

func TestVersions(t *testing.T) {
	release := sample.Release(t, "casablanca")
	const digest = "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for image, floats := range map[string]bool{
		"nexus3.onap.org:10001/onap/multicloud/vio:1.2.1": false,
		"consul:0.9.3": false,
		"docker.elastic.co/beats/filebeat:5.5.0-alpine":      false,
		"nexus3.onap.org:10001/onap/multicloud/vio" + digest: false,
		"onap/vio:latest" + digest:                           false,
		"latest/onap-snapshot:1.0":                           false,
		"nexus3.onap.org:10001/onap/multicloud/vio":          true,
		"consul":                      true,
		"consul:":                     true,
		"consul:latest":               true,
		"onap/vio:Latest":             true,
		"onap/vio:1.2-STAGING-latest": true,
		"nexus3.onap.org:10001/onap/vfc/catalog:1.2.1-SNAPSHOT": true,
		"onap/vfc/catalog:1.2.1-STAGING-20181009T000000Z":       true,
		"onap/vfc/catalog:1.2.1_snapshot":                       true,
		"onap/vfc/catalog@":                                     true,
		"onap/vfc/catalog:latest@sha512":                        true,
		"onap/vfc/catalog:master":                               true,
	} {
		inside := clean(release)
		of(t, &inside, vio).container(t, "multicloud-vio").Image = image
		var want []string
		if floats {
			want = []string{"fail floating-tag " + ofVIO}
		}
		sample.Judged(t, image, hygiene.JudgeVersions(release, inside.Pods), want...)
	}
}

func TestDebuggers(t *testing.T) {
	release := sample.Release(t, "casablanca")
	answer := func(text string) change {
		return func(t *testing.T, s seen) { s.socket(t, 8480).Answer = text }
	}
	option := func(text string) change {
		return func(_ *testing.T, s seen) { s.pod.Containers[len(s.pod.Containers)-1].Env["JAVA_OPTS"] = text }
	}
	listens, asks := []string{"fail debugger-listens " + ofRes}, []string{"fail debugger-option " + ofRes}
	unsure := []string{"inconclusive not-asked " + ofRes}
	for name, c := range map[string]struct {
		change change
		want   []string
	}{
		"nothing":                {func(*testing.T, seen) {}, nil},
		"it answers":             {answer("JDWP-Handshake"), listens},
		"it answers and goes on": {answer("JDWP-Handshake\x00\x00\x00\x1d"), listens},
		"an echo":                {answer("JDWP-Handshake\r\n\r\n"), nil},
		"words of it":            {answer("HTTP/1.1 400 JDWP-Handshake"), nil},
		"silence":                {answer(""), nil},
		"agentlib":               {option("-Xmx1g -agentlib:jdwp=transport=dt_socket,server=y"), asks},
		"Xrunjdwp":               {option("-Xdebug -Xrunjdwp:transport=dt_socket"), asks},
		"agentpath":              {option("-agentpath:/usr/lib/jvm/libjdwp.so=server=y"), asks},
		"another agent":          {option("-agentpath:/opt/profiler.so -Djdwp.name=x"), nil},
		"in the command":         {func(_ *testing.T, s seen) { s.pod.Containers[3].Command = []string{"java", "-agentlib:jdwp=server=y"} }, asks},
		"a port that was not asked": {func(t *testing.T, s seen) {
			s.socket(t, 8480).Asked = false
		}, unsure},
		"a proxy's user at another port": {func(t *testing.T, s seen) {
			s.socket(t, 8480).UID, s.socket(t, 8480).Asked = 1337, false
		}, unsure},
		"a proxy's user without a proxy": {func(t *testing.T, s seen) {
			s.container(t, "istio-proxy").Name = "other"
		}, unsure},
		"sockets of nobody":     {func(_ *testing.T, s seen) { s.sockets.Pod = "other" }, unsure},
		"no socket":             {func(_ *testing.T, s seen) { s.sockets.Listening = nil }, unsure},
		"only guessed":          {func(_ *testing.T, s seen) { s.sockets.Guessed, s.sockets.Error = true, "no cat" }, nil},
		"nothing to guess":      {func(_ *testing.T, s seen) { s.sockets.Guessed, s.sockets.Listening = true, nil }, unsure},
		"guessed, not asked":    {func(t *testing.T, s seen) { s.sockets.Guessed, s.socket(t, 8480).Asked = true, false }, unsure},
		"the container is gone": {func(t *testing.T, s seen) { s.container(t, "vfc-resmgr").Name = "other" }, []string{"inconclusive workload-not-seen " + ofRes}},
	} {
		inside := clean(release)
		c.change(t, of(t, &inside, resmgr))
		sample.Judged(t, name, hygiene.JudgeDebuggers(release, inside), c.want...)
	}
	twice := clean(release)
	twice.Sockets = append(twice.Sockets, evidence.Sockets{Pod: resmgr + "-1", Listening: []evidence.Socket{{Port: 5005, UID: 1000}}})
	sample.Judged(t, "sockets seen twice", hygiene.JudgeDebuggers(release, twice), unsure...)
	guessed := clean(release)
	of(t, &guessed, resmgr).sockets.Guessed = true
	if findings := hygiene.JudgeDebuggers(release, guessed); len(findings) != 1 || findings[0].Kind != "sockets-not-seen" || findings[0].Verdict != verdict.Pass {
		t.Errorf("guessed ports are no note: %+v", findings)
	}
}

// modest is clean pods, and the bindings every cluster has.
func modest(release *catalogue.Release) evidence.Privileges {
	return evidence.Privileges{Pods: clean(release).Pods, Grants: []evidence.Grant{
		{Binding: "ClusterRoleBinding system:discovery", Role: "ClusterRole system:discovery", Groups: []string{"system:authenticated"}, Rules: []evidence.Rule{{Resources: []string{"/api"}, Verbs: []string{"get"}}}},
		{Binding: "RoleBinding onap/msb", Role: "Role onap/msb", Accounts: []string{"msb"}, Rules: []evidence.Rule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"*"}}}},
	}}
}

func TestPrivileges(t *testing.T) {
	release := sample.Release(t, "casablanca")
	all := []evidence.Rule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}
	grant := func(g evidence.Grant) func(*testing.T, *evidence.Privileges) {
		return func(_ *testing.T, p *evidence.Privileges) { p.Grants = append(p.Grants, g) }
	}
	pod := func(do func(*evidence.PodSpec)) func(*testing.T, *evidence.Privileges) {
		return func(_ *testing.T, p *evidence.Privileges) {
			i := slices.IndexFunc(p.Pods.Items, func(p evidence.PodSpec) bool { return p.Workload == vio })
			do(&p.Pods.Items[i])
		}
	}
	for name, c := range map[string]struct {
		change func(*testing.T, *evidence.Privileges)
		want   []string
	}{
		"nothing":                              {func(*testing.T, *evidence.Privileges) {}, nil},
		"privileged":                           {pod(func(p *evidence.PodSpec) { p.Containers[2].Privileged = true }), []string{"fail privileged " + ofVIO}},
		"a capability":                         {pod(func(p *evidence.PodSpec) { p.Containers[2].Added = []string{"SYS_ADMIN"} }), []string{"fail added-capability " + ofVIO}},
		"the node's network":                   {pod(func(p *evidence.PodSpec) { p.HostNamespaces = []string{"network"} }), []string{"fail host-namespace " + ofVIO}},
		"the mesh's capability without a mesh": {pod(func(p *evidence.PodSpec) { p.Containers[1].Name = "other" }), []string{"fail added-capability " + ofVIO}},
		"a folder of it":                       {pod(func(p *evidence.PodSpec) { p.HostPaths = []string{"/var/run"} }), []string{"fail host-path " + ofVIO}},
		"cluster-admin":                        {grant(evidence.Grant{Binding: "b", Role: "ClusterRole cluster-admin", Accounts: []string{"msb"}}), []string{"fail cluster-admin ServiceAccount onap/msb"}},
		"the same by rules":                    {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"default"}, Rules: all}), []string{"fail cluster-admin " + account}},
		"everybody":                            {grant(evidence.Grant{Binding: "ClusterRoleBinding b", Role: "ClusterRole r", Groups: []string{"system:serviceaccounts"}, Rules: all}), []string{"fail cluster-admin ClusterRoleBinding b"}},
		"default may a bit":                    {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"msb", "default"}, Rules: []evidence.Rule{{Verbs: []string{"get"}, Resources: []string{"pods"}}}}), []string{"fail default-account-rights " + account}},
		"the core by rules":                    {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"msb"}, Rules: []evidence.Rule{{APIGroups: []string{""}, Resources: []string{"*"}, Verbs: []string{"*"}}}}), []string{"fail cluster-admin ServiceAccount onap/msb"}},
		"all of the namespace may a bit":       {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Groups: []string{"system:serviceaccounts:onap"}, Rules: []evidence.Rule{{Verbs: []string{"get"}, Resources: []string{"pods"}}}}), []string{"fail default-account-rights " + account}},
		"its time zone":                        {pod(func(p *evidence.PodSpec) { p.HostPaths = []string{"/etc/localtime"} }), []string{"fail host-time-zone " + ofVIO}},
		"its time zone and more":               {pod(func(p *evidence.PodSpec) { p.HostPaths = []string{"/etc/localtime", "/var/run/docker.sock"} }), []string{"fail host-path " + ofVIO, "fail host-time-zone " + ofVIO}},
		"default may delete":                   {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"default"}, Rules: []evidence.Rule{{Verbs: []string{"get", "delete"}, Resources: []string{"pods"}}}}), []string{"fail default-account-writes " + account}},
		"default may read Secrets":             {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"default"}, Rules: []evidence.Rule{{Verbs: []string{"get"}, Resources: []string{"secrets"}}}}), []string{"fail default-account-writes " + account}},
		"a role that is gone":                  {grant(evidence.Grant{Binding: "b", Role: "Role onap/r", Accounts: []string{"default"}}), nil},
		"no bindings at all":                   {func(_ *testing.T, p *evidence.Privileges) { p.Grants = nil }, []string{"inconclusive no-evidence Namespace onap"}},
		"no pods":                              {func(_ *testing.T, p *evidence.Privileges) { p.Pods.Items = nil }, []string{"inconclusive no-evidence Namespace onap"}},
	} {
		seen := modest(release)
		c.change(t, &seen)
		sample.Judged(t, name, hygiene.JudgePrivileges(release, seen), c.want...)
	}
}

// TestOneFindingAnObject: pods of one workload and their containers share a finding.
func TestOneFindingAnObject(t *testing.T) {
	release := sample.Release(t, "casablanca")
	inside := clean(release)
	s := of(t, &inside, vio)
	s.container(t, "multicloud-vio").Limits, s.container(t, "filebeat-onap").Limits = nil, nil
	second := *s.pod
	second.Name += "2"
	inside.Pods.Items = append(inside.Pods.Items, second)
	findings := hygiene.JudgeLimits(release, inside.Pods)
	if len(findings) != 1 || strings.Count(findings[0].Got, "multicloud-vio:") != 1 || !strings.Contains(findings[0].Got, "filebeat-onap:") {
		t.Errorf("want one finding that names both containers once: %+v", findings)
	}
}
