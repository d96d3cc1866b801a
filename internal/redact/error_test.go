package redact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"testing"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCause(t *testing.T) {
	t.Parallel()
	r := redact.New("my-secret-canary")
	t.Run("an error without a secret stays the same", func(t *testing.T) {
		t.Parallel()
		assert.Same(t, fs.ErrNotExist, r.Cause(fs.ErrNotExist))
		assert.NoError(t, r.Cause(nil))
	})
	t.Run("a secret in the text is redacted, and what the error matches stays", func(t *testing.T) {
		t.Parallel()
		err := r.Cause(fmt.Errorf("no my-secret-canary: %w", fs.ErrNotExist))
		require.EqualError(t, err, "no [redacted]: file does not exist")
		require.ErrorIs(t, err, fs.ErrNotExist)
		require.NotErrorIs(t, err, fs.ErrExist)
		assert.NoError(t, errors.Unwrap(err), "its own text has the secret")
	})
	t.Run("the URL of a request is left out", func(t *testing.T) {
		t.Parallel()
		inner := &url.Error{Op: "Put", URL: "https://host/auth_tokens/a-token", Err: context.DeadlineExceeded}
		assert.Equal(t, context.DeadlineExceeded, r.Cause(inner))
		assert.Equal(t, context.DeadlineExceeded, r.Cause(fmt.Errorf("wrapped: %w", inner)))
		assert.NoError(t, r.Cause(&url.Error{Op: "Put", URL: "https://host"}))
	})
}

func TestErrorIsPrintedByItsTextAlone(t *testing.T) {
	t.Parallel()
	err := &redact.Error{Text: "a text", Err: errors.New("my-secret-canary")}
	for _, v := range []any{err, []any{err}, struct{ V error }{err}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.NotContains(t, fmt.Sprintf(verb, v), "canary", verb)
		}
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		assert.Equal(t, "a text", fmt.Sprintf(verb, err), verb)
	}
	assert.Equal(t, `"a text"`, fmt.Sprintf("%q", err))
	raw, marshalErr := json.Marshal(map[string]any{"error": err})
	require.NoError(t, marshalErr)
	assert.JSONEq(t, `{"error":"a text"}`, string(raw))
}
