package derive_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// TestBuiltIn: our own charts derive to the built-in catalogues, which were not
// written from them, field by field.
func TestBuiltIn(t *testing.T) {
	for _, name := range catalogue.Names() {
		t.Run(name, func(t *testing.T) {
			release, err := catalogue.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := onap.NewPlan(t.Context(), onap.Options{Release: release})
			if err != nil {
				t.Fatal(err)
			}
			same(t, release, plan.Objects)
		})
	}
}

// same demands that the objects derive to what charts can say of the release,
// and to its READY columns.
func same(t *testing.T, want *catalogue.Release, objects []*unstructured.Unstructured) {
	t.Helper()
	got, err := derive.From(want.Name, objects)
	if err != nil {
		t.Fatal(err)
	}
	told := catalogue.Release{Name: want.Name, Workloads: want.Workloads}
	for _, service := range want.Portal {
		if service != "microservices" && service != "msdiscover" { // MSB's own, in no chart
			told.Portal = append(told.Portal, service)
		}
	}
	byName := cmpopts.SortSlices(func(a, b catalogue.Workload) bool { return a.Name < b.Name })
	if diff := cmp.Diff(&told, got, byName, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-catalogue +derived:\n%s", diff)
	}
	for _, policy := range []catalogue.Policy{catalogue.Disabled, catalogue.Enabled} {
		if diff := cmp.Diff(ready(want, policy), ready(got, policy)); diff != "" {
			t.Errorf("READY with policy %s, -catalogue +derived:\n%s", policy, diff)
		}
	}
}

// ready is the READY column of every workload.
func ready(release *catalogue.Release, policy catalogue.Policy) map[string]string {
	column := map[string]string{}
	for _, w := range release.Workloads {
		_, column[w.Name] = release.Expected(w, policy)
	}
	return column
}

// objects reads YAML documents as rendering returns them.
func objects(t *testing.T, documents ...string) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, d := range documents {
		json, err := yaml.YAMLToJSON([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		o := &unstructured.Unstructured{}
		if err := o.UnmarshalJSON(json); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	return all
}

const (
	// beijing has the forms of 2018.
	beijing = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: vfc-vfc-nslcm, namespace: onap}
spec:
  selector: {matchLabels: {app: vfc-nslcm, release: vfc}}
  template:
    metadata:
      labels: {app: vfc-nslcm, release: vfc}
      annotations: {sidecar.istio.io/inject: "false"}
    spec:
      initContainers:
      - {name: vfc-nslcm-readiness, image: "oomk8s/readiness-check:2.0.0", command: [/root/ready.py], args: [--container-name, vfc-db]}
      containers:
      - name: vfc-nslcm
        image: onap/vfc/nslcm:1.1.0
        ports: [{containerPort: 8403}]
        livenessProbe: {tcpSocket: {port: 8403}, initialDelaySeconds: 120, periodSeconds: 15}
        env:
        - {name: MSB_ADDR, value: "msb-iag:80"}
        - {name: SERVICE_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
      - {name: filebeat-onap, image: "beats/filebeat:5.5.0"}`

	nslcmService = `
apiVersion: v1
kind: Service
metadata:
  name: vfc-nslcm
  namespace: onap
  annotations:
    msb.onap.org/service-info: '[{"serviceName": "nslcm", "version": "v1", "url": "/api/nslcm/v1", "protocol": "REST", "port": "8403", "enable_ssl": false, "visualRange": "1"},
      {"serviceName": "nslcm", "version": "v2", "url": "/api/nslcm/v2", "protocol": "REST", "port": "8403", "visualRange": "1"}]'
spec:
  type: NodePort
  selector: {app: vfc-nslcm, release: vfc}
  ports: [{name: vfc-nslcm, port: 8403, nodePort: 30403}]`

	// newDelhi has the forms of 2024: other labels, no release label, a check
	// for Services, a label for the injector, values from Secrets.
	newDelhi = `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: multicloud-etcd}
spec:
  serviceName: etcd
  selector: {matchLabels: {app.kubernetes.io/name: etcd}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: etcd, app.kubernetes.io/instance: multicloud, sidecar.istio.io/inject: "true"}
      annotations: {sidecar.istio.io/inject: "false"}
    spec:
      serviceAccountName: reader
      initContainers:
      - {name: wait, image: "readiness:6", args: [--service-name, mariadb-galera, --container-name, msb-iag]}
      - {name: own, image: "busybox:1", command: [sh, -c, "chown -R 999 /data"]}
      containers:
      - name: etcd
        image: etcd:3
        livenessProbe: {exec: {command: [etcdctl, health]}, initialDelaySeconds: 90}
        readinessProbe: {httpGet: {path: /ready, port: client, scheme: HTTPS}, periodSeconds: 30}
        env:
        - {name: PASSWORD, valueFrom: {secretKeyRef: {name: etcd-root, key: password}}}
        - {name: LEVEL, valueFrom: {configMapKeyRef: {name: etcd-conf, key: level}}}`
)

// TestForms: the forms the releases of 2018 to 2024 write the same things in.
func TestForms(t *testing.T) {
	got, err := derive.From("mine", objects(t, newDelhi, beijing, nslcmService, `
apiVersion: v1
kind: Service
metadata: {name: etcd-b}
spec: {selector: {app.kubernetes.io/name: etcd}, ports: [{port: 2380}]}`, `
apiVersion: v1
kind: Service
metadata: {name: etcd-a}
spec: {selector: {app.kubernetes.io/name: etcd}, clusterIP: None, ports: [{name: tcp-etcd, port: 2379}]}`, `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: aai-log}
spec:
  selector: {matchLabels: {app: log}}
  template: {metadata: {labels: {app: log, release: aai}}, spec: {serviceAccount: old, containers: [{name: log, image: "log:1"}]}}`, `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: once, image: "x:1"}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &catalogue.Release{Name: "mine", Portal: []string{"nslcm"}, Workloads: []catalogue.Workload{
		{
			Kind: catalogue.StatefulSet, Name: "multicloud-etcd", App: "etcd", Project: "MultiCloud", HelmRelease: "multicloud", Annotation: "true", ServiceAccount: "reader",
			Containers: []catalogue.Container{{Name: "etcd", Image: "etcd:3"}},
			InitContainers: []catalogue.InitContainer{
				{Name: "wait", Image: "readiness:6", WaitsFor: "mariadb-galera, msb-iag"}, {Name: "own", Image: "busybox:1"},
			},
			Env: map[string]string{"PASSWORD": "secretKeyRef:etcd-root/password", "LEVEL": "configMapKeyRef:etcd-conf/level"},
			Services: []catalogue.Service{
				{Name: "etcd-a", Type: "ClusterIP", Ports: []catalogue.Port{{Name: "tcp-etcd", Port: 2379}}},
				{Name: "etcd-b", Type: "ClusterIP", Ports: []catalogue.Port{{Port: 2380}}},
			},
			Probes: catalogue.Probes{Liveness: "exec delay=90 period=10", Readiness: "https:client/ready delay=0 period=30"},
		},
		{
			Kind: catalogue.Deployment, Name: "vfc-vfc-nslcm", App: "vfc-nslcm", Project: "VF-C", HelmRelease: "vfc", Annotation: "false", ServiceAccount: "default",
			Containers: []catalogue.Container{
				{Name: "vfc-nslcm", Image: "onap/vfc/nslcm:1.1.0", Ports: []int{8403}}, {Name: "filebeat-onap", Image: "beats/filebeat:5.5.0"},
			},
			InitContainers: []catalogue.InitContainer{{Name: "vfc-nslcm-readiness", Image: "oomk8s/readiness-check:2.0.0", WaitsFor: "vfc-db"}},
			Env:            map[string]string{"MSB_ADDR": "msb-iag:80", "SERVICE_IP": "fieldRef:status.podIP"},
			Services:       []catalogue.Service{{Name: "vfc-nslcm", Type: "NodePort", Ports: []catalogue.Port{{Name: "vfc-nslcm", Port: 8403, NodePort: 30403}}}},
			Registrations: []catalogue.Registration{
				{Name: "nslcm", Version: "v1", URL: "/api/nslcm/v1", Port: 8403}, {Name: "nslcm", Version: "v2", URL: "/api/nslcm/v2", Port: 8403},
			},
			Probes: catalogue.Probes{Liveness: "tcp:8403 delay=120 period=15"},
		},
		{
			Kind: catalogue.DaemonSet, Name: "aai-log", App: "log", Project: "aai", HelmRelease: "aai", ServiceAccount: "old",
			Containers: []catalogue.Container{{Name: "log", Image: "log:1"}},
		},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for policy, want := range map[catalogue.Policy]map[string]string{
		catalogue.Disabled: {"multicloud-etcd": "2/2", "vfc-vfc-nslcm": "2/2", "aai-log": "1/1"},
		catalogue.Enabled:  {"multicloud-etcd": "2/2", "vfc-vfc-nslcm": "2/2", "aai-log": "2/2"},
	} {
		if diff := cmp.Diff(want, ready(got, policy)); diff != "" {
			t.Errorf("policy %s, -want +got:\n%s", policy, diff)
		}
	}
}

// TestRefused: what cannot be read is an error with object and field, and hides
// nothing else.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"old API", "apps/v1", "extensions/v1beta1", "read Deployment onap/vfc-vfc-nslcm: apiVersion: extensions/v1beta1 is not served any more; migrate it to apps/v1 first"},
		{"unknown field", "initContainers:", "initContainer:", `read Deployment onap/vfc-vfc-nslcm: strict decoding error: unknown field "spec.template.spec.initContainer"`},
		{"wrong type", "containerPort: 8403", "containerPort: http", "read Deployment onap/vfc-vfc-nslcm: "},
		{"no containers", beijing[strings.Index(beijing, "      containers:"):], "      containers: []", "Deployment onap/vfc-vfc-nslcm: spec.template.spec.containers: none"},
		{"no JSON", `[{"serviceName"`, `{"serviceName"`, "Deployment onap/vfc-vfc-nslcm: service vfc-nslcm: annotation msb.onap.org/service-info: "},
		{"port no text", `"port": "8403", "e`, `"port": 8403, "e`, "Deployment onap/vfc-vfc-nslcm: service vfc-nslcm: annotation msb.onap.org/service-info: "},
		{"port no number", `"port": "8403", "e`, `"port": "http", "e`, `service vfc-nslcm: annotation msb.onap.org/service-info: nslcm: port "http" is no number`},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.NewReplacer(c.old, c.new)
			got, err := derive.From("mine", objects(t, changed.Replace(beijing), changed.Replace(nslcmService), newDelhi))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if _, ok := got.Workload("etcd"); !ok {
				t.Error("the workload that can be read is gone")
			}
		})
	}
}

// TestServices: a Service belongs to the pods it selects, if it selects any.
func TestServices(t *testing.T) {
	m, err := derive.Read(objects(t, beijing, newDelhi, nslcmService,
		"{apiVersion: v1, kind: Service, metadata: {name: nobody}, spec: {selector: {app: vfc-nslcm, release: other}, ports: [{port: 1}]}}",
		"{apiVersion: v1, kind: Service, metadata: {name: outside}, spec: {type: ExternalName, externalName: example.org}}"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Pods, func(p derive.Pod) bool { return p.Name == "vfc-vfc-nslcm" })
	if s := m.ServicesOf(m.Pods[i]); len(s) != 1 || s[0].Name != "vfc-nslcm" {
		t.Errorf("nslcm's Services: %v", s)
	}
	for _, p := range m.Pods {
		if slices.ContainsFunc(m.ServicesOf(p), func(s corev1.Service) bool { return s.Name == "nobody" || s.Name == "outside" }) {
			t.Errorf("%s: Services %v", p.Object, m.ServicesOf(p))
		}
	}
}
