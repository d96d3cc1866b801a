package cometchat_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fullUser returns a user with every field set, those included that are never sent.
func fullUser() *cometchat.User {
	now := time.Unix(1700000000, 0)
	return &cometchat.User{
		UID: "u9", Name: "Nine", Avatar: "https://a", Link: "https://l", Role: "manager", Status: "online",
		StatusMessage: "hey", Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"x"}, LastActiveAt: now, CreatedAt: now,
		UpdatedAt: now, DeactivatedAt: now, HasBlockedMe: true, BlockedByMe: true, BlockedAt: now, BlockedByMeAt: now,
		ConversationID: "a_user_u9",
	}
}

var fullBody = object{
	"uid": "u9", "name": "Nine", "avatar": "https://a", "link": "https://l", "role": "manager",
	"statusMessage": "hey", "metadata": object{"a": 1.0}, "tags": []any{"x"},
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.answer("POST", adminHost+"/users", 200, data(user("u9")))
	c := w.client(t)
	u, err := c.CreateUser(t.Context(), fullUser(), authKey)
	require.NoError(t, err)
	assert.Equal(t, "Name u9", u.Name, "the call returns the user as the server stored it")
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "POST", requests[0].Method)
	assert.Equal(t, adminHost+"/users", requests[0].URL)
	assertHeaders(t, requests[0], "Apikey", authKey)
	assert.Equal(t, fullBody, decoded(t, requests[0].Body), "without hasBlockedMe, blockedByMe and deactivatedAt")

	_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "u9", Name: "Nine"}, authKey)
	require.NoError(t, err)
	assert.JSONEq(t, `{"uid":"u9","name":"Nine"}`, w.requests()[0].Body, "the body has only the fields that are set")
	assertUID(t, c, "")

	w.answer("POST", adminHost+"/users", 400, refusal("ERR_UID_ALREADY_EXISTS", "taken"))
	_, err = c.CreateUser(t.Context(), fullUser(), authKey)
	require.ErrorIs(t, err, cometchat.ErrUIDAlreadyExists)
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("PUT", adminHost+"/users/u9", 200, data(user("u9")))
	u, err := c.UpdateUser(t.Context(), fullUser(), authKey)
	require.NoError(t, err)
	assert.Equal(t, "Name u9", u.Name)
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "PUT", requests[0].Method)
	assert.Equal(t, adminHost+"/users/u9", requests[0].URL)
	assertHeaders(t, requests[0], "Apikey", authKey)
	assert.Equal(t, fullBody, decoded(t, requests[0].Body))
	assertUID(t, c, uid1)

	w.answer("PUT", adminHost+"/users/u9", 401, tokenGone())
	_, err = c.UpdateUser(t.Context(), fullUser(), authKey)
	require.Error(t, err)
	assertUID(t, c, uid1) // the refusal is not about the session's token
}

func TestUpdateCurrentUserDetails(t *testing.T) {
	t.Parallel()
	w := newWire()
	store := cometchat.NewMemorySessionStore()
	c := w.loggedIn(t, cometchat.WithSessionStore(store))
	changed := user(uid1)
	changed["name"] = "Me2"
	w.answer("PUT", meURL, 200, data(changed))
	u, err := c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{UID: uid1, Name: "Me2", Status: "offline"})
	require.NoError(t, err)
	assert.Equal(t, "Me2", u.Name)
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "PUT", requests[0].Method)
	assert.Equal(t, meURL, requests[0].URL)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	assert.JSONEq(t, `{"uid":"cometchat-uid-1","name":"Me2"}`, requests[0].Body)

	kept, err := c.GetLoggedinUser(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "Me2", kept.Name, "the stored session has the new name")
	stored, err := store.Load(t.Context(), appID+"/session")
	require.NoError(t, err)
	assert.Equal(t, "Me2", stored.User.Name)
	assert.Equal(t, jwt, stored.JWT, "an answer without a jwt does not change the stored one")
	assert.Equal(t, tokenOf(uid1), stored.AuthToken)

	_, err = c.UpdateCurrentUserDetails(t.Context(), &cometchat.User{UID: uid2, Name: "Me2"})
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("GET", clientHost+"/users/u9", 200, data(user("u9")))
	u, err := c.GetUser(t.Context(), "u9")
	require.NoError(t, err)
	assert.Equal(t, "u9", u.UID)
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.Equal(t, "GET", requests[0].Method)
	assert.Equal(t, clientHost+"/users/u9", requests[0].URL)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	assert.Empty(t, requests[0].Body)

	w.answer("GET", clientHost+"/users/u8", 200, data(user("u9")))
	_, err = c.GetUser(t.Context(), "u8")
	require.ErrorContains(t, err, "about another user")
	assert.Equal(t, 1, asError(err).Attempts)

	_, err = newWire().client(t).GetUser(t.Context(), "u9")
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn, "the JavaScript SDK sends a request without a token")
}

func TestUserJSON(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(fullUser())
	require.NoError(t, err)
	assert.JSONEq(t, `{"uid":"u9","name":"Nine","avatar":"https://a","link":"https://l","role":"manager","status":"online",
		"statusMessage":"hey","metadata":{"a":1},"tags":["x"],"lastActiveAt":1700000000,"createdAt":1700000000,
		"updatedAt":1700000000,"deactivatedAt":1700000000,"hasBlockedMe":true,"blockedByMe":true,
		"blockedAt":1700000000,"blockedByMeAt":1700000000,"conversationId":"a_user_u9"}`, string(raw))
	var back cometchat.User
	require.NoError(t, json.Unmarshal(raw, &back))
	assert.Equal(t, *fullUser(), back)

	raw, err = json.Marshal(&cometchat.User{UID: "a"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"uid":"a"}`, string(raw), "absent fields are left out")
}

func TestUserFromTheServer(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		json string
		want cometchat.User
	}{
		"available is online":  {`{"status":"available"}`, cometchat.User{Status: cometchat.StatusOnline}},
		"online too":           {`{"status":"online"}`, cometchat.User{Status: cometchat.StatusOnline}},
		"offline":              {`{"status":"offline"}`, cometchat.User{Status: cometchat.StatusOffline}},
		"no metadata":          {`{"metadata":null}`, cometchat.User{}},
		"metadata of PHP":      {`{"metadata":[]}`, cometchat.User{Metadata: json.RawMessage(`[]`)}},
		"metadata as it is":    {`{"metadata":{"n":12345678901234567890.10, "s":"é"}}`, cometchat.User{Metadata: json.RawMessage(`{"n":12345678901234567890.10, "s":"é"}`)}},
		"zero is no time":      {`{"deactivatedAt":0}`, cometchat.User{}},
		"null is no time":      {`{"lastActiveAt":null}`, cometchat.User{}},
		"a time":               {`{"lastActiveAt":1700000000}`, cometchat.User{LastActiveAt: time.Unix(1700000000, 0)}},
		"a quoted time":        {`{"lastActiveAt":"1700000000"}`, cometchat.User{LastActiveAt: time.Unix(1700000000, 0)}},
		"a time with fraction": {`{"lastActiveAt":1700000000.9}`, cometchat.User{LastActiveAt: time.Unix(1700000000, 0)}},
		"unknown fields":       {`{"uid":"a","authToken":"secret","x":{"y":[]}}`, cometchat.User{UID: "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var u cometchat.User
			require.NoError(t, json.Unmarshal([]byte(tc.json), &u))
			assert.Equal(t, tc.want, u)
		})
	}
	for _, odd := range []string{`{"createdAt":"yesterday"}`, `{"createdAt":1e99}`, `{"createdAt":"NaN"}`, `{"createdAt":[]}`, `{"uid":{}}`} {
		var u cometchat.User
		require.NoError(t, json.Unmarshal([]byte(odd), &u), odd)
		assert.Equal(t, cometchat.User{}, u, "unreadable fields are left empty")
	}
}
