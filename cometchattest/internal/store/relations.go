package store

import "time"

// Befriend makes two users friends of each other.
func (s *Store) Befriend(uid, other string) {
	s.changes++
	for a, b := range map[string]string{uid: other, other: uid} {
		if s.friends[a] == nil {
			s.friends[a] = map[string]bool{}
		}
		s.friends[a][b] = true
	}
}

// Unfriend undoes Befriend.
func (s *Store) Unfriend(uid, other string) {
	s.changes++
	delete(s.friends[uid], other)
	delete(s.friends[other], uid)
}

// Friends reports whether two users are friends.
func (s *Store) Friends(uid, other string) bool { return s.friends[uid][other] }

// Block records that the user uid blocks the user other from now on.
func (s *Store) Block(uid, other string, now time.Time) {
	s.changes++
	if s.blocked[uid] == nil {
		s.blocked[uid] = map[string]int64{}
	}
	s.blocked[uid][other] = max(now.Unix(), 1) // 0 means not blocked
}

// Unblock undoes Block.
func (s *Store) Unblock(uid, other string) {
	s.changes++
	delete(s.blocked[uid], other)
}

// BlockedAt returns when the user uid blocked the user other, in Unix seconds, or 0.
func (s *Store) BlockedAt(uid, other string) int64 { return s.blocked[uid][other] }

// EitherBlocked reports whether one of two users has blocked the other.
func (s *Store) EitherBlocked(uid, other string) bool {
	return s.blocked[uid][other] != 0 || s.blocked[other][uid] != 0
}

func (s *Store) removeRelations(uid string) {
	for other := range s.friends[uid] {
		delete(s.friends[other], uid)
	}
	delete(s.friends, uid)
	for _, blocked := range s.blocked {
		delete(blocked, uid)
	}
	delete(s.blocked, uid)
}
