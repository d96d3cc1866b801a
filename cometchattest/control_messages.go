package cometchattest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// SendMessage sends a text from one user to another, as a client of the user from would, and returns the message as that user
// sees it. The live connections of both users get it. SendMessage panics if no user has one of the uids, or if the server
// refuses the message, for example because one of the users has blocked the other.
func (s *Server) SendMessage(from, to, text string) *cometchat.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendText("SendMessage", from, "user", s.known("SendMessage", to), text)
}

// SendGroupMessage sends a text from a member to a group, as [Server.SendMessage] does to a user. It panics if there is no such
// user or group, or if the user is not a member.
func (s *Server) SendGroupMessage(from, guid, text string) *cometchat.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendText("SendGroupMessage", from, "group", s.knownGroup("SendGroupMessage", guid).GUID, text)
}

// sendText sends a text in the name of the method. The caller holds s.mu.
func (s *Server) sendText(method, from, receiverType, to, text string) *cometchat.Message {
	raw, _ := lenient.Marshal(text) // a string always marshals
	sent, err := s.send(s.callOf(s.known(method, from)), &messageFields{
		Receiver: to, ReceiverType: receiverType, Category: "message", Type: "text", Data: map[string]json.RawMessage{"text": raw},
	})
	if err != nil {
		panic(fmt.Sprintf("cometchattest: %s: %v", method, err))
	}
	return readMessage(sent.Data)
}

// callOf returns a call that a client of a user makes, or a server if uid is "". The caller holds s.mu.
func (s *Server) callOf(uid string) *call {
	c := &call{r: &http.Request{URL: &url.URL{}, Header: http.Header{}}, now: s.time()}
	if uid != "" {
		c.token = &store.Token{UID: uid}
	}
	return c
}

// ModerateMessage sets the moderation of a text or media message to "pending", "approved" or "disapproved", as the app's
// moderation does. The live connections of everybody in the conversation get the message, also on the device that sent it. A
// disapproved message stays visible to everybody. ModerateMessage panics for another status, and if no such message has the id or
// if it has been deleted.
func (s *Server) ModerateMessage(id, status string) {
	if !slices.Contains([]string{cometchat.ModerationPending, cometchat.ModerationApproved, cometchat.ModerationDisapproved}, status) {
		panic(fmt.Sprintf("cometchattest: ModerateMessage: the status %q is none of pending, approved and disapproved", status))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.store.Message(id)
	if m == nil || m.Category != "message" || m.DeletedAt != 0 {
		panic(fmt.Sprintf("cometchattest: ModerateMessage: no text or media message has the id %q", id))
	}
	before := moderationOf(m)
	s.store.Moderate(m, status, s.time())
	f := frame{
		AppID: s.AppID, Receiver: m.Receiver, ReceiverType: m.ReceiverType, Type: "on_moderation_status_changed", Sender: m.Sender,
	}
	_ = json.Unmarshal(m.Data["resource"], &f.DeviceID)                             // a message sent with the REST API key has none
	f.Body, _ = lenient.Marshal(s.store.View(m, "", store.ViewOptions{Tags: true})) // its Data was decoded from JSON
	s.deliver("", f)
	s.reportModeration(m, before)
}

// Messages returns the messages of a conversation that the server keeps, the oldest first, with those of category action that
// tell of edits, deletions and changes of a group's members. It returns nil if there is no such conversation. The id of the
// conversation of two users is their uids in ascending order with "_user_" between them; that of a group is "group_" and the guid.
// The values are copies, as a server sees them with the REST API key.
func (s *Server) Messages(conversationID string) (messages []*cometchat.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	conversation := s.store.Conversation(strings.ToLower(conversationID))
	if conversation == nil {
		return nil
	}
	for _, m := range conversation.Messages() {
		messages = append(messages, s.copiedMessage(m))
	}
	return messages
}

// WaitFor returns the first message that match accepts: of those that the server keeps, the oldest first, and then of the coming
// ones. Messages of category action, as in [Server.Messages], are among them. The messages are copies, as those of
// [Server.Messages]. WaitFor returns an error when ctx ends, which wraps its cause, or when the server closes. It calls match
// for one message at a time; match may call the methods of the server.
func (s *Server) WaitFor(ctx context.Context, match func(*cometchat.Message) bool) (*cometchat.Message, error) {
	for id := ""; ctx.Err() == nil; {
		m, arrived := s.messageAfter(id)
		if m != nil {
			if match(m) {
				return m, nil
			}
			id = m.ID
			continue
		}
		select {
		case <-arrived:
		case <-ctx.Done():
		case <-s.closing:
			return nil, fmt.Errorf("no message matches: %w", errClosed)
		}
	}
	return nil, fmt.Errorf("no message matches: %w", context.Cause(ctx))
}

// messageAfter returns the first message whose id is larger, or nil and a channel that is closed when there is one.
func (s *Server) messageAfter(id string) (m *cometchat.Message, arrived <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if next := s.store.MessageAfter(id); next != nil {
		return s.copiedMessage(next), nil
	}
	if s.arrived == nil {
		s.arrived = make(chan struct{})
	}
	return nil, s.arrived
}

// tellWaiting wakes those who wait for a message. The caller holds s.mu.
func (s *Server) tellWaiting() {
	if s.arrived != nil {
		close(s.arrived)
		s.arrived = nil
	}
}

func (s *Server) copiedMessage(m *store.Message) *cometchat.Message {
	return readMessage(s.store.View(m, "", store.ViewOptions{Tags: true}))
}

// readMessage reads a message in the form of the API.
func readMessage(view any) *cometchat.Message {
	m := &cometchat.Message{}
	raw, _ := lenient.Marshal(view) // its data is JSON
	_ = json.Unmarshal(raw, m)      // it has an id
	return m
}
