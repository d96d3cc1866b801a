package cometchat

import (
	"context"
	"iter"
	"net/url"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// CreateRole creates a role (POST /v3.0/roles) and returns it as the server stored it. r needs an ID and a Name. An app has at most
// 25 roles. The request is retried only after 429, or when no connection could be made: it must not take effect twice.
//
// It fails before any request with ErrMissingParameters or ErrBadRequest for a role that cannot be used. CometChat documents no error
// for an ID that is taken. [Admin.OnBehalfOf] does not matter to the calls about roles.
func (a *Admin) CreateRole(ctx context.Context, r *Role) (*Role, error) {
	const op = "CreateRole"
	if err := checkNewRole(op, r); err != nil {
		return nil, err
	}
	body := plainRole{ID: r.ID, Name: r.Name, Description: r.Description, Metadata: r.Metadata, Settings: r.Settings}
	return a.roleCall(ctx, rest.Request{Op: op, Method: "POST", Route: "/roles", Body: body, Once: true}, r.ID)
}

// GetRole returns a role (GET /v3.0/roles/{role}).
//
// It fails before any request with ErrMissingParameters or ErrBadRequest for a role that cannot be used. It fails with
// ErrRoleNotFound when there is no such role.
func (a *Admin) GetRole(ctx context.Context, role string) (*Role, error) {
	const op = "GetRole"
	if err := checkRoleID(op, role); err != nil {
		return nil, err
	}
	return a.roleCall(ctx, rest.Request{Op: op, Method: "GET", Route: roleRoute, Vars: roleVars(role)}, role)
}

// UpdateRole changes a role (PUT /v3.0/roles/{role}) and returns it as the server stored it. Nothing but the fields that are set in
// update goes out.
//
// It fails as [Admin.GetRole] does, and before any request with ErrMissingParameters or ErrBadRequest for an update that changes
// nothing or cannot be used.
func (a *Admin) UpdateRole(ctx context.Context, role string, update RoleUpdate) (*Role, error) {
	const op = "UpdateRole"
	if err := checkRoleID(op, role); err != nil {
		return nil, err
	}
	body, err := update.body(op)
	if err != nil {
		return nil, err
	}
	return a.roleCall(ctx, rest.Request{Op: op, Method: "PUT", Route: roleRoute, Vars: roleVars(role), Body: body}, role)
}

// DeleteRole deletes a role (DELETE /v3.0/roles/{role}).
//
// It fails as [Admin.GetRole] does, with ErrRoleNotFound also when the answer to a first attempt was lost, and a retry found the role
// deleted. It fails with ErrNotPermitted for the role "default".
func (a *Admin) DeleteRole(ctx context.Context, role string) error {
	const op = "DeleteRole"
	if err := checkRoleID(op, role); err != nil {
		return err
	}
	return a.carryOut(ctx, rest.Request{Op: op, Method: "DELETE", Route: roleRoute, Vars: roleVars(role)})
}

// ListRoles lists all roles of the app (GET /v3.0/roles). It requests a page of 100 when the loop needs it. An error ends the list,
// and comes once.
//
//	for role, err := range admin.ListRoles(ctx) {
func (a *Admin) ListRoles(ctx context.Context) iter.Seq2[*Role, error] {
	return adminAll(ctx, func() (*adminList[wireRole, Role], error) {
		const op = "ListRoles"
		q := url.Values{}
		if err := serverPerPage(op, q, 0); err != nil {
			return nil, err
		}
		return newAdminList(a, rest.Request{Op: op, Method: "GET", Route: "/roles", Query: q},
			func(w *wireRole) string { return roleFlaw(w.ID, "") }, (*wireRole).role), nil
	})
}

const roleRoute = "/roles/{role}"

func roleVars(role string) map[string]string { return map[string]string{"role": role} }

// roleCall makes a call whose answer is the role.
func (a *Admin) roleCall(ctx context.Context, req rest.Request, role string) (*Role, error) {
	w, err := adminCall(ctx, a, req, func(w *wireRole) string { return roleFlaw(w.ID, role) })
	if err != nil {
		return nil, err
	}
	return w.role(), nil
}
