package lenient

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
)

// fields reads the next value, an object, into struct v.
func (r *reader) fields(v reflect.Value) outcome {
	fields := fieldsOf(v.Type())
	r.each(func(key []byte) {
		f := find(fields, unquote(key))
		if f == nil {
			r.skip()
			return
		}
		r.at(f.name, func() {
			if inner, ok := f.in(v); ok {
				r.read(inner)
			} else if raw := r.skip(); raw[0] != 'n' {
				r.lose("", typeOf(raw[0]))
			}
		})
	})
	return good
}

// entries reads the next value, an object, into map v.
func (r *reader) entries(v reflect.Value) outcome {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	pointers := v.Type().Elem().Kind() == reflect.Pointer
	r.each(func(key []byte) {
		r.at(unquote(key), func() {
			k, ok := mapKey(v.Type().Key(), key)
			if !ok {
				r.lose("", "text")
				r.skip()
				return
			}
			element := reflect.New(v.Type().Elem()).Elem()
			if r.read(element) != lost || pointers {
				v.SetMapIndex(k, element)
			}
		})
	})
	return good
}

// mapKey returns a JSON key as a t. encoding/json knows how: it reads an object that has this key only.
func mapKey(t reflect.Type, key []byte) (_ reflect.Value, ok bool) {
	object := reflect.New(reflect.MapOf(t, reflect.TypeFor[struct{}]()))
	err := json.Unmarshal(slices.Concat([]byte("{"), key, []byte(":null}")), object.Interface())
	if err != nil || object.Elem().Len() != 1 {
		return reflect.Value{}, false
	}
	return object.Elem().MapKeys()[0], true
}

// list reads the next value, an array or an object, into v, a slice or an array. An object whose keys are not all integers is
// lost.
func (r *reader) list(v reflect.Value) outcome {
	slice := v.Kind() == reflect.Slice
	leaveOut := slice && v.Type().Elem().Kind() != reflect.Pointer
	first, start, oddBefore := r.peek(), r.pos, len(r.odd)
	position, integers := 0, true
	var keys []int // of the elements so far
	r.each(func(quoted []byte) {
		key := position
		if quoted != nil {
			var err error
			key, err = strconv.Atoi(unquote(quoted))
			integers = integers && err == nil
		}
		position++
		if !integers || !slice && len(keys) == v.Len() {
			r.skip()
			return
		}
		r.at("["+strconv.Itoa(key)+"]", func() {
			if r.read(elementOf(v, len(keys))) != lost || !leaveOut {
				keys = append(keys, key)
			}
		})
	})
	if !integers {
		r.odd = r.odd[:oddBefore]
		return r.nothing(v, wanted(v.Type()), r.data[start:r.pos])
	}
	if slice {
		v.SetLen(len(keys))
	}
	for i := len(keys); i < v.Len(); i++ {
		v.Index(i).SetZero()
	}
	if v.Len() == 0 && slice {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	if first == '{' {
		sortByKey(v, keys)
	}
	return good
}

// elementOf returns element i of v; a slice grows to have it.
func elementOf(v reflect.Value, i int) reflect.Value {
	if v.Kind() == reflect.Slice {
		if i >= v.Cap() {
			v.Grow(1)
		}
		if i >= v.Len() {
			v.SetLen(i + 1)
		}
	}
	return v.Index(i)
}

// sortByKey brings the first elements of v into the order of their keys.
func sortByKey(v reflect.Value, keys []int) {
	order := make([]int, len(keys))
	unsorted := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), len(keys), len(keys))
	reflect.Copy(unsorted, v)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(keys[i], keys[j]) })
	for i, from := range order {
		v.Index(i).Set(unsorted.Index(from))
	}
}
