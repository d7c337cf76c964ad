package chart

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"helm.sh/helm/v3/pkg/strvals"
	"sigs.k8s.io/yaml"
)

// Values reads value files, later ones going before earlier ones, and then
// settings in Helm's form "a.b=c". A key that appears twice in one file, and a
// file that is no mapping, is an error.
func Values(files []string, sets ...string) (map[string]any, error) {
	values := map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read value file: %w", err)
		}
		more, err := ParseValues(text)
		if err != nil {
			return nil, fmt.Errorf("read value file %s: %w", file, err)
		}
		values = Merge(values, more)
	}
	for _, set := range sets {
		if key, _, found := strings.Cut(set, "="); !found || key == "" {
			return nil, fmt.Errorf("read setting %q: want a key and a value, like a.b=c", set)
		}
		if err := strvals.ParseInto(set, values); err != nil {
			return nil, fmt.Errorf("read setting %q: %w; write it like a.b=c", set, err)
		}
	}
	return values, nil
}

// ParseValues reads the text of one value file.
func ParseValues(text []byte) (map[string]any, error) {
	values := map[string]any{}
	err := yaml.UnmarshalStrict(text, &values)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("it is one %s, want a mapping of names to values", wrong.Value)
	}
	if err != nil {
		return nil, err
	}
	return values, nil
}

// Merge returns base with over laid on it: mappings are merged, everything else
// is replaced. A null stays, since it makes Helm drop the chart's own value.
func Merge(base, over map[string]any) map[string]any {
	out := deepCopy(base)
	for key, value := range over {
		child, isMap := value.(map[string]any)
		if !isMap {
			out[key] = value
			continue
		}
		below, _ := out[key].(map[string]any)
		out[key] = Merge(below, child)
	}
	return out
}

func deepCopy(values map[string]any) map[string]any {
	out := make(map[string]any, len(values))
	for key, value := range values {
		out[key] = copyValue(value)
	}
	return out
}

func copyValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return deepCopy(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = copyValue(item)
		}
		return list
	}
	return value
}
