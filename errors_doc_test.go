package cometchat_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateErrors = flag.Bool("update-errors", false, "write the texts of docs/errors.md anew")

// situation is something that goes wrong, and the error of the call.
type situation struct {
	title string
	err   func(t *testing.T) error
}

// loginAt logs in at a base URL.
func loginAt(t *testing.T, base string) error {
	t.Helper()
	return loginWith(t, once, cometchat.WithAdminHost(base), cometchat.WithClientHost(base))
}

func loginWith(t *testing.T, opts ...cometchat.Option) error {
	t.Helper()
	c, err := cometchat.New(appID, opts...)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.Error(t, err)
	return err
}

// answering starts a server that gives every request the same answer, and returns its URL.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", "7f1c9a")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

var situations = []situation{
	{"Nothing listens at the address", func(t *testing.T) error {
		t.Helper()
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, l.Close())
		return loginAt(t, "http://"+l.Addr().String()+"/v3.0")
	}},
	{"There is no such host", func(t *testing.T) error {
		t.Helper()
		dial := func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "app1.apiclient-us.cometchat.io", IsNotFound: true}}
		}
		return loginWith(t, once, cometchat.WithRegion("us"), cometchat.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
	}},
	{"There is no such host as the one given for the emulator", func(t *testing.T) error {
		t.Helper()
		dial := func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "emulator", IsNotFound: true}}
		}
		return loginWith(t, once, cometchat.WithEmulator("emulator:8443"), cometchat.WithInsecureHost("emulator"),
			cometchat.WithHTTPClient(&http.Client{Transport: &http.Transport{DialContext: dial}}))
	}},
	{"The region is missing, and the environment names no emulator", func(*testing.T) error {
		_, err := cometchat.New(appID, cometchat.WithEmulator(""))
		return err
	}},
	{"The region is empty, and the environment names no emulator", func(*testing.T) error {
		_, err := cometchat.New(appID, cometchat.WithEmulator(""), cometchat.WithRegion(""))
		return err
	}},
	{"The certificate is not trusted", func(t *testing.T) error {
		t.Helper()
		s := httptest.NewTLSServer(http.NotFoundHandler())
		s.Config.ErrorLog = silentLog
		t.Cleanup(s.Close)
		return loginAt(t, s.URL+"/v3.0")
	}},
	{"https spoken to a server of http", func(t *testing.T) error {
		t.Helper()
		return loginAt(t, strings.Replace(answering(t, 200, ""), "http:", "https:", 1)+"/v3.0")
	}},
	{"http spoken to a server of https", func(t *testing.T) error {
		t.Helper()
		s := httptest.NewTLSServer(http.NotFoundHandler())
		s.Config.ErrorLog = silentLog
		t.Cleanup(s.Close)
		return loginAt(t, strings.Replace(s.URL, "https:", "http:", 1)+"/v3.0")
	}},
	{"The base URL has no version", func(t *testing.T) error {
		t.Helper()
		s := cometchattest.NewServer()
		t.Cleanup(s.Close)
		base := strings.TrimSuffix(s.URL, "/v3.0")
		c, err := cometchat.New(s.AppID, once, cometchat.WithAdminHost(base), cometchat.WithClientHost(base))
		require.NoError(t, err)
		defer c.Close()
		_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
		return err
	}},
	{"There is no answer in time", func(t *testing.T) error {
		t.Helper()
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		t.Cleanup(s.Close)
		c, err := cometchat.NewAdmin(appID, "key", once, cometchat.WithAdminHost(s.URL+"/v3.0"), cometchat.WithTimeout(20*time.Millisecond))
		require.NoError(t, err)
		defer c.Close()
		_, err = c.GetUser(t.Context(), "ada")
		return err
	}},
	{"A proxy answers in the place of CometChat", func(t *testing.T) error {
		t.Helper()
		return loginAt(t, answering(t, 403, "<html><h1>Access denied</h1></html>"))
	}},
	{"A page answers in the place of the API", func(t *testing.T) error {
		t.Helper()
		return loginAt(t, answering(t, 200, "<html>Welcome</html>"))
	}},
	{"The rate limit is used up", func(t *testing.T) error {
		t.Helper()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		t.Cleanup(s.Close)
		return loginAt(t, s.URL)
	}},
	{"A key ends in the line break of its file", func(t *testing.T) error {
		t.Helper()
		c := newWire().client(t)
		_, err := c.Login(t.Context(), uid1, authKey+"\n")
		return err
	}},
	{"The app id and the key are swapped", func(*testing.T) error {
		_, err := cometchat.NewAdmin(authKey, "app1", cometchat.WithRegion("us"))
		return err
	}},
	{"There is no such user", func(t *testing.T) error {
		t.Helper()
		s := emulator(t)
		_, err := emulated(t, s).Login(t.Context(), "nobody", s.AuthKey)
		return err
	}},
	{"The auth token has been revoked", func(t *testing.T) error {
		t.Helper()
		s := emulator(t)
		_, err := emulated(t, s).LoginWithToken(t.Context(), tokenOf(uid1))
		return err
	}},
	{"Nobody is logged in", func(t *testing.T) error {
		t.Helper()
		_, err := newWire().client(t).VerifySession(t.Context())
		return err
	}},
	{"Nobody is logged in, and there is a token provider", func(t *testing.T) error {
		t.Helper()
		provider, _ := providing()
		return getUser(t, newWire().client(t, provider))
	}},
	{"The server of the token provider refuses", func(t *testing.T) error {
		t.Helper()
		w := newWire()
		w.answer("POST", tokenURL, 401, refusal("UNAUTHORIZED", "Log in first."))
		return ensure(t, w.client(t, cometchat.WithTokenProvider(w.tokenProvider(t))))
	}},
	{"The server of the token provider fails", func(t *testing.T) error {
		t.Helper()
		w := newWire()
		w.answer("POST", tokenURL, 502, refusal("BAD_GATEWAY", "The chat service failed."))
		return ensure(t, w.client(t, cometchat.WithTokenProvider(w.tokenProvider(t))))
	}},
	{"The certificate of the token provider's server is not trusted", func(t *testing.T) error {
		t.Helper()
		return ensure(t, newWire().client(t, cometchat.WithTokenProvider(ofUntrusted(t))))
	}},
	{"The token provider takes too long", func(t *testing.T) error {
		t.Helper()
		never := make(chan struct{})
		t.Cleanup(func() { close(never) })
		return ensure(t, newWire().client(t, cometchat.WithTimeout(20*time.Millisecond),
			cometchat.WithTokenProvider(func(context.Context) (string, error) { <-never; return "", nil })))
	}},
	{"The token of the session is gone, and the token provider fails", func(t *testing.T) error {
		t.Helper()
		w := newWire()
		c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) { return "", errDisk }))
		w.onlyWith(fresh)
		return getUser(t, c)
	}},
	{"A token is another user's than the pool's key", func(t *testing.T) error {
		t.Helper()
		w := newWire()
		w.loginWorks(uid1)
		_, err := w.pool(t, cometchat.WithKeyAsUID()).Client("ada").LoginWithToken(t.Context(), tokenOf(uid1))
		return err
	}},
	{"The store has another user's session than the pool's key", func(t *testing.T) error {
		t.Helper()
		store := cometchat.NewMemorySessionStore()
		require.NoError(t, store.Save(t.Context(), "app1/ada/session", sessionOf(uid1, "token")))
		p := newWire().pool(t, cometchat.WithKeyAsUID(), cometchat.WithSessionStore(store))
		return ensure(t, p.Client("ada"))
	}},
	{"The stored session cannot be read", func(t *testing.T) error {
		t.Helper()
		store := &unreadableSession{MemorySessionStore: cometchat.NewMemorySessionStore(), deletable: true}
		_, err := newWire().client(t, cometchat.WithSessionStore(store)).GetLoggedinUser(t.Context())
		return err
	}},
	{"A logout discards the session that cannot be read", func(t *testing.T) error {
		t.Helper()
		store := &unreadableSession{MemorySessionStore: cometchat.NewMemorySessionStore(), deletable: true}
		return newWire().client(t, cometchat.WithSessionStore(store)).Logout(t.Context())
	}},
}

var (
	loopback = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	took     = regexp.MustCompile(`within \d+ms`)
)

// TestErrorTexts compares the texts of docs/errors.md with the errors of the SDK. To write intended changes into the page:
// go test -run TestErrorTexts -update-errors .
func TestErrorTexts(t *testing.T) {
	t.Setenv(emulatorVariable, "")
	const begin, end = "<!-- texts -->\n", "<!-- end of texts -->\n"
	page := filepath.Join("docs", "errors.md")
	text, err := os.ReadFile(page) //nolint:gosec // it is a constant
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	want, after, ok := strings.Cut(rest, end)
	require.True(t, ok)

	var got strings.Builder
	for _, s := range situations {
		err := s.err(t)
		require.Error(t, err, s.title)
		said := took.ReplaceAllString(loopback.ReplaceAllString(err.Error(), "127.0.0.1:8443"), "within 20ms")
		_, _ = fmt.Fprintf(&got, "\n### %s\n\n```text\n%s\n```\n", s.title, said)
	}
	got.WriteString("\n")
	if *updateErrors {
		require.NoError(t, os.WriteFile(page, []byte(before+begin+got.String()+end+after), 0o600)) //nolint:gosec // the page is a constant
		return
	}
	assert.Equal(t, want, got.String())
}
