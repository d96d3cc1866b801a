package store

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// MessageView is a message in the form of the API's answers and of live connections, as one viewer sees it.
type MessageView struct {
	ID                 string                     `json:"id"`
	MUID               string                     `json:"muid,omitempty"`
	ConversationID     string                     `json:"conversationId"`
	Sender             string                     `json:"sender"`
	ReceiverType       string                     `json:"receiverType"`
	Receiver           string                     `json:"receiver"`
	Category           string                     `json:"category"`
	Type               string                     `json:"type"`
	Data               map[string]json.RawMessage `json:"data"`
	SentAt             int64                      `json:"sentAt"`
	UpdatedAt          int64                      `json:"updatedAt"`
	EditedAt           int64                      `json:"editedAt,omitempty"`
	EditedBy           string                     `json:"editedBy,omitempty"`
	DeletedAt          int64                      `json:"deletedAt,omitempty"`
	DeletedBy          string                     `json:"deletedBy,omitempty"`
	DeliveredAt        int64                      `json:"deliveredAt,omitempty"` // for the sender
	ReadAt             int64                      `json:"readAt,omitempty"`
	MyReceipt          *Receipt                   `json:"myReceipt,omitempty"` // for a receiver
	Receipts           *receiptList               `json:"receipts,omitempty"`
	Tags               []string                   `json:"tags,omitempty"`
	ParentID           string                     `json:"parentId,omitempty"`
	ReplyCount         int                        `json:"replyCount,omitempty"`
	UnreadRepliesCount int                        `json:"unreadRepliesCount,omitempty"`
	QuotedMessageID    string                     `json:"quotedMessageId,omitempty"`
	QuotedMessage      *MessageView               `json:"quotedMessage,omitempty"`
	PinnedAt           int64                      `json:"pinnedAt,omitempty"`
	PinnedBy           string                     `json:"pinnedBy,omitempty"`
	SavedAt            int64                      `json:"savedAt,omitempty"`
	ThreadSubscribed   *bool                      `json:"threadSubscribed,omitempty"`
}

// ViewOptions are the parts of a [MessageView] that an answer has only when the request asks for them.
type ViewOptions struct {
	Tags, ThreadSubscribed, Receipts   bool
	MentionsTagInfo, MentionsBlockInfo bool
	HideQuoted                         bool
}

// View returns m as the user uid sees it; the uid "" is a server, or nobody in particular.
func (s *Store) View(m *Message, uid string, with ViewOptions) *MessageView {
	v := &MessageView{
		ID: m.ID, MUID: m.MUID, ConversationID: m.ConversationID, Sender: m.Sender, ReceiverType: m.ReceiverType,
		Receiver: m.Receiver, Category: m.Category, Type: m.Type, SentAt: m.SentAt, UpdatedAt: m.UpdatedAt,
		EditedAt: m.EditedAt, EditedBy: m.EditedBy, DeletedAt: m.DeletedAt, DeletedBy: m.DeletedBy,
		ParentID: m.ParentID, PinnedAt: m.PinnedAt, PinnedBy: m.PinnedBy,
		QuotedMessageID: m.QuotedID, SavedAt: m.SavedBy[uid], Data: s.dataFor(m, uid, with),
	}
	v.ReplyCount, v.UnreadRepliesCount = s.replies(m, uid)
	if with.Tags {
		v.Tags = m.Tags
	}
	if with.ThreadSubscribed {
		on := m.ThreadSubscribed(uid)
		v.ThreadSubscribed = &on
	}
	if quoted := s.Message(m.QuotedID); quoted != nil && !with.HideQuoted {
		v.QuotedMessage = s.View(quoted, uid, ViewOptions{HideQuoted: true})
	}
	s.setReceipts(v, m, uid, with.Receipts)
	return v
}

// dataFor returns the data of m with what the server adds to it.
func (s *Store) dataFor(m *Message, uid string, with ViewOptions) map[string]json.RawMessage {
	data := maps.Clone(m.Data)
	if data == nil {
		data = map[string]json.RawMessage{}
	}
	if m.Category == CategoryAction {
		return data // it records how the message was then
	}
	put := func(key string, value any) {
		data[key], _ = lenient.Marshal(value) // texts, numbers and JSON always marshal
	}
	put("entities", map[string]Entity{"sender": s.UserEntity(m.Sender, ""), "receiver": s.receiverEntity(m, m.Receiver, uid)})
	if users := s.mentioned(m, uid, with); len(users) > 0 {
		put("mentions", users)
	}
	if counts := m.reactionCounts(uid); len(counts) > 0 {
		put("reactions", counts)
	}
	if used := m.Interacted[uid]; len(used) > 0 {
		put("interactions", used)
	}
	return data
}

// Entity is a user, a group or a message inside of a message.
type Entity struct {
	EntityType string          `json:"entityType"`
	Entity     json.RawMessage `json:"entity"`
}

// receiverEntity returns the group of m as the user uid sees it or, if m is not in a group, the user with the uid receiver.
func (s *Store) receiverEntity(m *Message, receiver, uid string) Entity {
	if m.InGroup() {
		return s.groupEntity(m.Receiver, uid)
	}
	return s.UserEntity(receiver, m.ConversationID)
}

// UserEntity returns a user for the inside of a message. Of a user who is gone it has only the uid.
func (s *Store) UserEntity(uid, conversationID string) Entity {
	var u User
	switch known := s.users[uid]; {
	case known != nil:
		u = *known
	case uid == System:
		u = User{UID: System, Name: "System", Role: DefaultRole}
	default:
		u = User{UID: uid, Name: uid, Role: DefaultRole}
	}
	u.Status = Offline
	if s.Connected(uid) {
		u.Status = "online" // the word of live connections for available
	}
	seen := struct {
		User
		ConversationID string `json:"conversationId,omitempty"`
	}{u, conversationID}
	raw, err := lenient.Marshal(seen)
	if err != nil { // Server.AddUser takes metadata that is not JSON
		seen.Metadata = nil
		raw, _ = lenient.Marshal(seen)
	}
	return Entity{"user", raw}
}

// mentionedUser is a user whom a text mentions.
type mentionedUser struct {
	UID           string   `json:"uid"`
	Name          string   `json:"name"`
	Tags          []string `json:"tags,omitempty"`
	BlockedByMe   *bool    `json:"blockedByMe,omitempty"`
	HasBlockedMe  *bool    `json:"hasBlockedMe,omitempty"`
	BlockedByMeAt int64    `json:"blockedByMeAt,omitempty"`
}

// mentioned returns the users whom m mentions and who exist, by uid.
func (s *Store) mentioned(m *Message, viewer string, with ViewOptions) map[string]mentionedUser {
	users := map[string]mentionedUser{}
	for _, uid := range m.mentions {
		u := s.users[uid]
		if u == nil {
			continue
		}
		user := mentionedUser{UID: u.UID, Name: u.Name}
		if with.MentionsTagInfo {
			user.Tags = u.Tags
		}
		if with.MentionsBlockInfo {
			byMe, byThem := s.BlockedAt(viewer, uid) != 0, s.BlockedAt(uid, viewer) != 0
			user.BlockedByMe, user.HasBlockedMe, user.BlockedByMeAt = &byMe, &byThem, s.BlockedAt(viewer, uid)
		}
		users[uid] = user
	}
	return users
}

type reactionCount struct {
	Reaction    string `json:"reaction"`
	Count       int    `json:"count"`
	ReactedByMe bool   `json:"reactedByMe,omitempty"`
}

// reactionCounts counts the reactions of each kind, in the order of the first of each.
func (m *Message) reactionCounts(uid string) (counts []reactionCount) {
	for _, r := range m.Reactions {
		i := slices.IndexFunc(counts, func(c reactionCount) bool { return c.Reaction == r.Reaction })
		if i < 0 {
			i, counts = len(counts), append(counts, reactionCount{Reaction: r.Reaction})
		}
		counts[i].Count++
		counts[i].ReactedByMe = counts[i].ReactedByMe || r.UID == uid
	}
	return counts
}

// replies counts the replies to m that uid sees, and those that uid has not read.
func (s *Store) replies(m *Message, uid string) (all, unread int) {
	for _, reply := range m.replies {
		if reply.DeletedAt == 0 && s.CanSee(uid, reply) {
			all++
			if s.Unread(reply, uid) {
				unread++
			}
		}
	}
	return all, unread
}
