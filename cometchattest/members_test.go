package cometchattest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// clubbed starts an emulator with the group club, of this type and with the password pw. cometchat-uid-1 owns it, 2 is an admin, 3 a
// moderator, 4 a participant, 5 is no member. The users whom an action is done to have the uids admin, moderator, participant,
// banned and nobody.
func clubbed(t *testing.T, kind string) *cometchattest.Server {
	t.Helper()
	s := started(t)
	for _, name := range []string{"admin", "moderator", "participant", "banned", "nobody"} {
		must(t, s, "POST", "/users", fmt.Sprintf(`{"uid":%q,"name":%q}`, name, name))
	}
	owner := actorOf(t, s, uid(1))
	owner.do("POST", "/groups", fmt.Sprintf(`{"guid":"Club","name":"Club","type":%q,"password":"pw","tags":["t"],"metadata":{"k":1},"members":{
		"admins":["cometchat-uid-2","admin"],"moderators":["cometchat-uid-3","moderator"],"participants":["cometchat-uid-4","participant"],
		"usersToBan":["banned"]}}`, kind))
	return s
}

// TestScopes has the answer to every call about a group, for every rank: "ok" or the code of the refusal.
func TestScopes(t *testing.T) {
	t.Parallel()
	const (
		noMod, noAdmin, none = "ERR_GROUP_NO_MODERATOR_SCOPE", "ERR_GROUP_NO_ADMIN_SCOPE", "ERR_GROUP_NOT_JOINED"
		clearance, noScope   = "ERR_GROUP_NO_CLEARANCE", "ERR_GROUP_NO_SCOPE_CLEARANCE"
		self, noMember       = "ERR_GROUP_NO_SELF_ACTION", "ERR_NOT_A_MEMBER"
	)
	for _, row := range []struct {
		call, body string
		want       [5]string // of the owner, an admin, a moderator, a participant, and who is no member
	}{
		{"GET /groups/club", "", [5]string{"ok", "ok", "ok", "ok", "ok"}},
		{"PUT /groups/club", `{"name":"New"}`, [5]string{"ok", "ok", "ok", noMod, none}},
		{"DELETE /groups/club", "", [5]string{"ok", "ok", noAdmin, noAdmin, none}},
		{"PATCH /groups/club/owner", `{"owner":"participant"}`, [5]string{"ok", noAdmin, noAdmin, noAdmin, none}},
		{"PATCH /groups/club/owner", `{"owner":"nobody"}`, [5]string{noMember, noAdmin, noAdmin, noAdmin, none}},
		{"PATCH /groups/club/owner", `{"owner":"ME"}`, [5]string{self, noAdmin, noAdmin, noAdmin, none}},
		{"POST /groups/club/members", "", [5]string{"ERR_ALREADY_JOINED", "ERR_ALREADY_JOINED", "ERR_ALREADY_JOINED", "ERR_ALREADY_JOINED", "ok"}},
		{"PUT /groups/club/members", `{"participants":["nobody"]}`, [5]string{"ok", "ok", noAdmin, noAdmin, none}},
		{"DELETE /groups/club/members", "", [5]string{"ERR_OWNER_EXIT_FORBIDDEN", "ok", "ok", "ok", none}},
		{"GET /groups/club/members", "", [5]string{"ok", "ok", "ok", "ok", none}},
		{"GET /groups/club/bannedusers", "", [5]string{"ok", "ok", "ok", noMod, none}},
		{"DELETE /groups/club/members/admin", "", [5]string{"ok", clearance, clearance, noMod, none}},
		{"DELETE /groups/club/members/moderator", "", [5]string{"ok", "ok", clearance, noMod, none}},
		{"DELETE /groups/club/members/participant", "", [5]string{"ok", "ok", "ok", noMod, none}},
		{"DELETE /groups/club/members/nobody", "", [5]string{noMember, noMember, noMember, noMod, none}},
		{"DELETE /groups/club/members/ME", "", [5]string{self, self, self, noMod, none}},
		{"POST /groups/club/bannedusers/admin", "", [5]string{"ok", clearance, clearance, noMod, none}},
		{"POST /groups/club/bannedusers/participant", "", [5]string{"ok", "ok", "ok", noMod, none}},
		{"POST /groups/club/bannedusers/banned", "", [5]string{"ERR_ALREADY_BANNED", "ERR_ALREADY_BANNED", "ERR_ALREADY_BANNED", noMod, none}},
		{"POST /groups/club/bannedusers/nobody", "", [5]string{noMember, noMember, noMember, noMod, none}},
		{"DELETE /groups/club/bannedusers/banned", "", [5]string{"ok", "ok", "ok", noMod, none}},
		{"DELETE /groups/club/bannedusers/participant", "", [5]string{"ERR_NOT_A_BANNED_USER", "ERR_NOT_A_BANNED_USER", "ERR_NOT_A_BANNED_USER", noMod, none}},
		{"PUT /groups/club/members/participant", `{"scope":"moderator"}`, [5]string{"ok", "ok", "ok", noScope, none}},
		{"PUT /groups/club/members/participant", `{"scope":"admin"}`, [5]string{"ok", "ok", noScope, noScope, none}},
		{"PUT /groups/club/members/participant", "", [5]string{"ERR_SAME_SCOPE", "ERR_SAME_SCOPE", "ERR_SAME_SCOPE", noScope, none}},
		{"PUT /groups/club/members/admin", `{"scope":"participant"}`, [5]string{"ok", noScope, noScope, noScope, none}},
		{"PUT /groups/club/members/ME", `{"scope":"participant"}`, [5]string{self, self, self, self, none}},
		{"PUT /groups/club/members/nobody", `{"scope":"admin"}`, [5]string{noMember, noMember, noMember, noMember, none}},
		{"POST /messages", `{"receiver":"club","receiverType":"group","data":{"text":"x"},"category":"message","type":"text"}`,
			[5]string{"ok", "ok", "ok", "ok", none}},
	} {
		t.Run(row.call+" "+row.body[:min(len(row.body), 30)], func(t *testing.T) {
			t.Parallel()
			for i, want := range row.want {
				s := clubbed(t, "public")
				method, path, _ := strings.Cut(strings.ReplaceAll(row.call, "ME", uid(i+1)), " ")
				as := actorOf(t, s, uid(i+1))
				status, answer := call(t, s, method, "/v3.0"+path, strings.ReplaceAll(row.body, "ME", uid(i+1)), as.header)
				got := "ok"
				if status != 200 {
					got, _ = at(t, answer, "error", "code").(string)
				}
				assert.Equal(t, want, got, uid(i+1))
			}
		})
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ kind, as, body, code string }{
		{"public", uid(5), "", ""},
		{"public", "banned", "", "ERR_BANNED_GROUPMEMBER"},
		{"private", uid(5), "", "ERR_GROUP_JOIN_NOT_ALLOWED"},
		{"password", uid(5), `{"guid":"club","name":"name","type":"password","password":"pw"}`, ""},
		{"password", uid(5), `{"password":"no"}`, "ERR_WRONG_GROUP_PASS"},
		{"password", uid(5), `{}`, "ERR_EMPTY_GROUP_PASS"},
		{"password", uid(5), `{"password":1}`, "ERR_BAD_REQUEST"},
	} {
		s := clubbed(t, tc.kind)
		status, answer := call(t, s, "POST", "/v3.0/groups/CLUB/members", tc.body, actorOf(t, s, tc.as).header)
		if tc.code != "" {
			assert.Equal(t, tc.code, at(t, answer, "error", "code"), tc)
			continue
		}
		action := data(t, status, answer)
		assert.Equal(t, []any{"action", "groupMember", "joined"}, []any{action["category"], action["type"], at(t, action, "data", "action")})
		assert.Equal(t, []any{8.0, "club"}, []any{at(t, action, "data", "entities", "for", "entity", "membersCount"), action["receiver"]})
		joined := actorOf(t, s, tc.as).do("GET", "/groups/club", "")
		assert.Equal(t, []any{true, "participant"}, []any{joined["hasJoined"], joined["scope"]})
		assert.NotContains(t, joined, "password")
	}
}

// outcomes returns "ok" or the code of the error for each uid of a list in an answer.
func outcomes(t *testing.T, lists any, name string) map[string]string {
	t.Helper()
	results, ok := at(t, lists, name).(object)
	require.True(t, ok)
	got := map[string]string{}
	for uid, result := range results {
		if got[uid] = "ok"; at(t, result, "success") != true {
			got[uid], _ = at(t, result, "error", "code").(string)
		}
	}
	return got
}

func TestAddedMembers(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "private")
	for _, credential := range []string{"PUT", "POST"} {
		as := actorOf(t, s, uid(1))
		if credential == "POST" {
			as = onBehalf(t, s, "")
		}
		must(t, s, "POST", "/users", fmt.Sprintf(`{"uid":"new-%s","name":"N"}`, credential))
		added := as.do(credential, "/groups/club/members", fmt.Sprintf(`{"admins":["NEW-%s","ghost"],"moderators":["new-%[1]s","participant","banned"],
			"usersToBan":["new-%[1]s","ghost","banned"]}`, credential))
		assert.Equal(t, map[string]string{"NEW-" + credential: "ok", "ghost": "ERR_UID_NOT_FOUND"}, outcomes(t, added, "admins"))
		assert.Equal(t, map[string]string{"participant": "ERR_ALREADY_JOINED", "banned": "ERR_BANNED_GROUPMEMBER"}, outcomes(t, added, "moderators"))
		assert.Equal(t, map[string]string{"ghost": "ERR_UID_NOT_FOUND"}, outcomes(t, added, "usersToBan"), "the highest scope wins")
		assert.Empty(t, outcomes(t, added, "participants"))
		action := at(t, added, "admins", "NEW-"+credential, "data")
		assert.Equal(t, "added", at(t, action, "data", "action"))
		assert.Equal(t, strings.ToLower("new-"+credential), at(t, action, "data", "entities", "on", "entity", "uid"))
	}
	owner := actorOf(t, s, uid(1))
	banned := owner.do("PUT", "/groups/club/members", `{"usersToBan":["participant","nobody","cometchat-uid-1"]}`)
	assert.Equal(t, map[string]string{"participant": "ok", "nobody": "ok", uid(1): "ERR_GROUP_NO_SELF_ACTION"}, outcomes(t, banned, "usersToBan"))
	owner.refused("PUT", "/groups/club/members", `{}`, 400, "ERR_BAD_REQUEST")
	many := strings.TrimSuffix(strings.Repeat(`"x",`, 26), ",")
	owner.refused("PUT", "/groups/club/members", `{"admins":[`+many+`]}`, 400, "ERR_BAD_REQUEST")
	owner.refused("POST", "/groups", `{"guid":"g","name":"g","type":"public","members":{"admins":[`+many+`]}}`, 400, "ERR_BAD_REQUEST")
	onBehalf(t, s, "").refused("DELETE", "/groups/club/members", "", 400, "ERR_BAD_REQUEST")
}

func TestMemberLists(t *testing.T) {
	t.Parallel()
	s := clubbed(t, "private")
	connected(t, s, s.CreateAuthToken("moderator"), "m", "")
	four := actorOf(t, s, uid(3))
	for query, want := range map[string][]any{
		"/members?per_page=2&page=2":                 {uid(3), uid(4)},
		"/members?scopes=admin":                      {uid(1), uid(2), "admin"},
		"/members?scopes=admin,moderator&page=2":     {},
		"/members?searchKey=MODER":                   {"moderator"},
		"/members?status=available&scopes=moderator": {"moderator"},
		"/bannedusers":                               {"banned"},
		"/bannedusers?scopes=admin":                  {},
		"/bannedusers?scopes=participant":            {"banned"},
		"/bannedusers?searchKey=x":                   {},
	} {
		rows, meta := four.list("/groups/club" + query)
		assert.Equal(t, want, field(rows, "uid"), query)
		assert.Contains(t, meta, "pagination")
	}
	rows, _ := four.list("/groups/club/members?scopes=moderator")
	assert.Equal(t, []any{"moderator", "moderator"}, field(rows, "scope"))
	assert.NotZero(t, rows[0]["joinedAt"])
	banned, _ := four.list("/groups/club/bannedusers")
	assert.Equal(t, []any{true}, field(banned, "isBanned"))
	four.refused("GET", "/groups/club/members?scopes=owner", "", 400, "ERR_BAD_REQUEST")
	actorOf(t, s, uid(5)).refused("GET", "/groups/club", "", 403, "ERR_GROUP_NOT_JOINED")
}
