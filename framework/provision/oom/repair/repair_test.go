package repair_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/oom/migrate"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

func parse(t testing.TB, text string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := kube.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// example is objects, what becomes of them ("" for themselves) and the rules used
// with what they changed, as "rule object field: from → to".
type example struct {
	name, from, to string
	changes        []string
}

func examples() []example {
	return append(accounts(), slips()...)
}

const (
	// five shares the account msb, as MSB does, with a binding to everything.
	shared = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: msb, namespace: onap}
imagePullSecrets: [{name: registry}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-kube2msb, namespace: onap}
spec: {template: {metadata: {labels: {app: k}}, spec: {serviceAccountName: msb, initContainers: [{name: r, image: "oomk8s/readiness-check:2.0.0"}], containers: [{name: k, image: k, env: [{name: KUBE_MASTER_URL, value: x}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-msb-iag, namespace: onap}
spec: {template: {metadata: {labels: {app: i}}, spec: {serviceAccountName: msb, initContainers: [{name: r, image: "localhost:5000/oomk8s/readiness-check:2.0.0"}], containers: [{name: i, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-msb-consul, namespace: onap}
spec: {template: {metadata: {labels: {app: c}}, spec: {serviceAccount: msb, containers: [{name: c, image: c}]}}}
`
	separate = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: msb, namespace: onap}
imagePullSecrets: [{name: registry}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-kube2msb, namespace: onap}
spec: {template: {metadata: {labels: {app: k}}, spec: {serviceAccountName: msb-kube2msb, initContainers: [{name: r, image: "oomk8s/readiness-check:2.0.0"}], containers: [{name: k, image: k, env: [{name: KUBE_MASTER_URL, value: x}]}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-msb-iag, namespace: onap}
spec: {template: {metadata: {labels: {app: i}}, spec: {serviceAccountName: msb-msb-iag, initContainers: [{name: r, image: "localhost:5000/oomk8s/readiness-check:2.0.0"}], containers: [{name: i, image: i}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: msb-msb-consul, namespace: onap}
spec: {template: {metadata: {labels: {app: c}}, spec: {serviceAccountName: msb-msb-consul, containers: [{name: c, image: c}]}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: msb-kube2msb, namespace: onap}, imagePullSecrets: [{name: registry}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: msb-kube2msb, namespace: onap}, rules: [{apiGroups: [""], resources: [pods, services], verbs: [get, list, watch]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: msb-kube2msb, namespace: onap}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: msb-kube2msb}
subjects: [{kind: ServiceAccount, name: msb-kube2msb, namespace: onap}]
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: msb-msb-iag, namespace: onap}, imagePullSecrets: [{name: registry}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: msb-msb-iag, namespace: onap}, rules: [{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: msb-msb-iag, namespace: onap}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: msb-msb-iag}
subjects: [{kind: ServiceAccount, name: msb-msb-iag, namespace: onap}]
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: msb-msb-consul, namespace: onap}, imagePullSecrets: [{name: registry}]}
`
)

func accounts() []example {
	return []example{
		{"a shared account", shared, separate, []string{
			"identity Deployment onap/msb-kube2msb spec.template.spec.serviceAccountName: msb → msb-kube2msb",
			"identity ServiceAccount onap/msb-kube2msb", "identity Role onap/msb-kube2msb", "identity RoleBinding onap/msb-kube2msb",
			"identity Deployment onap/msb-msb-iag spec.template.spec.serviceAccountName: msb → msb-msb-iag",
			"identity ServiceAccount onap/msb-msb-iag", "identity Role onap/msb-msb-iag", "identity RoleBinding onap/msb-msb-iag",
			"identity Deployment onap/msb-msb-consul spec.template.spec.serviceAccountName:  → msb-msb-consul",
			"identity ServiceAccount onap/msb-msb-consul",
		}},
		{"an account of its own", `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: onap}
spec: {template: {spec: {serviceAccountName: a-read, containers: [{name: a, image: a}]}}}`, "", nil},
		{"a newer readiness check and no namespace", `
apiVersion: batch/v1
kind: Job
metadata: {name: a}
spec: {template: {spec: {initContainers: [{name: r, image: "onap/oom/readiness:3.0.1"}], containers: [{name: a, image: a}]}}}`, `
apiVersion: batch/v1
kind: Job
metadata: {name: a}
spec: {template: {spec: {serviceAccountName: a, initContainers: [{name: r, image: "onap/oom/readiness:3.0.1"}], containers: [{name: a, image: a}]}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: a}
rules:
- {apiGroups: [""], resources: [pods, services], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [daemonsets, deployments, replicasets, statefulsets], verbs: [get, list, watch]}
- {apiGroups: [batch], resources: [jobs], verbs: [get, list, watch]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}, subjects: [{kind: ServiceAccount, name: a}]}`,
			[]string{"identity Job a spec.template.spec.serviceAccountName:  → a", "identity ServiceAccount a", "identity Role a", "identity RoleBinding a"}},
		{"two of one name, with a Role already", `
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: read, namespace: onap}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}, subjects: [{kind: ServiceAccount, name: default}]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: onap}, spec: {template: {spec: {initContainers: [{name: r, image: "onap/readiness:3.0.1"}]}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a, namespace: onap}, spec: {template: {spec: {containers: []}}}}`, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: read, namespace: onap}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read}, subjects: [{kind: ServiceAccount, name: default}, {kind: ServiceAccount, name: a, namespace: onap}, {kind: ServiceAccount, name: a-statefulset, namespace: onap}]}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: onap}, spec: {template: {spec: {serviceAccountName: a, initContainers: [{name: r, image: "onap/readiness:3.0.1"}]}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a, namespace: onap}, spec: {template: {spec: {serviceAccountName: a-statefulset, containers: []}}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: onap}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: a-statefulset, namespace: onap}}`, []string{
			"identity Deployment onap/a spec.template.spec.serviceAccountName:  → a", "identity ServiceAccount onap/a",
			`identity RoleBinding onap/read subjects: [{"kind":"ServiceAccount","name":"default"}] → [{"kind":"ServiceAccount","name":"default"},{"kind":"ServiceAccount","name":"a","namespace":"onap"}]`,
			"identity StatefulSet onap/a spec.template.spec.serviceAccountName:  → a-statefulset", "identity ServiceAccount onap/a-statefulset",
			`identity RoleBinding onap/read subjects: [{"kind":"ServiceAccount","name":"default"},{"kind":"ServiceAccount","name":"a","namespace":"onap"}] → [{"kind":"ServiceAccount","name":"default"},{"kind":"ServiceAccount","name":"a","namespace":"onap"},{"kind":"ServiceAccount","name":"a-statefulset","namespace":"onap"}]`,
		}},
		{"all rights", `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: onap-binding}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: default, namespace: onap}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: view}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: x, namespace: onap}]}`, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: view}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: x, namespace: onap}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: onap-binding, namespace: onap}
rules:
- {apiGroups: [""], resources: [pods, services], verbs: [get, list, watch]}
- {apiGroups: [apps], resources: [daemonsets, deployments, replicasets, statefulsets], verbs: [get, list, watch]}
- {apiGroups: [batch], resources: [jobs], verbs: [get, list, watch]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: onap-binding, namespace: onap}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: onap-binding}, subjects: [{kind: ServiceAccount, name: default, namespace: onap}]}`,
			[]string{"least-privilege ClusterRoleBinding onap-binding", "least-privilege Role onap/onap-binding", "least-privilege RoleBinding onap/onap-binding"}},
	}
}

// port is a Service, and a Deployment whose pods it leads to.
func port(port, more string) string {
	return `{apiVersion: v1, kind: Service, metadata: {name: s, namespace: onap` + more + `}, spec: {selector: {app: a}, ports: [` + port + `]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: onap}, spec: {template: {metadata: {labels: {app: a, release: r}}, spec: {serviceAccountName: a, containers: [{name: a, image: a,
 ports: [{containerPort: 90, name: web}], readinessProbe: {httpGet: {port: web}}, livenessProbe: {httpGet: {port: 91, scheme: HTTPS}}}]}}}}`
}

func slips() []example {
	registered := `, annotations: {msb.onap.org/service-info: '[{"serviceName": "x", "port": "80", "protocol": "REST"}, {"port": 81, "protocol": "TCP"}]'}`
	ingress := "\n---\n{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i, namespace: onap}, spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {name: %}}}}]}}]}}"
	multicloud := func(port, address, annotations string) string {
		return `{apiVersion: apps/v1, kind: Deployment, metadata: {name: vio, namespace: onap}, spec: {template: {metadata: {annotations: {sidecar.istio.io/inject: "true"}}, spec: {serviceAccountName: v, containers: [{name: f, image: f}, {name: v, image: v, env: [{name: MSB_ADDR, value: ` + address + `}, {name: MSB_PORT, value: "` + port + `"}]}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: multicloud, namespace: onap}, spec: {template: {metadata: {labels: {a: b}` + annotations + `}, spec: {serviceAccountName: m, containers: [{name: m, image: "nexus3.onap.org:10001/onap/multicloud/framework:1.2.1"}]}}}}`
	}
	alone := `{apiVersion: apps/v1, kind: Deployment, metadata: {name: m, namespace: onap}, spec: {template: {metadata: {}, spec: {serviceAccountName: m, containers: [{name: m, image: "onap/multicloud/framework:1.1.2"}]}}}}`
	return []example{
		{"a registered port", port("{name: x, port: 80}, {name: y, port: 81}", registered), port("{name: http-x, port: 80}, {name: y, port: 81}", registered), []string{"port-name Service onap/s spec.ports[0].name: x → http-x"}},
		{"a registration that is no JSON", port("{name: x, port: 80}", ", annotations: {msb.onap.org/service-info: '['}"), "", nil},
		{"probed ports", port("{name: x, port: 1, targetPort: web}, {name: b, port: 2, targetPort: 90}, {port: 91}", ""), port("{name: http-x, port: 1, targetPort: web}, {name: http-b, port: 2, targetPort: 90}, {name: https, port: 91}", ""),
			[]string{"port-name Service onap/s spec.ports[0].name: x → http-x", "port-name Service onap/s spec.ports[1].name: b → http-b", "port-name Service onap/s spec.ports[2].name:  → https"}},
		{"databases", port("{name: vfc-db, port: 3306}, {name: http, port: 6379}, {name: redis, port: 6379}", ""), port("{name: tcp-vfc-db, port: 3306}, {name: tcp, port: 6379}, {name: redis, port: 6379}", ""),
			[]string{"port-name Service onap/s spec.ports[0].name: vfc-db → tcp-vfc-db", "port-name Service onap/s spec.ports[1].name: http → tcp"}},
		{"an HTTP database with a name", port("{name: http-redis, port: 6379}", ""), port("{name: tcp-redis, port: 6379}", ""), []string{"port-name Service onap/s spec.ports[0].name: http-redis → tcp-redis"}},
		{"ports that are right or unknown", port("{name: http-x, port: 80}, {name: https-y, port: 90}, {name: tcp-z, port: 90}, {name: d, port: 90, protocol: UDP}, {name: e, port: 92}", registered), "", nil},
		{"an Ingress to a port's name", port("{name: x, port: 80}", registered) + strings.Replace(ingress, "%", "x", 1), port("{name: http-x, port: 80}", registered) + strings.Replace(ingress, "%", "http-x", 1),
			[]string{"port-name Service onap/s spec.ports[0].name: x → http-x", "port-name Ingress onap/i spec.rules[0].http.paths[0].backend.service.port.name: x → http-x"}},
		{"vio and the framework", multicloud("80.onap", "msb-iag", ""), multicloud("80", "msb-iag.onap", `, annotations: {sidecar.istio.io/inject: "true"}`), []string{
			"msb-port Deployment onap/vio spec.template.spec.containers[1].env[1].value: 80.onap → 80",
			"msb-port Deployment onap/vio spec.template.spec.containers[1].env[0].value: msb-iag → msb-iag.onap",
			"framework-annotation Deployment onap/multicloud spec.template.metadata.annotations[sidecar.istio.io/inject]:  → true",
		}},
		{"an address that is whole", multicloud("80.onap", "msb-iag.onap", `, annotations: {sidecar.istio.io/inject: "false"}`), multicloud("80", "msb-iag.onap", `, annotations: {sidecar.istio.io/inject: "false"}`),
			[]string{"msb-port Deployment onap/vio spec.template.spec.containers[1].env[1].value: 80.onap → 80"}},
		{"a framework in a release without sidecars", alone, "", nil},
	}
}

// say is a change in a line; of a whole object only which.
func say(changes []migrate.Change) []string {
	var out []string
	for _, c := range changes {
		line := string(c.Rule) + " " + c.Object
		if c.Field != "" {
			line += " " + c.Field + ": " + c.From + " → " + c.To
		}
		out = append(out, line)
	}
	return out
}

func TestObjects(t *testing.T) {
	for _, e := range examples() {
		t.Run(e.name, func(t *testing.T) {
			if e.to == "" {
				e.to = e.from
			}
			from := parse(t, e.from)
			got, changes, err := repair.Objects(from)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parse(t, e.to), got); diff != "" {
				t.Errorf("objects: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(e.changes, say(changes)); diff != "" {
				t.Errorf("changes: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(parse(t, e.from), from); diff != "" {
				t.Errorf("the input changed: -want +got:\n%s", diff)
			}
			again, more, err := repair.Objects(got)
			if diff := cmp.Diff(got, again); err != nil || diff != "" || more != nil {
				t.Errorf("the second time: %v, %v, -want +got:\n%s", err, more, diff)
			}
		})
	}
}

func TestCannot(t *testing.T) {
	for _, c := range []struct{ from, want string }{
		{"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: b}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: Group, name: all}]}",
			"repair ClusterRoleBinding b: subjects: Group all has the rights of cluster-admin, and it is not known what it needs"},
		{port("{name: x, port: 90}, {name: http-x, port: 80}", ""), "repair Service onap/s: spec.ports[0].name: x should become http-x, which is another port's name"},
		{"{apiVersion: batch/v1, kind: Job, metadata: {generateName: a}, spec: {template: {spec: {containers: []}}}}", "repair Job : metadata.name: there is none"},
		{`
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {serviceAccountName: x}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: b}, spec: {template: {spec: {serviceAccountName: a-deployment}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: c}, spec: {template: {spec: {serviceAccountName: a}}}}
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: d}, spec: {template: {spec: {serviceAccountName: x}}}}`,
			"repair Deployment a: spec.template.spec.serviceAccountName: ServiceAccount a-deployment is another workload's"},
	} {
		got, changes, err := repair.Objects(parse(t, c.from))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
		if got != nil || changes != nil {
			t.Errorf("an error and %v, %v", got, changes)
		}
	}
}
