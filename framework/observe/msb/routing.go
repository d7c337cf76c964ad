package msb

import (
	"context"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// maxKept is how much of an answer's body is kept where routes are looked at:
// enough to tell two programs apart.
const maxKept = 4096

// Routing asks discovery for its list, then msb-iag for the inside paths and
// msb-eag for the outside ones; the answers are in the order asked.
func (o *Observer) Routing(ctx context.Context, inside, outside []string) (evidence.Routing, error) {
	var seen evidence.Routing
	var err error
	if seen.Registrations, err = o.Registrations(ctx); err != nil {
		return seen, err
	}
	if seen.Answers, err = o.Ask(ctx, inside); err != nil {
		return seen, err
	}
	if len(outside) > 0 {
		external, err := o.external(ctx)
		if err != nil {
			return seen, observe.Absent(err)
		}
		answers, err := ask(ctx, external, outside)
		if err != nil {
			return seen, err
		}
		seen.External = short(answers)
	}
	seen.Observed = time.Now().UTC()
	return seen, nil
}

// Ask sends msb-iag one GET for each path.
func (o *Observer) Ask(ctx context.Context, paths []string) ([]evidence.Response, error) {
	seen, err := ask(ctx, o.sender, paths)
	return short(seen), err
}

// short cuts the bodies off at maxKept.
func short(seen []evidence.Response) []evidence.Response {
	for i, r := range seen {
		if len(r.Body) > maxKept {
			seen[i].Body = strings.ToValidUTF8(r.Body[:maxKept], "")
		}
	}
	return seen
}
