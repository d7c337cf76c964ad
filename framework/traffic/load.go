package traffic

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// The server of ours that load is sent to (fixtures/addons/canary.yaml).
const (
	canaryService = "canary"
	canaryPort    = "8080"
	// CanaryNamespace and CanaryServer are where it runs, and its workload.
	CanaryNamespace = "meshcert-canary"
	CanaryServer    = "canary-server"
)

// parallel is how many requests of a load are under way at once.
const parallel = 8

// Load sends many small requests to a server of ours in the mesh, through the API
// server's proxy. None is retried.
type Load struct {
	base   *url.URL
	client *http.Client
}

// NewLoad reaches the canary's server.
func NewLoad(client *kube.Client) (*Load, error) {
	base, web, err := client.HTTPClient(CanaryNamespace, canaryService, canaryPort, limit)
	if err != nil {
		return nil, fmt.Errorf("reach Service %s/%s: %w", CanaryNamespace, canaryService, observe.Absent(err))
	}
	return &Load{base: base, client: web}, nil
}

// Batch is what came of a load.
type Batch struct {
	// Answered are the trace ids of the requests that were answered with 200.
	Answered []string `json:"answered"`
	// Failed is how many were not; Problem is what became of one of them.
	Failed  int           `json:"failed"`
	Problem string        `json:"problem,omitempty"`
	Start   time.Time     `json:"start"`
	Took    time.Duration `json:"took"`
}

// Send sends so many requests, each with a trace id of ours; sampled is the
// decision that goes with it: "1", "0", or nothing, so that it is the mesh's.
func (l *Load) Send(ctx context.Context, requests int, sampled string) (Batch, error) {
	batch := Batch{Start: time.Now().UTC()}
	var mutex sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for range requests {
		group.Go(func() error {
			id := hexID(16)
			problem := l.one(ctx, id, sampled)
			mutex.Lock()
			defer mutex.Unlock()
			if problem != nil {
				batch.Failed++
				batch.Problem = problem.Error()
			} else {
				batch.Answered = append(batch.Answered, id)
			}
			return ctx.Err()
		})
	}
	err := group.Wait()
	batch.Took = time.Since(batch.Start)
	return batch, observe.Absent(err)
}

func (l *Load) one(ctx context.Context, id, sampled string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base.String()+"/", nil)
	if err != nil {
		return err
	}
	decide(request.Header, id, sampled)
	response, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %.200s", response.StatusCode, body)
	}
	return err
}

// decide marks a request with the trace id and the decision, for a tracer of
// either kind. Envoy's OpenTelemetry tracer (1.40, measured) takes its own share of
// the requests whose traceparent says sampled, so that without a decision of ours it
// says so; x-client-trace-id makes a sidecar trace the request whatever its share.
func decide(header http.Header, id, sampled string) {
	span := hexID(8)
	header.Set("X-B3-TraceId", id)
	header.Set("X-B3-SpanId", span)
	header.Set("Traceparent", fmt.Sprintf("00-%s-%s-0%s", id, span, cmp.Or(sampled, "1")))
	if sampled != "" {
		header.Set("X-B3-Sampled", sampled)
	}
	if sampled == "1" {
		header.Set("X-Client-Trace-Id", id)
	}
}
