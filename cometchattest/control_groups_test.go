package cometchattest_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAddGroup(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option())
	metadata := json.RawMessage(`{"k":1}`)
	s.AddGroup(cometchat.NewGroup{
		GUID: "Hikers", Type: cometchat.GroupPassword, Password: new("boots"), Owner: uid(1), Metadata: metadata, Tags: []string{"t"},
		Members: cometchat.NewGroupMembers{
			Admins: []string{uid(2)}, Moderators: []string{"COMETCHAT-UID-3"}, Participants: []string{uid(4)}, Banned: []string{uid(5)},
		},
	})
	metadata[2] = 'x'
	s.AddGroup(cometchat.NewGroup{GUID: "bare"})
	assert.Equal(t, &cometchat.Group{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPassword, Owner: uid(1), Metadata: json.RawMessage(`{"k":1}`), Tags: []string{"t"},
		MembersCount: 4, ConversationID: "group_hikers", CreatedAt: time.Unix(at.now.Unix(), 0),
	}, s.Group("HIKERS"))
	assert.Equal(t, []string{"public", "app_system"}, []string{s.Group("bare").Type, s.Group("bare").Owner})
	assert.Nil(t, s.Group("nowhere"))
	assert.Equal(t, []string{uid(1) + " admin", uid(2) + " admin", uid(3) + " moderator", uid(4) + " participant"}, membersOf(s.GroupMembers("hikers")))
	assert.Empty(t, s.GroupMembers("bare"))
	rows, _ := actorOf(t, s, uid(1)).list("/groups/hikers/bannedusers")
	assert.Equal(t, []any{uid(5)}, field(rows, "uid"))

	for says, g := range map[string]cometchat.NewGroup{
		"The guid is taken":                      {GUID: "HIKERS"},
		"The guid field is required":             {},
		"must be public, private or password":    {GUID: "a", Type: "protected"},
		"The password field is required":         {GUID: "a", Type: cometchat.GroupPassword},
		"metadata must be an object":             {GUID: "a", Metadata: json.RawMessage(`[]`)},
		`AddGroup: no user has the uid "nobody"`: {GUID: "a", Owner: "nobody"},
		`AddGroup: no user has the uid "none"`:   {GUID: "a", Members: cometchat.NewGroupMembers{Banned: []string{"none"}}},
		`the user "cometchat-uid-1" is there twice`: {GUID: "a", Owner: uid(1), Members: cometchat.NewGroupMembers{
			Admins: []string{"COMETCHAT-uid-1"},
		}},
	} {
		panics(t, says, func() { s.AddGroup(g) })
	}
	assert.Nil(t, s.Group("a"))
	panics(t, `GroupMembers: no group has the guid "nowhere"`, func() { s.GroupMembers("nowhere") })
}

func membersOf(members []*cometchat.GroupMember) (texts []string) {
	for _, m := range members {
		texts = append(texts, m.UID+" "+m.Scope)
	}
	return texts
}

// TestGroupByHand has the members of a group change without a client.
func TestGroupByHand(t *testing.T) {
	t.Parallel()
	s := started(t)
	d := devicesOf(t, s)
	s.AddGroup(cometchat.NewGroup{
		GUID: "hikers", Type: cometchat.GroupPassword, Password: new("boots"), Owner: uid(1),
		Members: cometchat.NewGroupMembers{Banned: []string{uid(5)}},
	})
	s.JoinGroup("Hikers", "COMETCHAT-UID-2")
	action := func() any {
		return d.told(t, "message", d.one, d.oneToo, d.two)["body"].(object)["data"].(object)["action"]
	}
	assert.Equal(t, "joined", action())
	m := s.SendGroupMessage(uid(2), "HIKERS", "hi")
	assert.Equal(t, cometchat.ToGroup("hikers"), m.Receiver)
	assert.Equal(t, m.ID, d.told(t, "message", d.one, d.oneToo, d.two)["body"].(object)["id"])
	s.KickGroupMember("hikers", uid(2))
	assert.Equal(t, "kicked", action())
	assert.Equal(t, []string{uid(1) + " admin"}, membersOf(s.GroupMembers("hikers")))
	kicked, err := s.WaitFor(context.Background(), func(m *cometchat.Message) bool { return m.Action != nil && m.Action.Action == "kicked" })
	require.NoError(t, err)
	assert.Equal(t, "app_system", kicked.Sender.UID)

	panics(t, "SendGroupMessage: ERR_GROUP_NOT_JOINED", func() { s.SendGroupMessage(uid(2), "hikers", "hi") })
	panics(t, `SendGroupMessage: no user has the uid "nobody"`, func() { s.SendGroupMessage("nobody", "hikers", "hi") })
	panics(t, `SendGroupMessage: no group has the guid "nowhere"`, func() { s.SendGroupMessage(uid(1), "nowhere", "hi") })
	panics(t, "JoinGroup: ERR_ALREADY_JOINED", func() { s.JoinGroup("hikers", uid(1)) })
	panics(t, "JoinGroup: ERR_BANNED_GROUPMEMBER", func() { s.JoinGroup("hikers", uid(5)) })
	panics(t, `JoinGroup: no group has the guid "nowhere"`, func() { s.JoinGroup("nowhere", uid(1)) })
	panics(t, `JoinGroup: no user has the uid "nobody"`, func() { s.JoinGroup("hikers", "nobody") })
	panics(t, "KickGroupMember: ERR_NOT_A_MEMBER", func() { s.KickGroupMember("hikers", uid(3)) })
	panics(t, `KickGroupMember: no group has the guid "nowhere"`, func() { s.KickGroupMember("nowhere", uid(1)) })
}
