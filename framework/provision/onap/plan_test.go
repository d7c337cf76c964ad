package onap_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// roomy is a cluster with room and every kind that Kubernetes brings, which the
// plan uses.
func roomy(plan *onap.Plan) preflight.Cluster {
	big := preflight.Amount{CPU: resource.MustParse("64"), Memory: resource.MustParse("256Gi")}
	cluster := preflight.Cluster{Nodes: []preflight.Amount{big}, Kinds: map[schema.GroupKind]bool{}, Objects: map[string]bool{}, DefaultStorage: true}
	for _, o := range plan.Objects {
		if kind := o.GroupVersionKind(); migrate.BuiltIn(kind.Group) {
			cluster.Kinds[kind.GroupKind()] = true
		}
	}
	return cluster
}

// changes are the plan's changes of a step, "RULE OBJECT FIELD".
func changes(plan *onap.Plan, step onap.Step) []string {
	var out []string
	for _, c := range plan.Changes {
		if c.Step == step {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", c.Rule, c.Object, c.Field)))
		}
	}
	return out
}

func planned(t *testing.T, tree files, o onap.Options) *onap.Plan {
	t.Helper()
	o.Release, o.Source = named("small"), parsed(t, "oom:"+write(t, tree))
	plan, err := onap.NewPlan(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestFaithful: without stand-ins the charts are only migrated.
func TestFaithful(t *testing.T) {
	plan := planned(t, smallTree(), onap.Options{})
	for step, want := range map[onap.Step][]string{
		onap.Migration: {
			"api-version ClusterRoleBinding onap/onap-binding apiVersion", "cluster-scoped-namespace ClusterRoleBinding onap/onap-binding metadata.namespace",
			"api-version Deployment onap/msb-msb-iag apiVersion", "selector-added Deployment onap/msb-msb-iag spec.selector",
			"api-version Deployment onap/multicloud-multicloud apiVersion", "selector-added Deployment onap/multicloud-multicloud spec.selector",
			"api-version Deployment onap/vfc-vfc-db apiVersion", "selector-added Deployment onap/vfc-vfc-db spec.selector",
		},
		onap.Value:     nil, // no template asks for the flavor
		onap.Transform: {"owned ClusterRoleBinding onap-binding metadata.labels[meshcert.onap.org/release]"},
		onap.Repair:    nil,
	} {
		if diff := cmp.Diff(want, changes(plan, step)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", step, diff)
		}
	}
	if plan.StandIns != nil {
		t.Errorf("stand-ins: %v", plan.StandIns)
	}
	want := map[string]string{"Deployment onap/msb-msb-iag": "2/2", "Deployment onap/multicloud-multicloud": "1/1", "Deployment onap/vfc-vfc-db": "1/1"}
	if diff := cmp.Diff(want, ready(plan.Catalogue, "disabled")); diff != "" {
		t.Errorf("READY: -want +got:\n%s", diff)
	}
}

// TestOverrides: with stand-ins and in a hurry each override does its part, is told, and
// can be switched off.
func TestOverrides(t *testing.T) {
	tree := smallTree()
	tree["vfc/templates/needs.yaml"] = `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaUser
metadata: {name: user}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reads}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: vfc-read}
subjects: [{kind: ServiceAccount, name: default}]
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: logs, labels: {name: logs}}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /data}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: logs}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, selector: {matchLabels: {name: logs}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: provisioned}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: waits}
spec:
  selector: {matchLabels: {app: waits}}
  template:
    metadata: {labels: {app: waits}}
    spec:
      initContainers:
      - {name: wait, image: 'onap/oom/readiness:6.0.3', command: [/app/ready.py], args: [--service-name, mariadb-galera]}
      containers:
      - name: waits
        image: onap/waits
        env: [{name: P, valueFrom: {secretKeyRef: {name: vfc-mariadb-galera-db-root-password, key: password}}}]
        livenessProbe: {httpGet: {path: /health, port: 80, scheme: HTTPS}}
`
	tree["vfc/templates/secret.yaml"] = "apiVersion: v1\nkind: Secret\nmetadata: {name: p}\nstringData: {p: '{{ required \"masterPassword not provided\" .Values.global.masterPassword }}'}\n"
	wanted := map[string][]string{
		"pull-policy": {
			"Deployment onap/msb-msb-iag spec.template.spec.containers[0].imagePullPolicy", "Deployment onap/multicloud-multicloud spec.template.spec.containers[0].imagePullPolicy",
			"Deployment onap/vfc-vfc-db spec.template.spec.containers[0].imagePullPolicy",
		},
		"database-delay":   {"Deployment onap/vfc-vfc-db spec.template.spec.containers[0].readinessProbe.initialDelaySeconds"},
		"cluster-admin":    {"ClusterRoleBinding onap-binding", "Role onap/onap-binding", "RoleBinding onap/onap-binding"},
		"custom-resources": {"KafkaUser user", "Secret onap/user"},
		"static-claims":    {"PersistentVolumeClaim onap/logs spec.storageClassName"},
		"roles":            {"Role onap/vfc-read"},
		"database":         {"Service onap/mariadb-galera", "Deployment onap/mariadb-galera", "Secret onap/vfc-mariadb-galera-db-root-password"},
		"plain-probes":     {"Deployment onap/waits spec.template.spec.containers[0].livenessProbe.httpGet.scheme"},
		"image-pull":       {"Deployment onap/waits spec.template.spec.containers[0].imagePullPolicy"},
	}
	byRule := func(plan *onap.Plan) map[string][]string {
		out := map[string][]string{}
		for _, c := range plan.Changes {
			if c.Step == onap.Value || c.Step == onap.Transform && c.Rule != onap.Owned {
				out[string(c.Rule)] = append(out[string(c.Rule)], strings.TrimSpace(c.Object+" "+c.Field))
			}
		}
		return out
	}
	plan := planned(t, tree, onap.Options{StandIns: true, Quick: true})
	if diff := cmp.Diff(wanted, byRule(plan)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	problems, err := preflight.Check(plan.Objects, roomy(plan))
	if err != nil || len(problems) > 0 {
		t.Errorf("preflight: %v, %v", problems, err)
	}
	for name := range wanted {
		got := byRule(planned(t, tree, onap.Options{StandIns: true, Quick: true, Without: []string{name}}))
		if name != "pull-policy" && len(got[name]) > 0 || name == "pull-policy" && len(got["image-pull"]) != 4 {
			t.Errorf("without %s: %v", name, got)
		}
	}
}

// TestRandom: what comes out otherwise each time is no override's doing, be it a
// value or a name.
func TestRandom(t *testing.T) {
	tree := smallTree()
	tree["msb/templates/random.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'random-{{ randAlphaNum 8 | lower }}'}\ndata: {a: b}\n---\n" +
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: named}\ndata: {a: '{{ randAlphaNum 8 }}'}\n"
	for _, c := range changes(planned(t, tree, onap.Options{StandIns: true}), onap.Value) {
		if !strings.HasPrefix(c, "pull-policy Deployment ") {
			t.Errorf("an override changed %s", c)
		}
	}
}
