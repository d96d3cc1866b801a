package cometchattest

import "github.com/cometchat-go/cometchat/cometchattest/internal/store"

func (s *Server) blockUsers(c *call, u *store.User) (*envelope, error) {
	return s.changeBlocked(c, u, "user_blocked", func(other string) string {
		s.store.Block(u.UID, other, c.now)
		return "The user with UID " + other + " has been blocked successfully."
	})
}

func (s *Server) unblockUsers(c *call, u *store.User) (*envelope, error) {
	return s.changeBlocked(c, u, "user_unblocked", func(other string) string {
		s.store.Unblock(u.UID, other)
		return "The user with UID " + other + " has been unblocked successfully."
	})
}

// changeBlocked calls change with each uid of the body, and reports the change to the webhooks with this trigger.
func (s *Server) changeBlocked(c *call, u *store.User, trigger string, change func(other string) string) (*envelope, error) {
	uids, err := c.decodeUIDs("blockedUids")
	if err != nil {
		return nil, err
	}
	results := s.relate(u, uids, "ERR_CANNOT_BLOCK_SELF", change)
	s.reportBlocked(trigger, u.UID, results)
	return data(results), nil
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
