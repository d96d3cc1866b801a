package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const emulatorVariable = "COMETCHAT_EMULATOR_HOST"

func ExampleWithEmulator() {
	server := cometchattest.NewServer() // or start the program: go run ./cmd/cometchat-emulator
	defer server.Close()

	// With WithEmulator("") the environment variable COMETCHAT_EMULATOR_HOST names the emulator. Without the variable, the program
	// uses CometChat.
	host := strings.TrimPrefix(server.URL, "http://") // for example "localhost:8443"
	client, err := cometchat.New(server.AppID, cometchat.WithEmulator(host))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(client.GetLoggedinUser(context.Background()))
	// Output: <nil> <nil>
}

// TestEmulatorInOneLine uses an emulator over real sockets with a client, a pool and an admin, without a region.
func TestEmulatorInOneLine(t *testing.T) {
	s := emulator(t)
	secure := httptest.NewTLSServer(s) // the same emulator behind https
	defer secure.Close()
	t.Run("by its host", func(t *testing.T) {
		everythingReaches(t, s, cometchat.WithEmulator(strings.TrimPrefix(s.URL, "http://")))
	})
	t.Run("by its URL", func(t *testing.T) { everythingReaches(t, s, cometchat.WithEmulator(s.URL)) })
	t.Run("by its URL with a slash", func(t *testing.T) { everythingReaches(t, s, cometchat.WithEmulator(s.URL+"/")) })
	t.Run("over https", func(t *testing.T) {
		everythingReaches(t, s, cometchat.WithEmulator(secure.URL), cometchat.WithHTTPClient(secure.Client()))
	})
	t.Run("with a region, which has no effect", func(t *testing.T) {
		everythingReaches(t, s, cometchat.WithEmulator(s.URL), cometchat.WithRegion("eu"))
	})
	t.Run("by the environment", func(t *testing.T) {
		t.Setenv(emulatorVariable, strings.TrimPrefix(s.URL, "http://"))
		everythingReaches(t, s, cometchat.WithEmulator(""))
		t.Setenv(emulatorVariable, s.URL)
		everythingReaches(t, s, cometchat.WithEmulator(""))
		t.Setenv(emulatorVariable, "localhost:1")
		everythingReaches(t, s, cometchat.WithEmulator(s.URL)) // the host in the program comes before the variable
	})
}

func everythingReaches(t *testing.T, s *cometchattest.Server, opts ...cometchat.Option) {
	t.Helper()
	before := len(s.Requests())
	c, err := cometchat.New(s.AppID, opts...)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	p, err := cometchat.NewPool(s.AppID, opts...)
	require.NoError(t, err)
	defer p.Close()
	_, err = p.Client("x").Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, opts...)
	require.NoError(t, err)
	defer a.Close()
	_, err = a.GetUser(t.Context(), uid1)
	require.NoError(t, err)
	assert.Len(t, s.Requests(), before+5)
}

// TestEmulatorVariableThatIsNotSet checks that a program with WithEmulator("") uses CometChat without the variable.
func TestEmulatorVariableThatIsNotSet(t *testing.T) {
	t.Setenv(emulatorVariable, "")
	w := newWire()
	c := w.client(t, cometchat.WithEmulator(""), once)
	_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.Error(t, err)
	assert.Equal(t, []string{"PUT " + meURL}, w.lines())

	_, err = cometchat.New(appID, cometchat.WithEmulator(""))
	require.ErrorIs(t, err, cometchat.ErrMissingParameters, "CometChat needs a region")
	require.ErrorContains(t, err, "use WithRegion, or name an emulator in COMETCHAT_EMULATOR_HOST, which is not set")
	c, err = cometchat.New(appID, cometchat.WithEmulator(""), cometchat.WithAdminHost("https://a"), cometchat.WithClientHost("https://b"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
}

// TestEnvironmentIsNotReadOtherwise checks that the variable has no effect without the option.
func TestEnvironmentIsNotReadOtherwise(t *testing.T) {
	t.Setenv(emulatorVariable, "localhost:1")
	w := newWire()
	c := w.client(t, once)
	_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
	require.Error(t, err)
	assert.Equal(t, []string{"PUT " + meURL}, w.lines())
}

func TestEmulatorRefuses(t *testing.T) {
	t.Setenv(emulatorVariable, "")
	refused := func(says string, opts ...cometchat.Option) {
		t.Helper()
		for name, err := range map[string]error{
			"New":      second(cometchat.New(appID, opts...)),
			"NewPool":  second(cometchat.NewPool(appID, opts...)),
			"NewAdmin": second(cometchat.NewAdmin(appID, apiKey, opts...)),
		} {
			require.ErrorIs(t, err, cometchat.ErrBadRequest, name)
			require.NotErrorIs(t, err, cometchat.ErrMissingParameters, name)
			assert.Equal(t, name, asError(err).Op)
			assert.Contains(t, err.Error(), says, name)
			assert.NotContains(t, err.Error(), "pw@")
		}
	}
	for host, says := range map[string]string{
		" ":                          `as in "localhost:8443"`,
		"http://":                    `as in "localhost:8443"`,
		":8443":                      `as in "localhost:8443"`,
		"ftp://localhost":            `as in "localhost:8443"`,
		"local host":                 `as in "localhost:8443"`,
		"localhost:http":             `as in "localhost:8443"`,
		"localhost:8443/v3.0":        "must have no path, user, query or fragment",
		"http://localhost:8443/v3.0": "/v3.0 is added to it",
		"https://localhost//":        "must have no path",
		"https://me:pw@localhost":    "must have no path, user",
		"localhost?a=b":              "must have no path",
		"localhost?":                 "must have no path",
		"localhost#a":                "must have no path",
		"localhost:":                 "port that is not from 1 to 65535",
		"localhost:0":                "port that is not from 1 to 65535",
		"localhost:99999":            "port that is not from 1 to 65535",
		"emulator:8443":              `the emulator's host is plain http, which would send credentials in the clear: use https, or if nobody else can listen on the way, allow it with WithInsecureHost("emulator")`,
		"http://192.0.2.1":           `WithInsecureHost("192.0.2.1")`,
	} {
		refused(says, cometchat.WithEmulator(host))
		if strings.TrimSpace(host) != "" {
			t.Setenv(emulatorVariable, host)
			refused(says, cometchat.WithEmulator(""))
			t.Setenv(emulatorVariable, "")
		}
	}
	t.Setenv(emulatorVariable, "x/y")
	refused("the emulator's host in COMETCHAT_EMULATOR_HOST must have no path", cometchat.WithEmulator(""))

	local := cometchat.WithEmulator("localhost:8443")
	for _, host := range []cometchat.Option{cometchat.WithAdminHost("https://a"), cometchat.WithClientHost("https://a")} {
		refused("leave out WithAdminHost and WithClientHost", local, host)
		refused("leave out WithAdminHost and WithClientHost", host, local)
	}
}

// second returns the error of a call with two results.
func second[T any](_ T, err error) error { return err }

func TestInsecureHost(t *testing.T) {
	t.Parallel()
	allowed := func(opts ...cometchat.Option) {
		t.Helper()
		for _, ordered := range [][]cometchat.Option{opts, reversed(opts)} {
			c, err := cometchat.New(appID, ordered...)
			require.NoError(t, err)
			require.NoError(t, c.Close())
		}
	}
	refused := func(says string, opts ...cometchat.Option) {
		t.Helper()
		for _, ordered := range [][]cometchat.Option{opts, reversed(opts)} {
			_, err := cometchat.New(appID, ordered...)
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			assert.Contains(t, err.Error(), says)
		}
	}
	us, insecure := cometchat.WithRegion("us"), cometchat.WithInsecureHost
	allowed(cometchat.WithEmulator("emulator:8443"), insecure("emulator"))
	allowed(cometchat.WithEmulator("http://EMULATOR"), insecure("Emulator"))
	allowed(cometchat.WithEmulator("192.0.2.1:80"), insecure("192.0.2.1"))
	allowed(cometchat.WithEmulator("[2001:DB8::1]:80"), insecure("2001:db8:0::1"))
	allowed(us, cometchat.WithAdminHost("http://a.internal:1/x"), insecure("a.internal"))
	allowed(cometchat.WithAdminHost("http://a:1"), cometchat.WithClientHost("http://b:2"), insecure("a"), insecure("b"))
	allowed(us, insecure("not-used"))

	const says = "is plain http"
	refused(says, cometchat.WithEmulator("emulator"), insecure("emulator2"))
	refused(says, cometchat.WithEmulator("x.emulator"), insecure("emulator"))
	refused(says, cometchat.WithEmulator("emulator.evil.example"), insecure("emulator"))
	refused(says, cometchat.WithEmulator("192.0.2.11"), insecure("192.0.2.1"))
	refused(`the client host is plain http, which would send credentials in the clear: use https, or`, us,
		cometchat.WithAdminHost("http://a"), cometchat.WithClientHost("http://b"), insecure("a"))
	for _, host := range []string{"", " ", "*", "a b", "a:80", "http://a", "a/", "[::1]", "a\n", "user@a", "a,b"} {
		refused("is not a host's name or IP address, without a scheme and a port", us, insecure(host))
	}
}

func reversed(opts []cometchat.Option) []cometchat.Option {
	var other []cometchat.Option
	for _, opt := range opts {
		other = append([]cometchat.Option{opt}, other...)
	}
	return other
}

// TestHostsAreInLowerCase checks that a host or an app id in capitals leads to the same server.
func TestHostsAreInLowerCase(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		opts []cometchat.Option
		want string
	}{
		"the region's": {[]cometchat.Option{cometchat.WithRegion("us")}, "PUT https://app1.apiclient-us.cometchat.io/v3.0/me"},
		"a given host": {[]cometchat.Option{cometchat.WithRegion("us"), cometchat.WithClientHost("HTTPS://Chat.Example.COM:8443/Path")}, "PUT https://chat.example.com:8443/Path/me"},
		"an emulator":  {[]cometchat.Option{cometchat.WithEmulator("LocalHost:1")}, "PUT http://localhost:1/v3.0/me"},
	} {
		w := newWire()
		c, err := cometchat.New("APP1", append(tc.opts, once, cometchat.WithHTTPClient(&http.Client{Transport: w}))...)
		require.NoError(t, err)
		_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.Error(t, err)
		requests := w.requests()
		assert.Equal(t, tc.want, requests[0].Method+" "+requests[0].URL, name)
		assert.Equal(t, "APP1", requests[0].Header.Get("appid"), "the header has the app id unchanged")
		require.NoError(t, c.Close())
	}
}
