package lenient

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// field is a field of a struct, perhaps within embedded structs, with its JSON name.
type field struct {
	name   string
	tagged bool
	index  []int
}

var fieldCache sync.Map // of []field by reflect.Type

// fieldsOf returns the fields of struct type t that encoding/json reads.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldCache.Load(t); ok {
		return known.([]field)
	}
	fields := visible(allFields(t))
	fieldCache.Store(t, fields)
	return fields
}

// find returns the field for a key: the one of this name, else the first one whose name differs in case only; nil if there is
// none.
func find(fields []field, key string) *field {
	same := func(f field) bool { return f.name == key }
	alike := func(f field) bool { return strings.EqualFold(f.name, key) }
	for _, matches := range []func(field) bool{same, alike} {
		if i := slices.IndexFunc(fields, matches); i >= 0 {
			return &fields[i]
		}
	}
	return nil
}

// in returns the field of struct v, and makes the embedded structs on the way. ok is false if one of them is behind a nil
// pointer to an unexported type, which reflection cannot set.
func (f *field) in(v reflect.Value) (_ reflect.Value, ok bool) {
	for _, i := range f.index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return v, false
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v, true
}

// allFields returns the fields of t and of its embedded structs, level by level. A field is in the result twice if its struct is
// embedded twice on one level: it hides itself then.
func allFields(t reflect.Type) (fields []field) {
	type embedded struct {
		reflect.Type
		index []int
	}
	level, count := []embedded{{Type: t}}, map[reflect.Type]int{}
	for visited := map[reflect.Type]bool{}; len(level) > 0; {
		var deeper []embedded
		deeperCount := map[reflect.Type]int{}
		for _, outer := range level {
			if visited[outer.Type] {
				continue
			}
			visited[outer.Type] = true
			for i := range outer.NumField() {
				sf := outer.Field(i)
				name, ok := jsonName(sf)
				if !ok {
					continue
				}
				index := append(slices.Clip(outer.index), i)
				inner := withoutPointer(sf.Type)
				if name != "" || !sf.Anonymous || inner.Kind() != reflect.Struct {
					f := field{cmp.Or(name, sf.Name), name != "", index}
					fields = append(fields, f)
					if count[outer.Type] > 1 {
						fields = append(fields, f)
					}
				} else if deeperCount[inner]++; deeperCount[inner] == 1 {
					deeper = append(deeper, embedded{inner, index})
				}
			}
		}
		level, count = deeper, deeperCount
	}
	return fields
}

// visible returns the fields that no other field of the same name hides, in the order of the source. The least deep field hides
// the others, and among these a tagged one; two of the same rank hide each other.
func visible(fields []field) (shown []field) {
	byRank := func(a, b field) int {
		return cmp.Or(cmp.Compare(len(a.index), len(b.index)), cmp.Compare(boolean(b.tagged), boolean(a.tagged)))
	}
	slices.SortStableFunc(fields, func(a, b field) int { return cmp.Or(strings.Compare(a.name, b.name), byRank(a, b)) })
	for i, f := range fields {
		first := i == 0 || fields[i-1].name != f.name
		rival := i+1 < len(fields) && fields[i+1].name == f.name && byRank(f, fields[i+1]) == 0
		if first && !rival {
			shown = append(shown, f)
		}
	}
	slices.SortFunc(shown, func(a, b field) int { return slices.Compare(a.index, b.index) })
	return shown
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// jsonName returns the name in the tag of sf, empty without a usable one. ok is false if encoding/json ignores the field.
func jsonName(sf reflect.StructField) (name string, ok bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" || !sf.IsExported() && (!sf.Anonymous || withoutPointer(sf.Type).Kind() != reflect.Struct) {
		return "", false
	}
	name, _, _ = strings.Cut(tag, ",")
	unusable := func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c)
	}
	if strings.ContainsFunc(name, unusable) {
		name = ""
	}
	return name, true
}

func withoutPointer(t reflect.Type) reflect.Type {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
