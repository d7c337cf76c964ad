package dashboards

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
)

// Subject is whom a dashboard is looked at for.
type Subject struct {
	// Workload is the name of a workload of ONAP, Service the host name of its Service.
	Workload string
	Service  string
}

// Subjects says for each traffic whom a person would look at who wants to see
// it, by the paths and edges of the release. A traffic that the release has none
// of is not in it; Always is, with nobody.
func Subjects(release *catalogue.Release, policy catalogue.Policy) map[Traffic]Subject {
	subjects := map[Traffic]Subject{Always: {}}
	for _, path := range release.Requests() {
		for k, app := range path.Hops {
			if k == 0 && meshed(release, policy, app) {
				offer(subjects, Plain, release, app, "")
			}
			if k > 0 && k+1 < len(path.Hops) && meshed(release, policy, path.Hops[k-1], app, path.Hops[k+1]) {
				offer(subjects, HTTP, release, app, path.Hops[k-1])
			}
		}
		for _, e := range release.Edges {
			if e.Protocol == "tcp" && e.When == path.ID && meshed(release, policy, e.From, e.To) {
				offer(subjects, TCP, release, e.To, e.From)
				offer(subjects, TCPClient, release, e.From, "")
			}
		}
	}
	return subjects
}

// meshed tells whether all of the workloads have a sidecar.
func meshed(release *catalogue.Release, policy catalogue.Policy, apps ...string) bool {
	return !slices.ContainsFunc(apps, func(app string) bool {
		w, ok := release.Workload(app)
		return !ok || !w.Injected(policy)
	})
}

// offer takes the workload as subject unless there is one. Its Service is the one
// that the caller calls, or its first.
func offer(subjects map[Traffic]Subject, traffic Traffic, release *catalogue.Release, app, caller string) {
	w, _ := release.Workload(app)
	if _, taken := subjects[traffic]; taken || len(w.Services) == 0 {
		return
	}
	service := w.Services[0].Name
	for _, s := range w.Services {
		if slices.ContainsFunc(release.Edges, func(e catalogue.Edge) bool {
			return e.From == caller && e.To == app && slices.ContainsFunc(s.Ports, func(p catalogue.Port) bool { return p.Port == e.Port })
		}) {
			service = s.Name
			break
		}
	}
	subjects[traffic] = Subject{Workload: w.Name, Service: service + "." + catalogue.Namespace + ".svc.cluster.local"}
}

// Pick is the value a person picks of a variable that is not narrowed down by
// itself. A variable that nobody here knows is an error.
func (s Subject) Pick(variable string) (string, error) {
	switch variable {
	case "namespace":
		return catalogue.Namespace, nil
	case "workload":
		return s.Workload, nil
	case "service":
		return s.Service, nil
	}
	return "", fmt.Errorf("variable %s: nobody here knows what to pick", variable)
}

// RateInterval is what $__rate_interval is: Grafana's four scrapes of its own
// default, 15 s.
const RateInterval = time.Minute

// Expand puts values into a query: $name and ${name}. A variable without a value
// is an error.
func Expand(query string, values map[string]string) (string, error) {
	var missing []string
	expanded := os.Expand(query, func(name string) string {
		if name == "__rate_interval" {
			return RateInterval.String()
		}
		value, ok := values[name]
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("query %s: no value is known of %s", query, strings.Join(missing, ", "))
	}
	return expanded, nil
}

// One writes a picked value for a PromQL string, All the choice of every value.
// Both are Grafana's: public/app/plugins/datasource/prometheus, interpolateQueryExpr.
func One(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
}

// All writes the choice of every value.
func All(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = One(regexp.QuoteMeta(v))
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return "(" + strings.Join(quoted, "|") + ")"
}

// Ask is the PromQL query that holds a variable's values, and Values finds them
// in the lines of its answer. Grafana knows other queries than query_result; what
// Istio does not use is an error.
func (v Variable) Ask() (string, error) {
	inner, ok := strings.CutPrefix(strings.TrimSpace(v.Query), "query_result(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed {
		return "", fmt.Errorf("variable %s: nobody here can resolve %s", v.Name, v.Query)
	}
	return inner, nil
}

// Values finds the variable's values in the lines of an answer, each once, in
// the order of the lines.
func (v Variable) Values(lines []string) ([]string, error) {
	pattern := strings.TrimSuffix(strings.TrimPrefix(v.Regex, "/"), "/")
	form, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("variable %s: %w", v.Name, err)
	}
	var values []string
	for _, line := range lines {
		found := form.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		value := found[len(found)-1]
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values, nil
}
