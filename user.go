package cometchat

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// The values of [User.Status].
const (
	StatusOnline  = "online"
	StatusOffline = "offline"

	statusAvailable = "available" // the REST API's word for online
)

// AppUID is the uid of the app itself: the sender of a message, for example, that a server has sent on nobody's behalf.
const AppUID = "app_system"

// User is a CometChat user. It holds no credential: the auth token of the logged-in user is [Client.AuthToken].
//
// A *User that the SDK returns belongs to the caller: changing it changes nothing in the SDK. As JSON a User has the names and
// the form of CometChat's REST API, with times in Unix seconds.
type User struct {
	// UID identifies the user: at most 100 letters, digits, "-" and "_". The server lower-cases it.
	UID string `json:"uid,omitempty"`
	// Name is the display name, at most 100 characters.
	Name string `json:"name,omitempty"`
	// Avatar and Link are URLs of at most 3,000 characters.
	Avatar string `json:"avatar,omitempty"`
	Link   string `json:"link,omitempty"`
	// Role is the id of a role that exists on the server; new users get "default".
	Role string `json:"role,omitempty"`
	// Status is StatusOnline or StatusOffline, and empty when unknown. The SDK never sends it.
	Status string `json:"status,omitempty"`
	// StatusMessage is a text of the user's own about the status.
	StatusMessage string `json:"statusMessage,omitempty"`
	// Metadata is the JSON object that the app stores with the user, byte for byte as the server sent it; nil when there is
	// none. The server accepts up to 5 KB.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Tags are at most 25 texts of at most 100 characters. Lists of users have them only on request.
	Tags []string `json:"tags,omitempty"`
	// LastActiveAt, CreatedAt, UpdatedAt and DeactivatedAt are zero when the server did not send them; DeactivatedAt is
	// also zero for an active user. The SDK never sends them.
	LastActiveAt  time.Time `json:"lastActiveAt,omitzero"`
	CreatedAt     time.Time `json:"createdAt,omitzero"`
	UpdatedAt     time.Time `json:"updatedAt,omitzero"`
	DeactivatedAt time.Time `json:"deactivatedAt,omitzero"`
	// HasBlockedMe says that this user has blocked the logged-in user, since BlockedAt; BlockedByMe, that the logged-in
	// user has blocked this user, since BlockedByMeAt. The SDK never sends them.
	HasBlockedMe  bool      `json:"hasBlockedMe,omitempty"`
	BlockedByMe   bool      `json:"blockedByMe,omitempty"`
	BlockedAt     time.Time `json:"blockedAt,omitzero"`
	BlockedByMeAt time.Time `json:"blockedByMeAt,omitzero"`
	// ConversationID is the id of the conversation with the logged-in user; empty when the server did not send it. The SDK
	// never sends it.
	ConversationID string `json:"conversationId,omitempty"`
}

// String describes the user as a person would write it, as in "Ada (ada), online": the name, the uid and the status, as far as
// they are known, on one line. It has nothing of the metadata. For all fields, write the user as JSON.
func (u User) String() string {
	text := u.Name
	switch {
	case u.UID == "" && u.Name == "":
		text = "user without a uid"
	case u.Name == "":
		text = u.UID
	case u.UID != "":
		text += " (" + u.UID + ")"
	}
	if u.Status != "" {
		text += ", " + u.Status
	}
	return oneLine(text)
}

// clone returns a copy that shares nothing with u.
func (u *User) clone() *User {
	c := *u
	c.Metadata = bytes.Clone(u.Metadata)
	c.Tags = slices.Clone(u.Tags)
	return &c
}

// plainUser is a User without its methods: encoding/json sees the fields.
type plainUser User

// wireUser is a user as the REST API writes it: its times hide those of the User.
type wireUser struct {
	plainUser
	LastActiveAt  unixTime `json:"lastActiveAt,omitzero"`
	CreatedAt     unixTime `json:"createdAt,omitzero"`
	UpdatedAt     unixTime `json:"updatedAt,omitzero"`
	DeactivatedAt unixTime `json:"deactivatedAt,omitzero"`
	BlockedAt     unixTime `json:"blockedAt,omitzero"`
	BlockedByMeAt unixTime `json:"blockedByMeAt,omitzero"`
}

func (w *wireUser) user() *User {
	u := User(w.plainUser)
	u.LastActiveAt, u.CreatedAt, u.UpdatedAt = w.LastActiveAt.Time, w.CreatedAt.Time, w.UpdatedAt.Time
	u.DeactivatedAt, u.BlockedAt, u.BlockedByMeAt = w.DeactivatedAt.Time, w.BlockedAt.Time, w.BlockedByMeAt.Time
	if u.Status == statusAvailable {
		u.Status = StatusOnline
	}
	u.Metadata = notNull(u.Metadata)
	return &u
}

// notNull returns nil for a JSON null.
func notNull(raw json.RawMessage) json.RawMessage {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	return raw
}

// settable returns the fields of u that the API lets a caller set. The JavaScript SDK sends more fields, which the server
// ignores.
func (u *User) settable() wireUser {
	return wireUser{plainUser: plainUser{
		UID: u.UID, Name: u.Name, Avatar: u.Avatar, Link: u.Link, Role: u.Role,
		StatusMessage: u.StatusMessage, Metadata: u.Metadata, Tags: u.Tags,
	}}
}

// MarshalJSON writes u as CometChat's REST API does.
func (u User) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(u.wire())
}

func (u *User) wire() wireUser {
	return wireUser{
		plainUser:    plainUser(*u),
		LastActiveAt: unixTime{u.LastActiveAt}, CreatedAt: unixTime{u.CreatedAt}, UpdatedAt: unixTime{u.UpdatedAt},
		DeactivatedAt: unixTime{u.DeactivatedAt}, BlockedAt: unixTime{u.BlockedAt}, BlockedByMeAt: unixTime{u.BlockedByMeAt},
	}
}

// UnmarshalJSON reads a user as CometChat's REST API writes it. A field of another form than documented is left empty. It
// ignores fields that a User does not have, such as an auth token.
func (u *User) UnmarshalJSON(data []byte) error {
	var w wireUser
	if _, err := lenient.Unmarshal(data, &w); err != nil {
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

// UnmarshalJSON never fails: a time that cannot be read is the zero time. It drops fractions of a second, which MarshalJSON
// could not write.
func (t *unixTime) UnmarshalJSON(data []byte) error {
	t.Time = time.Time{}
	if read, _ := lenient.Time(data); !read.IsZero() && read.Unix() != 0 {
		t.Time = time.Unix(read.Unix(), 0)
	}
	return nil
}
