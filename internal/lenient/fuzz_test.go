package lenient_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type (
	// Base and Other collide: Same is hidden by Outer and by each other, Tagged is Base's.
	Base struct {
		ID     string `json:"id"`
		Same   int
		Tagged string `json:"Tagged"`
		Deep
	}
	Other struct {
		Same   string
		Tagged int
		*Deep
		Hidden bool `json:"-"`
	}
	Deep  struct{ Bottom, Twice string }
	inner struct{ Inner string }
	// Stamp lends its method to a struct around it. encoding/json calls it through a pointer only.
	Stamp struct{ Sec string }
	text  string //nolint:unused // embedded, and ignored by encoding/json

	// every has every kind.
	every struct {
		Base
		*Other
		inner
		text        //nolint:unused // encoding/json ignores it
		Named  Deep `json:"named"`
		B      bool
		I      int
		I8     int8
		U      uint16
		F      float64
		F32    float32
		S      string `json:"s,omitempty"`
		Num    json.Number
		T      time.Time
		At     at
		AtP    *at
		Level  *level
		Plain  level
		Raw    json.RawMessage
		Bytes  []byte
		Any    any
		Strs   []string
		Ints   []int
		Ptrs   []*point
		Points []point
		Array  [2]string
		Map    map[string]point
		ByNum  map[int]string
		ByText map[level]*int
		Self   *every
		Two    **int
		Odd1   string `json:"with\"quote"` //nolint:staticcheck // not a usable tag, on purpose
		Odd2   string `json:"a.b c"`
		Dash   string `json:"-,"` //nolint:staticcheck // the name is "-", on purpose
		Kelvin int    `json:"K"`
		Fold1  string `json:"fOld"`
		Fold2  string `json:"Fold"`
		Anon   struct{ Stamp }
		AnonP  *struct{ Stamp }
	}
)

func (s *Stamp) UnmarshalText(text []byte) error {
	s.Sec = "read from " + string(text)
	return nil
}

var seeds = []string{
	`{}`, `null`, `[]`, `""`, `5`, `{"id":5,"Same":{},"tagged":7,"bottom":"x","Twice":[],"inner":1,"text":"x","named":{"bottom":5}}`,
	`{"b":1,"i":"5","i8":300,"u":-1,"f":"1e3","f32":1e39,"s":true,"num":" 5 ","t":1714557600,"at":"2024-05-01","level":7,"raw":[1, {"a":2}]}`,
	`{"bytes":"AQI=","any":{"a":[1e999,null,"x"]},"strs":{"0":"a","2":5},"ints":["1",{}],"ptrs":[{"x":1},5,null],"points":[[],{"y":"2"}],"array":{"1":"a","0":"b","7":"c"}}`,
	`{"map":{"a":[],"b":{"x":"1"},"c":5},"bynum":{"1":2,"x":"y"},"bytext":{"1":"1","x":1},"self":{"self":{"i":"1"}},"two":"5","with\"quote":1,"a.b c":2,"-":3,"ſ":4,"K":"5"}`,
	`{"strs":["a","b"],"strs":[null],"map":{"a":{"x":1}},"map":{"a":{"y":2}},"i":5,"i":null,"points":[{"x":1},{"x":2}],"points":[{"y":1}],"points":[{},{}]}`,
	`{"id":"\ud800","s":"\u0000\u2028","strs":["` + "\xff" + `"],"raw":null,"at":null,"t":null,"num":null,"plain":null,"bytes":null,"any":null,"two":null,"self":null}`,
	`{"points":{"1":{"x":1},"0":{"y":2}},"ptrs":{"a":{}},"ints":{"1":"a","0":5},"bytes":[1,"2"],"bytes":{"0":7},"array":[1,2,3]}`,
	`{"FOLD":"first","Fold":"x","anon":{"sec":"5"},"anonp":"5"}`, `{"anon":{"Stamp":"5"},"anonp":{},"kelvin":5}`,
	`{"bottom":"x","Same":5,"Tagged":"x","with\"quote":"1","Odd1":"2","a.b c":"x","-":"y","array":["a","b"],"array":["c"],"atp":5,"atp":null}`,
	`{"other":1,"Other":{},"Base":{},"deep":5,"hidden":true,"Lower":5,"x":{"y":[[[{}]]]}}`, "\xef\xbb\xbf{\"i\":\"1\"}", `{"id":`, `{"any":"\x"}`,
}

// FuzzUnmarshal reads anything into every kind: no panic, no error for valid JSON, and both passes agree wherever encoding/json
// reads the whole value.
func FuzzUnmarshal(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		var v every
		odd, err := lenient.Unmarshal([]byte(data), &v)
		stripped := strings.TrimPrefix(data, "\xef\xbb\xbf")
		require.Equal(t, json.Valid([]byte(stripped)), err == nil, "%v", err)
		assert.LessOrEqual(t, len(odd), 100)
		for _, o := range odd {
			assert.Contains(t, o.String(), " is ")
		}
		if err != nil {
			assert.Zero(t, v)
			return
		}
		_, err = json.Marshal(v)
		require.NoError(t, err)
		passesAgree[every](t, stripped)
		passesAgree[any](t, stripped)
		passesAgree[[]every](t, "["+stripped+",{},"+stripped+"]")
		passesAgree[map[string]every](t, `{"a":`+stripped+`,"a":{}}`)
	})
}

// passesAgree compares the second pass with encoding/json. Where that fails, it only must not panic.
func passesAgree[T any](t *testing.T, data string) {
	t.Helper()
	var strict, again T
	err := json.Unmarshal([]byte(data), &strict)
	odd := lenient.ReadAgain([]byte(data), &again)
	if err == nil {
		require.Equal(t, strict, again)
		assert.Empty(t, odd)
	}
}

// FuzzTime reads anything as a time: every time can be written as JSON, and is read as itself again.
func FuzzTime(f *testing.F) {
	for value := range times {
		f.Add(value)
	}
	for _, value := range noTimes {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		read, ok := lenient.Time([]byte(value))
		written, err := json.Marshal(read)
		require.NoError(t, err)
		if !ok {
			assert.True(t, read.IsZero())
			return
		}
		again, ok := lenient.Time(written)
		assert.True(t, ok)
		assert.True(t, read.Equal(again), "%v is read as %v", read, again)
	})
}

// FuzzEqual compares anything: equality goes both ways, survives another spelling, and is not found in what float64 tells apart.
func FuzzEqual(f *testing.F) {
	for _, pair := range equals {
		f.Add(pair[0], pair[1])
	}
	for _, pair := range differs {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		equal := lenient.Equal([]byte(a), []byte(b))
		assert.Equal(t, equal, lenient.Equal([]byte(b), []byte(a)))
		assert.Equal(t, json.Valid([]byte(a)), lenient.Equal([]byte(a), []byte(a)))
		var x, y any
		xErr, yErr := json.Unmarshal([]byte(a), &x), json.Unmarshal([]byte(b), &y)
		if xErr != nil || yErr != nil {
			return
		}
		if !reflect.DeepEqual(x, y) {
			assert.False(t, equal, "%s and %s", a, b)
		}
		written, err := lenient.Marshal(json.RawMessage(a))
		require.NoError(t, err)
		assert.True(t, lenient.Equal([]byte(a), written))
	})
}
