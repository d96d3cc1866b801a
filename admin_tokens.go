package cometchat

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// AuthToken is an auth token of a user: whoever has the token can act as the user until it is revoked. Printing an AuthToken
// with fmt or slog does not show the token; its JSON, which has the API's form, does.
//
// Tokens do not expire by themselves. A user may have several, best one for each device; only the newest 100 stay valid.
type AuthToken struct {
	UID       string
	Token     string
	CreatedAt time.Time
	// Platform and UserAgent describe the device, in its own words; empty when it sent none.
	Platform, UserAgent string
	// AppInfo is JSON that the device sent; nil when it sent none.
	AppInfo json.RawMessage
}

// MarshalJSON writes the AuthToken as CometChat's REST API does, with the token itself.
func (t AuthToken) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(wireAuthToken{t.UID, t.Token, unixTime{t.CreatedAt}, t.Platform, t.UserAgent, t.AppInfo})
}

// UnmarshalJSON reads an AuthToken as CometChat's REST API writes it.
func (t *AuthToken) UnmarshalJSON(data []byte) error {
	var w wireAuthToken
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*t = *w.token()
	return nil
}

// String names the user, and does not show the token.
func (t AuthToken) String() string { return "auth token of " + strconv.Quote(t.UID) }

// Format writes the text of [AuthToken.String] for every verb, so that no verb shows the token.
func (t AuthToken) Format(s fmt.State, verb rune) { redact.Format(s, verb, t.String()) }

// LogValue keeps the token out of log records.
func (t AuthToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// wireAuthToken is an auth token as the REST API writes it.
type wireAuthToken struct {
	UID       string          `json:"uid"`
	AuthToken string          `json:"authToken"`
	CreatedAt unixTime        `json:"createdAt,omitzero"`
	Platform  string          `json:"platform,omitempty"`
	UserAgent string          `json:"userAgent,omitempty"`
	AppInfo   json.RawMessage `json:"appInfo,omitempty"`
}

func (w *wireAuthToken) token() *AuthToken {
	t := &AuthToken{
		UID: w.UID, Token: w.AuthToken, CreatedAt: w.CreatedAt.Time, Platform: w.Platform, UserAgent: w.UserAgent,
		AppInfo: w.AppInfo,
	}
	// In lists the app info is JSON inside a text.
	var text string
	if json.Unmarshal(w.AppInfo, &text) == nil {
		if t.AppInfo = nil; json.Valid([]byte(text)) && !strings.HasPrefix(strings.TrimSpace(text), `"`) {
			t.AppInfo = json.RawMessage(text)
		}
	}
	return t
}

// flaw says what is wrong with an answer that should be a token of the user uid; "" if nothing is.
func (w *wireAuthToken) flaw(uid string) string {
	if w.AuthToken == "" {
		return "the server's answer has no auth token"
	}
	return answerFlaw(w.UID, uid, w.AuthToken, "")
}

func (a *Admin) tokenCall(ctx context.Context, req rest.Request) (*AuthToken, error) {
	w, err := adminCall(ctx, a, req, func(w *wireAuthToken) string { return w.flaw(req.UID) })
	if err != nil {
		return nil, err
	}
	return w.token(), nil
}

// CreateAuthToken makes an auth token for a user who exists (POST /v3.0/users/{uid}/auth_tokens). The tokens that the user
// has stay valid.
//
// It fails with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) CreateAuthToken(ctx context.Context, uid string) (*AuthToken, error) {
	const op = "CreateAuthToken"
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	return a.tokenCall(ctx, rest.Request{Op: op, Method: "POST", Route: "/users/{uid}/auth_tokens", UID: uid})
}

// ListAuthTokens lists the auth tokens of a user (GET /v3.0/users/{uid}/auth_tokens). Otherwise it works as [Admin.ListUsers]
// does.
//
// It fails with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) ListAuthTokens(ctx context.Context, uid string) iter.Seq2[*AuthToken, error] {
	const op = "ListAuthTokens"
	return func(yield func(*AuthToken, error) bool) {
		if err := checkUID(op, uid); err != nil {
			yield(nil, err)
			return
		}
		a.tokenList(op, uid).all(ctx)(yield)
	}
}

// ListAuthTokensPage returns one page, of 100 tokens, of the list of [Admin.ListAuthTokens] (GET
// /v3.0/users/{uid}/auth_tokens). cursor is that of [Admin.ListUsersPage].
//
// It fails with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) ListAuthTokensPage(ctx context.Context, uid, cursor string) (*Page[*AuthToken], error) {
	const op = "ListAuthTokensPage"
	if err := checkUID(op, uid); err != nil {
		return nil, err
	}
	return a.tokenList(op, uid).page(ctx, cursor)
}

func (a *Admin) tokenList(op, uid string) *adminList[wireAuthToken, AuthToken] {
	return newAdminList(a, rest.Request{
		Op: op, Method: "GET", Route: "/users/{uid}/auth_tokens", UID: uid,
		Query: url.Values{"perPage": {strconv.Itoa(defaultPerPage)}},
	}, func(w *wireAuthToken) string { return w.flaw(uid) }, (*wireAuthToken).token)
}

// tokenRequest makes a request about one token of a user.
func tokenRequest(op, method, uid, authToken string) (rest.Request, error) {
	if err := checkUID(op, uid); err != nil {
		return rest.Request{}, err
	}
	if err := checkSecret(op, "auth token", authToken, maxTokenLength); err != nil {
		return rest.Request{}, err
	}
	return rest.Request{
		Op: op, Method: method, Route: "/users/{uid}/auth_tokens/{authToken}", UID: uid, AuthToken: authToken,
	}, nil
}

// GetAuthToken returns a token as the server knows it (GET /v3.0/users/{uid}/auth_tokens/{authToken}).
//
// It fails with ErrAuthTokenNotFound when there is no such token, with the code ERR_AUTHTOKEN_NOT_ACCESSIBLE when the token is
// another user's, and with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) GetAuthToken(ctx context.Context, uid, authToken string) (*AuthToken, error) {
	req, err := tokenRequest("GetAuthToken", "GET", uid, authToken)
	if err != nil {
		return nil, err
	}
	return a.tokenCall(ctx, req)
}

// AuthTokenUpdate says what to record of the device that uses a token. An empty field changes nothing.
type AuthTokenUpdate struct {
	Platform  string `json:"platform,omitempty"`
	UserAgent string `json:"userAgent,omitempty"`
	// AppInfo is a JSON object.
	AppInfo json.RawMessage `json:"appInfo,omitempty"`
}

// UpdateAuthToken records which device uses a token (PUT /v3.0/users/{uid}/auth_tokens/{authToken}).
//
// It fails with ErrAuthTokenNotFound when there is no such token, with the code ERR_AUTHTOKEN_NOT_ACCESSIBLE when the token is
// another user's, and with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) UpdateAuthToken(ctx context.Context, uid, authToken string, update AuthTokenUpdate) (*AuthToken, error) {
	const op = "UpdateAuthToken"
	req, err := tokenRequest(op, "PUT", uid, authToken)
	if err != nil {
		return nil, err
	}
	if len(update.AppInfo) > 0 && !json.Valid(update.AppInfo) {
		return nil, newError(op, ErrBadRequest, "the app info is not JSON")
	}
	req.Body = update
	return a.tokenCall(ctx, req)
}

// DeleteAuthToken revokes one token, and so logs out whoever uses it (DELETE /v3.0/users/{uid}/auth_tokens/{authToken}).
//
// It fails with ErrAuthTokenNotFound when there is no such token, with the code ERR_AUTHTOKEN_NOT_ACCESSIBLE when the token is
// another user's, and with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) DeleteAuthToken(ctx context.Context, uid, authToken string) error {
	req, err := tokenRequest("DeleteAuthToken", "DELETE", uid, authToken)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, req)
}

// FlushAuthTokens revokes every token of a user, and so logs the user out everywhere (DELETE /v3.0/users/{uid}/auth_tokens).
//
// It fails with ErrUIDNotFound when there is no such user or the user is deactivated.
func (a *Admin) FlushAuthTokens(ctx context.Context, uid string) error {
	const op = "FlushAuthTokens"
	if err := checkUID(op, uid); err != nil {
		return err
	}
	return a.carryOut(ctx, rest.Request{Op: op, Method: "DELETE", Route: "/users/{uid}/auth_tokens", UID: uid})
}
