package cometchat

// wireEntity is a user or a group that a message is about.
type wireEntity struct {
	Entity *wireParty `json:"entity"`
}

// wireParty is a user or a group: one with a guid is a group. One type for both is read in one pass, whatever comes first in the JSON.
type wireParty struct {
	wireUser
	GUID               string   `json:"guid"`
	Description        string   `json:"description"`
	Icon               string   `json:"icon"`
	Type               string   `json:"type"`
	Owner              string   `json:"owner"`
	Scope              string   `json:"scope"`
	HasJoined          bool     `json:"hasJoined"`
	IsBanned           bool     `json:"isBanned"`
	JoinedAt           unixTime `json:"joinedAt"`
	MembersCount       int      `json:"membersCount"`
	OnlineMembersCount int      `json:"onlineMembersCount"`
}

// asUser returns nil for what is no user.
func (p *wireParty) asUser() *User {
	if p == nil || p.GUID != "" || p.UID == "" {
		return nil
	}
	return p.user()
}

// asGroup returns nil for what is no group.
func (p *wireParty) asGroup() *Group {
	if p == nil || p.GUID == "" {
		return nil
	}
	return &Group{
		GUID: p.GUID, Name: p.Name, Description: p.Description, Icon: p.Icon, Type: p.Type, Owner: p.Owner, Scope: p.Scope,
		HasJoined: p.HasJoined, IsBanned: p.IsBanned, JoinedAt: p.JoinedAt.Time,
		MembersCount: p.MembersCount, OnlineMembersCount: p.OnlineMembersCount, Metadata: notNull(p.Metadata), Tags: p.Tags,
		ConversationID: p.ConversationID, CreatedAt: p.CreatedAt.Time, UpdatedAt: p.UpdatedAt.Time,
	}
}
