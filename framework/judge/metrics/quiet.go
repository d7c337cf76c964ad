package metrics

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeQuiet says whether none of the calls was counted between two looks, so
// that the second can be the baseline of a count. Other calls, which a release
// makes in the background, do not disturb.
func JudgeQuiet(before, after evidence.Samples, calls []Call) []verdict.Finding {
	if f, missing := noSamples(len(calls), before, after); missing {
		return []verdict.Finding{f}
	}
	var rising []string
	for _, c := range connections(calls) {
		was, is := c.byCode(before), c.byCode(after)
		codes := maps.Clone(was)
		maps.Copy(codes, is)
		for code := range codes {
			if is[code] != was[code] {
				rising = append(rising, fmt.Sprintf("%s → %s (%s, code %d): %g, then %g", c.Source, c.Destination, c.Reporter, code, was[code], is[code]))
			}
		}
	}
	if len(rising) == 0 {
		return nil
	}
	slices.Sort(rising)
	return []verdict.Finding{{
		Kind: "not-quiet", Verdict: verdict.Inconclusive,
		Summary: "requests of before are still being counted, so an exact count cannot begin",
		Object:  object.Deployment("istio-system", "istio-telemetry"),
		Want:    "the same counts at two looks", Got: strings.Join(rising, "; "),
		Where: "query " + after.Query,
		Why:   "an exact count needs a baseline that nobody changes: logs of earlier requests still arrive, or somebody sends some over the same hops",
		Next:  "see who else sends requests over these hops, and run again",
	}}
}
