package main

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// messageSteps are the steps about messages. The first and the second user are online. A step tells what the SDK returned, for the
// comparison with the JavaScript SDK.
var messageSteps = []step{
	{"a text message", "SendMessage: sender and text", func(ctx context.Context, w *world, c *checks) {
		m := cometchat.NewTextMessage(cometchat.ToUser(one), "Grüße ✓")
		m.MUID = "interop-text"
		w.tell(c.sent(ctx, w.second, m))
	}},
	{"a text message with everything", "SendMessage: mention, quote, metadata, tags and MUID come back",
		func(ctx context.Context, w *world, c *checks) {
			w.tell(c.sent(ctx, w.second, &cometchat.OutgoingMessage{
				To: cometchat.ToUser(one), Text: cometchat.Mention(one) + " see https://example.com/", MUID: "interop-everything",
				Metadata: json.RawMessage(`{"order":{"number":7},"seen":false}`), Tags: []string{"offer", "ünïcode"}, QuotedMessageID: "1",
			}))
		}},
	{"a reply in a thread", "SendMessage with a parent", func(ctx context.Context, w *world, c *checks) {
		w.tell(c.sent(ctx, w.client, reply(two, "a reply", "interop-reply")))
	}},
	{"media by URL", "SendMessage with two attachments and a caption", func(ctx context.Context, w *world, c *checks) {
		picture := func(name string) cometchat.Attachment {
			return cometchat.Attachment{
				Name: name, Extension: "png", MimeType: "image/png", URL: "https://example.com/" + name, Size: 12345,
			}
		}
		m := cometchat.NewMediaMessage(cometchat.ToUser(one), cometchat.TypeImage)
		m.Attachments = []cometchat.Attachment{picture("cat.png"), picture("dog.png")}
		m.Text, m.MUID, m.Metadata = "animals", "interop-media", json.RawMessage(`{"album":"pets"}`)
		w.tell(c.sent(ctx, w.second, m))
	}},
	{"media by file", "SendMessage with two files: their URLs have the content", func(ctx context.Context, w *world, c *checks) {
		m := cometchat.NewMediaMessage(cometchat.ToUser(one), cometchat.TypeFile,
			cometchat.File{Name: "hällo.txt", Type: "text/plain", Reader: strings.NewReader("hello ✓")},
			cometchat.File{Name: "a.json", Type: "application/json", Reader: strings.NewReader(`{"a":1}`)})
		m.Text, m.MUID, m.Metadata = "two files", "interop-files", json.RawMessage(`{"album":"texts"}`)
		m.Tags = []string{"first", "second"}
		w.tell(c.withFiles(ctx, w, m, "hello ✓", `{"a":1}`))
	}},
	{"media by an upload", "UploadFile, and SendMessage with its attachment: the URL has the content", func(ctx context.Context, w *world, c *checks) {
		const table = "a,b\n1,2\n"
		file := cometchat.File{Name: "table.csv", Type: "text/csv", Reader: strings.NewReader(table)}
		attachment, err := w.second.UploadFile(ctx, cometchat.ToUser(one), "1", file)
		if c.ok("UploadFile", err); err != nil {
			return
		}
		m := cometchat.NewMediaMessage(cometchat.ToUser(one), cometchat.TypeFile)
		m.Attachments, m.MUID = []cometchat.Attachment{*attachment}, "interop-upload"
		w.tell(c.withFiles(ctx, w, m, table))
	}},
	{"a custom message", "SendMessage with data, subtype and conversation text", func(ctx context.Context, w *world, c *checks) {
		m := cometchat.NewCustomMessage(cometchat.ToUser(two), "location", map[string]any{"latitude": 50.5, "place": map[string]string{"name": "Köln"}})
		m.SubType, m.Text, m.UpdateConversation, m.SendNotification = "live", "I am here", new(true), true
		m.MUID, m.Metadata = "interop-custom", json.RawMessage(`{"battery":80}`)
		w.tell(c.sent(ctx, w.client, m))
	}},
	{"interactive messages", "SendMessage of a form and a card; MarkAsInteracted until the goal is reached", interactiveMessages},
	{"messages that are refused", "without a request: no text, no receiver, empty custom data; by the server: an unknown receiver",
		func(ctx context.Context, w *world, c *checks) {
			codes := []string{}
			for _, m := range []*cometchat.OutgoingMessage{
				cometchat.NewTextMessage(cometchat.ToUser(two), "  "), cometchat.NewTextMessage(cometchat.ToUser(""), "hello"),
				cometchat.NewCustomMessage(cometchat.ToUser(two), "location", map[string]any{}), cometchat.NewTextMessage(cometchat.ToUser(nobody), "hello"),
			} {
				_, err := w.client.SendMessage(ctx, m)
				codes = append(codes, c.code("SendMessage", err))
			}
			w.tell(codes)
		}},
	{"edit messages", "EditMessage of a text and of a custom message", func(ctx context.Context, w *world, c *checks) {
		text, err := w.second.EditMessage(ctx, "1", cometchat.MessageEdit{
			Text: "Grüße, verbessert", Metadata: json.RawMessage(`{"version":2}`), Tags: []string{"edited"},
		})
		c.ok("EditMessage", err)
		custom, err := w.client.EditMessage(ctx, "7", cometchat.MessageEdit{CustomData: map[string]int{"latitude": 51}})
		c.ok("EditMessage", err)
		w.tell([]any{viewMessage(text), viewMessage(custom)})
	}},
	{"delete a message", "DeleteMessage: the message is empty; ErrMessageNotFound for an unknown id", func(ctx context.Context, w *world, c *checks) {
		deleted, err := w.second.DeleteMessage(ctx, "6")
		c.ok("DeleteMessage", err)
		_, err = w.second.DeleteMessage(ctx, "999")
		c.refused("DeleteMessage", err, cometchat.ErrMessageNotFound)
		w.tell([]any{viewMessage(deleted), c.code("DeleteMessage", err)})
	}},
	{"get messages", "GetMessage of every message; ErrMessageNotFound for an unknown id", func(ctx context.Context, w *world, c *checks) {
		var all []*messageView
		for id := range strings.FieldsSeq("1 2 3 4 5 6 7 8 9 10 11 12") {
			m, err := w.client.GetMessage(ctx, id)
			c.ok("GetMessage", err)
			all = append(all, viewMessage(m))
		}
		_, err := w.client.GetMessage(ctx, "999")
		c.refused("GetMessage", err, cometchat.ErrMessageNotFound)
		w.tell([]any{all, c.code("GetMessage", err)})
	}},
	{"list messages backwards", "ListMessages: all messages, the newest first", func(ctx context.Context, w *world, c *checks) {
		w.tell(views(c, w.client.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToUser(two), Limit: 5, WithTags: true}), viewMessage))
	}},
	{"list messages forwards", "ListMessages after an id: the oldest first", func(ctx context.Context, w *world, c *checks) {
		w.tell(views(c, w.second.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToUser(one), Limit: 4, AfterID: "2"}), viewMessage))
	}},
	{"list a thread", "ListMessages with a parent: the replies, the newest first", func(ctx context.Context, w *world, c *checks) {
		for _, text := range []string{"two", "three"} {
			c.sent(ctx, w.second, reply(one, text, "interop-reply-"+text))
		}
		w.tell(views(c, w.client.ListMessages(ctx, cometchat.MessagesRequest{ParentID: "1", Limit: 2}), viewMessage))
	}},
	{"list messages with filters", "ListMessages with each filter: the messages that match", filteredMessages},
}

func reply(uid, text, muid string) *cometchat.OutgoingMessage {
	return &cometchat.OutgoingMessage{To: cometchat.ToUser(uid), Text: text, MUID: muid, ParentID: "1"}
}

func interactiveMessages(ctx context.Context, w *world, c *checks) {
	form := cometchat.NewInteractiveMessage(cometchat.ToUser(one), "form", map[string]any{
		"title": "Survey", "formFields": []any{map[string]string{"elementId": "name"}},
	})
	form.InteractionGoal = &cometchat.InteractionGoal{Type: cometchat.GoalAllOf, ElementIDs: []string{"name", "submit"}}
	form.AllowSenderInteraction, form.MUID, form.Metadata = true, "interop-form", json.RawMessage(`{"step":1}`)
	card := cometchat.NewInteractiveMessage(cometchat.ToUser(one), "card", map[string]string{"text": "An offer"})
	card.MUID = "interop-card"
	w.tell([]any{c.sent(ctx, w.second, form), c.sent(ctx, w.second, card)})
	c.ok("MarkAsInteracted", w.client.MarkAsInteracted(ctx, "8", "name"))
	c.ok("MarkAsInteracted", w.client.MarkAsInteracted(ctx, "8", "submit"))
}

func filteredMessages(ctx context.Context, w *world, c *checks) {
	const farAway = 4102444800
	found := [][]string{}
	find := func(r cometchat.MessagesRequest) {
		ids := []string{}
		for _, m := range views(c, w.client.ListMessages(ctx, r), viewMessage) {
			ids = append(ids, m.ID)
		}
		found = append(found, ids)
	}
	for _, r := range []cometchat.MessagesRequest{
		{Unread: true, HideMessagesFromBlockedUsers: true}, {SearchKeyword: " grüße "}, {Tags: []string{"offer", "other"}, WithTags: true},
		{Categories: []string{"message", "custom"}, Types: []string{"text", "location"}}, {HideReplies: true, HideDeletedMessages: true},
		{HasAttachments: true, AttachmentTypes: []string{"image", "video"}}, {HasLinks: true, HideQuotedMessages: true},
		{HasMentions: true, MentionedUIDs: []string{one}, MentionsWithTagInfo: true, MentionsWithBlockedInfo: true},
		{HasReactions: true}, {InteractionGoalCompletedOnly: true}, {SentBefore: time.Unix(farAway, 0)}, {BeforeID: "5", WithParent: true},
		{UpdatedAfter: time.Unix(1, 0), UpdatesOnly: true},
	} {
		r.With, r.Limit = cometchat.ToUser(two), 50
		find(r)
	}
	find(cometchat.MessagesRequest{Limit: 10, Unread: true})
	w.tell(found)
}

// sent sends a message.
func (c *checks) sent(ctx context.Context, from *cometchat.Client, m *cometchat.OutgoingMessage) *messageView {
	sent, err := from.SendMessage(ctx, m)
	c.ok("SendMessage", err)
	return viewMessage(sent)
}

// withFiles sends a message of the second user, and checks the content of the files that its attachments name.
func (c *checks) withFiles(ctx context.Context, w *world, m *cometchat.OutgoingMessage, contents ...string) *messageView {
	sent, err := w.second.SendMessage(ctx, m)
	if c.ok("SendMessage", err); err != nil {
		return nil
	}
	got := []string{}
	for _, a := range sent.Attachments {
		content, err := w.emulator.fetch(ctx, a.URL)
		c.ok("the file", err)
		got = append(got, content)
	}
	c.equal("the contents", got, contents)
	return viewMessage(sent)
}

// code returns the code of an error of the SDK.
func (c *checks) code(what string, err error) string {
	e, ok := errors.AsType[*cometchat.Error](err)
	if !ok {
		c.fail("%s: got the error %v, which has no code", what, err)
		return ""
	}
	return e.Code
}

// views reads a list to its end and shows each item.
func views[T, V any](c *checks, all iter.Seq2[T, error], view func(T) V) []V {
	shown := []V{}
	for item, err := range all {
		if c.ok("the list", err); err == nil {
			shown = append(shown, view(item))
		}
	}
	return shown
}
