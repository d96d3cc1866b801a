package store

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// seedGroup is a group in a seed. A person may leave out all but the guid. It may have the fields of the API's answers.
type seedGroup struct {
	entry
	Group
	CreatedAt seconds                `json:"createdAt"`
	UpdatedAt seconds                `json:"updatedAt"`
	Members   map[string]*seedMember `json:"members"` // null is a participant
	Banned    since                  `json:"banned"`

	// What the API's answers say about the group now, or about one user.
	ConversationID     ignored `json:"conversationId"`
	MembersCount       ignored `json:"membersCount"`
	OnlineMembersCount ignored `json:"onlineMembersCount"`
	HasJoined          ignored `json:"hasJoined"`
	Scope              ignored `json:"scope"`
	JoinedAt           ignored `json:"joinedAt"`
	IsBanned           ignored `json:"isBanned"`
}

type seedMember struct {
	Scope    string  `json:"scope"`
	JoinedAt seconds `json:"joinedAt"`
}

func (s *seed) readGroups(list value) error {
	entries, err := list.entries("group")
	s.groups = make([]seedGroup, len(entries))
	for i, e := range entries {
		g := &s.groups[i]
		g.entry = e
		if err := e.into(g); err != nil {
			return err
		}
		g.Group.CreatedAt, g.Group.UpdatedAt = int64(g.CreatedAt), int64(g.UpdatedAt)
	}
	return err
}

func (s *Store) loadGroups(from *seed, now time.Time) error {
	for i := range from.groups {
		seeded := &from.groups[i]
		g := seeded.Group // a pointer into from would keep its text in memory
		errs := g.normalize(now)
		if len(errs) > 0 {
			first := slices.Sorted(maps.Keys(errs))[0]
			return seeded.wrong(seeded.field(first), "%s", errs.text())
		}
		if s.groups[g.GUID] != nil {
			return seeded.wrong(seeded.field("guid"), "the guid is there twice")
		}
		if err := s.loadMembers(&g, seeded); err != nil {
			return err
		}
		s.putGroup(&g)
	}
	return nil
}

// loadMembers reads the members and the banned users of g. The owner, if a user, is a member and an admin.
func (s *Store) loadMembers(g *Group, from *seedGroup) error {
	g.Members, g.Banned = map[string]*Member{}, map[string]int64{}
	for _, name := range slices.Sorted(maps.Keys(from.Members)) {
		uid, m := strings.ToLower(name), from.Members[name]
		if m == nil {
			m = &seedMember{}
		}
		member := &Member{m.Scope, int64(m.JoinedAt)}
		if member.Scope == "" {
			member.Scope = Participant
		}
		switch {
		case s.users[uid] == nil:
			return from.wrong(from.entry.field("members").field(name), "the member %q is not the uid of a user", uid)
		case ScopeRank(member.Scope) == RankNone:
			return from.wrong(from.entry.field("members").field(name), "the scope %q is not admin, moderator or participant", m.Scope)
		}
		if member.JoinedAt == 0 {
			member.JoinedAt = g.CreatedAt
		}
		g.Members[uid] = member
	}
	if owner := g.Members[g.Owner]; owner != nil {
		owner.Scope = Admin
	} else if s.users[g.Owner] != nil {
		g.Members[g.Owner] = &Member{Admin, g.CreatedAt}
	}
	for name, at := range from.Banned {
		uid := strings.ToLower(name)
		if s.users[uid] == nil || g.Members[uid] != nil {
			return from.wrong(from.entry.field("banned").field(name), "the banned %q is not the uid of a user who is no member", uid)
		}
		g.Banned[uid] = max(int64(at), 1)
	}
	return nil
}

// normalize fills in what a person may leave out. It returns what is wrong with the fields.
func (g *Group) normalize(now time.Time) FieldErrors {
	fill := func(field *string, otherwise string) {
		if *field == "" {
			*field = otherwise
		}
	}
	fill(&g.Name, g.GUID)
	fill(&g.Type, Public)
	fill(&g.Owner, System)
	g.GUID, g.Owner = strings.ToLower(g.GUID), strings.ToLower(g.Owner)
	g.Metadata = compacted(g.Metadata)
	f := GroupFields{
		GUID: &g.GUID, Name: &g.Name, Type: &g.Type, Password: &g.Password, Icon: &g.Icon, Description: &g.Description,
		Owner: &g.Owner, Tags: g.Tags,
	}
	if len(g.Metadata) > 0 {
		f.Metadata = &g.Metadata
	}
	errs := f.Check(true)
	if g.Type == Password && g.Password == "" {
		errs.Add("password", "field is required.")
	}
	if g.CreatedAt == 0 {
		g.CreatedAt = now.Unix()
	}
	return errs
}

// savedGroups returns the groups in the order of their creation.
func (s *Store) savedGroups() []*Group { return s.Groups(func(*Group) bool { return true }) }

// loadGroupSides sets what the conversation of a group is to its members. What is there about other users is dropped.
func (s *Store) loadGroupSides(from *seedConversation) error {
	g := s.groups[strings.ToLower(from.GUID)]
	if g == nil {
		return from.wrong(from.field("guid"), "no group has the guid %q", from.GUID)
	}
	c := g.conversation
	c.CreatedAt, c.UpdatedAt = max(c.CreatedAt, from.CreatedAt), max(c.UpdatedAt, from.UpdatedAt)
	for uid, side := range from.Sides {
		if c.Sides[uid] != nil && side != nil {
			c.Sides[uid] = side
		}
	}
	return nil
}

// compacted returns metadata without the white space with which Save indents it: it may exceed its limit with that. Of null it
// returns nil.
func compacted(metadata json.RawMessage) json.RawMessage {
	var compact bytes.Buffer
	_ = json.Compact(&compact, metadata) // it was decoded from JSON
	if compact.String() == "null" {
		return nil
	}
	return compact.Bytes()
}
