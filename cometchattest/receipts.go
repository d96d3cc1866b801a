package cometchattest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// forward sends a receipt or a typing indicator from k to its receiver. It sets the sender, which a client could forge.
func (s *Server) forward(k *socket, f frame, raw []byte) {
	sender, receiver := k.token.UID, strings.ToLower(f.Receiver)
	if f.ReceiverType != "user" || receiver == sender || s.store.EitherBlocked(sender, receiver) {
		return
	}
	fields := map[string]json.RawMessage{}     // frame has not all of them
	_ = json.Unmarshal(raw, &fields)           // it was decoded as a frame before, so it is an object
	fields["sender"], _ = json.Marshal(sender) // a string always marshals
	if f.Type == "receipts" {
		fields["body"] = s.receiveReceipt(sender, receiver, f.Body)
	}
	forwarded, _ := lenient.Marshal(fields) // it was decoded
	s.sendTo(receiver, forwarded)
}

// sendTo sends an encoded frame to all live connections of a user.
func (s *Server) sendTo(uid string, raw []byte) {
	for k := range s.sockets {
		if k.token != nil && k.token.UID == uid {
			k.sendRaw(raw)
		}
	}
}

// receiveReceipt records that the messages of other have reached uid, or that uid has read them. It returns the body of the
// receipt with its time.
func (s *Server) receiveReceipt(uid, other string, body json.RawMessage) json.RawMessage {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return body
	}
	var action string
	var id idText
	_ = json.Unmarshal(fields["action"], &action) // without an action it is forwarded alone, as an empty id is
	_ = json.Unmarshal(fields["messageId"], &id)
	now := s.time()
	if number, err := strconv.Atoi(string(id)); err == nil {
		if c := s.store.Conversation(store.ConversationID(uid, other)); c != nil {
			s.mark(c, action, uid, number)
		}
	}
	fields["timestamp"], _ = json.Marshal(now.Unix()) // a number always marshals
	body, _ = lenient.Marshal(fields)                 // it was decoded
	return body
}

// mark records a receipt of the user uid, up to and including the message with this number. Another action than read or
// delivered does nothing.
func (s *Server) mark(c *store.Conversation, action, uid string, number int) {
	switch action {
	case "read":
		s.store.MarkRead(c, uid, number, s.time())
	case "delivered":
		s.store.MarkDelivered(c, uid, number, s.time())
	}
}

// announceReceipt tells the other user of a conversation of a receipt that uid gave through the API.
func (s *Server) announceReceipt(c *call, action, uid, other string, number int) {
	if s.store.EitherBlocked(uid, other) {
		return
	}
	body, _ := lenient.Marshal(map[string]any{
		"action": action, "messageId": strconv.Itoa(number), "user": s.store.UserEntity(uid, "").Entity, "timestamp": c.now.Unix(),
	})
	s.sendTo(other, (&frame{
		AppID: s.AppID, Receiver: other, ReceiverType: "user", DeviceID: c.r.Header.Get("resource"), Type: "receipts", Sender: uid,
		Body: body,
	}).encode())
}
