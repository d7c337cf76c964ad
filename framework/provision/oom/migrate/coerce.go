package migrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

// coerce bends the object until it decodes strictly into the Go type of its kind.
func (m *migration) coerce(kind schema.GroupVersionKind) {
	typed, err := scheme.Scheme.New(kind)
	if err != nil {
		m.cannot("kind", "%v", err)
		return
	}
	m.fields(m.object.Object, reflect.TypeOf(typed).Elem(), "")
}

// value is the value as type t wants it, and whether it stays. What is wrong
// and cannot be bent is put down as such.
func (m *migration) value(value any, t reflect.Type, at string) (any, bool) {
	if value == nil {
		m.change(Null, at, "null", nil)
		return nil, false
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		m.parse(value, t, at)
		return value, true
	}
	switch t.Kind() {
	case reflect.Struct:
		return m.mapping(value, at, func(v map[string]any) { m.fields(v, t, at) })
	case reflect.Map:
		return m.mapping(value, at, func(v map[string]any) { m.entries(v, t.Elem(), at) })
	case reflect.Slice:
		return m.list(value, t, at)
	}
	return m.scalar(value, t, at), true
}

// fields bends the fields of a struct.
func (m *migration) fields(object map[string]any, t reflect.Type, at string) {
	known := known(t)
	for _, key := range slices.Sorted(maps.Keys(object)) {
		path := strings.TrimPrefix(at+"."+key, ".")
		name, found := name(object, key, known)
		if !found {
			m.change(UnknownField, path, object[key], nil)
			delete(object, key)
			continue
		}
		value := object[key]
		if name != key {
			m.change(FieldCase, path, key, name)
			delete(object, key)
		}
		object[name] = value
		if value, stays := m.value(value, known[name], path); stays {
			object[name] = value
		} else {
			delete(object, name)
		}
	}
}

// entries bends the values of a map.
func (m *migration) entries(object map[string]any, t reflect.Type, at string) {
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if value, stays := m.value(object[key], t, at+"["+key+"]"); stays {
			object[key] = value
		} else {
			delete(object, key)
		}
	}
}

func (m *migration) mapping(value any, at string, bend func(map[string]any)) (any, bool) {
	object, ok := value.(map[string]any)
	if !ok {
		m.cannot(at, "%s stands where a mapping is wanted", show(value))
		return value, true
	}
	bend(object)
	return object, true
}

func (m *migration) list(value any, t reflect.Type, at string) (any, bool) {
	if t.Elem().Kind() == reflect.Uint8 {
		m.parse(value, t, at)
		return value, true
	}
	items, ok := value.([]any)
	if !ok {
		m.cannot(at, "%s stands where a list is wanted", show(value))
		return value, true
	}
	kept := make([]any, 0, len(items))
	for i, item := range items {
		if item, stays := m.value(item, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); stays {
			kept = append(kept, item)
		}
	}
	return kept, true
}

// scalar turns text into a number or a truth value, and either into text.
func (m *migration) scalar(value any, t reflect.Type, at string) any {
	if decode(value, t) == nil {
		return value
	}
	bent := value
	switch v := value.(type) {
	case bool:
		bent = strconv.FormatBool(v)
	case int64:
		bent = strconv.FormatInt(v, 10)
	case float64:
		bent = strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if number, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64); err == nil {
			bent = number
		} else if v == "true" || v == "false" {
			bent = v == "true"
		}
	}
	if err := decode(bent, t); err != nil {
		m.cannot(at, "%s stands where %s is wanted", show(value), wanted(t))
		return value
	}
	m.change(ScalarType, at, show(value), show(bent))
	return bent
}

// parse puts down a value that its type cannot read.
func (m *migration) parse(value any, t reflect.Type, at string) {
	if err := decode(value, t); err != nil {
		m.cannot(at, "%s cannot be read as %s", show(value), wanted(t))
	}
}

func decode(value any, t reflect.Type) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, reflect.New(t).Interface())
}

// wanted says in words what a type takes.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "base64"
	case reflect.Struct:
		return t.Name()
	}
	return "a whole number (" + t.Kind().String() + ")"
}

// show is the value as JSON, so that text and a number look different, cut
// after 60 characters.
func show(value any) string {
	text := []rune(asJSON(value))
	if len(text) > 60 {
		return string(text[:60]) + "…"
	}
	return string(text)
}

// name is the name of the field that a key means: its own, or one that differs
// in case and is not there.
func name(object map[string]any, key string, known map[string]reflect.Type) (string, bool) {
	if _, found := known[key]; found {
		return key, true
	}
	for _, candidate := range slices.Sorted(maps.Keys(known)) {
		if _, taken := object[candidate]; strings.EqualFold(candidate, key) && !taken {
			return candidate, true
		}
	}
	return "", false
}

// known are the JSON fields of a struct and their types.
func known(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case name == "" && field.Anonymous:
			maps.Copy(fields, known(field.Type))
		case name != "":
			fields[name] = field.Type
		}
	}
	return fields
}
