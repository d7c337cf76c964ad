package onap_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/onap"
)

// TestLinks: a stand-in has what its containers, probes and hooks call and the
// shells of scripts that are mounted, and nothing at or below a mount.
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
			Links: links("/bin/bash", "/usr/bin/env", "/usr/local/bin/mongo", "/bin/stop")},
		{Ref: "both:1", Base: onap.ProgramImage, Generic: true, Env: map[string]string{"MESHCERT_ROLE": "filebeat", "MESHCERT_NAME": "s"}, Links: links("/init")},
		{Ref: "busybox:1", Base: onap.ProgramImage, Generic: true, Env: map[string]string{"MESHCERT_ROLE": "once", "MESHCERT_NAME": "s"}, Links: links("/usr/local/bin/sh")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
