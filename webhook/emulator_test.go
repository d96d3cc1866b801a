package webhook_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	andrew = "cometchat-uid-1"
	george = "cometchat-uid-2"
	nancy  = "cometchat-uid-3"
)

// emulated is an emulator in a bubble, whose events are handled by a webhook.Handler, with a client for each of two users.
type emulated struct {
	*cometchattest.Server
	andrew, george *cometchat.Client
	events         chan *webhook.Event
}

func newEmulated(t *testing.T) *emulated {
	t.Helper()
	e := &emulated{events: make(chan *webhook.Event, 100)}
	handler := newHandler(t, func(_ context.Context, event *webhook.Event) error {
		e.events <- event
		return nil
	})
	e.Server = cometchattest.New(cometchattest.WithWebhook(cometchattest.Webhook{
		Handler: handler, Username: hookUser, Password: hookPassword, ID: "hook-1",
	}))
	t.Cleanup(e.Close)
	e.andrew, e.george = e.client(t, andrew), e.client(t, george)
	return e
}

func (e *emulated) client(t *testing.T, uid string) *cometchat.Client {
	t.Helper()
	c, err := cometchat.New(e.AppID, e.Options()...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	_, err = c.Login(t.Context(), uid, e.AuthKey)
	require.NoError(t, err)
	return c
}

// next returns the events that came since the call before, and moves the clock by a second, so that no two steps happen in the same
// second.
func (e *emulated) next(t *testing.T, triggers ...string) (events []*webhook.Event) {
	t.Helper()
	synctest.Wait()
	got := []string{}
	for len(e.events) > 0 {
		event := <-e.events
		events, got = append(events, event), append(got, event.Trigger)
		assert.NotNil(t, event.Payload, event.Trigger)
		assert.Equal(t, []string{e.AppID, "us", "hook-1"}, []string{event.AppID, event.Region, event.Webhook})
	}
	require.Equal(t, triggers, got)
	<-time.After(time.Second)
	return events
}

// payload returns the payload of an event as a T.
func payload[T any](t *testing.T, e *webhook.Event) *T {
	t.Helper()
	p, ok := e.Payload.(*T)
	require.True(t, ok, "%s has a %T", e.Trigger, e.Payload)
	return p
}

// TestEmulatorMessages does with the SDK what causes the events of messages, and reads their payloads.
func TestEmulatorMessages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, ctx := newEmulated(t), t.Context()
		text := cometchat.NewTextMessage(cometchat.ToUser(george), "hi "+cometchat.Mention(george))
		m, err := e.andrew.SendMessage(ctx, text)
		require.NoError(t, err)
		events := e.next(t, "message_sent", "user_mentioned")
		sent, mentioned := payload[webhook.MessageSent](t, events[0]), payload[webhook.UserMentioned](t, events[1])
		assert.Equal(t, []string{m.ID, m.MUID, m.Text, andrew}, []string{sent.MessageID, sent.Message.MUID, sent.Message.Text, sent.Sender.UID})
		assert.Equal(t, []any{george, "user", m.SentAt}, []any{sent.Receiver, sent.ReceiverType, sent.SentAt})
		assert.Equal(t, []string{m.ID, andrew, george}, []string{mentioned.MessageID, mentioned.Sender.UID, mentioned.Users[0].UID})

		_, err = e.andrew.EditMessage(ctx, m.ID, cometchat.MessageEdit{Text: "hello " + cometchat.Mention(george)})
		require.NoError(t, err)
		edited := payload[webhook.MessageEdited](t, e.next(t, "message_edited")[0])
		assert.Equal(t, []string{m.ID, "hello " + cometchat.Mention(george), andrew}, []string{edited.MessageID, edited.Message.Text, edited.By.UID})
		assert.False(t, edited.EditedAt.IsZero())
		_, err = e.andrew.EditMessage(ctx, m.ID, cometchat.MessageEdit{Text: "and " + cometchat.Mention(nancy)})
		require.NoError(t, err)
		again := payload[webhook.UserMentioned](t, e.next(t, "message_edited", "user_mentioned")[1])
		assert.Equal(t, []string{m.ID, nancy}, []string{again.MessageID, again.Users[0].UID})

		for action, trigger := range map[string]string{"added": "message_reaction_added", "removed": "message_reaction_removed"} {
			change := e.george.AddReaction
			if action == "removed" {
				_, err = e.george.AddReaction(ctx, m.ID, "🎉")
				require.NoError(t, err)
				e.next(t, "message_reaction_added")
				change = e.george.RemoveReaction
			}
			_, err = change(ctx, m.ID, map[string]string{"added": "👍", "removed": "🎉"}[action])
			require.NoError(t, err)
			reaction := payload[webhook.ReactionChanged](t, e.next(t, trigger)[0])
			assert.Equal(t, []string{action, m.ID, george}, []string{reaction.Action, reaction.MessageID, reaction.User.UID})
			assert.NotEmpty(t, reaction.ID)
			assert.False(t, reaction.ReactedAt.IsZero())
		}

		e.ModerateMessage(m.ID, cometchat.ModerationDisapproved)
		e.ModerateMessage(m.ID, cometchat.ModerationApproved)
		e.ModerateMessage(m.ID, cometchat.ModerationPending)
		e.ModerateMessage(m.ID, cometchat.ModerationApproved)
		for i, event := range e.next(t, "moderation_engine_blocked", "moderation_manual_approved", "moderation_engine_approved") {
			moderated := payload[webhook.MessageModerated](t, event)
			assert.Equal(t, []string{m.ID, andrew}, []string{moderated.MessageID, moderated.Sender.UID})
			assert.Equal(t, map[bool]string{true: "disapproved", false: "approved"}[i == 0], moderated.Status)
		}

		_, err = e.andrew.DeleteMessage(ctx, m.ID)
		require.NoError(t, err)
		deleted := payload[webhook.MessageDeleted](t, e.next(t, "message_deleted")[0])
		assert.Equal(t, []string{m.ID, m.ID, andrew}, []string{deleted.MessageID, deleted.Message.ID, deleted.By.UID})
		assert.False(t, deleted.DeletedAt.IsZero())
	})
}

// TestEmulatorReceipts gives receipts over the live connection and through the API.
func TestEmulatorReceipts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, ctx := newEmulated(t), t.Context()
		require.NoError(t, e.george.Connect(ctx))
		came := payload[webhook.UserConnectionStatusChanged](t, e.next(t, "user_connection_status_changed")[0])
		assert.Equal(t, []string{george, cometchat.StatusOnline, "connected"}, []string{came.User.UID, came.Status, came.Action})
		m := e.SendMessage(andrew, george, "read me")
		e.next(t, "message_sent")
		for i, step := range []struct {
			trigger string
			mark    func() error
		}{
			{"message_delivery_receipt", func() error { return e.george.MarkAsDelivered(ctx, m) }},
			{"message_read_receipt", func() error { return e.george.MarkAsRead(ctx, m) }},
			{"message_delivery_receipt", func() error { return e.george.MarkConversationAsDelivered(ctx, cometchat.ToUser(andrew)) }},
			{"message_read_receipt", func() error { return e.george.MarkConversationAsRead(ctx, cometchat.ToUser(andrew)) }},
		} {
			at := time.Now()
			require.NoError(t, step.mark())
			event := e.next(t, step.trigger)[0]
			receipt := payload[webhook.ReceiptReceived](t, event)
			assert.Equal(t, &webhook.ReceiptReceived{
				MessageID: m.ID, Action: []string{"delivered", "read"}[i%2], User: receipt.User, MessageSender: andrew, Receiver: andrew,
				ReceiverType: "user", At: time.Unix(at.Unix(), 0),
			}, receipt)
			assert.Equal(t, george, receipt.User.UID)
			assert.NotEmpty(t, event.ID)
		}
		require.NoError(t, e.george.Disconnect())
		left := payload[webhook.UserConnectionStatusChanged](t, e.next(t, "user_connection_status_changed")[0])
		assert.Equal(t, []string{george, cometchat.StatusOffline, "disconnected"}, []string{left.User.UID, left.Status, left.Action})

		e.AddGroup(cometchat.NewGroup{GUID: "club", Owner: andrew, Members: cometchat.NewGroupMembers{Participants: []string{george}}})
		m = e.SendGroupMessage(andrew, "club", "to all")
		sent := payload[webhook.MessageSent](t, e.next(t, "message_sent")[0])
		assert.Equal(t, []string{m.ID, "club", "group"}, []string{sent.MessageID, sent.Receiver, sent.ReceiverType})
		require.NoError(t, e.george.MarkConversationAsRead(ctx, cometchat.ToGroup("club")))
		receipt := payload[webhook.ReceiptReceived](t, e.next(t, "message_read_receipt")[0])
		assert.Equal(t, []string{m.ID, andrew, "club", "group"}, []string{receipt.MessageID, receipt.MessageSender, receipt.Receiver, receipt.ReceiverType})
	})
}

// TestEmulatorBlocked has the events of blocked users.
func TestEmulatorBlocked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, ctx := newEmulated(t), t.Context()
		_, err := e.andrew.BlockUsers(ctx, []string{nancy, george, "nobody"})
		require.NoError(t, err)
		blocked := payload[webhook.UserBlocked](t, e.next(t, "user_blocked")[0])
		assert.Equal(t, []string{andrew, george, nancy}, []string{blocked.By.UID, blocked.Users[0].UID, blocked.Users[1].UID})
		assert.Len(t, blocked.Users, 2)
		_, err = e.andrew.UnblockUsers(ctx, []string{george})
		require.NoError(t, err)
		unblocked := payload[webhook.UserUnblocked](t, e.next(t, "user_unblocked")[0])
		assert.Equal(t, []string{andrew, george}, []string{unblocked.By.UID, unblocked.Users[0].UID})
		_, err = e.andrew.UnblockUsers(ctx, []string{"nobody"})
		require.NoError(t, err)
		e.next(t, []string{}...)
	})
}

// TestEmulatorGroups has the events of groups, each with the group and the members that it is about.
func TestEmulatorGroups(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e, ctx := newEmulated(t), t.Context()
		name := "New name"
		for i, step := range []struct {
			trigger string
			do      func() error
			by      string   // of a change of members
			users   []string // the members of the event
		}{
			{"group_created", func() error {
				_, _, err := e.andrew.CreateGroup(ctx, cometchat.NewGroup{GUID: "club", Name: "Club", Type: cometchat.GroupPublic})
				return err
			}, "", []string{andrew}},
			{"group_member_joined", func() error {
				_, err := e.george.JoinGroup(ctx, "club", "")
				return err
			}, "", []string{george}},
			{"group_updated", func() error {
				_, err := e.andrew.UpdateGroup(ctx, "club", cometchat.GroupUpdate{Name: &name})
				return err
			}, "", nil},
			{"group_member_scope_changed", func() error {
				return e.andrew.UpdateGroupMemberScope(ctx, "club", george, cometchat.ScopeModerator)
			}, andrew, []string{george}},
			{"group_member_left", func() error { return e.george.LeaveGroup(ctx, "club") }, "", []string{george}},
			{"group_member_joined", func() error { e.JoinGroup("club", george); return nil }, "", []string{george}},
			{"group_member_kicked", func() error { return e.andrew.KickGroupMember(ctx, "club", george) }, andrew, []string{george}},
			{"group_member_added", func() error {
				_, err := e.andrew.AddGroupMembers(ctx, "club", cometchat.NewGroupMembers{Admins: []string{nancy}, Participants: []string{george, "nobody"}})
				return err
			}, andrew, []string{george, nancy}},
			{"group_member_banned", func() error { return e.andrew.BanGroupMember(ctx, "club", george) }, andrew, []string{george}},
			{"group_member_unbanned", func() error { return e.andrew.UnbanGroupMember(ctx, "club", george) }, andrew, []string{george}},
			{"group_member_banned", func() error {
				_, err := e.andrew.AddGroupMembers(ctx, "club", cometchat.NewGroupMembers{Banned: []string{george}})
				return err
			}, andrew, []string{george}},
			{"group_owner_transferred", func() error { return e.andrew.TransferGroupOwnership(ctx, "club", nancy) }, "", nil},
			{"group_member_kicked", func() error { e.KickGroupMember("club", andrew); return nil }, "app_system", []string{andrew}},
		} {
			require.NoError(t, step.do(), "step %d", i)
			event := e.next(t, step.trigger)[0]
			if p, ok := event.Payload.(*webhook.GroupMembersChanged); ok {
				assert.Equal(t, []string{"club", "club"}, []string{p.GUID, p.Group.GUID})
				assert.Equal(t, "group_member_"+p.Action, step.trigger)
				assert.Equal(t, step.users, uidsOf(p))
				assert.Equal(t, step.by == "", p.By == nil)
				assert.True(t, p.By == nil || p.By.UID == step.by)
				if p.Action == "scope_changed" {
					assert.Equal(t, []string{"moderator", "participant"}, []string{p.Members[0].Scope, p.Members[0].OldScope})
				}
				continue
			}
			p := payload[webhook.GroupChanged](t, event)
			assert.Equal(t, []string{"club", "group_" + p.Action}, []string{p.GUID, step.trigger})
			assert.Len(t, p.Members, len(step.users))
			assert.Equal(t, map[bool]string{true: nancy, false: andrew}[p.Action == "owner_transferred"], p.Owner)
			assert.Equal(t, map[bool]string{true: andrew}[p.Action == "owner_transferred"], p.OldOwner)
			if p.Action == "updated" {
				assert.Equal(t, name, p.Group.Name)
			}
		}
		require.NoError(t, e.client(t, nancy).DeleteGroup(ctx, "club"))
		assert.Equal(t, "deleted", payload[webhook.GroupChanged](t, e.next(t, "group_deleted")[0]).Action)
	})
}

func uidsOf(p *webhook.GroupMembersChanged) (uids []string) {
	for _, m := range p.Members {
		uids = append(uids, m.User.UID)
	}
	return uids
}
