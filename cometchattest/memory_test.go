package cometchattest_test

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var full = flag.Bool("full", false, "make 1,000,000 requests instead of 1,000")

// heap returns how many bytes are in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc) //nolint:gosec // it is no exabyte
}

// TestMemoryOfRequests shows that the memory stays flat, although the server remembers requests. A header has 900 KB, which
// net/http lets through: in every request, and in every hundredth of the 1,000,000 at full size.
func TestMemoryOfRequests(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	if testing.Short() {
		t.Skip("it fills some 900 MB")
	}
	requests, long := 1000, 1
	if *full {
		requests, long = 1_000_000, 100
	}
	s := cometchattest.New()
	defer s.Close()
	const step = 10
	header := strings.Repeat("x", 900<<10)
	before, most := heap(), 0
	for range step {
		for i := range requests / step {
			r := request(t, s, "GET", "/users/cometchat-uid-1", "")
			if i%long == 0 {
				r.Header.Set("X-Long", strings.Clone(header))
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 200 {
				t.Fatal(w.Body)
			}
		}
		most = max(most, heap()-before)
	}
	t.Logf("%d requests: at most %.1f MiB more than before", requests, float64(most)/(1<<20))
	assert.Less(t, most, cometchattest.MaxRequestBytes+4<<20)
	assert.NotEmpty(t, s.Requests())
}

// TestMemoryOfLiveConnections measures the server's part of a live connection. The clients are bare TCP connections without a
// goroutine.
func TestMemoryOfLiveConnections(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const connections = 300
	s := started(t)
	auth, err := json.Marshal(object{"type": "auth", "body": object{"auth": jwtOf(t, s, s.CreateAuthToken(uid(1)))}})
	require.NoError(t, err)
	mask := []byte{0, 0, 0, 0}
	frame := slices.Concat([]byte{0x81, 0x80 | 126}, binary.BigEndian.AppendUint16(nil, uint16(len(auth))), mask, auth) //nolint:gosec // it is short
	inUse := func() int {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int(m.HeapInuse + m.StackInuse) //nolint:gosec // it is no exabyte
	}
	before, goroutines := inUse(), runtime.NumGoroutine()
	answer := make([]byte, 4096)
	for range connections {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
		require.NoError(t, err)
		defer func() { assert.NoError(t, conn.Close()) }()
		_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
		require.NoError(t, err)
		_, err = conn.Read(answer)
		require.NoError(t, err)
		_, err = conn.Write(frame)
		require.NoError(t, err)
		n, err := conn.Read(answer)
		require.NoError(t, err)
		require.Contains(t, string(answer[:n]), `"status":"OK"`)
	}
	each := (inUse() - before) / connections
	t.Logf("a live connection takes %.1f KiB", float64(each)/(1<<10))
	assert.Less(t, each, 48<<10)
	assert.LessOrEqual(t, runtime.NumGoroutine()-goroutines, 2*connections) // fewer if goroutines of an earlier test have ended
}

// TestRequestsOfManyBytes shows that the oldest requests are forgotten, and that the newest stays however long it is.
func TestRequestsOfManyBytes(t *testing.T) {
	t.Parallel()
	s := cometchattest.New()
	defer s.Close()
	send := func(name string, length int) {
		r := request(t, s, "GET", "/users/"+name, "")
		r.Header.Set("X-Long", strings.Repeat("x", length))
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	for _, name := range []string{"first", "second", "third"} {
		send(name, cometchattest.MaxRequestBytes/3)
	}
	got := s.Requests()
	require.Len(t, got, 2)
	assert.Equal(t, "/v3/users/second", got[0].Path)
	send("small", 1)
	require.Len(t, s.Requests(), 3)
	send("huge", 2*cometchattest.MaxRequestBytes)
	got = s.Requests()
	require.Len(t, got, 1)
	assert.Equal(t, "/v3/users/huge", got[0].Path)
	send("last", 1)
	require.Len(t, s.Requests(), 1, "the sizes of forgotten requests no longer count")
	send("more", 1)
	require.Len(t, s.Requests(), 2)

	r := request(t, s, "GET", "/users/many", "")
	for i := range cometchattest.MaxRequestBytes / 100 {
		r.Header.Add("A", strings.Repeat("x", i%2))
	}
	s.ServeHTTP(httptest.NewRecorder(), r)
	assert.Len(t, s.Requests(), 1, "many short headers take memory too")
}
