package cometchattest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// sendMessage keeps a message and delivers it. The path may name the message that it replies to.
func (s *Server) sendMessage(c *call) (*envelope, error) {
	var f messageFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if f.Many != nil && c.token == nil {
		return s.sendToMany(c, &f)
	}
	return s.send(c, &f)
}

// send keeps the message with these fields, delivers it, and answers with it.
func (s *Server) send(c *call, f *messageFields) (*envelope, error) {
	uid, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	m, err := s.newMessage(c, f, uid)
	if err != nil {
		return nil, err
	}
	return s.answerMessage(s.keep(c, m), uid), nil
}

// newMessage makes a message of these fields, which the user uid sends or, if uid is "", the app.
func (s *Server) newMessage(c *call, f *messageFields, uid string) (*store.Message, error) {
	if id := c.r.PathValue("id"); id != "" {
		f.ParentID = idText(id)
		if uid == "" {
			return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say who replies.")
		}
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	receiver, conversation, err := s.findReceiver(f, uid)
	if err == nil {
		err = s.checkRelated(f, uid, conversation)
	}
	if err != nil {
		return nil, err
	}
	return &store.Message{
		MUID: f.MUID, Sender: cmp.Or(uid, store.System), ReceiverType: f.ReceiverType, Receiver: receiver, Category: f.Category,
		Type: f.Type, Data: f.Data, Tags: f.Tags, ParentID: string(f.ParentID), QuotedID: string(f.QuotedID),
	}, nil
}

// keep keeps a message, delivers it, and reports it to the webhooks.
func (s *Server) keep(c *call, m *store.Message) *store.Message {
	m = s.store.SendMessage(*m, c.now)
	s.deliverMessage(c, m)
	s.reportMessage("message_sent", m)
	s.reportMentions(m, nil)
	return m
}

// findReceiver returns the id of the user or the group that a message is for, and the id of their conversation. It refuses a user
// who blocks or is blocked, and a group that the sender has not joined. The sender "" is the app.
func (s *Server) findReceiver(f *messageFields, sender string) (receiver, conversation string, err error) {
	if f.ReceiverType == "group" {
		g, err := s.findGroup(f.Receiver)
		if err == nil {
			err = checkRank(g, sender, store.RankParticipant)
		}
		if err != nil {
			return "", "", err
		}
		return g.GUID, store.GroupConversationID(g.GUID), nil
	}
	u, err := s.findUser(f.Receiver)
	switch {
	case err != nil:
		return "", "", err
	case s.store.BlockedAt(sender, u.UID) != 0:
		err = refuse(http.StatusForbidden, "ERR_BLOCKED_RECEIVER", "The user %s has been blocked by the sender.", u.UID)
	case s.store.BlockedAt(u.UID, sender) != 0:
		err = refuse(http.StatusForbidden, "ERR_BLOCKED_SENDER", "The user %s has blocked the sender.", u.UID)
	}
	return u.UID, store.ConversationID(cmp.Or(sender, store.System), u.UID), err
}

// checkRelated refuses a reply or a quote of a message that a message in a conversation cannot refer to. It puts the ids in the
// form of the store.
func (s *Server) checkRelated(f *messageFields, sender, conversation string) error {
	if f.ParentID != "" {
		parent, err := s.findMessage(string(f.ParentID))
		switch {
		case err != nil:
			return err
		case parent.ConversationID != conversation:
			return refuse(http.StatusBadRequest, "ERR_WRONG_MESSAGE_THREAD", "The message %s is in another conversation.", parent.ID)
		case parent.Category == store.CategoryAction:
			return refuse(http.StatusBadRequest, "ERR_WRONG_MESSAGE_THREAD_CATEGORY", "No message may reply to the action message %s.", parent.ID)
		case parent.ParentID != "":
			return refuse(http.StatusBadRequest, "ERR_MESSAGE_THREAD_NESTING", "The message %s is a reply itself.", parent.ID)
		}
		f.ParentID = idText(parent.ID)
	}
	if f.QuotedID != "" {
		quoted, err := s.findMessage(string(f.QuotedID))
		if err == nil {
			err = s.checkSeen(quoted, sender)
		}
		if err != nil {
			return err
		}
		f.QuotedID = idText(quoted.ID)
	}
	return nil
}

// answerMessage answers with a message as the user uid sees it.
func (s *Server) answerMessage(m *store.Message, uid string) *envelope {
	return data(s.store.View(m, uid, store.ViewOptions{Tags: true}))
}

// deliverMessage sends the frame of a new message, which a call has made, and wakes those who wait for it. A client's message says
// from which device it is. Of a message in a group, it sends the frame to the users in also too.
func (s *Server) deliverMessage(c *call, m *store.Message, also ...string) {
	device := c.r.Header.Get("resource")
	if device != "" && c.token != nil {
		m.Data["resource"], _ = json.Marshal(device) // a string always marshals
	}
	s.tellWaiting()
	body, _ := lenient.Marshal(s.store.View(m, "", store.ViewOptions{Tags: true})) // its Data was decoded from JSON
	s.deliver(device, frame{
		AppID: s.AppID, Receiver: m.Receiver, ReceiverType: m.ReceiverType, DeviceID: device, Type: "message", Sender: m.Sender, Body: body,
	}, also...)
}

// deliver sends a frame to the live connections of its receiver, and to those of its sender on other devices than device. If the
// receiver is a group, these are its members, and the users in also.
func (s *Server) deliver(device string, f frame, also ...string) {
	receives := func(uid string) bool { return uid == f.Receiver }
	if f.ReceiverType == "group" {
		g := s.store.Group(f.Receiver)
		receives = func(uid string) bool { return g.Members[uid] != nil || slices.Contains(also, uid) }
	}
	raw := f.encode() // once for all of them
	for k := range s.sockets {
		if k.token == nil {
			continue
		}
		switch uid := k.token.UID; {
		case receives(uid) && uid != f.Sender, uid == f.Sender && k.deviceID != device:
			k.sendRaw(raw)
		}
	}
}

// getMessage answers with one message and its receipts.
func (s *Server) getMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	q := newQuery(c.r)
	with := viewOptions(q)
	with.Tags, with.Receipts = true, true
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	return data(s.store.View(m, uid, with)), nil
}
