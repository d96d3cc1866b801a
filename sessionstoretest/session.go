package sessionstoretest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
)

// metadata is JSON that a store changes if it decodes and encodes it: it has a long number, a trailing zero, a key that
// comes twice, and keys in no order.
const metadata = `{"z":[1,2.50,1e400,12345678901234567890],"a":{"deep":null},"a":"twice","ü":"😀 \u00e9 \\ \" /"}`

// full makes a session with a value in every field, including the fields of later versions.
func full(tb testing.TB, name string) *cometchat.Session {
	tb.Helper()
	s := new(cometchat.Session)
	n := 0
	fill(tb, reflect.ValueOf(s).Elem(), name, &n)
	return s
}

// fill sets v and everything inside v to distinct values; n counts the values.
func fill(tb testing.TB, v reflect.Value, name string, n *int) {
	tb.Helper()
	*n++
	switch v.Interface().(type) {
	case time.Time: // a User keeps whole seconds
		v.Set(reflect.ValueOf(time.Unix(1_700_000_000+int64(*n), 0).UTC()))
		return
	case json.RawMessage:
		v.SetBytes([]byte(metadata))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s-%d", name, *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(tb, v.Elem(), name, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(tb, v.Index(i), name, n)
		}
	case reflect.Struct:
		for i, field := range reflect.VisibleFields(v.Type()) {
			if field.IsExported() {
				fill(tb, v.Field(i), name, n)
			}
		}
	default:
		tb.Fatalf("sessionstoretest does not know how to fill a %s", v.Type())
	}
}

// difference returns the name of the first field that differs in two sessions, or "". It returns no value: a value may be a
// secret.
func difference(got, want *cometchat.Session) string {
	return differenceAt("the session", reflect.ValueOf(got), reflect.ValueOf(want))
}

func differenceAt(where string, got, want reflect.Value) string {
	if wantTime, ok := reflect.TypeAssert[time.Time](want); ok {
		if !got.Interface().(time.Time).Equal(wantTime) {
			return where
		}
		return ""
	}
	switch want.Kind() {
	case reflect.Pointer:
		if got.IsNil() != want.IsNil() {
			return where
		}
		if want.IsNil() {
			return ""
		}
		return differenceAt(where, got.Elem(), want.Elem())
	case reflect.Struct:
		for i, field := range reflect.VisibleFields(want.Type()) {
			if !field.IsExported() {
				continue
			}
			if d := differenceAt(where+"'s "+field.Name, got.Field(i), want.Field(i)); d != "" {
				return d
			}
		}
		return ""
	}
	if want.Kind() == reflect.Slice && want.Len() == 0 && got.Len() == 0 { // a store may turn an empty slice into nil
		return ""
	}
	if reflect.DeepEqual(got.Interface(), want.Interface()) {
		return ""
	}
	return where
}

// mustSave saves a session, and ends the test if Save fails.
func mustSave(tb testing.TB, store cometchat.SessionStore, key string, s *cometchat.Session) {
	tb.Helper()
	if err := store.Save(tb.Context(), key, s); err != nil {
		tb.Fatalf("Save for the key %s failed: %v", short(key), err)
	}
}

// wantSession checks that the key has the session want, or no session if want is nil.
func wantSession(tb testing.TB, store cometchat.SessionStore, key string, want *cometchat.Session) {
	tb.Helper()
	got, err := store.Load(tb.Context(), key)
	switch {
	case want == nil && !errors.Is(err, cometchat.ErrNoSession):
		tb.Errorf("Load for the key %s returned %v and the error %v; there is no session, so the error must be ErrNoSession",
			short(key), got, err)
	case want == nil:
	case err != nil:
		tb.Errorf("Load for the key %s failed: %v", short(key), err)
	case got == nil:
		tb.Errorf("Load for the key %s returned nil and no error", short(key))
	default:
		if d := difference(got, want); d != "" {
			tb.Errorf("Load for the key %s returned another session than the saved one: %s differs", short(key), d)
		}
	}
}

// mustSwap calls CompareAndSwap and checks that it returns want.
func mustSwap(tb testing.TB, store cometchat.SharedSessionStore, old, next *cometchat.Session, want bool, what string) {
	tb.Helper()
	got, err := store.CompareAndSwap(tb.Context(), key, old, next)
	if err != nil {
		tb.Fatalf("CompareAndSwap (%s) failed: %v", what, err)
	}
	if got != want {
		tb.Errorf("CompareAndSwap (%s) returned %t instead of %t", what, got, want)
	}
}

// short returns a key for a message, quoted and cut.
func short(key string) string {
	const length = 40
	if len(key) > length {
		return fmt.Sprintf("%.*q… (%d bytes)", length, key, len(key))
	}
	return fmt.Sprintf("%q", key)
}

// ended returns contexts that have ended, by the way they ended.
func ended(tb testing.TB) map[string]context.Context {
	tb.Helper()
	canceled, cancel := context.WithCancel(tb.Context())
	cancel()
	late, cancel := context.WithDeadline(tb.Context(), time.Unix(0, 0))
	tb.Cleanup(cancel)
	return map[string]context.Context{"canceled": canceled, "past its deadline": late}
}

// endedWell checks the error of a call with an ended context: it must be nil or the context's error.
func endedWell(tb testing.TB, ctx context.Context, call, how string, err error) {
	tb.Helper()
	if err != nil && !errors.Is(err, ctx.Err()) {
		tb.Errorf("%s with a context that is %s failed with %v, which is not the context's error", call, how, err)
	}
}
