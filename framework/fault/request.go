package fault

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	// attemptLimit bounds one try of a request.
	attemptLimit = 10 * time.Second
	// bodyLimit is how many bytes of an unwanted answer are shown.
	bodyLimit = 300
)

// String is "PUT onap/msb-consul:8500/v1/agent/service/register".
func (r Request) String() string { return r.Method + " " + r.Service + r.Path }

// send sends the request until the wanted status is answered. Only while nobody
// answers at all (the API server says 502 to 504 for a Service without pods) is
// it sent again, Answer long at most.
func (b *Breaker) send(ctx context.Context, r Request) error {
	namespace, service, port, err := r.target()
	if err != nil {
		return err
	}
	base, web, err := b.client.HTTPClient(namespace, service, port, attemptLimit)
	if err != nil {
		return err
	}
	path, err := url.Parse(r.Path)
	if err != nil {
		return fmt.Errorf("read path: %w", err)
	}
	target := base.JoinPath(path.EscapedPath())
	target.RawQuery = path.RawQuery
	_, err = backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, once(ctx, web, target.String(), r) },
		backoff.WithMaxElapsedTime(b.Answer),
		backoff.WithBackOff(&backoff.ExponentialBackOff{InitialInterval: 50 * time.Millisecond, Multiplier: 1.6, MaxInterval: time.Second}))
	if err != nil {
		return fmt.Errorf("send %s: %w", r, err)
	}
	return nil
}

func once(ctx context.Context, web *http.Client, target string, r Request) error {
	request, err := http.NewRequestWithContext(ctx, r.Method, target, strings.NewReader(r.Body))
	if err != nil {
		return backoff.Permanent(err)
	}
	if r.Body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := web.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	gone := r.Method == http.MethodDelete && answer.StatusCode == http.StatusNotFound
	if answer.StatusCode == r.Status || gone {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, bodyLimit))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	err = fmt.Errorf("status %d, %d is wanted: %s", answer.StatusCode, r.Status, strings.TrimSpace(string(body)))
	if slices.Contains([]int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, answer.StatusCode) {
		return err
	}
	return backoff.Permanent(err)
}
