package onap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/onap"
)

// TestLinks: a stand-in has what its containers, probes and hooks call and the
// shells of scripts that are mounted, and not what a container mounts itself.
func TestLinks(t *testing.T) {
	objects, err := kube.Parse([]byte(`
apiVersion: v1
kind: ConfigMap
metadata: {name: scripts}
data: {run.sh: "#!/bin/bash -e\nexec x\n", probe.sh: "#! /usr/bin/env sh\n", plain: text, odd: "#!"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: others}
data: {other.sh: "#!/bin/zsh\n"}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: s}
spec:
  serviceName: s
  selector: {matchLabels: {app: s}}
  template:
    metadata: {labels: {app: s}}
    spec:
      initContainers:
      - {name: own, image: "busybox:1", command: [sh, -c, chown]}
      - {name: both, image: "both:1", command: [/init]}
      containers:
      - name: a
        image: a:1
        command: [/opt/app/../app/run]
        ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}]
        livenessProbe: {exec: {command: [mongo, --eval]}}
        readinessProbe: {exec: {command: [/scripts/probe.sh]}}
        startupProbe: {exec: {command: [/mounted.sh]}}
        lifecycle: {preStop: {exec: {command: [/bin/stop]}}}
        volumeMounts: [{name: scripts, mountPath: /scripts/}, {name: scripts, mountPath: /mounted.sh, subPath: run.sh}]
      - {name: both, image: "both:1", command: [relative/run]}
      volumes: [{name: scripts, configMap: {name: scripts}}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec:
      containers:
      - {name: a, image: "a:1", command: [/bin/stop], volumeMounts: [{name: x, mountPath: /opt}]}
      volumes: [{name: x, emptyDir: {}}]
`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := onap.StandIns(objects)
	if err != nil {
		t.Fatal(err)
	}
	links := func(paths ...string) map[string]string {
		out := map[string]string{}
		for _, path := range paths {
			out[path] = onap.Program
		}
		return out
	}
	want := []onap.StandIn{
		{Ref: "a:1", Base: onap.ProgramImage, Generic: true, Env: map[string]string{"MESHCERT_ROLE": "echo", "MESHCERT_PORTS": "80"},
			Links: links("/bin/bash", "/usr/bin/env", "/usr/local/bin/mongo", "/bin/stop", "/opt/app/run"), Mounts: []string{"/mounted.sh", "/opt", "/scripts"}},
		{Ref: "both:1", Base: onap.ProgramImage, Generic: true, Env: map[string]string{"MESHCERT_ROLE": "filebeat", "MESHCERT_NAME": "s"}, Links: links("/init")},
		{Ref: "busybox:1", Base: onap.ProgramImage, Generic: true, Env: map[string]string{"MESHCERT_ROLE": "once", "MESHCERT_NAME": "s"}, Links: links("/usr/local/bin/sh")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestStandInsRefuse: what no image of ours can be is an error that names the image.
func TestStandInsRefuse(t *testing.T) {
	const second = `, {name: b, image: "a:1", volumeMounts: [{name: x, mountPath: %s}]}`
	for name, c := range map[string]struct{ containers, want string }{
		"a mount over a program":  {`{name: a, image: "a:1", command: [/opt/run.sh]}` + fmt.Sprintf(second, "/opt/run.sh"), "stand-in for image a:1: one container calls a program at /opt/run.sh, and another mounts something over it"},
		"a mount below a program": {`{name: a, image: "a:1", command: [/opt/run]}` + fmt.Sprintf(second, "/opt/run/data"), "calls a program at /opt/run/data"},
		"a mount above a program": {`{name: a, image: "a:1", command: [/opt/run]}` + fmt.Sprintf(second, "/opt"), ""},
		"a digest":                {`{name: a, image: "a@sha256:00"}`, "stand-in for image a@sha256:00: nothing else has this digest; name the image by a tag"},
		"no image":                {`{name: a}`, "a container names no image"},
	} {
		objects, err := kube.Parse([]byte("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {app: d}}, template: {metadata: {labels: {app: d}}, spec: {containers: [" + c.containers + "]}}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := onap.StandIns(objects); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
