package cometchattest

import "github.com/cometchat-go/cometchat/cometchattest/internal/store"

func (s *Server) blockUsers(c *call, u *store.User) (*envelope, error) {
	return s.changeBlocked(c, u, func(other string) string {
		s.store.Block(u.UID, other, c.now)
		return "The user with UID " + other + " has been blocked successfully."
	})
}

func (s *Server) unblockUsers(c *call, u *store.User) (*envelope, error) {
	return s.changeBlocked(c, u, func(other string) string {
		s.store.Unblock(u.UID, other)
		return "The user with UID " + other + " has been unblocked successfully."
	})
}

func (s *Server) changeBlocked(c *call, u *store.User, change func(other string) string) (*envelope, error) {
	uids, err := c.decodeUIDs("blockedUids")
	if err != nil {
		return nil, err
	}
	return data(s.relate(u, uids, "ERR_CANNOT_BLOCK_SELF", change)), nil
}

func (s *Server) listBlocked(c *call, u *store.User) (*envelope, error) {
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
