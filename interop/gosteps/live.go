package main

import (
	"context"
	"encoding/json"

	"github.com/cometchat-go/cometchat"
)

// liveSteps are the steps about what users tell each other over the live connection alone: see browser/live.mjs.
var liveSteps = []step{
	{"typing", "StartTyping and EndTyping, each twice: TypingStarted and TypingEnded once, with and without metadata",
		func(ctx context.Context, w *world, c *checks) {
			for _, say := range []struct {
				from     *cometchat.Client
				heard    *ear
				to       string
				metadata json.RawMessage
			}{{w.second, w.ear, one, json.RawMessage(`{"ü":[1,null]}`)}, {w.client, w.secondEar, two, nil}} {
				to := cometchat.ToUser(say.to)
				c.ok("StartTyping", say.from.StartTyping(ctx, to, say.metadata))
				c.ok("StartTyping", say.from.StartTyping(ctx, to, say.metadata))
				c.hears(say.heard, "onTypingStarted")
				c.ok("EndTyping", say.from.EndTyping(ctx, to, say.metadata))
				c.ok("EndTyping", say.from.EndTyping(ctx, to, say.metadata))
				c.hears(say.heard, "onTypingEnded")
			}
		}},
	{"transient messages", "SendTransientMessage: TransientMessageReceived with the data; to an unknown user: nothing",
		func(ctx context.Context, w *world, c *checks) {
			c.ok("SendTransientMessage", w.client.SendTransientMessage(ctx, cometchat.ToUser(nobody), map[string]any{"lost": true}))
			c.ok("SendTransientMessage", w.client.SendTransientMessage(ctx, cometchat.ToUser(two), map[string]any{
				"hearts": 3, "ü ✓": []any{nil, map[string]any{"a": "<b>"}},
			}))
			c.hears(w.secondEar, "onTransientMessageReceived")
		}},
	{"receipts over the live connection", "MarkAsDelivered and MarkAsRead: ReceiptReceived of the sender, and GetMessageReceipts after each",
		func(ctx context.Context, w *world, c *checks) {
			id := c.said(ctx, w, "did you get this?", "interop-receipts")
			steps := [][]receiptView{c.receipts(ctx, w.second, id)}
			c.ok("MarkAsDelivered", w.client.MarkAsDelivered(ctx, c.got(ctx, w.client, id)))
			c.hears(w.secondEar, "onMessagesDelivered")
			steps = append(steps, c.receipts(ctx, w.second, id))
			c.ok("MarkAsRead", w.client.MarkAsRead(ctx, c.got(ctx, w.client, id)))
			c.hears(w.secondEar, "onMessagesRead")
			w.tell(append(steps, c.receipts(ctx, w.second, id)))
		}},
	{"a receipt for the own message", "MarkAsRead of a message that the user has sent: the frame goes to the other user",
		func(ctx context.Context, w *world, c *checks) {
			id := c.said(ctx, w, "my own", "interop-own")
			c.ok("MarkAsRead", w.second.MarkAsRead(ctx, c.got(ctx, w.second, id)))
			c.hears(w.ear, "onMessagesRead")
		}},
	{"a reaction comes and goes", "AddReaction and RemoveReaction of a reply: both events with its message, its parent and its conversation",
		func(ctx context.Context, w *world, c *checks) {
			parent := c.said(ctx, w, "a parent", "interop-parent")
			reply := c.sent(ctx, w.client, &cometchat.OutgoingMessage{
				To: cometchat.ToUser(two), Text: "a reply", MUID: "interop-reacted", ParentID: parent,
			})
			if reply != nil {
				c.message(w.second.AddReaction(ctx, reply.ID, "👍🏽"))
				c.message(w.second.RemoveReaction(ctx, reply.ID, "👍🏽"))
			}
		}},
}

// said sends a text from the second user to the first, and returns the id of the message.
func (c *checks) said(ctx context.Context, w *world, text, muid string) string {
	if m := c.sent(ctx, w.second, &cometchat.OutgoingMessage{To: cometchat.ToUser(one), Text: text, MUID: muid}); m != nil {
		return m.ID
	}
	return ""
}

// got returns the message as this client sees it.
func (c *checks) got(ctx context.Context, client *cometchat.Client, id string) *cometchat.Message {
	m, err := client.GetMessage(ctx, id)
	c.ok("GetMessage", err)
	return m
}

// receipts shows who has got and read a message.
func (c *checks) receipts(ctx context.Context, client *cometchat.Client, id string) []receiptView {
	all, err := client.GetMessageReceipts(ctx, id)
	c.ok("GetMessageReceipts", err)
	shown := []receiptView{}
	for _, r := range all {
		shown = append(shown, viewReceipt(r))
	}
	return shown
}
