package rest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func form(r io.Reader, size int64) *rest.Stream {
	return rest.NewForm([]rest.Field{{Name: "a", Value: "b"}}, []rest.FormFile{{
		Field: "f", Name: "n\"\r\n", ContentType: "text/plain", Size: size, Reader: r,
	}})
}

func TestFormSaysItsLength(t *testing.T) {
	t.Parallel()
	pipe, w, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = pipe.Close() }()
	_, err = w.WriteString("data")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for name, tc := range map[string]struct {
		stream       *rest.Stream
		known, again bool
	}{
		"can seek":      {form(strings.NewReader("data"), 0), true, true},
		"empty":         {form(strings.NewReader(""), 0), true, true},
		"with a size":   {form(bytes.NewBufferString("data"), 4), true, false},
		"without":       {form(bytes.NewBufferString("data"), 0), false, false},
		"a pipe":        {form(pipe, 0), false, false},
		"without files": {rest.NewForm(nil, nil), true, true},
	} {
		assert.Equal(t, tc.again, tc.stream.Again, name)
		r, err := tc.stream.Open()
		require.NoError(t, err, name)
		body, err := io.ReadAll(r)
		require.NoError(t, err, name)
		if tc.known {
			assert.Equal(t, int64(len(body)), tc.stream.Length, name)
		} else {
			assert.Equal(t, int64(-1), tc.stream.Length, name)
		}
		assert.NotContains(t, string(body), "n\"\r\n")
		r, err = tc.stream.Open()
		if !tc.again {
			require.ErrorContains(t, err, "cannot seek", name)
			continue
		}
		require.NoError(t, err, name)
		second, err := io.ReadAll(r)
		require.NoError(t, err, name)
		assert.Equal(t, body, second, name)
	}
	size, known := rest.Size(strings.NewReader("data"))
	assert.True(t, known)
	assert.Equal(t, int64(4), size)
	for _, r := range []io.Reader{bytes.NewBufferString("data"), pipe} {
		_, known := rest.Size(r)
		assert.False(t, known)
	}
}

// seeker seeks as often as allowed says, and then fails.
type seeker struct {
	*strings.Reader
	allowed int
}

var errSeek = errors.New("cannot seek")

func (s *seeker) Seek(offset int64, whence int) (int64, error) {
	if s.allowed--; s.allowed < 0 {
		return 0, errSeek
	}
	return s.Reader.Seek(offset, whence)
}

func post(stream *rest.Stream) rest.Request {
	return rest.Request{Method: "POST", Route: "/x", Credential: rest.AuthToken("t"), Stream: stream, Once: true, Base: "https://storage.example/x"}
}

// roundTripper is a transport that leaves the body of a request to a function.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func through(f roundTripper) func(*rest.Config) {
	return func(config *rest.Config) { config.HTTPClient = &http.Client{Transport: f} }
}

func TestStreamThatCannotBeOpenedOrRead(t *testing.T) {
	t.Parallel()
	consume := roundTripper(func(r *http.Request) (*http.Response, error) {
		if _, err := io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		return respondWith(200, strings.NewReader(`{}`))(r)
	})
	for name, stream := range map[string]*rest.Stream{
		"cannot seek back": form(&seeker{strings.NewReader("x"), 3}, 0),
		"too short":        form(strings.NewReader("x"), 2),
		"too long":         form(strings.NewReader("xyz"), 2),
	} {
		c, _ := newClient(nil, through(consume))
		req := post(stream)
		a := c.Do(t.Context(), &req, func([]byte) error { return nil })
		_, unreadable := errors.AsType[*rest.UnreadableError](a.Err)
		assert.True(t, unreadable, "%s: %v", name, a.Err)
		assert.True(t, a.Unsent(), name)
		assert.Equal(t, 1, a.Attempts, name)
	}
	if a := (&rest.Answer{Attempts: 1, Err: io.ErrUnexpectedEOF}); a.Unsent() {
		t.Error("a lost connection tells nothing")
	}
}

// TestStreamIsNotReadAfterTheCall ends a call while its transport still reads the body: no Read reaches the reader afterwards.
func TestStreamIsNotReadAfterTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reading := make(chan struct{})
		var body io.Reader
		c, _ := newClient(nil, through(func(r *http.Request) (*http.Response, error) {
			body = r.Body
			go func() { _, _ = io.ReadAll(r.Body) }()
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		ctx, cancel := context.WithCancel(t.Context())
		req := post(&rest.Stream{ContentType: "x/y", Length: -1, Open: func() (io.Reader, error) {
			return readerFunc(func([]byte) (int, error) { <-reading; return 1, nil }), nil
		}})
		go func() { synctest.Wait(); cancel() }()
		a := c.Do(ctx, &req, func([]byte) error { return nil })
		require.ErrorIs(t, a.Err, context.Canceled)
		close(reading) // the Read that was running ends, and none follows
		synctest.Wait()
		_, err := body.Read(make([]byte, 1))
		require.ErrorContains(t, err, "the attempt is over")
	})
}

func TestUpload(t *testing.T) {
	t.Parallel()
	var sent *http.Request
	var attempted int
	c, _ := newClient(func(r *http.Request) (*http.Response, error) {
		sent = r
		if r.URL.Path == "/lost" {
			return nil, io.ErrUnexpectedEOF
		}
		return respondWith(403, strings.NewReader("no"))(r)
	}, func(config *rest.Config) {
		config.Header = map[string]string{"Appid": "app"}
		config.Attempted = func(context.Context, *rest.Request, *rest.Answer, time.Duration) { attempted++ }
	})
	req := post(form(strings.NewReader("data"), 0))
	a := c.Upload(t.Context(), &req)
	assert.Equal(t, 403, a.Status)
	assert.Equal(t, "no", string(a.Body))
	assert.Equal(t, http.Header{"Content-Type": {req.Stream.ContentType}}, sent.Header)
	assert.Equal(t, req.Stream.Length, sent.ContentLength)
	req.Base = "https://storage.example/lost?signature=secret"
	a = c.Upload(t.Context(), &req)
	require.ErrorIs(t, a.Err, io.ErrUnexpectedEOF)
	assert.NotContains(t, a.Err.Error(), "secret")
	req.Base = "https://storage.example/%zz?signature=secret"
	a = c.Upload(t.Context(), &req)
	require.Error(t, a.Err)
	assert.NotContains(t, a.Err.Error(), "secret")
	req.Stream = &rest.Stream{Open: func() (io.Reader, error) { return nil, errSeek }}
	require.ErrorIs(t, c.Upload(t.Context(), &req).Err, errSeek)
	assert.Equal(t, 4, attempted)
}
