package msb

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// The paths through msb-iag by which MSB tells how it is (onap/msb-discovery;
// onap/msb-apigateway, location-ext/monitor.conf).
const (
	healthPath     = "/api/msdiscover/v1/services/health"
	connectionPath = "/admin/microservices/v1/status/connection"
	requestPath    = "/admin/microservices/v1/status/request"
	countPath      = "/admin/microservices/v1/statistics/request"
)

// HealthPaths are the paths to ask msb-iag for.
func HealthPaths() []string { return []string{healthPath, connectionPath, requestPath, countPath} }

// JudgeHealth judges discovery's health and msb-iag's statistics.
func JudgeHealth(answers []evidence.Response) []verdict.Finding {
	inside := iag(answers)
	findings := inside.healthy()
	for _, s := range []struct{ path, want, next string }{
		{connectionPath, "a count of 1 or more in connections_active", "see the shared memory zone stats in msb-iag's log"},
		{requestPath, "counts in accept_preparing_forward, forward_waiting_response and receive_resp_not_return", "see the shared memory zone stats in msb-iag's log"},
		{countPath, `a list of "TIME|COUNT"`, "see whether msb-iag reaches its Redis"},
	} {
		findings = append(findings, inside.tells(s.path, s.want, s.next)...)
	}
	verdict.Sort(findings)
	return findings
}

// healthy judges discovery's word of its health.
func (g gateway) healthy() []verdict.Finding {
	got, findings := g.answer(healthPath)
	if len(findings) > 0 || got.Status == 200 {
		return findings
	}
	f := verdict.Finding{
		Kind: "unhealthy", Verdict: verdict.Fail, Object: discovery, Summary: fmt.Sprintf("MSB discovery's health answers %d", got.Status),
		Want: "200", Got: fmt.Sprintf("%d: %s", got.Status, cut(got.Body)), Where: "GET " + healthPath + " through msb-iag",
		Why:  "msb-iag took the request, and discovery did not answer it well: kube2msb waits for this answer before it registers anything",
		Next: "see whether msb-discovery is ready, and its log",
	}
	if got.Status == 500 {
		f.Object, f.Why = consul, "discovery answers 500 when it does not reach Consul, where all registrations are"
		f.Next = "see whether msb-consul is ready and can be reached from msb-discovery"
	}
	return []verdict.Finding{f}
}

// tells judges one of the statistics by its form.
func (g gateway) tells(path, want, next string) []verdict.Finding {
	got, findings := g.answer(path)
	if len(findings) > 0 || (got.Status == 200 && form(path, got.Body)) {
		return findings
	}
	return []verdict.Finding{{
		Kind: "wrong-statistics", Verdict: verdict.Fail, Object: g.object, Summary: g.name + " does not tell its statistics at " + path,
		Want: "200 with " + want, Got: fmt.Sprintf("%d: %s", got.Status, cut(got.Body)), Where: "GET " + path + " through " + g.name,
		Why:  "the gateway answers this itself, and counts the request that asks: another form comes from another program or another version of the gateway",
		Next: next,
	}}
}

// form tells whether the body is what the gateway writes at the path.
func form(path, body string) bool {
	text := []byte(body)
	switch path {
	case connectionPath:
		var seen struct {
			Active string `json:"connections_active"`
		}
		err := json.Unmarshal(text, &seen)
		n, bad := strconv.Atoi(seen.Active)
		return err == nil && bad == nil && n >= 1
	case requestPath:
		var seen map[string]uint64
		err := json.Unmarshal(text, &seen)
		return err == nil && !slices.ContainsFunc([]string{"accept_preparing_forward", "forward_waiting_response", "receive_resp_not_return"},
			func(name string) bool { _, ok := seen[name]; return !ok })
	}
	var seen *[]string
	if json.Unmarshal(text, &seen) != nil || seen == nil {
		return false
	}
	return !slices.ContainsFunc(*seen, func(s string) bool {
		at, count, both := strings.Cut(s, "|")
		_, noTime := strconv.ParseUint(at, 10, 64)
		_, noCount := strconv.ParseUint(count, 10, 64)
		return !both || noTime != nil || noCount != nil
	})
}
