package cometchattest_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reply is an answer, as far as it arrived.
type reply struct {
	status int
	header http.Header
	body   string
}

// send makes a request on a connection of its own.
func send(t *testing.T, method, url, body string, header headers) (reply, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return reply{}, err
	}
	defer func() { assert.NoError(t, resp.Body.Close()) }()
	got, err := io.ReadAll(resp.Body)
	return reply{resp.StatusCode, resp.Header, string(got)}, err
}

// raw makes a request with the REST API key. The answer may be missing or malformed.
func raw(t *testing.T, s *cometchattest.Server, method, path, body string) (reply, error) {
	t.Helper()
	return send(t, method, s.URL+"/v3"+path, body, headers{"appid": s.AppID, "apikey": s.APIKey})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	const create = `{"uid":"ada","name":"Ada"}`
	exists := func(t *testing.T, s *cometchattest.Server) bool {
		t.Helper()
		status, _ := admin(t, s, "GET", "/users/ada", "")
		return status == http.StatusOK
	}
	t.Run("a status and a body", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.Fault{
			Method: "POST", Path: "/users", Status: 429, Body: `{"error":{}}`, Header: http.Header{"Retry-After": {"7"}}, Times: 2,
		})
		for range 2 {
			got, err := raw(t, s, "POST", "/users", create)
			require.NoError(t, err)
			assert.Equal(t, 429, got.status)
			assert.Equal(t, "7", got.header.Get("Retry-After"))
			assert.Equal(t, "application/json", got.header.Get("Content-Type"))
			assert.JSONEq(t, `{"error":{}}`, got.body)
			assert.False(t, exists(t, s))
		}
		must(t, s, "POST", "/users", create)
		posts := s.Requests(cometchattest.To("POST", "/users"))
		require.Len(t, posts, 3, "refused requests are among them")
		assert.JSONEq(t, create, posts[0].Body)
	})
	t.Run("HTML", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.HTMLFault())
		got, err := raw(t, s, "GET", "/users", "")
		require.NoError(t, err)
		assert.Equal(t, 502, got.status)
		assert.Equal(t, "text/html", got.header.Get("Content-Type"))
		assert.Contains(t, got.body, "<h1>")
	})
	t.Run("the connection breaks before the request takes effect", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		fault := s.InjectFault(cometchattest.Fault{DropBefore: true})
		_, err := raw(t, s, "POST", "/users", create)
		require.Error(t, err)
		fault.Remove()
		fault.Remove() // a second call does nothing
		assert.False(t, exists(t, s))
	})
	t.Run("the connection breaks after the request took effect", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.Fault{Path: "/users", DropAfter: true})
		_, err := raw(t, s, "POST", "/users", create)
		require.Error(t, err)
		assert.True(t, exists(t, s), "only the answer is lost")
	})
	t.Run("the answer is truncated", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.Fault{Method: "GET", Path: "/users/{uid}", Truncate: true, Times: 1})
		got, err := raw(t, s, "GET", "/users/cometchat-uid-1", "")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, 200, got.status)
		whole, err := raw(t, s, "GET", "/users/cometchat-uid-1", "")
		require.NoError(t, err)
		assert.Equal(t, whole.body[:len(whole.body)/2], got.body)
	})
	t.Run("an empty answer is truncated", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.Fault{Status: 503, Truncate: true})
		got, err := raw(t, s, "GET", "/users", "")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Equal(t, 503, got.status)
	})
	t.Run("a fault that is used up or removed is gone", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		first := s.InjectFault(cometchattest.Fault{Status: 503, Times: 2})
		second := s.InjectFault(cometchattest.Fault{Method: "PUT", Delay: time.Hour})
		third := s.InjectFault(cometchattest.Fault{Path: "/users", Status: 504})
		for range 5 {
			_, err := raw(t, s, "GET", "/users", "")
			require.NoError(t, err)
		}
		assert.Equal(t, []int{2, 0, 3}, []int{first.Count(), second.Count(), third.Count()})
		assert.Equal(t, 2, s.Faults())
		second.Remove()
		third.Remove()
		assert.Zero(t, s.Faults())
		must(t, s, "GET", "/users/cometchat-uid-1", "")
		assert.Equal(t, 3, third.Count())
	})
	t.Run("the answer is delayed", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		const delay = 30 * time.Millisecond
		s.InjectFault(cometchattest.Fault{Delay: delay})
		start := time.Now()
		must(t, s, "GET", "/users/cometchat-uid-1", "")
		assert.GreaterOrEqual(t, time.Since(start), delay)
	})
	t.Run("the delay ends when the client leaves", func(t *testing.T) {
		t.Parallel()
		s := cometchattest.NewServer()
		s.InjectFault(cometchattest.Fault{Delay: time.Hour})
		client := &http.Client{Timeout: 20 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
		_, err := client.Post(s.URL, "", strings.NewReader("{}")) //nolint:bodyclose,noctx // there is no answer; the test is about the client's timeout
		require.Error(t, err)
		s.Close() // waits for the request
	})
	t.Run("the delay ends when the server closes", func(t *testing.T) {
		t.Parallel()
		s := cometchattest.NewServer()
		s.InjectFault(cometchattest.Fault{Path: "/users", Delay: time.Hour, DropBefore: true})
		failed := make(chan error)
		go func() {
			_, err := http.Post(s.URL+"/v3/users", "", strings.NewReader("{}")) //nolint:bodyclose,noctx // there is no answer
			failed <- err
		}()
		for len(s.Requests()) == 0 {
			runtime.Gosched()
		}
		s.Close()
		require.Error(t, <-failed)
	})
	t.Run("other requests are unaffected", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		for _, f := range []cometchattest.Fault{
			{Method: "PUT"}, {Path: "/users"}, {Path: "/users/{uid}/auth_tokens"}, {Path: "/"}, {Method: "DELETE", Path: "/users/{uid}"},
		} {
			f.DropBefore = true
			fault := s.InjectFault(f)
			defer func() { assert.Zero(t, fault.Count()) }()
		}
		must(t, s, "GET", "/users/cometchat-uid-1", "")
	})
	t.Run("the oldest matching fault takes effect", func(t *testing.T) {
		t.Parallel()
		s := started(t)
		s.InjectFault(cometchattest.Fault{Status: 503, Times: 1})
		s.InjectFault(cometchattest.Fault{Status: 504, Times: 1})
		var got []int
		for range 3 {
			answer, _ := raw(t, s, "GET", "/users/cometchat-uid-1", "")
			got = append(got, answer.status)
		}
		assert.Equal(t, []int{503, 504, 200}, got)
	})
	t.Run("a fault with a probability", func(t *testing.T) {
		t.Parallel()
		series := func(seed uint64) (got []bool) {
			s := started(t)
			s.InjectFault(cometchattest.Fault{Status: 503, Probability: 0.3, Seed: seed, Times: 20})
			for range 200 {
				answer, err := raw(t, s, "GET", "/users/cometchat-uid-1", "")
				require.NoError(t, err)
				got = append(got, answer.status == http.StatusServiceUnavailable)
			}
			return got
		}
		one := series(1)
		assert.Equal(t, one, series(1), "the same seed gives the same sequence")
		assert.NotEqual(t, one, series(2))
		failed := 0
		for _, f := range one {
			if f {
				failed++
			}
		}
		assert.Equal(t, 20, failed)
	})
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := started(t)
	ask := func(method string, header headers) reply {
		got, err := send(t, method, s.URL+"/v3/users", "", header)
		require.NoError(t, err)
		return got
	}
	got := ask("OPTIONS", headers{
		"Origin": "https://app.test", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "appid,authtoken",
	})
	assert.Equal(t, http.StatusNoContent, got.status)
	assert.Equal(t, "https://app.test", got.header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, "appid,authtoken", got.header.Get("Access-Control-Allow-Headers"))
	assert.Equal(t, "GET, POST, PUT, PATCH, DELETE", got.header.Get("Access-Control-Allow-Methods"), "every method of the API")
	assert.Empty(t, s.Requests(), "a preflight is not a call")

	got = ask("GET", headers{"Origin": "https://app.test"})
	assert.Equal(t, "https://app.test", got.header.Get("Access-Control-Allow-Origin"), "pages may read errors")
	assert.Contains(t, got.header.Get("Access-Control-Expose-Headers"), "Retry-After")
	assert.Contains(t, got.body, "AUTH_ERR_EMPTY_AUTH_TOKEN")
	got = ask("GET", nil)
	assert.Empty(t, got.header.Get("Access-Control-Allow-Origin"))
}
