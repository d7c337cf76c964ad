package migrate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/provision/oom/migrate"
)

// deployment is a Deployment of today; cases add to its pod template's spec.
const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: onap}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec: `

// example is an object, what becomes of it ("" for itself) and the changes.
type example struct {
	name, from, to string
	changes        []migrate.Change
}

func change(object string, rule migrate.Rule, field, from, to string) migrate.Change {
	return migrate.Change{Object: object, Rule: rule, Field: field, From: from, To: to}
}

func examples() []example {
	return append(append(apis(), fields()...), workloads()...)
}

func apis() []example {
	return []example{
		{"a current Deployment", deployment + "{containers: [{name: a, image: a, ports: [{containerPort: 80}], resources: {limits: {cpu: 0.5, memory: 1Gi}}}]}", "", nil},
		{"a current native sidecar", deployment + "{initContainers: [{name: p, image: p, restartPolicy: Always}], containers: [{name: a, image: a}]}", "", nil},
		{
			"an old Deployment", `
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: a, namespace: onap}
spec: {template: {metadata: {labels: {app: a, release: r}}, spec: {containers: [{name: a, image: a}]}}}`, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: onap}
spec: {selector: {matchLabels: {app: a, release: r}}, template: {metadata: {labels: {app: a, release: r}}, spec: {containers: [{name: a, image: a}]}}}`,
			[]migrate.Change{
				change("Deployment onap/a", migrate.APIVersion, "apiVersion", "extensions/v1beta1", "apps/v1"),
				change("Deployment onap/a", migrate.SelectorAdded, "spec.selector", "", `{"matchLabels":{"app":"a","release":"r"}}`),
			},
		},
		{
			"a narrow selector", `
apiVersion: apps/v1beta1
kind: StatefulSet
metadata: {name: a}
spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a, release: r}}, spec: {containers: [{name: a, image: a}]}}}`, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: a}
spec: {serviceName: a, selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a, release: r}}, spec: {containers: [{name: a, image: a}]}}}`,
			[]migrate.Change{
				change("StatefulSet a", migrate.APIVersion, "apiVersion", "apps/v1beta1", "apps/v1"),
				change("StatefulSet a", migrate.SelectorNarrower, "spec.selector", `{"matchLabels":{"app":"a"}}`, `{"matchLabels":{"app":"a"}}`),
			},
		},
		{
			"a binding in a namespace", `
apiVersion: rbac.authorization.k8s.io/v1beta1
kind: ClusterRoleBinding
metadata: {name: onap-binding, namespace: onap}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: onap}]`, `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: onap-binding}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: onap}]`,
			[]migrate.Change{
				change("ClusterRoleBinding onap/onap-binding", migrate.APIVersion, "apiVersion", "rbac.authorization.k8s.io/v1beta1", "rbac.authorization.k8s.io/v1"),
				change("ClusterRoleBinding onap/onap-binding", migrate.ClusterScopedNamespace, "metadata.namespace", "onap", ""),
			},
		},
		{
			"an old Ingress", `
apiVersion: networking.k8s.io/v1beta1
kind: Ingress
metadata: {name: a}
spec:
  backend: {serviceName: d, servicePort: web}
  rules: [{host: h, http: {paths: [{path: /, backend: {serviceName: a, servicePort: 80}}, {path: /b, pathType: Exact, backend: {serviceName: b, servicePort: "81"}}]}}]`, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: a}
spec:
  defaultBackend: {service: {name: d, port: {name: web}}}
  rules: [{host: h, http: {paths: [{path: /, pathType: ImplementationSpecific, backend: {service: {name: a, port: {number: 80}}}}, {path: /b, pathType: Exact, backend: {service: {name: b, port: {number: 81}}}}]}}]`,
			[]migrate.Change{
				change("Ingress a", migrate.APIVersion, "apiVersion", "networking.k8s.io/v1beta1", "networking.k8s.io/v1"),
				change("Ingress a", migrate.IngressBackend, "spec.backend", `{"serviceName":"d","servicePort":"web"}`, `{"service":{"name":"d","port":{"name":"web"}}}`),
				change("Ingress a", migrate.IngressBackend, "spec.rules[0].http.paths[0].backend", `{"serviceName":"a","servicePort":80}`, `{"service":{"name":"a","port":{"number":80}}}`),
				change("Ingress a", migrate.IngressPathType, "spec.rules[0].http.paths[0].pathType", "", "ImplementationSpecific"),
				change("Ingress a", migrate.IngressBackend, "spec.rules[0].http.paths[1].backend", `{"serviceName":"b","servicePort":"81"}`, `{"service":{"name":"b","port":{"number":81}}}`),
			},
		},
		{
			"a custom resource", "{apiVersion: kafka.strimzi.io/v1beta2, kind: KafkaUser, metadata: {name: u, namespace: onap}, spec: {a: null}}", "",
			[]migrate.Change{change("KafkaUser onap/u", migrate.CustomType, "apiVersion", "kafka.strimzi.io/v1beta2", "kafka.strimzi.io/v1beta2")},
		},
		{
			"a custom resource definition", "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: d}, spec: {a: null}}", "",
			[]migrate.Change{change("CustomResourceDefinition d", migrate.CustomType, "apiVersion", "apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1")},
		},
	}
}

func fields() []example {
	return []example{
		{
			"nulls", deployment + "{initContainers: null, containers: [{name: a, image: a, env: [null, {name: A, value: null}]}], nodeSelector: {a: null}}",
			deployment + "{containers: [{name: a, image: a, env: [{name: A}]}], nodeSelector: {}}",
			[]migrate.Change{
				change("Deployment onap/a", migrate.Null, "spec.template.spec.containers[0].env[0]", "null", ""),
				change("Deployment onap/a", migrate.Null, "spec.template.spec.containers[0].env[1].value", "null", ""),
				change("Deployment onap/a", migrate.Null, "spec.template.spec.initContainers", "null", ""),
				change("Deployment onap/a", migrate.Null, "spec.template.spec.nodeSelector[a]", "null", ""),
			},
		},
		{
			"an unknown field", "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80, containerPort: 81}]}}",
			"{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}",
			[]migrate.Change{change("Service s", migrate.UnknownField, "spec.ports[0].containerPort", "81", "")},
		},
		{
			"a field in the wrong case", deployment + "{containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /v, subpath: x, readonly: true}]}], volumes: [{name: v, emptyDir: {}}]}",
			deployment + "{containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /v, subPath: x, readOnly: true}]}], volumes: [{name: v, emptyDir: {}}]}",
			[]migrate.Change{
				change("Deployment onap/a", migrate.FieldCase, "spec.template.spec.containers[0].volumeMounts[0].readonly", "readonly", "readOnly"),
				change("Deployment onap/a", migrate.FieldCase, "spec.template.spec.containers[0].volumeMounts[0].subpath", "subpath", "subPath"),
			},
		},
		{
			"both cases of a field", deployment + "{containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /v, subPath: x, subpath: z}]}], volumes: [{name: v, emptyDir: {}}]}",
			deployment + "{containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /v, subPath: x}]}], volumes: [{name: v, emptyDir: {}}]}",
			[]migrate.Change{change("Deployment onap/a", migrate.UnknownField, "spec.template.spec.containers[0].volumeMounts[0].subpath", "z", "")},
		},
		{
			"scalars of the wrong type", "{apiVersion: v1, kind: Service, metadata: {name: s, labels: {version: 1.5, big: 12345678, mesh: true}}, spec: {publishNotReadyAddresses: 'true', ports: [{port: '80'}]}}",
			"{apiVersion: v1, kind: Service, metadata: {name: s, labels: {version: '1.5', big: '12345678', mesh: 'true'}}, spec: {publishNotReadyAddresses: true, ports: [{port: 80}]}}",
			[]migrate.Change{
				change("Service s", migrate.ScalarType, "metadata.labels[big]", "12345678", `"12345678"`),
				change("Service s", migrate.ScalarType, "metadata.labels[mesh]", "true", `"true"`),
				change("Service s", migrate.ScalarType, "metadata.labels[version]", "1.5", `"1.5"`),
				change("Service s", migrate.ScalarType, "spec.ports[0].port", `"80"`, "80"),
				change("Service s", migrate.ScalarType, "spec.publishNotReadyAddresses", `"true"`, "true"),
			},
		},
		{
			"unready endpoints", "{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {a: b, service.alpha.kubernetes.io/tolerate-unready-endpoints: 'true'}}, spec: {ports: [{port: 80}]}}",
			"{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {a: b}}, spec: {publishNotReadyAddresses: true, ports: [{port: 80}]}}",
			[]migrate.Change{change("Service s", migrate.BetaAnnotation, "metadata.annotations[service.alpha.kubernetes.io/tolerate-unready-endpoints]", "true", "spec.publishNotReadyAddresses: true")},
		},
		{
			"no unready endpoints", "{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {service.alpha.kubernetes.io/tolerate-unready-endpoints: 'false'}}, spec: {ports: [{port: 80}]}}",
			"{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {}}, spec: {ports: [{port: 80}]}}",
			[]migrate.Change{change("Service s", migrate.BetaAnnotation, "metadata.annotations[service.alpha.kubernetes.io/tolerate-unready-endpoints]", "false", "")},
		},
	}
}

func workloads() []example {
	return []example{
		{
			"a variable set twice", deployment + "{containers: [{name: a, image: a, env: [{name: A, value: '1'}, {name: B, value: '2'}, {name: A, value: '3'}]}]}",
			deployment + "{containers: [{name: a, image: a, env: [{name: B, value: '2'}, {name: A, value: '3'}]}]}",
			[]migrate.Change{change("Deployment onap/a", migrate.DuplicateEnv, "spec.template.spec.containers[0].env[0]", `{"name":"A","value":"1"}`, `{"name":"A","value":"3"}`)},
		},
		{
			"a restart policy in an old init container", `
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: c}
spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, initContainers: [{name: i, image: i, restartPolicy: Never}], containers: [{name: a, image: a}]}}}}}`, `
apiVersion: batch/v1
kind: CronJob
metadata: {name: c}
spec: {schedule: "* * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, initContainers: [{name: i, image: i}], containers: [{name: a, image: a}]}}}}}`,
			[]migrate.Change{
				change("CronJob c", migrate.APIVersion, "apiVersion", "batch/v1beta1", "batch/v1"),
				change("CronJob c", migrate.MisplacedRestartPolicy, "spec.jobTemplate.spec.template.spec.initContainers[0].restartPolicy", "Never", ""),
			},
		},
	}
}

func parse(t testing.TB, text string) *unstructured.Unstructured {
	t.Helper()
	json, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o := &unstructured.Unstructured{}
	if err := o.UnmarshalJSON(json); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObject(t *testing.T) {
	for _, e := range examples() {
		t.Run(e.name, func(t *testing.T) {
			from := parse(t, e.from)
			if e.to == "" {
				e.to = e.from
			}
			got, changes, err := migrate.Object(from)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(parse(t, e.to), got); diff != "" {
				t.Errorf("object: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(e.changes, changes); diff != "" {
				t.Errorf("changes: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(parse(t, e.from), from); diff != "" {
				t.Errorf("the input changed: -want +got:\n%s", diff)
			}
			again(t, got)
		})
	}
}

// again wants that a migrated object comes back equal, with notes at most.
func again(t *testing.T, o *unstructured.Unstructured) {
	t.Helper()
	got, changes, err := migrate.Object(o)
	if err != nil {
		t.Fatalf("the second time: %v", err)
	}
	if diff := cmp.Diff(o, got); diff != "" {
		t.Errorf("the second time: -want +got:\n%s", diff)
	}
	for _, c := range changes {
		if !c.Note() {
			t.Errorf("the second time: %+v", c)
		}
	}
}

func TestCannot(t *testing.T) {
	for _, c := range []struct{ from, want string }{
		{"{kind: Pod, metadata: {name: a}}", `migrate Pod a: apiVersion: "" with kind "Pod" names no kind of object`},
		{"{apiVersion: a/b/c, kind: Pod, metadata: {name: a}}", `migrate Pod a: apiVersion: "a/b/c"`},
		{"{apiVersion: v2, kind: Pod, metadata: {name: a}}", "migrate Pod a: apiVersion: Kubernetes 1.34 does not serve Pod of v2, and there is no rule"},
		{"{apiVersion: v1, kind: Deployment, metadata: {name: a}}", "migrate Deployment a: kind: v1 has no kind Deployment"},
		{"{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: p}}", "migrate PodSecurityPolicy p: apiVersion: Kubernetes 1.34 does not serve PodSecurityPolicy of policy/v1beta1"},
		{"{apiVersion: apiextensions.k8s.io/v1beta1, kind: CustomResourceDefinition, metadata: {name: d}}", "does not serve CustomResourceDefinition of apiextensions.k8s.io/v1beta1"},
		{"{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: a, namespace: onap}, spec: {template: {spec: {containers: []}}}}", "migrate Deployment onap/a: spec.selector: there is none, and the pod template has no labels"},
		{deployment + "{containers: {name: a}}", `migrate Deployment onap/a: spec.template.spec.containers: {"name":"a"} stands where a list is wanted`},
		{deployment + "{containers: [a]}", `spec.template.spec.containers[0]: "a" stands where a mapping is wanted`},
		{deployment + "{containers: [{name: a, resources: {limits: {cpu: lots}}}]}", `spec.template.spec.containers[0].resources.limits[cpu]: "lots" cannot be read as Quantity`},
		{deployment + "{containers: [{name: a, ports: [{containerPort: http}]}]}", `ports[0].containerPort: "http" stands where a whole number (int32) is wanted`},
		{deployment + "{containers: [{name: a, ports: [{containerPort: 80000000000}]}]}", "ports[0].containerPort: 80000000000 stands where a whole number (int32)"},
		{deployment + "{hostNetwork: often, containers: [{name: [a]}]}", `spec.template.spec.containers[0].name: ["a"] stands where text is wanted` + "\n" + `migrate Deployment onap/a: spec.template.spec.hostNetwork: "often" stands where true or false`},
		{"{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: '<password>'}}", `migrate Secret s: data[a]: "<password>" cannot be read as base64`},
		{"{apiVersion: v1, kind: ConfigMap, metadata: {name: s}, data: " + strings.Repeat("x", 70) + "}", `data: "` + strings.Repeat("x", 59) + "… stands where a mapping"},
	} {
		from := parse(t, "{kind: x}")
		if json, err := yaml.YAMLToJSON([]byte(c.from)); err != nil {
			t.Fatal(err)
		} else if err := yaml.Unmarshal(json, &from.Object); err != nil {
			t.Fatal(err)
		}
		got, changes, err := migrate.Object(from)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %s", c.from, err, c.want)
		}
		if got != nil || changes != nil {
			t.Errorf("%s: an error and %v, %v", c.from, got, changes)
		}
	}
}
