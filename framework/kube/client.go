// Package kube talks to one Kubernetes API server: typed and dynamic clients,
// apply and delete with our field manager, exec, requests to Services through
// the API server, and waits by list and watch. It guarantees that nothing here
// reads the user's kubeconfig or environment: the file and context are given.
package kube

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// Manager is our field manager and the value of ManagedBy.
const (
	Manager   = "meshcert"
	ManagedBy = "app.kubernetes.io/managed-by"
)

// Client is a connection to one cluster.
type Client struct {
	Config  *rest.Config
	Set     kubernetes.Interface
	Dynamic dynamic.Interface
	Mapper  meta.ResettableRESTMapper
}

// New connects to the context of the kubeconfig file; an empty context is the
// file's current one.
func New(kubeconfig, context string) (*Client, error) {
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig},
		&clientcmd.ConfigOverrides{CurrentContext: context},
	).ClientConfig()
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig %s, context %q: %w", kubeconfig, context, err)
	}
	return FromConfig(config)
}

// FromConfig connects with a ready configuration.
func FromConfig(config *rest.Config) (*Client, error) {
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = 100, 200
	config.UserAgent = Manager
	config.WarningHandler = rest.NoWarnings{}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make client for %s: %w", config.Host, err)
	}
	dyn, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make dynamic client for %s: %w", config.Host, err)
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(set.Discovery()))
	return &Client{Config: config, Set: set, Dynamic: dyn, Mapper: mapper}, nil
}

// ServiceURL returns the base URL of a Service's port as the API server proxies
// it, and the transport that carries our credentials there. port is the port's
// name or number.
func (c *Client) ServiceURL(namespace, service, port string) (*url.URL, http.RoundTripper, error) {
	transport, err := rest.TransportFor(c.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("make transport to %s: %w", c.Config.Host, err)
	}
	base, _, err := rest.DefaultServerUrlFor(c.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("read API server address %q: %w", c.Config.Host, err)
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + fmt.Sprintf("/api/v1/namespaces/%s/services/%s:%s/proxy", namespace, service, port)
	return base, transport, nil
}

// HTTPClient returns a client for ServiceURL with the given limit per request.
func (c *Client) HTTPClient(namespace, service, port string, limit time.Duration) (*url.URL, *http.Client, error) {
	base, transport, err := c.ServiceURL(namespace, service, port)
	if err != nil {
		return nil, nil, err
	}
	return base, &http.Client{Transport: transport, Timeout: limit}, nil
}
