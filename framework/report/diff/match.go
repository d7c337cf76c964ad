package diff

import (
	"encoding/json"
	"maps"
	"slices"
)

// group is what two lists have under one key.
type group[T any] struct{ a, b []T }

// match pairs the items of two lists by their key and hands out those that
// differ by their text: both for a pair, nil for the side that has none. Among
// items of one key equal ones are paired first, the others in the order of their
// texts, so the order of the lists does not matter. It takes linear time, but
// for the sorting of what is handed out.
func match[T any](a, b []T, key, text func(T) string, differ func(a, b *T)) {
	groups := map[string]*group[T]{}
	of := func(item T) *group[T] {
		k := key(item)
		if groups[k] == nil {
			groups[k] = &group[T]{}
		}
		return groups[k]
	}
	for _, item := range a {
		g := of(item)
		g.a = append(g.a, item)
	}
	for _, item := range b {
		g := of(item)
		g.b = append(g.b, item)
	}
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		g := groups[k]
		onlyA, onlyB := without(g.a, g.b, text), without(g.b, g.a, text)
		for i := range max(len(onlyA), len(onlyB)) {
			differ(at(onlyA, i), at(onlyB, i))
		}
	}
}

func at[T any](list []T, i int) *T {
	if i >= len(list) {
		return nil
	}
	return &list[i]
}

// without are the items of the list that have no equal in the other one, sorted
// by their texts.
func without[T any](list, other []T, text func(T) string) []T {
	there := map[string]int{}
	for _, item := range other {
		there[text(item)]++
	}
	left := map[string][]T{}
	for _, item := range list {
		t := text(item)
		if there[t] > 0 {
			there[t]--
			continue
		}
		left[t] = append(left[t], item)
	}
	var out []T
	for _, t := range slices.Sorted(maps.Keys(left)) {
		out = append(out, left[t]...)
	}
	return out
}

// whole is an item as text, for what is compared as a whole. What cannot be
// written as JSON (a number that is none) equals nothing but another such.
func whole[T any](item T) string {
	text, err := json.Marshal(item)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// matchSets pairs the keys of two sets.
func matchSets(a, b map[string]bool, differ func(key string, way Way)) {
	for _, key := range slices.Sorted(maps.Keys(a)) {
		if !b[key] {
			differ(key, Gone)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b)) {
		if !a[key] {
			differ(key, New)
		}
	}
}
