package cometchat_test

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// adminCall is a call of an Admin, its request, the documented answer, and what the call makes of it.
type adminCall struct {
	do      func(ctx context.Context, a *cometchat.Admin) (any, error)
	request string // method and path
	body    string // JSON; "" for none
	answer  string
	want    any
	acts    bool // for a user of OnBehalfOf
	once    bool // the request must not take effect twice
}

// of makes the function of an adminCall whose result is its error alone.
func of(do func(ctx context.Context, a *cometchat.Admin) error) func(context.Context, *cometchat.Admin) (any, error) {
	return func(ctx context.Context, a *cometchat.Admin) (any, error) { return nil, do(ctx, a) }
}

// all returns the items of a list.
func all[T any](list iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range list {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// said returns outcomes as texts; "" is a success.
func said(outcomes map[string]error) map[string]string {
	texts := map[string]string{}
	for uid, err := range outcomes {
		texts[uid] = code(err)
	}
	return texts
}

func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

const (
	docGroup = `{"data":{"guid":"club","name":"Club","description":"d","icon":"https://x.test/i.png","type":"public","scope":"admin",
		"membersCount":1,"joinedAt":1700000000,"conversationId":"group_club","hasJoined":true,"createdAt":1700000000,"owner":"ana",
		"tags":["a"],"metadata":{"k":1},"updatedAt":1700000001,"updatedBy":"app_system"}}`
	docMembers = `{"data":{"admins":{"ben":{"success":true,"data":{"id":"7","action":"added"}}},
		"participants":{"zoe":{"success":false,"error":{"code":"ERR_ALREADY_JOINED","message":"The user zoe is a member already."}}},
		"usersToBan":{"max":{"success":true}}}}`
	docPagination = `"meta":{"pagination":{"total":1,"count":1,"per_page":100,"current_page":1,"total_pages":1}}`
	docSuccess    = `{"data":{"success":true,"message":"done"}}`
	docMember     = `{"uid":"ben","name":"Ben","status":"available","role":"default","createdAt":1700000000,"scope":"moderator","joinedAt":1700000002}`
	docRole       = `{"role":"teacher","name":"Teacher","description":"d","metadata":{"k":1},
		"settings":{"listUsers":"all","sendMessagesTo":"friendsOnly"},"createdAt":1700000000,"updatedAt":1700000001}`
)

var (
	club = &cometchat.Group{
		GUID: "club", Name: "Club", Description: "d", Icon: "https://x.test/i.png", Type: cometchat.GroupPublic,
		Scope: cometchat.ScopeAdmin, MembersCount: 1, JoinedAt: at(1700000000), ConversationID: "group_club", HasJoined: true,
		CreatedAt: at(1700000000), UpdatedAt: at(1700000001), Owner: "ana", Tags: []string{"a"}, Metadata: json.RawMessage(`{"k":1}`),
	}
	clubMembers = []*cometchat.GroupMember{{
		User: cometchat.User{
			UID: "ben", Name: "Ben", Status: cometchat.StatusOnline, Role: "default", CreatedAt: at(1700000000),
		},
		Scope: cometchat.ScopeModerator, JoinedAt: at(1700000002),
	}}
	teacher = &cometchat.Role{
		ID: "teacher", Name: "Teacher", Description: "d", Metadata: json.RawMessage(`{"k":1}`),
		Settings:  cometchat.RoleSettings{ListUsers: cometchat.RoleAll, SendMessagesTo: cometchat.RoleFriendsOnly},
		CreatedAt: at(1700000000), UpdatedAt: at(1700000001),
	}
	memberOutcomes = map[string]string{"Ben": "", "zoe": "ERR_ALREADY_JOINED", "max": ""}
	someMembers    = cometchat.NewGroupMembers{Admins: []string{"Ben"}, Participants: []string{"zoe"}, Banned: []string{"max"}}
)

var adminGroupCalls = map[string]adminCall{
	"CreateGroup": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			g, outcomes, err := a.CreateGroup(ctx, cometchat.NewGroup{
				GUID: "club", Name: "Club", Type: cometchat.GroupPassword, Password: new("pw"), Owner: "ana", Members: someMembers,
				Metadata: json.RawMessage(`{"k":1}`), Tags: []string{"a"},
			})
			return []any{g, said(outcomes)}, err
		},
		request: "POST /groups",
		body: `{"guid":"club","name":"Club","type":"password","password":"pw","owner":"ana","metadata":{"k":1},"tags":["a"],
			"members":{"admins":["Ben"],"participants":["zoe"],"usersToBan":["max"]}}`,
		answer: strings.TrimSuffix(docGroup, "}}") + `,"members":` + docMembers + `}}`,
		want:   []any{club, memberOutcomes}, acts: true, once: true,
	},
	"CreateGroup without members": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			g, outcomes, err := a.CreateGroup(ctx, cometchat.NewGroup{GUID: "club", Name: "Club", Type: cometchat.GroupPublic})
			return []any{g, outcomes}, err
		},
		request: "POST /groups", body: `{"guid":"club","name":"Club","type":"public"}`, answer: docGroup,
		want: []any{club, map[string]error(nil)}, acts: true, once: true,
	},
	"GetGroup": {
		do:      func(ctx context.Context, a *cometchat.Admin) (any, error) { return a.GetGroup(ctx, "club") },
		request: "GET /groups/club", answer: docGroup, want: club, acts: true,
	},
	"UpdateGroup": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return a.UpdateGroup(ctx, "club", cometchat.GroupUpdate{Name: new("Club"), Icon: new("")})
		},
		request: "PUT /groups/club", body: `{"name":"Club","unset":["icon"]}`, answer: docGroup, want: club, acts: true,
	},
	"DeleteGroup": {
		do:      of(func(ctx context.Context, a *cometchat.Admin) error { return a.DeleteGroup(ctx, "club") }),
		request: "DELETE /groups/club", answer: docSuccess, acts: true,
	},
	"TransferGroupOwnership": {
		do: of(func(ctx context.Context, a *cometchat.Admin) error {
			return a.TransferGroupOwnership(ctx, "club", "ben")
		}),
		request: "PUT /groups/club", body: `{"owner":"ben"}`, answer: docGroup,
	},
	"ListGroups": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return all(a.ListGroups(ctx, cometchat.GroupsRequest{SearchKeyword: "cl", WithTags: true, Tags: []string{"a", "b"}}))
		},
		request: "GET /groups?page=1&perPage=100&searchKey=cl&tags=a%2Cb&withTags=true",
		answer:  `{"data":[` + strings.TrimSuffix(strings.TrimPrefix(docGroup, `{"data":`), "}") + `],` + docPagination + `}`,
		want:    []*cometchat.Group{club}, acts: true,
	},
	"ListGroupsPage": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			p, err := a.ListGroupsPage(ctx, cometchat.GroupsRequest{Limit: 1}, "1")
			if err != nil {
				return nil, err
			}
			return []any{len(p.Items), p.Number, p.Total, p.Next}, nil
		},
		request: "GET /groups?page=1&perPage=1",
		answer:  `{"data":[{"guid":"a"}],"meta":{"pagination":{"total":2,"count":1,"per_page":1,"current_page":1,"total_pages":2}}}`,
		want:    []any{1, 1, 2, "2"}, acts: true,
	},
	"AddGroupMembers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.AddGroupMembers(ctx, "club", someMembers)
			return said(outcomes), err
		},
		request: "POST /groups/club/members", body: `{"admins":["Ben"],"participants":["zoe"],"usersToBan":["max"]}`,
		answer: docMembers, want: memberOutcomes, acts: true,
	},
	"KickGroupMember": {
		do:      of(func(ctx context.Context, a *cometchat.Admin) error { return a.KickGroupMember(ctx, "club", "ben") }),
		request: "DELETE /groups/club/members/ben", answer: docSuccess, acts: true,
	},
	"BanGroupMember": {
		do:      of(func(ctx context.Context, a *cometchat.Admin) error { return a.BanGroupMember(ctx, "club", "ben") }),
		request: "POST /groups/club/bannedusers/ben", answer: docSuccess, acts: true,
	},
	"UnbanGroupMember": {
		do:      of(func(ctx context.Context, a *cometchat.Admin) error { return a.UnbanGroupMember(ctx, "club", "ben") }),
		request: "DELETE /groups/club/bannedusers/ben", answer: docSuccess, acts: true,
	},
	"UpdateGroupMemberScope": {
		do: of(func(ctx context.Context, a *cometchat.Admin) error {
			return a.UpdateGroupMemberScope(ctx, "club", "ben", cometchat.ScopeAdmin)
		}),
		request: "PUT /groups/club/members/ben", body: `{"scope":"admin"}`,
		answer: `{"data":{"guid":"club","uid":"ben","scope":"admin","joinedAt":1700000000}}`, acts: true,
	},
	"ListGroupMembers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return all(a.ListGroupMembers(ctx, "club", cometchat.GroupMembersRequest{
				Limit: 2, Scopes: []string{cometchat.ScopeAdmin, cometchat.ScopeModerator}, Status: cometchat.StatusOnline,
			}))
		},
		request: "GET /groups/club/members?page=1&perPage=2&scopes=admin%2Cmoderator&status=available",
		answer:  `{"data":[` + docMember + `],` + docPagination + `,"cursor":{"updatedAt":1700000000,"affix":"prepend"}}`, want: clubMembers,
	},
	"ListGroupMembersPage": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			p, err := a.ListGroupMembersPage(ctx, "club", cometchat.GroupMembersRequest{}, "")
			if err != nil {
				return nil, err
			}
			return p.Items, nil
		},
		request: "GET /groups/club/members?page=1&perPage=100", answer: `{"data":[` + docMember + `],` + docPagination + `}`, want: clubMembers,
	},
	"ListBannedGroupMembers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return all(a.ListBannedGroupMembers(ctx, "club", cometchat.BannedGroupMembersRequest{}))
		},
		request: "GET /groups/club/bannedusers?page=1&perPage=100", answer: `{"data":[` + docMember + `],` + docPagination + `}`, want: clubMembers,
	},
	"ListBannedGroupMembersPage": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			p, err := a.ListBannedGroupMembersPage(ctx, "club", cometchat.BannedGroupMembersRequest{}, "")
			if err != nil {
				return nil, err
			}
			return p.Items, nil
		},
		request: "GET /groups/club/bannedusers?page=1&perPage=100", answer: `{"data":[` + docMember + `],` + docPagination + `}`, want: clubMembers,
	},
}

var adminUserCalls = map[string]adminCall{
	"AddFriends": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.AddFriends(ctx, "ana", []string{"Ben", "zoe"})
			return said(outcomes), err
		},
		request: "POST /users/ana/friends", body: `{"accepted":["Ben","zoe"]}`,
		answer: `{"data":{"accepted":{"ben":{"success":true,"message":"Created relationship with status accepted."},
			"zoe":{"success":false,"error":{"code":"ERR_ALREADY_FRIEND","message":"no"}}}}}`,
		want: map[string]string{"Ben": "", "zoe": "ERR_ALREADY_FRIEND"},
	},
	"RemoveFriends": {
		do: of(func(ctx context.Context, a *cometchat.Admin) error {
			return a.RemoveFriends(ctx, "ana", []string{"ben"})
		}),
		request: "DELETE /users/ana/friends", body: `{"friends":["ben"]}`, answer: docSuccess,
	},
	"ListFriends": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return all(a.ListFriends(ctx, "ana", cometchat.FriendsRequest{SearchKeyword: "b"}))
		},
		request: "GET /users/ana/friends?page=1&perPage=100&searchKey=b",
		answer: `{"data":[{"uid":"ben","name":"Ben"}],"meta":{"pagination":{"total":0,"count":1,"per_page":100,"current_page":1,
			"total_pages":1},"cursor":{"updatedAt":1,"affix":"prepend"}}}`,
		want: []*cometchat.User{{UID: "ben", Name: "Ben"}},
	},
	"ListFriendsPage": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			p, err := a.ListFriendsPage(ctx, "ana", cometchat.FriendsRequest{Limit: 1}, "2")
			if err != nil {
				return nil, err
			}
			return p.Items, nil
		},
		request: "GET /users/ana/friends?page=2&perPage=1",
		answer:  `{"data":[{"uid":"ben"}],"meta":{"pagination":{"total":2,"count":1,"per_page":1,"current_page":2,"total_pages":2}}}`,
		want:    []*cometchat.User{{UID: "ben"}},
	},
	"BlockUsers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.BlockUsers(ctx, "ana", []string{"ben"})
			return said(outcomes), err
		},
		request: "POST /users/ana/blockedusers", body: `{"blockedUids":["ben"]}`,
		answer: `{"data":{"ben":{"success":true,"message":"The user with UID ben has been blocked successfully."}}}`,
		want:   map[string]string{"ben": ""},
	},
	"UnblockUsers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.UnblockUsers(ctx, "ana", []string{"ben"})
			return said(outcomes), err
		},
		request: "DELETE /users/ana/blockedusers", body: `{"blockedUids":["ben"]}`,
		answer: `{"data":{"ben":{"success":true,"message":"blocked"}}}`, want: map[string]string{"ben": ""},
	},
	"ListBlockedUsers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return all(a.ListBlockedUsers(ctx, "ana", cometchat.BlockedUsersRequest{}))
		},
		request: "GET /users/ana/blockedusers?page=1&perPage=100",
		answer: `{"data":[{"uid":"ben","blockedByMe":true,"blockedByMeAt":1700000000,"blockedAt":1700000001}],
			"meta":{"pagination":{"total":1,"count":1,"per_page":100,"current_page":1,"total_pages":1},"cursor":{"updatedAt":1,"affix":"append"}}}`,
		want: []*cometchat.User{{UID: "ben", BlockedByMe: true, BlockedByMeAt: at(1700000000), BlockedAt: at(1700000001)}},
	},
	"ListBlockedUsersPage": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			p, err := a.ListBlockedUsersPage(ctx, "ana", cometchat.BlockedUsersRequest{Limit: 5}, "")
			if err != nil {
				return nil, err
			}
			return p.Items, nil
		},
		request: "GET /users/ana/blockedusers?page=1&perPage=5", answer: `{"data":[{"uid":"ben"}],` + docPagination + `}`,
		want: []*cometchat.User{{UID: "ben"}},
	},
	"CreateRole": {
		do:      func(ctx context.Context, a *cometchat.Admin) (any, error) { return a.CreateRole(ctx, teacher) },
		request: "POST /roles", body: `{"role":"teacher","name":"Teacher","description":"d","metadata":{"k":1},
			"settings":{"listUsers":"all","sendMessagesTo":"friendsOnly"}}`,
		answer: `{"data":` + docRole + `}`, want: teacher, once: true,
	},
	"GetRole": {
		do:      func(ctx context.Context, a *cometchat.Admin) (any, error) { return a.GetRole(ctx, "Teacher") },
		request: "GET /roles/Teacher", answer: `{"data":` + docRole + `}`, want: teacher,
	},
	"UpdateRole": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			return a.UpdateRole(ctx, "teacher", cometchat.RoleUpdate{
				Name: new("Teacher"), Description: new(""), Metadata: json.RawMessage(" null"), Settings: &cometchat.RoleSettings{},
			})
		},
		request: "PUT /roles/teacher", body: `{"name":"Teacher","unset":["description","metadata","settings"]}`,
		answer: `{"data":` + docRole + `}`, want: teacher,
	},
	"DeleteRole": {
		do:      of(func(ctx context.Context, a *cometchat.Admin) error { return a.DeleteRole(ctx, "teacher") }),
		request: "DELETE /roles/teacher", answer: `{"data":{"success":true,"message":"Role teacher has been deleted successfully."}}`,
	},
	"ListRoles": {
		do:      func(ctx context.Context, a *cometchat.Admin) (any, error) { return all(a.ListRoles(ctx)) },
		request: "GET /roles?page=1&perPage=100", answer: `{"data":[` + docRole + `],` + docPagination + `}`, want: []*cometchat.Role{teacher},
	},
}

// TestAdminCalls makes each call, and checks its request and what it returns: also on behalf of a user, after a lost answer, for an
// answer in no form of the API, and for a refusal.
func TestAdminCalls(t *testing.T) {
	t.Parallel()
	calls := maps.Clone(adminGroupCalls)
	maps.Copy(calls, adminUserCalls)
	maps.Copy(calls, adminImportCalls)
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			a := w.admin(t, atOnce)
			answer := func(a *cometchat.Admin, status int, body string) (any, error) {
				w.RegisterNoResponder(respond(status, body))
				return call.do(t.Context(), a)
			}
			got, err := answer(a, 200, call.answer)
			require.NoError(t, err)
			assert.Equal(t, call.want, got)
			requests := w.requests()
			require.Len(t, requests, 1)
			method, path, _ := strings.Cut(call.request, " ")
			assert.Equal(t, method+" "+adminHost+path, requests[0].Method+" "+requests[0].URL)
			if assert.Equal(t, call.body == "", requests[0].Body == "", requests[0].Body) && call.body != "" {
				assert.JSONEq(t, call.body, requests[0].Body)
			}
			assert.NotContains(t, requests[0].Header, "Onbehalfof")

			_, err = answer(a.OnBehalfOf("ana"), 200, call.answer)
			for _, r := range w.requests() {
				assert.Equal(t, call.acts, r.Header.Get("onBehalfOf") == "ana")
			}
			if name != "TransferGroupOwnership" {
				require.NoError(t, err)
			}
			if call.acts {
				_, err = answer(a.OnBehalfOf(".."), 200, call.answer)
				require.ErrorIs(t, err, cometchat.ErrInvalidUID)
				assert.Empty(t, w.lines())
			}

			_, err = answer(a, 502, "")
			require.Error(t, err)
			attempts := 3
			if call.once {
				attempts = 1
			}
			assert.Len(t, w.lines(), attempts)
			_, err = answer(a, 200, "<html>")
			require.ErrorContains(t, err, "not the documented JSON")
			_, err = answer(a, 403, `{"error":{"code":"AUTH_ERR_NO_ACCESS","message":"no"}}`)
			require.ErrorIs(t, err, cometchat.ErrNoAccess)
			op, _, _ := strings.Cut(name, " ")
			assert.Equal(t, op, asError(err).Op)
		})
	}
}

// TestAdminCallsRefuse checks what fails before any request.
func TestAdminCallsRefuse(t *testing.T) {
	t.Parallel()
	w := newWire()
	a, ctx := w.admin(t), t.Context()
	long := strings.Repeat("x", 101)
	fails := func(wants error, err error) {
		t.Helper()
		require.ErrorIs(t, err, wants)
		assert.Empty(t, w.lines())
	}
	second := func(_ any, err error) error { return err }
	each := func(do func(guid, uid string) error) {
		t.Helper()
		fails(cometchat.ErrBadRequest, do("", "ben"))
		fails(cometchat.ErrInvalidUID, do("club", "a\nb"))
	}
	each(func(guid, uid string) error { return a.KickGroupMember(ctx, guid, uid) })
	each(func(guid, uid string) error { return a.TransferGroupOwnership(ctx, guid, uid) })
	each(func(guid, uid string) error {
		return second(a.AddGroupMembers(ctx, guid, cometchat.NewGroupMembers{Admins: []string{uid}}))
	})
	each(func(guid, uid string) error {
		return second(a.SyncGroupMembers(ctx, guid, cometchat.NewGroupMembers{Admins: []string{uid}}))
	})
	each(func(guid, uid string) error {
		return second(a.PlanGroupMembers(ctx, guid, cometchat.NewGroupMembers{Admins: []string{uid}}))
	})
	fails(cometchat.ErrBadRequest, a.OnBehalfOf("ana").TransferGroupOwnership(ctx, "club", "ben"))
	fails(cometchat.ErrBadRequest, a.UpdateGroupMemberScope(ctx, "club", "ben", "owner"))
	fails(cometchat.ErrMissingParameters, second(a.AddGroupMembers(ctx, "club", cometchat.NewGroupMembers{})))
	fails(cometchat.ErrMissingParameters, second(a.SyncGroupMembers(ctx, "club", cometchat.NewGroupMembers{})))
	fails(cometchat.ErrBadRequest, second(a.SyncGroupMembers(ctx, "club", cometchat.NewGroupMembers{Banned: []string{"x"}})))
	fails(cometchat.ErrBadRequest, second(a.SyncGroupMembers(ctx, "club", cometchat.NewGroupMembers{Admins: []string{"x"}, Moderators: []string{"X"}})))
	fails(cometchat.ErrMissingParameters, second(a.UpdateGroup(ctx, "club", cometchat.GroupUpdate{})))
	fails(cometchat.ErrBadRequest, second(a.GetGroup(ctx, "..")))
	fails(cometchat.ErrBadRequest, a.DeleteGroup(ctx, ""))
	_, _, err := a.CreateGroup(ctx, cometchat.NewGroup{GUID: "club", Type: cometchat.GroupPublic})
	fails(cometchat.ErrBadRequest, err)
	fails(cometchat.ErrBadRequest, second(a.EnsureGroup(ctx, cometchat.NewGroup{GUID: "club"})))
	fails(cometchat.ErrBadRequest, second(a.EnsureGroup(ctx, cometchat.NewGroup{
		GUID: "club", Name: "Club", Type: cometchat.GroupPublic, Members: someMembers,
	})))

	fails(cometchat.ErrBadRequest, second(all(a.ListGroups(ctx, cometchat.GroupsRequest{JoinedOnly: true}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListGroups(ctx, cometchat.GroupsRequest{Tags: []string{"a,b"}}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListGroups(ctx, cometchat.GroupsRequest{Limit: 1001}))))
	fails(cometchat.ErrBadRequest, second(a.ListGroupsPage(ctx, cometchat.GroupsRequest{}, "x")))
	fails(cometchat.ErrBadRequest, second(a.ListGroupsPage(ctx, cometchat.GroupsRequest{JoinedOnly: true}, "")))
	fails(cometchat.ErrBadRequest, second(all(a.ListGroupMembers(ctx, "", cometchat.GroupMembersRequest{}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListGroupMembers(ctx, "club", cometchat.GroupMembersRequest{SearchKeyword: "x"}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListGroupMembers(ctx, "club", cometchat.GroupMembersRequest{Scopes: []string{"x"}}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListBannedGroupMembers(ctx, "club", cometchat.BannedGroupMembersRequest{Scopes: []string{"admin"}}))))

	fails(cometchat.ErrMissingParameters, second(a.AddFriends(ctx, "ana", nil)))
	fails(cometchat.ErrInvalidUID, second(a.AddFriends(ctx, "..", []string{"ben"})))
	fails(cometchat.ErrInvalidUID, a.RemoveFriends(ctx, "ana", []string{long}))
	fails(cometchat.ErrMissingParameters, second(a.BlockUsers(ctx, "", []string{"ben"})))
	fails(cometchat.ErrInvalidUID, second(all(a.ListFriends(ctx, "..", cometchat.FriendsRequest{}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListFriends(ctx, "ana", cometchat.FriendsRequest{Limit: -1}))))
	fails(cometchat.ErrBadRequest, second(all(a.ListBlockedUsers(ctx, "ana", cometchat.BlockedUsersRequest{Direction: cometchat.BlockedByMe}))))

	for _, role := range []string{"", " "} {
		fails(cometchat.ErrMissingParameters, second(a.GetRole(ctx, role)))
	}
	for _, role := range []string{"..", long, "a\nb"} {
		fails(cometchat.ErrBadRequest, a.DeleteRole(ctx, role))
		fails(cometchat.ErrBadRequest, second(a.UpdateRole(ctx, role, cometchat.RoleUpdate{Name: new("x")})))
	}
	fails(cometchat.ErrMissingParameters, second(a.UpdateRole(ctx, "teacher", cometchat.RoleUpdate{})))
	fails(cometchat.ErrMissingParameters, second(a.UpdateRole(ctx, "teacher", cometchat.RoleUpdate{Name: new("")})))
	fails(cometchat.ErrBadRequest, second(a.UpdateRole(ctx, "teacher", cometchat.RoleUpdate{Settings: &cometchat.RoleSettings{ListUsers: "x"}})))
	fails(cometchat.ErrMissingParameters, second(a.CreateRole(ctx, nil)))
	fails(cometchat.ErrMissingParameters, second(a.CreateRole(ctx, &cometchat.Role{ID: "x"})))
	fails(cometchat.ErrMissingParameters, second(a.CreateRole(ctx, &cometchat.Role{Name: "x"})))
	fails(cometchat.ErrBadRequest, second(a.CreateRole(ctx, &cometchat.Role{ID: "x", Name: long})))
	fails(cometchat.ErrBadRequest, second(a.CreateRole(ctx, &cometchat.Role{ID: "x", Name: "x", Metadata: json.RawMessage("{")})))
}

// TestRoleAnswers reads odd answers about roles.
func TestRoleAnswers(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	for answer, says := range map[string]string{
		`{"data":{"name":"x"}}`: "has no role", `{"data":{"role":"x"}}`: "another role", `{}`: "no data",
	} {
		w.RegisterNoResponder(respond(200, answer))
		_, err := a.GetRole(t.Context(), "teacher")
		require.ErrorContains(t, err, says)
	}
	w.RegisterNoResponder(respond(404, refusal("ERR_ROLE_NOT_FOUND", "no")))
	_, err := a.GetRole(t.Context(), "teacher")
	require.ErrorIs(t, err, cometchat.ErrRoleNotFound)

	raw, err := json.Marshal(teacher)
	require.NoError(t, err)
	assert.JSONEq(t, docRole, string(raw))
	var r cometchat.Role
	require.NoError(t, json.Unmarshal(raw, &r))
	assert.Equal(t, teacher, &r)
	require.NoError(t, json.Unmarshal([]byte(`{"role":"x","name":7,"settings":[],"metadata":null,"createdAt":"1700000000"}`), &r))
	assert.Equal(t, cometchat.Role{ID: "x", Name: "7", CreatedAt: at(1700000000)}, r)
	require.Error(t, r.UnmarshalJSON([]byte(`{`)))
}

// TestFriendsInBatches adds 60 friends: the third request is refused.
func TestFriendsInBatches(t *testing.T) {
	t.Parallel()
	uids := manyUIDs()[:60]
	w := newWire()
	echo := func(uids []string) any {
		results := object{}
		for _, uid := range uids {
			results[uid] = object{"success": true}
		}
		return object{"accepted": results}
	}
	w.RegisterResponder("POST", adminHost+"/users/ana/friends", ofBatch(t, "accepted", 3, echo))
	outcomes, err := w.admin(t).AddFriends(t.Context(), "ana", uids)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.ElementsMatch(t, uids[:50], slices.Collect(maps.Keys(outcomes)))
	assert.Len(t, w.lines(), 3)

	w.RegisterResponder("DELETE", adminHost+"/users/ana/friends", respond(400, refusal("ERR_NOT_A_FRIEND", "no")))
	require.ErrorIs(t, w.admin(t).RemoveFriends(t.Context(), "ana", uids), cometchat.ErrNotFriend)
	assert.Len(t, w.lines(), 1)
}
