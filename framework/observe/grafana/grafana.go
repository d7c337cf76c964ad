// Package grafana observes Istio's dashboards where a Grafana shows them: it asks
// Grafana's HTTP API for its health, its data sources and its dashboards, and lets
// Grafana ask its data source what panels ask. It guarantees that an answer of
// another form is an error, and that a query that Grafana's data source refuses is
// told from a Grafana that does not answer.
//
// No package registry serves a Grafana server, so the package was tried against
// answers of the form that Grafana documents
// (https://grafana.com/docs/grafana/latest/developers/http_api), never
// against a real one. It sends no credentials: Istio's own add-on lets everybody
// in, and a Grafana that does not is an answer 401.
package grafana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/catalogue/dashboards"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// Service is the Service that Grafana is looked for behind, in Istio's namespace.
const Service = "grafana"

// Observer asks Grafana.
type Observer struct{ client *kube.Client }

// New returns an observer of the Grafana that the cluster may have.
func New(client *kube.Client) *Observer { return &Observer{client} }

// Find connects to the cluster's Grafana; nil when there is no such Service.
func (o *Observer) Find(ctx context.Context) (*Server, error) {
	service, err := o.client.Set.CoreV1().Services(observe.IstioNamespace).Get(ctx, Service, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, observe.Absent(fmt.Errorf("look for a Grafana: %w", err))
	case len(service.Spec.Ports) == 0:
		return nil, evidence.Absent(evidence.Final, fmt.Errorf("reach Grafana: Service %s/%s has no port", observe.IstioNamespace, Service))
	}
	base, web, err := o.client.HTTPClient(observe.IstioNamespace, Service, strconv.Itoa(int(service.Spec.Ports[0].Port)), observe.Limit)
	if err != nil {
		return nil, fmt.Errorf("reach Grafana: %w", err)
	}
	return At(base, web), nil
}

// Server is one Grafana.
type Server struct {
	base   *url.URL
	client *http.Client
}

// At is the Grafana at a URL.
func At(base *url.URL, client *http.Client) *Server { return &Server{base: base, client: client} }

// Look asks for health, data sources and dashboards.
func (s *Server) Look(ctx context.Context) (evidence.Grafana, error) {
	seen := evidence.Grafana{Found: true}
	err := s.health(ctx, &seen)
	if err == nil {
		seen.Sources, err = s.sources(ctx)
	}
	if err == nil {
		seen.Dashboards, err = s.dashboards(ctx)
	}
	if err != nil {
		return evidence.Grafana{}, observe.Absent(err)
	}
	return seen, nil
}

func (s *Server) health(ctx context.Context, seen *evidence.Grafana) error {
	var answer struct{ Version, Database string }
	if err := s.get(ctx, "api/health", nil, &answer); err != nil {
		return fmt.Errorf("ask Grafana for its health: %w", err)
	}
	if answer.Database == "" {
		return evidence.Absent(evidence.Final, errors.New("ask Grafana for its health: the answer does not say how its database is: it is not Grafana's"))
	}
	seen.Version, seen.Database = answer.Version, answer.Database
	return nil
}

// sources lists the data sources, each with its health.
func (s *Server) sources(ctx context.Context) ([]evidence.DataSource, error) {
	var answer []struct {
		UID     string `json:"uid"`
		Name    string `json:"name"`
		Type    string `json:"type"`
		URL     string `json:"url"`
		Default bool   `json:"isDefault"`
	}
	if err := s.get(ctx, "api/datasources", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask Grafana for its data sources: %w", err)
	}
	if answer == nil {
		return nil, evidence.Absent(evidence.Final, errors.New("ask Grafana for its data sources: the answer is no list"))
	}
	all := make([]evidence.DataSource, len(answer))
	for i, a := range answer {
		if a.UID == "" || a.Type == "" {
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("ask Grafana for its data sources: source %q has no uid or no type", a.Name))
		}
		all[i] = evidence.DataSource{UID: a.UID, Name: a.Name, Type: a.Type, URL: a.URL, Default: a.Default}
		var err error
		if all[i].Status, all[i].Message, err = s.sourceHealth(ctx, a.UID); err != nil {
			return nil, fmt.Errorf("ask Grafana for the health of data source %s: %w", a.Name, err)
		}
	}
	return all, nil
}

// statuses are those of a data source's health.
var statuses = []string{"OK", "ERROR", "UNKNOWN"}

// sourceHealth is what Grafana says of a data source: a sick one is an answer 400
// or 500 of the same form, one whose kind has no such check a 404.
func (s *Server) sourceHealth(ctx context.Context, uid string) (status, message string, err error) {
	var answer struct{ Status, Message string }
	err = s.get(ctx, "api/datasources/uid/"+url.PathEscape(uid)+"/health", nil, &answer)
	var other *observe.StatusError
	if errors.As(err, &other) {
		if json.Unmarshal([]byte(other.Body), &answer) == nil && slices.Contains(statuses, answer.Status) {
			return answer.Status, answer.Message, nil
		}
		if other.Status == http.StatusNotFound && !strings.Contains(other.Body, `"kind":"Status"`) {
			return "", "", nil
		}
	}
	if err == nil && !slices.Contains(statuses, answer.Status) {
		err = evidence.Absent(evidence.Final, fmt.Errorf("the answer's status is %q, none of %v", answer.Status, statuses))
	}
	return answer.Status, answer.Message, err
}

// dashboards lists the dashboards, sorted by title.
func (s *Server) dashboards(ctx context.Context) ([]evidence.DashboardEntry, error) {
	var answer []struct {
		UID   string `json:"uid"`
		Title string `json:"title"`
	}
	if err := s.get(ctx, "api/search", url.Values{"type": {"dash-db"}, "limit": {"5000"}}, &answer); err != nil {
		return nil, fmt.Errorf("ask Grafana for its dashboards: %w", err)
	}
	if answer == nil {
		return nil, evidence.Absent(evidence.Final, errors.New("ask Grafana for its dashboards: the answer is no list"))
	}
	all := make([]evidence.DashboardEntry, len(answer))
	for i, a := range answer {
		if a.UID == "" || a.Title == "" {
			return nil, evidence.Absent(evidence.Final, errors.New("ask Grafana for its dashboards: one has no uid or no title"))
		}
		all[i] = evidence.DashboardEntry{UID: a.UID, Title: a.Title}
	}
	slices.SortStableFunc(all, func(a, b evidence.DashboardEntry) int { return strings.Compare(a.Title, b.Title) })
	return all, nil
}

// Dashboard reads a dashboard as Grafana has it.
func (s *Server) Dashboard(ctx context.Context, uid string) (dashboards.Dashboard, error) {
	var answer struct{ Dashboard json.RawMessage }
	if err := s.get(ctx, "api/dashboards/uid/"+url.PathEscape(uid), nil, &answer); err != nil {
		return dashboards.Dashboard{}, observe.Absent(fmt.Errorf("ask Grafana for dashboard %s: %w", uid, err))
	}
	dashboard, err := dashboards.Parse(answer.Dashboard)
	if err != nil {
		return dashboards.Dashboard{}, evidence.Absent(evidence.Final, fmt.Errorf("read dashboard %s of Grafana: %w", uid, err))
	}
	return dashboard, nil
}

func (s *Server) get(ctx context.Context, path string, query url.Values, into any) error {
	return observe.GetJSON(ctx, s.client, observe.At(s.base, path, query), into)
}
