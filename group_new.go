package cometchat

import (
	"encoding/json"
	"strings"
)

// NewGroup is a group that [Client.CreateGroup], [Admin.CreateGroup] or [Admin.EnsureGroup] creates. It needs a GUID, a Name and a Type.
//
// The password is a pointer, so that no printing of a NewGroup shows it; the JSON of a NewGroup does not have it.
type NewGroup struct {
	// GUID identifies the group: at most 100 characters. Name has at most 100 characters too.
	GUID string `json:"guid"`
	Name string `json:"name"`
	// Type is GroupPublic, GroupPassword or GroupPrivate. A group of the type GroupPassword needs a Password.
	Type     string  `json:"type"`
	Password *string `json:"-"`
	// Description and Icon, a URL of at most 3,000 characters, are what people see of the group.
	Description string `json:"description,omitempty"`
	Icon        string `json:"icon,omitempty"`
	// Owner is the uid of the owner; empty is the logged-in user, or the app itself for an Admin without OnBehalfOf.
	Owner string `json:"owner,omitempty"`
	// Metadata is a JSON object, and Tags are at most 25 texts of at most 100 characters.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	Tags     []string        `json:"tags,omitempty"`
	// Members are the first members, up to 25 with the banned users.
	Members NewGroupMembers `json:"members,omitzero"`
}

// newGroupBody is the body of the request that creates a group.
type newGroupBody struct {
	NewGroup
	Password *string `json:"password,omitempty"`
}

// body checks the group and makes the request's body of it.
func (g NewGroup) body(op string) (*newGroupBody, error) {
	if err := checkGUID(op, g.GUID); err != nil {
		return nil, err
	}
	if strings.TrimSpace(g.Name) == "" {
		return nil, badArgument(op, codeNoGroupName, "the name of the group is missing")
	}
	if err := checkGroupType(op, g.Type); err != nil {
		return nil, err
	}
	password := valueOf(g.Password)
	switch {
	case g.Type == GroupPassword && password == "":
		return nil, badArgument(op, codeNoGroupPassword, "a group of the type %s needs a password", GroupPassword)
	case g.Type != GroupPassword && g.Password != nil:
		return nil, badArgument(op, codeGroupPassword, "a group of the type %s has no password", g.Type)
	case g.Members.count() > maxMembersPerCall:
		return nil, newError(op, ErrBadRequest, "%d members and banned users are more than %d: add the others with AddGroupMembers",
			g.Members.count(), maxMembersPerCall)
	}
	if g.Owner != "" {
		if err := checkMemberUID(op, g.Owner); err != nil {
			return nil, err
		}
	}
	if err := checkNewMembers(op, g.Members); err != nil {
		return nil, err
	}
	return &newGroupBody{g, g.Password}, checkGroupFields(op, groupFields{
		g.Name, password, g.Description, g.Icon, g.Metadata, g.Tags,
	})
}

// GroupUpdate says what [Client.UpdateGroup] or [Admin.UpdateGroup] changes of a group. A nil field changes nothing. A field that is set and empty
// removes the value:
//
//	GroupUpdate{Name: new("Hikers"), Icon: new("")} // renames the group, and removes its icon
//
// The limits are those of [NewGroup]. No printing of a GroupUpdate shows the password, and its JSON does not have it.
type GroupUpdate struct {
	// Name, Type and Password cannot be removed. A group that becomes one of the type GroupPassword needs a Password.
	Name     *string `json:"name,omitempty"`
	Type     *string `json:"type,omitempty"`
	Password *string `json:"-"`
	// Description and Icon, a URL, are what people see of the group.
	Description *string `json:"description,omitempty"`
	Icon        *string `json:"icon,omitempty"`
	// Metadata is a JSON object; if it is empty, or null, all metadata is removed.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Tags take the place of all tags.
	Tags []string `json:"tags,omitempty"`
}

// groupChange is the body of the request that updates a group.
type groupChange struct {
	Name        *string         `json:"name,omitempty"`
	Type        *string         `json:"type,omitempty"`
	Password    *string         `json:"password,omitempty"`
	Description *string         `json:"description,omitempty"`
	Icon        *string         `json:"icon,omitempty"`
	Metadata    json.RawMessage `json:"metadata,omitempty"`
	Tags        *[]string       `json:"tags,omitempty"`
	Unset       []string        `json:"unset,omitempty"`
}

// body checks the update and makes the request's body of it. The API removes some fields only by their name in "unset".
func (up GroupUpdate) body(op string) (*groupChange, error) {
	change := &groupChange{Name: up.Name, Type: up.Type, Password: up.Password}
	switch {
	case up.Name != nil && strings.TrimSpace(*up.Name) == "":
		return nil, badArgument(op, codeGroupName, "the name of the group cannot be removed")
	case up.Password != nil && *up.Password == "":
		return nil, badArgument(op, codeGroupPassword, "the password of the group cannot be removed: change its type")
	}
	if up.Type != nil {
		if err := checkGroupType(op, *up.Type); err != nil {
			return nil, err
		}
	}
	for _, text := range []struct {
		name  string
		value *string
		to    **string
	}{{"description", up.Description, &change.Description}, {"icon", up.Icon, &change.Icon}} {
		if text.value != nil && *text.value == "" {
			change.Unset = append(change.Unset, text.name)
		} else {
			*text.to = text.value
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
	if change.isEmpty() {
		return nil, newError(op, ErrMissingParameters, "the update changes nothing")
	}
	return change, checkGroupFields(op, groupFields{
		valueOf(up.Name), valueOf(up.Password), valueOf(up.Description), valueOf(up.Icon), change.Metadata, up.Tags,
	})
}

func (c *groupChange) isEmpty() bool {
	return c.Name == nil && c.Type == nil && c.Password == nil && c.Description == nil && c.Icon == nil &&
		c.Metadata == nil && c.Tags == nil && c.Unset == nil
}

// valueOf returns "" for nil.
func valueOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
