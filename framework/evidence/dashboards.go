package evidence

import "time"

// Dashboard is what Prometheus answers to the queries of one of Istio's
// dashboards, looked at as a person would after traffic.
type Dashboard struct {
	Title string `json:"title"`
	// From and To are the time that is looked at.
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Variables are the choices that a person has and makes.
	Variables []Variable    `json:"variables,omitempty"`
	Queries   []PanelAnswer `json:"queries"`
	// Counts say of metrics and selectors how many series Prometheus holds: of
	// every metric that is asked for, and of what a query without data selects.
	Counts []SeriesCount `json:"counts"`
	// Jobs are the jobs that Prometheus scrapes, sorted.
	Jobs []string `json:"jobs"`
}

// Variable is a variable of a dashboard, resolved by what Prometheus holds.
type Variable struct {
	// Traffic is whom the dashboard is looked at for.
	Traffic string `json:"traffic"`
	Name    string `json:"name"`
	Query   string `json:"query"`
	// Picked is what is picked of the values, "" for all of them.
	Picked string   `json:"picked,omitempty"`
	Values []string `json:"values"`
}

// PanelAnswer is the answer to one query of a panel.
type PanelAnswer struct {
	Panel int    `json:"panel"`
	Title string `json:"title"`
	Ref   string `json:"ref"`
	// Traffic is whom it was asked for, Query what was asked.
	Traffic string `json:"traffic"`
	Query   string `json:"query"`
	Answer  Answer `json:"answer"`
	// Fallback tells that part of the query answers without data; Judged is the
	// query without that part, "" when nothing is left. Answer is then Judged's,
	// and Whole that of the query.
	Fallback bool   `json:"fallback,omitempty"`
	Judged   string `json:"judged,omitempty"`
	Whole    Answer `json:"whole,omitzero"`
	// Error is what Prometheus has against the query.
	Error string `json:"error,omitempty"`
}

// Answer is what is drawn for a query over a time.
type Answer struct {
	Series int `json:"series"`
	// Numbers are points that are a number, NotZero those that are another than 0.
	Numbers int `json:"numbers"`
	NotZero int `json:"notZero"`
}

// SeriesCount is how many series Prometheus holds of a selector.
type SeriesCount struct {
	Selector string `json:"selector"`
	// Fresh have a sample of the last minute; Earlier had one in the last hour. It
	// is only asked for where none is fresh.
	Fresh   int `json:"fresh"`
	Earlier int `json:"earlier,omitempty"`
}

// Grafana is what a Grafana says of itself.
type Grafana struct {
	// Found tells whether there is a Service that it would be behind; without one
	// nothing else is known.
	Found   bool   `json:"found"`
	Version string `json:"version,omitempty"`
	// Database is "ok" when Grafana reaches its own.
	Database string       `json:"database,omitempty"`
	Sources  []DataSource `json:"sources,omitempty"`
	// Dashboards are sorted by title.
	Dashboards []DashboardEntry `json:"dashboards,omitempty"`
}

// DataSource is a data source of Grafana.
type DataSource struct {
	UID     string `json:"uid"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Default bool   `json:"default,omitempty"`
	// Status is "OK" when Grafana reaches it, "" when its kind has no such check.
	Status  string `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
}

// DashboardEntry is a dashboard that Grafana has.
type DashboardEntry struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
}
