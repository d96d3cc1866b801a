package cometchat_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecordedUnreadCounts compares the requests with the recorded ones, and what is made of the recorded answers. The recording
// server has answered every request with a row of a user and a row of a group.
func TestRecordedUnreadCounts(t *testing.T) {
	t.Parallel()
	const ofUser, ofGroup = 3, 4
	for name, tc := range map[string]struct {
		scenario      string
		seq           int
		request       cometchat.UnreadRequest
		users, groups map[string]int
	}{
		"all": {"messages-calls", 54, cometchat.UnreadRequest{}, map[string]int{uid2: ofUser}, map[string]int{"group-1": ofGroup}},
		"all, without blocked users": {
			"messages-calls", 57, cometchat.UnreadRequest{HideMessagesFromBlockedUsers: true},
			map[string]int{uid2: ofUser}, map[string]int{"group-1": ofGroup},
		},
		"all users": {
			"messages-calls", 60, cometchat.UnreadRequest{Type: cometchat.ReceiverUser}, map[string]int{uid2: ofUser}, nil,
		},
		"all groups, without blocked users": {
			"messages-calls", 63, cometchat.UnreadRequest{Type: cometchat.ReceiverGroup, HideMessagesFromBlockedUsers: true},
			nil, map[string]int{"group-1": ofGroup},
		},
		"a user": {"messages-calls", 66, cometchat.UnreadRequest{With: cometchat.ToUser(uid2)}, map[string]int{uid2: ofUser}, nil},
		"a user, without blocked users": {
			"messages-calls", 69, cometchat.UnreadRequest{With: cometchat.ToUser(uid2), HideMessagesFromBlockedUsers: true},
			map[string]int{uid2: ofUser}, nil,
		},
		"a group": {
			"messages-calls", 72, cometchat.UnreadRequest{With: cometchat.ToGroup("group-1"), Type: cometchat.ReceiverGroup},
			nil, map[string]int{"group-1": ofGroup},
		},
		"a count as a text": {"messages-calls", 79, cometchat.UnreadRequest{}, map[string]int{uid2: ofUser}, nil},
		"no data but an {}": {"messages-calls", 82, cometchat.UnreadRequest{}, nil, nil},
		"nothing is unread": {"messages-calls-4", 26, cometchat.UnreadRequest{}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := recordedRequest(t, "messages.jsonl", tc.scenario, tc.seq)
			w := newWire()
			c := w.loggedIn(t)
			w.RegisterNoResponder(line.responder())
			counts, err := c.UnreadCounts(t.Context(), tc.request)
			require.NoError(t, err)
			want := &cometchat.UnreadCounts{Users: map[string]int{}, Groups: map[string]int{}}
			if tc.users != nil {
				want.Users = tc.users
			}
			if tc.groups != nil {
				want.Groups = tc.groups
			}
			assert.Equal(t, want, counts)
			requests := w.requests()
			require.Len(t, requests, 1)
			assertRecorded(t, line, requests[0], nil)
			assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
		})
	}
}

func TestUnreadCountsOfOddAnswers(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body  any
		users map[string]int
		says  string
	}{
		"rows that cannot be counted are left out": {
			data([]any{
				object{"entityId": "A", "entityType": "user", "count": "7"}, object{"entityId": "b", "entityType": "chat", "count": 1},
				object{"entityType": "user", "count": 2}, nil, 5, []any{}, object{"entityId": 12, "entityType": "user", "count": 3.0},
				object{"entityId": "g", "entityType": "group", "count": 1},
			}), map[string]int{"a": 7, "12": 3}, "",
		},
		"a count that is no number is 0":      {data([]any{object{"entityId": "a", "entityType": "user", "count": []any{}}}), map[string]int{"a": 0}, ""},
		"rows as an object with numbers":      {data(object{"0": object{"entityId": "a", "entityType": "user", "count": 1}}), map[string]int{"a": 1}, ""},
		"counts by id":                        {data(object{"users": object{"a": 1}}), nil, "has no data"},
		"data that is null":                   {data(nil), nil, "has no data"},
		"no data":                             {object{}, nil, "has no data"},
		"data that is a text":                 {data("none"), nil, "has no data"},
		"not the API's JSON":                  {"<html>", nil, "not the documented JSON"},
		"an error with the status of success": {refusal("ERR_X", "no"), nil, "ERR_X"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.answer("GET", clientHost+"/messages", 200, tc.body)
			counts, err := c.UnreadCounts(t.Context(), cometchat.UnreadRequest{Type: cometchat.ReceiverUser})
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				require.NotNil(t, asError(err))
				assert.Nil(t, counts)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, &cometchat.UnreadCounts{Users: tc.users, Groups: map[string]int{}}, counts)
		})
	}
}

// TestUnreadCountsOfOne checks that the counts of one conversation have no other, however its id is written.
func TestUnreadCountsOfOne(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		return httpmock.NewJsonResponse(200, data([]object{
			{"entityId": "ada", "entityType": "user", "count": 1}, {"entityId": "bob", "entityType": "user", "count": 2},
			{"entityId": "ada", "entityType": "group", "count": 4},
		}))
	})
	counts, err := c.UnreadCounts(t.Context(), cometchat.UnreadRequest{With: cometchat.ToUser("Ada")})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.UnreadCounts{Users: map[string]int{"ada": 1}, Groups: map[string]int{}}, counts)
	counts, err = c.UnreadCounts(t.Context(), cometchat.UnreadRequest{With: cometchat.ToGroup("a b/ü")})
	require.NoError(t, err)
	assert.Equal(t, &cometchat.UnreadCounts{Users: map[string]int{}, Groups: map[string]int{}}, counts)
	assert.Equal(t, []string{
		"GET " + clientHost + "/users/Ada/messages?count=1&hideMessagesFromBlockedUsers=0&uid=Ada&unread=1",
		"GET " + clientHost + "/groups/a%20b%2F%C3%BC/messages?count=1&guid=a+b%2F%C3%BC&hideMessagesFromBlockedUsers=0&unread=1",
	}, w.lines())
}

func TestUnreadCountsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, r := range map[string]cometchat.UnreadRequest{
		`the type "chat"`:                   {Type: "chat"},
		`the type is "group", and`:          {Type: cometchat.ReceiverGroup, With: cometchat.ToUser(uid2)},
		"the id of the receiver is missing": {With: cometchat.ToUser(" ")},
		"make it with ToUser or ToGroup":    {With: cometchat.Receiver{ID: uid2}},
		"is longer than 100 characters":     {With: cometchat.ToGroup(strings.Repeat("x", 101))},
	} {
		counts, err := c.UnreadCounts(t.Context(), r)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, says)
		assert.Nil(t, counts)
	}
	assert.Empty(t, w.lines())
	_, err := newWire().client(t).UnreadCounts(t.Context(), cometchat.UnreadRequest{})
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
}
