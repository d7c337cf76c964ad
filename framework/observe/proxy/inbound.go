package proxy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
)

// listeners is Envoy's config_dump?resource=dynamic_listeners, as far as it is read.
type listeners struct {
	Configs []struct {
		Active struct {
			Updated  time.Time `json:"last_updated"`
			Listener struct {
				Name   string  `json:"name"`
				Chains []chain `json:"filter_chains"`
			} `json:"listener"`
		} `json:"active_state"`
	} `json:"configs"`
}

type chain struct {
	Name  string `json:"name"`
	Match struct {
		Port int `json:"destination_port"`
	} `json:"filter_chain_match"`
	Filters []struct {
		Config struct {
			Type    string   `json:"@type"`
			Tracing *tracing `json:"tracing"`
		} `json:"typed_config"`
	} `json:"filters"`
}

type tracing struct {
	Random struct {
		Value float64 `json:"value"`
	} `json:"random_sampling"`
	Provider struct {
		Name   string `json:"name"`
		Config struct {
			Service struct {
				URI struct {
					Cluster string `json:"cluster"`
				} `json:"http_uri"`
			} `json:"collector_service"`
			Cluster string `json:"collector_cluster"`
			GRPC    struct {
				Envoy struct {
					Cluster string `json:"cluster_name"`
				} `json:"envoy_grpc"`
			} `json:"grpc_service"`
		} `json:"typed_config"`
	} `json:"provider"`
}

// inbound is the listener that Istio lets all requests to a pod arrive at.
const inbound = "virtualInbound"

// The types of filters that tell how a chain treats a connection.
const (
	httpFilter = "http_connection_manager.v3.HttpConnectionManager"
	tcpFilter  = "tcp_proxy.v3.TcpProxy"
)

// decodeInbound reads how the listener treats the tracer's ports and traces
// requests; it returns the cluster of the collector, "" when nothing is traced.
func decodeInbound(dump []byte, t *evidence.Tracer) (collector string, err error) {
	var found listeners
	if err := json.Unmarshal(dump, &found); err != nil {
		return "", fmt.Errorf("%w: %s", err, cut(string(dump)))
	}
	http, tcp := map[int]bool{}, map[int]bool{}
	seen := false
	for _, c := range found.Configs {
		if c.Active.Listener.Name != inbound {
			continue
		}
		seen = true
		t.Since = c.Active.Updated
		for _, chain := range c.Active.Listener.Chains {
			for _, f := range chain.Filters {
				switch {
				case strings.HasSuffix(f.Config.Type, httpFilter):
					http[chain.Match.Port] = true
					if f.Config.Tracing != nil {
						t.Provider, t.Sampling, collector = f.Config.Tracing.read()
					}
				case strings.HasSuffix(f.Config.Type, tcpFilter):
					tcp[chain.Match.Port] = true
				}
			}
		}
	}
	if !seen {
		return "", fmt.Errorf("the proxy has no listener %s yet", inbound)
	}
	for i := range t.Ports {
		t.Ports[i].Protocol = treated(http[t.Ports[i].Port], tcp[t.Ports[i].Port])
	}
	return collector, nil
}

func treated(http, tcp bool) evidence.PortProtocol {
	switch {
	case http && tcp:
		return evidence.Sniffed
	case http:
		return evidence.HTTP
	case tcp:
		return evidence.TCP
	}
	return ""
}

// read gives "zipkin" or "opentelemetry", the sampling and the collector's cluster.
func (t tracing) read() (provider string, sampling float64, collector string) {
	p := t.Provider
	for _, cluster := range []string{p.Config.Service.URI.Cluster, p.Config.Cluster, p.Config.GRPC.Envoy.Cluster} {
		if cluster != "" {
			collector = cluster
		}
	}
	return p.Name[strings.LastIndex(p.Name, ".")+1:], t.Random.Value, collector
}

// host is the Service in the name of an Istio cluster:
// "outbound|9411||jaeger-collector.istio-system.svc.cluster.local".
func host(cluster string) string { return cluster[strings.LastIndex(cluster, "|")+1:] }

// decodeReports reads Envoy's /clusters?format=json: the counts of each address.
// Envoy leaves a count of zero out.
func decodeReports(body []byte, collector string, r *evidence.Reports) error {
	var found struct {
		Clusters []struct {
			Name  string `json:"name"`
			Hosts []struct {
				Stats []struct {
					Name  string `json:"name"`
					Value string `json:"value"`
				} `json:"stats"`
			} `json:"host_statuses"`
		} `json:"cluster_statuses"`
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return fmt.Errorf("%w: %s", err, cut(string(body)))
	}
	*r = evidence.Reports{}
	for _, c := range found.Clusters {
		if c.Name != collector {
			continue
		}
		r.Collector = collector
		r.Addresses += len(c.Hosts)
		for _, h := range c.Hosts {
			for _, s := range h.Stats {
				n := 0
				if s.Value != "" {
					var err error
					if n, err = strconv.Atoi(s.Value); err != nil || n < 0 {
						return fmt.Errorf("cluster %s: %s is %q, no count", c.Name, s.Name, s.Value)
					}
				}
				switch s.Name {
				case "rq_success":
					r.Accepted += n
				case "rq_error", "cx_connect_fail":
					r.Failed += n
				}
			}
		}
	}
	if r.Collector == "" {
		return fmt.Errorf("the proxy does not know its collector %s", collector)
	}
	return nil
}
