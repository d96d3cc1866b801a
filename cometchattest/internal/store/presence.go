package store

import "time"

// The values of User.Status.
const (
	Available = "available"
	Offline   = "offline"
)

// Connect counts a new live connection of a user who exists, and makes the user available. It returns the user if this is
// the user's first connection, and nil otherwise.
func (s *Store) Connect(uid string) (online *User) {
	s.changes++
	u := s.users[uid]
	u.Status = Available
	if s.connections[uid]++; s.connections[uid] == 1 {
		return u
	}
	return nil
}

// Disconnect undoes a Connect. It returns the user if this was the last connection, which makes the user offline, and nil
// otherwise.
func (s *Store) Disconnect(uid string, now time.Time) (offline *User) {
	if s.connections[uid]--; s.connections[uid] > 0 {
		return nil
	}
	s.changes++
	delete(s.connections, uid)
	u := s.users[uid]
	u.Status, u.LastActiveAt = Offline, now.Unix()
	return u
}

// Connected reports whether a user has a live connection.
func (s *Store) Connected(uid string) bool { return s.connections[uid] > 0 }

// OnlineUsers returns how many users have a live connection.
func (s *Store) OnlineUsers() int { return len(s.connections) }

// Login makes a user who exists available.
func (s *Store) Login(uid string, now time.Time) {
	s.changes++
	u := s.users[uid]
	u.Status, u.LastActiveAt = Available, now.Unix()
}
