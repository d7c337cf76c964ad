package grafana

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/prometheus"
)

// Source asks Prometheus through one of Grafana's data sources, as a panel does:
// POST /api/ds/query.
type Source struct {
	server *Server
	uid    string
}

// Source is the data source of that uid.
func (s *Server) Source(uid string) *Source { return &Source{s, uid} }

// question is one query of POST /api/ds/query.
type question struct {
	Ref        string     `json:"refId"`
	Source     sourceName `json:"datasource"`
	Expr       string     `json:"expr"`
	Instant    bool       `json:"instant"`
	Range      bool       `json:"range"`
	IntervalMs int64      `json:"intervalMs"`
	MaxPoints  int        `json:"maxDataPoints"`
}

type sourceName struct {
	UID string `json:"uid"`
}

// frame is one series of the answer: a time and a value a point. A value that is
// no number is null.
type frame struct {
	Schema struct {
		Fields []struct {
			Type   string            `json:"type"`
			Labels map[string]string `json:"labels"`
		} `json:"fields"`
	} `json:"schema"`
	Data struct {
		Values [][]*float64 `json:"values"`
	} `json:"data"`
}

// maxBody bounds an answer.
const maxBody = 32 << 20

// Draw asks a query over a span of time and counts what would be drawn; see
// prometheus.Observer.
func (s *Source) Draw(ctx context.Context, promql string, span prometheus.Span) (evidence.Answer, error) {
	frames, err := s.ask(ctx, question{Expr: promql, Range: true, IntervalMs: span.Step.Milliseconds()}, span)
	if err != nil {
		return evidence.Answer{}, err
	}
	answer := evidence.Answer{}
	for _, f := range frames {
		column := f.numbers()
		if column < 0 {
			continue
		}
		answer.Series++
		for _, value := range f.Data.Values[column] {
			if value == nil || math.IsNaN(*value) || math.IsInf(*value, 0) {
				continue
			}
			answer.Numbers++
			if *value != 0 {
				answer.NotZero++
			}
		}
	}
	return answer, nil
}

// Query asks an instant query; see prometheus.Observer.
func (s *Source) Query(ctx context.Context, promql string) (evidence.Samples, error) {
	now := time.Now()
	frames, err := s.ask(ctx, question{Expr: promql, Instant: true, IntervalMs: time.Second.Milliseconds()}, prometheus.Span{From: now.Add(-time.Minute), To: now})
	if err != nil {
		return evidence.Samples{}, err
	}
	seen := evidence.Samples{Query: promql, Observed: now.UTC()}
	for _, f := range frames {
		column := f.numbers()
		if column < 0 || len(f.Data.Values[column]) == 0 {
			continue
		}
		value := f.Data.Values[column][len(f.Data.Values[column])-1]
		labels := f.Schema.Fields[column].Labels
		if value == nil {
			seen.Warnings = append(seen.Warnings, fmt.Sprintf("%v is no number", labels))
			continue
		}
		seen.Items = append(seen.Items, evidence.Sample{Labels: labels, Value: *value})
	}
	return seen, nil
}

// numbers is the column of values, -1 when the frame has none.
func (f frame) numbers() int {
	for i, field := range f.Schema.Fields {
		if field.Type == "number" && i < len(f.Data.Values) {
			return i
		}
	}
	return -1
}

// ask sends one query. What the data source refuses is a *prometheus.RefusedError.
func (s *Source) ask(ctx context.Context, q question, span prometheus.Span) ([]frame, error) {
	const ref = "A"
	q.Ref, q.Source, q.MaxPoints = ref, sourceName{s.uid}, 1000
	body := map[string]any{
		"queries": []question{q},
		"from":    strconv.FormatInt(span.From.UnixMilli(), 10), "to": strconv.FormatInt(span.To.UnixMilli(), 10),
	}
	var answer struct {
		Results map[string]struct {
			Status int     `json:"status"`
			Error  string  `json:"error"`
			Frames []frame `json:"frames"`
		} `json:"results"`
	}
	if err := s.server.post(ctx, "api/ds/query", body, &answer); err != nil {
		return nil, observe.Absent(fmt.Errorf("ask Grafana's data source %s for %s: %w", s.uid, q.Expr, err))
	}
	result, ok := answer.Results[ref]
	switch {
	case !ok:
		return nil, evidence.Absent(evidence.Final, fmt.Errorf("ask Grafana's data source %s for %s: the answer has no result", s.uid, q.Expr))
	case result.Error != "" && result.Status/100 == 4:
		return nil, &prometheus.RefusedError{Query: q.Expr, Message: result.Error}
	case result.Error != "":
		return nil, evidence.Absent(evidence.Transient, fmt.Errorf("ask Grafana's data source %s for %s: %s", s.uid, q.Expr, result.Error))
	case result.Frames == nil:
		return nil, evidence.Absent(evidence.Final, fmt.Errorf("ask Grafana's data source %s for %s: the result has no frames", s.uid, q.Expr))
	}
	return result.Frames, nil
}

// post sends JSON and decodes the answer. Grafana answers 400, 500 or 207 when a
// query went wrong, and says which in a body of the same form.
func (s *Server) post(ctx context.Context, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	address := observe.At(s.base, path, nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("make request POST %s: %w", address, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return &observe.MalformedError{URL: address, Reason: "the body breaks off: " + err.Error(), Body: string(answer), Cut: true}
	}
	if len(answer) > maxBody {
		return evidence.Absent(evidence.Final, errors.New("the answer is too big"))
	}
	if response.StatusCode != http.StatusOK && !bytes.Contains(answer, []byte(`"results"`)) {
		return &observe.StatusError{URL: address, Status: response.StatusCode, Body: string(answer)}
	}
	return observe.DecodeJSON(address, answer, into)
}
