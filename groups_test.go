package cometchat_test

import (
	"context"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// groupCall is a call about one group, and its request.
type groupCall struct {
	method, route string // "{guid}" and "{uid}" stand for the ids
	returns       bool   // the call returns the group
	once          bool   // the request must not take effect twice
	do            func(ctx context.Context, c *cometchat.Client, guid, uid string) (*cometchat.Group, error)
}

func ofGroup(call func(*cometchat.Client, context.Context, string) error) func(context.Context, *cometchat.Client, string, string) (*cometchat.Group, error) {
	return func(ctx context.Context, c *cometchat.Client, guid, _ string) (*cometchat.Group, error) {
		return nil, call(c, ctx, guid)
	}
}

func ofMember(call func(*cometchat.Client, context.Context, string, string) error) func(context.Context, *cometchat.Client, string, string) (*cometchat.Group, error) {
	return func(ctx context.Context, c *cometchat.Client, guid, uid string) (*cometchat.Group, error) {
		return nil, call(c, ctx, guid, uid)
	}
}

var groupCalls = map[string]groupCall{
	"CreateGroup": {"POST", "", true, true, func(ctx context.Context, c *cometchat.Client, guid, _ string) (*cometchat.Group, error) {
		g, _, err := c.CreateGroup(ctx, cometchat.NewGroup{GUID: guid, Name: "n", Type: cometchat.GroupPublic})
		return g, err
	}},
	"GetGroup": {"GET", "/{guid}", true, false, func(ctx context.Context, c *cometchat.Client, guid, _ string) (*cometchat.Group, error) {
		return c.GetGroup(ctx, guid)
	}},
	"UpdateGroup": {"PUT", "/{guid}", true, false, func(ctx context.Context, c *cometchat.Client, guid, _ string) (*cometchat.Group, error) {
		return c.UpdateGroup(ctx, guid, cometchat.GroupUpdate{Name: new("n")})
	}},
	"DeleteGroup":            {"DELETE", "/{guid}", false, false, ofGroup((*cometchat.Client).DeleteGroup)},
	"LeaveGroup":             {"DELETE", "/{guid}/members", false, false, ofGroup((*cometchat.Client).LeaveGroup)},
	"TransferGroupOwnership": {"PATCH", "/{guid}/owner", false, true, ofMember((*cometchat.Client).TransferGroupOwnership)},
	"KickGroupMember":        {"DELETE", "/{guid}/members/{uid}", false, false, ofMember((*cometchat.Client).KickGroupMember)},
	"BanGroupMember":         {"POST", "/{guid}/bannedusers/{uid}", false, false, ofMember((*cometchat.Client).BanGroupMember)},
	"UnbanGroupMember":       {"DELETE", "/{guid}/bannedusers/{uid}", false, false, ofMember((*cometchat.Client).UnbanGroupMember)},
	"UpdateGroupMemberScope": {"PUT", "/{guid}/members/{uid}", false, false, ofMember(func(c *cometchat.Client, ctx context.Context, guid, uid string) error {
		return c.UpdateGroupMemberScope(ctx, guid, uid, cometchat.ScopeAdmin)
	})},
}

// TestGroupCalls makes each call with odd ids, and answers it oddly.
func TestGroupCalls(t *testing.T) {
	t.Parallel()
	const guid, uid = "Hikers X/ü", "Ben 1/2"
	escaped := strings.NewReplacer("{guid}", "Hikers%20X%2F%C3%BC", "{uid}", "Ben%201%2F2")
	for name, call := range groupCalls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			for odd, says := range map[string]string{
				"": "the guid is missing", " ": "the guid is missing", "..": "dot segment", "a\nb": "control character",
				strings.Repeat("x", 101): "longer than 100",
			} {
				_, err := call.do(t.Context(), c, odd, uid)
				require.ErrorIs(t, err, cometchat.ErrBadRequest)
				require.ErrorContains(t, err, says)
				assert.Equal(t, "INVALID_GUID", code(err))
				if strings.Contains(call.route, "{uid}") || name == "TransferGroupOwnership" {
					_, err = call.do(t.Context(), c, guid, odd)
					require.ErrorIs(t, err, cometchat.ErrInvalidUID)
					assert.Equal(t, "INVALID_UID", code(err))
				}
			}
			assert.Empty(t, w.lines())

			answer := func(status int, body any) (*cometchat.Group, error) {
				w.RegisterNoResponder(respond(status, body))
				return call.do(t.Context(), c, guid, uid)
			}
			got, err := answer(200, data(object{"guid": strings.ToLower(guid), "membersCount": "3", "scope": "admin"}))
			require.NoError(t, err)
			assert.Equal(t, []string{call.method + " " + clientHost + "/groups" + escaped.Replace(call.route)}, w.lines())
			if call.returns {
				assert.Equal(t, &cometchat.Group{GUID: strings.ToLower(guid), MembersCount: 3, Scope: cometchat.ScopeAdmin}, got)
			}
			for body, says := range map[string]string{
				`<html>`: "not the documented JSON",
				`{"error":{"code":"ERR_X","message":"no"}}`: "ERR_X",
			} {
				got, err = answer(200, body)
				require.ErrorContains(t, err, says)
				assert.Nil(t, got)
			}
			_, err = answer(200, data(object{"success": false}))
			require.Error(t, err)
			for _, body := range []any{data(object{"success": true}), object{}, data(nil), data([]int{}), data(object{"guid": 0})} {
				got, err = answer(200, body)
				assert.Equal(t, call.returns, err != nil, "%v", body)
				assert.Nil(t, got)
			}
			if call.returns {
				_, err = answer(200, data(object{"guid": "another"}))
				require.ErrorContains(t, err, "about another group")
				_, err = answer(200, data(object{"guid": ".."}))
				require.ErrorContains(t, err, "cannot be used")
			}
			_, err = answer(404, refusal("ERR_GUID_NOT_FOUND", "no such group"))
			require.ErrorIs(t, err, cometchat.ErrGUIDNotFound)
			_, err = answer(401, tokenGone())
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			w.requests()
			_, err = call.do(t.Context(), c, "g", uid)
			require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
			assert.Empty(t, w.lines())
		})
	}
}

// TestGroupCallsAreRetried checks which requests are repeated after an answer that is lost.
func TestGroupCallsAreRetried(t *testing.T) {
	t.Parallel()
	calls := map[string]groupCall{
		"AddGroupMembers": {do: func(ctx context.Context, c *cometchat.Client, guid, uid string) (*cometchat.Group, error) {
			_, err := c.AddGroupMembers(ctx, guid, cometchat.NewGroupMembers{Participants: []string{uid}})
			return nil, err
		}},
		"JoinGroup": {do: func(ctx context.Context, c *cometchat.Client, guid, _ string) (*cometchat.Group, error) {
			return c.JoinGroup(ctx, guid, "")
		}},
	}
	maps.Copy(calls, groupCalls)
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, atOnce)
			w.RegisterNoResponder(respond(502, ""))
			_, err := call.do(t.Context(), c, "g", uid2)
			require.Error(t, err)
			attempts := 3
			if call.once {
				attempts = 1
			}
			assert.Len(t, w.requests(), attempts)
		})
	}
}

func TestGroupErrors(t *testing.T) {
	t.Parallel()
	for refused, want := range map[string]error{
		"ERR_GUID_ALREADY_EXISTS": cometchat.ErrGUIDAlreadyExists, "ERR_GUID_NOT_FOUND": cometchat.ErrGUIDNotFound,
		"ERR_GROUP_NOT_JOINED": cometchat.ErrNotJoined, "ERR_NOT_A_MEMBER": cometchat.ErrNotJoined,
		"ERR_ALREADY_JOINED":   cometchat.ErrAlreadyJoined,
		"ERR_WRONG_GROUP_PASS": cometchat.ErrWrongGroupPassword, "ERR_EMPTY_GROUP_PASS": cometchat.ErrWrongGroupPassword,
		"ERR_BANNED_GROUPMEMBER": cometchat.ErrBanned, "ERR_ALREADY_BANNED": cometchat.ErrBanned,
		"ERR_GROUP_NO_SCOPE_CLEARANCE": cometchat.ErrNotPermitted, "ERR_GROUP_NO_CLEARANCE": cometchat.ErrNotPermitted,
		"ERR_GROUP_NO_ADMIN_SCOPE": cometchat.ErrNotPermitted, "ERR_GROUP_NO_MODERATOR_SCOPE": cometchat.ErrNotPermitted,
		"ERR_GROUP_NO_SELF_ACTION": cometchat.ErrNotPermitted, "ERR_GROUP_JOIN_NOT_ALLOWED": cometchat.ErrNotPermitted,
		"ERR_OWNER_EXIT_FORBIDDEN": cometchat.ErrNotPermitted,
		"ERR_NOT_A_BANNED_USER":    cometchat.ErrNotBanned, "ERR_SAME_SCOPE": cometchat.ErrSameScope,
		"ERR_NO_VACANCY": cometchat.ErrLimitReached, "ERR_PLAN_QUOTA_RESTRICTION": cometchat.ErrLimitReached,
	} {
		w := newWire()
		c := w.loggedIn(t, once)
		w.RegisterNoResponder(respond(400, refusal(refused, "no")))
		_, err := c.JoinGroup(t.Context(), "g", "pass word")
		require.ErrorIs(t, err, want)
		assert.Equal(t, refused, code(err))
	}
}

func TestNewGroupsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	many := make([]string, 26)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	for says, change := range map[string]func(*cometchat.NewGroup){
		"INVALID_GUID":                         func(g *cometchat.NewGroup) { g.GUID = "" },
		"GROUP_NAME_IS_COMPULSORY":             func(g *cometchat.NewGroup) { g.Name = " " },
		"GROUP_TYPE_IS_COMPULSORY":             func(g *cometchat.NewGroup) { g.Type = "" },
		"is not public, password or private":   func(g *cometchat.NewGroup) { g.Type = "PUBLIC" },
		`the type "protected" is not public`:   func(g *cometchat.NewGroup) { g.Type = "protected" },
		"PASSWORD_IS_COMPULSORY":               func(g *cometchat.NewGroup) { g.Type = cometchat.GroupPassword },
		"of the type public has no password":   func(g *cometchat.NewGroup) { g.Password = new("pw") },
		"password of the group contains":       func(g *cometchat.NewGroup) { g.Type, g.Password = cometchat.GroupPassword, new("p\x00") },
		"the group's name is longer than 100":  func(g *cometchat.NewGroup) { g.Name = strings.Repeat("x", 101) },
		"the group's icon is longer than 3000": func(g *cometchat.NewGroup) { g.Icon = strings.Repeat("x", 3001) },
		"the group's description is not valid": func(g *cometchat.NewGroup) { g.Description = "\xff" },
		"the group has 26 tags":                func(g *cometchat.NewGroup) { g.Tags = many },
		"the metadata is not a JSON object":    func(g *cometchat.NewGroup) { g.Metadata = json.RawMessage(`[1]`) },
		"INVALID_UID":                          func(g *cometchat.NewGroup) { g.Owner = ".." },
		"the uid is missing":                   func(g *cometchat.NewGroup) { g.Members.Admins = []string{""} },
		`the uid "BEN" is listed twice`: func(g *cometchat.NewGroup) {
			g.Members = cometchat.NewGroupMembers{Admins: []string{"ben"}, Banned: []string{"BEN"}}
		},
		"26 members and banned users are more than": func(g *cometchat.NewGroup) { g.Members.Participants = many },
	} {
		g := cometchat.NewGroup{GUID: "g", Name: "n", Type: cometchat.GroupPublic}
		change(&g)
		group, outcomes, err := c.CreateGroup(t.Context(), g)
		require.ErrorContains(t, err, says)
		require.NotNil(t, asError(err))
		assert.Nil(t, group)
		assert.Nil(t, outcomes)
	}
	for says, update := range map[string]cometchat.GroupUpdate{
		"the update changes nothing":        {},
		"INVALID_GROUP_NAME":                {Name: new(" ")},
		"INVALID_GROUP_TYPE":                {Type: new("secret")},
		"INVALID_PASSWORD":                  {Password: new("")},
		"the metadata is not a JSON object": {Metadata: json.RawMessage(`x`)},
	} {
		_, err := c.UpdateGroup(t.Context(), "g", update)
		require.ErrorContains(t, err, says)
	}
	_, err := c.JoinGroup(t.Context(), "", "")
	assert.Equal(t, "INVALID_GUID", code(err))
	_, err = c.JoinGroup(t.Context(), "g", "p\n")
	assert.Equal(t, "INVALID_PASSWORD", code(err))
	err = c.UpdateGroupMemberScope(t.Context(), "g", "u", "owner")
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Equal(t, "INVALID_SCOPE_VALUE", code(err))
	assert.Empty(t, w.lines())
}

func TestUpdateGroupSendsOnlyWhatIsSet(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(respond(200, data(object{"guid": "g"})))
	for body, update := range map[string]cometchat.GroupUpdate{
		`{"name":"n <x>"}`:                                    {Name: new("n <x>")},
		`{"type":"password","password":"pw"}`:                 {Type: new(cometchat.GroupPassword), Password: new("pw")},
		`{"unset":["description","icon","metadata"]}`:         {Description: new(""), Icon: new(""), Metadata: json.RawMessage(`null`)},
		`{"description":"d\ne","metadata":{"a":1},"tags":[]}`: {Description: new("d\ne"), Metadata: json.RawMessage(`{"a":1}`), Tags: []string{}},
	} {
		_, err := c.UpdateGroup(t.Context(), "g", update)
		require.NoError(t, err)
		assert.Equal(t, body, strings.TrimSpace(w.requests()[0].Body))
	}
}

// TestJoinGroupAnswers checks that the group comes back whatever the server says of it.
func TestJoinGroupAnswers(t *testing.T) {
	t.Parallel()
	action := func(group any) object {
		return data(object{"id": "77", "data": object{"action": "joined", "entities": object{"for": object{"entityType": "group", "entity": group}}}})
	}
	bare := &cometchat.Group{GUID: "g", HasJoined: true}
	for name, tc := range map[string]struct {
		body any
		want *cometchat.Group
		says string
	}{
		"the action message":       {action(object{"guid": "G", "name": "Hikers", "membersCount": 4, "hasJoined": false}), &cometchat.Group{GUID: "G", Name: "Hikers", MembersCount: 4, HasJoined: true}, ""},
		"of another group":         {action(object{"guid": "h"}), bare, ""},
		"of a user":                {action(object{"uid": "g"}), bare, ""},
		"without a group":          {action(nil), bare, ""},
		"only a success":           {data(object{"success": true}), bare, ""},
		"data that is a list":      {data(object{"data": []int{}}), bare, ""},
		"no data":                  {object{}, nil, "has no data"},
		"null":                     {data(nil), nil, "has no data"},
		"no success":               {data(object{"success": false}), nil, "has not done it"},
		"an error with status 200": {refusal("ERR_X", "no"), nil, "ERR_X"},
		"HTML":                     {"<html>", nil, "not the documented JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.RegisterNoResponder(respond(200, tc.body))
			got, err := c.JoinGroup(t.Context(), "g", "")
			assert.Equal(t, tc.want, got)
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				require.NotNil(t, asError(err))
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestGroupJSON(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"isBanned", "isBannedFromGroup"} {
		var g cometchat.Group
		require.NoError(t, json.Unmarshal([]byte(`{"guid":"g","`+field+`":1,"membersCount":"2","createdAt":"1700000000","tags":{},"metadata":null}`), &g))
		raw, err := json.Marshal(g)
		require.NoError(t, err)
		assert.JSONEq(t, `{"guid":"g","isBanned":true,"membersCount":2,"createdAt":1700000000}`, string(raw))
	}
	require.Error(t, (&cometchat.Group{}).UnmarshalJSON([]byte(`{`)))
}
