// Package msb observes MSB: what discovery lists, what the portal page shows,
// and what the gateway answers. It guarantees that a list or page that cannot
// be read whole is an error.
package msb

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/traffic"
)

// The addresses of discovery's list and of the portal page (ONAP's msb-discovery
// and msb-apigateway).
const (
	servicesPath = "api/microservices/v1/services"
	portalPath   = "/iui/microservices/default.html"
)

// Observer asks msb-discovery through the API server and msb-iag through the sender.
type Observer struct {
	discovery *url.URL
	client    *http.Client
	sender    *traffic.Sender
	// external finds msb-eag.
	external func(context.Context) (*traffic.Sender, error)
}

// New returns an observer of the MSB in the namespace.
func New(client *kube.Client, namespace string, sender *traffic.Sender) (*Observer, error) {
	base, web, err := client.HTTPClient(namespace, "msb-discovery", "10081", observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach msb-discovery: %w", err)
	}
	o := At(base, web, sender, nil)
	o.external = func(ctx context.Context) (*traffic.Sender, error) {
		return traffic.Find(ctx, client, namespace, traffic.External)
	}
	return o, nil
}

// At returns an observer of a discovery at a URL, and of the gateways behind
// the two senders.
func At(discovery *url.URL, client *http.Client, sender, external *traffic.Sender) *Observer {
	return &Observer{
		discovery: discovery, client: client, sender: sender,
		external: func(context.Context) (*traffic.Sender, error) { return external, nil },
	}
}

// registered is what discovery says of one service; ports are strings.
type registered struct {
	ServiceName string `json:"serviceName"`
	Version     string `json:"version"`
	URL         string `json:"url"`
	Protocol    string `json:"protocol"`
	VisualRange string `json:"visualRange"`
	Nodes       []struct {
		IP   string `json:"ip"`
		Port string `json:"port"`
	} `json:"nodes"`
}

// Registrations asks discovery for its services, in its order.
func (o *Observer) Registrations(ctx context.Context) (evidence.Registrations, error) {
	seen, err := o.registrations(ctx)
	return seen, observe.Absent(err)
}

func (o *Observer) registrations(ctx context.Context) (evidence.Registrations, error) {
	address := observe.At(o.discovery, servicesPath, nil)
	var list *[]registered
	if err := observe.GetJSON(ctx, o.client, address, &list); err != nil {
		return evidence.Registrations{}, fmt.Errorf("ask msb-discovery for its services: %w", err)
	}
	if list == nil {
		return evidence.Registrations{}, fmt.Errorf("ask msb-discovery for its services: %w",
			&observe.MalformedError{URL: address, Reason: "null, not a list"})
	}
	seen := evidence.Registrations{Observed: time.Now().UTC()}
	for i, r := range *list {
		if r.ServiceName == "" {
			return evidence.Registrations{}, fmt.Errorf("read msb-discovery's services: %w",
				&observe.MalformedError{URL: address, Reason: fmt.Sprintf("[%d] has no serviceName", i)})
		}
		one := evidence.Registration{Name: r.ServiceName, Version: r.Version, URL: r.URL, Protocol: r.Protocol, Range: r.VisualRange}
		for _, n := range r.Nodes {
			if port, err := strconv.ParseUint(n.Port, 10, 16); n.IP == "" || err != nil || port == 0 {
				return evidence.Registrations{}, fmt.Errorf("read msb-discovery's services: %w",
					&observe.MalformedError{URL: address, Reason: fmt.Sprintf("[%d] (%s) has a node with ip %q and port %q", i, r.ServiceName, n.IP, n.Port)})
			}
			one.Nodes = append(one.Nodes, net.JoinHostPort(n.IP, n.Port))
		}
		seen.Items = append(seen.Items, one)
	}
	return seen, nil
}

// Portal reads the names of the API services the portal page shows, each once,
// in the page's order.
func (o *Observer) Portal(ctx context.Context) (evidence.Portal, error) {
	seen, err := o.portal(ctx)
	return seen, observe.Absent(err)
}

func (o *Observer) portal(ctx context.Context) (evidence.Portal, error) {
	sent, err := o.sender.Get(ctx, portalPath, traffic.Options{Headers: traffic.None})
	if err != nil {
		return evidence.Portal{}, fmt.Errorf("ask for MSB's portal page: %w", err)
	}
	r := sent.Response
	switch {
	case r.Status == 0 || r.Error != "":
		return evidence.Portal{}, fmt.Errorf("ask for MSB's portal page %s: %s", r.URL, r.Error)
	case r.Status != http.StatusOK:
		return evidence.Portal{}, fmt.Errorf("ask for MSB's portal page: %w", &observe.StatusError{URL: r.URL, Status: r.Status, Body: r.Body})
	}
	services, err := readPortal(r.URL, r.Body)
	if err != nil {
		return evidence.Portal{}, fmt.Errorf("read MSB's portal page: %w", err)
	}
	return evidence.Portal{Observed: sent.End.UTC(), URL: r.URL, Services: services}, nil
}

// readPortal collects the attribute data-service of the page's table rows. A
// page without a table is refused, a table without rows is not.
func readPortal(address, page string) ([]string, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil, &observe.MalformedError{URL: address, Reason: err.Error(), Body: page}
	}
	table := false
	var services []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		table = table || n.Data == "table"
		for _, a := range n.Attr {
			if n.Data != "tr" || a.Key != "data-service" || slices.Contains(services, a.Val) {
				continue
			}
			if a.Val == "" {
				return nil, &observe.MalformedError{URL: address, Reason: "a service without name", Body: page}
			}
			services = append(services, a.Val)
		}
	}
	if whole := strings.HasSuffix(strings.TrimSpace(page), "</html>"); !table || !whole {
		return nil, &observe.MalformedError{URL: address, Reason: "no whole page with a table of services", Body: page, Cut: !whole}
	}
	return services, nil
}

// atOnce is how many paths are asked at the same time, so that one that is
// slow to answer takes no time from the others.
const atOnce = 8

// Endpoints asks each endpoint once; the answers are in the endpoints' order.
func (o *Observer) Endpoints(ctx context.Context, endpoints []catalogue.Endpoint) ([]evidence.Response, error) {
	paths := make([]string, len(endpoints))
	for i, e := range endpoints {
		paths[i] = e.URL
	}
	return ask(ctx, o.sender, paths)
}

// ask sends the gateway one GET for each path; the answers are in the order of
// the paths.
func ask(ctx context.Context, gateway *traffic.Sender, paths []string) ([]evidence.Response, error) {
	seen := make([]evidence.Response, len(paths))
	asking := errgroup.Group{}
	asking.SetLimit(atOnce)
	for i, path := range paths {
		asking.Go(func() error {
			sent, err := gateway.Get(ctx, path, traffic.Traced())
			if err != nil {
				return fmt.Errorf("ask %s: %w", path, err)
			}
			seen[i] = sent.Response
			return nil
		})
	}
	if err := asking.Wait(); err != nil {
		return nil, err
	}
	return seen, nil
}
