package cometchat_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func within(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func TestSettingsOfAPool(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		p, err := cometchat.NewPool(s.AppID, append(s.Options(), once)...)
		require.NoError(t, err)
		defer func() { _ = p.Close() }()
		var connects []<-chan error
		for i := range 5 {
			uid := fmt.Sprintf("cometchat-uid-%d", i+1)
			c := p.Client(uid)
			_, err := c.Login(t.Context(), uid, s.AuthKey)
			require.NoError(t, err)
			connects = append(connects, started(func() error { return c.Connect(t.Context()) }))
		}
		for _, connect := range connects {
			require.NoError(t, <-connect)
		}
		requests := func() int { return len(s.Requests(cometchattest.To("GET", "/settings"))) }
		assert.Equal(t, 1, requests(), "all clients share the settings")
		s.DropSockets()
		elapse(time.Minute)
		assert.Equal(t, 1, requests(), "a broken connection does not make them outdated")
		s.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 5, Status: 503})
		s.DropSockets()
		elapse(time.Minute)
		assert.Less(t, requests(), 1+5, "clients share newer ones too")
		assert.Len(t, s.Requests(cometchattest.To("GET", "/")), 5+5+10)
	})
}

func TestSettingsOfAClient(t *testing.T) {
	t.Parallel()
	inBubble(t, "those of the login spare a request", func(t *testing.T) {
		s := cometchattest.New(cometchattest.WithSettingsInLogin())
		defer s.Close()
		c := emulated(t, s)
		_, err := c.Login(t.Context(), uid1, s.AuthKey)
		require.NoError(t, err)
		require.NoError(t, c.Connect(t.Context()))
		assert.Empty(t, s.Requests(cometchattest.To("GET", "/settings")))
		require.NoError(t, c.Close())
	})
	live(t, "failing settings are told, and tried again", func(t *testing.T, w *liveWorld) {
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/settings", Times: 2, Status: 500})
		require.NoError(t, w.c.Connect(t.Context()))
		failed := "disconnected FAILED_TO_FETCH, retries; "
		assert.Equal(t, "connecting; "+failed+"connecting; "+failed+again, w.changes())
	})
	live(t, "a host that has moved is found after a failed connect", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		w.SetSocketHost("localhost:9999")
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 1, Status: 503})
		w.DropSockets()
		elapse(time.Minute)
		assert.Equal(t, broken+"; connecting; "+mended, w.changes())
		assert.Equal(t, 2, w.count("GET", "/settings"))
		requests := w.Requests(cometchattest.To("GET", "/"))
		assert.Len(t, requests, 3)
	})
	live(t, "a foreign host is refused, and corrected settings are found", func(t *testing.T, w *liveWorld) {
		w.SetSocketHost("evil.example:443")
		for range 2 {
			err := w.c.Connect(t.Context())
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			require.ErrorContains(t, err, "WithSocketHost")
			assert.Equal(t, "connecting; disconnected ERR_BAD_REQUEST", w.changes())
			_, err = w.c.OnlineUserCount(t.Context())
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
		}
		elapse(time.Hour)
		assert.Empty(t, w.changes(), "it is final")
		assert.Zero(t, w.dials())
		w.SetSocketHost("")
		require.NoError(t, w.c.Connect(t.Context()))
	})
}

// TestSocketHosts checks where the connection is opened, and where the JWT goes.
func TestSocketHosts(t *testing.T) {
	t.Parallel()
	const own = "https://chat.example.com/v3.0"
	for name, tc := range map[string]struct {
		named   object // in the settings
		client  string // the client host; "": CometChat's
		option  string // WithSocketHost
		want    string // "": refused
		refusal string
	}{
		"the app's host":             {named: object{"CHAT_HOST_APP_SPECIFIC": "a.cometchat.io", "CHAT_HOST": "b.cometchat.io"}, want: "https://a.cometchat.io:443/"},
		"the override":               {named: object{"CHAT_HOST_OVERRIDE": "O.CometChat.io", "CHAT_HOST_APP_SPECIFIC": "a.cometchat.io"}, want: "https://o.cometchat.io:443/"},
		"the region's host":          {named: object{"CHAT_HOST": "b.cometchat.io", "CHAT_WSS_PORT": 8443}, want: "https://b.cometchat.io:8443/"},
		"a foreign host":             {named: object{"CHAT_HOST": "evil.example"}, refusal: "WithSocketHost"},
		"a host that looks alike":    {named: object{"CHAT_HOST": "evilcometchat.io"}, refusal: "WithSocketHost"},
		"a host behind a path":       {named: object{"CHAT_HOST": "evil.example/.cometchat.io"}, refusal: "WithSocketHost"},
		"a host behind a user":       {named: object{"CHAT_HOST": "a@evil.example:1#.cometchat.io"}, refusal: "WithSocketHost"},
		"no host":                    {named: object{}, refusal: "no host"},
		"no port":                    {named: object{"CHAT_HOST": "b.cometchat.io", "CHAT_WSS_PORT": nil}, refusal: "no port"},
		"a port too high":            {named: object{"CHAT_HOST": "b.cometchat.io", "CHAT_WSS_PORT": 70000}, refusal: "no port"},
		"the client host of its own": {named: object{"CHAT_HOST": "chat.example.com"}, client: own, want: "https://chat.example.com:443/"},
		"CometChat's, with its own":  {named: object{"CHAT_HOST": "a.cometchat.io"}, client: own, refusal: "WithSocketHost"},
		"an option":                  {named: object{"CHAT_HOST": "evil.example"}, option: "Ws.example.com", want: "https://ws.example.com:443/"},
		"an option with a port":      {named: object{"CHAT_HOST": "evil.example"}, option: "ws.example.com:99", want: "https://ws.example.com:99/"},
		"an option with IPv6":        {named: object{"CHAT_HOST": "evil.example"}, option: "[::1]:99", want: "https://[::1]:99/"},
		"an option with IPv6 alone":  {named: object{"CHAT_HOST": "evil.example"}, option: "::1", want: "https://[::1]:443/"},
		"TLS beside plain http":      {named: object{"CHAT_HOST": "x"}, client: "http://localhost:1/v3.0", option: "ws.example.com", want: "https://ws.example.com:443/"},
		"plain http":                 {named: object{"CHAT_HOST": "x"}, client: "http://localhost:1/v3.0", option: "localhost:2", want: "http://localhost:2/"},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.loginWorks(uid1)
			opts := []cometchat.Option{once}
			client := clientHost
			if tc.client != "" {
				client = tc.client
				opts = append(opts, cometchat.WithClientHost(client), cometchat.WithAdminHost(client))
			}
			if tc.option != "" {
				opts = append(opts, cometchat.WithSocketHost(tc.option))
			}
			if _, set := tc.named["CHAT_WSS_PORT"]; !set {
				tc.named["CHAT_WSS_PORT"] = 443
			}
			w.answer("PUT", client+"/me", 200, data(meAnswer(uid1)))
			w.answer("GET", client+"/settings", 200, data(tc.named))
			w.RegisterNoResponder(httpmock.NewStringResponder(503, ""))
			c := w.client(t, opts...)
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
			require.NoError(t, err)
			w.requests()
			ctx, cancel := within(t, time.Nanosecond)
			defer cancel()
			connecting := started(func() error { return c.Connect(ctx) })
			elapse(time.Second)
			err = <-connecting
			require.Error(t, err)
			_, counting := c.OnlineUserCount(t.Context())
			dialed := ""
			for _, r := range w.requests() {
				if r.Header.Get("Upgrade") != "" {
					dialed = r.URL
				}
				if r.Header.Get("Authorization") != "" {
					assert.Equal(t, tc.want+"api/v3.0/online-members", r.URL)
				}
			}
			assert.Equal(t, tc.want, dialed)
			if tc.refusal != "" {
				require.ErrorContains(t, err, tc.refusal)
				require.ErrorContains(t, counting, tc.refusal)
			}
		})
	}
}

func TestLiveOptions(t *testing.T) {
	t.Parallel()
	region := cometchat.WithRegion("us")
	for _, host := range []string{"", "a b", "https://x.example", "x.example/", "x.example:0", "x.example:65536", "x.example:x", "a@b"} {
		_, err := cometchat.New(appID, region, cometchat.WithSocketHost(host))
		require.ErrorIs(t, err, cometchat.ErrBadRequest, "%q", host)
		require.ErrorContains(t, err, "chat.example.com:8443")
	}
	for _, presence := range []cometchat.Presence{cometchat.PresenceRoles(), cometchat.PresenceRoles("a", " ")} {
		_, err := cometchat.New(appID, region, cometchat.WithPresence(presence))
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, "PresenceRoles")
	}
	for _, opt := range []cometchat.Option{
		cometchat.WithAutoConnect(), cometchat.WithPresence(cometchat.PresenceFriends()), cometchat.WithSocketHost("x.example"),
	} {
		_, err := cometchat.NewAdmin(appID, authKey, region, opt)
		require.ErrorContains(t, err, "an admin has no live connection")
		p, err := cometchat.NewPool(appID, region, opt)
		require.NoError(t, err)
		require.NoError(t, p.Close())
	}
}
