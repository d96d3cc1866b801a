package cometchattest

import "time"

// relations are who is whose friend, and who has blocked whom and when, by lower-case uid. They need the server's lock.
type relations struct {
	friends map[string]map[string]bool
	blocked map[string]map[string]int64 // by the one who blocks
}

func newRelations() relations {
	return relations{map[string]map[string]bool{}, map[string]map[string]int64{}}
}

func (r relations) befriend(uid, other string) {
	for a, b := range map[string]string{uid: other, other: uid} {
		if r.friends[a] == nil {
			r.friends[a] = map[string]bool{}
		}
		r.friends[a][b] = true
	}
}

func (r relations) unfriend(uid, other string) {
	delete(r.friends[uid], other)
	delete(r.friends[other], uid)
}

func (r relations) block(uid, other string, now time.Time) {
	if r.blocked[uid] == nil {
		r.blocked[uid] = map[string]int64{}
	}
	r.blocked[uid][other] = max(now.Unix(), 1) // 0 is not blocked
}

// strangers tells whether one of two users has blocked the other.
func (r relations) strangers(uid, other string) bool {
	return r.blocked[uid][other] != 0 || r.blocked[other][uid] != 0
}

// forget drops what there is about a user.
func (r relations) forget(uid string) {
	for other := range r.friends[uid] {
		delete(r.friends[other], uid)
	}
	delete(r.friends, uid)
	for _, blocked := range r.blocked {
		delete(blocked, uid)
	}
	delete(r.blocked, uid)
}

// seenUser is a user as another one sees it.
type seenUser struct {
	*user
	ConversationID string `json:"conversationId,omitempty"`
	BlockedByMe    bool   `json:"blockedByMe,omitempty"`
	BlockedByMeAt  int64  `json:"blockedByMeAt,omitempty"`
	HasBlockedMe   bool   `json:"hasBlockedMe,omitempty"`
	BlockedAt      int64  `json:"blockedAt,omitempty"`
}

// seen is a user as the viewer, a lower-case uid, sees it; to nobody ("") there is nothing between them.
func (s *Server) seen(u *user, viewer string) seenUser {
	if viewer == "" {
		return seenUser{user: u}
	}
	byMe, byThem := s.relations.blocked[viewer][u.UID], s.relations.blocked[u.UID][viewer]
	return seenUser{
		user: u, ConversationID: conversation(viewer, u.UID),
		BlockedByMe: byMe != 0, BlockedByMeAt: byMe, HasBlockedMe: byThem != 0, BlockedAt: max(byMe, byThem),
	}
}

// conversation is the id of the conversation of two users.
func conversation(uid, other string) string { return min(uid, other) + "_user_" + max(uid, other) }
