package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cometchat-go/cometchat"
)

// doTalk does what a command about a conversation says. The receiver's type and id follow the verb, and for some verbs more words. Its
// value is JSON.
func (p *peer) doTalk(ctx context.Context, verb, argument string) (string, error) {
	typ, argument, _ := strings.Cut(argument, " ")
	id, rest, _ := strings.Cut(argument, " ")
	c, to := &checks{}, cometchat.Receiver{Type: typ, ID: id}
	var value any = true
	switch verb {
	case "talk":
		value = p.talk(ctx, c, to, rest)
	case "text":
		value = c.sent(ctx, p.client, &cometchat.OutgoingMessage{To: to, Text: rest, MUID: "talk-" + rest})
	case "transient":
		c.ok("SendTransientMessage", p.client.SendTransientMessage(ctx, to, json.RawMessage(rest)))
	case "mark":
		m := c.got(ctx, p.client, rest)
		c.ok("MarkAsDelivered", p.client.MarkAsDelivered(ctx, m))
		c.ok("MarkAsRead", p.client.MarkAsRead(ctx, m))
	case "read":
		value = views(c, p.client.ListMessages(ctx, cometchat.MessagesRequest{With: to, Limit: 3, WithTags: true}), viewMessage)
	}
	if c.broken != nil {
		return "", c.broken
	}
	raw, err := json.Marshal(value)
	return string(raw), err
}

// talk does the same as the function of this name in browser/sides.mjs: it types, sends a message of every kind, replies, reacts, edits
// and deletes. It returns what SendMessage returned.
func (p *peer) talk(ctx context.Context, c *checks, to cometchat.Receiver, mentioned string) []*messageView {
	c.ok("StartTyping", p.client.StartTyping(ctx, to, json.RawMessage(`{"to":"you"}`)))
	sent := []*messageView{}
	send := func(m *cometchat.OutgoingMessage) string {
		m.MUID = fmt.Sprintf("talk-%s-%d", to.ID, len(sent))
		v := c.sent(ctx, p.client, m)
		if v == nil {
			return ""
		}
		sent = append(sent, v)
		return v.ID
	}
	text := &cometchat.OutgoingMessage{
		To: to, Text: "hello " + cometchat.Mention(mentioned), Metadata: json.RawMessage(`{"n":[1,{"ü":null}]}`), Tags: []string{"seven"},
	}
	first := send(text)
	c.ok("EndTyping", p.client.EndTyping(ctx, to, nil))
	file := cometchat.File{Name: "ä.txt", Type: "text/plain", Reader: strings.NewReader("content ✓")}
	media := cometchat.NewMediaMessage(to, cometchat.TypeFile, file)
	media.Text = "a file"
	send(media)
	send(cometchat.NewCustomMessage(to, "location", map[string]any{"place": map[string]any{"name": "Köln"}}))
	send(cometchat.NewInteractiveMessage(to, "card", map[string]any{"text": "an offer"}))
	send(&cometchat.OutgoingMessage{To: to, Text: "a reply", ParentID: first, QuotedMessageID: first})
	c.message(p.client.AddReaction(ctx, first, "👍"))
	c.message(p.client.AddReaction(ctx, first, "👎"))
	c.message(p.client.RemoveReaction(ctx, first, "👎"))
	c.message(p.client.EditMessage(ctx, first, cometchat.MessageEdit{Text: "hello again", Metadata: json.RawMessage(`{"n":2}`)}))
	c.message(p.client.DeleteMessage(ctx, send(&cometchat.OutgoingMessage{To: to, Text: "to be deleted"})))
	c.ok("SendTransientMessage", p.client.SendTransientMessage(ctx, to, map[string]any{"waves": 3}))
	return sent
}
