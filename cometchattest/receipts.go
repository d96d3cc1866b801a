package cometchattest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// forward sends a receipt, a typing indicator or a transient message from k to the user or the group it is for. It sets the sender, which a client could forge.
func (s *Server) forward(k *socket, f frame, raw []byte) {
	sender, receiver := k.token.UID, strings.ToLower(f.Receiver)
	conversation, others := s.partners(sender, f.ReceiverType, receiver)
	if len(others) == 0 {
		return
	}
	tellAll := func() {}
	fields := map[string]json.RawMessage{}     // frame has not all of them
	_ = json.Unmarshal(raw, &fields)           // it was decoded as a frame before, so it is an object
	fields["sender"], _ = json.Marshal(sender) // a string always marshals
	if f.Type == "receipts" {
		fields["body"], tellAll = s.receiveReceipt(sender, conversation, f.Body)
	}
	forwarded, _ := lenient.Marshal(fields) // it was decoded
	s.sendTo(others, forwarded)
	tellAll()
}

// partners returns the conversation of a user with a user or a group, or nil, and the uids of the others in it: nobody if one of two
// users has blocked the other, or if the user is no member of the group.
func (s *Server) partners(uid, receiverType, receiver string) (c *store.Conversation, others map[string]bool) {
	others = map[string]bool{}
	switch g := s.store.Group(receiver); {
	case receiverType == "user" && receiver != uid && !s.store.EitherBlocked(uid, receiver):
		others[receiver] = true
		return s.store.Between(uid, receiver), others
	case receiverType == "group" && g != nil && g.Members[uid] != nil:
		for other := range g.Members {
			others[other] = other != uid
		}
		return g.Conversation(), others
	}
	return nil, nil
}

// sendTo sends an encoded frame to all live connections of these users.
func (s *Server) sendTo(uids map[string]bool, raw []byte) {
	for k := range s.sockets {
		if k.token != nil && uids[k.token.UID] {
			k.sendRaw(raw)
		}
	}
}

// receiveReceipt records that the messages of a conversation, which may be nil, have reached uid, or that uid has read them. It
// returns the body of the receipt with its time, and what mark returns.
func (s *Server) receiveReceipt(uid string, c *store.Conversation, body json.RawMessage) (withTime json.RawMessage, tellAll func()) {
	tellAll = func() {}
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return body, tellAll
	}
	var action string
	var id idText
	_ = json.Unmarshal(fields["action"], &action) // without an action it is forwarded alone, as an empty id is
	_ = json.Unmarshal(fields["messageId"], &id)
	now := s.time()
	if number, err := strconv.Atoi(string(id)); err == nil && c != nil {
		tellAll = s.mark(c, action, uid, number)
	}
	fields["timestamp"], _ = json.Marshal(now.Unix()) // a number always marshals
	body, _ = lenient.Marshal(fields)                 // it was decoded
	return body, tellAll
}

// mark records a receipt of the user uid, up to and including the message with this number. Another action than read or
// delivered does nothing. Call tellAll once the frame of the receipt is sent: it tells the webhooks of the receipt, and a group that a
// message has now reached all members, or that all have read it.
func (s *Server) mark(c *store.Conversation, action, uid string, number int) (tellAll func()) {
	delivered, read := s.reachedAll(c)
	switch action {
	case "read":
		s.store.MarkRead(c, uid, number, s.time())
	case "delivered":
		s.store.MarkDelivered(c, uid, number, s.time())
	}
	nowDelivered, nowRead := s.reachedAll(c)
	return func() {
		s.reportReceipt(c, action, uid, number)
		if nowDelivered > delivered {
			s.announceToAll(c, "deliveredToAll", nowDelivered)
		}
		if nowRead > read {
			s.announceToAll(c, "readByAll", nowRead)
		}
	}
}

// reachedAll returns up to which message a group's messages have reached all members, and all have read them.
func (s *Server) reachedAll(c *store.Conversation) (delivered, read int) {
	if c.GUID == "" {
		return 0, 0
	}
	return s.store.ReachedAll(c, false), s.store.ReachedAll(c, true)
}

// announceToAll sends a receipt of all members of a group to them.
func (s *Server) announceToAll(c *store.Conversation, action string, number int) {
	s.deliver("", frame{
		AppID: s.AppID, Receiver: c.GUID, ReceiverType: "group", Type: "receipts", Sender: store.System,
		Body: s.receiptBody(action, store.System, number),
	})
}

// announceReceipt tells the others in a conversation of a receipt that uid gave through the API.
func (s *Server) announceReceipt(c *call, action string, conversation *store.Conversation, uid string, number int) {
	kind, receiver := "user", conversation.Other(uid)
	if conversation.GUID != "" {
		kind, receiver = "group", conversation.GUID
	}
	_, others := s.partners(uid, kind, receiver)
	s.sendTo(others, (&frame{
		AppID: s.AppID, Receiver: receiver, ReceiverType: kind, DeviceID: c.r.Header.Get("resource"), Type: "receipts", Sender: uid,
		Body: s.receiptBody(action, uid, number),
	}).encode())
}

func (s *Server) receiptBody(action, uid string, number int) json.RawMessage {
	body, _ := lenient.Marshal(map[string]any{ // texts, numbers and JSON always marshal
		"action": action, "messageId": strconv.Itoa(number), "user": s.store.UserEntity(uid, "").Entity, "timestamp": s.time().Unix(),
	})
	return body
}
