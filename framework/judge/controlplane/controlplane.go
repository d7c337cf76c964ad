// Package controlplane judges istiod, its CA and webhook, the add-ons and the canary pair.
package controlplane

import (
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Want is what the control plane must be.
type Want struct {
	// Version is istiod's, e.g. "1.31.0"; empty for any.
	Version string
	// Workloads must have a ready pod: "istiod", "jaeger", "prometheus", "istio-telemetry", "servicegraph".
	Workloads []string
	// Services maps a Service to the ports it must have.
	Services map[string][]int
}

// Judge compares pods, version, Services and the webhook's CA.
func Judge(want Want, seen evidence.ControlPlane) []verdict.Finding { return nil }

// JudgeRejects says whether any proxy refused configuration and whether all are in sync.
func JudgeRejects(proxies evidence.Proxies) []verdict.Finding { return nil }

// JudgeCanary says whether our own pair speaks HTTP over mutual TLS.
func JudgeCanary(canary evidence.Canary) []verdict.Finding { return nil }

// JudgeTargets says whether Prometheus scrapes istio-telemetry (pools by name).
func JudgeTargets(pools []string, targets evidence.Targets) []verdict.Finding { return nil }
