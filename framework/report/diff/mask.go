package diff

import (
	"regexp"
	"strings"
)

var (
	moment  = regexp.MustCompile(`\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?`)
	address = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`)
	// pod is a ReplicaSet's pod: Kubernetes makes the two last parts of its name
	// of these letters (k8s.io/apimachinery/pkg/util/rand).
	pod = regexp.MustCompile(`\b([a-z0-9][a-z0-9-]*)-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b`)
	id  = regexp.MustCompile(`\b(?:[0-9a-f]{4,}…|[0-9a-f]{8,}\b)`)
	// while is a duration, of Go ("1m0.5s") or of people ("11 ms").
	while = regexp.MustCompile(`\b(?:\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h))+\b|\b\d+(?:\.\d+)? (?:ns|µs|ms|s|min|h)\b`)
	word  = regexp.MustCompile(`[\w.]+`)
	// number is one that stands alone: not that of a version.
	number = regexp.MustCompile(`^\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\.?$`)
)

// mask replaces in people's text what is another in every run: times, addresses,
// names of pods, ids, durations and numbers. Versions stay.
func mask(text string) string {
	text = moment.ReplaceAllString(text, "TIME")
	text = address.ReplaceAllString(text, "ADDRESS")
	text = pod.ReplaceAllString(text, "$1-POD")
	text = id.ReplaceAllStringFunc(text, func(found string) string {
		if !strings.ContainsAny(found, "0123456789") {
			return found
		}
		return "ID"
	})
	text = while.ReplaceAllString(text, "TIME")
	return word.ReplaceAllStringFunc(text, func(found string) string {
		if number.MatchString(found) {
			return "#"
		}
		return found
	})
}
