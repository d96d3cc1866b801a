package cometchat

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// The values of [Group.Type], and of the JavaScript SDK's GROUP_TYPE.
const (
	GroupPublic   = "public"   // everybody can join
	GroupPassword = "password" // who knows the password can join
	GroupPrivate  = "private"  // nobody can join: members are added
)

// The values of [GroupMember.Scope] and [Group.Scope], and of the JavaScript SDK's GROUP_MEMBER_SCOPE. The owner of a group has
// no scope of his own: he is one of the admins.
const (
	ScopeAdmin       = "admin"
	ScopeModerator   = "moderator"
	ScopeParticipant = "participant"
)

// Group is a group of users. It holds no password.
//
// A *Group that a call returns belongs to the caller. As JSON a Group has the names and the form of CometChat's REST API, with
// times in Unix seconds.
type Group struct {
	// GUID identifies the group.
	GUID string `json:"guid,omitempty"`
	// Name, Description and Icon, a URL, are what people see of the group.
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	Icon        string `json:"icon,omitempty"`
	// Type is GroupPublic, GroupPassword or GroupPrivate.
	Type string `json:"type,omitempty"`
	// Owner is the uid of the owner.
	Owner string `json:"owner,omitempty"`
	// Scope is what the logged-in user may do in the group: ScopeAdmin, ScopeModerator or ScopeParticipant; empty for who is
	// no member, and when the server did not say it. HasJoined says whether the user is a member, since JoinedAt; IsBanned, whether the user
	// is banned from the group.
	Scope     string    `json:"scope,omitempty"`
	HasJoined bool      `json:"hasJoined,omitempty"`
	IsBanned  bool      `json:"isBanned,omitempty"`
	JoinedAt  time.Time `json:"joinedAt,omitzero"`
	// MembersCount is how many members the group has, and OnlineMembersCount how many of them were online; 0 when the server did
	// not say it.
	MembersCount       int `json:"membersCount,omitempty"`
	OnlineMembersCount int `json:"onlineMembersCount,omitempty"`
	// Metadata is the JSON object that the app stores with the group, byte for byte as the server sent it; nil when there is none.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Tags are at most 25 texts of at most 100 characters. Lists of groups have them only on request.
	Tags []string `json:"tags,omitempty"`
	// ConversationID is the id of the group's conversation.
	ConversationID string    `json:"conversationId,omitempty"`
	CreatedAt      time.Time `json:"createdAt,omitzero"`
	UpdatedAt      time.Time `json:"updatedAt,omitzero"`
}

// String describes the group as a person would write it, as in "Hikers (hikers)", on one line.
func (g Group) String() string {
	switch {
	case g.Name == "" && g.GUID == "":
		return "group without a guid"
	case g.Name == "":
		return oneLine(g.GUID)
	case g.GUID == "":
		return oneLine(g.Name)
	}
	return oneLine(g.Name + " (" + g.GUID + ")")
}

// clone returns a copy that shares nothing with g.
func (g *Group) clone() *Group {
	if g == nil {
		return nil
	}
	c := *g
	c.Metadata, c.Tags = bytes.Clone(g.Metadata), slices.Clone(g.Tags)
	return &c
}

// plainGroup is a Group without its methods: encoding/json sees the fields.
type plainGroup Group

// wireGroup is a group as the REST API writes it: its times hide those of the Group.
type wireGroup struct {
	plainGroup
	IsBannedFromGroup bool     `json:"isBannedFromGroup,omitempty"` // the other name of isBanned, which is only read
	JoinedAt          unixTime `json:"joinedAt,omitzero"`
	CreatedAt         unixTime `json:"createdAt,omitzero"`
	UpdatedAt         unixTime `json:"updatedAt,omitzero"`
}

func (w *wireGroup) group() *Group {
	g := Group(w.plainGroup)
	g.JoinedAt, g.CreatedAt, g.UpdatedAt = w.JoinedAt.Time, w.CreatedAt.Time, w.UpdatedAt.Time
	g.Metadata, g.IsBanned = notNull(g.Metadata), g.IsBanned || w.IsBannedFromGroup
	return &g
}

// MarshalJSON writes g as CometChat's REST API does.
func (g Group) MarshalJSON() ([]byte, error) {
	return lenient.Marshal(wireGroup{
		plainGroup: plainGroup(g), JoinedAt: unixTime{g.JoinedAt}, CreatedAt: unixTime{g.CreatedAt}, UpdatedAt: unixTime{g.UpdatedAt},
	})
}

// UnmarshalJSON reads a group as CometChat's REST API writes it. A field of another form than documented is left empty.
func (g *Group) UnmarshalJSON(data []byte) error {
	var w wireGroup
	if _, err := lenient.Unmarshal(data, &w); err != nil {
		return err
	}
	*g = *w.group()
	return nil
}
