package cometchattest

import (
	"net/http"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// findUser finds an active user by a uid in any case.
func (s *Server) findUser(uid string) (*store.User, error) {
	if u := s.activeUser(uid); u != nil {
		return u, nil
	}
	return nil, refuse(http.StatusNotFound, "ERR_UID_NOT_FOUND",
		"The UID %s does not exist, please make sure you have created a user with this UID.", uid)
}

// handler answers a call that is authorized.
type handler = func(*Server, *call) (*envelope, error)

// ofUser adapts a handler of a call that is about one user: the user in its path, or the user whose token it carries.
func ofUser(answer func(*Server, *call, *store.User) (*envelope, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		uid := c.r.PathValue("uid")
		if c.token != nil && uid == "" {
			uid = c.token.UID
		}
		u, err := s.findUser(uid)
		if err != nil {
			return nil, err
		}
		return answer(s, c, u)
	}
}

// ofPeer adapts a handler of a call about what the viewer has with a user, or with the app, which is no user of the store.
func ofPeer(answer func(*Server, *call, *store.User) (*envelope, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		if strings.EqualFold(c.r.PathValue("uid"), store.System) {
			return answer(s, c, s.userOrGone(store.System))
		}
		return ofUser(answer)(s, c)
	}
}

// caller returns the uid of the user who makes a request, or on whose behalf a server makes it, or "" if there is none. The
// caller holds s.mu.
func (s *Server) caller(r *http.Request) string {
	if t := s.store.Token(r.Header.Get("authtoken")); t != nil {
		return t.UID
	}
	if t := s.tokenOfJWT(r.Header.Get("Authorization"), s.time()); t != nil {
		return t.UID
	}
	if u := s.activeUser(r.Header.Get("onBehalfOf")); u != nil {
		return u.UID
	}
	return ""
}

// viewer returns the uid of the user who makes the call, or on whose behalf a server makes it, or "".
func (s *Server) viewer(c *call) (uid string, err error) {
	if c.token != nil {
		return c.token.UID, nil
	}
	if uid = c.r.Header.Get("onBehalfOf"); uid == "" {
		return "", nil
	}
	u, err := s.findUser(uid)
	if err != nil {
		return "", err
	}
	return u.UID, nil
}

// findMessage finds a message by its id.
func (s *Server) findMessage(id string) (*store.Message, error) {
	if m := s.store.Message(id); m != nil {
		return m, nil
	}
	return nil, refuse(http.StatusNotFound, "ERR_MESSAGE_ID_NOT_FOUND", "The message %s does not exist.", id)
}

// checkSeen refuses a user who is not in the conversation of a message. The uid "" is a server.
func (s *Server) checkSeen(m *store.Message, uid string) error {
	if s.store.CanSee(uid, m) {
		return nil
	}
	return refuse(http.StatusForbidden, "ERR_MESSAGE_NO_ACCESS", "The user %s has no access to the message %s.", uid, m.ID)
}

// ofMessage adapts a handler of a call about the message in its path. uid is the user who makes the call, or on whose behalf a
// server makes it, and "" if the server names no user.
func ofMessage(answer func(s *Server, c *call, m *store.Message, uid string) (*envelope, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		uid, err := s.viewer(c)
		if err != nil {
			return nil, err
		}
		m, err := s.findMessage(c.r.PathValue("id"))
		if err == nil {
			err = s.checkSeen(m, uid)
		}
		if err != nil {
			return nil, err
		}
		return answer(s, c, m, uid)
	}
}

// byUser adapts a handler of a call about the message in its path, which only a user makes.
func byUser(answer func(s *Server, c *call, m *store.Message, uid string) (*envelope, error)) handler {
	return ofMessage(func(s *Server, c *call, m *store.Message, uid string) (*envelope, error) {
		if uid == "" {
			return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The onBehalfOf header has to say which user makes the call.")
		}
		return answer(s, c, m, uid)
	})
}
