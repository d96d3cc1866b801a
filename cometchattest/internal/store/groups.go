package store

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// Group returns the group with this guid, or nil.
func (s *Store) Group(guid string) *Group { return s.groups[guid] }

// Groups returns the groups that match, in the order of their creation.
func (s *Store) Groups(matches func(*Group) bool) []*Group {
	all := slices.SortedFunc(maps.Values(s.groups), func(a, b *Group) int { return cmp.Compare(a.number, b.number) })
	return slices.DeleteFunc(all, func(g *Group) bool { return !matches(g) })
}

// CreateGroup adds a group with these fields, but ignores Unset. Its owner is its first member, if the owner is a user. The caller
// has checked the fields, and that the guid is free.
func (s *Store) CreateGroup(f GroupFields, owner string, now time.Time) *Group {
	g := &Group{GUID: strings.ToLower(*f.GUID), Owner: owner, CreatedAt: now.Unix()}
	f.Unset = nil
	g.update(&f, "", now)
	g.UpdatedAt = 0 // absent until the first update
	s.putGroup(g)
	if owner != System {
		s.AddMember(g, owner, Admin, now)
	}
	return g
}

// putGroup adds a group with a conversation of its members.
func (s *Store) putGroup(g *Group) {
	s.changes++
	s.createdGroups++
	g.number = s.createdGroups
	s.groups[g.GUID] = g
	sides := map[string]*Side{}
	for uid := range g.Members {
		sides[uid] = &Side{}
	}
	g.conversation = &Conversation{
		ID: GroupConversationID(g.GUID), GUID: g.GUID, CreatedAt: g.CreatedAt, UpdatedAt: g.CreatedAt, Sides: sides,
	}
}

// UpdateGroup sets the fields of a group for the user by, or for [System]. The caller has checked them.
func (s *Store) UpdateGroup(g *Group, f *GroupFields, by string, now time.Time) {
	s.changes++
	g.update(f, by, now)
}

// RemoveGroup removes a group with its messages.
func (s *Store) RemoveGroup(g *Group) {
	s.RemoveMessages(g.conversation)
	s.changes++
	delete(s.groups, g.GUID)
}

// AddMember makes a user a member of a group. The messages that the group has then do not count as unread for the member.
func (s *Store) AddMember(g *Group, uid, scope string, now time.Time) {
	s.changes++
	if g.Members == nil {
		g.Members = map[string]*Member{}
	}
	g.Members[uid] = &Member{scope, now.Unix()}
	to := g.conversation.newest()
	g.conversation.Sides[uid] = &Side{ReadTo: to, DeliveredTo: to}
}

// RemoveMember undoes AddMember; a user who is no member is fine.
func (s *Store) RemoveMember(g *Group, uid string) {
	s.changes++
	delete(g.Members, uid)
	delete(g.conversation.Sides, uid)
}

// SetScope changes the scope of a member.
func (s *Store) SetScope(g *Group, uid, scope string) {
	s.changes++
	g.Members[uid].Scope = scope
}

// SetOwner gives a group to a member, who becomes an admin. The owner before becomes a participant.
func (s *Store) SetOwner(g *Group, uid, by string, now time.Time) {
	s.changes++
	if old := g.Members[g.Owner]; old != nil {
		old.Scope = Participant
	}
	g.Owner, g.Members[uid].Scope = uid, Admin
	g.UpdatedAt, g.UpdatedBy = now.Unix(), by
}

// Ban bans a user from a group, and removes the user from its members.
func (s *Store) Ban(g *Group, uid string, now time.Time) {
	s.RemoveMember(g, uid)
	if g.Banned == nil {
		g.Banned = map[string]int64{}
	}
	g.Banned[uid] = max(now.Unix(), 1) // 0 means not banned
}

// Unban undoes Ban, but does not make the user a member again.
func (s *Store) Unban(g *Group, uid string) {
	s.changes++
	delete(g.Banned, uid)
}

// removeFromGroups removes a user who is deleted from all groups. Owner stays what it is.
func (s *Store) removeFromGroups(uid string) {
	for _, g := range s.groups {
		s.RemoveMember(g, uid)
		delete(g.Banned, uid)
	}
}

// OnlineMembers returns how many members of a group have a live connection.
func (s *Store) OnlineMembers(g *Group) (online int) {
	for uid := range g.Members {
		if s.Connected(uid) {
			online++
		}
	}
	return online
}

// GroupConversationID returns the id of the conversation of a group.
func GroupConversationID(guid string) string { return groupPrefix + guid }

const groupPrefix = "group_"

// Conversation returns the conversation of the group. Its sides are those of the members.
func (g *Group) Conversation() *Conversation { return g.conversation }

// GroupView is a group in the form of the API's answers, as one viewer sees it. It has no password.
type GroupView struct {
	Group
	Members            *struct{} `json:"members,omitempty"` // these three hide the fields of Group
	Banned             *struct{} `json:"banned,omitempty"`
	Password           *struct{} `json:"password,omitempty"`
	Tags               []string  `json:"tags,omitempty"`
	MembersCount       int       `json:"membersCount"`
	OnlineMembersCount int       `json:"onlineMembersCount"`
	ConversationID     string    `json:"conversationId"`
	HasJoined          bool      `json:"hasJoined"`
	Scope              string    `json:"scope,omitempty"`
	JoinedAt           int64     `json:"joinedAt,omitempty"`
	IsBanned           bool      `json:"isBanned,omitempty"`
}

// ViewGroup returns a group as the user uid sees it; the uid "" is a server, or nobody in particular.
func (s *Store) ViewGroup(g *Group, uid string) *GroupView {
	v := &GroupView{
		Group: *g, Tags: g.Tags, MembersCount: len(g.Members), OnlineMembersCount: s.OnlineMembers(g),
		ConversationID: GroupConversationID(g.GUID), IsBanned: g.Banned[uid] != 0,
	}
	if m := g.Members[uid]; m != nil {
		v.HasJoined, v.Scope, v.JoinedAt = true, m.Scope, m.JoinedAt
	}
	return v
}

// groupEntity returns a group that exists for the inside of a message.
func (s *Store) groupEntity(guid, uid string) Entity {
	raw, _ := lenient.Marshal(s.ViewGroup(s.groups[guid], uid)) // its metadata was decoded from JSON
	return Entity{"group", raw}
}

// GroupAction is a change of the members of a group.
type GroupAction struct {
	Action             string // "joined", "left", "added", "kicked", "banned", "unbanned" or "scopeChanged"
	By                 string // the user who did it, or System
	On                 string // the user whom it was done to; empty for joined and left
	OldScope, NewScope string // of scopeChanged
}

// RecordAction keeps the action message of a change of a group's members, with the group as it is now.
func (s *Store) RecordAction(g *Group, a GroupAction, now time.Time) *Message {
	entities := map[string]Entity{"by": s.UserEntity(a.By, ""), "for": s.groupEntity(g.GUID, "")}
	if a.On != "" {
		entities["on"] = s.UserEntity(a.On, "")
	}
	m := Message{Sender: a.By, ReceiverType: "group", Receiver: g.GUID, Category: CategoryAction, Type: "groupMember"}
	m.Data = map[string]json.RawMessage{}
	m.Data["action"], _ = lenient.Marshal(a.Action) // texts and JSON always marshal
	m.Data["entities"], _ = lenient.Marshal(entities)
	if a.NewScope != "" {
		m.Data["extras"], _ = lenient.Marshal(map[string]any{"scope": map[string]string{"old": a.OldScope, "new": a.NewScope}})
	}
	return s.SendMessage(m, now)
}
