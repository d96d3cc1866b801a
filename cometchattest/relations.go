package cometchattest

import (
	"errors"
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// seenUser is a user as another user sees it.
type seenUser struct {
	*store.User
	Tags           []string `json:"tags,omitempty"` // takes the place of the User's, as some lists leave tags out
	ConversationID string   `json:"conversationId,omitempty"`
	BlockedByMe    bool     `json:"blockedByMe,omitempty"`
	BlockedByMeAt  int64    `json:"blockedByMeAt,omitempty"`
	HasBlockedMe   bool     `json:"hasBlockedMe,omitempty"`
	BlockedAt      int64    `json:"blockedAt,omitempty"`
}

// seenBy returns u as the user with the uid viewer sees it. A viewer of "" is a server, which has no relation to u.
func (s *Server) seenBy(viewer string, u *store.User) seenUser {
	if viewer == "" {
		return seenUser{User: u, Tags: u.Tags}
	}
	byMe, byThem := s.store.BlockedAt(viewer, u.UID), s.store.BlockedAt(u.UID, viewer)
	return seenUser{
		User: u, Tags: u.Tags, ConversationID: store.ConversationID(viewer, u.UID),
		BlockedByMe: byMe != 0, BlockedByMeAt: byMe, HasBlockedMe: byThem != 0, BlockedAt: max(byMe, byThem),
	}
}

// listSeen answers with the page of users that the query asks for, as the viewer sees them.
func (s *Server) listSeen(q *query, viewer string, all []*store.User, withTags bool) (*envelope, error) {
	users, meta := page(q, all)
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	items := make([]seenUser, len(users))
	for i, u := range users {
		if items[i] = s.seenBy(viewer, u); !withTags {
			items[i].Tags = nil
		}
	}
	return &envelope{Data: items, Meta: meta, Cursor: newestChange(users)}, nil
}

// listRelated lists active users as the viewer sees them. The cursor of these lists is inside of meta.
func (s *Server) listRelated(q *query, viewer string, matches func(*store.User) bool) (*envelope, error) {
	all := s.store.Users(func(u *store.User) bool { return u.DeactivatedAt == 0 && matches(u) })
	answer, err := s.listSeen(q, viewer, all, true)
	if err != nil {
		return nil, err
	}
	answer.Meta.Cursor, answer.Cursor = answer.Cursor, nil
	return answer, nil
}

// uidResult is the part of an answer that is about one uid of many.
type uidResult struct {
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
	Data    any    `json:"data,omitempty"`
	Error   any    `json:"error,omitempty"`
}

// newResult is the result of an item: its data, or why it was refused.
func newResult(data any, err error) uidResult {
	if refused, ok := errors.AsType[*apiError](err); ok {
		return uidResult{Error: map[string]string{"code": refused.code, "message": refused.message}}
	}
	return uidResult{Success: true, Data: data}
}

// relate calls do with each other user of uids and returns a result for each uid; do returns a message. An error for one uid
// does not stop the rest. selfCode is the error's code if u itself is among the uids.
func (s *Server) relate(u *store.User, uids []string, selfCode string, do func(other string) string) map[string]uidResult {
	results := map[string]uidResult{}
	for _, uid := range uids {
		_, err := s.findUser(uid)
		if uid == u.UID {
			err = refuse(http.StatusBadRequest, selfCode, "The user %s cannot do this to itself.", uid)
		}
		if err != nil {
			results[uid] = newResult(nil, err)
			continue
		}
		results[uid] = uidResult{Success: true, Message: do(uid)}
	}
	return results
}
