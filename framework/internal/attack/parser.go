package attack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/internal/malform"
)

const (
	// Inputs is how many malformed inputs each parser and judge must stand.
	Inputs = 10_000
	// limit is how long one of them may take on a machine that does other things too.
	limit = 2 * time.Second
)

// Parse is a parser under attack: the error with which it refused the text, and
// which promise what it returned instead has broken.
type Parse func(text string) (refused, broken error)

// Parser hands the good texts to the parser, which must take them, then
// 10,000 malformed ones and those of Foreign but the ones that are allowed:
// nothing may panic or hang, and what is not refused must keep its promises.
func Parser(t *testing.T, parse Parse, good []string, allowed ...string) {
	t.Helper()
	for _, text := range good {
		if refused, broken := parse(text); cmp.Or(refused, broken) != nil {
			t.Fatalf("a good text: %v, %v\n%s", refused, broken, cut(text))
		}
	}
	for _, text := range malform.Foreign() {
		if refused := Try(t, parse, text); !refused && !slices.Contains(allowed, text) {
			t.Errorf("takes what no server says: %s", cut(text))
		}
	}
	taken := 0
	for text := range malform.Texts(1, Inputs, good...) {
		if !Try(t, parse, text) {
			taken++
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d inputs, %d refused, %d taken and in order", Inputs, Inputs-taken, taken)
}

// Try hands one text to the parser and tells whether it was refused.
func Try(t testing.TB, parse Parse, text string) bool {
	t.Helper()
	var refused, broken error
	Survive(t, func() { refused, broken = parse(text) }, func() string { return cut(text) })
	if refused == nil && broken != nil {
		t.Errorf("%v, made of %s", broken, cut(text))
	}
	return refused != nil
}

// Survive runs what must neither panic nor hang; input says what it was given.
func Survive(t testing.TB, run func(), input func() string) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			t.Errorf("panic: %v, given %s\n%s", problem, input(), debug.Stack())
		}
	}()
	start := time.Now()
	run()
	if took := time.Since(start); took > limit {
		t.Errorf("took %s, given %s", took, input())
	}
}

func cut(text string) string {
	const most = 4000
	if len(text) > most {
		return fmt.Sprintf("%q… (%d bytes)", text[:most], len(text))
	}
	return fmt.Sprintf("%q", text)
}

// FuzzParser lets the fuzzer write the text, beginning with the good ones.
func FuzzParser(f *testing.F, parse Parse, good ...string) {
	for _, text := range append(good, malform.Foreign()[:20]...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { Try(t, parse, text) })
}

// JSON is a parser of JSON: it also has to refuse what is no JSON, and what it
// returns must be fit to be stored.
func JSON[E any](parse func(text string) (E, error)) Parse {
	return func(text string) (refused, broken error) {
		evidence, refused := parse(text)
		if refused != nil {
			return refused, nil
		}
		if !malform.JSON(text) {
			return nil, errors.New("takes what is no JSON")
		}
		return nil, Storable(evidence)
	}
}

// Storable tells why evidence cannot be stored, if it cannot.
func Storable(evidence any) error {
	_, err := json.Marshal(evidence)
	return err
}
