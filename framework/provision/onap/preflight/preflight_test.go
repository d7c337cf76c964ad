package preflight_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/provision/onap/preflight"
)

// cluster has two nodes of 2 CPUs and 4 GiB, of which half a CPU is used.
func cluster(change func(*preflight.Cluster)) preflight.Cluster {
	node := preflight.Amount{CPU: resource.MustParse("2"), Memory: resource.MustParse("4Gi")}
	c := preflight.Cluster{
		Nodes: []preflight.Amount{node, node}, Used: preflight.Amount{CPU: resource.MustParse("500m")},
		Kinds: map[schema.GroupKind]bool{
			{Group: "apps", Kind: "Deployment"}: true, {Group: "apps", Kind: "StatefulSet"}: true, {Kind: "Service"}: true, {Kind: "PersistentVolume"}: true,
			{Kind: "PersistentVolumeClaim"}: true, {Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"}: true, {Kind: "ConfigMap"}: true,
			{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}: true,
		},
		Objects: map[string]bool{},
	}
	if change != nil {
		change(&c)
	}
	return c
}

// pod is a Deployment named a with this in the spec of its pods, and an annotation.
func pod(replicas int, inject, spec string) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata: {name: a, namespace: onap}
spec:
  replicas: %d
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}, annotations: {sidecar.istio.io/inject: %q}}
    spec: {%s}
`, replicas, inject, spec)
}

const (
	at      = "Deployment onap/a: spec.template.spec."
	install = "; make it, or install the chart that does"
)

func app(more string) string { return "containers: [{name: a, image: a:1, " + more + "}]" }

// problemCase is objects with what is to be said of them; "!" begins what is fatal.
type problemCase struct {
	objects string
	change  func(*preflight.Cluster)
	want    []string
}

func roomCases() map[string]problemCase {
	third := app("resources: {requests: {cpu: 300m, memory: 1Gi}}")
	sidecars := func(policy catalogue.Policy) func(*preflight.Cluster) {
		return func(c *preflight.Cluster) {
			c.Policy, c.Sidecar = policy, preflight.Amount{CPU: resource.MustParse("100m"), Memory: resource.MustParse("128Mi")}
		}
	}
	less := "; take a larger cluster, or ask for less with --set, as global.flavor=unlimited does"
	return map[string]problemCase{
		"all fit":                       {pod(7, "", third), nil, nil},
		"too much CPU":                  {pod(12, "", app("resources: {requests: {cpu: 300m}}")), nil, []string{"!Namespace onap: the pods ask for 3600m of CPU with 0 sidecars, and the nodes have 3500m left" + less}},
		"too much memory":               {pod(9, "", third), nil, []string{"!Namespace onap: the pods ask for 9Gi of memory with 0 sidecars, and the nodes have 8Gi left" + less}},
		"sidecars count":                {pod(9, "", app("resources: {requests: {cpu: 300m}}")), sidecars("enabled"), []string{"!Namespace onap: the pods ask for 3600m of CPU with 9 sidecars, and the nodes have 3500m left" + less}},
		"a pod that refuses":            {pod(9, "false", app("resources: {requests: {cpu: 300m}}")), sidecars("enabled"), nil},
		"a pod that asks":               {pod(9, "true", app("resources: {requests: {cpu: 300m}}")), sidecars("disabled"), []string{"!Namespace onap: the pods ask for 3600m of CPU with 9 sidecars, and the nodes have 3500m left" + less}},
		"a pod that says less":          {pod(9, "", app("resources: {requests: {cpu: 300m}}")), sidecars("disabled"), nil},
		"larger than any node":          {pod(1, "", app("resources: {requests: {cpu: 2500m}}")), nil, []string{"!" + at + "containers.resources: a pod asks for 2500m CPU and 0 memory, which no node has; ask for less with --set, or take larger nodes"}},
		"an init container":             {pod(1, "", "initContainers: [{name: i, image: i:1, resources: {requests: {memory: 5Gi}}}], "+app("ports: []")), nil, []string{"!" + at + "containers.resources: a pod asks for 0 CPU and 5Gi memory, which no node has; ask for less with --set, or take larger nodes"}},
		"init containers do not add up": {pod(1, "", "initContainers: [{name: i, image: i:1, resources: {requests: {cpu: 1500m}}}], "+app("resources: {requests: {cpu: 1500m}}")), nil, nil},
		"a limit is a request":          {pod(12, "", app("resources: {limits: {cpu: 300m}}")), nil, []string{"!Namespace onap: the pods ask for 3600m of CPU with 0 sidecars, and the nodes have 3500m left" + less}},
		"a sidecar of the chart's own":  {pod(1, "", "initContainers: [{name: i, image: i:1, resources: {requests: {cpu: 1800m}}}, {name: s, image: s:1, restartPolicy: Always, resources: {requests: {cpu: 300m}}}], "+app("resources: {requests: {cpu: 1700m}}")), nil, nil},
		"more replicas than memory has": {pod(2000000000, "", third), nil, []string{"!Namespace onap: the pods ask for 600M of CPU with 0 sidecars, and the nodes have 3500m left" + less, "!Namespace onap: the pods ask for 1953125Ti of memory with 0 sidecars, and the nodes have 8Gi left" + less}},
		"no replicas":                   {pod(0, "", "serviceAccountName: gone, "+app("resources: {requests: {cpu: 9}}")), nil, nil},
		"one on each node":              {strings.NewReplacer("Deployment", "DaemonSet", "  replicas: 1\n", "").Replace(pod(1, "", app("resources: {requests: {cpu: 1900m}}"))), func(c *preflight.Cluster) { c.Kinds[schema.GroupKind{Group: "apps", Kind: "DaemonSet"}] = true }, []string{"!Namespace onap: the pods ask for 3800m of CPU with 0 sidecars, and the nodes have 3500m left" + less}},
		"no node":                       {pod(1, "", app("ports: []")), func(c *preflight.Cluster) { c.Nodes = nil }, []string{"!Namespace onap: no node of the cluster takes pods; add a node, or take a taint or a cordon from one"}},
	}
}

func referenceCases() map[string]problemCase {
	return map[string]problemCase{
		"nothing is missing": {pod(1, "", "serviceAccountName: s, imagePullSecrets: [{name: p}], volumes: [{name: v, secret: {secretName: p}}, {name: w, configMap: {name: gone, optional: true}}], "+
			app("env: [{name: E, valueFrom: {configMapKeyRef: {name: m, key: k}}}]")) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n",
			func(c *preflight.Cluster) { c.Objects["Secret p"], c.Objects["ServiceAccount s"] = true, true }, nil},
		"ServiceAccount": {pod(1, "", "serviceAccountName: s, "+app("ports: []")), nil, []string{"!" + at + "serviceAccountName: there is no ServiceAccount s, so no pod is made" + install}},
		"pull secret":    {pod(1, "", "imagePullSecrets: [{name: p}], "+app("ports: []")), nil, []string{at + "imagePullSecrets[0]: there is no Secret p; make it if a registry wants it"}},
		"volumes": {pod(1, "", "volumes: [{name: s, secret: {secretName: p}}, {name: c, configMap: {name: m}}, {name: v, persistentVolumeClaim: {claimName: d}}, {name: x, projected: {sources: [{secret: {name: q}}]}}], "+app("ports: []")), nil, []string{
			"!" + at + "volumes[0].secret.secretName: there is no Secret p, so the pod does not start" + install,
			"!" + at + "volumes[1].configMap.name: there is no ConfigMap m, so the pod does not start" + install,
			"!" + at + "volumes[2].persistentVolumeClaim.claimName: there is no PersistentVolumeClaim d, so the pod does not start" + install,
			"!" + at + "volumes[3].projected.sources[0].secret.name: there is no Secret q, so the pod does not start" + install}},
		"environment": {pod(1, "", app("envFrom: [{secretRef: {name: p}}], env: [{name: E, valueFrom: {secretKeyRef: {name: q, key: k}}}, {name: F, valueFrom: {secretKeyRef: {name: r, key: k, optional: true}}}]")), nil, []string{
			"!" + at + "containers[0].envFrom[0].secretRef.name: there is no Secret p, so the pod does not start" + install,
			"!" + at + "containers[0].env[0].valueFrom.secretKeyRef.name: there is no Secret q, so the pod does not start" + install}},
		"awaited": {pod(1, "", "initContainers: [{name: i, image: i:1, args: [--container-name, a]}, {name: j, image: i:1, args: [--service-name, db, --container-name, b]}], "+app("ports: []")), nil, []string{
			"!" + at + "initContainers[1].args[1]: the pod waits for Service db, which nobody makes; install the chart that makes it",
			"!" + at + "initContainers[1].args[3]: the pod waits for a container b, which no pod has; install the chart that runs it"}},
		"Role": {"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: onap}\nroleRef: {kind: Role, name: r}\n", nil, []string{
			"!RoleBinding onap/b: roleRef.name: there is no Role r, so the pods may not do what they are to; have the Role made, as the override roles does, or install the chart that makes it"}},
		"Role of another namespace": {"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: kube-system}\nroleRef: {kind: Role, name: extension-apiserver-authentication-reader}\n", nil, nil},
		"ClusterRole":               {"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: onap}\nroleRef: {kind: ClusterRole, name: view}\n", nil, nil},
		"addresses": {pod(1, "", app("env: [{name: MSB_HOST, value: 'http://msb-iag:443/x'}, {name: A, value: msb-iag.onap}, {name: B, value: 'msb-iag.onap:80'}, {name: C, value: 'http://msb-iag.example.org:443'}, {name: AAI, value: aai.onap}, {name: D, value: 'a,b'}]")) +
			"---\napiVersion: v1\nkind: Service\nmetadata: {name: msb-iag}\nspec: {ports: [{port: 80}]}\n", nil, []string{
			at + "containers[0].env[0].value: MSB_HOST is http://msb-iag:443/x, and Service msb-iag has only port 80; name one of them with --set",
			at + "containers[0].env[4].value: AAI is aai.onap, and there is no Service aai; install the chart that makes it, if it is called"}},
		"a port is no name": {pod(1, "", app("env: [{name: MSB_PORT, value: 80.onap}, {name: PACKAGE, value: org.onap.svcs}]")), nil, []string{
			at + "containers[0].env[0].value: MSB_PORT is 80.onap, and no Service can be called 80; correct the chart, if it is used"}},
		"names that lead to pods": {pod(1, "", app("env: [{name: A, value: 'db:9'}, {name: B, value: 'out:9'}]")) +
			"---\napiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {clusterIP: None, ports: [{port: 80}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: out}\nspec: {type: ExternalName, externalName: example.org}\n", nil, nil},
	}
}

func kindCases() map[string]problemCase {
	claim := func(class string) string {
		return "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: d, namespace: onap}\nspec: {" + class + "}\n"
	}
	operator := "; install its operator first, or let the override custom-resources drop it"
	return map[string]problemCase{
		"unknown kind": {"apiVersion: kafka.strimzi.io/v1beta2\nkind: KafkaUser\nmetadata: {name: u, namespace: onap}\n", nil, []string{
			"!KafkaUser onap/u: apiVersion: the cluster has no kind KafkaUser in kafka.strimzi.io/v1beta2" + operator}},
		"what is forbidden to ask is not compared": {claim("storageClassName: fast") + "---\n" + pod(99, "", "serviceAccountName: s, "+app("resources: {requests: {cpu: 9}}")), func(c *preflight.Cluster) {
			c.Nodes, c.Kinds, c.Unknown = nil, nil, map[string]bool{"nodes": true, "kinds": true, "storage": true, "ServiceAccounts": true}
		}, []string{
			"Namespace onap: we may not ask the cluster for its ServiceAccounts, kinds, nodes, storage, so nothing was compared with them; allow it, or see for yourself"}},
		"what else there is is compared": {pod(1, "", "imagePullSecrets: [{name: p}], "+app("ports: []")), func(c *preflight.Cluster) { c.Unknown = map[string]bool{"Roles": true} }, []string{
			"Namespace onap: we may not ask the cluster for its Roles, so nothing was compared with them; allow it, or see for yourself",
			at + "imagePullSecrets[0]: there is no Secret p; make it if a registry wants it"}},
		"its definition comes along": {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: us}\nspec: {group: x.io, names: {kind: U}}\n---\napiVersion: x.io/v1\nkind: U\nmetadata: {name: u}\n", nil, nil},
		"claim of a class by annotation": {strings.Replace(claim(""), "namespace: onap", "namespace: onap, annotations: {volume.beta.kubernetes.io/storage-class: fast}", 1), func(c *preflight.Cluster) { c.DefaultStorage = true }, []string{
			"!PersistentVolumeClaim onap/d: spec.storageClassName: there is neither a StorageClass nor a volume of class fast; make the class, or a volume of it, or name another with --set"}},
		"claim of a free volume":     {claim("storageClassName: fast"), func(c *preflight.Cluster) { c.Volumes = map[string]bool{"fast": true} }, nil},
		"claim that has its volume":  {claim("storageClassName: fast"), func(c *preflight.Cluster) { c.Objects["PersistentVolumeClaim d"] = true }, nil},
		"claim of the default class": {claim(""), func(c *preflight.Cluster) { c.DefaultStorage = true }, nil},
		"claim without a default class": {claim(""), nil, []string{
			"!PersistentVolumeClaim onap/d: spec: it names no StorageClass, no volume fits, and the cluster has no default class; make a StorageClass the default one, or name one with --set"}},
		"claim of a class that is there": {claim("storageClassName: fast"), func(c *preflight.Cluster) { c.Objects["StorageClass fast"] = true }, nil},
		"claim of no class": {claim("storageClassName: fast"), nil, []string{
			"!PersistentVolumeClaim onap/d: spec.storageClassName: there is neither a StorageClass nor a volume of class fast; make the class, or a volume of it, or name another with --set"}},
		"claim of a rendered volume": {claim("storageClassName: fast") + "---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: v}\nspec: {storageClassName: fast}\n", nil, nil},
		"claims of a StatefulSet": {"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: s, namespace: onap}\nspec: {serviceName: s, selector: {matchLabels: {app: s}}, template: {metadata: {labels: {app: s}}, spec: {" + app("ports: []") + "}}, volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: fast}}]}\n", nil, []string{
			"!StatefulSet onap/s: spec.volumeClaimTemplates[0].spec.storageClassName: there is neither a StorageClass nor a volume of class fast; make the class, or a volume of it, or name another with --set"}},
	}
}

func TestCheck(t *testing.T) {
	for _, table := range []map[string]problemCase{roomCases(), referenceCases(), kindCases()} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) {
				objects, err := kube.Parse([]byte(c.objects))
				if err != nil {
					t.Fatal(err)
				}
				problems, err := preflight.Check(objects, cluster(c.change))
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, p := range problems {
					text := p.String()
					if p.Fatal {
						text = "!" + text
					}
					got = append(got, text)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		}
	}
}

// TestOneCause: what several objects lack for one cause is one line.
func TestOneCause(t *testing.T) {
	named := func(kind, name, before string) string {
		text := pod(1, "", "volumes: [{name: v, secret: {secretName: certificates}}], "+app("env: ["+before+"{name: AAI_ADDR, value: aai.onap}]"))
		return strings.NewReplacer("name: a, namespace", "name: "+name+", namespace", "kind: Deployment", "kind: "+kind).Replace(text)
	}
	twice := "{name: AAI_ADDR, value: aai.onap}, "
	objects, err := kube.Parse([]byte(strings.Join([]string{
		named("Deployment", "multicloud-vio", ""), named("StatefulSet", "multicloud-etcd", ""), named("Deployment", "multicloud", twice),
	}, "---\n")))
	if err != nil {
		t.Fatal(err)
	}
	problems, err := preflight.Check(objects, cluster(nil))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	const which = " (onap/multicloud-vio, onap/multicloud-etcd, onap/multicloud)"
	want := []string{
		"2 Deployments and 1 StatefulSet: spec.template.spec.volumes[0].secret.secretName: there is no Secret certificates, so the pod does not start" + install + which,
		"2 Deployments and 1 StatefulSet: AAI_ADDR is aai.onap, and there is no Service aai; install the chart that makes it, if it is called" + which,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
