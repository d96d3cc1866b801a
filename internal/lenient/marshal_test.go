package lenient_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMarshal(t *testing.T) {
	t.Parallel()
	raw := `{"b":"<p>&amp;</p>\u003c \/ \u00e9 é` + "\u2028" + `","a":1.0,"a":1e5}`
	for want, v := range map[string]any{
		`{"a":"<b>&"}`:    map[string]string{"a": "<b>&"},
		`"a\u2028b"`:      "a\u2028b",
		`null`:            nil,
		raw:               json.RawMessage(raw),
		`[` + raw + `]`:   []any{json.RawMessage(raw)},
		`{"a":["x y",1]}`: json.RawMessage(" {\"a\" :\n[\"x y\",\t1] } "),
		`{"Metadata":` + raw + `,"Name":"<>"}`: struct {
			Metadata json.RawMessage
			Name     string
		}{json.RawMessage(raw), "<>"},
	} {
		got, err := lenient.Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	for _, v := range []any{make(chan int), json.RawMessage(`{`), json.RawMessage(``)} {
		got, err := lenient.Marshal(v)
		require.Error(t, err)
		assert.Nil(t, got)
	}
}
