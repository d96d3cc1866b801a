package main

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"sync"
	"time"
)

// account is a person who has signed up. The uid is random: nobody can sign up as a CometChat user who exists already.
type account struct {
	name, uid string
	salt      string
	hash      []byte // of the password
}

// session is the login of an account.
type session struct {
	account *account
	expires time.Time
}

const sessionTime = 24 * time.Hour

var rounds = 600_000 // of a password's hash; a variable because tests have no time

var errNameTaken = errors.New("the name is taken")

// accounts keeps accounts and sessions in memory; yours are in your database.
type accounts struct {
	mu       sync.Mutex
	byName   map[string]*account           // guarded by mu
	sessions map[[sha256.Size]byte]session // guarded by mu; by the digest of the session's id, which is a secret
	nobody   *account                      // its password is compared if there is no such account
}

func newAccounts() (*accounts, error) {
	nobody, err := newAccount("", rand.Text())
	return &accounts{byName: map[string]*account{}, sessions: map[[sha256.Size]byte]session{}, nobody: nobody}, err
}

func newAccount(name, password string) (*account, error) {
	a := &account{name: name, uid: strings.ToLower(rand.Text()), salt: rand.Text()}
	var err error
	a.hash, err = a.hashOf(password)
	return a, err
}

// hashOf is slow on purpose: guessing passwords has to be. Limit the attempts of an address, too.
func (a *account) hashOf(password string) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, []byte(a.salt), rounds, sha256.Size)
}

func (s *accounts) signUp(name, password string) (*account, error) {
	a, err := newAccount(name, password)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byName[name] != nil {
		return nil, errNameTaken
	}
	s.byName[name] = a
	return a, nil
}

// check returns nil if the name or the password is wrong. It takes as long for a name that does not exist.
func (s *accounts) check(name, password string) (*account, error) {
	s.mu.Lock()
	a := s.byName[name]
	s.mu.Unlock()
	compared := a
	if a == nil {
		compared = s.nobody
	}
	hash, err := compared.hashOf(password)
	if err != nil || subtle.ConstantTimeCompare(hash, compared.hash) != 1 {
		return nil, err
	}
	return a, nil
}

// open starts a session, and returns its id.
func (s *accounts) open(a *account) (id string) {
	id = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, old := range s.sessions {
		if time.Now().After(old.expires) {
			delete(s.sessions, key)
		}
	}
	s.sessions[sha256.Sum256([]byte(id))] = session{a, time.Now().Add(sessionTime)}
	return id
}

// find returns the account of a session; nil if the session does not exist or has expired.
func (s *accounts) find(id string) *account {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.sessions[sha256.Sum256([]byte(id))]
	if time.Now().After(found.expires) {
		return nil
	}
	return found.account
}
