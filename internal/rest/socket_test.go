package rest_test

import (
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/cometchat-go/cometchat/internal/rest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSharedClientsHaveResourcesOfTheirOwn(t *testing.T) {
	t.Parallel()
	first, tr := newClient(httpmock.NewStringResponder(200, "{}"), func(config *rest.Config) { config.Resource = "one" })
	second := first.Share("two")
	for _, c := range []*rest.Client{first, second} {
		do(t.Context(), c, get())
	}
	requests := tr.take()
	require.Len(t, requests, 2)
	assert.Equal(t, []string{"one"}, requests[0].Header["Resource"])
	assert.Equal(t, []string{"two"}, requests[1].Header["Resource"])
	assert.Same(t, first.SocketClient(), second.SocketClient())
}

// TestJWTGoesToItsBaseAlone has the route name another host.
func TestJWTGoesToItsBaseAlone(t *testing.T) {
	t.Parallel()
	c, tr := newClient(httpmock.NewStringResponder(200, "{}"))
	req := &rest.Request{Method: "POST", Base: "https://chat.example.com", Route: "@evil.example.com/x", Credential: rest.JWT("j")}
	a := do(t.Context(), c, req)
	require.ErrorContains(t, a.Err, "refused to send a credential")
	assert.Empty(t, tr.take())
}

func TestSocketClient(t *testing.T) {
	t.Parallel()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	own := &transport{}
	for name, tc := range map[string]struct {
		change func(*rest.Config)
		want   http.RoundTripper // nil: one of its own
	}{
		"the program's HTTP client": {
			func(c *rest.Config) { c.HTTPClient = &http.Client{Transport: own, Jar: jar} }, own,
		},
		"the program's transport": {func(c *rest.Config) { c.Transport, c.Shut = own, func() {} }, own},
		"the SDK's":               {func(c *rest.Config) { c.MaxConns = 1 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := newConfig(adminHost, clientHost)
			tc.change(&config)
			c := rest.New(config)
			defer c.Close()
			sockets := c.SocketClient()
			assert.Nil(t, sockets.Jar)
			require.ErrorIs(t, sockets.CheckRedirect(nil, nil), http.ErrUseLastResponse)
			if tc.want != nil {
				assert.Equal(t, tc.want, sockets.Transport)
				return
			}
			tr, ok := sockets.Transport.(*http.Transport)
			require.True(t, ok)
			assert.Zero(t, tr.MaxConnsPerHost, "live connections would use it up")
		})
	}
}
