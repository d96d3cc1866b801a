package cometchat_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestKeyOfTheEmulatorAsAppID swaps the arguments with the keys that cometchat-emulator has by default.
func TestKeyOfTheEmulatorAsAppID(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"emulator-auth-key-for-development-only", "emulator-api-key-for-development-only"} {
		_, err := cometchat.NewAdmin(key, "emulator-app", cometchat.WithRegion("us"))
		require.ErrorIs(t, err, cometchat.ErrInvalidAppID)
		require.ErrorContains(t, err, "are the app id and the key swapped?")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	us := cometchat.WithRegion("us")
	for name, tc := range map[string]struct {
		appID string
		opts  []cometchat.Option
		kind  error
		says  string
	}{
		"no app id":                {"", []cometchat.Option{us}, cometchat.ErrMissingParameters, "app id is missing"},
		"a blank app id":           {" \t", []cometchat.Option{us}, cometchat.ErrMissingParameters, "app id is missing"},
		"an app id with a slash":   {"a/b", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "letters, digits"},
		"an app id with a dot":     {"evil.example.com", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "letters, digits"},
		"dots for an app id":       {"..", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "letters, digits"},
		"a control character":      {"a\x00", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "letters, digits"},
		"a long app id":            {strings.Repeat("a", 101), []cometchat.Option{us}, cometchat.ErrInvalidAppID, "100"},
		"a placeholder":            {"YOUR_APP_ID", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "placeholder"},
		"another placeholder":      {"APP_ID", []cometchat.Option{us}, cometchat.ErrInvalidAppID, "dashboard"},
		"no region":                {appID, nil, cometchat.ErrMissingParameters, "use WithRegion"},
		"no region, one host":      {appID, []cometchat.Option{cometchat.WithAdminHost("https://a")}, cometchat.ErrMissingParameters, "use WithRegion"},
		"an unknown region":        {appID, []cometchat.Option{cometchat.WithRegion("mars")}, cometchat.ErrBadRequest, `"mars" is not us, eu or in`},
		"a blank region":           {appID, []cometchat.Option{cometchat.WithRegion(" ")}, cometchat.ErrBadRequest, "not us, eu or in"},
		"a nil option":             {appID, []cometchat.Option{us, nil}, cometchat.ErrBadRequest, "option 2 is nil"},
		"a nil store":              {appID, []cometchat.Option{us, cometchat.WithSessionStore(nil)}, cometchat.ErrBadRequest, "store is nil"},
		"a nil HTTP client":        {appID, []cometchat.Option{us, cometchat.WithHTTPClient(nil)}, cometchat.ErrBadRequest, "HTTP client is nil"},
		"a nil logger":             {appID, []cometchat.Option{us, cometchat.WithLogger(nil)}, cometchat.ErrBadRequest, "logger is nil"},
		"no time":                  {appID, []cometchat.Option{us, cometchat.WithTimeout(0)}, cometchat.ErrBadRequest, "timeout 0s"},
		"negative time":            {appID, []cometchat.Option{us, cometchat.WithTimeout(-time.Second)}, cometchat.ErrBadRequest, "timeout -1s"},
		"negative attempts":        {appID, []cometchat.Option{us, cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: -1})}, cometchat.ErrBadRequest, "MaxAttempts is -1"},
		"eleven attempts":          {appID, []cometchat.Option{us, cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 11})}, cometchat.ErrBadRequest, "MaxAttempts is 11"},
		"a negative delay":         {appID, []cometchat.Option{us, cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: -1})}, cometchat.ErrBadRequest, "negative or over"},
		"a host without a scheme":  {appID, []cometchat.Option{us, cometchat.WithAdminHost("chat.example.com/v3.0")}, cometchat.ErrBadRequest, "full URL, as in https://chat.example.com/v3.0"},
		"an empty host":            {appID, []cometchat.Option{us, cometchat.WithClientHost("")}, cometchat.ErrBadRequest, "the client host has to be a full URL"},
		"a host that is no URL":    {appID, []cometchat.Option{us, cometchat.WithClientHost("https://a b:c")}, cometchat.ErrBadRequest, "not a URL"},
		"plain http":               {appID, []cometchat.Option{us, cometchat.WithAdminHost("http://chat.example.com")}, cometchat.ErrBadRequest, "use https"},
		"plain http to an address": {appID, []cometchat.Option{us, cometchat.WithAdminHost("http://192.0.2.1")}, cometchat.ErrBadRequest, "use https"},
		"plain http in disguise":   {appID, []cometchat.Option{us, cometchat.WithAdminHost("http://localhost.example.com")}, cometchat.ErrBadRequest, "use https"},
		"another scheme":           {appID, []cometchat.Option{us, cometchat.WithAdminHost("ftp://localhost")}, cometchat.ErrBadRequest, "full URL"},
		"a host with a user":       {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://me:pw@example.com")}, cometchat.ErrBadRequest, "without user"},
		"a host with a bare ?":     {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://example.com/v3?")}, cometchat.ErrBadRequest, "without user"},
		"a host without a name":    {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://:443")}, cometchat.ErrBadRequest, "full URL"},
		"a host without its port":  {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://example.com:")}, cometchat.ErrBadRequest, "port"},
		"a port out of range":      {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://example.com:99999")}, cometchat.ErrBadRequest, "port"},
		"a path with dots":         {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://example.com/a/../b")}, cometchat.ErrBadRequest, "dot segments"},
		"a delay of years":         {appID, []cometchat.Option{us, cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: 1 << 62})}, cometchat.ErrBadRequest, "over 24h"},
		"a key for a region":       {appID, []cometchat.Option{cometchat.WithRegion(authKey)}, cometchat.ErrBadRequest, "[redacted]"},
		"a host with a query":      {appID, []cometchat.Option{us, cometchat.WithAdminHost("https://example.com/?a=b")}, cometchat.ErrBadRequest, "without user"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := cometchat.New(tc.appID, tc.opts...)
			assert.Nil(t, c)
			require.ErrorIs(t, err, tc.kind)
			assert.Contains(t, err.Error(), tc.says)
			assert.NotContains(t, err.Error(), "pw@")
			assert.Equal(t, "New", asError(err).Op)
		})
	}
}

func TestNewReportsEveryBadOption(t *testing.T) {
	t.Parallel()
	_, err := cometchat.New(" ", cometchat.WithRegion("mars"), cometchat.WithTimeout(0), cometchat.WithLogger(nil))
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	require.NotErrorIs(t, err, cometchat.ErrClosed)
	_, err = cometchat.New("app", cometchat.WithTimeout(0))
	require.ErrorIs(t, err, cometchat.ErrMissingParameters, "the region is missing too")
	_, err = cometchat.New("app", cometchat.WithAdminHost("x"), cometchat.WithClientHost("https://b"))
	require.NotErrorIs(t, err, cometchat.ErrMissingParameters, "a refused host is not a missing one")
	_, err = cometchat.New(" ", cometchat.WithRegion("mars"), cometchat.WithTimeout(0), cometchat.WithLogger(nil))
	assert.Equal(t, `cometchat: New: bad options: the app id is missing; `+
		`the region "mars" is not us, eu or in; for another host use WithAdminHost and WithClientHost; `+
		`the timeout 0s is not positive; the logger is nil (MISSING_PARAMETERS)`, err.Error())
}

func TestNewAccepts(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]cometchat.Option{
		"a region with blanks and capitals": {cometchat.WithRegion(" EU ")},
		"https hosts":                       {cometchat.WithAdminHost("https://a.example.com/x/"), cometchat.WithClientHost("https://b")},
		"localhost":                         {cometchat.WithAdminHost("http://localhost:80"), cometchat.WithClientHost("http://LOCALHOST")},
		"loopback addresses":                {cometchat.WithAdminHost("http://127.8.9.1"), cometchat.WithClientHost("http://[::1]:8080/v3.0")},
	} {
		c, err := cometchat.New(appID, opts...)
		require.NoError(t, err, name)
		require.NoError(t, c.Close())
	}
}

func TestHostsFromRegion(t *testing.T) {
	t.Parallel()
	for region, lower := range map[string]string{"us": "us", "EU": "eu", "In": "in"} {
		w := newWire()
		c := w.client(t, cometchat.WithRegion(region), once)
		_, err := c.Login(t.Context(), uid1, authKey)
		require.Error(t, err)
		_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.Error(t, err)
		lines := w.lines()
		assert.Equal(t, "POST https://app1.api-"+lower+".cometchat.io/v3.0/users/cometchat-uid-1/auth_tokens", lines[0])
		assert.Equal(t, "PUT https://app1.apiclient-"+lower+".cometchat.io/v3.0/me", lines[len(lines)-1])
	}
}

func TestHostOverrides(t *testing.T) {
	t.Parallel()
	w := newWire()
	const admin, client = "https://admin.example.com:8443/chat", "https://client.example.com"
	w.answer("POST", admin+"/users/"+uid1+"/auth_tokens", 200, data(object{"uid": uid1, "authToken": tokenOf(uid1)}))
	w.answer("PUT", client+"/me", 200, data(meAnswer(uid1)))
	c, err := cometchat.New(appID, cometchat.WithAdminHost(admin+"/"), cometchat.WithClientHost(client),
		cometchat.WithHTTPClient(&http.Client{Transport: w}))
	require.NoError(t, err, "two hosts need no region")
	defer func() { assert.NoError(t, c.Close()) }()
	_, err = c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Equal(t, []string{"POST " + admin + "/users/" + uid1 + "/auth_tokens", "PUT " + client + "/me"}, w.lines(),
		"no /v3.0 is added to a host that was given")
}
