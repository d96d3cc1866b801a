package cometchattest

import (
	"maps"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// receivers are the receivers of a message that a server sends to many.
type receivers struct {
	UIDs  []string `json:"uids"`
	GUIDs []string `json:"guids"`
}

// sendToMany sends a message to each receiver in the body, or to none if one of them is refused. The documentation does not say what the
// answer is: here it is the list of the messages.
func (s *Server) sendToMany(c *call, f *messageFields) (*envelope, error) {
	uid, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	var messages []*store.Message
	for _, to := range f.each() {
		m, err := s.newMessage(c, to, uid)
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	views := make([]*store.MessageView, len(messages))
	for i, m := range messages {
		views[i] = s.store.View(s.keep(c, m), uid, store.ViewOptions{Tags: true})
	}
	return data(views), nil
}

// each returns the fields of the message to each receiver. Without a receiver it returns f, which is refused.
func (f *messageFields) each() (all []*messageFields) {
	add := func(receiverType string, ids []string) {
		for i, id := range ids {
			if !slices.ContainsFunc(ids[:i], func(other string) bool { return strings.EqualFold(other, id) }) {
				one := *f
				one.ReceiverType, one.Receiver, one.Data = receiverType, id, maps.Clone(f.Data)
				all = append(all, &one)
			}
		}
	}
	add("user", f.Many.UIDs)
	add("group", f.Many.GUIDs)
	if len(all) == 0 {
		f.Receiver = ""
		return []*messageFields{f}
	}
	return all
}
