package malform

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"
)

// Breaker changes one value again and again: elements go or come twice, maps
// and lists are emptied, times and numbers leave every bound, and texts appear
// where others stood, so that ids collide and parents lead round in circles.
type Breaker struct {
	*rand.Rand
	value reflect.Value
	// texts are those of the value.
	texts []string
	undo  []func()
}

// NewBreaker returns a breaker of the value that the pointer leads to.
func NewBreaker(seed uint64, pointer any) *Breaker {
	b := &Breaker{Rand: rand.New(rand.NewPCG(seed, seed)), value: reflect.ValueOf(pointer).Elem(), texts: []string{"", "unknown", "\xff", "0"}}
	b.collect(b.value)
	return b
}

func (b *Breaker) collect(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		b.texts = append(b.texts, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			b.collect(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			b.collect(v.Index(i))
		}
	case reflect.Map:
		// In random order, so texts of maps are not taken.
	case reflect.Struct:
		if v.Type() == timeType {
			return
		}
		for i := range v.NumField() {
			b.collect(v.Field(i))
		}
	}
}

var timeType = reflect.TypeFor[time.Time]()

// Break changes up to three places.
func (b *Breaker) Break() {
	for range 1 + b.IntN(3) {
		b.at(b.value)
	}
}

// Mend takes back all that Break changed.
func (b *Breaker) Mend() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
	b.undo = nil
}

func (b *Breaker) set(place, value reflect.Value) {
	old := reflect.New(place.Type()).Elem()
	old.Set(place)
	place.Set(value)
	b.undo = append(b.undo, func() { place.Set(old) })
}

// at goes down a random way below the place and changes what it ends at.
func (b *Breaker) at(place reflect.Value) {
	switch place.Kind() {
	case reflect.Struct:
		if place.Type() == timeType {
			b.set(place, reflect.ValueOf(b.time()))
			return
		}
		b.at(place.Field(b.IntN(place.NumField())))
	case reflect.Pointer:
		if place.IsNil() || b.IntN(20) == 0 {
			b.set(place, reflect.Zero(place.Type()))
			return
		}
		b.at(place.Elem())
	case reflect.Slice:
		b.list(place)
	case reflect.Map:
		b.table(place)
	case reflect.String:
		b.set(place, reflect.ValueOf(b.texts[b.IntN(len(b.texts))]).Convert(place.Type()))
	case reflect.Bool:
		b.set(place, reflect.ValueOf(!place.Bool()).Convert(place.Type()))
	case reflect.Int, reflect.Int64:
		all := []int64{0, -1, 1, 1 << 40, math.MaxInt64, math.MinInt64}
		b.set(place, reflect.ValueOf(all[b.IntN(len(all))]).Convert(place.Type()))
	case reflect.Float64:
		all := []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, 1e-300}
		b.set(place, reflect.ValueOf(all[b.IntN(len(all))]))
	default:
		panic("malform cannot change a " + place.Type().String())
	}
}

func (b *Breaker) time() time.Time {
	all := []time.Time{{}, time.Unix(0, 0), time.Unix(1<<40, 0), time.Unix(-1<<40, 0), time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)}
	return all[b.IntN(len(all))]
}

func (b *Breaker) list(place reflect.Value) {
	n := place.Len()
	if n == 0 {
		b.set(place, reflect.MakeSlice(place.Type(), 1, 1))
		return
	}
	changed := reflect.MakeSlice(place.Type(), 0, n+1)
	switch at := b.IntN(n); b.IntN(12) {
	case 0:
		b.set(place, reflect.Zero(place.Type()))
	case 1:
		b.set(place, reflect.AppendSlice(reflect.AppendSlice(changed, place.Slice(0, at)), place.Slice(at+1, n)))
	case 2:
		b.set(place, reflect.Append(reflect.AppendSlice(changed, place), place.Index(at)))
	case 3:
		b.set(place, reflect.Append(reflect.AppendSlice(changed, place), reflect.Zero(place.Type().Elem())))
	default:
		b.at(place.Index(at))
	}
}

// table changes a map: a copy of it stands in its place.
func (b *Breaker) table(place reflect.Value) {
	if place.Len() == 0 || b.IntN(8) == 0 {
		b.set(place, reflect.Zero(place.Type()))
		return
	}
	keys := sorted(place)
	key := keys[b.IntN(len(keys))]
	changed := reflect.MakeMap(place.Type())
	for _, k := range keys {
		changed.SetMapIndex(k, place.MapIndex(k))
	}
	switch b.IntN(4) {
	case 0:
		changed.SetMapIndex(key, reflect.Value{})
	case 1:
		changed.SetMapIndex(reflect.ValueOf(b.texts[b.IntN(len(b.texts))]), place.MapIndex(key))
	default:
		value := reflect.New(place.Type().Elem()).Elem()
		value.Set(place.MapIndex(key))
		before := len(b.undo)
		b.at(value)
		b.undo = b.undo[:before]
		changed.SetMapIndex(key, value)
	}
	b.set(place, changed)
}

// sorted are the keys of a map of texts, in order.
func sorted(table reflect.Value) []reflect.Value {
	keys := table.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	return keys
}
