// Package store holds what the emulator knows: users, their relations and their presence, auth tokens, roles, groups, messages and
// conversations, and the key that signs jwts. Each subject has a file.
//
// It is plain data, without HTTP, live connections or a lock: the server holds its own lock around every call. Every uid and guid in
// it, and each that a caller passes, is in lower case. A method that changes something returns what the server has to
// pass on to live connections, such as the tokens that ended or the user who went offline.
//
// A *User or *Token that a method returns is the store's own: a caller reads it, and only while it holds the lock.
package store

import (
	"crypto/rand"
	"encoding/hex"
)

// Store is what one emulated app knows. It is not safe for concurrent use.
type Store struct {
	// JWTKey signs the jwts. It is saved, so that a jwt outlives a restart.
	JWTKey []byte
	// Keep is how many messages are kept. The oldest go first.
	Keep int

	roles         map[string]*Role // nil: every role exists
	users         map[string]*User
	created       int            // how many users were ever added
	connections   map[string]int // live connections, by uid
	tokens        map[string]*Token
	tokensOf      map[string][]*Token // by uid, oldest first
	friends       map[string]map[string]bool
	blocked       map[string]map[string]int64 // by the uid of the user who blocks: the blocked uids, and since when
	messages      int                         // how many were ever sent
	log           []*Message                  // all that are kept, in the order of their ids
	conversations map[string]*Conversation
	reactions     int // how many were ever added
	groups        map[string]*Group
	createdGroups int // how many groups were ever added
	changes       uint64
}

// New returns an empty store with a random JWTKey, in which every role exists.
func New() *Store {
	return &Store{
		JWTKey: []byte(rand.Text()), Keep: 100_000, conversations: map[string]*Conversation{}, users: map[string]*User{}, groups: map[string]*Group{}, connections: map[string]int{},
		tokens: map[string]*Token{}, tokensOf: map[string][]*Token{},
		friends: map[string]map[string]bool{}, blocked: map[string]map[string]int64{},
	}
}

// Changes returns a number that grows with each change of what Save writes.
func (s *Store) Changes() uint64 { return s.changes }

// RandomHex returns random hexadecimal digits, as many as the argument says, which has to be even.
func RandomHex(digits int) string {
	b := make([]byte, digits/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
