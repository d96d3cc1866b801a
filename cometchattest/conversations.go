package cometchattest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	maxClientConversations = 50 // on a page of a client's list
	maxPinnedConversations = 5  // of a user
)

// conversation is a conversation as one of its members sees it.
type conversation struct {
	ConversationID      string             `json:"conversationId"`
	ConversationType    string             `json:"conversationType"`
	UnreadMessageCount  string             `json:"unreadMessageCount"`
	UnreadMentionsCount int                `json:"unreadMentionsCount"`
	LastReadMessageID   string             `json:"lastReadMessageId,omitempty"`
	LatestMessageID     string             `json:"latestMessageId,omitempty"`
	CreatedAt           int64              `json:"createdAt"`
	UpdatedAt           int64              `json:"updatedAt"`
	LastMessage         *store.MessageView `json:"lastMessage,omitempty"`
	ConversationWith    any                `json:"conversationWith"` // a seenUser, or a *store.GroupView
	Tags                []string           `json:"tags,omitempty"`
	PinnedAt            int64              `json:"pinnedAt,omitempty"`
	PinnedBy            string             `json:"pinnedBy,omitempty"`
}

// conversationSeen returns a conversation as its member uid sees it.
func (s *Server) conversationSeen(c *store.Conversation, uid string) conversation {
	side := c.Sides[uid]
	seen := conversation{
		ConversationID: c.ID, ConversationType: "user", CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		ConversationWith: s.conversationWith(c, uid), Tags: side.Tags,
	}
	if c.GUID != "" {
		seen.ConversationType = "group"
	}
	unread := s.store.UnreadMessages(c, uid)
	seen.UnreadMessageCount = strconv.Itoa(len(unread))
	for _, m := range unread {
		if slices.Contains(m.Mentions(), uid) {
			seen.UnreadMentionsCount++
		}
	}
	if side.ReadTo != 0 {
		seen.LastReadMessageID = strconv.Itoa(side.ReadTo)
	}
	if last := c.Last(uid); last != nil {
		seen.LatestMessageID = last.ID
		seen.LastMessage = s.store.View(last, uid, store.ViewOptions{Tags: true})
	}
	if side.PinnedAt != 0 {
		seen.PinnedAt, seen.PinnedBy = side.PinnedAt, uid
	}
	return seen
}

// conversationWith returns the user or the group with whom the member uid has a conversation.
func (s *Server) conversationWith(c *store.Conversation, uid string) any {
	if g := s.store.Group(c.GUID); g != nil {
		return s.store.ViewGroup(g, uid)
	}
	return s.seenBy(uid, s.userOrGone(c.Other(uid)))
}

// userOrGone returns a user; the app, for its uid; or, if the user has been deleted, what is left of the user.
func (s *Server) userOrGone(uid string) *store.User {
	if u := s.store.User(uid); u != nil {
		return u
	}
	name := uid
	if uid == store.System {
		name = "System"
	}
	return &store.User{UID: uid, Name: name, Role: store.DefaultRole, Status: store.Offline}
}

// actor returns the uid of the user who makes the call, or on whose behalf a server makes it, which has to be named.
func (s *Server) actor(c *call) (string, error) {
	uid, err := s.viewer(c)
	if err == nil && uid == "" {
		err = refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say whose conversations these are.")
	}
	return uid, err
}

// ofGroupConversation adapts a handler of a call about the conversation of the user uid with the group in the path.
func ofGroupConversation(answer func(s *Server, c *call, conversation *store.Conversation, uid string) (*envelope, error)) handler {
	return ofGroup(store.RankParticipant, func(s *Server, c *call, g *store.Group, _ string) (*envelope, error) {
		uid, err := s.actor(c)
		if err != nil {
			return nil, err
		}
		return answer(s, c, g.Conversation(), uid)
	})
}

// ofConversation adapts a handler of a call about the conversation of the user uid with the user in the path.
func ofConversation(answer func(s *Server, c *call, conversation *store.Conversation, uid string) (*envelope, error)) handler {
	return ofPeer(func(s *Server, c *call, with *store.User) (*envelope, error) {
		uid, err := s.actor(c)
		if err != nil {
			return nil, err
		}
		conversation := s.store.ConversationOf(uid, with.UID)
		if conversation == nil {
			return nil, refuse(http.StatusNotFound, "ERR_CONVERSATION_NOT_ACCESSIBLE",
				"The user %s has no conversation with the user %s.", uid, with.UID)
		}
		return answer(s, c, conversation, uid)
	})
}

func (s *Server) getConversation(_ *call, c *store.Conversation, uid string) (*envelope, error) {
	return data(s.conversationSeen(c, uid)), nil
}

// tagConversation replaces the viewer's tags of a conversation.
func (s *Server) tagConversation(c *call, conversation *store.Conversation, uid string) (*envelope, error) {
	var f struct {
		Tags []string `json:"tags"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	errs := store.FieldErrors{}
	if errs.CheckTags(f.Tags); f.Tags == nil {
		errs.Add("tags", "field is required.")
	}
	if err := refuseFields(errs); err != nil {
		return nil, err
	}
	s.store.TagConversation(conversation, uid, f.Tags)
	return s.getConversation(c, conversation, uid)
}

// deleteConversation deletes a conversation for the viewer or, if the body says so, its messages for both users. The messages of a
// group stay.
func (s *Server) deleteConversation(c *call, conversation *store.Conversation, uid string) (*envelope, error) {
	var f struct {
		Permanently bool `json:"deleteMessagesPermanently"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	s.store.HideConversation(conversation, uid)
	if f.Permanently && conversation.GUID == "" {
		s.store.RemoveMessages(conversation)
	}
	return success("The conversation %s has been deleted successfully for UID %s.", conversation.ID, uid), nil
}

// pinConversation pins the conversation with a user for the viewer. There need not be a message in it yet.
func (s *Server) pinConversation(c *call, with *store.User) (*envelope, error) {
	uid, err := s.actor(c)
	if err != nil {
		return nil, err
	}
	if uid == with.UID {
		return nil, refuse(http.StatusNotFound, "ERR_CONVERSATION_NOT_ACCESSIBLE", "The user %s has no conversation with itself.", uid)
	}
	return s.pin(c, s.store.StartConversation(uid, with.UID, c.now), uid)
}

// pin pins a conversation for a user.
func (s *Server) pin(c *call, pinned *store.Conversation, uid string) (*envelope, error) {
	if pinned.Sides[uid].PinnedAt == 0 {
		pins := 0
		for _, other := range s.store.Conversations(uid) {
			pins += min(1, int(other.Sides[uid].PinnedAt))
		}
		if pins >= maxPinnedConversations {
			return nil, refuse(http.StatusBadRequest, "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED",
				"The number of pinned conversations exceeds the allowed limit of %d.", maxPinnedConversations)
		}
		s.store.PinConversation(pinned, uid, c.now)
		s.announcePin(c, "conversation_pinned", pinned, uid)
	}
	return s.getConversation(c, pinned, uid)
}

// unpinConversation undoes pinConversation.
func (s *Server) unpinConversation(c *call, pinned *store.Conversation, uid string) (*envelope, error) {
	if pinned.Sides[uid].PinnedAt != 0 {
		s.store.UnpinConversation(pinned, uid)
		s.announcePin(c, "conversation_unpinned", pinned, uid)
	}
	return s.getConversation(c, pinned, uid)
}

// announcePin tells the user's other devices.
func (s *Server) announcePin(c *call, kind string, pinned *store.Conversation, uid string) {
	body, err := lenient.Marshal(map[string]any{"conversation": s.conversationSeen(pinned, uid)})
	if err != nil {
		return // AddUser takes metadata that is not JSON
	}
	device := c.r.Header.Get("resource")
	s.deliver(device, frame{
		AppID: s.AppID, Receiver: uid, ReceiverType: "user", DeviceID: device, Type: kind, Sender: uid, Body: body,
	})
}
