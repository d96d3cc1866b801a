package cometchattest

import (
	"bytes"
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

func (s *Server) createToken(c *call, u *store.User) (*envelope, error) {
	var f struct {
		Force bool `json:"force"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	return data(s.newToken(u.UID)), nil
}

// listedToken is a token in a list.
type listedToken struct {
	*store.Token
	store.Device
}

func (s *Server) listTokens(c *call, u *store.User) (*envelope, error) {
	q := newQuery(c.r)
	tokens, meta := page(q, s.store.Tokens(u.UID))
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	items := make([]listedToken, len(tokens))
	for i, t := range tokens {
		items[i] = listedToken{t, t.Device}
	}
	return &envelope{Data: items, Meta: meta}, nil
}

func (s *Server) flushTokens(_ *call, u *store.User) (*envelope, error) {
	s.revokeTokens(u.UID)
	return success("Cleared Auth Tokens successfully for uid %s.", u.UID), nil
}

// tokenInPath finds the token that the path names. It has to belong to u.
func (s *Server) tokenInPath(c *call, u *store.User) (*store.Token, error) {
	value := c.r.PathValue("authToken")
	switch t := s.store.Token(value); {
	case t == nil:
		return nil, refuse(http.StatusNotFound, "ERR_AUTH_TOKEN_NOT_FOUND", "The auth token %s does not exist.", value)
	case t.UID != u.UID:
		return nil, refuse(http.StatusForbidden, "ERR_AUTHTOKEN_NOT_ACCESSIBLE", "The auth token %s belongs to another user.", value)
	default:
		return t, nil
	}
}

func (s *Server) getToken(c *call, u *store.User) (*envelope, error) {
	t, err := s.tokenInPath(c, u)
	return data(t), err
}

func (s *Server) updateToken(c *call, u *store.User) (*envelope, error) {
	t, err := s.tokenInPath(c, u)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is missing.")
	}
	var f store.DeviceFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	if err := refuseFields(f.Check()); err != nil {
		return nil, err
	}
	s.store.UpdateDevice(t, &f)
	return data(t), nil
}

func (s *Server) deleteToken(c *call, u *store.User) (*envelope, error) {
	t, err := s.tokenInPath(c, u)
	if err != nil {
		return nil, err
	}
	s.store.RevokeToken(t)
	s.endConnections([]*store.Token{t}, tokenRevoked)
	return success("The auth token of uid %s has been deleted successfully.", t.UID), nil
}
