package cometchat_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAuthFrame compares the auth frame with one that the official SDK sent: the same fields of the same JSON types, at the same
// places, except for the browser's origin.
func TestAuthFrame(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/auth_frame.json")
	require.NoError(t, err)
	official := decoded(t, string(raw))
	for name, tc := range map[string]struct {
		presence cometchat.Presence
		word     any
		roles    any
	}{
		"all users": {cometchat.PresenceAllUsers(), "ALL_USERS", nil},
		"friends":   {cometchat.PresenceFriends(), "FRIENDS", nil},
		"roles":     {cometchat.PresenceRoles("a", "b"), "ROLES", []any{"a", "b"}},
		"nobody":    {cometchat.Presence{}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire()
				w.loginWorks(uid1)
				sent := make(chan []byte, 1)
				w.live(func(p *peer) {
					sent <- p.letIn()
					p.answerPings()
				})
				c := w.client(t, cometchat.WithPresence(tc.presence))
				_, err := c.Login(t.Context(), uid1, authKey)
				require.NoError(t, err)
				resource := w.requests()[0].Header.Get("Resource")
				require.NoError(t, c.Connect(t.Context()))
				frame := decoded(t, string(<-sent))
				body, _ := frame["body"].(object)
				assert.Equal(t, tc.word, body["presenceSubscription"])
				assert.Equal(t, tc.roles, body["roles"])
				assert.Equal(t, []any{appID, uid1, resource, jwt, resource},
					[]any{frame["appId"], frame["sender"], frame["deviceId"], body["auth"], body["deviceId"]})
				want, got := shape(official), shape(frame)
				if tc.word == nil {
					want = slices.DeleteFunc(want, func(s string) bool { return s == ".body.presenceSubscription string" })
				}
				got = slices.DeleteFunc(got, func(s string) bool { return s == ".body.roles array" })
				assert.Equal(t, want, got)
			})
		})
	}
}

// shape returns the paths of the values in an object, with their JSON types.
func shape(o object) (paths []string) {
	for key, value := range o {
		switch value := value.(type) {
		case object:
			for _, path := range shape(value) {
				paths = append(paths, "."+key+path)
			}
		case string:
			paths = append(paths, "."+key+" string")
		case float64, json.Number:
			paths = append(paths, "."+key+" number")
		default:
			paths = append(paths, "."+key+" array")
		}
	}
	slices.Sort(paths)
	return paths
}

// TestSessionWithoutJWT checks that a session without a JWT gets one, or says that the server gave none.
func TestSessionWithoutJWT(t *testing.T) {
	t.Parallel()
	inBubble(t, "the server gives none", func(t *testing.T) {
		w := newWire()
		me := meAnswer(uid1)
		delete(me, "jwt")
		w.answer("PUT", meURL, 200, data(me))
		w.live(func(p *peer) { p.letIn(); p.answerPings() })
		c := w.client(t, once)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		w.requests()
		err = c.Connect(t.Context())
		require.ErrorIs(t, err, cometchat.ErrJWTRefused)
		assert.Equal(t, []string{"GET " + settingsURL, "PUT " + meURL}, w.lines())
		w.answer("PUT", meURL, 200, data(meAnswer(uid1)))
		require.NoError(t, c.Connect(t.Context()))
	})
	for name, token := range map[string]string{"is no JWT": "opaque", "has no time": jwt, "cannot be decoded": "a.%.c", "is no JSON": "a.YQ.c"} {
		inBubble(t, "the server decides about one that "+name, func(t *testing.T) {
			w := newWire()
			me := meAnswer(uid1)
			me["jwt"] = token
			w.answer("PUT", meURL, 200, data(me))
			w.live(func(p *peer) { p.letIn(); p.answerPings() })
			c := w.client(t, once)
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
			require.NoError(t, err)
			w.requests()
			require.NoError(t, c.Connect(t.Context()))
			assert.NotContains(t, w.lines(), "PUT "+meURL)
		})
	}
}
