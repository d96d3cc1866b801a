package cometchattest

import "github.com/cometchat-go/cometchat/cometchattest/internal/store"

// blocker finds the user whose blocked users a call is about: the user in its path, or the user whose token it carries.
func (s *Server) blocker(c *call) (*store.User, error) {
	if c.token != nil {
		return s.store.User(c.token.UID), nil
	}
	return s.userInPath(c)
}

func (s *Server) blockUsers(c *call) (*envelope, error) {
	return s.changeBlocked(c, func(uid, other string) string {
		s.store.Block(uid, other, c.now)
		return "The user with UID " + other + " has been blocked successfully."
	})
}

func (s *Server) unblockUsers(c *call) (*envelope, error) {
	return s.changeBlocked(c, func(uid, other string) string {
		s.store.Unblock(uid, other)
		return "The user with UID " + other + " has been unblocked successfully."
	})
}

func (s *Server) changeBlocked(c *call, change func(uid, other string) string) (*envelope, error) {
	u, err := s.blocker(c)
	if err != nil {
		return nil, err
	}
	uids, err := c.decodeUIDs("blockedUids")
	if err != nil {
		return nil, err
	}
	return data(s.relate(u, uids, "ERR_CANNOT_BLOCK_SELF", func(other string) string { return change(u.UID, other) })), nil
}

func (s *Server) listBlocked(c *call) (*envelope, error) {
	u, err := s.blocker(c)
	if err != nil {
		return nil, err
	}
	q := newQuery(c.r)
	found, direction := searchFilter(q), "both"
	for _, word := range q.words("direction", "both", "blockedByMe", "hasBlockedMe") {
		direction = word
	}
	return s.listRelated(q, u.UID, func(other *store.User) bool {
		byMe := direction != "hasBlockedMe" && s.store.BlockedAt(u.UID, other.UID) != 0
		byThem := direction != "blockedByMe" && s.store.BlockedAt(other.UID, u.UID) != 0
		return (byMe || byThem) && found(other)
	})
}
