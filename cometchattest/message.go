package cometchattest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
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

// message is a message as the API answers it and a live connection delivers it.
type message struct {
	ID             string                     `json:"id"`
	MUID           string                     `json:"muid,omitempty"`
	ConversationID string                     `json:"conversationId"`
	Sender         string                     `json:"sender"`
	ReceiverType   string                     `json:"receiverType"`
	Receiver       string                     `json:"receiver"`
	Category       string                     `json:"category"`
	Type           string                     `json:"type"`
	Data           map[string]json.RawMessage `json:"data"`
	SentAt         int64                      `json:"sentAt"`
	UpdatedAt      int64                      `json:"updatedAt"`
	Tags           []string                   `json:"tags,omitempty"`
}

// sendMessage delivers a message to one user. It is not kept: there is no call to read it later.
func (s *Server) sendMessage(c *call) (*envelope, *refusal) {
	uid, no := s.viewer(c)
	if no != nil {
		return nil, no
	}
	if uid == "" {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say who sends the message.")
	}
	var f messageFields
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	if no := f.check(); no != nil {
		return nil, no
	}
	sender := s.users[uid]
	receiver, no := s.findUser(f.Receiver)
	switch {
	case no != nil:
		return nil, no
	case s.relations.blocked[sender.UID][receiver.UID] != 0:
		return nil, refuse(http.StatusForbidden, "ERR_BLOCKED_RECEIVER", "The user %s has been blocked by the sender.", receiver.UID)
	case s.relations.blocked[receiver.UID][sender.UID] != 0:
		return nil, refuse(http.StatusForbidden, "ERR_BLOCKED_SENDER", "The user %s has blocked the sender.", receiver.UID)
	}
	s.messages++
	m := message{
		ID: strconv.Itoa(s.messages), MUID: f.MUID, ConversationID: conversation(sender.UID, receiver.UID),
		Sender: sender.UID, ReceiverType: "user", Receiver: receiver.UID, Category: f.Category, Type: f.Type, Data: f.Data,
		SentAt: c.now.Unix(), UpdatedAt: c.now.Unix(), Tags: f.Tags,
	}
	entities, err := json.Marshal(map[string]entity{"sender": s.entity(sender), "receiver": s.entity(receiver)})
	if err == nil { // a test may have given a user metadata that is no JSON
		m.Data["entities"] = entities
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "ERR_INVALID_MESSAGE_DATA", "The data of the message cannot be written.")
	}
	s.deliver(sender.UID, c.r.Header.Get("resource"), receiver.UID,
		frame{AppID: s.AppID, Receiver: receiver.UID, ReceiverType: "user", Type: "message", Sender: sender.UID, Body: body})
	return data(m), nil
}

// entity is a user inside a message.
type entity struct {
	EntityType string   `json:"entityType"`
	Entity     liveUser `json:"entity"`
}

func (s *Server) entity(u *user) entity { return entity{"user", liveUser{u, s.liveStatus(u)}} }

// check says no with the codes of the error guide.
func (f *messageFields) check() *refusal {
	bad := func(code, message string) *refusal {
		return &refusal{status: http.StatusBadRequest, code: code, message: message}
	}
	flaws := flaws{}
	flaws.ofTags(f.Tags)
	if no := flaws.refusal(); no != nil {
		return no
	}
	text := ""
	_ = json.Unmarshal(f.Data["text"], &text) // what is no text is an empty one
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

// deliver sends a frame to the receiver's live connections and to the sender's, but for the one of the device it is from.
func (s *Server) deliver(sender, fromDevice, receiver string, f frame) {
	for k := range s.sockets {
		if k.token == nil {
			continue
		}
		switch uid := k.user.UID; {
		case uid == receiver && uid != sender, uid == sender && k.deviceID != fromDevice:
			k.send(f)
		}
	}
}

// forward sends a receipt or a typing indicator on as it is, but with the sender that it really has.
func (s *Server) forward(k *socket, f frame, raw []byte) {
	receiver := strings.ToLower(f.Receiver)
	if f.ReceiverType != "user" || s.relations.strangers(k.user.UID, receiver) {
		return
	}
	all := map[string]json.RawMessage{} // it may have fields that a frame has no name for
	if json.Unmarshal(raw, &all) != nil {
		return
	}
	all["sender"], _ = json.Marshal(k.user.UID) // texts always marshal
	onward, _ := json.Marshal(all)              // it has been decoded
	for other := range s.sockets {
		if other.token != nil && other.user.UID == receiver && receiver != k.user.UID {
			other.sendRaw(onward)
		}
	}
}
