package cometchat_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGroupListsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, r := range map[string]cometchat.GroupsRequest{
		"the limit 1001":    {Limit: 1001},
		"the limit -1":      {Limit: -1},
		`"a,b" has a comma`: {Tags: []string{"a,b"}},
	} {
		require.ErrorContains(t, firstOf(c.ListGroups(t.Context(), r)), says)
		_, err := c.ListGroupsPage(t.Context(), r, "")
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
	}
	for says, r := range map[string]cometchat.GroupMembersRequest{
		"the limit 1001":      {Limit: 1001},
		`the status "away"`:   {Status: "away"},
		`the scope "owner"`:   {Scopes: []string{cometchat.ScopeAdmin, "owner"}},
		"INVALID_SCOPE_VALUE": {Scopes: []string{"ADMIN"}},
	} {
		require.ErrorContains(t, firstOf(c.ListGroupMembers(t.Context(), "g", r)), says)
		_, err := c.ListGroupMembersPage(t.Context(), "g", r, "")
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
	}
	require.ErrorContains(t, firstOf(c.ListBannedGroupMembers(t.Context(), "g", cometchat.BannedGroupMembersRequest{Limit: -1})), "the limit -1")
	require.ErrorContains(t, firstOf(c.ListBannedGroupMembers(t.Context(), "g", cometchat.BannedGroupMembersRequest{Scopes: []string{""}})), "the scope")
	for _, guid := range []string{"", "..", "a\nb"} {
		assert.Equal(t, "INVALID_GUID", code(firstOf(c.ListGroupMembers(t.Context(), guid, cometchat.GroupMembersRequest{}))))
		assert.Equal(t, "INVALID_GUID", code(firstOf(c.ListBannedGroupMembers(t.Context(), guid, cometchat.BannedGroupMembersRequest{}))))
	}
	_, err := c.ListBannedGroupMembersPage(t.Context(), "g", cometchat.BannedGroupMembersRequest{}, "x")
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Empty(t, w.lines())
	require.ErrorIs(t, firstOf(newWire().client(t).ListGroups(t.Context(), cometchat.GroupsRequest{})), cometchat.ErrNotLoggedIn)
}

// firstOf returns the error that a list begins with, or nil.
func firstOf[T any](list func(func(T, error) bool)) (failure error) {
	for _, failure = range list {
		break
	}
	return failure
}

// numbered serves the pages of a list, with this meta; after the last page they are empty.
func numbered(meta any, pages ...[]any) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		rows := []any{}
		for i, page := range pages {
			if r.URL.Query().Get("page") == string(rune('1'+i)) {
				rows = page
			}
		}
		return httpmock.NewJsonResponse(200, object{"data": rows, "meta": meta})
	}
}

// TestGroupListsEnd checks that each list ends whatever meta the server sends.
func TestGroupListsEnd(t *testing.T) {
	t.Parallel()
	ids := func(c *cometchat.Client, which string) (ids []string, err error) {
		if which == "groups" {
			for g, err := range c.ListGroups(t.Context(), cometchat.GroupsRequest{Limit: 1}) {
				if err != nil {
					return ids, err
				}
				ids = append(ids, g.GUID)
			}
			return ids, nil
		}
		list := c.ListGroupMembers(t.Context(), "a/b ü", cometchat.GroupMembersRequest{Limit: 1})
		if which == "bannedusers" {
			list = c.ListBannedGroupMembers(t.Context(), "a/b ü", cometchat.BannedGroupMembersRequest{Limit: 1})
		}
		for m, err := range list {
			if err != nil {
				return ids, err
			}
			ids = append(ids, m.UID)
		}
		return ids, nil
	}
	row := func(id string) []any { return []any{object{"guid": id, "uid": id}} }
	for name, tc := range map[string]struct {
		responder httpmock.Responder
		ids       []string
		says      string
	}{
		"no meta":                   {numbered(nil, row("a"), row("b")), []string{"a", "b"}, ""},
		"meta as a list":            {numbered([]int{1}, row("a"), row("b")), []string{"a", "b"}, ""},
		"the number of pages":       {numbered(object{"pagination": object{"total_pages": 2}}, row("a"), row("b")), []string{"a", "b"}, ""},
		"nothing":                   {numbered(nil), nil, ""},
		"the same page again":       {respond(200, data(row("a"))), []string{"a"}, "another page"},
		"a gap":                     {numbered(nil, []any{nil}), nil, "gap in its list"},
		"a row without an id":       {numbered(nil, []any{object{"name": "x"}}), nil, "the server's answer"},
		"data that is a text":       {respond(200, data("x")), nil, "has no data"},
		"an error with status 200":  {respond(200, refusal("ERR_X", "no")), nil, "ERR_X"},
		"no such group":             {respond(404, refusal("ERR_GUID_NOT_FOUND", "no such group")), nil, "ERR_GUID_NOT_FOUND"},
		"always more, always empty": {respond(200, object{"data": []int{}, "meta": object{"pagination": object{"total_pages": 999}}}), nil, "ten empty pages"},
	} {
		for which, path := range map[string]string{
			"groups": "/groups", "members": "/groups/a%2Fb%20%C3%BC/members", "bannedusers": "/groups/a%2Fb%20%C3%BC/bannedusers",
		} {
			t.Run(name+" of "+which, func(t *testing.T) {
				t.Parallel()
				w := newWire()
				c := w.loggedIn(t, once)
				w.RegisterNoResponder(tc.responder)
				got, err := ids(c, which)
				assert.Equal(t, tc.ids, got)
				for _, r := range w.requests() {
					u, err := url.Parse(r.URL)
					require.NoError(t, err)
					assert.Equal(t, "/v3.0"+path, u.EscapedPath())
				}
				if tc.says == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, tc.says)
				require.NotNil(t, asError(err))
			})
		}
	}
}

func TestGroupPages(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(numbered(object{"pagination": object{"total": 3, "total_pages": 2}},
		[]any{object{"guid": "a", "uid": "a", "scope": "moderator", "joinedAt": "1700000000", "status": "available"}}, nil))
	groups, err := c.ListGroupsPage(t.Context(), cometchat.GroupsRequest{Limit: 1}, "")
	require.NoError(t, err)
	assert.Equal(t, []any{"a", 1, 2, 3, "2"}, []any{groups.Items[0].GUID, groups.Number, groups.Pages, groups.Total, groups.Next})
	member := &cometchat.GroupMember{
		User: cometchat.User{UID: "a", Status: cometchat.StatusOnline}, Scope: cometchat.ScopeModerator, JoinedAt: time.Unix(1700000000, 0),
	}
	for _, list := range []func() (*cometchat.Page[*cometchat.GroupMember], error){
		func() (*cometchat.Page[*cometchat.GroupMember], error) {
			return c.ListGroupMembersPage(t.Context(), "g", cometchat.GroupMembersRequest{Limit: 1}, "")
		},
		func() (*cometchat.Page[*cometchat.GroupMember], error) {
			return c.ListBannedGroupMembersPage(t.Context(), "g", cometchat.BannedGroupMembersRequest{Limit: 1}, "1")
		},
	} {
		page, err := list()
		require.NoError(t, err)
		assert.Equal(t, &cometchat.Page[*cometchat.GroupMember]{
			Items: []*cometchat.GroupMember{member}, Number: 1, Pages: 2, Total: 3, Next: "2",
		}, page)
	}
}

func TestGroupMemberJSON(t *testing.T) {
	t.Parallel()
	var m cometchat.GroupMember
	require.NoError(t, json.Unmarshal([]byte(`{"uid":"ada","name":"Ada","status":"available","scope":"admin","joinedAt":1700000000}`), &m))
	assert.Equal(t, "Ada (ada), online, admin", m.String())
	assert.Equal(t, "user without a uid", cometchat.GroupMember{}.String())
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	assert.JSONEq(t, `{"uid":"ada","name":"Ada","status":"online","scope":"admin","joinedAt":1700000000}`, string(raw))
	require.NoError(t, json.Unmarshal([]byte(`{"uid":"bob","scope":5,"joinedAt":[]}`), &m))
	assert.Equal(t, "bob", m.UID, "and nothing of the member before")
	assert.Empty(t, m.Name)
	require.Error(t, m.UnmarshalJSON([]byte(`{`)))
}

// TestOnlineGroupMemberCount makes the requests that are needed for the counts.
func TestOnlineGroupMemberCount(t *testing.T) {
	t.Parallel()
	counting := func(t *testing.T, answer httpmock.Responder) (*wire, *cometchat.Client) {
		t.Helper()
		w := newWire()
		c := w.loggedIn(t, once)
		w.answer("GET", settingsURL, 200, data(settings()))
		w.RegisterResponder("POST", "https://"+socketHost+":443/api/v3.0/online-members", answer)
		return w, c
	}
	t.Run("of two groups", func(t *testing.T) {
		t.Parallel()
		w, c := counting(t, respond(200, data(object{"onlineUsersCount": 9, "groups": object{"hikers": 2, "B": "3"}})))
		counts, err := c.OnlineGroupMemberCount(t.Context(), []string{"Hikers", "B", "unknown"})
		require.NoError(t, err)
		assert.Equal(t, map[string]int{"Hikers": 2, "B": 3}, counts)
		requests := w.requests()
		last := requests[len(requests)-1]
		assert.JSONEq(t, `{"groups":["Hikers","B","unknown"]}`, last.Body)
		assert.Equal(t, jwt, last.Header.Get("Authorization"))
		assert.Empty(t, last.Header.Get("authtoken"))
	})
	t.Run("of very many groups", func(t *testing.T) {
		t.Parallel()
		asked := 0
		w, c := counting(t, func(r *http.Request) (*http.Response, error) {
			var body struct{ Groups []string }
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				return nil, err
			}
			counts := map[string]int{}
			for _, guid := range body.Groups {
				counts[guid] = len(guid)
			}
			asked++
			return httpmock.NewJsonResponse(200, data(object{"groups": counts}))
		})
		guids := make([]string, 90)
		for i := range guids {
			guids[i] = strings.Repeat("g", 10+i)
		}
		counts, err := c.OnlineGroupMemberCount(t.Context(), slices.Concat(guids, guids))
		require.NoError(t, err)
		assert.Len(t, counts, 90)
		assert.Equal(t, 99, counts[guids[89]])
		assert.Equal(t, 2, asked)
		assert.LessOrEqual(t, len(w.requests()[1].Body), 10_000)
	})
	t.Run("of odd answers", func(t *testing.T) {
		t.Parallel()
		for body, says := range map[string]string{
			`{"data":{"onlineUsersCount":9}}`: "no counts of groups",
			`{"data":{"groups":null}}`:        "no counts of groups",
			`{}`:                              "has no data",
			`<html>`:                          "not the documented JSON",
			`{"error":{"code":"ERR_X","message":"no"}}`: "ERR_X",
		} {
			_, c := counting(t, respond(200, body))
			counts, err := c.OnlineGroupMemberCount(t.Context(), []string{"g"})
			require.ErrorContains(t, err, says)
			assert.Nil(t, counts)
		}
	})
	t.Run("without a group", func(t *testing.T) {
		t.Parallel()
		w, c := counting(t, respond(200, ""))
		_, err := c.OnlineGroupMemberCount(t.Context(), nil)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assert.Equal(t, "ERROR_INVALID_GROUPLIST", code(err))
		_, err = c.OnlineGroupMemberCount(t.Context(), []string{"g", ""})
		assert.Equal(t, "INVALID_GUID", code(err))
		assert.Empty(t, w.lines())
	})
	t.Run("with an emulator", func(t *testing.T) {
		t.Parallel()
		s := emulator(t)
		c := emulated(t, s)
		_, err := c.OnlineGroupMemberCount(context.Background(), []string{"g"})
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
		_, err = c.Login(t.Context(), uid1, s.AuthKey)
		require.NoError(t, err)
		counts, err := c.OnlineGroupMemberCount(t.Context(), []string{"g"})
		require.NoError(t, err)
		assert.Equal(t, map[string]int{"g": 0}, counts)
	})
}
