package cometchat_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tokenURL = "https://backend.example.com/chat/token"

// tokenProvider returns a provider whose requests this wire answers.
func (w *wire) tokenProvider(t *testing.T, opts ...cometchat.TokenURLOption) cometchat.TokenProvider {
	t.Helper()
	p, err := cometchat.TokenProviderFromURL(tokenURL+"?v=1", &http.Client{Transport: w}, opts...)
	require.NoError(t, err)
	return p
}

// ofUntrusted returns a provider whose server has a certificate that nobody trusts.
func ofUntrusted(t *testing.T) cometchat.TokenProvider {
	t.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	s.Config.ErrorLog = silentLog
	t.Cleanup(s.Close)
	p, err := cometchat.TokenProviderFromURL(s.URL+"/chat/token", nil)
	require.NoError(t, err)
	return p
}

// userKey is the key of a context's user.
type userKey struct{}

// setUser names the user of the context in a header.
func setUser(r *http.Request) error {
	uid, ok := r.Context().Value(userKey{}).(string)
	if !ok {
		return errors.New("the context has no user")
	}
	r.Header.Set("X-User", uid)
	return nil
}

// tokenServer serves a TokenHandler of the emulator, and returns its URL.
func tokenServer(t *testing.T, opts ...cometchat.Option) (string, []cometchat.Option) {
	t.Helper()
	s := emulator(t)
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, append(s.Options(), opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	tokens, err := cometchat.TokenHandler(a, fromHeader)
	require.NoError(t, err)
	h := httptest.NewServer(tokens)
	t.Cleanup(h.Close)
	return h.URL, append(s.Options(), cometchat.WithKeyAsUID())
}

func TestTokenProviderFromURL(t *testing.T) {
	t.Parallel()
	t.Run("logs the users of a pool in with the tokens of a TokenHandler", func(t *testing.T) {
		t.Parallel()
		endpoint, opts := tokenServer(t)
		provider, err := cometchat.TokenProviderFromURL(endpoint, nil, cometchat.WithTokenRequest(setUser))
		require.NoError(t, err)
		p, err := cometchat.NewPool("emulator-app", append(opts, cometchat.WithPoolTokenProvider(func(ctx context.Context, uid string) (string, error) {
			return provider(context.WithValue(ctx, userKey{}, uid))
		}))...)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, p.Close()) })
		for _, uid := range []string{uid1, uid2} {
			u, err := p.Client(uid).EnsureLoggedIn(t.Context())
			require.NoError(t, err)
			assert.Equal(t, uid, u.UID)
		}
		err = ensure(t, p.Client("nobody"))
		require.ErrorContains(t, err, "The chat service does not know this user")
		_, err = provider(context.WithValue(t.Context(), userKey{}, ""))
		assert.Equal(t, "UNAUTHORIZED", code(err))
		assert.Equal(t, 401, asError(err).StatusCode)
	})
	t.Run("makes a POST with what the options add", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.answer("POST", tokenURL, 200, object{"uid": uid1, "authToken": fresh, "more": 1})
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		u, err := url.Parse(tokenURL)
		require.NoError(t, err)
		jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "s1", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}})
		hc := &http.Client{Transport: w, Jar: jar}
		p, err := cometchat.TokenProviderFromURL(tokenURL+"?v=1", hc, cometchat.WithTokenRequest(setUser),
			cometchat.WithTokenRequest(func(r *http.Request) error { r.Header.Add("X-User", "too"); return nil }))
		require.NoError(t, err)
		assert.Nil(t, hc.CheckRedirect)
		token, err := p(context.WithValue(t.Context(), userKey{}, "ada"))
		require.NoError(t, err)
		assert.Equal(t, fresh, token)
		sent := w.requests()
		require.Len(t, sent, 1)
		assert.Equal(t, "POST "+tokenURL+"?v=1", sent[0].Method+" "+sent[0].URL)
		assert.Empty(t, sent[0].Body)
		assert.Equal(t, http.Header{
			"Accept": {"application/json"}, "User-Agent": {"cometchat-go/" + cometchat.Version},
			"X-User": {"ada", "too"}, "Cookie": {"session=s1"},
		}, sent[0].Header)
	})
	t.Run("makes no request after an error of the function", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		_, err := w.tokenProvider(t, cometchat.WithTokenRequest(setUser))(t.Context())
		require.ErrorContains(t, err, "the function of WithTokenRequest failed: the context has no user")
		assert.Empty(t, w.lines())
	})
	t.Run("refuses a nil context", func(t *testing.T) {
		t.Parallel()
		var none context.Context
		_, err := newWire().tokenProvider(t)(none)
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	})
}

func TestTokenProviderFromURLFails(t *testing.T) {
	t.Parallel()
	unavailable := refusal("BUSY", "Too many requests; try again later.")
	for name, tc := range map[string]struct {
		status int
		body   any
		header http.Header
		code   string
		says   string
	}{
		"a refusal":                {401, refusal("UNAUTHORIZED", "Log in first."), nil, "UNAUTHORIZED", "backend.example.com does not recognise the request; check what WithTokenRequest adds"},
		"a refusal that is 200":    {200, refusal("UNAUTHORIZED", "Log in first."), nil, "UNAUTHORIZED", "does not recognise the request"},
		"a refusal in other words": {401, refusal("TOKEN_EXPIRED", "The gateway's token has expired."), nil, "TOKEN_EXPIRED", "refused to give a token: The gateway's token has expired"},
		"a failure of the server":  {502, refusal("BAD_GATEWAY", "The chat service failed."), nil, "BAD_GATEWAY", "The chat service failed; see the log of your server"},
		"a page":                   {404, "<html>", nil, "FAILED_TO_FETCH", "not in the form of TokenHandler; check the URL"},
		"a login page":             {200, "<html>", nil, "FAILED_TO_FETCH", "has no auth token that can be used; is a TokenHandler at this URL"},
		"no token":                 {200, object{"uid": uid1}, nil, "FAILED_TO_FETCH", "has no auth token"},
		"a blank token":            {200, object{"authToken": " "}, nil, "FAILED_TO_FETCH", "has no auth token"},
		"a token of two lines":     {200, object{"authToken": "a\nb"}, nil, "FAILED_TO_FETCH", "has no auth token that can be used"},
		"a long token":             {200, object{"authToken": strings.Repeat("a", 1025)}, nil, "FAILED_TO_FETCH", "has no auth token that can be used"},
		"a long answer":            {200, strings.Repeat(" ", 64<<10) + "{}", nil, "FAILED_TO_FETCH", "is too long"},
		"a redirect":               {307, "", http.Header{"Location": {"https://elsewhere.example.com"}}, "FAILED_TO_FETCH", "redirects, and credentials are not sent after it"},
		"busy for seconds":         {503, unavailable, http.Header{"Retry-After": {"1.5"}}, "BUSY", "retry after 1.5s"},
		"busy for ever":            {503, unavailable, http.Header{"Retry-After": {"1e300"}}, "BUSY", "retry after 24h0m0s"},
		"busy until a time":        {503, unavailable, http.Header{"Retry-After": {"Wed, 21 Oct 2099 07:28:00 GMT"}}, "BUSY", "retry after 24h0m0s"},
		"busy, who knows":          {503, unavailable, http.Header{"Retry-After": {"NaN"}}, "BUSY", "(BUSY, POST /chat/token, HTTP 503)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("POST", tokenURL, respond(tc.status, tc.body).HeaderSet(tc.header))
			_, err := w.tokenProvider(t)(t.Context())
			require.ErrorContains(t, err, tc.says)
			assert.Equal(t, tc.code, code(err))
			assert.Equal(t, tc.status, asError(err).StatusCode)
			assert.Equal(t, "backend.example.com", asError(err).Host)
			assert.NotContains(t, err.Error(), "v=1", "no query in an error")
			assert.Len(t, w.lines(), 1, "one request")
		})
	}
	t.Run("without an answer", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		for says, cause := range map[string]error{
			"there is no host backend.example.com":                     &net.DNSError{Err: "no such host", Name: "backend.example.com", IsNotFound: true},
			"check the host in the URL, and the network":               &net.DNSError{Err: "no such host", Name: "backend.example.com", IsNotFound: true},
			"could not get a whole answer from backend.example.com: x": errors.New("x"),
		} {
			w.RegisterResponder("POST", tokenURL, func(*http.Request) (*http.Response, error) { return nil, cause })
			_, err := w.tokenProvider(t)(t.Context())
			require.ErrorContains(t, err, says)
			require.ErrorIs(t, err, cause)
			assert.Zero(t, asError(err).StatusCode)
		}
	})
	t.Run("half an answer", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"authToken":"`)
		}))
		t.Cleanup(s.Close)
		p, err := cometchat.TokenProviderFromURL(s.URL, nil)
		require.NoError(t, err)
		_, err = p(t.Context())
		require.ErrorContains(t, err, "could not get a whole answer from 127.0.0.1")
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	})
	t.Run("a certificate that is not trusted", func(t *testing.T) {
		t.Parallel()
		_, err := ofUntrusted(t)(t.Context())
		require.ErrorContains(t, err, "or set it in the transport of the http.Client that TokenProviderFromURL gets")
	})
	t.Run("no answer within the timeout of the http.Client", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		t.Cleanup(s.Close)
		for what, hc := range map[string]*http.Client{
			"client":    {Timeout: 20 * time.Millisecond},
			"transport": {Transport: &http.Transport{ResponseHeaderTimeout: 20 * time.Millisecond}},
		} {
			p, err := cometchat.TokenProviderFromURL(s.URL, hc)
			require.NoError(t, err)
			_, err = p(t.Context())
			require.ErrorContains(t, err, "no answer from 127.0.0.1", what)
			assert.Equal(t, "FAILED_TO_FETCH", code(err), what)
			hc.CloseIdleConnections()
		}
	})
	t.Run("the SDK's own transport waits as long as the context", func(t *testing.T) {
		t.Parallel()
		assert.Zero(t, cometchat.NewTokenTransport().ResponseHeaderTimeout)
	})
	inBubble(t, "no answer in time", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("POST", tokenURL, respond(200, object{"authToken": fresh}).Delay(time.Hour))
		took := stopwatch()
		_, err := w.tokenProvider(t)(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "no answer from backend.example.com within 30s")
		assert.Equal(t, cometchat.DefaultTimeout, took())
	})
}

func TestTokenProviderFromURLRefuses(t *testing.T) {
	t.Parallel()
	for endpoint, says := range map[string]string{
		" ":                             "the URL is missing",
		"backend.example.com/token":     "full one, as in https://",
		"ftp://backend.example.com":     "full one",
		"https://a b:c":                 "full one",
		"https://me:pw@example.com/t":   "send credentials with WithTokenRequest",
		"https://example.com/t#x":       "a fragment",
		"http://backend.example.com/t":  "plain http",
		"http://localhost.example.com/": "allow it with WithInsecureTokenURL",
	} {
		_, err := cometchat.TokenProviderFromURL(endpoint, nil)
		require.ErrorContains(t, err, says, endpoint)
		assert.NotContains(t, err.Error(), "pw")
	}
	for says, opt := range map[string]cometchat.TokenURLOption{
		"option 1 is nil":                         nil,
		"the function of WithTokenRequest is nil": cometchat.WithTokenRequest(nil),
	} {
		_, err := cometchat.TokenProviderFromURL(tokenURL, nil, opt)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, says)
	}
	for _, endpoint := range []string{"http://localhost:8080/t", "http://127.0.0.1/t", "http://[::1]:80", tokenURL} {
		_, err := cometchat.TokenProviderFromURL(endpoint, nil)
		require.NoError(t, err, endpoint)
	}
	_, err := cometchat.TokenProviderFromURL("http://backend/t", nil, cometchat.WithInsecureTokenURL())
	require.NoError(t, err)
}
