package cometchat_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// emulatedUser returns a client of an emulator that is logged in.
func emulatedUser(t *testing.T, s *cometchattest.Server, uid string) *cometchat.Client {
	t.Helper()
	c := emulated(t, s)
	_, err := c.Login(t.Context(), uid, s.AuthKey)
	require.NoError(t, err)
	return c
}

// says sends a text to a user.
func says(t *testing.T, c *cometchat.Client, uid, text string) *cometchat.Message {
	t.Helper()
	m, err := c.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid), text))
	require.NoError(t, err)
	return m
}

// TestLifeOfAConversation takes a conversation of two users from the first message to its deletion.
func TestLifeOfAConversation(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	ada, bob := emulatedUser(t, s, uid1), emulatedUser(t, s, uid2)
	ctx, withAda, withBob := t.Context(), cometchat.ToUser(uid1), cometchat.ToUser(uid2)
	unread := func(want int, why string) {
		t.Helper()
		counts, err := bob.UnreadCounts(ctx, cometchat.UnreadRequest{})
		require.NoError(t, err)
		assert.Equal(t, want, counts.Users[uid1], why)
		assert.Empty(t, counts.Groups)
		of, err := bob.UnreadCounts(ctx, cometchat.UnreadRequest{With: withAda})
		require.NoError(t, err)
		assert.Equal(t, want, of.Users[uid1], why)
		conversation, err := bob.GetConversation(ctx, withAda)
		require.NoError(t, err)
		assert.Equal(t, want, conversation.UnreadCount, why)
	}

	_, err := bob.GetConversation(ctx, withAda)
	require.ErrorIs(t, err, cometchat.ErrConversationNotFound, "nobody has said anything")

	says(t, ada, uid2, "one")
	second := says(t, ada, uid2, "two")
	third := says(t, ada, uid2, "three")
	unread(3, "all are new")
	conversation, err := bob.GetConversation(ctx, cometchat.ToUser("CometChat-UID-1"))
	require.NoError(t, err)
	assert.Equal(t, withAda, conversation.With)
	assert.Equal(t, uid1, conversation.WithUser.UID)
	assert.Equal(t, third.ID, conversation.LastMessage.ID)

	require.NoError(t, bob.MarkConversationAsDelivered(ctx, withAda))
	receipts, err := ada.GetMessageReceipts(ctx, third.ID)
	require.NoError(t, err)
	require.Len(t, receipts, 1)
	assert.Equal(t, uid2, receipts[0].User.UID)
	assert.False(t, receipts[0].DeliveredAt.IsZero())
	assert.True(t, receipts[0].ReadAt.IsZero())
	unread(3, "delivered is not read")

	require.NoError(t, bob.MarkConversationAsRead(ctx, withAda))
	unread(0, "all are read")
	receipts, err = ada.GetMessageReceipts(ctx, third.ID)
	require.NoError(t, err)
	require.Len(t, receipts, 1)
	assert.False(t, receipts[0].ReadAt.IsZero())

	require.NoError(t, bob.MarkAsUnread(ctx, second))
	unread(2, "the second message and the third are unread again")

	conversation, err = bob.TagConversation(ctx, withAda, []string{"work", "later"})
	require.NoError(t, err)
	assert.Equal(t, []string{"work", "later"}, conversation.Tags)
	pinned, err := bob.PinConversation(ctx, withAda)
	require.NoError(t, err)
	assert.Equal(t, withAda, pinned.With)
	assert.Equal(t, uid2, pinned.PinnedBy)

	for request, found := range map[*cometchat.ConversationsRequest]bool{
		{}:                              true,
		{Type: cometchat.ReceiverUser}:  true,
		{Type: cometchat.ReceiverGroup}: false,
		{Unread: true}:                  true,
		{Tags: []string{"later"}}:       true,
		{Tags: []string{"never"}}:       false,
		{PinnedBy: []string{cometchat.PinnedByMe}}: true,
	} {
		assert.Equal(t, found, len(listedWith(t, ctx, bob, *request)) == 1, "%+v", request)
	}
	assert.Equal(t, []cometchat.Receiver{withBob}, listedWith(t, ctx, ada, cometchat.ConversationsRequest{}))
	assert.Empty(t, listedWith(t, ctx, ada, cometchat.ConversationsRequest{Unread: true}), "what a user has sent is not unread")

	unpinned, err := bob.UnpinConversation(ctx, withAda)
	require.NoError(t, err)
	assert.True(t, unpinned.PinnedAt.IsZero())
	require.NoError(t, bob.DeleteConversation(ctx, withAda))
	_, err = bob.GetConversation(ctx, withAda)
	require.ErrorIs(t, err, cometchat.ErrConversationNotFound)
	assert.Empty(t, listedWith(t, ctx, bob, cometchat.ConversationsRequest{}))
	assert.Len(t, listedWith(t, ctx, ada, cometchat.ConversationsRequest{}), 1, "the other user still has it")

	says(t, ada, uid2, "four")
	unread(1, "the conversation exists again, with the new message only")
}

// listedWith returns whom the listed conversations are with.
func listedWith(t *testing.T, ctx context.Context, c *cometchat.Client, r cometchat.ConversationsRequest) (with []cometchat.Receiver) {
	t.Helper()
	for conversation, err := range c.ListConversations(ctx, r) {
		require.NoError(t, err)
		with = append(with, conversation.With)
	}
	return with
}

// TestPagesOfConversations reads conversations two at a time, the newest first.
func TestPagesOfConversations(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	c := emulatedUser(t, s, uid1)
	var want []cometchat.Receiver
	for _, uid := range []string{uid2, "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"} {
		says(t, c, uid, "hi")
		want = append([]cometchat.Receiver{cometchat.ToUser(uid)}, want...)
	}
	assert.ElementsMatch(t, want, listedWith(t, t.Context(), c, cometchat.ConversationsRequest{Limit: 2}))
	page, err := c.ListConversationsPage(t.Context(), cometchat.ConversationsRequest{Limit: 3}, "")
	require.NoError(t, err)
	assert.Len(t, page.Items, 3)
	assert.Equal(t, 4, page.Total)
	page, err = c.ListConversationsPage(t.Context(), cometchat.ConversationsRequest{Limit: 3}, page.Next)
	require.NoError(t, err)
	assert.Len(t, page.Items, 1)
	assert.Empty(t, page.Next)
}
