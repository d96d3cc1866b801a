package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// codes returns outcomes as their codes; "" is a success.
func codes(outcomes []error) []string {
	texts := make([]string, len(outcomes))
	for i, err := range outcomes {
		texts[i] = code(err)
	}
	return texts
}

var adminImportCalls = map[string]adminCall{
	"ImportUsers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.ImportUsers(ctx, []*cometchat.User{
				{UID: "UID1", Name: "uid1", Avatar: "https://x/a.png", CreatedAt: at(1673421419), Metadata: json.RawMessage(`{"key":"value"}`), LastActiveAt: at(1673421425)},
				{UID: "uid2", Name: "uid2", Status: cometchat.StatusOnline, HasBlockedMe: true},
			})
			return codes(outcomes), err
		},
		request: "POST /data_import/users",
		body: `{"users":{"uid1":{"uid":"UID1","name":"uid1","avatar":"https://x/a.png","createdAt":"1673421419","metadata":{"key":"value"},
			"lastActiveAt":"1673421425"},"uid2":{"uid":"uid2","name":"uid2"}}}`,
		answer: `{"data":{"uid1":{"success":true,"data":{"uid":"uid1","name":"uid1","avatar":"https://x/a.png","metadata":{"key":"value"},
			"status":"offline","role":"default","lastActiveAt":1673421425,"createdAt":1673421419}},
			"uid2":{"success":false,"error":{"code":"ERR_UID_ALREADY_EXISTS","message":"taken"}}}}`,
		want: []string{"", "ERR_UID_ALREADY_EXISTS"},
	},
	"ImportGroups": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.ImportGroups(ctx, []*cometchat.ImportedGroup{{
				NewGroup:  cometchat.NewGroup{GUID: "guid1", Name: "guid1", Type: cometchat.GroupPublic, Owner: "superhero1"},
				CreatedAt: at(1673421419),
			}})
			return codes(outcomes), err
		},
		request: "POST /data_import/groups",
		body:    `{"groups":{"guid1":{"guid":"guid1","name":"guid1","createdAt":"1673421419","type":"public","owner":"superhero1"}}}`,
		answer: `{"data":{"guid1":{"success":true,"data":{"guid":"guid1","name":"guid1","type":"public","conversationId":"group_guid1",
			"createdAt":1673421419,"owner":"superhero1"}}}}`,
		want: []string{""},
	},
	"ImportGroupMembers": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.ImportGroupMembers(ctx, []*cometchat.ImportedGroupMember{
				{GUID: "guid1", UID: "uid2", Scope: cometchat.ScopeAdmin, JoinedAt: at(1673421419)}, {GUID: "guid1", UID: "uid3"},
			})
			return codes(outcomes), err
		},
		request: "POST /data_import/members",
		body: `{"members":{"guid1_member_uid2":{"memberId":"guid1_member_uid2","uid":"uid2","guid":"guid1","joinedAt":"1673421419",
			"scope":"admin"},"guid1_member_uid3":{"memberId":"guid1_member_uid3","uid":"uid3","guid":"guid1"}}}`,
		answer: `{"data":{"guid1_member_uid2":{"success":true,"data":{"guid":"guid1","uid":"uid2","scope":"admin","joinedAt":1673421419}},
			"guid1_member_uid3":{"success":false,"error":{"code":"ERR_IMPORT_INVALID_JOINEDAT","message":"no"}}}}`,
		want: []string{"", "ERR_IMPORT_INVALID_JOINEDAT"},
	},
	"ImportMessages": {
		do: func(ctx context.Context, a *cometchat.Admin) (any, error) {
			outcomes, err := a.ImportMessages(ctx, []*cometchat.ImportedMessage{
				{OutgoingMessage: cometchat.OutgoingMessage{To: cometchat.ToUser("r123"), Text: "Hi there", MUID: "3118", Tags: []string{"tag1"}},
					Sender: "s12", SentAt: at(1674104348), DeliveredAt: at(1674224684), ReadAt: at(1674224685)},
				{OutgoingMessage: cometchat.OutgoingMessage{To: cometchat.ToGroup("g"), Text: "Hi", MUID: "Z"}, Sender: "s12", SentAt: at(1674104349)},
			})
			return codes(outcomes), err
		},
		request: "POST /data_import/messages",
		body: `{"messages":{"3118":{"muid":"3118","sender":"s12","receiverType":"user","receiver":"r123","type":"text","category":"message",
			"data":{"text":"Hi there"},"sentAt":"1674104348","deliveredAt":"1674224684","readAt":"1674224685","tags":["tag1"]},
			"Z":{"muid":"Z","sender":"s12","receiverType":"group","receiver":"g","type":"text","category":"message","data":{"text":"Hi"},"sentAt":"1674104349"}}}`,
		answer: `{"data":{"3118":{"success":true,"data":{"id":"1","muid":"3118"}},"Z":{"success":false,"error":{"code":"ERR_IMPORT_MUID_ALREADY_EXISTS","message":"no"}}}}`,
		want:   []string{"", "ERR_IMPORT_MUID_ALREADY_EXISTS"},
	},
}

// TestImportsInBatches imports 120 users: all requests succeed, or the second fails.
func TestImportsInBatches(t *testing.T) {
	t.Parallel()
	users := make([]*cometchat.User, 120)
	for i := range users {
		users[i] = &cometchat.User{UID: fmt.Sprint("u", i), Name: "U"}
	}
	for _, failing := range []int{0, 2} {
		w := newWire()
		var sizes []int
		w.RegisterResponder("POST", adminHost+"/data_import/users", func(r *http.Request) (*http.Response, error) {
			var body struct{ Users map[string]object }
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				return nil, err
			}
			sizes = append(sizes, len(body.Users))
			if len(sizes) == failing {
				return httpmock.NewJsonResponse(403, refusal("AUTH_ERR_NO_ACCESS", "no"))
			}
			results := object{}
			for uid := range body.Users {
				results[uid] = object{"success": true}
			}
			delete(results, "u7")
			return httpmock.NewJsonResponse(200, data(results))
		})
		outcomes, err := w.admin(t).ImportUsers(t.Context(), users)
		require.Len(t, outcomes, 120)
		require.ErrorContains(t, outcomes[7], "has no result for this item")
		require.NoError(t, outcomes[49])
		if failing == 0 {
			require.NoError(t, err)
			assert.Equal(t, []int{50, 50, 20}, sizes)
			require.NoError(t, outcomes[119])
			continue
		}
		require.ErrorIs(t, err, cometchat.ErrNoAccess)
		assert.Equal(t, []int{50, 50}, sizes)
		require.ErrorIs(t, outcomes[50], cometchat.ErrNoAccess)
		require.ErrorIs(t, outcomes[119], cometchat.ErrNoAccess, "the items that were not sent have the error too")
	}
}

func TestImportsRefuse(t *testing.T) {
	t.Parallel()
	w := newWire()
	a, ctx := w.admin(t), t.Context()
	refuses := func(wants error, outcomes []error, err error) {
		t.Helper()
		require.ErrorIs(t, err, wants)
		assert.Nil(t, outcomes)
		assert.Empty(t, w.lines())
	}
	users := func(wants error, users ...*cometchat.User) {
		t.Helper()
		outcomes, err := a.ImportUsers(ctx, users)
		refuses(wants, outcomes, err)
	}
	users(cometchat.ErrMissingParameters)
	users(cometchat.ErrMissingParameters, nil)
	users(cometchat.ErrMissingParameters, &cometchat.User{UID: "u"})
	users(cometchat.ErrBadRequest, &cometchat.User{UID: "u", Name: "U"}, &cometchat.User{UID: "U", Name: "U"})
	group := func(g cometchat.NewGroup) {
		t.Helper()
		outcomes, err := a.ImportGroups(ctx, []*cometchat.ImportedGroup{{NewGroup: g}})
		refuses(cometchat.ErrBadRequest, outcomes, err)
	}
	group(cometchat.NewGroup{GUID: "g", Name: "G"})
	group(cometchat.NewGroup{GUID: "g", Name: "G", Type: cometchat.GroupPassword, Password: new("pw")})
	group(cometchat.NewGroup{GUID: "g", Name: "G", Type: cometchat.GroupPublic, Members: someMembers})
	for _, m := range []*cometchat.ImportedGroupMember{{UID: "u"}, {GUID: "g", UID: "u", Scope: "x"}} {
		outcomes, err := a.ImportGroupMembers(ctx, []*cometchat.ImportedGroupMember{m})
		refuses(cometchat.ErrBadRequest, outcomes, err)
	}
	message := func(wants error, change func(m *cometchat.ImportedMessage)) {
		t.Helper()
		m := &cometchat.ImportedMessage{
			OutgoingMessage: cometchat.OutgoingMessage{To: cometchat.ToUser("u"), Text: "hi", MUID: "m"}, Sender: "s", SentAt: at(1),
		}
		change(m)
		outcomes, err := a.ImportMessages(ctx, []*cometchat.ImportedMessage{m})
		refuses(wants, outcomes, err)
	}
	message(cometchat.ErrMissingParameters, func(m *cometchat.ImportedMessage) { m.MUID = "" })
	message(cometchat.ErrMissingParameters, func(m *cometchat.ImportedMessage) { m.SentAt = time.Time{} })
	message(cometchat.ErrMissingParameters, func(m *cometchat.ImportedMessage) { m.Sender = "" })
	message(cometchat.ErrBadRequest, func(m *cometchat.ImportedMessage) { m.ParentID = "1" })
	message(cometchat.ErrBadRequest, func(m *cometchat.ImportedMessage) { m.Text = "" })
}

// TestImportAtTheRateLimit imports 3,200 users into an emulator that takes 60 requests in a minute: 64 requests, of which 4 wait.
func TestImportAtTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New(cometchattest.WithRateLimit(60, time.Minute))
		defer s.Close()
		a := administered(t, s, cometchat.WithTimeout(2*time.Minute))
		users := make([]*cometchat.User, 3200)
		for i := range users {
			users[i] = &cometchat.User{UID: fmt.Sprint("u", i), Name: "U"}
		}
		began := time.Now()
		outcomes, err := a.ImportUsers(t.Context(), users)
		require.NoError(t, err)
		for _, outcome := range outcomes {
			require.NoError(t, outcome)
		}
		assert.Len(t, s.Requests(), 65, "one request was refused, and waited")
		assert.InDelta(t, time.Minute, time.Since(began), float64(10*time.Second))
	})
}

// TestImportedChat imports a whole chat into the emulator, twice.
func TestImportedChat(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, ctx := administered(t, s), t.Context()
	for round := range 2 {
		wants := func(outcomes []error, err, again error) {
			t.Helper()
			require.NoError(t, err)
			for _, outcome := range outcomes {
				if round == 0 {
					require.NoError(t, outcome)
				} else {
					require.ErrorIs(t, outcome, again)
				}
			}
		}
		outcomes, err := a.ImportUsers(ctx, []*cometchat.User{{UID: "ada", Name: "Ada", CreatedAt: at(1673421419)}, {UID: "ben", Name: "Ben"}})
		wants(outcomes, err, cometchat.ErrUIDAlreadyExists)
		outcomes, err = a.ImportGroups(ctx, []*cometchat.ImportedGroup{{NewGroup: cometchat.NewGroup{
			GUID: "club", Name: "Club", Type: cometchat.GroupPrivate, Owner: "ada",
		}}})
		wants(outcomes, err, cometchat.ErrGUIDAlreadyExists)
		outcomes, err = a.ImportGroupMembers(ctx, []*cometchat.ImportedGroupMember{{GUID: "Club", UID: "Ben", Scope: cometchat.ScopeModerator}})
		wants(outcomes, err, cometchat.ErrAlreadyJoined)
		outcomes, err = a.ImportMessages(ctx, []*cometchat.ImportedMessage{
			{OutgoingMessage: cometchat.OutgoingMessage{To: cometchat.ToUser("ben"), Text: "first", MUID: "z"}, Sender: "ada", SentAt: at(1674104348), ReadAt: at(1674104350)},
			{OutgoingMessage: cometchat.OutgoingMessage{To: cometchat.ToGroup("club"), Text: "second", MUID: "a"}, Sender: "ben", SentAt: at(1674104349)},
		})
		wants(outcomes, err, cometchat.ErrMUIDAlreadyExists)
	}
	user, group := s.Messages("ada_user_ben"), s.Messages("group_club")
	require.Len(t, user, 1)
	require.Len(t, group, 1)
	assert.Equal(t, []string{"1", "2"}, []string{user[0].ID, group[0].ID}, "in the order of the call, not of the MUIDs")
	assert.Equal(t, at(1674104348), user[0].SentAt)
	u, err := a.GetUser(ctx, "ada")
	require.NoError(t, err)
	assert.Equal(t, at(1673421419), u.CreatedAt)
}
