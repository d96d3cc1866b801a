package cometchat_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLiveConnectionShowsNoSecret has the server quote the session's JWT and auth token wherever it can.
func TestLiveConnectionShowsNoSecret(t *testing.T) {
	t.Parallel()
	for name, serve := range map[string]func(p *peer){
		"a close": func(p *peer) { p.read(); p.close(4001, "bad "+canaryJWT) },
		"a later close": func(p *peer) {
			p.letIn()
			p.read()
			p.close(4001, "bad "+canaryToken)
		},
		"a refusal": func(p *peer) {
			p.read()
			p.send(textFrame, `{"type":"auth","body":{"code":"`+canaryJWT+`","status":"x"}}`)
		},
		"a status": func(p *peer) {
			p.read()
			p.send(textFrame, `{"type":"auth","body":{"code":"1","status":"`+canaryJWT+`"}}`)
		},
		"no refusal": func(p *peer) { p.read(); p.send(textFrame, canaryJWT); p.close(1008, canaryJWT) },
	} {
		inBubble(t, name, func(t *testing.T) {
			buf := &lockedBuffer{}
			w := newWire()
			me := meAnswer(uid1)
			me["authToken"], me["jwt"] = canaryToken, canaryJWT
			w.answer("PUT", meURL, 200, data(me))
			w.live(serve)
			c := w.client(t, once, cometchat.WithLogger(slog.New(slog.NewJSONHandler(buf, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			_, err := c.LoginWithToken(t.Context(), canaryToken)
			require.NoError(t, err)
			events := c.Events(t.Context())
			ctx, cancel := within(t, time.Second)
			defer cancel()
			if err := c.Connect(ctx); err != nil {
				assertUnprintable(t, err)
			}
			settle()
			require.NoError(t, c.Close())
			failures := 0
			for e := range events {
				assertUnprintable(t, e)
				if changed, ok := e.(cometchat.ConnectionChanged); ok && changed.Err != nil {
					assertUnprintable(t, changed.Err)
					failures++
				}
			}
			assert.Positive(t, failures)
			assert.NotEmpty(t, buf.String())
			assertNoSecret(t, "the log", buf.String())
		})
	}
}

// TestOnlineUserCountShowsNoSecret has the server echo the JWT.
func TestOnlineUserCountShowsNoSecret(t *testing.T) {
	t.Parallel()
	w := newWire()
	me := meAnswer(uid1)
	me["authToken"], me["jwt"] = canaryToken, canaryJWT
	w.answer("PUT", meURL, 200, data(me))
	w.answer("GET", settingsURL, 200, data(settings()))
	w.answer("POST", "https://"+socketHost+":443/api/v3.0/online-members", 401, refusal("X_"+canaryJWT, "no "+canaryJWT))
	c := w.client(t, once)
	_, err := c.LoginWithToken(t.Context(), canaryToken)
	require.NoError(t, err)
	_, err = c.OnlineUserCount(t.Context())
	require.Error(t, err)
	assertUnprintable(t, err)
}
