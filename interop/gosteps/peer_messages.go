package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cometchat-go/cometchat"
)

// doMessages does what a command about messages says. Its value is JSON.
func (p *peer) doMessages(ctx context.Context, verb, uid string) (string, error) {
	c, with := &checks{}, cometchat.ToUser(uid)
	var value any = true
	switch verb {
	case "write":
		p.writeAll(ctx, c, with)
	case "read":
		value = views(c, p.client.ListMessages(ctx, cometchat.MessagesRequest{With: with, Limit: 3, WithTags: true}), viewMessage)
	case "files":
		value = p.files(ctx, c, with)
	case "conversations":
		value = views(c, p.client.ListConversations(ctx, cometchat.ConversationsRequest{Limit: 10}), viewConversation)
	case "unread":
		counts, err := p.client.UnreadCounts(ctx, cometchat.UnreadRequest{})
		if c.ok("UnreadCounts", err); err == nil {
			value = counts.Users
		}
	case "markread":
		c.ok("MarkConversationAsRead", p.client.MarkConversationAsRead(ctx, with))
	}
	if c.broken != nil {
		return "", c.broken
	}
	raw, err := json.Marshal(value)
	return string(raw), err
}

// writeAll does the same as the function of this name in browser/together.mjs.
func (p *peer) writeAll(ctx context.Context, c *checks, to cometchat.Receiver) {
	text := &cometchat.OutgoingMessage{
		To: to, Text: "hello " + cometchat.Mention(to.ID), Metadata: json.RawMessage(`{"n":[1,{"ü":null}]}`), Tags: []string{"seven"},
	}
	first := c.sent(ctx, p.client, text)
	if first == nil {
		return
	}
	media := cometchat.NewMediaMessage(to, cometchat.TypeFile, cometchat.File{Name: "ä.txt", Type: "text/plain", Reader: strings.NewReader("content ✓")})
	media.Text = "a file"
	c.sent(ctx, p.client, media)
	c.sent(ctx, p.client, cometchat.NewCustomMessage(to, "location", map[string]any{"place": map[string]any{"name": "Köln"}}))
	c.sent(ctx, p.client, &cometchat.OutgoingMessage{To: to, Text: "a reply", ParentID: first.ID})
	c.message(p.client.AddReaction(ctx, first.ID, "👍"))
	c.message(p.client.EditMessage(ctx, first.ID, cometchat.MessageEdit{Text: "hello again", Metadata: json.RawMessage(`{"n":2}`)}))
	if gone := c.sent(ctx, p.client, &cometchat.OutgoingMessage{To: to, Text: "to be deleted"}); gone != nil {
		c.message(p.client.DeleteMessage(ctx, gone.ID))
	}
}

// files returns the content of every uploaded file of a conversation.
func (p *peer) files(ctx context.Context, c *checks, with cometchat.Receiver) []string {
	contents := []string{}
	for m, err := range p.client.ListMessages(ctx, cometchat.MessagesRequest{With: with, HasAttachments: true}) {
		if c.ok("ListMessages", err); err != nil {
			break
		}
		for _, a := range m.Attachments {
			content, err := p.emulator.fetch(ctx, a.URL)
			c.ok("the file", err)
			contents = append(contents, content)
		}
	}
	return contents
}
