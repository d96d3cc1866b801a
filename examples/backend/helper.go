package main

import (
	"context"
	"fmt"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
)

// helperUID is the app's own user in the chat, who welcomes new users and answers messages that mention it.
const helperUID = "helper"

// welcomeToChat creates the chat user of a new account and writes to it. If that fails, the token handler creates the user later.
func (b *backend) welcomeToChat(ctx context.Context, a *account) error {
	if _, err := b.admin.EnsureUser(ctx, &cometchat.User{UID: helperUID, Name: "Helper"}); err != nil {
		return fmt.Errorf("the helper: %w", err)
	}
	if _, err := b.admin.EnsureUser(ctx, &cometchat.User{UID: a.uid, Name: a.name}); err != nil {
		return err
	}
	return b.write(ctx, cometchat.ToUser(a.uid), "Welcome, "+a.name+"! Mention me if you have a question.")
}

// answerMention answers a message that mentions the helper.
func (b *backend) answerMention(ctx context.Context, p *webhook.UserMentioned) error {
	if !p.Message.Mentioned(helperUID) || p.Message.Sender.UID == helperUID {
		return nil
	}
	return b.write(ctx, p.Message.ReplyTo(), "I have read your message, and a person will answer soon.")
}

// write sends a text of the helper.
func (b *backend) write(ctx context.Context, to cometchat.Receiver, text string) error {
	return b.admin.OnBehalfOf(helperUID).Do(ctx, "POST", "/messages", map[string]any{
		"receiver": to.ID, "receiverType": to.Type, "category": cometchat.CategoryMessage, "type": cometchat.TypeText,
		"data": map[string]string{"text": text},
	}, nil)
}
