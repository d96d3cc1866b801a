package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	handle := ok(new(atomic.Int32))
	for name, tc := range map[string]struct {
		username, password string
		handle             handleFunc
		opt                webhook.Option
		kind               error
		says               string
	}{
		"no username":             {"", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"a blank username":        {" ", "secret-pw", handle, nil, cometchat.ErrMissingParameters, "username is missing"},
		"no password":             {"u", "", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a blank password":        {"u", "\t", handle, nil, cometchat.ErrMissingParameters, "password is missing"},
		"a newline from a file":   {"u", "secret-pw\n", handle, nil, cometchat.ErrBadRequest, "password contains a control character"},
		"a C1 control character":  {"u", "secret-pw\u0085", handle, nil, cometchat.ErrBadRequest, "password contains a control character"},
		"bytes outside UTF-8":     {"\xff", "secret-pw", handle, nil, cometchat.ErrBadRequest, "username is not valid UTF-8"},
		"half a letter":           {"u", "secret-pw\xc3", handle, nil, cometchat.ErrBadRequest, "password is not valid UTF-8"},
		"a colon in the username": {"u:v", "secret-pw", handle, nil, cometchat.ErrBadRequest, "colon"},
		"no function":             {"u", "secret-pw", nil, nil, cometchat.ErrMissingParameters, "function"},
		"a nil option":            {"u", "secret-pw", handle, nil, cometchat.ErrBadRequest, "option 1 is nil"},
		"a nil deduper":           {"u", "secret-pw", handle, webhook.WithDeduper(nil), cometchat.ErrBadRequest, "deduper is nil"},
		"a nil logger":            {"u", "secret-pw", handle, webhook.WithLogger(nil), cometchat.ErrBadRequest, "logger is nil"},
		"a nil function":          {"u", "secret-pw", handle, webhook.WithOnError(nil), cometchat.ErrBadRequest, "WithOnError is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, err := webhook.Handler(tc.username, tc.password, tc.handle, tc.opt)
			assert.Nil(t, h)
			require.ErrorIs(t, err, tc.kind)
			assert.Contains(t, err.Error(), tc.says)
			assert.NotContains(t, err.Error(), "secret-pw")
			e, is := errors.AsType[*cometchat.Error](err)
			require.True(t, is)
			assert.Equal(t, "webhook.Handler", e.Op)
		})
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	const event = `{"trigger":"t","data":{}}`
	fail := func(context.Context, *webhook.Event) error { return errors.New("internal-detail") }
	for name, tc := range map[string]struct {
		method string
		body   io.Reader
		handle handleFunc
		status int
	}{
		"handled":                {"POST", strings.NewReader(event), nil, 200},
		"handle fails":           {"POST", strings.NewReader(event), fail, 500},
		"GET":                    {"GET", nil, nil, 405},
		"PUT":                    {"PUT", strings.NewReader(event), nil, 405},
		"HEAD":                   {"HEAD", nil, nil, 405},
		"no body":                {"POST", nil, nil, 400},
		"no JSON":                {"POST", strings.NewReader(`trigger=t`), nil, 400},
		"cut JSON":               {"POST", strings.NewReader(event[:9]), nil, 400},
		"more than JSON":         {"POST", strings.NewReader(event + "}"), nil, 400},
		"null":                   {"POST", strings.NewReader(`null`), nil, 400},
		"a list":                 {"POST", strings.NewReader(`[` + event + `]`), nil, 400},
		"no trigger":             {"POST", strings.NewReader(`{"data":{}}`), nil, 400},
		"a trigger of no kind":   {"POST", strings.NewReader(`{"trigger":{}}`), nil, 400},
		"deep JSON":              {"POST", strings.NewReader(strings.Repeat(`[`, 20_000)), nil, 400},
		"a broken connection":    {"POST", iotest.ErrReader(io.ErrUnexpectedEOF), nil, 400},
		"one that breaks late":   {"POST", io.MultiReader(strings.NewReader(event), iotest.ErrReader(io.ErrUnexpectedEOF)), nil, 400},
		"exactly as long":        {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event))), nil, 200},
		"one byte too long":      {"POST", strings.NewReader(event + strings.Repeat(" ", 1<<20-len(event)+1)), nil, 413},
		"endless":                {"POST", endless{}, nil, 413},
		"no data, strange types": {"POST", strings.NewReader(`{"trigger":"t","appId":5,"region":[],"webhook":{}}`), nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			handle := ok(&calls)
			if tc.handle != nil {
				handle = tc.handle
			}
			r := httptest.NewRequestWithContext(t.Context(), tc.method, "/", tc.body)
			r.SetBasicAuth(hookUser, hookPassword)
			w := httptest.NewRecorder()
			newHandler(t, handle).ServeHTTP(w, r)
			assert.Equal(t, tc.status, w.Code)
			if tc.status == 200 {
				assert.Equal(t, int32(1), calls.Load())
				assert.Empty(t, w.Body.String())
				return
			}
			assert.Zero(t, calls.Load())
			assert.Equal(t, http.StatusText(tc.status)+"\n", w.Body.String(), "and nothing internal")
			assert.Equal(t, tc.status == 405, w.Header().Get("Allow") == "POST")
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, strings.Repeat(" ", len(p))), nil }

func TestCredentials(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	h := newHandler(t, ok(&calls))
	basic := func(username, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(username, password) }
	}
	header := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	first := ""
	for name, set := range map[string]func(*http.Request){
		"none":                      func(*http.Request) {},
		"a wrong username":          basic("other", hookPassword),
		"a wrong password":          basic(hookUser, "other"),
		"both wrong":                basic("other", "other"),
		"both empty":                basic("", ""),
		"swapped":                   basic(hookPassword, hookUser),
		"another case":              basic(hookUser, strings.ToUpper(hookPassword)),
		"the beginning":             basic(hookUser, hookPassword[:5]),
		"more than the password":    basic(hookUser, hookPassword+"x"),
		"the colon in another spot": basic("hook", "user:"+hookPassword),
		"a scheme that is not it":   header("Bearer " + hookPassword),
		"no base64":                 header("Basic %%%"),
	} {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(connectionEvent(1)))
		set(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, 401, w.Code, name)
		assert.Equal(t, `Basic realm="webhook", charset="UTF-8"`, w.Header().Get("WWW-Authenticate"), name)
		answer := fmt.Sprint(w.Header(), w.Body)
		if first == "" {
			first = answer
		}
		assert.Equal(t, first, answer, "%s: the answer tells which part is wrong", name)
		assert.NotContains(t, answer, hookUser)
	}
	assert.Zero(t, calls.Load())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		assert.NotContains(t, fmt.Sprintf(verb, h), "hook-", "neither name nor password is printed")
	}
}

func TestCredentialsInUTF8(t *testing.T) {
	t.Parallel()
	const username, password = "Jürgen", "пароль: 密码 é"
	h, err := webhook.Handler(username, password, ok(new(atomic.Int32)))
	require.NoError(t, err)
	for sent, status := range map[[2]string]int{
		{username, password}:                                  200,
		{"Ju\u0308rgen", password}:                            401, // another spelling of the same letter
		{"J\xfcrgen", password}:                               401, // in ISO 8859-1
		{username, strings.Replace(password, "é", "e", 1)}:    401,
		{username, strings.Replace(password, "é", "\xe9", 1)}: 401,
	} {
		r := delivery(connectionEvent(1))
		r.SetBasicAuth(sent[0], sent[1])
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, status, w.Code, "%q", sent)
	}
}

// TestServed goes through a real server, which treats panics and long bodies in its own way.
func TestServed(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(_ context.Context, e *webhook.Event) error {
		if e.Trigger == "panic" {
			panic("the value")
		}
		return nil
	})
	var logged bytes.Buffer
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(&logged, "", 0)
	s.Start()
	for body, want := range map[string]int{
		connectionEvent(1):          200,
		`{"trigger":"panic"}`:       500,
		strings.Repeat(" ", 2<<20):  413,
		`{"trigger":"t","data":[]}`: 200,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader(body))
		require.NoError(t, err)
		r.SetBasicAuth(hookUser, hookPassword)
		answer, err := s.Client().Do(r)
		require.NoError(t, err)
		assert.Equal(t, want, answer.StatusCode)
		require.NoError(t, answer.Body.Close())
	}
	s.Close()
	assert.Contains(t, logged.String(), "the value\ngoroutine")
}
