package cometchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCreateGroupOutcomes checks that each uid has an outcome, whatever the server says of the members.
func TestCreateGroupOutcomes(t *testing.T) {
	t.Parallel()
	ok, no := object{"success": true}, object{"success": false, "error": object{"code": "ERR_UID_NOT_FOUND", "message": "nobody"}}
	for name, tc := range map[string]struct {
		members any
		fails   map[string]string // by uid; "" is a success
	}{
		"all four lists":     {object{"data": object{"admins": object{"ada": ok}, "moderators": object{"bob": no}, "participants": object{}, "usersToBan": object{"eve": ok}}}, map[string]string{"Ada": "", "bob": "ERR_UID_NOT_FOUND", "eve": ""}},
		"one list":           {object{"data": object{"admins": object{"ada": ok}}}, map[string]string{"Ada": "", "bob": "has no result", "eve": "has no result"}},
		"lists that are [] ": {object{"data": object{"admins": []int{}, "moderators": nil, "usersToBan": object{"eve": no}}}, map[string]string{"Ada": "has no result", "bob": "has no result", "eve": "ERR_UID_NOT_FOUND"}},
		"odd results":        {object{"data": object{"admins": object{"ada": "success", "bob": object{}, "eve": object{"success": 0, "message": "not now"}}}}, map[string]string{"Ada": "has no result", "bob": "has no result", "eve": "not now"}},
		"no data":            {object{}, map[string]string{"Ada": "has no result", "bob": "has no result", "eve": "has no result"}},
		"no members":         {nil, map[string]string{"Ada": "has no result", "bob": "has no result", "eve": "has no result"}},
		"a text":             {"x", map[string]string{"Ada": "has no result", "bob": "has no result", "eve": "has no result"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.RegisterNoResponder(respond(200, data(object{"guid": "g", "name": "n", "members": tc.members})))
			g, outcomes, err := c.CreateGroup(t.Context(), cometchat.NewGroup{
				GUID: "g", Name: "n", Type: cometchat.GroupPublic,
				Members: cometchat.NewGroupMembers{Admins: []string{"Ada"}, Moderators: []string{"bob"}, Banned: []string{"eve"}},
			})
			require.NoError(t, err)
			assert.Equal(t, "n", g.Name)
			assertOutcomes(t, tc.fails, outcomes)
		})
	}
}

// assertOutcomes compares outcomes with what they should say; "" is a success.
func assertOutcomes(t *testing.T, want map[string]string, outcomes map[string]error) {
	t.Helper()
	assert.Len(t, outcomes, len(want))
	for uid, says := range want {
		outcome, ok := outcomes[uid]
		assert.True(t, ok, "%s has no outcome", uid)
		if says == "" {
			require.NoError(t, outcome, uid)
			continue
		}
		require.ErrorContains(t, outcome, says, uid)
		assert.NotNil(t, asError(outcome))
	}
}

// TestAddGroupMembersInBatches adds 60 users: all requests succeed, the second is refused, or the context ends during the second.
func TestAddGroupMembersInBatches(t *testing.T) {
	t.Parallel()
	uids := make([]string, 60)
	for i := range uids {
		uids[i] = "u" + string(rune('A'+i/26)) + string(rune('a'+i%26))
	}
	members := cometchat.NewGroupMembers{Admins: uids[:2], Moderators: uids[2:30], Participants: uids[30:55], Banned: uids[55:]}
	for name, tc := range map[string]struct {
		second error // what ends the second request
		sizes  []int // of the requests
		wants  error // the error of the call, and of each uid from the second request on
	}{
		"all succeed":      {nil, []int{25, 25, 10}, nil},
		"a refusal":        {errRefused, []int{25, 25}, cometchat.ErrNotPermitted},
		"the context ends": {context.Canceled, []int{25, 25}, context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var sizes []int
			w.RegisterResponder("PUT", clientHost+"/groups/g/members", func(r *http.Request) (*http.Response, error) {
				answer, size := allAdded(t, r)
				sizes = append(sizes, size)
				switch {
				case len(sizes) == 2 && tc.second == errRefused: //nolint:errorlint // it is not wrapped
					return httpmock.NewJsonResponse(403, refusal("ERR_GROUP_NO_ADMIN_SCOPE", "no"))
				case len(sizes) == 2 && tc.second != nil:
					cancel()
					return nil, tc.second
				}
				return httpmock.NewJsonResponse(200, data(answer))
			})
			outcomes, err := c.AddGroupMembers(ctx, "g", members)
			assert.Equal(t, tc.sizes, sizes)
			require.ErrorIs(t, err, tc.wants)
			assert.Len(t, outcomes, 60, "each uid has an outcome")
			for i, uid := range uids {
				outcome, ok := outcomes[uid]
				assert.True(t, ok, uid)
				if i < 25 || tc.wants == nil {
					require.NoError(t, outcome)
				} else {
					require.ErrorIs(t, outcome, tc.wants)
				}
			}
			requests := w.requests()
			second := decoded(t, requests[1].Body)
			assert.Len(t, second["moderators"], 5)
			assert.Len(t, second["participants"], 20)
			if tc.wants == nil {
				last := decoded(t, requests[2].Body)
				assert.Equal(t, []any{uids[55], uids[56], uids[57], uids[58], uids[59]}, last["usersToBan"])
			}
		})
	}
}

var errRefused = errors.New("the server refuses")

// allAdded returns the answer to a request that adds members, in which all are added, and how many they are.
func allAdded(t *testing.T, r *http.Request) (answer object, size int) {
	t.Helper()
	var body map[string][]string
	assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
	answer = object{}
	for list, uids := range body {
		results := object{}
		for _, uid := range uids {
			results[strings.ToLower(uid)] = object{"success": true}
			size++
		}
		answer[list] = results
	}
	return answer, size
}

func TestAddGroupMembersIsRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	some := cometchat.NewGroupMembers{Participants: []string{"ada"}}
	outcomes, err := c.AddGroupMembers(t.Context(), "", some)
	assert.Equal(t, "INVALID_GUID", code(err))
	assert.Nil(t, outcomes)
	_, err = c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{Admins: []string{}})
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	_, err = c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{Admins: []string{"a", "A"}})
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	_, err = c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{Banned: []string{".."}})
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())

	w.RegisterNoResponder(respond(404, refusal("ERR_GUID_NOT_FOUND", "no such group")))
	outcomes, err = c.AddGroupMembers(t.Context(), "g", some)
	require.ErrorIs(t, err, cometchat.ErrGUIDNotFound)
	assert.Equal(t, map[string]error{"ada": err}, outcomes)
	w.RegisterNoResponder(respond(401, tokenGone()))
	outcomes, err = c.AddGroupMembers(t.Context(), "g", some)
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	assert.Equal(t, map[string]error{"ada": err}, outcomes)
	outcomes, err = c.AddGroupMembers(t.Context(), "g", some)
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	assert.Nil(t, outcomes)
	c = w.loggedIn(t, once)
	w.RegisterNoResponder(respond(200, data(object{"success": true})))
	outcomes, err = c.AddGroupMembers(t.Context(), "g", some)
	require.NoError(t, err)
	assertOutcomes(t, map[string]string{"ada": "has no result"}, outcomes)
}
