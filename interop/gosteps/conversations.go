package main

import (
	"context"

	"github.com/cometchat-go/cometchat"
)

// conversationSteps are the steps about threads, reactions, marks and conversations, which follow those about messages.
var conversationSteps = []step{
	{"threads", "ListThreads, SubscribeToThread and UnsubscribeFromThread", func(ctx context.Context, w *world, c *checks) {
		lists := [][]threadView{}
		list := func(r cometchat.ThreadsRequest) {
			r.Limit = 10
			lists = append(lists, views(c, w.client.ListThreads(ctx, r), viewThread))
		}
		list(cometchat.ThreadsRequest{})
		c.ok("UnsubscribeFromThread", w.client.UnsubscribeFromThread(ctx, "1"))
		list(cometchat.ThreadsRequest{With: cometchat.ToUser(two), All: true})
		c.ok("SubscribeToThread", w.client.SubscribeToThread(ctx, "1"))
		list(cometchat.ThreadsRequest{With: cometchat.ToUser(two)})
		w.tell(lists)
	}},
	{"reactions", "AddReaction, RemoveReaction and ListReactions", func(ctx context.Context, w *world, c *checks) {
		const odd = "a/b ❤️"
		list := func(reaction string, limit int) []reactionView {
			return views(c, w.client.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: "2", Reaction: reaction, Limit: limit}), viewReaction)
		}
		w.tell([]any{
			c.message(w.client.AddReaction(ctx, "2", "👍")), c.message(w.second.AddReaction(ctx, "2", "👍")),
			c.message(w.second.AddReaction(ctx, "2", odd)), list("", 0), list("👍", 5),
			c.message(w.second.RemoveReaction(ctx, "2", odd)), list("", 20),
		})
	}},
	{"pins and saves", "PinMessage, UnpinMessage, SaveMessage, UnsaveMessage and their lists", func(ctx context.Context, w *world, c *checks) {
		list := func(r cometchat.MessagesRequest) []*messageView {
			r.Limit = 20
			return views(c, w.client.ListMessages(ctx, r), viewMessage)
		}
		pinned := cometchat.MessagesRequest{With: cometchat.ToUser(two), Pinned: true}
		saved := cometchat.MessagesRequest{Saved: true}
		w.tell([]any{
			c.message(w.client.PinMessage(ctx, "1")), c.message(w.client.PinMessage(ctx, "7")), list(pinned),
			c.message(w.client.UnpinMessage(ctx, "1")), list(pinned), c.message(w.client.SaveMessage(ctx, "4")), list(saved),
			c.message(w.client.UnsaveMessage(ctx, "4")), list(saved),
		})
	}},
	{"flags", "FlagReasons; FlagMessage with and without a reason of the app", func(ctx context.Context, w *world, c *checks) {
		type reason struct {
			ID          string `json:"id"`
			Name        string `json:"name"`
			Description string `json:"description"`
			Default     bool   `json:"default"`
			CreatedAt   int64  `json:"createdAt"`
			UpdatedAt   int64  `json:"updatedAt"`
		}
		reasons := []reason{}
		all, err := w.client.FlagReasons(ctx)
		c.ok("FlagReasons", err)
		for _, r := range all {
			reasons = append(reasons, reason{r.ID, r.Name, r.Description, r.Default, r.CreatedAt.Unix(), r.UpdatedAt.Unix()})
		}
		c.ok("FlagMessage", w.client.FlagMessage(ctx, "2", "spam", "no thanks"))
		w.tell([]any{reasons, true, c.code("FlagMessage", w.client.FlagMessage(ctx, "2", "no-such-reason", ""))})
	}},
	{"unread counts", "UnreadCounts in its five forms", func(ctx context.Context, w *world, c *checks) {
		count := func(r cometchat.UnreadRequest) *cometchat.UnreadCounts {
			counts, err := w.client.UnreadCounts(ctx, r)
			if c.ok("UnreadCounts", err); err != nil {
				return &cometchat.UnreadCounts{}
			}
			return counts
		}
		both := func(r cometchat.UnreadRequest) map[string]any {
			counts := count(r)
			return map[string]any{"users": counts.Users, "groups": counts.Groups}
		}
		w.tell([]any{
			both(cometchat.UnreadRequest{}), both(cometchat.UnreadRequest{HideMessagesFromBlockedUsers: true}),
			count(cometchat.UnreadRequest{Type: cometchat.ReceiverUser}).Users, count(cometchat.UnreadRequest{Type: cometchat.ReceiverGroup}).Groups,
			count(cometchat.UnreadRequest{With: cometchat.ToUser(two)}).Users,
		})
	}},
	{"receipts", "MarkConversationAsDelivered, MarkConversationAsRead, MarkAsUnread, GetMessageReceipts, and the unread counts after each", receipts},
	{"conversations", "ListConversations and GetConversation; TagConversation, PinConversation and UnpinConversation", conversations},
	{"delete a conversation", "DeleteConversation: it is gone from the list, and stays for the other user", func(ctx context.Context, w *world, c *checks) {
		c.ok("DeleteConversation", w.client.DeleteConversation(ctx, cometchat.ToUser(two)))
		left := [][]*conversationView{}
		for _, client := range []*cometchat.Client{w.client, w.second} {
			left = append(left, views(c, client.ListConversations(ctx, cometchat.ConversationsRequest{Limit: 5}), viewConversation))
		}
		w.tell(left)
	}},
}

func receipts(ctx context.Context, w *world, c *checks) {
	told := []any{}
	ask := func() { told = append(told, c.receipts(ctx, w.client, "7")) }
	unread := func(client *cometchat.Client, uid string) {
		counts, err := client.UnreadCounts(ctx, cometchat.UnreadRequest{With: cometchat.ToUser(uid)})
		if c.ok("UnreadCounts", err); err == nil {
			told = append(told, counts.Users[uid])
		}
	}
	ask()
	c.ok("MarkConversationAsDelivered", w.second.MarkConversationAsDelivered(ctx, cometchat.ToUser(one)))
	ask()
	c.ok("MarkConversationAsRead", w.second.MarkConversationAsRead(ctx, cometchat.ToUser(one)))
	ask()
	unread(w.second, one)
	c.ok("MarkConversationAsRead", w.client.MarkConversationAsRead(ctx, cometchat.ToUser(two)))
	unread(w.client, two)
	m, err := w.client.GetMessage(ctx, "9")
	c.ok("GetMessage", err)
	c.ok("MarkAsUnread", w.client.MarkAsUnread(ctx, m))
	unread(w.client, two)
	w.tell(told)
}

func conversations(ctx context.Context, w *world, c *checks) {
	c.sent(ctx, w.second, &cometchat.OutgoingMessage{To: cometchat.ToUser(three), Text: "hi", MUID: "interop-other"})
	list := func(client *cometchat.Client, r cometchat.ConversationsRequest) []*conversationView {
		r.Limit = 10
		return views(c, client.ListConversations(ctx, r), viewConversation)
	}
	pin := func(v *conversationView) map[string]any { return map[string]any{"id": v.ID, "pinned": v.Pinned} }
	with, tags := cometchat.ToUser(two), []string{"work", "ünïcode"}
	w.tell([]any{
		list(w.second, cometchat.ConversationsRequest{}),
		c.conversation(w.client.GetConversation(ctx, cometchat.ToUser("COMETCHAT-UID-2"))),
		c.conversation(w.client.TagConversation(ctx, with, tags)),
		list(w.client, cometchat.ConversationsRequest{Tags: []string{"work"}, WithTags: true, WithUserAndGroupTags: true, Type: cometchat.ReceiverUser}),
		pin(c.conversation(w.client.PinConversation(ctx, with))),
		list(w.client, cometchat.ConversationsRequest{
			PinnedBy: []string{cometchat.PinnedByMe, cometchat.PinnedBySystem}, Unread: true, SearchKeyword: " george ",
		}),
		pin(c.conversation(w.client.UnpinConversation(ctx, with))),
		list(w.client, cometchat.ConversationsRequest{HideAgentic: true, IncludeBlockedUsers: true, WithBlockedInfo: true}),
		c.conversation(w.client.TagConversation(ctx, with, nil)),
		c.code("GetConversation", second(w.client.GetConversation(ctx, cometchat.ToUser(nobody)))),
	})
}

func second[T any](_ T, err error) error { return err }

// message shows the message that a call returned.
func (c *checks) message(m *cometchat.Message, err error) *messageView {
	c.ok("the call about a message", err)
	return viewMessage(m)
}

// conversation shows the conversation that a call returned.
func (c *checks) conversation(got *cometchat.Conversation, err error) *conversationView {
	if c.ok("the call about a conversation", err); err != nil {
		return &conversationView{}
	}
	return viewConversation(got)
}
