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
	assert.Contains(t, out.String(), "All 50 are logged in, as before; it took 0 requests.")
	assert.Contains(t, out.String(), "10 calls worked; the token provider was asked 5 times.")
	assert.Contains(t, out.String(), "it is closed")
}
