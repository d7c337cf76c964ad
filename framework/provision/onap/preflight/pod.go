package preflight

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/provision/oom/derive"
)

// podField is where the pod is in its workload.
const podField = "spec.template.spec"

// pod finds what a workload's pods refer to and nobody makes.
func (c *check) pod(p derive.Pod) {
	spec := p.Template.Spec
	if name := spec.ServiceAccountName; name != "" && name != "default" && !c.has("ServiceAccount", name) {
		c.problem(true, p.Object, join(podField, "serviceAccountName"), "make it, or install the chart that does", "there is no ServiceAccount %s, so no pod is made", name)
	}
	for i, s := range spec.ImagePullSecrets {
		if !c.has("Secret", s.Name) {
			c.problem(false, p.Object, fmt.Sprintf("%s.imagePullSecrets[%d]", podField, i), "make it if a registry wants it", "there is no Secret %s", s.Name)
		}
	}
	for i, v := range spec.Volumes {
		c.volume(p.Object, fmt.Sprintf("%s.volumes[%d]", podField, i), v)
	}
	for i, container := range spec.InitContainers {
		field := fmt.Sprintf("%s.initContainers[%d]", podField, i)
		c.container(p.Object, field, container)
		c.awaited(p.Object, field, container)
	}
	for i, container := range spec.Containers {
		c.container(p.Object, fmt.Sprintf("%s.containers[%d]", podField, i), container)
	}
}

// need finds a reference to an object that nobody makes.
func (c *check) need(object, field, kind, name string, optional *bool) {
	if name == "" || optional != nil && *optional || c.has(kind, name) {
		return
	}
	c.problem(true, object, field, "make it, or install the chart that does", "there is no %s %s, so the pod does not start", kind, name)
}

func (c *check) volume(object, field string, v corev1.Volume) {
	switch {
	case v.Secret != nil:
		c.need(object, field+".secret.secretName", "Secret", v.Secret.SecretName, v.Secret.Optional)
	case v.ConfigMap != nil:
		c.need(object, field+".configMap.name", "ConfigMap", v.ConfigMap.Name, v.ConfigMap.Optional)
	case v.PersistentVolumeClaim != nil:
		c.need(object, field+".persistentVolumeClaim.claimName", "PersistentVolumeClaim", v.PersistentVolumeClaim.ClaimName, nil)
	case v.Projected != nil:
		for i, s := range v.Projected.Sources {
			at := fmt.Sprintf("%s.projected.sources[%d]", field, i)
			if s.Secret != nil {
				c.need(object, at+".secret.name", "Secret", s.Secret.Name, s.Secret.Optional)
			}
			if s.ConfigMap != nil {
				c.need(object, at+".configMap.name", "ConfigMap", s.ConfigMap.Name, s.ConfigMap.Optional)
			}
		}
	}
}

func (c *check) container(object, field string, container corev1.Container) {
	for i, e := range container.EnvFrom {
		at := fmt.Sprintf("%s.envFrom[%d]", field, i)
		if e.SecretRef != nil {
			c.need(object, at+".secretRef.name", "Secret", e.SecretRef.Name, e.SecretRef.Optional)
		}
		if e.ConfigMapRef != nil {
			c.need(object, at+".configMapRef.name", "ConfigMap", e.ConfigMapRef.Name, e.ConfigMapRef.Optional)
		}
	}
	for i, e := range container.Env {
		at := fmt.Sprintf("%s.env[%d]", field, i)
		if from := e.ValueFrom; from != nil && from.SecretKeyRef != nil {
			c.need(object, at+".valueFrom.secretKeyRef.name", "Secret", from.SecretKeyRef.Name, from.SecretKeyRef.Optional)
		}
		if from := e.ValueFrom; from != nil && from.ConfigMapKeyRef != nil {
			c.need(object, at+".valueFrom.configMapKeyRef.name", "ConfigMap", from.ConfigMapKeyRef.Name, from.ConfigMapKeyRef.Optional)
		}
		c.address(object, at+".value", e)
	}
}

// awaited finds readiness checks that wait for what nobody makes.
func (c *check) awaited(object, field string, container corev1.Container) {
	for i, arg := range container.Args[:max(0, len(container.Args)-1)] {
		name, at := container.Args[i+1], fmt.Sprintf("%s.args[%d]", field, i+1)
		switch {
		case arg == "--service-name" && !c.has("Service", name):
			c.problem(true, object, at, "install the chart that makes it", "the pod waits for Service %s, which nobody makes", name)
		case arg == "--container-name" && !c.runs(name):
			c.problem(true, object, at, "install the chart that runs it", "the pod waits for a container %s, which no pod has", name)
		}
	}
}

func (c *check) runs(name string) bool {
	return slices.ContainsFunc(c.pods.Pods, func(p derive.Pod) bool {
		return slices.ContainsFunc(p.Template.Spec.Containers, func(container corev1.Container) bool { return container.Name == name })
	})
}

// hostAndPort is an address in an environment variable: a URL or a host, of which
// the first name, the rest of the name and the port are taken.
var hostAndPort = regexp.MustCompile(`^(?:[a-z][a-z0-9+.-]*://)?([a-z0-9][a-z0-9-]*)(\.[a-z0-9.-]+)?(?::([0-9]+))?(?:/.*)?$`)

// onlyNumber is no name of a Service: one begins with a letter.
var onlyNumber = regexp.MustCompile(`^[0-9]+$`)

// address finds an address of a rendered Service with a port that it does not have,
// for such a call leaves the cluster, and a name in the namespace that no Service has.
func (c *check) address(object, field string, e corev1.EnvVar) {
	parts := hostAndPort.FindStringSubmatch(e.Value)
	if parts == nil {
		return
	}
	inside := parts[2] == "."+catalogue.Namespace || strings.HasPrefix(parts[2]+".", "."+catalogue.Namespace+".svc.")
	if inside && onlyNumber.MatchString(parts[1]) {
		c.problem(false, object, field, "correct the chart, if it is used", "%s is %s, and no Service can be called %s", e.Name, e.Value, parts[1])
		return
	}
	if inside && !c.has("Service", parts[1]) {
		c.problem(false, object, field, "install the chart that makes it, if it is called", "%s is %s, and there is no Service %s", e.Name, e.Value, parts[1])
		return
	}
	for _, s := range c.pods.Services {
		// Names that lead past the Service's ports say nothing of them.
		byPod := s.Spec.ClusterIP == corev1.ClusterIPNone || s.Spec.Type == corev1.ServiceTypeExternalName
		if s.Name != parts[1] || byPod || parts[3] == "" || parts[2] != "" && !inside {
			continue
		}
		var ports []string
		for _, p := range s.Spec.Ports {
			ports = append(ports, strconv.Itoa(int(p.Port)))
		}
		if !slices.Contains(ports, parts[3]) {
			c.problem(false, object, field, "name one of them with --set", "%s is %s, and Service %s has only port %s", e.Name, e.Value, s.Name, strings.Join(ports, ", "))
		}
	}
}
