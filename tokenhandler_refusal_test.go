package cometchat_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokenHandlerNeeds(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	trusted := cometchat.WithTrustedOrigin
	for name, tc := range map[string]struct {
		admin    *cometchat.Admin
		identify func(*http.Request) (string, error)
		opts     []cometchat.TokenHandlerOption
		kind     error
		says     string
	}{
		"an admin":                    {nil, fromHeader, nil, cometchat.ErrMissingParameters, "Admin is nil"},
		"an admin of NewAdmin":        {&cometchat.Admin{}, fromHeader, nil, cometchat.ErrMissingParameters, "not made by NewAdmin"},
		"identify":                    {a, nil, nil, cometchat.ErrMissingParameters, "identify users is nil"},
		"options that are there":      {a, fromHeader, []cometchat.TokenHandlerOption{trusted("https://a.test"), nil}, cometchat.ErrBadRequest, "option 2 is nil"},
		"a function for errors":       {a, fromHeader, []cometchat.TokenHandlerOption{cometchat.WithOnError(nil)}, cometchat.ErrBadRequest, "WithOnError is nil"},
		"an origin with a scheme":     {a, fromHeader, []cometchat.TokenHandlerOption{trusted("app.example.com")}, cometchat.ErrBadRequest, "trusted origin"},
		"an origin without a path":    {a, fromHeader, []cometchat.TokenHandlerOption{trusted("https://app.example.com/")}, cometchat.ErrBadRequest, "trusted origin"},
		"an origin that is not blank": {a, fromHeader, []cometchat.TokenHandlerOption{trusted("")}, cometchat.ErrBadRequest, "trusted origin"},
	} {
		h, err := cometchat.TokenHandler(tc.admin, tc.identify, tc.opts...)
		assert.Nil(t, h, name)
		require.ErrorIs(t, err, tc.kind, name)
		assert.Contains(t, err.Error(), tc.says, name)
		assert.Equal(t, "TokenHandler", asError(err).Op)
	}
	_, err := cometchat.TokenHandler(nil, nil, nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	require.ErrorIs(t, err, cometchat.ErrBadRequest, "the error names every flaw")
	assert.Empty(t, w.lines())
}

// statusError is an error that says which status it means.
type statusError int

func (e statusError) Error() string   { return "secret reason" }
func (e statusError) StatusCode() int { return int(e) }

// record is a record of a JSON log.
type record struct {
	Level  string          `json:"level"`
	Msg    string          `json:"msg"`
	Status int             `json:"status"`
	UID    string          `json:"uid"`
	Error  json.RawMessage `json:"error"`
}

// recorded returns a logger for records of every level, and a function that returns the records of token handlers.
func recorded(t *testing.T) (*slog.Logger, func() []record) {
	t.Helper()
	log := &lockedBuffer{}
	return slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), func() (records []record) {
		for decoder := json.NewDecoder(strings.NewReader(log.String())); ; {
			var r record
			if err := decoder.Decode(&r); errors.Is(err, io.EOF) {
				return records
			} else if err != nil {
				t.Fatal(err)
			}
			if r.Msg == "no auth token was given out" {
				records = append(records, r)
			}
		}
	}
}

func TestWhatIdentifySays(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		status int
		code   string
		level  string
	}{
		"nobody is logged in":           {cometchat.ErrUnauthenticated, 401, "UNAUTHORIZED", "DEBUG"},
		"the same, wrapped":             {fmt.Errorf("secret reason: %w", cometchat.ErrUnauthenticated), 401, "UNAUTHORIZED", "DEBUG"},
		"the same, among others":        {errors.Join(statusError(503), cometchat.ErrUnauthenticated), 401, "UNAUTHORIZED", "DEBUG"},
		"the same, as a status":         {statusError(401), 401, "UNAUTHORIZED", "DEBUG"},
		"a status":                      {statusError(403), 403, "FORBIDDEN", "WARN"},
		"a status, wrapped":             {fmt.Errorf("secret reason: %w", statusError(429)), 429, "TOO_MANY_REQUESTS", "WARN"},
		"a status of this side":         {statusError(503), 503, "SERVICE_UNAVAILABLE", "WARN"},
		"a status of several words":     {statusError(418), 418, "I_M_A_TEAPOT", "WARN"},
		"a status without a name":       {statusError(499), 499, "REFUSED", "WARN"},
		"a status of success":           {statusError(200), 500, "INTERNAL", "WARN"},
		"a status that is none":         {statusError(600), 500, "INTERNAL", "WARN"},
		"the database is down":          {errors.New("secret reason"), 500, "INTERNAL", "WARN"},
		"nobody is logged in elsewhere": {cometchat.ErrNotLoggedIn, 500, "INTERNAL", "WARN"},
		"nothing at all":                {nil, 500, "INTERNAL", "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			logger, records := recorded(t)
			var heard []error
			h := tokenHandler(t, w.admin(t, cometchat.WithLogger(logger)), func(*http.Request) (string, error) { return "", tc.err },
				cometchat.WithOnError(func(_ *http.Request, err error) { heard = append(heard, err) }))
			resp, answer := ask(t.Context(), t, h, "", "")
			assert.Equal(t, tc.status, resp.Code)
			e, _ := answer["error"].(object)
			assert.Equal(t, tc.code, e["code"])
			assert.NotContains(t, e["message"], "secret reason")
			require.Len(t, heard, 1)
			if tc.err != nil {
				require.ErrorIs(t, heard[0], tc.err)
			}
			require.Len(t, records(), 1)
			assert.Equal(t, tc.level, records()[0].Level)
			assert.Equal(t, tc.status, records()[0].Status)
			assert.Contains(t, string(records()[0].Error), "identify")
			assert.Empty(t, w.lines())
		})
	}
}

func TestTokenHandlerOrigins(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header map[string]string
		status int
	}{
		"a program":                          {nil, 200},
		"the same origin":                    {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "https://example.com"}, 200},
		"typed by the user":                  {map[string]string{"Sec-Fetch-Site": "none"}, 200},
		"an old browser, the same origin":    {map[string]string{"Origin": "https://example.com"}, 200},
		"an old browser, another origin":     {map[string]string{"Origin": "https://evil.test"}, 403},
		"an old browser, an unknown origin":  {map[string]string{"Origin": "null"}, 403},
		"another site":                       {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}, 403},
		"another site without an origin":     {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"another host of the site":           {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.com"}, 403},
		"a trusted origin":                   {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.test"}, 200},
		"another trusted origin":             {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:3000"}, 200},
		"a trusted origin with another port": {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://app.test:444"}, 403},
		"a trusted origin of another scheme": {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://app.test"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("POST", tokensURL(uid1), minted(uid1))
			logger, records := recorded(t)
			identified := 0
			h := tokenHandler(t, w.admin(t, cometchat.WithLogger(logger)), func(*http.Request) (string, error) { identified++; return uid1, nil },
				cometchat.WithTrustedOrigin("https://app.test"), cometchat.WithTrustedOrigin("http://localhost:3000"))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/chat/token", nil)
			for name, value := range tc.header {
				r.Header.Set(name, value)
			}
			resp := httptest.NewRecorder()
			h.ServeHTTP(resp, r)
			assert.Equal(t, tc.status, resp.Code)
			if tc.status == 200 {
				assert.Empty(t, records())
				return
			}
			assert.JSONEq(t, `{"error":{"code":"CROSS_SITE","message":"This page may not ask for a token."}}`, resp.Body.String())
			assert.Zero(t, identified)
			assert.Empty(t, w.lines())
			require.Len(t, records(), 1)
			assert.Equal(t, "WARN", records()[0].Level)
			assert.Contains(t, string(records()[0].Error), "WithTrustedOrigin")
			assert.Contains(t, string(records()[0].Error), strings.TrimPrefix(tc.header["Origin"], "https://"))
		})
	}
}

// TestCrossSiteFlood holds that web pages cannot fill the log.
func TestCrossSiteFlood(t *testing.T) {
	t.Parallel()
	inBubble(t, "one record each second after the first ten", func(t *testing.T) {
		logger, records := recorded(t)
		heard := 0
		h := tokenHandler(t, newWire().admin(t, cometchat.WithLogger(logger)), fromHeader,
			cometchat.WithOnError(func(*http.Request, error) { heard++ }))
		flood := func() {
			for i := range 100 {
				r := httptest.NewRequestWithContext(t.Context(), []string{http.MethodPost, http.MethodOptions}[i%2], "/", nil)
				r.Header.Set("Access-Control-Request-Method", "POST")
				r.Header.Set("Origin", "https://evil.test\n"+strings.Repeat("x", 1000))
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		}
		flood()
		assert.Len(t, records(), 10)
		elapse(2e9)
		flood()
		assert.Len(t, records(), 11)
		assert.Equal(t, 200, heard, "WithOnError hears of all")
		for _, r := range records() {
			assert.Equal(t, "WARN", r.Level)
			assert.Less(t, len(r.Error), 500, "a record is short")
		}
	})
}

// TestTokenHandlerTells compares the records of failures of the Admin's calls, and searches them for secrets.
func TestTokenHandlerTells(t *testing.T) {
	t.Parallel()
	const cookie, bearer = "canary-cookie-0123456789", "canary-bearer/0123456789=="
	quoting := func(r *http.Request) error {
		return fmt.Errorf("no session for %q and %q", r.Header.Get("Authorization"), r.Header.Get("Cookie"))
	}
	whoever := func(r *http.Request) (string, error) { return r.Header.Get("X-User"), nil }
	for name, tc := range map[string]struct {
		method   string
		answer   httpmock.Responder
		identify func(*http.Request) (string, error)
		describe func(*http.Request, string) (*cometchat.User, error)
		kind     error
		want     record
		says     string
	}{
		"a wrong key": {
			answer: echoing(401), identify: whoever,
			want: record{Level: "WARN", Status: 502, UID: "u9"}, says: "CreateAuthToken",
		},
		"no such user": {
			answer: respond(404, refusal("ERR_UID_NOT_FOUND", "no "+canaryJWT)), identify: whoever,
			kind: cometchat.ErrUIDNotFound, want: record{Level: "WARN", Status: 404, UID: "u9"}, says: "ERR_UID_NOT_FOUND",
		},
		"the rate limit": {
			answer: respond(429, ""), identify: whoever,
			kind: cometchat.ErrTooManyRequests, want: record{Level: "WARN", Status: 503, UID: "u9"}, says: "ERR_TOO_MANY_REQUESTS",
		},
		"no answer": {
			answer: func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("cannot reach %v %v", r.URL, r.Header)
			}, identify: whoever,
			want: record{Level: "WARN", Status: 502, UID: "u9"}, says: "FAILED_TO_FETCH",
		},
		"a user that cannot be described": {
			answer: respond(404, refusal("ERR_UID_NOT_FOUND", "no")), identify: whoever,
			describe: func(r *http.Request, _ string) (*cometchat.User, error) { return nil, errors.Join(errDisk, quoting(r)) },
			kind:     errDisk, want: record{Level: "WARN", Status: 500, UID: "u9"}, says: "could not be described",
		},
		"an identify that quotes the request": {
			identify: func(r *http.Request) (string, error) { return "", errors.Join(errDisk, quoting(r)) },
			kind:     errDisk, want: record{Level: "WARN", Status: 500}, says: "[redacted]",
		},
		"another method": {
			method: http.MethodGet, identify: whoever, want: record{Level: "DEBUG", Status: 405}, says: "not POST",
		},
		"OPTIONS without a preflight": {
			method: http.MethodOptions, identify: whoever, want: record{Level: "DEBUG", Status: 405}, says: "not POST",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(tc.answer)
			log := &lockedBuffer{}
			logger, records := recorded(t)
			a, err := cometchat.NewAdmin(appID, canaryKey, cometchat.WithRegion("us"), once, cometchat.WithHTTPClient(&http.Client{Transport: w}),
				cometchat.WithLogger(slog.New(slog.NewMultiHandler(logger.Handler(), slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))))
			require.NoError(t, err)
			defer a.Close()
			var heard []error
			opts := []cometchat.TokenHandlerOption{cometchat.WithOnError(func(_ *http.Request, err error) { heard = append(heard, err) })}
			if tc.describe != nil {
				opts = append(opts, cometchat.WithNewUsers(tc.describe))
			}
			method := http.MethodPost
			if tc.method != "" {
				method = tc.method
			}
			r := httptest.NewRequestWithContext(t.Context(), method, "/hostile%0Alevel=ERROR/canary-path?key=canary-query", strings.NewReader("canary-body"))
			r.Header.Set("X-User", "u9")
			r.Header.Set("Authorization", "Bearer "+bearer)
			r.Header.Set("Cookie", "session="+cookie)
			resp := httptest.NewRecorder()
			tokenHandler(t, a, tc.identify, opts...).ServeHTTP(resp, r)
			assert.Equal(t, tc.want.Status, resp.Code)

			require.Len(t, records(), 1)
			got := records()[0]
			assert.Contains(t, string(got.Error), tc.says)
			assert.Equal(t, tc.want.Level, got.Level)
			assert.Equal(t, tc.want.Status, got.Status)
			assert.Equal(t, tc.want.UID, got.UID)
			require.Len(t, heard, 1)
			if tc.kind != nil {
				require.ErrorIs(t, heard[0], tc.kind)
			}
			for _, text := range []string{log.String(), fmt.Sprintf("%+v", heard[0]), resp.Body.String()} {
				assertNoSecret(t, "the text", text)
				assert.NotContains(t, text, "canary")
			}
			assertUnprintable(t, heard[0])
		})
	}
}

func TestTokenClientThatGoesAway(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(respond(200, ""))
	logger, records := recorded(t)
	ctx, cancel := context.WithCancel(t.Context())
	h := tokenHandler(t, w.admin(t, cometchat.WithLogger(logger)), func(*http.Request) (string, error) {
		cancel()
		return uid1, nil
	})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil))
	require.Len(t, records(), 1)
	assert.Equal(t, "DEBUG", records()[0].Level, "it is no fault of anybody")
}

// TestManyCredentials holds that the credentials of a stranger's request are redacted within limits: a redactor of a megabyte
// panics, as its regular expression is too large.
func TestManyCredentials(t *testing.T) {
	t.Parallel()
	h := tokenHandler(t, newWire().admin(t), fromHeader)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 1<<20))
	r.Header.Set("Cookie", string(bytes.Repeat([]byte("a=b; "), 100_000)))
	resp := httptest.NewRecorder()
	h.ServeHTTP(resp, r)
	assert.Equal(t, 401, resp.Code)
}
