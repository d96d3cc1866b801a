package lenient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// at is a type that reads itself.
type at struct{ time.Time }

func (a *at) UnmarshalJSON(data []byte) error {
	t, ok := lenient.Time(data)
	if !ok {
		return errors.New("no time")
	}
	a.Time = t
	return nil
}

// picky is a type that refuses everything.
type picky struct{ Seen string }

func (p *picky) UnmarshalJSON(data []byte) error {
	p.Seen = string(data)
	return errors.New("refused")
}

// level is a type with UnmarshalText.
type level int

func (l *level) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d", (*int)(l))
	return err
}

// one reads value as a T, strictly first, in a field named f.
func one[T any](t *testing.T, value string) (T, []lenient.Odd) {
	t.Helper()
	var v struct {
		F T `json:"f"`
	}
	odd, err := lenient.Unmarshal([]byte(`{"f":`+value+`}`), &v)
	require.NoError(t, err)
	return v.F, odd
}

// reads checks what becomes of values of a T. A case without a wanted value is lost.
func reads[T any](t *testing.T, want map[string]any) {
	t.Helper()
	t.Run(reflect.TypeFor[T]().String(), func(t *testing.T) {
		t.Parallel()
		for value, wanted := range want {
			got, odd := one[T](t, value)
			if wanted == nil {
				assert.Zero(t, got, value)
				if assert.Len(t, odd, 1, value) {
					assert.Equal(t, "f", odd[0].Path)
				}
				continue
			}
			assert.Equal(t, wanted, got, value)
			assert.Empty(t, odd, value)
		}
	})
}

func TestScalars(t *testing.T) {
	t.Parallel()
	reads[string](t, map[string]any{
		`"a"`: "a", `5`: "5", `-0`: "-0", `1e3`: "1e3", `9007199254740993`: "9007199254740993", `1.50`: "1.50", `null`: "", `""`: "",
		`"\u0041\n"`: "A\n", `123456789012345678901234567890`: "123456789012345678901234567890",
		`true`: nil, `false`: nil, `{}`: nil, `[]`: nil, `{"a":1}`: nil, `["a"]`: nil,
	})
	reads[int](t, map[string]any{
		`5`: 5, `"5"`: 5, `" 5\t"`: 5, `12.0`: 12, `"12.0"`: 12, `1e3`: 1000, `1.5e1`: 15, `-0`: 0, `"+7"`: 7, `"007"`: 7, `null`: 0, `""`: 0,
		`9007199254740993.0`: 9007199254740993, `"9223372036854775807"`: math.MaxInt, `"-9223372036854775808"`: math.MinInt, `0e99`: 0,
		`12.5`: nil, `9223372036854775808`: nil, `1e300`: nil, `1e999999999999`: nil, `1e-1`: nil, `"0x10"`: nil, `"1_000"`: nil, `"1,000"`: nil,
		`"a"`: nil, `" "`: nil, `"."`: nil, `"-"`: nil, `"1e"`: nil, `"NaN"`: nil, `true`: nil, `false`: nil, `[]`: nil, `[1]`: nil, `{}`: nil,
	})
	reads[int8](t, map[string]any{`"127"`: int8(127), `128`: nil, `"-129"`: nil})
	reads[uint](t, map[string]any{`"5"`: uint(5), `18446744073709551615.0`: uint(math.MaxUint), `"-0"`: uint(0), `-1`: nil, `18446744073709551616`: nil})
	reads[uint8](t, map[string]any{`"255"`: uint8(255), `256`: nil})
	reads[uintptr](t, map[string]any{`"255"`: uintptr(255)})
	reads[float64](t, map[string]any{
		`"1.5"`: 1.5, `" -2 "`: -2.0, `".5"`: 0.5, `1e-400`: 0.0, `""`: 0.0, `1e-99999999999999999999`: 0.0,
		`1e400`: nil, `"1e400"`: nil, `"Inf"`: nil, `"nan"`: nil, `"0x1p-2"`: nil, `true`: nil, `{}`: nil, `[1.5]`: nil,
	})
	reads[float32](t, map[string]any{`"0.5"`: float32(0.5), `1e39`: nil, `"1e39"`: nil})
	reads[bool](t, map[string]any{
		`1`: true, `0`: false, `"1"`: true, `"0"`: false, `"true"`: true, `"FALSE"`: false, `" Yes "`: true, `"no"`: false, `""`: false, `null`: false,
		`1.0`: true, `0e5`: false, `-0`: false, `2`: nil, `-1`: nil, `"2"`: nil, `"maybe"`: nil, `" "`: nil, `[]`: nil, `{}`: nil, `[true]`: nil,
	})
	reads[json.Number](t, map[string]any{
		`5`: json.Number("5"), `1e99999999999999999999`: json.Number("1e99999999999999999999"), `" 1.50 "`: json.Number("1.50"), `""`: json.Number(""),
		`"a"`: nil, `"007"`: nil, `"null"`: nil, `true`: nil, `[]`: nil,
	})
	reads[complex128](t, map[string]any{`5`: nil, `null`: complex128(0), `""`: complex128(0)})
	reads[fmt.Stringer](t, map[string]any{`5`: nil, `{}`: nil})
	reads[func()](t, map[string]any{`"x"`: nil})
}

func TestOwnMethods(t *testing.T) {
	t.Parallel()
	date := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	reads[time.Time](t, map[string]any{
		`"2024-05-01T10:00:00Z"`: date, `1714557600`: date.Local(), `"1714557600000"`: date.Local(), `"2024-05-01 10:00:00"`: date.Local(),
		`0`: time.Time{}, `""`: time.Time{}, `null`: time.Time{}, `false`: nil, `[]`: nil, `{}`: nil, `"soon"`: nil,
	})
	reads[at](t, map[string]any{`1714557600`: at{date.Local()}, `""`: at{}, `null`: at{}, `false`: nil, `[]`: nil, `"soon"`: nil})
	reads[*at](t, map[string]any{`1714557600`: &at{date.Local()}, `[]`: nil})
	reads[picky](t, map[string]any{`null`: picky{}, `""`: picky{}, `5`: nil, `{}`: nil, `[]`: nil})
	reads[json.RawMessage](t, map[string]any{`null`: json.RawMessage(`null`), `{"a": [1, 2]}`: json.RawMessage(`{"a": [1, 2]}`), `""`: json.RawMessage(`""`)})
	reads[level](t, map[string]any{`"7"`: level(7), `7`: level(7), `null`: level(0), `""`: level(0), `"x"`: nil, `true`: nil, `[]`: nil, `{}`: nil})
	reads[*level](t, map[string]any{`"\u0037"`: new(level(7)), `true`: nil})
	reads[netip.Addr](t, map[string]any{`"127.0.0.1"`: netip.MustParseAddr("127.0.0.1"), `127`: nil, `{}`: nil})
	_, odd := one[picky](t, `5`)
	assert.Equal(t, []lenient.Odd{{Path: "f", Want: "", Got: "number"}}, odd)
	_, odd = one[time.Time](t, `[5]`)
	assert.Equal(t, []lenient.Odd{{Path: "f", Want: "time", Got: "array"}}, odd)
}

type point struct{ X, Y int }

func TestContainers(t *testing.T) {
	t.Parallel()
	reads[[]string](t, map[string]any{
		`{"0":"vip","2":"beta"}`: []string{"vip", "beta"}, `{"10":"c","9":"b","-1":"a"}`: []string{"a", "b", "c"}, `["a",1,2.0]`: []string{"a", "1", "2.0"},
		`{}`: []string{}, `[]`: []string{}, `""`: []string(nil), `null`: []string(nil), `["a",null,5]`: []string{"a", "", "5"},
		`"vip"`: nil, `5`: nil, `true`: nil, `false`: nil, `{"name":"vip"}`: nil, `{"0":[],"x":"b"}`: nil, `{"0":"a","":"b"}`: nil, `{"1.0":"a"}`: nil,
	})
	reads[[]int](t, map[string]any{`["1","",null]`: []int{1, 0, 0}, `{ "1" : 2 , "0" : "7" , "1":3}`: []int{7, 2, 3}})
	reads[[2]int](t, map[string]any{`["1"]`: [2]int{1}, `["1",2,{}]`: [2]int{1, 2}, `{"5":"1","4":7}`: [2]int{7, 1}, `"x"`: nil, `7`: nil})
	reads[[][]string](t, map[string]any{`[{"1":"a"},[5]]`: [][]string{{"a"}, {"5"}}})
	reads[[]byte](t, map[string]any{`"AQI="`: []byte{1, 2}, `[1,"2"]`: []byte{1, 2}, `"%"`: nil, `5`: nil, `{"a":{}}`: nil})
	reads[map[string]string](t, map[string]any{
		`{"a":5,"\u0062":"x"}`: map[string]string{"a": "5", "b": "x"}, `[]`: map[string]string(nil), `[ ]`: map[string]string(nil), `""`: map[string]string(nil),
		`{}`: map[string]string{}, `["a"]`: nil, `"a"`: nil, `5`: nil, `false`: nil,
	})
	reads[map[int]int](t, map[string]any{`{"1":"2"}`: map[int]int{1: 2}})
	reads[map[level]*int](t, map[string]any{`{"1":"2","3":""}`: map[level]*int{1: new(2), 3: nil}})
	reads[point](t, map[string]any{`{"x":"1","y":2.0,"z":{}}`: point{1, 2}, `[]`: point{}, `""`: point{}, `null`: point{}, `[1]`: nil, `"a"`: nil, `7`: nil})
	reads[*point](t, map[string]any{`{"X":"1"}`: &point{X: 1}, `[]`: (*point)(nil), `""`: (*point)(nil), `null`: (*point)(nil), `[1]`: nil, `7`: nil})
	reads[**int](t, map[string]any{`"1"`: new(new(1)), `{}`: nil})
	reads[*string](t, map[string]any{`5`: new("5"), `false`: nil})
}

// TestLoss has values of which a part is lost: the rest is read, and the report names the part.
func TestLoss(t *testing.T) {
	t.Parallel()
	var v struct {
		Data struct {
			Tags   []string          `json:"tags"`
			Points []*point          `json:"points"`
			Labels map[string]string `json:"labels"`
			Owners map[string]*point
			Pair   [2]int
			Counts map[int8]int
			Free   any
			Frees  []any
		} `json:"data"`
	}
	odd, err := lenient.Unmarshal([]byte(`{"DATA": {"tags":["a",true,{"x":[]},5], "points":{"7":{"x":"1","y":"a"},"8":5},
		"labels":{"a":5,"b.c":[]}, "owners":{"ada":"x","bob":{}}, "pair":["x",2], "counts":{"1":1,"300":2}, "free":{"a":[1e999,1]}, "frees":[1e999,2]}}`), &v)
	require.NoError(t, err)
	assert.Equal(t, []lenient.Odd{
		{"data.tags[1]", "text", "bool"}, {"data.tags[2]", "text", "object"},
		{"data.points[7].Y", "number", "text"}, {"data.points[8]", "object", "number"},
		{"data.labels.b.c", "text", "array"}, {"data.Owners.ada", "object", "text"},
		{"data.Pair[0]", "number", "text"}, {"data.Counts.300", "", "text"}, {"data.Free", "", "object"}, {"data.Frees[0]", "", "number"},
	}, odd)
	assert.Equal(t, []string{"a", "5"}, v.Data.Tags)
	assert.Equal(t, []*point{{X: 1}, nil}, v.Data.Points)
	assert.Equal(t, map[string]string{"a": "5"}, v.Data.Labels)
	assert.Equal(t, map[string]*point{"ada": nil, "bob": {}}, v.Data.Owners)
	assert.Equal(t, [2]int{0, 2}, v.Data.Pair)
	assert.Equal(t, map[int8]int{1: 1}, v.Data.Counts)
	assert.Equal(t, map[string]any{"a": []any{nil, 1.0}}, v.Data.Free)
	assert.Equal(t, []any{nil, 2.0}, v.Data.Frees)
}

func TestOddInWords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "tags is a text, not an array", lenient.Odd{Path: "tags", Want: "array", Got: "text"}.String())
	assert.Equal(t, "meta is an array, not an object", lenient.Odd{Path: "meta", Want: "object", Got: "array"}.String())
	assert.Equal(t, "the value is a bool, not a number", lenient.Odd{Want: "number", Got: "bool"}.String())
	assert.Equal(t, "n is a number that cannot be read", lenient.Odd{Path: "n", Want: "number", Got: "number"}.String())
	assert.Equal(t, "at is an object that cannot be read", lenient.Odd{Path: "at", Got: "object"}.String())
}

// TestWholeValue has data that is of another type altogether, or no JSON.
func TestWholeValue(t *testing.T) {
	t.Parallel()
	p := point{X: 5}
	odd, err := lenient.Unmarshal([]byte(` "text" `), &p)
	require.NoError(t, err)
	assert.Equal(t, []lenient.Odd{{Want: "object", Got: "text"}}, odd)
	assert.Zero(t, p, "what v held before")

	odd, err = lenient.Unmarshal([]byte("\xef\xbb\xbf"+`{"x":"1","Y":2}`), &p)
	require.NoError(t, err)
	assert.Empty(t, odd)
	assert.Equal(t, point{1, 2}, p)

	for _, data := range []string{"", " ", "{", `{"x":"1"`, `{"x":"1"}}`, `{"x":1,}`, "\xef\xbb\xbf", "\xef\xbb\xbf\xef\xbb\xbf{}", "<html>", strings.Repeat("[", 20000)} {
		odd, err = lenient.Unmarshal([]byte(data), &p)
		var syntax *json.SyntaxError
		require.ErrorAs(t, err, &syntax, "%.20s", data)
		assert.Empty(t, odd)
		assert.Equal(t, point{1, 2}, p, "v is unchanged")
	}
	for _, v := range []any{nil, point{}, (*point)(nil)} {
		_, err = lenient.Unmarshal([]byte(`{"x":"1"}`), v)
		var invalid *json.InvalidUnmarshalError
		require.ErrorAs(t, err, &invalid)
	}
	var own picky
	odd, err = lenient.Unmarshal([]byte(`5`), &own)
	require.EqualError(t, err, "refused")
	assert.Empty(t, odd)

	var noObject *point
	odd, err = lenient.Unmarshal([]byte(`[]`), &noObject)
	require.NoError(t, err)
	assert.Empty(t, odd)
	assert.Nil(t, noObject)
}

// TestReportIsBounded has a server that sends losses without end.
func TestReportIsBounded(t *testing.T) {
	t.Parallel()
	var v map[string][]int
	key := strings.Repeat("k", 1000)
	odd, err := lenient.Unmarshal([]byte(`{"`+key+`":[`+strings.Repeat(`"x",`, 5000)+`7]}`), &v)
	require.NoError(t, err)
	assert.Len(t, odd, 100)
	assert.Less(t, len(odd[99].Path), 210)
	assert.Equal(t, []int{7}, v[key])

	odd, err = lenient.Unmarshal([]byte(`{"a\nb\u001b\u00e9":5}`), &v)
	require.NoError(t, err)
	assert.Equal(t, "a\ufffdb\ufffdé", odd[0].Path)
}

type nested struct {
	In   *nested  `json:"in"`
	List []nested `json:"list"`
	N    int      `json:"n"`
}

// TestDepth has the deepest JSON that encoding/json accepts: the second pass reads it too.
func TestDepth(t *testing.T) {
	t.Parallel()
	const depth = 4999
	for _, open := range []string{`{"in":`, `{"list":[`, `{"in":{"list":{"0":`} {
		brackets := strings.Count(open, "{") + strings.Count(open, "[")
		levels := 2 * depth / brackets
		closing := strings.NewReplacer(`"in":`, "", `"list":`, "", `"0":`, "", "{", "}", "[", "]").Replace(open)
		closing = string(reversed([]byte(closing)))
		data := strings.Repeat(open, levels) + `{"n":"5","x":"` + strings.Repeat("x", 100) + `"}` + strings.Repeat(closing, levels)
		var v nested
		odd, err := lenient.Unmarshal([]byte(data), &v)
		require.NoError(t, err)
		assert.Empty(t, odd)
		at, found := &v, 0
		for at.In != nil || len(at.List) > 0 {
			if at.In != nil {
				at = at.In
			} else {
				at = &at.List[0]
			}
			found++
		}
		assert.Equal(t, 5, at.N)
		assert.Positive(t, found)
	}
}

func reversed(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range b {
		out[len(b)-1-i] = b[i]
	}
	return out
}

func TestMember(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"a":1,"body":{"x":["}",{"body":2}]},"b":"body"}`:      `{"x":["}",{"body":2}]}`,
		"\xef\xbb\xbf { \"body\" : [ 1 ] , \"body\":\"\\\"\" }": `"\""`,
		`{"Body":1}`: "",
		`{}`:         "",
		`["body",1]`: "",
		`"body"`:     "",
	} {
		assert.Equal(t, want, string(lenient.Member([]byte(data), "body")), data)
	}
}
