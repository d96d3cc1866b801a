package cometchattest

import (
	"net/http"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// ofRole adapts a handler of a call about the role in its path.
func ofRole(answer func(s *Server, c *call, r *store.Role) (*envelope, error)) handler {
	return func(s *Server, c *call) (*envelope, error) {
		id := c.r.PathValue("role")
		r := s.store.Role(strings.ToLower(id))
		if r == nil {
			return nil, refuse(http.StatusNotFound, "ERR_ROLE_NOT_FOUND", "The role %s does not exist.", id)
		}
		return answer(s, c, r)
	}
}

// decodeRole reads the body as the fields of a role.
func (c *call) decodeRole(creation bool) (*store.RoleFields, error) {
	var f store.RoleFields
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	return &f, refuseFields(f.Check(creation))
}

func (s *Server) createRole(c *call) (*envelope, error) {
	f, err := c.decodeRole(true)
	if err != nil {
		return nil, err
	}
	if s.store.Role(strings.ToLower(*f.Role)) != nil {
		return nil, refuseFields(store.FieldErrors{"role": {"The role has already been taken."}})
	}
	return data(s.store.CreateRole(f, c.now)), nil
}

func (s *Server) listRoles(c *call) (*envelope, error) {
	q := newQuery(c.r)
	rows, meta := page(q, s.store.Roles())
	if err := refuseFields(q.errs); err != nil {
		return nil, err
	}
	return &envelope{Data: rows, Meta: meta}, nil
}

func (s *Server) getRole(_ *call, r *store.Role) (*envelope, error) { return data(r), nil }

func (s *Server) updateRole(c *call, r *store.Role) (*envelope, error) {
	f, err := c.decodeRole(false)
	if err != nil {
		return nil, err
	}
	s.store.UpdateRole(r.Role, f, c.now)
	return data(s.store.Role(r.Role)), nil
}

func (s *Server) deleteRole(_ *call, r *store.Role) (*envelope, error) {
	if r.Role == store.DefaultRole {
		return nil, refuse(http.StatusForbidden, "ERR_ROLE_DELETE_DENIED", "The default role cannot be deleted.")
	}
	s.store.RemoveRole(r.Role)
	return success("Role %s has been deleted successfully.", r.Role), nil
}
