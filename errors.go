package cometchat

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/cometchat-go/cometchat/internal/redact"
)

// Error is the error of every failed call of a [Client], an [Admin] and the package-level functions. [errors.As] finds it.
//
// Match the kind of failure with [errors.Is] and the Err… values, which compare by Code. Match the cause with the usual
// values ([context.Canceled], [context.DeadlineExceeded], the net package's errors).
//
// No field and no formatting of an Error shows an auth key, an API key, an auth token or a JWT. Where the server repeats such
// a secret, "[redacted]" stands in its place.
type Error struct {
	// Op is the method that failed, as in "Login".
	Op string `json:"op"`
	// Code is the server's code, as in "ERR_UID_NOT_FOUND". For a failure on this side it is the JavaScript SDK's code, as
	// in "MISSING_PARAMETERS", or one of this package where that SDK has none: "ERR_SESSION_STORE", "ERR_TOKEN_PROVIDER",
	// "CLIENT_CLOSED", "SEND_UNKNOWN", "NOT_SENT". It is empty when the context ended.
	Code string `json:"code,omitempty"`
	// Message says what happened, in the server's words if the server answered.
	Message string `json:"message"`
	// DevMessage is the server's longer message for developers; empty when it sent none.
	DevMessage string `json:"devMessage,omitempty"`
	// Source names the service that refused the call; empty when the server did not say.
	Source string `json:"source,omitempty"`
	// Details is the server's JSON on which fields were wrong: an object of strings, an object of arrays of strings, or
	// an array. It is nil when the server sent none, or over 32 KB.
	Details json.RawMessage `json:"details,omitempty"`
	// StatusCode is the HTTP status of the last answer; 0 when there was no answer, or only the beginning of a success.
	StatusCode int `json:"statusCode,omitempty"`
	// RetryAfter is how long to wait before the next request, as the server or the limit of [WithRequestRate] demands; 0
	// when neither does.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	// Attempts is how often the request was made; 0 when the call failed before a request, or gave up waiting for a login.
	Attempts int `json:"attempts,omitempty"`
	// RateLimit is what the last answer said about the app's rate limit.
	RateLimit RateLimit `json:"rateLimit,omitzero"`
	// Host is the host that the request was for, with the port if the URL has one; empty when no request was made.
	Host string `json:"host,omitempty"`
	// RequestID is the id by which the server knows the request, for a support ticket; empty when the server sent none.
	RequestID string `json:"requestId,omitempty"`
	// MUID is the MUID of the message that [Client.SendMessage] could not send, or [Client.ResolveSend] not find; empty for other
	// calls, and when the message failed the checks before a request.
	MUID string `json:"muid,omitempty"`

	hint  string // what to do next; empty: as hints has it
	route string // "POST /users/{uid}/auth_tokens": never the URL, whose path may hold a token
	err   error
}

// RateLimit is what the server says about the rate limit of the app; the zero value means that it says nothing.
type RateLimit struct {
	// Limit is how many requests the window allows.
	Limit int `json:"limit"`
	// Remaining is how many requests are left in the window.
	Remaining int `json:"remaining"`
	// Reset is when the window ends; the zero time except after a 429, as the server sends it with a 429 only.
	Reset time.Time `json:"reset,omitzero"`
}

// The kinds of failure, for [errors.Is].
var (
	// ErrNotInitialized: a package-level function was called before [Init].
	ErrNotInitialized error = &sentinel{"Init has not been called", []string{"COMETCHAT_INITIALIZATION_NOT_DONE"}}
	// ErrMissingParameters: a required argument is empty, blank or nil. No request was made.
	ErrMissingParameters error = &sentinel{"a required parameter is missing", []string{"MISSING_PARAMETERS"}}
	// ErrInvalidUID: a uid is longer than 100 characters, is "." or "..", has control characters or invalid UTF-8, or is not
	// the uid of the logged-in user where it must be (no request was made); or the server refused the uid.
	ErrInvalidUID error = &sentinel{"the uid is not valid", []string{"ERR_INVALID_UID", codeUID}}
	// ErrNotLoggedIn: the call needs a session and nobody is logged in.
	ErrNotLoggedIn error = &sentinel{"nobody is logged in", []string{"USER_NOT_LOGGED_IN"}}
	// ErrOtherUser: the [TokenProvider] returned a token of another user for a session, which stays; or, with [WithKeyAsUID], the
	// uid or auth token of a login, or the session in the store, is that of another user than the key.
	ErrOtherUser error = &sentinel{"it is another user's", []string{"OTHER_USER"}}
	// ErrUnauthenticated is what the identify function of a [TokenHandler] returns, also wrapped, when the request comes from
	// nobody who is logged in to your own server. The answer is then 401, with the code UNAUTHORIZED.
	ErrUnauthenticated error = &sentinel{"the request comes from nobody who is logged in", []string{"UNAUTHORIZED"}}
	// ErrLoginInProgress: a login with other credentials is running on the same client.
	ErrLoginInProgress error = &sentinel{"another login is in progress", []string{"LOGIN_IN_PROGRESS"}}
	// ErrNoSession is the error of a [SessionStore]'s Load when the store has no session for the key.
	ErrNoSession error = &sentinel{"no session is stored", []string{"NO_SESSION"}}
	// ErrUnreadableSession is wrapped by the error of a [SessionStore]'s Load when the store cannot read its record for the
	// key: the record is damaged, foreign, of a later version, or encrypted with another key. No login replaces the record;
	// a [Client.Logout] discards it.
	ErrUnreadableSession error = &sentinel{"the stored session cannot be read", []string{"UNREADABLE_SESSION"}}
	// ErrClosed: the Client, Pool or Admin has been closed.
	ErrClosed error = &sentinel{"it is closed", []string{"CLIENT_CLOSED"}}
	// ErrUIDNotFound: there is no user with this uid, or the user is deactivated.
	ErrUIDNotFound error = &sentinel{"no such user", []string{"ERR_UID_NOT_FOUND"}}
	// ErrUIDAlreadyExists: a user with this uid exists.
	ErrUIDAlreadyExists error = &sentinel{"the uid is taken", []string{"ERR_UID_ALREADY_EXISTS"}}
	// ErrAuthTokenNotFound: the auth token was never valid, has been revoked, or its user is gone. With a Client it is the
	// token of the session, which then ends unless there is another token (AUTH_ERR_AUTH_TOKEN_NOT_FOUND). With an Admin it
	// is the token in the arguments (ERR_AUTH_TOKEN_NOT_FOUND).
	ErrAuthTokenNotFound error = &sentinel{"no such auth token", []string{codeAuthTokenNotFound, "ERR_AUTH_TOKEN_NOT_FOUND"}}
	// ErrAPIKeyNotFound: the auth key (or API key) is wrong, or belongs to another app.
	ErrAPIKeyNotFound error = &sentinel{"no such key", []string{"AUTH_ERR_APIKEY_NOT_FOUND", "ERR_APIKEY_NOT_FOUND"}}
	// ErrInvalidAppID: the app id is malformed (no request was made) or unknown in this region.
	ErrInvalidAppID error = &sentinel{"the app id is not valid", []string{"AUTH_ERR_INVALID_APPID"}}
	// ErrNoAccess: the scope of the key does not allow the call.
	ErrNoAccess error = &sentinel{"access denied", []string{"AUTH_ERR_NO_ACCESS"}}
	// ErrNotConnected: the client has no live connection.
	ErrNotConnected error = &sentinel{"there is no live connection", []string{"NO_WEBSOCKET_CONNECTION"}}
	// ErrTemporarilyBlocked: the app's settings say that CometChat takes no receipts, typing indicators or transient messages from
	// this app now, because of its load. Messages are not meant.
	ErrTemporarilyBlocked error = &sentinel{"CometChat takes no such frames now", []string{"RECEIPTS_TEMPORARILY_BLOCKED"}}
	// ErrJWTRefused: the server refused the JWT of the session, and then a new one, for the live connection; or gave none.
	ErrJWTRefused error = &sentinel{"the live connection is refused", []string{"WS_AUTH_FAIL"}}
	// ErrTooManyRequests: the rate limit of the app is used up, or the limit of [WithRequestRate] is (no request was made
	// then); see [Error.RetryAfter].
	ErrTooManyRequests error = &sentinel{"too many requests", []string{codeTooManyRequests, "TOO_MANY_REQUEST"}}
	// ErrBadRequest: an argument or option is malformed (no request was made), or the server refused a field; see
	// [Error.Details]. What is wrong with a message, its receiver or a group has a code of its own, INVALID_MESSAGE_TEXT for
	// example.
	ErrBadRequest error = &sentinel{"the request is not valid", []string{
		"ERR_BAD_REQUEST", codeReceiverID, codeReceiverType, codeMessageText, codeMessageID, codeCustomData, codeMediaObject,
		codeFileCount, codeReasonID, codeGUID, codeGroupList, codeNoGroupName, codeGroupName, codeNoGroupType, codeGroupType,
		codeNoGroupPassword, codeGroupPassword, codeScope, "ERR_EMPTY_RECEIVER", "ERR_INVALID_RECEIVER_TYPE", "ERR_EMPTY_MESSAGE_TEXT",
		"ERR_INVALID_MESSAGE_TEXT", "ERR_INVALID_MESSAGE_DATA", "ERR_EMPTY_MESSAGE_CATEGORY", "ERR_INVALID_MESSAGE_CATEGORY",
		"ERR_EMPTY_MESSAGE_TYPE", "ERR_INVALID_MESSAGE_TYPE", "ERR_EMPTY_MESSAGE_FILE", "ERR_INVALID_MEDIA_MESSAGE",
		"ERR_EMPTY_CUSTOM_DATA", "ERR_INVALID_CUSTOM_DATA", "ERR_INVALID_METADATA", "ERR_IMPORT_INVALID_MESSAGE_FORMAT",
		"ERR_IMPORT_INVALID_USER_FORMAT", "ERR_IMPORT_INVALID_MEMBER_FORMAT", "ERR_IMPORT_INVALID_GROUP_FORMAT",
		"ERR_IMPORT_INVALID_JOINEDAT",
	}}
	// ErrSendUnknown: the message may have been sent, or not: the server did not say, and a search has not found the message yet.
	// [Client.ResolveSend] finds out. Sending the message again under another MUID could double it.
	ErrSendUnknown error = &sentinel{"it is unknown whether the message was sent", []string{"SEND_UNKNOWN"}}
	// ErrNotSent: the message was not sent. It may be sent again, with the same MUID.
	ErrNotSent error = &sentinel{"the message was not sent", []string{"NOT_SENT"}}
	// ErrMessageNotFound: there is no message with this id.
	ErrMessageNotFound error = &sentinel{"no such message", []string{"ERR_MESSAGE_ID_NOT_FOUND", "ERR_MSG_NOT_FOUND"}}
	// ErrConversationNotFound: there is no such conversation: nobody has sent a message in it, or the user has deleted it.
	ErrConversationNotFound error = &sentinel{"no such conversation", []string{"ERR_CONVERSATION_NOT_ACCESSIBLE"}}
	// ErrGUIDNotFound: there is no group with this guid.
	ErrGUIDNotFound error = &sentinel{"no such group", []string{"ERR_GUID_NOT_FOUND"}}
	// ErrGUIDAlreadyExists: a group with this guid exists.
	ErrGUIDAlreadyExists error = &sentinel{"the guid is taken", []string{"ERR_GUID_ALREADY_EXISTS"}}
	// ErrNotJoined: the user is not a member of the group.
	ErrNotJoined error = &sentinel{"the user is not a member of the group", []string{"ERR_GROUP_NOT_JOINED", "ERR_NOT_A_MEMBER"}}
	// ErrAlreadyJoined: the user is already a member of the group.
	ErrAlreadyJoined error = &sentinel{"the user is already a member of the group", []string{"ERR_ALREADY_JOINED"}}
	// ErrWrongGroupPassword: the password of the group is wrong, or missing.
	ErrWrongGroupPassword error = &sentinel{"the password of the group is wrong", []string{"ERR_WRONG_GROUP_PASS", "ERR_EMPTY_GROUP_PASS"}}
	// ErrBanned: the user is banned from the group.
	ErrBanned error = &sentinel{"the user is banned from the group", []string{"ERR_BANNED_GROUPMEMBER", "ERR_ALREADY_BANNED"}}
	// ErrNotBanned: the user is not banned from the group.
	ErrNotBanned error = &sentinel{"the user is not banned from the group", []string{"ERR_NOT_A_BANNED_USER"}}
	// ErrSameScope: the member has this scope already.
	ErrSameScope error = &sentinel{"the member has this scope already", []string{"ERR_SAME_SCOPE"}}
	// ErrNotPermitted: the user may not do this with this message: it is another user's, in a conversation of others, of a kind
	// that cannot be changed, or the user's role does not allow it; or with this conversation, which the app has pinned; or with
	// this group or member: the user's scope does not allow it, the group is private, or the user owns the group and cannot leave it;
	// or the role is "default", which cannot be deleted.
	ErrNotPermitted error = &sentinel{"the user may not do this", []string{
		"ERR_MESSAGE_NO_ACCESS", "ERR_MESSAGE_NOT_A_SENDER", "ERR_MESSAGE_ACTION_NOT_ALLOWED", "ERR_PERMISSION_DENIED",
		"ERR_SYSTEM_PINNED_CONVERSATION", "ERR_GROUP_NO_SCOPE_CLEARANCE", "ERR_GROUP_NO_CLEARANCE", "ERR_GROUP_NO_ADMIN_SCOPE",
		"ERR_GROUP_NO_MODERATOR_SCOPE", "ERR_GROUP_NO_SELF_ACTION", "ERR_GROUP_JOIN_NOT_ALLOWED",
		"ERR_OWNER_EXIT_FORBIDDEN", "ERR_ROLE_DELETE_DENIED",
	}}
	// ErrAlreadyFriend: the two users are friends already.
	ErrAlreadyFriend error = &sentinel{"the two users are friends already", []string{"ERR_ALREADY_FRIEND"}}
	// ErrNotFriend: the two users are no friends.
	ErrNotFriend error = &sentinel{"the two users are no friends", []string{"ERR_NOT_A_FRIEND"}}
	// ErrRoleNotFound: there is no such role.
	ErrRoleNotFound error = &sentinel{"no such role", []string{"ERR_ROLE_NOT_FOUND"}}
	// ErrMUIDAlreadyExists: a message with this MUID has been imported already.
	ErrMUIDAlreadyExists error = &sentinel{"the MUID is taken", []string{"ERR_IMPORT_MUID_ALREADY_EXISTS"}}
	// ErrBlocked: the sender has blocked the receiver, or the receiver has blocked the sender.
	ErrBlocked error = &sentinel{"one of the users has blocked the other", []string{"ERR_BLOCKED_RECEIVER", "ERR_BLOCKED_SENDER"}}
	// ErrLimitReached: as many messages or conversations are pinned or saved as the app allows; or the group has as many members.
	ErrLimitReached error = &sentinel{"the limit is reached", []string{
		"ERR_PINNED_MESSAGES_LIMIT_EXCEEDED", "ERR_SAVED_MESSAGES_LIMIT_EXCEEDED", "ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED",
		"ERR_NO_VACANCY", "ERR_PLAN_QUOTA_RESTRICTION",
	}}
)

const (
	// codeAuthTokenNotFound is the only code that ends a session. ERR_AUTH_TOKEN_NOT_FOUND is about a token in a path.
	codeAuthTokenNotFound = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
	codeTooManyRequests   = "ERR_TOO_MANY_REQUESTS"
	codeAPINotFound       = "ERR_API_NOT_FOUND"
	// codeFailedToFetch is the JavaScript SDK's code when there is no answer in the API's form.
	codeFailedToFetch = "FAILED_TO_FETCH"
	// codeConnectionLost is the JavaScript SDK's code for a live connection that cannot be opened, or breaks.
	codeConnectionLost = "WS_CONNECTION_FAIL"
	codeSessionStore   = "ERR_SESSION_STORE"
	codeTokenProvider  = "ERR_TOKEN_PROVIDER"
)

// The JavaScript SDK's codes for what is wrong with an argument of a call about messages.
const (
	codeReceiverID   = "INVALID_RECEIVER_ID"
	codeReceiverType = "INVALID_RECEIVER_TYPE"
	codeMessageText  = "INVALID_MESSAGE_TEXT"
	codeMessageID    = "INVALID_MESSAGE_ID"
	codeCustomData   = "INVALID_CUSTOM_DATA"
	codeMediaObject  = "INVALID_MEDIA_OBJECT"
	codeFileCount    = "ERR_FILE_COUNT_EXCEEDED"
	codeReasonID     = "INVALID_REASON_ID"
)

// The JavaScript SDK's codes for what is wrong with an argument of a call about groups.
const (
	codeGUID            = "INVALID_GUID"
	codeUID             = "INVALID_UID"
	codeGroupList       = "ERROR_INVALID_GROUPLIST"
	codeNoGroupName     = "GROUP_NAME_IS_COMPULSORY"
	codeGroupName       = "INVALID_GROUP_NAME"
	codeNoGroupType     = "GROUP_TYPE_IS_COMPULSORY"
	codeGroupType       = "INVALID_GROUP_TYPE"
	codeNoGroupPassword = "PASSWORD_IS_COMPULSORY"
	codeGroupPassword   = "INVALID_PASSWORD"
	codeScope           = "INVALID_SCOPE_VALUE"
)

// maxDetailsShown is the largest size of details, in bytes, that an error's text includes.
const maxDetailsShown = 300

// hints tell a stranger what to do next, by code.
var hints = map[string]string{
	"AUTH_ERR_INVALID_APPID":            "check that the app id and the region belong together",
	"AUTH_ERR_APIKEY_NOT_FOUND":         "check that the key belongs to this app and region",
	"AUTH_ERR_NO_ACCESS":                "use a key whose scope allows this call",
	"ERR_UID_NOT_FOUND":                 "a deactivated user is reported like this too",
	codeAuthTokenNotFound:               "get a fresh auth token and log in again",
	"LOGIN_IN_PROGRESS":                 "wait for the running login to return",
	"USER_NOT_LOGGED_IN":                "call Login or LoginWithToken first",
	"SEND_UNKNOWN":                      "call ResolveSend, which finds out; sent again under another MUID, the message could come twice",
	"NOT_SENT":                          "it may be sent again, with the same MUID",
	"OTHER_USER":                        "nothing of that user is kept",
	"ERR_OWNER_EXIT_FORBIDDEN":          "make another member the owner with TransferGroupOwnership first",
	"COMETCHAT_INITIALIZATION_NOT_DONE": "call cometchat.Init first",
}

// sentinel is the type of the Err… values. It matches every Error that has one of its codes.
type sentinel struct {
	message string
	codes   []string
}

func (s *sentinel) Error() string { return "cometchat: " + s.message }

// newError makes the Error for a failure on this side. kind is an Err… value.
func newError(op string, kind error, format string, args ...any) *Error {
	s := kind.(*sentinel) //nolint:errorlint // only this package's own Err… values are passed
	e := &Error{Op: op, Code: s.codes[0], Message: s.message}
	if format != "" {
		e.Message = fmt.Sprintf(format, args...)
	}
	return e
}

// badArgument makes the Error for a malformed argument that has a code of its own, one of those of ErrBadRequest.
func badArgument(op, code, format string, args ...any) *Error {
	e := newError(op, ErrBadRequest, format, args...)
	e.Code = code
	return e
}

// withOp names the operation in an error that names none. An error that is no Error yet is the end of a context.
func withOp(op string, err error) error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &e):
		return &Error{Op: op, Message: "gave up waiting", err: err}
	case e.Op == "":
		e.Op = op
	}
	return err
}

// joinErr adds a second failure to the first, which may be nil.
func joinErr(first, second error) error {
	if first == nil {
		return second
	}
	var e *Error
	if second != nil && errors.As(first, &e) {
		e.err = errors.Join(e.err, second)
	}
	return first
}

// Is reports whether target is the Err… value for this error's code.
func (e *Error) Is(target error) bool {
	s, ok := target.(*sentinel)
	return ok && e != nil && slices.Contains(s.codes, e.Code)
}

// Unwrap returns the cause, or nil when the error is the server's answer itself.
func (e *Error) Unwrap() error {
	if e == nil {
		return nil
	}
	return e.err
}

// Error says on one line, without secrets, which method failed, why, at which request, and what to do.
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString("cometchat: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(strings.TrimRight(e.Message, ". "))
	if len(e.Details) > 0 && len(e.Details) <= maxDetailsShown {
		b.WriteString(": " + string(e.Details))
	}
	if e.err != nil {
		b.WriteString(": " + strings.ReplaceAll(e.err.Error(), "\n", "; "))
	}
	hint := e.hint
	if hint == "" {
		hint = hints[e.Code]
	}
	if hint != "" {
		b.WriteString("; " + hint)
	}
	var facts []string
	if e.Code != "" {
		facts = append(facts, e.Code)
	}
	if e.route != "" {
		facts = append(facts, e.route)
	}
	if e.StatusCode != 0 {
		facts = append(facts, "HTTP "+strconv.Itoa(e.StatusCode))
	}
	if e.Attempts > 1 {
		facts = append(facts, strconv.Itoa(e.Attempts)+" attempts")
	}
	if e.RetryAfter > 0 {
		facts = append(facts, "retry after "+e.RetryAfter.String())
	}
	if e.RequestID != "" {
		facts = append(facts, "request "+e.RequestID)
	}
	if len(facts) > 0 {
		b.WriteString(" (" + strings.Join(facts, ", ") + ")")
	}
	return oneLine(b.String())
}

// oneLine replaces what ends a line, and every other control character, by a space: a text of the server's must not be able to
// forge a line of a log.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, text)
}

// Format writes the text of [Error.Error] for every verb, quoted for %q, so that no verb prints the fields of the cause.
func (e *Error) Format(s fmt.State, verb rune) { redact.Format(s, verb, e.Error()) }

// LogValue returns the parts of the error as a group, for a log record.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.StringValue("<nil>")
	}
	attrs := []slog.Attr{slog.String("message", e.Error())}
	if e.Code != "" {
		attrs = append(attrs, slog.String("code", e.Code))
	}
	if e.StatusCode != 0 {
		attrs = append(attrs, slog.Int("status", e.StatusCode))
	}
	if e.Attempts != 0 {
		attrs = append(attrs, slog.Int("attempts", e.Attempts))
	}
	return slog.GroupValue(attrs...)
}
