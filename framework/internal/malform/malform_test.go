package malform_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/onap/meshcert/framework/internal/malform"
)

const good = `{"data":[{"id":"a","n":7,"tags":{"x":"y"}},{"id":"b","n":8}],"errors":null}`

func TestTextsAreTheSameForOneSeed(t *testing.T) {
	one := slices.Collect(malform.Texts(1, 500, good, "plain text 7\nof two lines\n"))
	if diff := cmp.Diff(one, slices.Collect(malform.Texts(1, 500, good, "plain text 7\nof two lines\n"))); diff != "" {
		t.Error(diff)
	}
	if slices.Equal(one, slices.Collect(malform.Texts(2, 500, good, "plain text 7\nof two lines\n"))) {
		t.Error("another seed gives the same texts")
	}
}

// TestTextsReachEverything: all that is promised happens among a few thousand.
func TestTextsReachEverything(t *testing.T) {
	var whole, broken, unchanged int
	kinds := map[string]int{}
	for text := range malform.Texts(1, 5000, good) {
		var document struct {
			Data any `json:"data"`
		}
		switch {
		case text == good:
			unchanged++
		case !malform.JSON(text):
			broken++
		case json.Unmarshal([]byte(text), &document) == nil:
			whole++
			switch d := document.Data.(type) {
			case nil:
				kinds["no data"]++
			case string:
				kinds["text for a list"]++
			case []any:
				kinds[map[int]string{0: "no element", 1: "an element less", 2: "as many", 3: "an element twice"}[len(d)]]++
			}
		}
	}
	if whole < 1000 || broken < 1000 || unchanged > 500 {
		t.Errorf("%d JSON, %d not, %d unchanged", whole, broken, unchanged)
	}
	for _, kind := range []string{"no data", "text for a list", "no element", "an element less", "as many", "an element twice"} {
		if kinds[kind] == 0 {
			t.Errorf("never: %s (%v)", kind, kinds)
		}
	}
}

type thing struct {
	At    time.Time
	Rate  float64
	Count int
	Good  bool
	Inner *thing
	List  []thing
	Texts []string
	Table map[string]string
	Numbs map[string]float64
}

func sample() thing {
	return thing{
		At: time.Unix(1, 0), Rate: 1, Count: 2, Good: true, Inner: &thing{Count: 3}, List: []thing{{Count: 4}, {Count: 5}},
		Texts: []string{"a", "b"}, Table: map[string]string{"k": "v", "l": "w"}, Numbs: map[string]float64{"x": 1},
	}
}

func TestBreakAndMend(t *testing.T) {
	value := sample()
	b := malform.NewBreaker(1, &value)
	changed := map[string]bool{}
	for range 3000 {
		b.Break()
		for name, same := range map[string]bool{
			"At": value.At.Equal(sample().At), "Rate": value.Rate == 1, "Count": value.Count == 2, "Good": value.Good,
			"Inner": value.Inner != nil && value.Inner.Count == 3, "nil": value.Inner != nil,
			"fewer": len(value.List) >= 2, "more": len(value.List) <= 2, "deep": len(value.List) != 2 || value.List[0].Count == 4,
			"Texts": slices.Equal(value.Texts, sample().Texts), "Table": cmp.Equal(value.Table, sample().Table),
			"Numbs": cmp.Equal(value.Numbs, sample().Numbs, cmpopts.EquateNaNs()),
		} {
			changed[name] = changed[name] || !same
		}
		b.Mend()
		if diff := cmp.Diff(sample(), value); diff != "" {
			t.Fatalf("not mended: %s", diff)
		}
	}
	for name, was := range changed {
		if !was {
			t.Errorf("%s was never changed", name)
		}
	}
}
