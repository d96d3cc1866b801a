package cometchat_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const uid3 = "cometchat-uid-3"

// lifeOfAGroup has the user uid1, who owns the group, change its members, with messages in between. uid2 is a member.
func lifeOfAGroup(ctx context.Context, t *testing.T, c *cometchat.Client) {
	t.Helper()
	add := func() error {
		outcomes, err := c.AddGroupMembers(ctx, "hikers", cometchat.NewGroupMembers{Participants: []string{uid3}})
		assert.Len(t, outcomes, 1)
		return err
	}
	say := func() error {
		_, err := c.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToGroup("hikers"), "hi"))
		return err
	}
	for _, step := range []func() error{
		add, say,
		func() error { return c.UpdateGroupMemberScope(ctx, "hikers", uid3, cometchat.ScopeModerator) },
		func() error { return c.KickGroupMember(ctx, "hikers", uid3) },
		add,
		func() error { return c.BanGroupMember(ctx, "hikers", uid3) },
		say,
		func() error { return c.UnbanGroupMember(ctx, "hikers", uid3) },
	} {
		require.NoError(t, step())
	}
}

func newHikers(t *testing.T, c *cometchat.Client) {
	t.Helper()
	_, _, err := c.CreateGroup(t.Context(), cometchat.NewGroup{
		GUID: "hikers", Name: "Hikers", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Participants: []string{uid2}},
	})
	require.NoError(t, err)
}

// TestGroupMemberChanged tests who hears of the members of a group, live and by a catch-up.
func TestGroupMemberChanged(t *testing.T) {
	t.Parallel()
	by := " by " + uid1 + " in hikers of "
	changes := []string{
		"added: " + uid3 + by + "3", "scope: " + uid3 + by + "3, participant to moderator", "kicked: " + uid3 + by + "2",
		"added: " + uid3 + by + "3", "banned: " + uid3 + by + "2", "unbanned: " + uid3 + by + "2",
	}
	live(t, "members, the member itself and the other devices of who acts", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		newHikers(t, w.c)
		mine := transcribe(w.c)
		var others []*transcript
		for _, uid := range []string{uid2, uid1, uid3} {
			c, heard := w.connected(t, uid)
			c.RemoveMessageListener("transcript")
			others = append(others, heard)
		}
		_, outsider := w.connected(t, "cometchat-uid-4")
		lifeOfAGroup(t.Context(), t, w.c)
		for _, heard := range others {
			assert.Equal(t, changes, heard.take())
		}
		assert.Empty(t, mine.take(), "has the results of the calls")
		assert.Empty(t, outsider.take())

		joins, heard := w.connected(t, uid3)
		_, err := joins.JoinGroup(t.Context(), "hikers", "")
		require.NoError(t, err)
		require.NoError(t, joins.LeaveGroup(t.Context(), "hikers"))
		itself := uid3 + " by " + uid3 + " in hikers of "
		want := []string{"joined: " + itself + "3", "left: " + itself + "2"}
		assert.Equal(t, want, mine.take())
		for _, heard := range others {
			assert.Equal(t, want, heard.take(), "also the other device of the same user")
		}
		assert.Empty(t, heard.take())
		assert.Empty(t, outsider.take())
	})
	live(t, "a catch-up tells the same, in the order of the messages", func(t *testing.T, w *liveWorld) {
		w.connect(t)
		newHikers(t, w.c)
		member, _ := w.connected(t, uid2)
		events := member.Events(t.Context())
		lifeOfAGroup(t.Context(), t, w.c)
		settle()
		require.NoError(t, member.Disconnect())
		lifeOfAGroup(t.Context(), t, w.c)
		require.NoError(t, member.Connect(t.Context()))
		settle()
		require.NoError(t, member.Close())
		var lines []string
		for e := range events {
			switch e := e.(type) {
			case cometchat.GroupMemberChanged:
				lines = append(lines, string(e.Action))
				assert.Equal(t, []string{"Hikers", "group_hikers", "action", "groupMember", string(e.Action)}, []string{
					e.Group.Name, e.Message.ConversationID, e.Message.Category, e.Message.Type, e.Message.Action.Action,
				})
				found, err := w.c.GetMessage(t.Context(), e.Message.ID)
				require.NoError(t, err)
				assert.Equal(t, found.SentAt, e.Message.SentAt)
			case cometchat.MessageReceived:
				lines = append(lines, e.Message.Text)
			}
		}
		told := []string{"added", "hi", "scopeChanged", "kicked", "added", "banned", "hi", "unbanned"}
		assert.Equal(t, append(told, told...), lines)
	})
}
