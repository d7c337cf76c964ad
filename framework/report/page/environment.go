package page

import (
	"fmt"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/internal/prose"
)

// environment is what the specs ran on, with what is no list of it in words.
type environment struct {
	report.Environment
	Facts []fact
}

func environmentsOf(r *report.Report) []environment {
	var all []environment
	for _, e := range r.Environments {
		made := environment{Environment: e}
		add := func(name, value string) {
			if value != "" {
				made.Facts = append(made.Facts, fact{name, value})
			}
		}
		add("Kubernetes", e.Kubernetes)
		add("Istio", e.Istio)
		add("Injector policy", e.Policy)
		add("Sidecars", e.Sidecars)
		add("Traces kept by", e.Tracer)
		add("Way out of the cluster", e.Egress)
		add("Images from", e.ImageSource)
		if h := e.Host; h != nil {
			add("Machine", fmt.Sprintf("%s, %.1f GiB, load %.1f %.1f %.1f", prose.Plural(h.CPUs, "CPU"), float64(h.MemoryBytes)/(1<<30), h.Load[0], h.Load[1], h.Load[2]))
			add("System", h.OS+" "+h.Kernel)
		}
		all = append(all, made)
	}
	return all
}
