package cometchat_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBlockUsers(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("POST", clientHost+"/blockedusers", 200, data(object{
		"u5": object{"success": true, "message": "blocked"},
		"u6": object{"success": false, "message": "no luck with " + tokenOf(uid1)},
		"u7": object{"error": object{"code": "ERR_UID_NOT_FOUND", "message": "no u7"}},
	}))
	outcomes, err := c.BlockUsers(t.Context(), []string{"u5", "u6", "u7"})
	require.NoError(t, err)
	assert.Len(t, outcomes, 3)
	require.NoError(t, outcomes["u5"])
	require.ErrorContains(t, outcomes["u6"], "no luck with [redacted]")
	require.ErrorIs(t, outcomes["u7"], cometchat.ErrUIDNotFound)
	requests := w.requests()
	require.Len(t, requests, 1)
	assert.JSONEq(t, `{"blockedUids":["u5","u6","u7"]}`, requests[0].Body)
	assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))

	w.answer("DELETE", clientHost+"/blockedusers", 200, data(object{"u5": object{"success": true}}))
	outcomes, err = c.UnblockUsers(t.Context(), []string{"u5"})
	require.NoError(t, err)
	assert.Equal(t, map[string]error{"u5": nil}, outcomes)
	w.requests()

	_, err = c.BlockUsers(t.Context(), nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	_, err = c.UnblockUsers(t.Context(), []string{"a", "."})
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())
	_, err = newWire().client(t).BlockUsers(t.Context(), []string{"a"})
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)

	w.answer("POST", clientHost+"/blockedusers", 401, tokenGone())
	_, err = c.BlockUsers(t.Context(), []string{"u5"})
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	_, err = c.AuthToken(t.Context())
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
}

func TestBlockUsersAnswersForEachUID(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("POST", clientHost+"/blockedusers", 200, data(object{
		"ada":    object{"success": true},
		"nobody": object{"error": object{"code": "ERR_UID_NOT_FOUND", "message": "no such user"}},
		"other":  object{"success": true},
	}))
	outcomes, err := c.BlockUsers(t.Context(), []string{"Ada", "NOBODY", "left-out"})
	require.NoError(t, err)
	assert.Len(t, outcomes, 3)
	assert.Contains(t, outcomes, "Ada", "the key is the uid as the caller wrote it, though the server lower-cases uids")
	require.NoError(t, outcomes["Ada"])
	require.ErrorIs(t, outcomes["NOBODY"], cometchat.ErrUIDNotFound)
	require.ErrorContains(t, outcomes["left-out"], "has no result for this user", "a missing result is a failure")
}

func TestBlockUsersInBatches(t *testing.T) {
	t.Parallel()
	uids := manyUIDs()
	results := func(uids []string) any {
		all := object{}
		for _, uid := range uids {
			all[uid] = object{"success": true}
		}
		return all
	}
	w := newWire()
	c := w.loggedIn(t, cometchat.WithTokenProvider(func(context.Context) (string, error) { return fresh, nil }))
	url := clientHost + "/blockedusers"
	w.RegisterResponder("POST", url, ofBatch(t, "blockedUids", 0, results))
	outcomes, err := c.BlockUsers(t.Context(), uids)
	require.NoError(t, err)
	assert.Len(t, outcomes, len(uids))
	assert.Len(t, w.lines(), 6, "no more requests than the limit demands")

	w.RegisterResponder("POST", url, ofBatch(t, "blockedUids", 3, results))
	outcomes, err = c.BlockUsers(t.Context(), uids)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Len(t, w.lines(), 3)
	assert.Contains(t, outcomes, uids[0], "the call returns the results of the requests before")
	assert.NotContains(t, outcomes, uids[len(uids)-1])

	w.knows(map[string]string{fresh: uid1})
	ok, gone := ofBatch(t, "blockedUids", 0, results), respond(401, tokenGone())
	w.RegisterResponder("POST", url, ok.Then(gone).Then(ok).Then(ok).Then(ok).Then(ok).Then(ok))
	outcomes, err = c.BlockUsers(t.Context(), uids)
	require.NoError(t, err)
	assert.Len(t, outcomes, len(uids))
	assert.Len(t, w.lines(), 8, "with a fresh token, the call goes on where the old token has ended")
}

func TestBlockedUsersOfTheEmulator(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	c, other := emulated(t, s), emulated(t, s)
	ctx := t.Context()
	_, err := c.Login(ctx, uid1, s.AuthKey)
	require.NoError(t, err)
	_, err = other.Login(ctx, uid2, s.AuthKey)
	require.NoError(t, err)
	outcomes, err := c.BlockUsers(ctx, []string{"cometchat-uid-3", "nobody", uid1})
	require.NoError(t, err)
	require.NoError(t, outcomes["cometchat-uid-3"])
	require.ErrorIs(t, outcomes["nobody"], cometchat.ErrUIDNotFound)
	assert.Equal(t, "ERR_CANNOT_BLOCK_SELF", asError(outcomes[uid1]).Code)
	_, err = other.BlockUsers(ctx, []string{uid1})
	require.NoError(t, err)

	for direction, want := range map[string][]string{
		"":                      {uid2, "cometchat-uid-3"},
		cometchat.BlockedByBoth: {uid2, "cometchat-uid-3"},
		cometchat.BlockedByMe:   {"cometchat-uid-3"},
		cometchat.HasBlockedMe:  {uid2},
	} {
		uids, err := uidsOf(c.ListBlockedUsers(ctx, cometchat.BlockedUsersRequest{Limit: 1, Direction: direction}))
		require.NoError(t, err)
		assert.Equal(t, want, uids, direction)
	}
	for u, err := range c.ListBlockedUsers(ctx, cometchat.BlockedUsersRequest{}) {
		require.NoError(t, err)
		assert.Equal(t, u.UID == "cometchat-uid-3", u.BlockedByMe)
		assert.Equal(t, u.UID == uid2, u.HasBlockedMe)
	}
	_, err = c.UnblockUsers(ctx, []string{"cometchat-uid-3"})
	require.NoError(t, err)
	uids, err := uidsOf(c.ListUsers(ctx, cometchat.UsersRequest{HideBlockedUsers: true}))
	require.NoError(t, err)
	assert.Equal(t, []string{"cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"}, uids)
}
