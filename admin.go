package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Admin is the server's half of CometChat: with a REST API key it creates users and makes and revokes their auth tokens.
// Such a key can do everything, so it belongs on your server and nowhere else.
//
// Make it with [NewAdmin], share it, and Close it at the end. All its methods may be called from any number of goroutines.
// Every call ends: with its context, or else after the timeout (see [WithTimeout]).
//
// Beside the errors that a method names, each may fail with ErrAPIKeyNotFound, ErrNoAccess, ErrInvalidAppID or
// ErrTooManyRequests, when the server refuses; with ErrMissingParameters, ErrInvalidUID or ErrBadRequest, before any
// request, for an argument that cannot be used; and with ErrClosed after Close.
type Admin struct {
	calls      *lifecycle
	rest       *restClient
	key        func() credential // a function, as fmt would print what a pointer points to
	onBehalfOf string
	caches     *tokenCaches
}

// NewAdmin returns an Admin for the app with this id. It makes no request. Of the options, WithRegion (or WithAdminHost
// instead) is required, and WithSessionStore is refused.
//
// It fails as [New] does, and with ErrMissingParameters or ErrBadRequest for an API key that cannot be used.
func NewAdmin(appID, apiKey string, opts ...Option) (*Admin, error) {
	const op = "NewAdmin"
	if err := checkSecret(op, "API key", apiKey, maxKeyLength); err != nil {
		return nil, err
	}
	cfg, err := newConfig(op, appID, opts, false)
	if err != nil {
		return nil, err
	}
	return &Admin{
		calls: newLifecycle(cfg.timeout), rest: newRESTClient(cfg),
		key:    func() credential { return credential{apiKeyHeader, apiKey} },
		caches: &tokenCaches{},
	}, nil
}

// Close ends what is running, whose callers get ErrClosed, and releases the connections. Further calls fail with
// ErrClosed. The error is always nil.
func (a *Admin) Close() error {
	if a.lifecycle().close() {
		a.rest.closeIdle()
	}
	return nil
}

// Format says what it is for every verb, and shows nothing of the key.
func (a *Admin) Format(s fmt.State, verb rune) { formatText(s, verb, "admin of a CometChat app") }

// RateLimit returns what the newest answer that spoke of the app's rate limit said; ok is false before the first. It makes
// no request.
func (a *Admin) RateLimit() (limit RateLimit, ok bool) {
	if a.lifecycle() == nil {
		return RateLimit{}, false
	}
	return a.rest.lastRateLimit()
}

// OnBehalfOf returns an Admin that acts as the user uid where the API takes that (the onBehalfOf header): in GetUser, whose
// answer then has what is between the two users, as in BlockedByMe; an empty uid is nobody. It shares everything with a,
// which stays as it is.
func (a *Admin) OnBehalfOf(uid string) *Admin {
	if a == nil {
		return nil
	}
	other := *a
	other.onBehalfOf = uid
	return &other
}

// lifecycle is nil for an admin that nobody made.
func (a *Admin) lifecycle() *lifecycle {
	if a == nil {
		return nil
	}
	return a.calls
}

// adminCall makes a call with the key.
func adminCall[T any](ctx context.Context, a *Admin, req request, flaw func(*T) string) (data *T, err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.op)
	if err != nil {
		return nil, err
	}
	defer func() { err = end(err) }()
	req.credential = a.key()
	return send(ctx, a.rest, req, flaw)
}

// userCall makes a call whose answer is the user wantUID.
func (a *Admin) userCall(ctx context.Context, req request, wantUID string) (*User, error) {
	w, err := adminCall(ctx, a, req, func(w *wireUser) string { return answerFlaw(w.UID, wantUID, "") })
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

// CreateUser creates a user (POST /v3.0/users) and returns it as the server stored it. u needs a UID and a Name; the
// fields marked as never sent are not sent.
//
// It fails with ErrUIDAlreadyExists when there is such a user, active or not. Once the request was written it is made
// again only if the server answers 429, for it must not create a user twice.
func (a *Admin) CreateUser(ctx context.Context, u *User) (*User, error) {
	created, _, err := a.createUser(ctx, "CreateUser", u, false)
	return created, err
}

// CreateUserWithAuthToken is CreateUser, and returns an auth token of the new user too (POST /v3.0/users with
// withAuthToken).
func (a *Admin) CreateUserWithAuthToken(ctx context.Context, u *User) (created *User, authToken string, err error) {
	return a.createUser(ctx, "CreateUserWithAuthToken", u, true)
}

func (a *Admin) createUser(ctx context.Context, op string, u *User, withAuthToken bool) (*User, string, error) {
	if err := checkNewUser(op, u); err != nil {
		return nil, "", err
	}
	m, err := adminCall(ctx, a, request{
		op: op, method: "POST", route: "/users", once: true, body: newUser{u.settable(), withAuthToken},
	}, func(m *me) string {
		if withAuthToken && m.AuthToken == "" {
			return "the server's answer has no auth token"
		}
		return answerFlaw(m.UID, u.UID, m.AuthToken)
	})
	if err != nil {
		return nil, "", err
	}
	return m.user(), m.AuthToken, nil
}

// GetUser returns the user with this uid (GET /v3.0/users/{uid}).
//
// It fails with ErrUIDNotFound when there is no such user or it is deactivated, or the one of OnBehalfOf is.
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
	return a.userCall(ctx, request{op: op, method: "GET", route: "/users/{uid}", uid: uid, onBehalfOf: onBehalfOf}, uid)
}

// UserUpdate says what to change of a user. A nil field is left alone; one that is there and empty empties it:
//
//	UserUpdate{Name: new("Ada"), Avatar: new(""), Tags: []string{}} // renames; removes the avatar and all tags
//
// The limits are those of [User].
type UserUpdate struct {
	// Name cannot be emptied.
	Name *string
	// Avatar and Link are URLs.
	Avatar, Link *string
	// Role is the id of a role that exists; it cannot be emptied.
	Role          *string
	StatusMessage *string
	// Metadata is a JSON object; empty, or null, it removes all there is. What the server does with fields of the old one
	// that the new one lacks is not documented.
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

// body checks the update and makes the request's body of it: what the API can only empty by name goes into "unset".
func (up UserUpdate) body(op string) (*userChange, error) {
	change := &userChange{Name: up.Name, Role: up.Role, StatusMessage: up.StatusMessage}
	for _, required := range []struct {
		name  string
		value *string
	}{{"name", up.Name}, {"role", up.Role}} {
		if required.value != nil && strings.TrimSpace(*required.value) == "" {
			return nil, newError(op, ErrMissingParameters, "the user's %s cannot be emptied", required.name)
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
		if text := string(bytes.TrimSpace(up.Metadata)); text == "" || text == "null" {
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

// UpdateUser changes a user (PUT /v3.0/users/{uid}) and returns it as the server stored it.
//
// It fails with ErrUIDNotFound when there is no such user or it is deactivated.
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
	return a.userCall(ctx, request{op: op, method: "PUT", route: "/users/{uid}", uid: uid, body: body}, uid)
}

// EnsureUser creates u, or, when there is such a user, sets what is set in u where it differs. It returns the user as the
// server stored it, and is safe when others ensure or create the same user at the same time. (It makes GET
// /v3.0/users/{uid}, then POST /v3.0/users or PUT /v3.0/users/{uid} if need be.)
//
// It fails with ErrUIDAlreadyExists when the user is deactivated: whether that is to be undone is yours to decide, with
// ReactivateUsers. (When it is deactivated while this runs, it is ErrUIDNotFound.)
func (a *Admin) EnsureUser(ctx context.Context, u *User) (*User, error) {
	const op = "EnsureUser"
	if err := checkNewUser(op, u); err != nil {
		return nil, err
	}
	there, err := a.getUser(ctx, op, u.UID, "")
	if errors.Is(err, ErrUIDNotFound) {
		created, _, failure := a.createUser(ctx, op, u, false)
		if !errors.Is(failure, ErrUIDAlreadyExists) && !unanswered(failure) {
			return created, failure
		}
		// Somebody else has just created it, or it is deactivated; or we have, and the answer was lost.
		if there, err = a.getUser(ctx, op, u.UID, ""); errors.Is(err, ErrUIDNotFound) {
			return nil, failure
		}
	}
	if err != nil {
		return nil, err
	}
	update, differs := missing(there, u)
	if !differs {
		return there, nil
	}
	return a.updateUser(ctx, op, u.UID, update)
}

// unanswered reports whether a request was made and its answer lost, or was not CometChat's own.
func unanswered(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Attempts > 0 && (e.StatusCode == 0 || e.StatusCode >= http.StatusBadGateway)
}

// missing says what to update of a user for it to have all that is set in want.
func missing(there, want *User) (update UserUpdate, differs bool) {
	for _, field := range []struct {
		to          **string
		there, want string
	}{
		{&update.Name, there.Name, want.Name},
		{&update.Avatar, there.Avatar, want.Avatar},
		{&update.Link, there.Link, want.Link},
		{&update.StatusMessage, there.StatusMessage, want.StatusMessage},
	} {
		if field.want != "" && field.want != field.there {
			*field.to, differs = new(field.want), true
		}
	}
	if want.Role != "" && !strings.EqualFold(want.Role, there.Role) { // the server lower-cases it
		update.Role, differs = new(want.Role), true
	}
	if len(want.Metadata) > 0 && !sameJSON(there.Metadata, want.Metadata) {
		update.Metadata, differs = want.Metadata, true
	}
	if len(want.Tags) > 0 && !slices.Equal(there.Tags, want.Tags) {
		update.Tags, differs = want.Tags, true
	}
	return update, differs
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// DeleteUser deactivates a user (DELETE /v3.0/users/{uid}): it cannot log in and is not found any more, until
// ReactivateUsers.
//
// It fails with ErrUIDNotFound when there is no such user.
func (a *Admin) DeleteUser(ctx context.Context, uid string) error {
	return a.deleteUser(ctx, "DeleteUser", uid, false)
}

// DeleteUserPermanently removes a user with all messages and conversations, which cannot be undone (DELETE
// /v3.0/users/{uid} with permanent).
//
// It fails with ErrUIDNotFound when there is no such user.
func (a *Admin) DeleteUserPermanently(ctx context.Context, uid string) error {
	return a.deleteUser(ctx, "DeleteUserPermanently", uid, true)
}

func (a *Admin) deleteUser(ctx context.Context, op, uid string, permanent bool) error {
	if err := checkUID(op, uid); err != nil {
		return err
	}
	return a.revoke(ctx, request{
		op: op, method: "DELETE", route: "/users/{uid}", uid: uid, body: map[string]bool{"permanent": permanent},
	})
}

// revoke makes a call after which tokens of a user are no longer valid. That is assumed even when it fails: the answer may
// have been lost.
func (a *Admin) revoke(ctx context.Context, req request) (err error) {
	ctx, end, err := a.lifecycle().begin(ctx, req.op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	defer a.caches.forget(req.uid)
	req.credential = a.key()
	return a.rest.do(ctx, req, acknowledged)
}

// activationBatch is how many users one request activates or deactivates. The API names no limit but that of a body, 10 KB.
const activationBatch = 50

// DeactivateUsers deactivates users, 50 a request (DELETE /v3.0/users), and returns the uids that the server says it has
// deactivated. When a request fails, it returns those of the requests before it, and the error.
func (a *Admin) DeactivateUsers(ctx context.Context, uids []string) ([]string, error) {
	defer func() {
		for _, uid := range uids {
			a.forget(uid)
		}
	}()
	return a.activation(ctx, "DeactivateUsers", "DELETE", "uidsToDeactivate", uids, func(answer activationAnswer) []string {
		return answer.Deactivated
	})
}

// forget drops the tokens of a user from the caches of the token handlers.
func (a *Admin) forget(uid string) {
	if a.lifecycle() != nil {
		a.caches.forget(uid)
	}
}

// activationAnswer is what is answered when users are deactivated, or activated.
type activationAnswer struct {
	Deactivated    []string `json:"deactivatedUids"`
	NonDeactivated []string `json:"nonDeactivatedUids"`
}

// ReactivateUsers activates deactivated users again, 50 a request (PUT /v3.0/users), and returns the uids that the server
// lists as not deactivated. When a request fails, it returns those of the requests before it, and the error.
func (a *Admin) ReactivateUsers(ctx context.Context, uids []string) ([]string, error) {
	return a.activation(ctx, "ReactivateUsers", "PUT", "uidsToActivate", uids, func(answer activationAnswer) []string {
		return answer.NonDeactivated
	})
}

func (a *Admin) activation(ctx context.Context, op, method, field string, uids []string,
	changed func(activationAnswer) []string,
) ([]string, error) {
	if len(uids) == 0 {
		return nil, newError(op, ErrMissingParameters, "there is no uid")
	}
	for _, uid := range uids {
		if err := checkUID(op, uid); err != nil {
			return nil, err
		}
	}
	var done []string
	for batch := range slices.Chunk(uids, activationBatch) {
		answer, err := adminCall[activationAnswer](ctx, a, request{
			op: op, method: method, route: "/users", body: map[string][]string{field: batch},
		}, nil)
		if err != nil {
			return done, err
		}
		done = append(done, changed(*answer)...)
	}
	return done, nil
}

// UserFilter says which users ListUsers lists; the zero value lists all active ones.
type UserFilter struct {
	// SearchKey is what the uid or the name begins with.
	SearchKey string
	// SearchIn limits the search to "uid" or "name".
	SearchIn []string
	// Status is StatusOnline or StatusOffline.
	Status string
	// Roles are roles of which the user has one.
	Roles []string
	// Tags are tags that the user has.
	Tags []string
	// WithTags asks for the users' tags, which are left out otherwise.
	WithTags bool
	// OnlyDeactivated lists the deactivated users, WithDeactivated these too.
	OnlyDeactivated, WithDeactivated bool
	// PerPage is how many users a request asks for, up to 1000; the default is 100.
	PerPage int
}

// The API's page sizes.
const (
	defaultPerPage = 100
	maxPerPage     = 1000
)

func (f UserFilter) query(op string) (url.Values, error) {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" && value != "false" {
			q.Set(name, value)
		}
	}
	status := f.Status
	switch status {
	case "", StatusOffline:
	case StatusOnline:
		status = statusAvailable
	default:
		return nil, newError(op, ErrBadRequest, "the status %q is not %s or %s", status, StatusOnline, StatusOffline)
	}
	for _, in := range f.SearchIn {
		if in != "uid" && in != "name" {
			return nil, newError(op, ErrBadRequest, "users cannot be searched in %q, only in uid and name", in)
		}
	}
	if f.PerPage < 0 || f.PerPage > maxPerPage {
		return nil, newError(op, ErrBadRequest, "the page size %d is not from 1 to %d", f.PerPage, maxPerPage)
	}
	set("searchKey", f.SearchKey)
	set("status", status)
	set("tags", strings.Join(f.Tags, ","))
	set("withTags", strconv.FormatBool(f.WithTags))
	set("onlyDeactivated", strconv.FormatBool(f.OnlyDeactivated))
	set("withDeactivated", strconv.FormatBool(f.WithDeactivated))
	for name, values := range map[string][]string{"searchIn": f.SearchIn, "roles": f.Roles} {
		if len(values) > 0 {
			q[name] = slices.Clone(values) // as the API's description has it: the key is repeated
		}
	}
	q.Set("perPage", strconv.Itoa(f.PerPage))
	if f.PerPage == 0 {
		q.Set("perPage", strconv.Itoa(defaultPerPage))
	}
	return q, nil
}

// ListUsers lists users, page by page as the loop asks for them (GET /v3.0/users); a loop that stops makes no further
// request. An error ends the list, and comes once. Users who are created or removed meanwhile may be missing or come
// twice, as the API counts pages anew for each request.
//
//	for user, err := range admin.ListUsers(ctx, cometchat.UserFilter{}) {
//
// The filter is looked at when the loop begins, and each loop begins anew.
func (a *Admin) ListUsers(ctx context.Context, filter UserFilter) iter.Seq2[*User, error] {
	const op = "ListUsers"
	return func(yield func(*User, error) bool) {
		query, err := filter.query(op)
		if err != nil {
			yield(nil, err)
			return
		}
		adminList(ctx, a, request{op: op, method: "GET", route: "/users", query: query},
			func(w *wireUser) string { return answerFlaw(w.UID, "", "") }, (*wireUser).user)(yield)
	}
}

// adminList goes through the pages of a list. The request's query has perPage; flaw says what is wrong with an item, and
// convert makes of it what the caller gets.
func adminList[W, T any](ctx context.Context, a *Admin, req request, flaw func(*W) string, convert func(*W) *T,
) iter.Seq2[*T, error] {
	type page struct {
		Data []*W `json:"data"`
		Meta struct {
			Pagination struct {
				Total       int `json:"total"`
				CurrentPage int `json:"current_page"`
				TotalPages  int `json:"total_pages"`
			} `json:"pagination"`
		} `json:"meta"`
	}
	var before *W // the first item of the page before
	pageFlaw := func(p *page, number int) string {
		switch current := p.Meta.Pagination.CurrentPage; {
		case p.Data == nil:
			return "the server's answer has no data"
		case slices.Contains(p.Data, nil):
			return "the server's answer has a gap in its list"
		case current != 0 && current != number, number > 1 && len(p.Data) > 0 && reflect.DeepEqual(p.Data[0], before):
			return "the server's answer is another page than was asked for"
		}
		for _, item := range p.Data {
			if f := flaw(item); f != "" {
				return f
			}
		}
		if len(p.Data) > 0 {
			before = p.Data[0]
		}
		return ""
	}
	fetch := func(number int) (_ *page, err error) {
		ctx, end, err := a.lifecycle().begin(ctx, req.op)
		if err != nil {
			return nil, err
		}
		defer func() { err = end(err) }()
		req.credential = a.key()
		req.query.Set("page", strconv.Itoa(number))
		return exchange(ctx, a.rest, req, func(p *page) string { return pageFlaw(p, number) })
	}
	return func(yield func(*T, error) bool) {
		perPage, _ := strconv.Atoi(req.query.Get("perPage"))
		for number, seen := 1, 0; ; number++ {
			p, err := fetch(number)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range p.Data {
				if !yield(convert(item), nil) {
					return
				}
			}
			seen += len(p.Data)
			// The totals are not reliable in the API's own examples (a total of 0 for five users), so a full page is
			// reason enough to ask for another.
			full := len(p.Data) >= perPage && seen != p.Meta.Pagination.Total
			if len(p.Data) == 0 || !full && number >= p.Meta.Pagination.TotalPages {
				return
			}
		}
	}
}
