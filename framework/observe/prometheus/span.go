package prometheus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/onap/meshcert/framework/evidence"
)

// Span is a time that queries are drawn over.
type Span struct {
	From time.Time
	To   time.Time
	Step time.Duration
}

// Draw asks a query over a span of time and counts what would be drawn. A query
// that Prometheus does not take, or cannot evaluate, is a *RefusedError.
func (o *Observer) Draw(ctx context.Context, promql string, span Span) (evidence.Answer, error) {
	value, _, _, err := o.api.QueryRange(ctx, promql, v1.Range{Start: span.From, End: span.To, Step: span.Step})
	var said *v1.Error
	switch {
	case errors.As(err, &said) && (said.Type == v1.ErrBadData || said.Type == v1.ErrExec):
		return evidence.Answer{}, &RefusedError{Query: promql, Message: said.Msg}
	case err != nil:
		return evidence.Answer{}, absent(fmt.Errorf("ask Prometheus to draw %s: %w", promql, err))
	}
	matrix, ok := value.(model.Matrix)
	if !ok || matrix == nil {
		return evidence.Answer{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus to draw %s: the answer is no matrix with a list of results", promql))
	}
	answer := evidence.Answer{Series: len(matrix)}
	for _, series := range matrix {
		if series == nil {
			return evidence.Answer{}, evidence.Absent(evidence.Final, fmt.Errorf("ask Prometheus to draw %s: a series is null", promql))
		}
		for _, point := range series.Values {
			number := float64(point.Value)
			if math.IsNaN(number) || math.IsInf(number, 0) {
				continue
			}
			answer.Numbers++
			if number != 0 {
				answer.NotZero++
			}
		}
	}
	return answer, nil
}

// RefusedError is what Prometheus has against a query.
type RefusedError struct {
	Query   string
	Message string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("Prometheus refuses %s: %s", e.Query, e.Message)
}
