package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/cometchat-go/cometchat"
)

// deed is what one user does in a chat with another, or in a group.
type deed struct {
	To    string `json:"to"` // a uid, or a guid if Group is set
	Group bool   `json:"group"`
	Text  string `json:"text"` // of a message, or a reaction
	On    string `json:"on"`   // the text of the message that it is about
}

// doChat does what a person does in a chat, for uikit/people.mjs. The argument is a deed as JSON.
func (p *peer) doChat(ctx context.Context, verb, argument string) error {
	var d deed
	if err := json.Unmarshal([]byte(argument), &d); err != nil {
		return err
	}
	to := cometchat.ToUser(d.To)
	if d.Group {
		to = cometchat.ToGroup(d.To)
	}
	var err error
	m := &cometchat.Message{}
	if d.On != "" {
		m, err = p.find(ctx, to, d.On)
	}
	if err != nil {
		return err
	}
	switch verb {
	case "type":
		err = p.client.StartTyping(ctx, to, nil)
	case "rest":
		err = p.client.EndTyping(ctx, to, nil)
	case "say":
		_, err = p.client.SendMessage(ctx, &cometchat.OutgoingMessage{To: to, Text: d.Text, ParentID: m.ID})
	case "receive":
		err = p.client.MarkAsDelivered(ctx, m)
	case "see":
		err = p.client.MarkAsRead(ctx, m)
	case "react":
		_, err = p.client.AddReaction(ctx, m.ID, d.Text)
	case "edit":
		_, err = p.client.EditMessage(ctx, m.ID, cometchat.MessageEdit{Text: d.Text})
	case "delete":
		_, err = p.client.DeleteMessage(ctx, m.ID)
	}
	return err
}

// find returns the newest message with this text.
func (p *peer) find(ctx context.Context, with cometchat.Receiver, text string) (*cometchat.Message, error) {
	for m, err := range p.client.ListMessages(ctx, cometchat.MessagesRequest{With: with, SearchKeyword: text}) {
		if err != nil || m.Text == text {
			return m, err
		}
	}
	return nil, fmt.Errorf("there is no message %q", text)
}
