package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWebhook sends a message, and has its event at the URL of -webhook, with the password of the environment.
func TestWebhook(t *testing.T) {
	t.Setenv("WEBHOOK_USERNAME", "hook")
	t.Setenv("WEBHOOK_PASSWORD", "hook-secret")
	type credentials struct{ path, user, password string }
	got := make(chan credentials, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		got <- credentials{r.URL.Path, user, password}
	}))
	t.Cleanup(receiver.Close)
	p := start(t, "-webhook", receiver.URL+"/webhooks/cometchat")
	c := p.client(t, "emulator-app", unpooled())
	_, err := c.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
	_, err = c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser("cometchat-uid-2"), "hi"))
	require.NoError(t, err)
	assert.Equal(t, credentials{"/webhooks/cometchat", "hook", "hook-secret"}, <-got)
	require.NoError(t, p.stop())
	assert.Regexp(t, `(?m)^\S+ (200|---) HOOK .* /webhooks/cometchat  message_sent`, p.log.String()) // ---: stop was faster
	assert.NotContains(t, p.log.String()+p.banner, "hook-secret")
}

func TestHalfOfAWebhooksPassword(t *testing.T) {
	t.Setenv("WEBHOOK_USERNAME", "hook")
	t.Setenv("WEBHOOK_PASSWORD", "")
	_, err := parseFlags([]string{"-webhook", "http://localhost:8080/"}, t.Output())
	require.ErrorIs(t, err, errUsage)
	_, err = parseFlags(nil, t.Output())
	require.NoError(t, err, "without a webhook they say nothing")
}
