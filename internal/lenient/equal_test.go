package lenient_test

import (
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/stretchr/testify/assert"
)

var equals = [][2]string{
	{`{"a":1,"b":[2,null]}`, " { \"b\" : [2 ,null],\n\"a\":1.0 } "}, {`1`, `1.0`}, {`1`, `1e0`}, {`10`, `1e1`}, {`100e-2`, `1`}, {`0`, `-0.0`}, {`0`, `0e5`},
	{`0.1`, `1E-1`}, {`9007199254740993`, `9007199254740993.0`}, {`1e400`, `10e399`}, {`"\u0041\/"`, `"A/"`}, {`"\ud83d\ude00"`, `"😀"`}, {`{"a":1,"a":2}`, `{"a":2}`},
	{`{"\u0061":1}`, `{"a":1}`}, {`[]`, `[ ]`}, {`{}`, `{ }`}, {`true`, ` true`}, {`null`, `null`}, {`1e99999999999999999999`, `1e99999999999999999999`},
	{"\"\xff\"", `"\ufffd"`},
}

var differs = [][2]string{
	{`9007199254740993`, `9007199254740992`}, {`1e99999999999999999`, `1e-99999999999999999`}, {`1`, `"1"`}, {`1`, `true`}, {`0`, `false`}, {`0`, `null`}, {`0`, `""`}, {`[]`, `{}`}, {`[]`, `null`}, {`1`, `-1`}, {`1`, `10`},
	{`1e400`, `1e401`}, {`0.1`, `0.10000000000000001`}, {`[1,2]`, `[2,1]`}, {`[1]`, `[1,1]`}, {`{"a":1}`, `{"A":1}`}, {`{"a":null}`, `{}`}, {`{"a":null}`, `{"b":null}`}, {`"a"`, `"A"`},
	{`{"a":2,"a":1}`, `{"a":2}`}, {`1e99999999999999999999`, `10e99999999999999999998`}, {`1e99999999999999999999`, `1`}, {`{`, `{`}, {``, ``}, {`{} `, `{}{}`}, {`01`, `1`}, {`nul`, `nul`},
}

func TestEqual(t *testing.T) {
	t.Parallel()
	for _, pair := range equals {
		for _, form := range []string{`#`, `[#]`, `{"x":[0,#]}`} {
			a, b := strings.ReplaceAll(form, "#", pair[0]), strings.ReplaceAll(form, "#", pair[1])
			assert.True(t, lenient.Equal([]byte(a), []byte(b)), "%s and %s", a, b)
			assert.True(t, lenient.Equal([]byte(b), []byte(a)), "%s and %s", b, a)
		}
	}
	for _, pair := range differs {
		for _, form := range []string{`#`, `[#]`, `{"x":[0,#]}`} {
			a, b := strings.ReplaceAll(form, "#", pair[0]), strings.ReplaceAll(form, "#", pair[1])
			if a == b && form == `[#]` && pair[0] == `` {
				continue // [] is JSON
			}
			assert.False(t, lenient.Equal([]byte(a), []byte(b)), "%s and %s", a, b)
			assert.False(t, lenient.Equal([]byte(b), []byte(a)), "%s and %s", b, a)
		}
	}
	assert.False(t, lenient.Equal([]byte(strings.Repeat("[", 1e6)), []byte(strings.Repeat("[", 1e6))))
	deep := []byte(strings.Repeat("[", 10000) + strings.Repeat("]", 10000))
	assert.True(t, lenient.Equal(deep, deep))
}
