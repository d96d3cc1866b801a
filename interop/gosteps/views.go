package main

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/cometchat-go/cometchat"
)

// The types below are what a step tells of the values of the SDK. browser/views.js makes the same of the JavaScript SDK's. What is
// empty, false or 0 is left out, times become true, and the URL of an uploaded file loses its random part.

type messageView struct {
	ID                 string           `json:"id,omitzero"`
	MUID               string           `json:"muid,omitzero"`
	Conversation       string           `json:"conversation,omitzero"`
	Parent             string           `json:"parent,omitzero"`
	Sender             string           `json:"sender,omitzero"`
	SenderName         string           `json:"senderName,omitzero"`
	Receiver           string           `json:"receiver,omitzero"`
	ReceiverType       string           `json:"receiverType,omitzero"`
	ReceiverName       string           `json:"receiverName,omitzero"`
	Category           string           `json:"category,omitzero"`
	Type               string           `json:"type,omitzero"`
	Text               string           `json:"text,omitzero"`
	Attachments        []attachmentView `json:"attachments,omitempty"`
	CustomData         json.RawMessage  `json:"customData,omitzero"`
	SubType            string           `json:"subType,omitzero"`
	UpdateConversation bool             `json:"updateConversation,omitzero"`
	SendNotification   bool             `json:"sendNotification,omitzero"`
	Interactive        *interactiveView `json:"interactive,omitzero"`
	Metadata           json.RawMessage  `json:"metadata,omitzero"`
	Tags               []string         `json:"tags,omitempty"`
	Mentions           []string         `json:"mentions,omitempty"`
	Reactions          []countView      `json:"reactions,omitempty"`
	Quoted             string           `json:"quoted,omitzero"`
	QuotedText         string           `json:"quotedText,omitzero"`
	ReplyCount         int              `json:"replyCount,omitzero"`
	Subscribed         bool             `json:"subscribed,omitzero"`
	Action             string           `json:"action,omitzero"`
	On                 string           `json:"on,omitzero"`
	OnText             string           `json:"onText,omitzero"`
	OnUser             string           `json:"onUser,omitzero"`
	ForGroup           string           `json:"forGroup,omitzero"`
	OldScope           string           `json:"oldScope,omitzero"`
	NewScope           string           `json:"newScope,omitzero"`
	Edited             bool             `json:"edited,omitzero"`
	EditedBy           string           `json:"editedBy,omitzero"`
	Deleted            bool             `json:"deleted,omitzero"`
	DeletedBy          string           `json:"deletedBy,omitzero"`
	Pinned             bool             `json:"pinned,omitzero"`
	PinnedBy           string           `json:"pinnedBy,omitzero"`
	Saved              bool             `json:"saved,omitzero"`
	Delivered          bool             `json:"delivered,omitzero"`
	Read               bool             `json:"read,omitzero"`
	DeliveredToMe      bool             `json:"deliveredToMe,omitzero"`
	ReadByMe           bool             `json:"readByMe,omitzero"`
}

type attachmentView struct {
	URL       string `json:"url,omitzero"`
	Name      string `json:"name,omitzero"`
	Extension string `json:"extension,omitzero"`
	MimeType  string `json:"mimeType,omitzero"`
	Size      int64  `json:"size,omitzero"`
}

type interactiveView struct {
	Data      json.RawMessage           `json:"data"`
	Goal      cometchat.InteractionGoal `json:"goal"`
	Used      []string                  `json:"used"`
	SenderToo bool                      `json:"senderToo"`
}

type countView struct {
	Reaction string `json:"reaction,omitzero"`
	Count    int    `json:"count,omitzero"`
	Mine     bool   `json:"mine,omitzero"`
}

var uploaded = regexp.MustCompile(`^https://127\.0\.0\.1:\d+/v3\.0/media/.*`)

// viewMessage returns nil for a nil message.
func viewMessage(m *cometchat.Message) *messageView {
	if m == nil {
		return nil
	}
	v := &messageView{
		ID: m.ID, MUID: m.MUID, Conversation: m.ConversationID, Parent: m.ParentID, Sender: m.Sender.UID, SenderName: m.Sender.Name,
		Receiver: m.Receiver.ID, ReceiverType: m.Receiver.Type, Category: m.Category, Type: m.Type, Text: m.Text, CustomData: m.CustomData,
		SubType: m.SubType, UpdateConversation: m.UpdateConversation, SendNotification: m.SendNotification, Metadata: m.Metadata, Tags: m.Tags,
		Quoted: m.QuotedMessageID, ReplyCount: m.ReplyCount, Subscribed: m.ThreadSubscribed,
		Edited: !m.EditedAt.IsZero(), EditedBy: m.EditedBy, Deleted: !m.DeletedAt.IsZero(), DeletedBy: m.DeletedBy,
		Pinned: !m.PinnedAt.IsZero(), PinnedBy: m.PinnedBy, Saved: !m.SavedAt.IsZero(), Delivered: !m.DeliveredAt.IsZero(), Read: !m.ReadAt.IsZero(),
		DeliveredToMe: !m.DeliveredToMeAt.IsZero(), ReadByMe: !m.ReadByMeAt.IsZero(),
	}
	if m.ReceiverUser != nil {
		v.ReceiverName = m.ReceiverUser.Name
	}
	if m.ReceiverGroup != nil {
		v.ReceiverName = m.ReceiverGroup.Name
	}
	for _, a := range m.Attachments {
		v.Attachments = append(v.Attachments, attachmentView{uploaded.ReplaceAllString(a.URL, "an uploaded file"), a.Name, a.Extension, a.MimeType, a.Size})
	}
	if i := m.Interactive; i != nil {
		v.Interactive = &interactiveView{i.Data, i.Goal, []string{}, i.AllowSenderInteraction}
		for _, used := range i.Interactions {
			v.Interactive.Used = append(v.Interactive.Used, used.ElementID)
		}
	}
	v.Mentions = slices.Sorted(slices.Values(uids(m.Mentions)))
	for _, r := range m.Reactions {
		v.Reactions = append(v.Reactions, countView{r.Reaction, r.Count, r.ReactedByMe})
	}
	if m.Quoted != nil {
		v.QuotedText = m.Quoted.Text
	}
	if a := m.Action; a != nil {
		v.Action, v.OldScope, v.NewScope = a.Action, a.OldScope, a.NewScope
		if a.OnMessage != nil {
			v.On, v.OnText = a.OnMessage.ID, a.OnMessage.Text
		}
		if a.OnUser != nil {
			v.OnUser = a.OnUser.UID
		}
		if a.ForGroup != nil {
			v.ForGroup = a.ForGroup.GUID
		}
	}
	return v
}

type threadView struct {
	Message    *messageView `json:"message"`
	ReplyCount int          `json:"replyCount,omitzero"`
	Last       string       `json:"last,omitzero"`
	Unread     int          `json:"unread,omitzero"`
}

func viewThread(m *cometchat.Message) threadView {
	v := threadView{Message: viewMessage(m), ReplyCount: m.ReplyCount, Unread: m.UnreadReplyCount}
	if m.LastReply != nil {
		v.Last = m.LastReply.ID
	}
	return v
}

type conversationView struct {
	ID             string       `json:"id,omitzero"`
	Type           string       `json:"type,omitzero"`
	With           string       `json:"with,omitzero"`
	LastMessage    *messageView `json:"lastMessage,omitzero"`
	Unread         int          `json:"unread,omitzero"`
	UnreadMentions int          `json:"unreadMentions,omitzero"`
	LastRead       string       `json:"lastRead,omitzero"`
	Latest         string       `json:"latest,omitzero"`
	Tags           []string     `json:"tags,omitempty"`
	Pinned         bool         `json:"pinned,omitzero"`
	PinnedBy       string       `json:"pinnedBy,omitzero"`
}

func viewConversation(c *cometchat.Conversation) *conversationView {
	return &conversationView{
		ID: c.ID, Type: c.Type, With: c.With.ID, LastMessage: viewMessage(c.LastMessage), Unread: c.UnreadCount,
		UnreadMentions: c.UnreadMentionsCount, LastRead: c.LastReadMessageID, Latest: c.LatestMessageID, Tags: c.Tags,
		Pinned: !c.PinnedAt.IsZero(), PinnedBy: c.PinnedBy,
	}
}

type reactionView struct {
	ID       string `json:"id,omitzero"`
	Message  string `json:"message,omitzero"`
	Reaction string `json:"reaction,omitzero"`
	UID      string `json:"uid,omitzero"`
	By       string `json:"by,omitzero"`
	At       bool   `json:"at,omitzero"`
}

func viewReaction(r *cometchat.Reaction) reactionView {
	v := reactionView{r.ID, r.MessageID, r.Reaction, r.UID, "", !r.ReactedAt.IsZero()}
	if r.ReactedBy != nil {
		v.By = r.ReactedBy.Name
	}
	return v
}

type receiptView struct {
	User         string `json:"user,omitzero"`
	Receiver     string `json:"receiver,omitzero"`
	ReceiverType string `json:"receiverType,omitzero"`
	Delivered    bool   `json:"delivered,omitzero"`
	Read         bool   `json:"read,omitzero"`
}

func viewReceipt(r cometchat.Receipt) receiptView {
	return receiptView{r.User.UID, r.Receiver.ID, r.Receiver.Type, !r.DeliveredAt.IsZero(), !r.ReadAt.IsZero()}
}
