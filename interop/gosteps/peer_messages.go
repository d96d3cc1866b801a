package main

import (
	"context"
	"encoding/json"

	"github.com/cometchat-go/cometchat"
)

// doMessages does what a command about messages says. Its value is JSON.
func (p *peer) doMessages(ctx context.Context, verb, uid string) (string, error) {
	c, with := &checks{}, cometchat.ToUser(uid)
	var value any = true
	switch verb {
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
