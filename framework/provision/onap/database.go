package onap

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/provision/oom/derive"
)

const (
	// galera is the name of the database, its container and its Service; galeraImage
	// its image.
	galera      = "mariadb-galera"
	galeraImage = "docker.io/bitnami/mariadb:10.5.8"
)

// database makes the database that pods wait for, and the Secrets with its
// password, where no chart does.
func database(a *alteration) error {
	for _, d := range a.drafts {
		m, err := derive.Read(d.manifests.Objects)
		if err != nil {
			return err
		}
		if !a.has("Service", galera) && slices.ContainsFunc(m.Pods, awaitsDatabase) {
			a.addDatabase(d)
		}
		for _, p := range m.Pods {
			for _, c := range slices.Concat(p.Template.Spec.InitContainers, p.Template.Spec.Containers) {
				a.addPasswords(d, c)
			}
		}
	}
	return nil
}

func awaitsDatabase(p derive.Pod) bool {
	return slices.ContainsFunc(p.Template.Spec.InitContainers, func(c corev1.Container) bool { return slices.Contains(c.Args, galera) })
}

func (a *alteration) addDatabase(d *draft) {
	labels := map[string]any{"app": galera, "release": d.name}
	port := int64(3306)
	a.add(d, map[string]any{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": galera, "labels": labels},
		"spec": map[string]any{"selector": labels, "ports": []any{map[string]any{"name": "tcp-mysql", "port": port}}},
	})
	a.add(d, map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": galera, "labels": labels},
		"spec": map[string]any{
			"selector": map[string]any{"matchLabels": labels},
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec": map[string]any{"containers": []any{map[string]any{
					"name": galera, "image": galeraImage, "imagePullPolicy": string(corev1.PullIfNotPresent),
					"ports":          []any{map[string]any{"containerPort": port}},
					"readinessProbe": map[string]any{"tcpSocket": map[string]any{"port": port}},
				}}},
			},
		},
	})
}

// addPasswords makes the database's Secrets that the container's environment is
// taken from.
func (a *alteration) addPasswords(d *draft, c corev1.Container) {
	for _, e := range c.Env {
		if e.ValueFrom == nil || e.ValueFrom.SecretKeyRef == nil {
			continue
		}
		name, key := e.ValueFrom.SecretKeyRef.Name, e.ValueFrom.SecretKeyRef.Key
		if !strings.Contains(name, galera) {
			continue
		}
		if !a.has("Secret", name) {
			a.add(d, secret(name, "login", key))
		}
	}
}
