// Package tracing judges the trace of one request against the path it must take.
package tracing

import (
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Judge compares the spans of one request with its path.
func Judge(release *catalogue.Release, path catalogue.Path, pods evidence.Pods, traces evidence.Traces) []verdict.Finding {
	return nil
}

// Services are the service names under which the path's hops report spans: what
// to search the back end for.
func Services(path catalogue.Path, namespace string) []string { return nil }
