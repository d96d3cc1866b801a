package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, 50))
	assert.Contains(t, out.String(), "All 50 users are logged in again, after 0 requests.")
	assert.Contains(t, out.String(), "10 calls succeeded; the token provider made 5 tokens.")
	assert.Contains(t, out.String(), "CLIENT_CLOSED")
}
