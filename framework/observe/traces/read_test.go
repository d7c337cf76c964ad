package traces

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	jsoniter "github.com/json-iterator/go"
)

// numbers reads {"list": [1, 2]} and adds them up.
func numbers(text io.Reader) (sum int, err error) {
	err = Decode(text, func(it *jsoniter.Iterator) error {
		return Fields(it, func(name string) error {
			if name != "list" {
				it.Skip()
				return nil
			}
			return Items(it, func() error {
				n := it.ReadInt()
				if sum += n; n < 0 {
					return errors.New("less than nothing")
				}
				return nil
			})
		})
	})
	return sum, err
}

func TestDecode(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100_000)
	for name, c := range map[string]struct {
		text string
		want int
		err  string // a part of it
		cut  bool
	}{
		"whole":               {`{"more": {"a": [1]}, "list": [1, 2, 3]}`, 6, "", false},
		"spaces around":       {" \n{\"list\": [1]}\n ", 1, "", false},
		"null":                {`null`, 0, "", false},
		"an empty list":       {`{"list": []}`, 0, "", false},
		"wrong":               {`{"list": [1, -2, "x"]}`, -1, "less than nothing", false},
		"wrong and then cut":  {`{"list": [-2`, -2, "less than nothing", false},
		"nothing":             {``, 0, "unexpected EOF", true},
		"cut in a name":       {`{"li`, 0, "unexpected EOF", true},
		"cut before a value":  {`{"list":`, 0, "unexpected EOF", true},
		"cut in a list":       {`{"list": [1, `, 1, "unexpected EOF", true},
		"cut behind a list":   {`{"list": [1]`, 1, "unexpected EOF", true},
		"cut while skipping":  {`{"more": [{"a": "b`, 0, "unexpected EOF", true},
		"no number":           {`{"list": [1, "two", 3]}`, 1, "unexpected character", false},
		"no list":             {`{"list": {"a": 1}}`, 0, "expect [", false},
		"no object":           {`[{"list": [1]}]`, 0, "expect {", false},
		"no JSON":             {`{"list": [1]], "a": 1}`, 1, "not ended", false},
		"two values":          {`{"list": [1]}{"list": [1]}`, 1, "more than one", false},
		"words behind":        {`{"list": [1]} and so on`, 1, "more than one", false},
		"deeper than anybody": {deep, 0, "max depth", false},
	} {
		t.Run(name, func(t *testing.T) {
			for how, text := range map[string]io.Reader{"whole": strings.NewReader(c.text), "byte by byte": iotest.OneByteReader(strings.NewReader(c.text))} {
				got, err := numbers(text)
				if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
					t.Errorf("%s: error %v, want %q", how, err, c.err)
				}
				if cut := errors.Is(err, io.ErrUnexpectedEOF); cut != c.cut {
					t.Errorf("%s: ends early: %v, want %v: %v", how, cut, c.cut, err)
				}
				if err == nil && got != c.want {
					t.Errorf("%s: got %d, want %d", how, got, c.want)
				}
			}
		})
	}
}

func TestDecodeOfABrokenReader(t *testing.T) {
	broken := errors.New("the connection is gone")
	_, err := numbers(io.MultiReader(strings.NewReader(`{"list": [1, `), iotest.ErrReader(broken)))
	if !errors.Is(err, broken) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}

func TestScalar(t *testing.T) {
	for text, want := range map[string]string{
		`"GET"`: "GET", `"a\"ü\u00fc"`: `a"üü`, `200`: "200", `1.5e3`: "1.5e3", `true`: "true", `false`: "false",
		`null`: "", `[1, 2]`: "", `{"a": 1}`: "",
	} {
		it := jsoniter.ParseString(jsoniter.ConfigDefault, text+" ")
		var spans Spans
		if got := spans.Scalar(it); got != want || it.Error != nil {
			t.Errorf("%s is %q, %v, want %q", text, got, it.Error, want)
		}
	}
}
