package lenient_test

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"testing/quick"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPassesAgree writes random values and has both passes read them, and the same with the names in another case.
func TestPassesAgree(t *testing.T) {
	t.Parallel()
	type value struct {
		Base
		*Other
		*Deep        // twice: with Base's
		Named   Deep `json:"named"`
		B       bool
		I       int64
		U       uint64
		F       float64
		F32     float32
		S       string `json:",omitempty"`
		Bytes   []byte
		Strings []string
		Deeps   []*Deep
		Array   [3]int8
		Map     map[string][]Deep
		ByNum   map[int16]*uint8
		Anyways struct{ A, B []map[string]bool }
	}
	type twice struct {
		A struct{ Base }
		Base
		B struct {
			*Other
			Same []string
		}
	}
	random := rand.New(rand.NewSource(1)) //nolint:gosec // a test's values
	fill := func(v any) {
		generated, ok := quick.Value(reflect.TypeOf(v).Elem(), random)
		require.True(t, ok)
		reflect.ValueOf(v).Elem().Set(generated)
	}
	for range 200 {
		var v value
		var w twice
		fill(&v)
		fill(&w)
		for _, v := range []any{v, w} {
			data, err := json.Marshal(v)
			require.NoError(t, err)
			passesAgree[value](t, string(data))
			passesAgree[twice](t, string(data))
			passesAgree[every](t, string(data))
			upper := strings.NewReplacer(`"Named"`, `"NAMED"`, `"named"`, `"nAMED"`, `"I"`, `"i"`, `"id"`, `"iD"`).Replace(string(data))
			passesAgree[value](t, upper)
		}
	}
}

type hidden struct{ A int }

type reachable struct{ B int }

// Fields that encoding/json cannot set are lost, not a panic.
func TestUnreachableFields(t *testing.T) {
	t.Parallel()
	var v struct {
		*hidden
		reachable
		C int
	}
	odd, err := lenient.Unmarshal([]byte(`{"a":1,"b":"2","c":"3"}`), &v)
	require.NoError(t, err)
	assert.Equal(t, []lenient.Odd{{Path: "A", Got: "number"}}, odd)
	assert.Equal(t, 2, v.B)
	assert.Equal(t, 3, v.C)
	odd, err = lenient.Unmarshal([]byte(`{"a":null,"c":"3"}`), &v)
	require.NoError(t, err)
	assert.Empty(t, odd)
}

// ring embeds itself; only its first level counts.
type ring struct {
	*ring //nolint:unused // it must not be followed
	*Ring
	N int
}

// Ring embeds a type that embeds Ring.
type Ring struct {
	*ring
	M int
}

func TestStructThatEmbedsItself(t *testing.T) {
	t.Parallel()
	passesAgree[ring](t, `{"n":5,"M":6}`)
	var v ring
	odd, err := lenient.Unmarshal([]byte(`{"n":"5","M":"6"}`), &v)
	require.NoError(t, err)
	assert.Empty(t, odd)
	assert.Equal(t, ring{N: 5, Ring: &Ring{M: 6}}, v)
}

// The tag option "string" is not supported in the second pass; a field with it must not break the rest.
func TestOptionString(t *testing.T) {
	t.Parallel()
	var v struct {
		N int    `json:"n,string"`
		S string `json:"s,string"`
		M int
	}
	for _, data := range []string{`{"n":"5","m":"6"}`, `{"n":5,"m":6}`, `{"n":"5","s":"x","m":6}`, `{"n":5,"s":{},"m":6}`} {
		_, err := lenient.Unmarshal([]byte(data), &v)
		require.NoError(t, err)
		assert.Equal(t, 5, v.N)
		assert.Equal(t, 6, v.M)
	}
}
