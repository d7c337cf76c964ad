package onap_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/onap"
)

// files are the files of a checkout by path.
type files map[string]string

func named(name string) *catalogue.Release { return &catalogue.Release{Name: name} }

func parsed(t *testing.T, text string) onap.Source {
	t.Helper()
	source, err := onap.ParseSource(text)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// write puts the tree's files into the folder kubernetes of a checkout.
func write(t *testing.T, tree files) string {
	t.Helper()
	checkout := t.TempDir()
	for name, text := range tree {
		file := filepath.Join(checkout, "kubernetes", name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return checkout
}

// deployment is the template of a Deployment as OOM wrote them: an old API, no
// selector, the annotation where it is not empty, an image of the umbrella's
// repository, a port where it is not 0.
func deployment(name, inject, image string, port int, more string) string {
	annotations := ""
	if inject != "" {
		annotations = ", annotations: {sidecar.istio.io/inject: '" + inject + "'}"
	}
	return fmt.Sprintf(`apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: '{{ .Release.Name }}-%[1]s', namespace: '{{ .Release.Namespace }}'}
spec:
  replicas: 1
  template:
    metadata: {labels: {app: %[1]s, release: '{{ .Release.Name }}'}%[2]s}
    spec:
      containers:
      - name: %[1]s
        image: '{{ .Values.global.repository }}/%[3]s'
        imagePullPolicy: '{{ .Values.global.pullPolicy }}'
        ports: [{containerPort: %[4]d}]
        %[5]s
`, name, annotations, image, port, more)
}

// smallTree is a tree with the form of OOM's of 2018: an umbrella, old APIs, an
// account that may do everything, pods that wait for each other. Chart extra is
// what else a tree can hold; it leaves things outside its namespace.
func smallTree() files {
	return files{
		"onap/Chart.yaml": "apiVersion: v1\nname: onap\nversion: 2.0.0\n",
		"onap/requirements.yaml": `dependencies:
- {name: msb, version: ~2.x-0, repository: '@local', condition: msb.enabled}
- {name: multicloud, version: ~2.x-0, repository: '@local', condition: multicloud.enabled}
- {name: vfc, version: ~2.x-0, repository: '@local', condition: vfc.enabled}
`,
		"onap/values.yaml": "global: {pullPolicy: Always, flavor: small, repository: registry.example.org}\nmsb: {enabled: true}\nmulticloud: {enabled: true}\nvfc: {enabled: true}\nextra: {}\n",
		"onap/templates/binding.yaml": `apiVersion: rbac.authorization.k8s.io/v1beta1
kind: ClusterRoleBinding
metadata: {name: '{{ .Release.Namespace }}-binding', namespace: '{{ .Release.Namespace }}'}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: default, namespace: '{{ .Release.Namespace }}'}]
`,
		"msb/Chart.yaml":  "apiVersion: v1\nname: msb\nversion: 2.0.0\n",
		"msb/values.yaml": "greeting: hello\nglobal: {}\n",
		"msb/templates/iag.yaml": deployment("msb-iag", "true", "onap/msb/msb_apigateway:1.1.0", 80, "") + `---
apiVersion: v1
kind: Service
metadata: {name: msb-iag}
spec: {type: NodePort, selector: {app: msb-iag}, ports: [{name: http-msb-iag, port: 80, nodePort: 30280}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: greeting}
data: {text: '{{ .Values.greeting }}'}
`,
		"multicloud/Chart.yaml":                "apiVersion: v1\nname: multicloud\nversion: 2.0.0\n",
		"multicloud/templates/deployment.yaml": deployment("multicloud", "", "onap/multicloud/framework:1.1.2", 9001, ""),
		"vfc/Chart.yaml":                       "apiVersion: v1\nname: vfc\nversion: 2.0.0\n",
		"vfc/charts/vfc-db/Chart.yaml":         "apiVersion: v1\nname: vfc-db\nversion: 2.0.0\n",
		"vfc/charts/vfc-db/values.yaml":        "readiness: {initialDelaySeconds: 120}\n",
		"vfc/charts/vfc-db/templates/db.yaml":  deployment("vfc-db", "", "onap/vfc/db:1.1.0", 3306, "readinessProbe: {tcpSocket: {port: 3306}, initialDelaySeconds: {{ .Values.readiness.initialDelaySeconds }}}"),
		"extra/Chart.yaml":                     "apiVersion: v1\nname: extra\nversion: 2.0.0\n",
		"extra/templates/all.yaml": `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: extra-kept, annotations: {helm.sh/resource-policy: keep}}
rules: []
---
apiVersion: v1
kind: ConfigMap
metadata: {name: extra-kept, namespace: default, annotations: {helm.sh/resource-policy: keep}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: extra-volume, namespace: onap, annotations: {helm.sh/resource-policy: keep}}
spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Retain, hostPath: {path: /data}}
`,
	}
}
