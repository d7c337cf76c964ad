package tracestest

import (
	"errors"
	"slices"
	"strings"

	jsoniter "github.com/json-iterator/go"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/observe/traces"
)

// Reads is an observer's decoder under attack: the traces it takes must be whole.
func Reads(decode func(*jsoniter.Iterator) ([]evidence.Trace, error)) attack.Parse {
	return func(text string) (refused, broken error) {
		var taken []evidence.Trace
		refused, broken = attack.JSON(func(text string) ([]evidence.Trace, error) {
			taken = nil
			err := traces.Decode(strings.NewReader(text), func(it *jsoniter.Iterator) (err error) {
				taken, err = decode(it)
				return err
			})
			return taken, err
		})(text)
		if refused != nil {
			return refused, broken
		}
		return nil, errors.Join(broken, whole(taken))
	}
}

func whole(all []evidence.Trace) error {
	for _, t := range all {
		if t.ID == "" || len(t.Spans) == 0 {
			return errors.New("a trace without id or spans")
		}
		for _, s := range t.Spans {
			if s.ID == "" || s.TraceID != t.ID || s.Service == "" || s.Start.Unix() < 0 || s.Start.Year() > 9999 || s.Duration < 0 {
				return errors.New("a span without id, trace, service or time")
			}
		}
		if !slices.IsSortedFunc(t.Spans, func(a, b evidence.Span) int { return a.Start.Compare(b.Start) }) {
			return errors.New("spans out of order")
		}
	}
	return nil
}
