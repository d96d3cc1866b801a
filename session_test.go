package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hookedStore is a memory store whose methods can be made to fail.
type hookedStore struct {
	*cometchat.MemorySessionStore
	load, save, remove func(key string) error
}

func newHookedStore() *hookedStore {
	fine := func(string) error { return nil }
	return &hookedStore{cometchat.NewMemorySessionStore(), fine, fine, fine}
}

func (h *hookedStore) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if err := h.load(key); err != nil {
		return nil, err
	}
	return h.MemorySessionStore.Load(ctx, key)
}

func (h *hookedStore) Save(ctx context.Context, key string, s *cometchat.Session) error {
	if err := h.save(key); err != nil {
		return err
	}
	return h.MemorySessionStore.Save(ctx, key, s)
}

func (h *hookedStore) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := h.remove(key); err != nil {
		return err
	}
	return h.MemorySessionStore.Delete(ctx, key)
}

func (h *hookedStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	hook := h.save
	if next == nil {
		hook = h.remove
	}
	if err := errors.Join(ctx.Err(), hook(key)); err != nil {
		return false, err
	}
	return h.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

var errDisk = errors.New("the disk is on fire")

func TestStoreThatFails(t *testing.T) {
	t.Parallel()
	t.Run("to load a session: the call fails, and the next call loads again", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		w.loginWorks(uid1)
		store.load = func(string) error { return errDisk }
		c := w.client(t, cometchat.WithSessionStore(store))
		_, err := c.GetLoggedinUser(t.Context())
		require.ErrorIs(t, err, errDisk)
		assert.Equal(t, "GetLoggedinUser", asError(err).Op)
		_, err = c.AuthToken(t.Context())
		require.ErrorIs(t, err, errDisk)
		_, err = c.GetUser(t.Context(), uid1)
		require.ErrorIs(t, err, errDisk)
		_, err = c.Login(t.Context(), uid1, authKey)
		require.ErrorIs(t, err, errDisk)
		assert.Empty(t, w.lines())

		store.load = func(string) error { return nil }
		_, err = c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
	})
	t.Run("to load the device id: the login fails", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		store.load = func(key string) error {
			if key == appID+"/device" {
				return errDisk
			}
			return nil
		}
		_, err := w.client(t, cometchat.WithSessionStore(store)).Login(t.Context(), uid1, authKey)
		require.ErrorIs(t, err, errDisk)
		assert.Empty(t, w.lines())
	})
	t.Run("to save the device id: the login fails", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		store.save = func(string) error { return errDisk }
		_, err := w.client(t, cometchat.WithSessionStore(store)).Login(t.Context(), uid1, authKey)
		require.ErrorIs(t, err, errDisk)
		assert.Empty(t, w.lines())
	})
	t.Run("to save the session: the login fails, and the old session stays", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		h := listen(c)
		store.save = func(string) error { return errDisk }
		_, err := c.Login(t.Context(), uid2, authKey)
		require.ErrorIs(t, err, errDisk)
		assert.Equal(t, "Login", asError(err).Op)
		assertUID(t, c, uid1)
		assert.Equal(t, []string{"loginFailure ERR_SESSION_STORE"}, h.take())
	})
	t.Run("to delete the session: it ends in this client", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		h := listen(c)
		store.remove = func(string) error { return errDisk }
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		err := c.Logout(t.Context())
		require.ErrorIs(t, err, errDisk)
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutFailure ERR_SESSION_STORE", "logoutSuccess"}, h.take())
	})
	t.Run("to delete the session, and the server refuses the logout: the error has both", func(t *testing.T) {
		t.Parallel()
		w, store := newWire(), newHookedStore()
		c := w.loggedIn(t, cometchat.WithSessionStore(store))
		store.remove = func(string) error { return errDisk }
		w.answer("DELETE", meURL, 400, refusal("ERR_BAD_REQUEST", "no"))
		err := c.Logout(t.Context())
		require.ErrorIs(t, err, errDisk)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assert.NotContains(t, err.Error(), "\n")
	})
}

func TestStoredSessionThatIsOfNoUse(t *testing.T) {
	t.Parallel()
	u := &cometchat.User{UID: uid1}
	for name, s := range map[string]*cometchat.Session{
		"without a user":  {AppID: appID, AuthToken: "t"},
		"without a uid":   {AppID: appID, AuthToken: "t", User: &cometchat.User{}},
		"without a token": {AppID: appID, User: u},
		"another app's":   {AppID: "app2", AuthToken: "t", User: u},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, store := newWire(), cometchat.NewMemorySessionStore()
			require.NoError(t, store.Save(t.Context(), appID+"/session", s))
			c := w.client(t, cometchat.WithSessionStore(store))
			_, err := c.GetLoggedinUser(t.Context())
			require.ErrorContains(t, err, "log out to discard it")
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
			require.ErrorIs(t, c.Logout(t.Context()), cometchat.ErrUnreadableSession)
			assert.Empty(t, w.lines(), "without a token there is no logout request")
			assertUID(t, c, "")
			_, err = store.Load(t.Context(), appID+"/session")
			require.ErrorIs(t, err, cometchat.ErrNoSession)
		})
	}
}

// TestLogoutToDiscard discards a stored session as the error of the login advises.
func TestLogoutToDiscard(t *testing.T) {
	t.Parallel()
	torn := fmt.Errorf("page 7 is torn: %w", cometchat.ErrUnreadableSession)
	for name, unreadable := range map[string]*cometchat.Session{
		"another app's session":      {AppID: "app2", AuthToken: "t", User: &cometchat.User{UID: "x"}},
		"what the store cannot read": sessionOf(uid1, "torn"),
	} {
		for _, before := range []string{"the first call", "nobody known to be logged in", "somebody logged in"} {
			t.Run(name+", with "+before, func(t *testing.T) {
				t.Parallel()
				w, store := newWire(), newHookedStore()
				w.loginWorks(uid1, uid2)
				w.answer("DELETE", meURL, 200, data(object{"success": true}))
				c := w.client(t, cometchat.WithSessionStore(store))
				switch before {
				case "nobody known to be logged in":
					assertUID(t, c, "")
				case "somebody logged in":
					_, err := c.Login(t.Context(), uid1, authKey)
					require.NoError(t, err)
				}
				otherProcess(t, store.MemorySessionStore, unreadable)
				store.load = func(key string) error {
					if s, err := store.MemorySessionStore.Load(t.Context(), key); err == nil && s.AuthToken == "torn" {
						return torn
					}
					return nil
				}
				w.requests()
				_, err := c.Login(t.Context(), uid2, authKey)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
				assert.Empty(t, w.lines())
				if before == "somebody logged in" {
					_ = c.Logout(t.Context()) // ends the client's own session first; the store may have another one
					assert.Equal(t, []string{"DELETE " + meURL}, w.lines())
					assertUID(t, c, "")
				}
				err = c.Logout(t.Context())
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession, "the error names the discarded session")
				assert.Equal(t, "ERR_SESSION_STORE", code(err))
				assert.Empty(t, w.lines())
				assertStored(t, store.MemorySessionStore, "")
				require.ErrorIs(t, c.Logout(t.Context()), cometchat.ErrNotLoggedIn)
				_, err = c.Login(t.Context(), uid2, authKey)
				require.NoError(t, err)
			})
		}
	}
}

// TestLogoutThatCannotReadTheStore checks that Logout does not delete an unread session, whose token may still work.
func TestLogoutThatCannotReadTheStore(t *testing.T) {
	t.Parallel()
	failing := func(t *testing.T) (*wire, *hookedStore, *cometchat.Client, *loginEvents) {
		t.Helper()
		w, store := newWire(), newHookedStore()
		w.loginWorks(uid1)
		w.answer("DELETE", meURL, 200, data(object{"success": true}))
		c := w.client(t, cometchat.WithSessionStore(store))
		return w, store, c, listen(c)
	}
	fails := func(string) error { return errDisk }
	works := func(string) error { return nil }
	t.Run("leaves the session for the next Logout", func(t *testing.T) {
		t.Parallel()
		w, store, c, h := failing(t)
		otherProcess(t, store.MemorySessionStore, sessionOf(uid1, "stored"))
		store.load = fails
		require.ErrorIs(t, c.Logout(t.Context()), errDisk)
		assert.Empty(t, w.lines())
		assert.Empty(t, h.take())
		assertStored(t, store.MemorySessionStore, "stored")
		store.load = works
		require.NoError(t, c.Logout(t.Context()))
		requests := w.requests()
		require.Len(t, requests, 1)
		assertHeaders(t, requests[0], "Authtoken", "stored")
		assertStored(t, store.MemorySessionStore, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	t.Run("ends the client's own session", func(t *testing.T) {
		t.Parallel()
		w, store, c, h := failing(t)
		_, err := c.Login(t.Context(), uid1, authKey)
		require.NoError(t, err)
		store.load = fails
		h.take()
		w.requests()
		require.NoError(t, c.Logout(t.Context()))
		assert.Equal(t, []string{"DELETE " + meURL}, w.lines())
		assertUID(t, c, "")
		assert.Equal(t, []string{"logoutSuccess"}, h.take())
	})
	t.Run("says that nobody is logged in, when the client knows it", func(t *testing.T) {
		t.Parallel()
		w, store, c, h := failing(t)
		assertUID(t, c, "")
		store.load = fails
		err := c.Logout(t.Context())
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		require.ErrorIs(t, err, errDisk)
		assert.Empty(t, w.lines())
		assert.Empty(t, h.take())
	})
	t.Run("leaves the session of another process", func(t *testing.T) {
		t.Parallel()
		w, store, c, h := failing(t)
		assertUID(t, c, "")
		otherProcess(t, store.MemorySessionStore, sessionOf(uid1, "theirs"))
		require.ErrorIs(t, c.Logout(t.Context()), cometchat.ErrNotLoggedIn)
		assert.Empty(t, w.lines())
		assert.Empty(t, h.take())
		assertStored(t, store.MemorySessionStore, "theirs")
	})
}

func TestUsersHandedOutAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	store := cometchat.NewMemorySessionStore()
	c := w.client(t, cometchat.WithSessionStore(store))
	spoil := func(u *cometchat.User) {
		u.UID, u.Name, u.Tags[0] = "x", "x", "x"
		copy(u.Metadata, "xxxxxxx")
	}
	c.AddLoginListener("spoil", cometchat.LoginListener{LoginSuccess: spoil})
	u, err := c.Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Equal(t, uid1, u.UID)
	spoil(u)
	for range 2 {
		u, err = c.GetLoggedinUser(t.Context())
		require.NoError(t, err)
		assert.Equal(t, uid1, u.UID)
		assert.Equal(t, []string{"t1"}, u.Tags)
		assert.JSONEq(t, `{"a":1}`, string(u.Metadata))
		spoil(u)
	}
	s, err := store.Load(t.Context(), appID+"/session")
	require.NoError(t, err)
	spoil(s.User)
	s, err = store.Load(t.Context(), appID+"/session")
	require.NoError(t, err)
	assert.Equal(t, uid1, s.User.UID)
}

func TestSessionJSON(t *testing.T) {
	t.Parallel()
	s := cometchat.Session{
		AppID: appID, DeviceID: "d", AuthToken: "token", JWT: "jwt", CreatedAt: time.Unix(1700000000, 0).UTC(),
		VerifiedAt: time.Unix(1700000100, 0).UTC(),
		User: &cometchat.User{
			UID: uid1, Name: "n", Tags: []string{"a"}, Metadata: json.RawMessage(`{"a":[1,2.50]}`), Status: "online",
			LastActiveAt: time.Unix(1, 0), HasBlockedMe: true,
		},
	}
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	assert.JSONEq(t, `{"version":2,"appId":"app1","deviceId":"d","authToken":"token","jwt":"jwt",
		"createdAt":"2023-11-14T22:13:20Z","verifiedAt":"2023-11-14T22:15:00Z","user":{"uid":"cometchat-uid-1","name":"n","tags":["a"],
		"metadata":{"a":[1,2.50]},"status":"online","lastActiveAt":1,"hasBlockedMe":true}}`, string(raw))
	var back cometchat.Session
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, s, back)

	later := json.Unmarshal([]byte(`{"version":3,"user":[]}`), &back)
	require.ErrorContains(t, later, "version 3 of its format, and this one reads up to 2): update the package")
	assert.Equal(t, s, back, "a failed decoding changes nothing")
	require.ErrorContains(t, json.Unmarshal([]byte(`{}`), &back), "version 0")
	require.Error(t, json.Unmarshal([]byte(`{"version":1,"authToken":7}`), &back))
}

// TestSessionsOfEveryVersion reads the golden files of the stored format: a stored session of any version can be read.
func TestSessionsOfEveryVersion(t *testing.T) {
	t.Parallel()
	read := func(file string) (s cometchat.Session, raw []byte) {
		raw, err := os.ReadFile(filepath.Join("testdata", file)) //nolint:gosec // both are constants
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &s))
		return s, raw
	}
	v1, _ := read("session_v1.json")
	v2, raw := read("session_v2.json")
	assert.Equal(t, time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC), v2.CreatedAt)
	assert.Equal(t, time.Date(2023, 11, 15, 8, 0, 0, 0, time.UTC), v2.VerifiedAt)
	assert.Equal(t, v1.CreatedAt, v1.VerifiedAt, "version 1 has no VerifiedAt: the login is the last known check")
	assert.Equal(t, "Andrew Joseph", v2.User.Name)
	written, err := json.Marshal(v2)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(written))

	v1.VerifiedAt = v2.VerifiedAt
	assert.Equal(t, v2, v1)
	written, err = json.Marshal(v1)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(written), "the session is written as the newest version")
}

// TestStoredSessionOfALaterVersion checks that the client reports a session of a later version, and does not delete it.
func TestStoredSessionOfALaterVersion(t *testing.T) {
	t.Parallel()
	w, store := newWire(), newHookedStore()
	store.load = func(string) error { return json.Unmarshal([]byte(`{"version":3}`), &cometchat.Session{}) }
	store.remove = func(string) error { t.Error("it is deleted"); return nil }
	c := w.client(t, cometchat.WithSessionStore(store))
	_, err := c.GetLoggedinUser(t.Context())
	require.ErrorContains(t, err, "update the package; nothing has been deleted")
	_, err = c.Login(t.Context(), uid1, authKey)
	require.ErrorContains(t, err, "update the package")
	assert.Empty(t, w.lines())
}

func TestFailedLoginLeavesTheSession(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(w *wire){
		"the key is refused": func(w *wire) {
			w.answer("POST", tokensURL(uid2), 401, refusal("AUTH_ERR_APIKEY_NOT_FOUND", "no such key"))
		},
		"the fresh token is refused": func(w *wire) { w.answer("PUT", meURL, 401, tokenGone()) },
		"the server breaks":          func(w *wire) { w.answer("PUT", meURL, 500, "<html>oops</html>") },
		"somebody else's token is minted": func(w *wire) {
			w.answer("POST", tokensURL(uid2), 200, data(object{"uid": "mallory", "authToken": "t"}))
		},
		"no token is minted":     func(w *wire) { w.answer("POST", tokensURL(uid2), 200, data(object{"uid": uid2})) },
		"somebody else is me":    func(w *wire) { w.answer("PUT", meURL, 200, data(meAnswer("mallory"))) },
		"nobody is me":           func(w *wire) { w.answer("PUT", meURL, 200, data(object{"name": "x"})) },
		"a success without data": func(w *wire) { w.answer("PUT", meURL, 200, object{}) },
		"a success of HTML":      func(w *wire) { w.answer("PUT", meURL, 200, "<html>welcome</html>") },
		"an empty success":       func(w *wire) { w.answer("PUT", meURL, 200, "") },
		"a truncated success":    func(w *wire) { w.answer("PUT", meURL, 200, `{"data":{"uid":"comet`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, atOnce)
			h := listen(c)
			breakIt(w)
			_, err := c.Login(t.Context(), uid2, authKey)
			require.Error(t, err)
			assert.NotNil(t, asError(err))
			assertUID(t, c, uid1)
			assert.Equal(t, []string{"loginFailure " + code(err)}, h.take(), "there is no logoutSuccess")
		})
	}
}

func TestDeviceIDSurvivesLogout(t *testing.T) {
	t.Parallel()
	w := newWire()
	store := cometchat.NewMemorySessionStore()
	w.loginWorks(uid1, uid2)
	w.answer("DELETE", meURL, 200, data(object{"success": true}))
	c := w.client(t, cometchat.WithSessionStore(store))
	ids := map[string]bool{}
	login := func(c *cometchat.Client, uid string) {
		_, err := c.Login(t.Context(), uid, authKey)
		require.NoError(t, err)
		for _, r := range w.requests() {
			ids[assertLoginBody(t, r)] = true
		}
	}
	login(c, uid1)
	require.NoError(t, c.Logout(t.Context()))
	w.requests()
	login(c, uid2)
	login(w.client(t, cometchat.WithSessionStore(store)), uid1)
	assert.Len(t, ids, 1, "a store has one device id for all users and logins")

	login(w.client(t), uid1)
	assert.Len(t, ids, 2, "another store has another device id")
}
