package spec

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe/cluster"
	"github.com/onap/meshcert/framework/observe/grafana"
	"github.com/onap/meshcert/framework/observe/hygiene"
	"github.com/onap/meshcert/framework/observe/injection"
	"github.com/onap/meshcert/framework/observe/jaeger"
	"github.com/onap/meshcert/framework/observe/msb"
	"github.com/onap/meshcert/framework/observe/pods"
	"github.com/onap/meshcert/framework/observe/prometheus"
	"github.com/onap/meshcert/framework/observe/proxy"
	"github.com/onap/meshcert/framework/observe/servicegraph"
	"github.com/onap/meshcert/framework/observe/traces"
	"github.com/onap/meshcert/framework/observe/zipkin"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/traffic"
)

// Namespace is where ONAP is.
const Namespace = "onap"

// Who answers several topics' specs, as Kubernetes names them.
const (
	APIServer  = "the API server"
	Prometheus = "Deployment istio-system/prometheus"
	Gateway    = "Service onap/msb-iag"
)

// Eyes are the observers of one environment, and the hand that sends requests.
type Eyes struct {
	Pods    *pods.Observer
	Proxies *proxy.Observer
	// Traces is the back end that keeps the mesh's traces.
	Traces  traces.Backend
	Metrics *prometheus.Observer
	Grafana *grafana.Observer
	Graph   *servicegraph.Observer
	Cluster *cluster.Observer
	MSB     *msb.Observer
	Hygiene *hygiene.Observer
	// Injection also changes the injector's policy.
	Injection *injection.Observer
	Traffic   *traffic.Sender
	// Registrar makes MSB register something.
	Registrar *traffic.Registrar
	// Load sends many requests and measures them.
	Load *traffic.Fortio
}

// Open connects the observers to a cluster that has ONAP in it, and whose traces
// the back end keeps.
func Open(ctx context.Context, client *kube.Client, keeper tracer.Backend) (Eyes, error) {
	eyes := Eyes{
		Pods: pods.New(client), Proxies: proxy.New(client), Cluster: cluster.New(client), Hygiene: hygiene.New(client), Grafana: grafana.New(client), Injection: injection.New(client),
		Registrar: traffic.NewRegistrar(client, Namespace), Load: traffic.NewFortio(client),
	}
	var err error
	if eyes.Traces, err = Backend(client, keeper); err != nil {
		return eyes, err
	}
	if eyes.Metrics, err = prometheus.New(client); err != nil {
		return eyes, fmt.Errorf("observe metrics: %w", err)
	}
	if eyes.Graph, err = servicegraph.New(client); err != nil {
		return eyes, fmt.Errorf("observe the service graph: %w", err)
	}
	if eyes.Traffic, err = traffic.New(ctx, client, Namespace); err != nil {
		return eyes, err
	}
	if eyes.MSB, err = msb.New(client, Namespace, eyes.Traffic); err != nil {
		return eyes, fmt.Errorf("observe MSB: %w", err)
	}
	return eyes, nil
}

// Backend connects to the back end that keeps the mesh's traces.
func Backend(client *kube.Client, keeper tracer.Backend) (traces.Backend, error) {
	var backend traces.Backend
	var err error
	switch keeper {
	case tracer.Jaeger:
		backend, err = jaeger.New(client)
	case tracer.Zipkin:
		backend, err = zipkin.New(client)
	default:
		err = fmt.Errorf("back end %q is not known: use %s or %s", keeper, tracer.Jaeger, tracer.Zipkin)
	}
	if err != nil {
		return nil, fmt.Errorf("observe traces: %w", err)
	}
	return backend, nil
}

// Canary sends one request between our own pair of meshed pods and waits for its
// spans; that none came is for the judge to say.
func (e Eyes) Canary(ctx context.Context) (evidence.Canary, error) {
	canary, err := e.Cluster.Canary(ctx)
	if err != nil {
		return canary, err
	}
	canary.Backend = e.Traces.Source()
	err = kube.Until(ctx, "the canary's spans", spansLimit, func(ctx context.Context) error {
		if canary.Trace, err = e.Traces.Trace(ctx, canary.TraceID); err != nil || canary.Trace != nil {
			return err
		}
		return errNoSpans
	})
	if errors.Is(err, errNoSpans) {
		return canary, nil
	}
	return canary, err
}

// spansLimit is how long the canary's spans may take: proxies send theirs
// every half second.
const spansLimit = 5 * time.Second

var errNoSpans = errors.New("no spans yet")
