package cometchattest

import (
	"cmp"
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// pinMessage pins a message for everybody in its conversation. Without a user, the app pins it.
func (s *Server) pinMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	err := markable(m)
	if err == nil {
		err = s.checkPinner(m, uid)
	}
	if err != nil {
		return nil, err
	}
	if !s.store.Pin(m, cmp.Or(uid, store.System), c.now) {
		return nil, refuse(http.StatusBadRequest, "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED",
			"The number of pinned messages exceeds the allowed limit of %d.", store.MaxPins)
	}
	s.tellMessage(c, m, cmp.Or(uid, store.System), "message_pinned")
	return s.answerMessage(m, uid), nil
}

func (s *Server) unpinMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	if err := s.checkPinner(m, uid); err != nil {
		return nil, err
	}
	if s.store.Unpin(m) {
		s.tellMessage(c, m, cmp.Or(uid, store.System), "message_unpinned")
	}
	return s.answerMessage(m, uid), nil
}

// checkPinner refuses a participant of a group: there, admins and moderators pin.
func (s *Server) checkPinner(m *store.Message, uid string) error {
	if m.InGroup() && s.rankIn(m, uid) < store.RankModerator {
		return refuse(http.StatusForbidden, "ERR_PERMISSION_DENIED", "The user %s may not pin messages in the group %s.", uid, m.Receiver)
	}
	return nil
}

// saveMessage saves a message for the user alone.
func (s *Server) saveMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	if err := markable(m); err != nil {
		return nil, err
	}
	saved, ok := s.store.SaveMessage(m, uid, c.now)
	if !ok {
		return nil, refuse(http.StatusBadRequest, "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED",
			"The number of saved messages exceeds the allowed limit of %d.", store.MaxSaves)
	}
	if saved {
		s.tellSaved(c, m, uid, "message_saved")
	}
	return s.answerMessage(m, uid), nil
}

func (s *Server) unsaveMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	if s.store.UnsaveMessage(m, uid) {
		s.tellSaved(c, m, uid, "message_unsaved")
	}
	return s.answerMessage(m, uid), nil
}

// markable refuses a message that nobody can pin or save.
func markable(m *store.Message) error {
	if m.Category == store.CategoryAction || m.DeletedAt != 0 {
		return refuse(http.StatusBadRequest, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The message %s can be neither pinned nor saved.", m.ID)
	}
	return nil
}

// tell sends a frame about a message, which the user uid has caused, to the live connections of everybody in the conversation,
// except those of the acting device.
func (s *Server) tell(c *call, m *store.Message, uid, kind string, body []byte) {
	f := frame{
		AppID: s.AppID, DeviceID: c.r.Header.Get("resource"), Receiver: m.Receiver, ReceiverType: m.ReceiverType, Type: kind,
		Sender: uid, Body: body,
	}
	if uid == m.Receiver && !m.InGroup() {
		f.Receiver = m.Sender
	}
	s.deliver(f.DeviceID, f)
	if uid == store.System && !m.InGroup() { // then the sender of the message has not caused the frame either
		f.Receiver = m.Sender
		s.deliver(f.DeviceID, f)
	}
}

// tellMessage sends a frame with a message as its body to everybody in the conversation.
func (s *Server) tellMessage(c *call, m *store.Message, uid, kind string) {
	s.tell(c, m, uid, kind, s.messageBody(m, ""))
}

// tellSaved sends a frame to the other devices of the user who has saved a message, or no longer.
func (s *Server) tellSaved(c *call, m *store.Message, uid, kind string) {
	device := c.r.Header.Get("resource")
	s.deliver(device, frame{
		AppID: s.AppID, DeviceID: device, Receiver: uid, ReceiverType: "user", Type: kind, Sender: uid, Body: s.messageBody(m, uid),
	})
}

func (s *Server) messageBody(m *store.Message, uid string) []byte {
	body, _ := lenient.Marshal(map[string]any{"message": s.store.View(m, uid, store.ViewOptions{Tags: true})}) // it was decoded
	return body
}
