package cometchattest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// editMessage changes a message and answers with the action message that records the edit.
func (s *Server) editMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	if err := s.checkChange(m, uid, false); err != nil {
		return nil, err
	}
	f := messageFields{Category: m.Category, Type: m.Type}
	var edit struct {
		Data map[string]json.RawMessage `json:"data"`
		Tags []string                   `json:"tags"`
	}
	if err := c.decode(&edit); err != nil {
		return nil, err
	}
	if len(edit.Data) == 0 && edit.Tags == nil {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The edit has neither data nor tags.")
	}
	f.Tags, f.Data = edit.Tags, edit.Data
	f.dropReserved()
	if err := f.checkChanged(m); err != nil {
		return nil, err
	}
	mentioned := m.Mentions()
	action := s.store.EditMessage(m, store.MessageEdit{Data: f.Data, Tags: f.Tags}, cmp.Or(uid, store.System), c.now)
	answer := s.act(c, "message_edited", action, uid)
	s.reportMentions(m, mentioned)
	return answer, nil
}

// deleteMessage deletes a message and answers with the action message that records the deletion.
func (s *Server) deleteMessage(c *call, m *store.Message, uid string) (*envelope, error) {
	var f struct {
		Permanent bool `json:"permanent"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if err := s.checkChange(m, uid, f.Permanent); err != nil {
		return nil, err
	}
	return s.act(c, "message_deleted", s.store.DeleteMessage(m, f.Permanent, cmp.Or(uid, store.System), c.now), uid), nil
}

// checkChange refuses an edit or a deletion of m by the user uid, or by a server without a user. In a group, its admins and
// moderators may change the messages of others. Only a permanent deletion takes a message that has been deleted.
func (s *Server) checkChange(m *store.Message, uid string, permanent bool) error {
	switch {
	case m.Category == store.CategoryAction:
		return refuse(http.StatusBadRequest, "ERR_MESSAGE_ACTION_NOT_ALLOWED", "The action message %s cannot be changed.", m.ID)
	case uid != m.Sender && s.rankIn(m, uid) < store.RankModerator:
		return refuse(http.StatusForbidden, "ERR_MESSAGE_NOT_A_SENDER", "The user %s has not sent the message %s.", uid, m.ID)
	case m.DeletedAt != 0 && !permanent:
		return refuse(http.StatusNotFound, "ERR_MESSAGE_ID_NOT_FOUND", "The message %s has been deleted.", m.ID)
	}
	return nil
}

// rankIn returns the rank of a user in the group of m or, if m is not in a group, that of a participant. The uid "" is a server.
func (s *Server) rankIn(m *store.Message, uid string) store.Rank {
	switch {
	case uid == "":
		return store.RankServer
	case m.InGroup():
		return s.store.Group(m.Receiver).Rank(uid)
	}
	return store.RankParticipant
}

// act delivers an action message to everybody in a conversation, except on the acting device, reports it to the webhooks with this
// trigger, and answers with it.
func (s *Server) act(c *call, trigger string, action *store.Message, uid string) *envelope {
	s.deliverMessage(c, action)
	s.reportAction(trigger, action)
	return s.answerMessage(action, uid)
}

// markInteracted records which elements of an interactive message the user has used. Its sender hears when that completes the
// goal of the message.
func (s *Server) markInteracted(c *call, m *store.Message, uid string) (*envelope, error) {
	var f struct {
		Interactions []string `json:"interactions"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	switch {
	case uid == "":
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say who has interacted.")
	case len(f.Interactions) == 0:
		return nil, refuseFields(store.FieldErrors{"interactions": {"The interactions field is required."}})
	case m.Category != store.CategoryInteractive || slices.Contains(f.Interactions, ""):
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The message %s has no such element.", m.ID)
	}
	if s.store.Interact(m, uid, f.Interactions, c.now) {
		body, _ := lenient.Marshal(map[string]any{ // AddUser takes metadata that is not JSON: then the body is empty
			"user": s.store.UserEntity(uid, "").Entity, "messageId": m.ID, "interactions": m.Interacted[uid],
		})
		device := c.r.Header.Get("resource")
		s.deliver(device, frame{
			AppID: s.AppID, DeviceID: device, Receiver: m.Sender, ReceiverType: "user", Type: "interaction_completed", Sender: uid, Body: body,
		})
	}
	return success("The message with id %s has been marked as interacted for the user %s.", m.ID, uid), nil
}
