package main

import (
	"encoding/json"

	"github.com/cometchat-go/cometchat"
)

type groupView struct {
	GUID         string          `json:"guid,omitzero"`
	Name         string          `json:"name,omitzero"`
	Type         string          `json:"type,omitzero"`
	Icon         string          `json:"icon,omitzero"`
	Description  string          `json:"description,omitzero"`
	Owner        string          `json:"owner,omitzero"`
	Metadata     json.RawMessage `json:"metadata,omitzero"`
	Tags         []string        `json:"tags,omitempty"`
	Scope        string          `json:"scope,omitzero"`
	Joined       bool            `json:"joined,omitzero"`
	Members      int             `json:"members,omitzero"`
	Banned       bool            `json:"banned,omitzero"`
	Conversation string          `json:"conversation,omitzero"`
	Created      bool            `json:"created,omitzero"`
	Updated      bool            `json:"updated,omitzero"`
	JoinedAt     bool            `json:"joinedAt,omitzero"`
}

func viewGroup(g *cometchat.Group) *groupView {
	return &groupView{
		GUID: g.GUID, Name: g.Name, Type: g.Type, Icon: g.Icon, Description: g.Description, Owner: g.Owner, Metadata: g.Metadata, Tags: g.Tags,
		Scope: g.Scope, Joined: g.HasJoined, Members: g.MembersCount, Banned: g.IsBanned, Conversation: g.ConversationID,
		Created: !g.CreatedAt.IsZero(), Updated: !g.UpdatedAt.IsZero(), JoinedAt: !g.JoinedAt.IsZero(),
	}
}

type memberView struct {
	UID      string `json:"uid,omitzero"`
	Name     string `json:"name,omitzero"`
	Status   string `json:"status,omitzero"`
	Scope    string `json:"scope,omitzero"`
	JoinedAt bool   `json:"joinedAt,omitzero"`
}

func viewMember(m *cometchat.GroupMember) memberView {
	return memberView{m.UID, m.Name, m.Status, m.Scope, !m.JoinedAt.IsZero()}
}
