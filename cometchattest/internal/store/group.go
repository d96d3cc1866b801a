package store

import (
	"encoding/json"
	"slices"
	"time"
)

// The types of groups.
const (
	Public   = "public"
	Private  = "private"
	Password = "password"
)

// The scopes of members. The owner of a group has the scope admin, and more rights than the other admins.
const (
	Admin       = "admin"
	Moderator   = "moderator"
	Participant = "participant"
)

// Group is a group as the store keeps and saves it. [Store.ViewGroup] makes the answer for one viewer of it.
type Group struct {
	GUID        string             `json:"guid"`
	Name        string             `json:"name"`
	Icon        string             `json:"icon,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type"`
	Password    string             `json:"password,omitempty"`
	Owner       string             `json:"owner"` // a uid, perhaps of no member, or System
	Metadata    json.RawMessage    `json:"metadata,omitempty"`
	Tags        []string           `json:"tags,omitempty"`
	CreatedAt   int64              `json:"createdAt"`
	UpdatedAt   int64              `json:"updatedAt,omitempty"`
	UpdatedBy   string             `json:"updatedBy,omitempty"`
	Members     map[string]*Member `json:"members,omitempty"` // by uid
	Banned      map[string]int64   `json:"banned,omitempty"`  // since when, by uid

	conversation *Conversation // its sides are those of the members
	number       int           // position in the order of creation
}

// Member is what a user is to a group.
type Member struct {
	Scope    string `json:"scope"`
	JoinedAt int64  `json:"joinedAt"`
}

// Rank orders the members of a group by their rights. A server that names no user has the highest.
type Rank int

// The ranks, from the lowest to the highest.
const (
	RankNone Rank = iota
	RankParticipant
	RankModerator
	RankAdmin
	RankOwner
	RankServer
)

// Rank returns the rank of a user in the group. The uid "" is a server.
func (g *Group) Rank(uid string) Rank {
	m := g.Members[uid]
	switch {
	case uid == "":
		return RankServer
	case m == nil:
		return RankNone
	case uid == g.Owner:
		return RankOwner
	}
	return ScopeRank(m.Scope)
}

// ScopeRank returns the rank of the members with a scope who do not own the group. It returns RankNone for an unknown scope.
func ScopeRank(scope string) Rank {
	return Rank(1 + slices.Index([]string{Participant, Moderator, Admin}, scope))
}

// ChangedAt returns when the group was last updated, or else created, in Unix seconds.
func (g *Group) ChangedAt() int64 { return max(g.CreatedAt, g.UpdatedAt) }

// GroupFields are the fields of a request that creates or updates a group. A nil field was absent or null.
type GroupFields struct {
	GUID        *string          `json:"guid"`
	Name        *string          `json:"name"`
	Type        *string          `json:"type"`
	Password    *string          `json:"password"`
	Icon        *string          `json:"icon"`
	Description *string          `json:"description"`
	Metadata    *json.RawMessage `json:"metadata"`
	Owner       *string          `json:"owner"`
	Tags        []string         `json:"tags"`
	Unset       []string         `json:"unset"` // in an update: names of fields to empty
}

// Check returns what is wrong with the fields. A creation requires guid, name and type; an update may leave them out, but a name
// that it has may not be blank.
func (f *GroupFields) Check(creation bool) FieldErrors {
	errs := FieldErrors{}
	errs.checkID("guid", f.GUID, creation)
	errs.checkText("name", f.Name, maxName, creation || f.Name != nil)
	errs.checkText("type", f.Type, maxName, creation)
	if f.Type != nil && *f.Type != "" && !slices.Contains([]string{Public, Private, Password}, *f.Type) {
		errs.Add("type", "must be public, private or password.")
	}
	errs.checkText("password", f.Password, maxName, false)
	errs.checkURL("icon", f.Icon)
	errs.checkText("description", f.Description, maxURL, false)
	errs.checkID("owner", f.Owner, false)
	errs.CheckTags(f.Tags)
	errs.checkMetadata(f.Metadata)
	for _, field := range f.Unset {
		if !slices.Contains([]string{"icon", "description", "metadata"}, field) {
			errs.Add("unset", "may only name icon, description and metadata.")
			break
		}
	}
	return errs
}

// update sets the fields that were sent, but for the guid, which never changes, and the owner.
func (g *Group) update(f *GroupFields, by string, now time.Time) {
	set := func(field, value *string) {
		if value != nil {
			*field = *value
		}
	}
	set(&g.Name, f.Name)
	if f.Type != nil && *f.Type != "" {
		g.Type = *f.Type
	}
	set(&g.Password, f.Password)
	set(&g.Icon, f.Icon)
	set(&g.Description, f.Description)
	if f.Metadata != nil {
		g.Metadata = *f.Metadata
	}
	if f.Tags != nil {
		g.Tags = f.Tags
	}
	for _, field := range f.Unset {
		switch field {
		case "icon":
			g.Icon = ""
		case "description":
			g.Description = ""
		case "metadata":
			g.Metadata = nil
		}
	}
	g.UpdatedAt, g.UpdatedBy = now.Unix(), by
}
