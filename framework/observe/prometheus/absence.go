package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// doer refuses answers that are an error and not Prometheus' own, those of the
// API server's proxy say: the client library would lose status and text.
type doer struct{ api.Client }

// Do sends a request; see api.Client.
func (d doer) Do(ctx context.Context, request *http.Request) (*http.Response, []byte, error) {
	response, body, err := d.Client.Do(ctx, request)
	if err != nil || response.StatusCode/100 == 2 || prometheusSays(body) {
		return response, body, err
	}
	return response, body, &observe.StatusError{URL: request.URL.String(), Status: response.StatusCode, Body: string(body)}
}

// prometheusSays tells whether a body is an error of Prometheus itself.
func prometheusSays(body []byte) bool {
	var answer struct {
		Status    string `json:"status"`
		ErrorType string `json:"errorType"`
	}
	return json.Unmarshal(body, &answer) == nil && answer.Status == "error" && answer.ErrorType != ""
}

// absent marks an error by its type: a query that is refused, and an answer that
// is none of Prometheus', stay so.
func absent(err error) error {
	var said *v1.Error
	if errors.As(err, &said) && (said.Type == v1.ErrBadData || said.Type == v1.ErrBadResponse) {
		return evidence.Absent(evidence.Final, err)
	}
	return observe.Absent(err)
}
