package redact_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/stretchr/testify/assert"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	r := redact.New("my-secret-canary", "9876543210")
	for raw, want := range map[string]string{
		// Without a secret the bytes stay, blanks and long numbers included.
		`{"b": [1, 2.50],  "a": null}`: `{"b": [1, 2.50],  "a": null}`,
		`12345678.00123456789012345`:   `12345678.00123456789012345`,
		`"text"`:                       `"text"`,
		`[]`:                           `[]`,
		`false`:                        `false`,

		`"my-secret-canary"`:                           `"[redacted]"`,
		`{"a":[{"b":["no my-secret-canary",1.50]}]}`:   `{"a":[{"b":["no [redacted]",1.50]}]}`,
		`{"my-secret-canary":1}`:                       `{"[redacted]":1}`,
		`{"k":9876543210}`:                             `{"k":"[redacted]"}`,
		`{"k":"my-secret-canary","k":"x"}`:             `{"k":"x"}`, // the decoder sees the second value only
		`{"jwt":"eyJhbGciOiJ9.eyJ1aWQiOiJ1In0","n":1}`: `{"jwt":"[redacted]","n":1}`,

		`null`: ``,
		``:     ``,
		`{"a`:  ``,
		`text`: ``,
	} {
		assert.Equal(t, want, string(r.JSON(json.RawMessage(raw))), raw)
	}
	for _, raw := range []string{"null", "", "text"} {
		assert.Nil(t, r.JSON(json.RawMessage(raw)), raw)
	}
}

func TestJSONReturnsACopy(t *testing.T) {
	t.Parallel()
	raw := json.RawMessage(`{"a":1}`)
	out := redact.New("my-secret-canary").JSON(raw)
	raw[2] = 'b'
	assert.Equal(t, `{"a":1}`, string(out))
}
