package main

import (
	"context"
	"fmt"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/webhook"
)

// helperUID is a user of the backend's own, who answers messages that mention it.
const helperUID = "helper"

// welcomeToChat creates the chat user of a new account, to whom the app then writes. If that fails, the token handler creates the user
// later.
func (b *backend) welcomeToChat(ctx context.Context, a *account) error {
	if _, err := b.admin.EnsureUser(ctx, &cometchat.User{UID: helperUID, Name: "Helper"}); err != nil {
		return fmt.Errorf("the helper: %w", err)
	}
	if _, err := b.admin.EnsureUser(ctx, &cometchat.User{UID: a.uid, Name: a.name}); err != nil {
		return err
	}
	welcome := cometchat.NewTextMessage(cometchat.ToUser(a.uid), "Welcome, "+a.name+"! Mention the helper if you have a question.")
	_, err := b.admin.SendMessage(ctx, welcome)
	return err
}

// answerMention answers a message that mentions the helper. The answer has the event's id as its MUID: if it is unknown whether the
// answer was sent, the next delivery of the event finds that out, and there are no two answers.
func (b *backend) answerMention(ctx context.Context, eventID string, p *webhook.UserMentioned) error {
	if !p.Message.Mentioned(helperUID) || p.Message.Sender.UID == helperUID {
		return nil
	}
	answer := cometchat.NewTextMessage(p.Message.ReplyTo(), "I have read your message, and a person will answer soon.")
	answer.MUID = eventID
	_, err := b.admin.OnBehalfOf(helperUID).SendMessage(ctx, answer)
	return err
}
