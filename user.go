package cometchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The values of [User.Status].
const (
	StatusOnline  = "online"
	StatusOffline = "offline"

	statusAvailable = "available" // the REST API's word for online
)

// User is a CometChat user. It holds no credential: the auth token of the logged-in user is [Client.AuthToken].
//
// A *User that the SDK returns belongs to the caller: changing it changes nothing in the SDK. As JSON a User has the names and
// the form of CometChat's REST API, with times in Unix seconds.
type User struct {
	// UID identifies the user: at most 100 letters, digits, "-" and "_". The server lower-cases it.
	UID string
	// Name is the display name, at most 100 characters.
	Name string
	// Avatar and Link are URLs of at most 3,000 characters.
	Avatar, Link string
	// Role is the id of a role that exists on the server; new users get "default".
	Role string
	// Status is StatusOnline or StatusOffline, and empty when unknown. The SDK never sends it.
	Status string
	// StatusMessage is a text of the user's own about the status.
	StatusMessage string
	// Metadata is the JSON object that the app stores with the user, byte for byte as the server sent it; nil when there is
	// none. The server accepts up to 5 KB.
	Metadata json.RawMessage
	// Tags are at most 25 texts of at most 100 characters. Lists of users have them only on request.
	Tags []string
	// LastActiveAt, CreatedAt, UpdatedAt and DeactivatedAt are zero when the server did not send them; DeactivatedAt is
	// also zero for an active user. The SDK never sends them.
	LastActiveAt, CreatedAt, UpdatedAt, DeactivatedAt time.Time
	// HasBlockedMe says that this user has blocked the logged-in user, since BlockedAt; BlockedByMe, that the logged-in
	// user has blocked this user, since BlockedByMeAt. The SDK never sends them.
	HasBlockedMe, BlockedByMe bool
	BlockedAt, BlockedByMeAt  time.Time
	// ConversationID is the id of the conversation with the logged-in user; empty when the server did not send it. The SDK
	// never sends it.
	ConversationID string
}

// clone returns a copy that shares nothing with u.
func (u *User) clone() *User {
	c := *u
	c.Metadata = bytes.Clone(u.Metadata)
	c.Tags = slices.Clone(u.Tags)
	return &c
}

// wireUser is a user as the REST API writes it.
type wireUser struct {
	UID           string          `json:"uid,omitempty"`
	Name          string          `json:"name,omitempty"`
	Avatar        string          `json:"avatar,omitempty"`
	Link          string          `json:"link,omitempty"`
	Role          string          `json:"role,omitempty"`
	Status        string          `json:"status,omitempty"`
	StatusMessage string          `json:"statusMessage,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
	Tags          []string        `json:"tags,omitempty"`
	LastActiveAt  unixTime        `json:"lastActiveAt,omitzero"`
	CreatedAt     unixTime        `json:"createdAt,omitzero"`
	UpdatedAt     unixTime        `json:"updatedAt,omitzero"`
	DeactivatedAt unixTime        `json:"deactivatedAt,omitzero"`
	HasBlockedMe  bool            `json:"hasBlockedMe,omitempty"`
	BlockedByMe   bool            `json:"blockedByMe,omitempty"`
	BlockedAt     unixTime        `json:"blockedAt,omitzero"`
	BlockedByMeAt unixTime        `json:"blockedByMeAt,omitzero"`
	Conversation  string          `json:"conversationId,omitempty"`
}

func (w *wireUser) user() *User {
	u := &User{
		UID: w.UID, Name: w.Name, Avatar: w.Avatar, Link: w.Link, Role: w.Role, Status: w.Status,
		StatusMessage: w.StatusMessage, Metadata: w.Metadata, Tags: w.Tags, LastActiveAt: w.LastActiveAt.Time,
		CreatedAt: w.CreatedAt.Time, UpdatedAt: w.UpdatedAt.Time, DeactivatedAt: w.DeactivatedAt.Time,
		HasBlockedMe: w.HasBlockedMe, BlockedByMe: w.BlockedByMe, BlockedAt: w.BlockedAt.Time,
		BlockedByMeAt: w.BlockedByMeAt.Time, ConversationID: w.Conversation,
	}
	if u.Status == statusAvailable {
		u.Status = StatusOnline
	}
	if bytes.Equal(u.Metadata, []byte("null")) {
		u.Metadata = nil
	}
	return u
}

// settable returns the fields of u that the API lets a caller set. The JavaScript SDK sends more fields, which the server
// ignores.
func (u *User) settable() wireUser {
	return wireUser{
		UID: u.UID, Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role,
		StatusMessage: u.StatusMessage, Metadata: u.Metadata, Tags: u.Tags,
	}
}

// MarshalJSON writes u as CometChat's REST API does.
func (u User) MarshalJSON() ([]byte, error) {
	w := u.settable()
	w.Status, w.HasBlockedMe, w.BlockedByMe = u.Status, u.HasBlockedMe, u.BlockedByMe
	w.LastActiveAt, w.CreatedAt = unixTime{u.LastActiveAt}, unixTime{u.CreatedAt}
	w.UpdatedAt, w.DeactivatedAt = unixTime{u.UpdatedAt}, unixTime{u.DeactivatedAt}
	w.BlockedAt, w.BlockedByMeAt, w.Conversation = unixTime{u.BlockedAt}, unixTime{u.BlockedByMeAt}, u.ConversationID
	return json.Marshal(w)
}

// UnmarshalJSON reads a user as CometChat's REST API writes it. It ignores fields that a User does not have, such as an auth
// token.
func (u *User) UnmarshalJSON(data []byte) error {
	var w wireUser
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*u = *w.user()
	return nil
}

// unixTime is a time that is written in Unix seconds; 0 and null are the zero time.
type unixTime struct{ time.Time }

func (t unixTime) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("0"), nil
	}
	return strconv.AppendInt(nil, t.Unix(), 10), nil
}

// UnmarshalJSON accepts a quoted number too: the API's documentation writes some integers as strings.
func (t *unixTime) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		return nil
	}
	const farFuture = 1e12
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(seconds) < farFuture) {
		return errors.New("a time is not in Unix seconds")
	}
	if whole := int64(seconds); whole != 0 {
		t.Time = time.Unix(whole, 0)
	}
	return nil
}
