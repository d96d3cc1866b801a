package cometchat

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// userCall makes a call whose answer is the user wantUID.
func (a *Admin) userCall(ctx context.Context, req rest.Request, wantUID string) (*User, error) {
	w, err := adminCall(ctx, a, req, func(w *wireUser) string { return answerFlaw(w.UID, wantUID, "", "") })
	if err != nil {
		return nil, err
	}
	return w.user(), nil
}

// newUser is the body of a request that creates a user.
type newUser struct {
	wireUser
	WithAuthToken bool `json:"withAuthToken,omitempty"`
}

// createdUser is the answer to a request that creates a user.
type createdUser struct {
	wireUser
	AuthToken string `json:"authToken"`
}

// CreateUser creates a user (POST /v3.0/users) and returns the user as the server stored it. u needs a UID and a Name.
//
// It fails with ErrUIDAlreadyExists when there is such a user, active or not. The request is retried only after 429, or when
// no connection could be made: it must not take effect twice.
func (a *Admin) CreateUser(ctx context.Context, u *User) (*User, error) {
	created, _, err := a.createUser(ctx, rest.Request{Op: "CreateUser", Once: true}, u, false)
	return created, err
}

// CreateUserWithAuthToken does what CreateUser does, and also returns an auth token of the new user (POST /v3.0/users with
// withAuthToken).
func (a *Admin) CreateUserWithAuthToken(ctx context.Context, u *User) (created *User, authToken string, err error) {
	return a.createUser(ctx, rest.Request{Op: "CreateUserWithAuthToken", Once: true}, u, true)
}

// createUser creates a user. req says for which method, and whether the request may be retried.
func (a *Admin) createUser(ctx context.Context, req rest.Request, u *User, withAuthToken bool) (*User, string, error) {
	if err := checkNewUser(req.Op, u); err != nil {
		return nil, "", err
	}
	req.Method, req.Route, req.Body = "POST", "/users", newUser{u.settable(), withAuthToken}
	created, err := adminCall(ctx, a, req, func(c *createdUser) string {
		if withAuthToken && c.AuthToken == "" {
			return "the server's answer has no auth token"
		}
		return answerFlaw(c.UID, u.UID, c.AuthToken, "")
	})
	if err != nil {
		return nil, "", err
	}
	return created.user(), created.AuthToken, nil
}

// GetUser returns the user with this uid (GET /v3.0/users/{uid}).
//
// It fails with ErrUIDNotFound when the user, or the user of OnBehalfOf, does not exist or is deactivated.
func (a *Admin) GetUser(ctx context.Context, uid string) (*User, error) {
	const op = "GetUser"
	if a == nil || a.onBehalfOf == "" {
		return a.getUser(ctx, op, uid, "")
	}
	if err := checkUID(op, a.onBehalfOf); err != nil {
		return nil, err
	}
	return a.getUser(ctx, op, uid, a.onBehalfOf)
}

func (a *Admin) getUser(ctx context.Context, op, uid, onBehalfOf string) (*User, error) {
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	return a.userCall(ctx, rest.Request{Op: op, Method: "GET", Route: "/users/{uid}", UID: uid, OnBehalfOf: onBehalfOf}, uid)
}

// UserUpdate says what to change of a user. A nil field changes nothing. A field that is set and empty removes the value:
//
//	UserUpdate{Name: new("Ada"), Avatar: new(""), Tags: []string{}} // renames; removes the avatar and all tags
//
// The limits are those of [User].
type UserUpdate struct {
	// Name cannot be removed.
	Name *string
	// Avatar and Link are URLs.
	Avatar, Link *string
	// Role is the id of a role that exists; it cannot be removed.
	Role          *string
	StatusMessage *string
	// Metadata is a JSON object; if it is empty, or null, all metadata is removed. Whether the server keeps fields of the old
	// metadata that the new metadata lacks is not documented.
	Metadata json.RawMessage
	Tags     []string
}

// userChange is the body of a request that updates a user.
type userChange struct {
	Name          *string         `json:"name,omitempty"`
	Avatar        *string         `json:"avatar,omitempty"`
	Link          *string         `json:"link,omitempty"`
	Role          *string         `json:"role,omitempty"`
	StatusMessage *string         `json:"statusMessage,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	Tags          *[]string       `json:"tags,omitempty"`
	Unset         []string        `json:"unset,omitempty"`
}

// body checks the update and makes the request's body of it. The API removes some fields only by their name in "unset".
func (up UserUpdate) body(op string) (*userChange, error) {
	change := &userChange{Name: up.Name, Role: up.Role, StatusMessage: up.StatusMessage}
	for _, required := range []struct {
		name  string
		value *string
	}{{"name", up.Name}, {"role", up.Role}} {
		if required.value != nil && strings.TrimSpace(*required.value) == "" {
			return nil, newError(op, ErrMissingParameters, "the user's %s cannot be removed", required.name)
		}
	}
	for _, link := range []struct {
		name  string
		value *string
		to    **string
	}{{"avatar", up.Avatar, &change.Avatar}, {"link", up.Link, &change.Link}} {
		if link.value != nil && *link.value == "" {
			change.Unset = append(change.Unset, link.name)
		} else {
			*link.to = link.value
		}
	}
	if up.Metadata != nil {
		if isNoJSON(up.Metadata) {
			change.Unset = append(change.Unset, "metadata")
		} else {
			change.Metadata = up.Metadata
		}
	}
	if up.Tags != nil {
		change.Tags = &up.Tags
	}
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	return change, checkUserFields(op, &User{
		Name: text(up.Name), Avatar: text(up.Avatar), Link: text(up.Link), Role: text(up.Role), Tags: up.Tags,
		Metadata: change.Metadata,
	})
}

// UpdateUser changes a user (PUT /v3.0/users/{uid}) and returns the user as the server stored it.
//
// It fails with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) UpdateUser(ctx context.Context, uid string, update UserUpdate) (*User, error) {
	return a.updateUser(ctx, "UpdateUser", uid, update)
}

func (a *Admin) updateUser(ctx context.Context, op, uid string, update UserUpdate) (*User, error) {
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	body, err := update.body(op)
	if err != nil {
		return nil, err
	}
	return a.userCall(ctx, rest.Request{Op: op, Method: "PUT", Route: "/users/{uid}", UID: uid, Body: body}, uid)
}

// DeleteUser deactivates a user (DELETE /v3.0/users/{uid}): until ReactivateUsers the user cannot log in, and is not found.
//
// It fails with ErrUIDNotFound when there is no such user.
func (a *Admin) DeleteUser(ctx context.Context, uid string) error {
	return a.deleteUser(ctx, "DeleteUser", uid, false)
}

// DeleteUserPermanently removes a user with all messages and conversations (DELETE /v3.0/users/{uid} with permanent). It
// cannot be undone.
//
// It fails with ErrUIDNotFound when there is no such user.
func (a *Admin) DeleteUserPermanently(ctx context.Context, uid string) error {
	return a.deleteUser(ctx, "DeleteUserPermanently", uid, true)
}

func (a *Admin) deleteUser(ctx context.Context, op, uid string, permanent bool) error {
	if err := checkUID(op, uid); err != nil {
		return err
	}
	return a.carryOut(ctx, rest.Request{
		Op: op, Method: "DELETE", Route: "/users/{uid}", UID: uid, Body: map[string]bool{"permanent": permanent},
	})
}

// DeactivateUsers deactivates users (DELETE /v3.0/users, with as many users in a request as the API's limit of 10 KB allows),
// and returns the uids that the server says it has deactivated. When a request fails, it returns the uids of the requests
// before, and the error.
func (a *Admin) DeactivateUsers(ctx context.Context, uids []string) ([]string, error) {
	return a.activation(ctx, "DeactivateUsers", "DELETE", "uidsToDeactivate", uids, func(answer activationAnswer) []string {
		return answer.Deactivated
	})
}

// activationAnswer is the answer to both requests.
type activationAnswer struct {
	Deactivated    []string `json:"deactivatedUids"`
	NonDeactivated []string `json:"nonDeactivatedUids"`
}

// ReactivateUsers activates deactivated users again (PUT /v3.0/users, with as many users in a request as the API's limit of
// 10 KB allows), and returns the uids that the server lists as not deactivated. When a request fails, it returns the uids of
// the requests before, and the error.
func (a *Admin) ReactivateUsers(ctx context.Context, uids []string) ([]string, error) {
	return a.activation(ctx, "ReactivateUsers", "PUT", "uidsToActivate", uids, func(answer activationAnswer) []string {
		return answer.NonDeactivated
	})
}

func (a *Admin) activation(ctx context.Context, op, method, field string, uids []string,
	changed func(activationAnswer) []string,
) ([]string, error) {
	if err := checkUIDs(op, uids); err != nil {
		return nil, err
	}
	var done []string
	for batch := range uidBatches(field, uids) {
		answer, err := adminCall[activationAnswer](ctx, a, rest.Request{
			Op: op, Method: method, Route: "/users", Body: map[string][]string{field: batch},
		}, nil)
		if err != nil {
			return done, err
		}
		done = append(done, changed(*answer)...)
	}
	return done, nil
}
