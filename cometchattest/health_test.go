package cometchattest_test

import (
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHealth shows that nothing which makes calls fail keeps the server from saying that it runs.
func TestHealth(t *testing.T) {
	t.Parallel()
	s := started(t, cometchattest.WithRateLimit(1, time.Hour), cometchattest.WithObserver(func(e cometchattest.Event) {
		assert.NotEqual(t, "/healthz", e.Path)
	}))
	fault := s.InjectFault(cometchattest.Fault{DropBefore: true, Times: 1})
	for range 2 {
		got, err := send(t, "GET", s.URL+"/healthz", "", nil)
		require.NoError(t, err)
		assert.Equal(t, 200, got.status)
		assert.Equal(t, "ok", got.body)
	}
	got, err := send(t, "HEAD", s.URL+"/healthz", "", nil)
	require.NoError(t, err)
	assert.Equal(t, 200, got.status)
	assert.Empty(t, s.Requests())
	assert.Zero(t, fault.Count())
	_, err = raw(t, s, "POST", "/healthz", "")
	require.Error(t, err, "only GET and HEAD are special")
	refused(t, s, "GET", "/healthz", "", 404, "ERR_API_NOT_FOUND", "/v3/healthz")
	refused(t, s, "GET", "/users", "", 429, "ERR_TOO_MANY_REQUESTS", "")
}
