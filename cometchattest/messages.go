package cometchattest

import (
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// maxText is how many characters the text of a message may have.
const maxText = 1 << 16

// messageFields is the body of a request that sends a message.
type messageFields struct {
	Receiver     string                     `json:"receiver"`
	ReceiverType string                     `json:"receiverType"`
	Category     string                     `json:"category"`
	Type         string                     `json:"type"`
	MUID         string                     `json:"muid"`
	Tags         []string                   `json:"tags"`
	Data         map[string]json.RawMessage `json:"data"`
}

// sendMessage keeps a message and delivers it.
func (s *Server) sendMessage(c *call) (*envelope, error) {
	var f messageFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	return s.send(c, &f)
}

// send keeps the message with these fields, delivers it, and answers with it. The path may name the message that it replies to.
func (s *Server) send(c *call, f *messageFields) (*envelope, error) {
	sender, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	if sender == "" {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say who sends the message.")
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	receiver, err := s.findUser(f.Receiver)
	switch {
	case err != nil:
		return nil, err
	case s.store.BlockedAt(sender, receiver.UID) != 0:
		return nil, refuse(http.StatusForbidden, "ERR_BLOCKED_RECEIVER", "The user %s has been blocked by the sender.", receiver.UID)
	case s.store.BlockedAt(receiver.UID, sender) != 0:
		return nil, refuse(http.StatusForbidden, "ERR_BLOCKED_SENDER", "The user %s has blocked the sender.", receiver.UID)
	}
	m := s.store.SendMessage(store.Message{
		MUID: f.MUID, Sender: sender, ReceiverType: "user", Receiver: receiver.UID, Category: f.Category, Type: f.Type,
		Data: f.Data, Tags: f.Tags,
	}, c.now)
	s.deliverMessage(c.r.Header.Get("resource"), m)
	return s.answerMessage(m, sender), nil
}

// answerMessage answers with a message as the user uid sees it.
func (s *Server) answerMessage(m *store.Message, uid string) *envelope {
	return data(s.store.View(m, uid, store.ViewOptions{Tags: true}))
}

// deliverMessage sends the frame of a message, which the user m.Sender sent from a device, and wakes those who wait for it.
func (s *Server) deliverMessage(device string, m *store.Message) {
	s.tellWaiting()
	body, _ := lenient.Marshal(s.store.View(m, "", store.ViewOptions{Tags: true})) // its Data was decoded from JSON
	s.deliver(device, frame{
		AppID: s.AppID, Receiver: m.Receiver, ReceiverType: m.ReceiverType, DeviceID: device, Type: "message", Sender: m.Sender, Body: body,
	})
}

// check refuses with the codes of the error guide.
func (f *messageFields) check() error {
	bad := func(code, message string) error {
		return &apiError{status: http.StatusBadRequest, code: code, message: message}
	}
	errs := store.FieldErrors{}
	errs.CheckTags(f.Tags)
	text := ""
	if raw := f.Data["text"]; len(raw) > 0 && json.Unmarshal(raw, &text) != nil {
		errs.Add("data.text", "must be a text, not "+store.Kind(raw)+".")
	}
	if err := refuseFields(errs); err != nil {
		return err
	}
	switch {
	case f.Receiver == "":
		return bad("ERR_EMPTY_RECEIVER", "The receiver is missing.")
	case f.ReceiverType == "group":
		return refuse(http.StatusNotFound, "ERR_GUID_NOT_FOUND", "The group %s does not exist.", f.Receiver)
	case f.ReceiverType != "user":
		return bad("ERR_INVALID_RECEIVER_TYPE", "The receiverType has to be user or group.")
	case f.Category == "":
		return bad("ERR_EMPTY_MESSAGE_CATEGORY", "The category is missing.")
	case f.Category != "message" && f.Category != "custom":
		return bad("ERR_INVALID_MESSAGE_CATEGORY", "The category has to be message or custom.")
	case f.Type == "":
		return bad("ERR_EMPTY_MESSAGE_TYPE", "The type is missing.")
	case f.Category == "custom" && len(f.Data["customData"]) == 0:
		return bad("ERR_EMPTY_CUSTOM_DATA", "The customData is missing.")
	case f.Category == "message" && f.Type == "text" && strings.TrimSpace(text) == "":
		return bad("ERR_EMPTY_MESSAGE_TEXT", "The text is missing.")
	case utf8.RuneCountInString(text) > maxText:
		return bad("ERR_INVALID_MESSAGE_TEXT", "The text is longer than 65,536 characters.")
	case f.Data == nil:
		return bad("ERR_INVALID_MESSAGE_DATA", "The data is missing.")
	}
	return nil
}

// deliver sends a frame to the live connections of its receiver, and to those of its sender on other devices than device.
func (s *Server) deliver(device string, f frame) {
	raw := f.encode() // once for all of them
	for k := range s.sockets {
		if k.token == nil {
			continue
		}
		switch uid := k.token.UID; {
		case uid == f.Receiver && uid != f.Sender, uid == f.Sender && k.deviceID != device:
			k.sendRaw(raw)
		}
	}
}

// forward sends a receipt or a typing indicator from k to its receiver. It sets the sender, which a client could forge.
func (s *Server) forward(k *socket, f frame, raw []byte) {
	sender, receiver := k.token.UID, strings.ToLower(f.Receiver)
	if f.ReceiverType != "user" || receiver == sender || s.store.EitherBlocked(sender, receiver) {
		return
	}
	fields := map[string]json.RawMessage{}     // frame has not all of them
	_ = json.Unmarshal(raw, &fields)           // it was decoded as a frame before, so it is an object
	fields["sender"], _ = json.Marshal(sender) // a string always marshals
	forwarded, _ := lenient.Marshal(fields)    // it was decoded
	for other := range s.sockets {
		if other.token != nil && other.token.UID == receiver {
			other.sendRaw(forwarded)
		}
	}
}
