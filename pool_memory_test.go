//go:build !race

// The race detector has memory of its own for everything, so there is nothing to measure under it.

package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMemoryOfAPool holds a logged-in client to 2 KiB beyond its session in the store, and to no goroutine. It is not
// parallel, so that nothing else is measured.
func TestMemoryOfAPool(t *testing.T) {
	clients := 4_000
	if *full {
		clients = 100_000
	}
	const workers, most = 4, 2 << 10
	store := cometchat.NewMemorySessionStore()
	p, err := cometchat.NewPool(appID, cometchat.WithRegion("us"), cometchat.WithSessionStore(store),
		cometchat.WithHTTPClient(&http.Client{Transport: roundTripper(anyTokenWorks)}),
		cometchat.WithPoolTokenProvider(func(context.Context, string) (string, error) { return "", errors.New("not asked") }))
	require.NoError(t, err)
	goroutines := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for i := worker; i < clients; i += workers {
				uid := fmt.Sprint("user-", i)
				if _, err := p.Client(uid).LoginWithToken(t.Context(), tokenOf(uid)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	with, withGoroutines := heap(), runtime.NumGoroutine()
	u, err := p.Client("user-3999").GetLoggedinUser(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "user-3999", u.UID)
	require.NoError(t, p.Close())
	p = nil
	without := heap() // the sessions alone
	runtime.KeepAlive(store)
	each := (float64(with) - float64(without)) / float64(clients)
	t.Logf("%d clients: %.0f bytes each beyond the stored session, %d goroutines instead of %d", clients, each,
		withGoroutines, goroutines)
	assert.LessOrEqual(t, each, float64(most))
	assert.LessOrEqual(t, withGoroutines, goroutines+10)
}

// anyTokenWorks answers PUT /me as the user of whatever token comes.
func anyTokenWorks(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	token := r.Header.Get("authtoken")
	uid, _, _ := strings.Cut(token, "_")
	body := `{"data":{"uid":"` + uid + `","name":"A name","avatar":"https://example.com/avatars/1.png","role":"default",` +
		`"status":"available","metadata":{"email":"user@example.com"},"tags":["a","b"],"createdAt":1690000000,` +
		`"authToken":"` + token + `","jwt":"` + jwt + `"}}`
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

// heap returns how much of it is in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what the first one has put out of pools
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
