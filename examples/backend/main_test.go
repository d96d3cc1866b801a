package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	rounds = 1000
	m.Run()
}

func TestDemonstration(t *testing.T) {
	t.Setenv("COMETCHAT_APP_ID", "")
	t.Setenv("COMETCHAT_REGION", "")
	t.Setenv("COMETCHAT_API_KEY", "")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, ""))
	assert.Contains(t, out.String(), "Logged in to CometChat as ada.")
	assert.Equal(t, 1, strings.Count(out.String(), `msg="a message was sent" id=57 `), "the event is handled once")
	assert.Contains(t, out.String(), "System: Welcome, ada!")
	assert.Contains(t, out.String(), "Helper: I have read your message")
	assert.Equal(t, 1, strings.Count(out.String(), "a user was mentioned"), "the answer is no question")
	assert.Regexp(t, `level=WARN msg="a webhook's delivery failed" status=401 `, out.String())
	assert.Regexp(t, `level=WARN msg="no auth token was given out" status=403 `, out.String())
	assert.Regexp(t, `level=WARN msg="no auth token was given out" status=502 .*AUTH_ERR_APIKEY_NOT_FOUND`, out.String())
	for _, secret := range []string{"a long password", "0000000000", cookieName} {
		assert.NotContains(t, out.String(), secret)
	}
}

func TestServesUntilInterrupted(t *testing.T) {
	t.Setenv("COMETCHAT_APP_ID", "")
	t.Setenv("COMETCHAT_REGION", "")
	t.Setenv("COMETCHAT_API_KEY", "")
	t.Setenv("WEBHOOK_PASSWORD", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.ErrorContains(t, run(ctx, &out, "127.0.0.1:0"), "set WEBHOOK_PASSWORD")
	t.Setenv("WEBHOOK_PASSWORD", "secret-pw")
	require.NoError(t, run(ctx, &out, "127.0.0.1:0"))
	require.Error(t, run(t.Context(), &out, "no address"))
	t.Setenv("COMETCHAT_REGION", "us")
	require.ErrorContains(t, run(ctx, &out, ""), "or none")
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	emulator := cometchattest.NewServer()
	defer emulator.Close()
	var out bytes.Buffer
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	end, err := serve(t.Context(), config{
		appID: emulator.AppID, apiKey: emulator.APIKey, options: emulator.AdminOptions(), webhookPassword: "secret-pw", log: slog.New(slog.NewTextHandler(&out, nil)),
	}, listener)
	require.NoError(t, err)
	client := &http.Client{}
	defer client.CloseIdleConnections()
	d := &demo{func(string, ...any) {}, client, urlOf(listener)}
	const ada = `{"name":"ada","password":"a long password"}`
	for i, step := range []struct {
		path, body string
		status     int
		header     http.Header
	}{
		{"/signup", ada, 204, nil},
		{"/signup", ada, 409, nil},
		{"/signup", `{"name":"ada","password":"another password"}`, 409, nil},
		{"/signup", `{"name":"Ada Lovelace","password":"a long password"}`, 400, nil},
		{"/signup", `{"name":"ben","password":"short"}`, 400, nil},
		{"/signup", `{"name":"ben","password":"` + strings.Repeat("x", 5000) + `"}`, 400, nil},
		{"/signup", `name=ada`, 400, nil},
		{"/signup", strings.Replace(ada, "ada", "zoe", 1), 403, http.Header{"Sec-Fetch-Site": {"cross-site"}}},
		{"/login", ada, 204, nil},
		{"/login", ada, 403, http.Header{"Sec-Fetch-Site": {"cross-site"}}},
		{"/login", strings.Replace(ada, "long", "wrong", 1), 401, nil},
		{"/login", strings.Replace(ada, "ada", "nobody", 1), 401, nil},
		{"/chat/token", ``, 401, nil},
		{"/chat/token", ``, 401, http.Header{"Cookie": {cookieName + "=made-up"}}},
	} {
		_, err := d.post(t.Context(), step.path, step.body, step.status, step.header)
		require.NoError(t, err, "step %d", i)
	}
	require.NoError(t, end())
	assert.Len(t, emulator.Users(), 7, fmt.Sprint(emulator.Users()))
}
