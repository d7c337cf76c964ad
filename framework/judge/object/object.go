// Package object says how all judges name Kubernetes objects in findings, so
// that known gaps and waivers can refer to them, and how they count things.
package object

import (
	"fmt"

	"github.com/onap/meshcert/framework/catalogue"
)

// Namespace is where a release is installed.
const Namespace = "onap"

// Deployment is "Deployment onap/msb-msb-iag".
func Deployment(namespace, workload string) string {
	return "Deployment " + namespace + "/" + workload
}

// Service is "Service onap/msb-iag".
func Service(namespace, name string) string { return "Service " + namespace + "/" + name }

// App is the release's workload with the app name; an app the release does not
// know is taken for a Deployment of its own name.
func App(release *catalogue.Release, namespace, app string) string {
	if w, ok := release.Workload(app); ok {
		return w.Object(namespace)
	}
	return Deployment(namespace, app)
}

// Workload is the release's workload of that name; one the release does not know
// is taken for a Deployment.
func Workload(release *catalogue.Release, namespace, name string) string {
	for _, w := range release.Workloads {
		if w.Name == name {
			return w.Object(namespace)
		}
	}
	return Deployment(namespace, name)
}

// Text is s, or "none" when there is nothing to show.
func Text(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// Count is "1 span" or "3 spans", for a noun whose plural ends in s.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
