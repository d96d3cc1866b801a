package cometchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/cometchat-go/cometchat/internal/lenient"
)

// AddGroup adds a group with its members and banned users, of any number. As with [Server.AddUser], nobody hears of it. A name or
// a type that is missing is the guid, or [cometchat.GroupPublic]. Without an Owner the app owns the group. AddGroup panics if there
// is a group with this guid, if a field could not be used for [cometchat.Client.CreateGroup], or if no user has one of the uids.
func (s *Server) AddGroup(g cometchat.NewGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g.Type, g.Name = cmp.Or(g.Type, cometchat.GroupPublic), cmp.Or(g.Name, g.GUID)
	f := store.GroupFields{
		GUID: &g.GUID, Name: &g.Name, Type: &g.Type, Password: g.Password, Icon: &g.Icon, Description: &g.Description,
		Tags: slices.Clone(g.Tags),
	}
	if len(g.Metadata) > 0 {
		f.Metadata = new(slices.Clone(g.Metadata))
	}
	errs := f.Check(true)
	if s.store.Group(strings.ToLower(g.GUID)) != nil {
		errs.Add("guid", "is taken.")
	}
	if g.Type == store.Password && value(g.Password) == "" {
		errs.Add("password", "field is required.")
	}
	if len(errs) > 0 {
		panic(fmt.Sprintf("cometchattest: AddGroup: %q: %v", g.GUID, errs))
	}
	owner, scopes := store.System, map[string]string{} // an empty scope is a ban
	if g.Owner != "" {
		owner = s.known("AddGroup", g.Owner)
	}
	for scope, uids := range map[string][]string{
		store.Admin: g.Members.Admins, store.Moderator: g.Members.Moderators, store.Participant: g.Members.Participants, "": g.Members.Banned,
	} {
		for _, uid := range uids {
			uid = s.known("AddGroup", uid)
			if _, twice := scopes[uid]; twice || uid == owner {
				panic(fmt.Sprintf("cometchattest: AddGroup: %q: the user %q is there twice", g.GUID, uid))
			}
			scopes[uid] = scope
		}
	}
	s.addGroup(f, owner, scopes)
}

// addGroup adds a group that AddGroup has checked.
func (s *Server) addGroup(f store.GroupFields, owner string, scopes map[string]string) {
	g := s.store.CreateGroup(f, owner, s.time())
	for uid, scope := range scopes {
		if scope == "" {
			s.store.Ban(g, uid, s.time())
		} else {
			s.store.AddMember(g, uid, scope, s.time())
		}
	}
}

// knownGroup returns a group. It panics in the name of the method if there is no such group. The caller holds s.mu.
func (s *Server) knownGroup(method, guid string) *store.Group {
	g := s.store.Group(strings.ToLower(guid))
	if g == nil {
		panic(fmt.Sprintf("cometchattest: %s: no group has the guid %q", method, guid))
	}
	return g
}

// Group returns a copy of the group with this guid, as a server sees it with the REST API key, or nil if there is none.
func (s *Server) Group(guid string) *cometchat.Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.store.Group(strings.ToLower(guid))
	if g == nil {
		return nil
	}
	raw, _ := lenient.Marshal(s.store.ViewGroup(g, "")) // its metadata was checked
	group := &cometchat.Group{}
	_ = json.Unmarshal(raw, group) // raw has the form of the API
	return group
}

// GroupMembers returns the members of a group, in the order of their creation as users. The values are copies. It panics if there
// is no such group.
func (s *Server) GroupMembers(guid string) (members []*cometchat.GroupMember) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.knownGroup("GroupMembers", guid)
	for _, u := range s.store.Users(func(u *store.User) bool { return g.Members[u.UID] != nil }) {
		raw, _ := lenient.Marshal(groupMember{User: u, Tags: u.Tags, Scope: g.Members[u.UID].Scope, JoinedAt: g.Members[u.UID].JoinedAt})
		m := &cometchat.GroupMember{}
		_ = json.Unmarshal(raw, m) // raw has the form of the API
		members = append(members, m)
	}
	return members
}

// JoinGroup makes a user a member of a group, as a client of the user would that knows the password. The live connections of the
// members hear of it. It panics if there is no such group or user, or if the server refuses, for example a private group.
func (s *Server) JoinGroup(guid, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, c := s.knownGroup("JoinGroup", guid), s.callOf(s.known("JoinGroup", uid))
	c.body, _ = lenient.Marshal(map[string]string{"password": g.Password})
	if _, err := s.joinGroup(c, g, c.token.UID); err != nil {
		panic(fmt.Sprintf("cometchattest: JoinGroup: %v", err))
	}
}

// KickGroupMember removes a member from a group, as a server would with the REST API key. The live connections of the members and
// of the user hear of it. It panics if there is no such group or member.
func (s *Server) KickGroupMember(guid, uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.knownGroup("KickGroupMember", guid)
	if _, err := s.kickMember(s.callOf(""), g, "", s.known("KickGroupMember", uid)); err != nil {
		panic(fmt.Sprintf("cometchattest: KickGroupMember: %v", err))
	}
}
