package cometchat_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// crowd is many groups, and clients who join and leave them, write, add, kick and ban, all at the same time.
type crowd struct {
	*cometchattest.Server
	guids   []string
	users   []string // some of them are those of the clients
	clients []*crowdClient
	first   map[string]map[string]string // the scopes in each group at the beginning, by uid
}

type crowdClient struct {
	*cometchat.Client
	uid    string
	random *rand.Rand

	mu    sync.Mutex
	heard []string // guarded by mu
}

// TestGroupsAtRandom has 20 clients, with -full, change 50 groups of 500 users at random. At the end the lists of each client agree
// with the history of the groups, and each client has heard exactly what happened while its user was a member.
//
//	go test -race -run TestGroupsAtRandom . -full
func TestGroupsAtRandom(t *testing.T) {
	t.Parallel()
	groups, users, clients, rounds := 8, 60, 6, 5
	if *full {
		groups, users, clients, rounds = 50, 500, 20, 8
	}
	for seed := range uint64(2) {
		inBubble(t, fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newCrowd(t, seed, groups, users, clients)
			for range rounds { // a round is short enough for the mailboxes of the clients
				var wg sync.WaitGroup
				for _, client := range c.clients {
					wg.Go(func() {
						for range 20 {
							c.step(t, client)
						}
					})
				}
				wg.Wait()
				settle()
			}
			c.check(t)
		})
	}
}

func newCrowd(t *testing.T, seed uint64, groups, users, clients int) *crowd {
	t.Helper()
	c := &crowd{Server: cometchattest.New(), first: map[string]map[string]string{}}
	t.Cleanup(c.Close)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // repeatable
	for i := range users {
		c.users = append(c.users, fmt.Sprintf("user-%03d", i))
		c.AddUser(&cometchat.User{UID: c.users[i], Name: c.users[i]})
	}
	for i := range groups {
		g := cometchat.NewGroup{GUID: fmt.Sprintf("group-%02d", i), Owner: c.users[i%clients]}
		scopes := map[string]string{g.Owner: cometchat.ScopeAdmin}
		for at, uid := range c.users {
			switch {
			case uid == g.Owner:
			case at < clients && random.IntN(2) == 0:
				g.Members.Admins, scopes[uid] = append(g.Members.Admins, uid), cometchat.ScopeAdmin
			case random.IntN(20) == 0:
				g.Members.Moderators, scopes[uid] = append(g.Members.Moderators, uid), cometchat.ScopeModerator
			case random.IntN(3) > 0:
				g.Members.Participants, scopes[uid] = append(g.Members.Participants, uid), cometchat.ScopeParticipant
			}
		}
		c.AddGroup(g)
		c.guids, c.first[g.GUID] = append(c.guids, g.GUID), scopes
	}
	for i := range clients {
		client := &crowdClient{Client: emulatedUser(t, c.Server, c.users[i]), uid: c.users[i]}
		client.random = rand.New(rand.NewPCG(seed, uint64(i+1))) //nolint:gosec // repeatable
		go client.listen(client.Events(t.Context()))
		require.NoError(t, client.Connect(t.Context()))
		c.clients = append(c.clients, client)
	}
	return c
}

func (c *crowdClient) listen(events func(func(cometchat.Event) bool)) {
	for e := range events {
		var text string
		switch e := e.(type) {
		case cometchat.MessageReceived:
			text = entry(e.Message)
		case cometchat.GroupMemberChanged:
			text = entry(e.Message)
			if e.Group.GUID != e.Message.Receiver.ID || !strings.Contains(text, " "+string(e.Action)+" ") || !strings.HasSuffix(text, " "+e.Member.UID) {
				text = fmt.Sprintf("%+v", e)
			}
		case cometchat.EventsDropped, cometchat.Gap, cometchat.UnknownEvent:
			text = fmt.Sprintf("%+v", e)
		default:
			continue
		}
		c.mu.Lock()
		c.heard = append(c.heard, text)
		c.mu.Unlock()
	}
}

// entry returns a message of a history as a text: "812 group-01 user-001 kicked user-002", or "812 group-01 user-001 text hi".
func entry(m *cometchat.Message) string {
	what := "text " + m.Text
	if m.Action != nil {
		what = m.Action.Action + " " + cmp.Or(m.Action.OnUser, m.Action.By).UID
	}
	return strings.Join([]string{m.ID, m.Receiver.ID, m.Sender.UID, what}, " ")
}

// anybody returns one of the users, more often that of a client.
func (c *crowd) anybody(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return c.clients[random.IntN(len(c.clients))].uid
	}
	return c.users[random.IntN(len(c.users))]
}

// step has a client do something with a group, which the server may refuse.
func (c *crowd) step(t *testing.T, by *crowdClient) {
	t.Helper()
	guid, ctx := c.guids[by.random.IntN(len(c.guids))], t.Context()
	uid, other := c.anybody(by.random), c.anybody(by.random)
	var err error
	switch by.random.IntN(10) {
	case 0, 1:
		_, err = by.JoinGroup(ctx, guid, "")
	case 2:
		err = by.LeaveGroup(ctx, guid)
	case 3, 4:
		_, err = by.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToGroup(guid), "hi"))
	case 5:
		err = by.KickGroupMember(ctx, guid, uid)
	case 6:
		err = by.BanGroupMember(ctx, guid, uid)
	case 7:
		for banned, failed := range by.ListBannedGroupMembers(ctx, guid, cometchat.BannedGroupMembersRequest{}) {
			if err = failed; err == nil {
				err = by.UnbanGroupMember(ctx, guid, banned.UID)
			}
			break
		}
	case 8:
		err = by.UpdateGroupMemberScope(ctx, guid, uid, []string{cometchat.ScopeModerator, cometchat.ScopeParticipant}[by.random.IntN(2)])
	case 9:
		var outcomes map[string]error
		outcomes, err = by.AddGroupMembers(ctx, guid, cometchat.NewGroupMembers{Participants: slices.Compact([]string{uid, other})})
		for _, outcome := range outcomes {
			err = errors.Join(err, outcome)
		}
	}
	for _, fine := range []error{
		cometchat.ErrNotPermitted, cometchat.ErrNotJoined, cometchat.ErrAlreadyJoined, cometchat.ErrBanned, cometchat.ErrNotBanned,
		cometchat.ErrSameScope,
	} {
		if errors.Is(err, fine) {
			return
		}
	}
	assert.NoError(t, err)
}

// crowdGroup is a group as its history says.
type crowdGroup struct {
	scopes map[string]string // of the members
	banned map[string]bool
}

// replay goes through the history of a group. It returns the group as it is at the end, and tells who has to have heard of each
// entry: the members, and the user whom it is about, but not the user who did it.
func (c *crowd) replay(guid string, tell func(m *cometchat.Message, uids map[string]string)) crowdGroup {
	g := crowdGroup{maps.Clone(c.first[guid]), map[string]bool{}}
	for _, m := range c.Messages("group_" + guid) {
		about := ""
		if a := m.Action; a != nil {
			about = cmp.Or(a.OnUser, a.By).UID
			switch cometchat.MemberAction(a.Action) {
			case cometchat.MemberJoined, cometchat.MemberAdded:
				g.scopes[about] = cometchat.ScopeParticipant
			case cometchat.MemberBanned:
				g.banned[about] = true
				delete(g.scopes, about)
			case cometchat.MemberLeft, cometchat.MemberKicked:
				delete(g.scopes, about)
			case cometchat.MemberUnbanned:
				delete(g.banned, about)
			case cometchat.MemberScopeChanged:
				g.scopes[about] = a.NewScope
			}
		}
		hear := maps.Clone(g.scopes)
		if about != "" {
			hear[about] = ""
		}
		delete(hear, m.Sender.UID)
		tell(m, hear)
	}
	return g
}

// check compares the server, the lists of the clients and what they have heard with the history of the groups.
func (c *crowd) check(t *testing.T) {
	t.Helper()
	heard, groups, said := map[string][]*cometchat.Message{}, map[string]crowdGroup{}, map[string]int{}
	for _, guid := range c.guids {
		groups[guid] = c.replay(guid, func(m *cometchat.Message, uids map[string]string) {
			for uid := range uids {
				heard[uid] = append(heard[uid], m)
			}
			if said["text"]++; m.Action != nil {
				said["text"]--
				said[m.Action.Action]++
			}
		})
		server := map[string]string{}
		for _, m := range c.GroupMembers(guid) {
			server[m.UID] = m.Scope
		}
		assert.Equal(t, groups[guid].scopes, server, guid)
	}
	t.Log("what happened: ", said)
	assert.Len(t, said, 8, "all kinds of entries")
	for _, client := range c.clients {
		slices.SortFunc(heard[client.uid], func(a, b *cometchat.Message) int { return cmp.Compare(number(t, a), number(t, b)) })
		want := make([]string, len(heard[client.uid]))
		for i, m := range heard[client.uid] {
			want[i] = entry(m)
		}
		client.mu.Lock()
		assert.Equal(t, want, client.heard, client.uid)
		client.mu.Unlock()
		c.checkLists(t, client, groups)
	}
}

func number(t *testing.T, m *cometchat.Message) int {
	t.Helper()
	n, err := strconv.Atoi(m.ID)
	require.NoError(t, err)
	return n
}

// checkLists compares what a client can list with the groups.
func (c *crowd) checkLists(t *testing.T, client *crowdClient, groups map[string]crowdGroup) {
	t.Helper()
	joined := map[string]bool{}
	for g, err := range client.ListGroups(t.Context(), cometchat.GroupsRequest{JoinedOnly: true, Limit: 7}) {
		require.NoError(t, err)
		joined[g.GUID] = true
	}
	online, err := client.OnlineGroupMemberCount(t.Context(), c.guids)
	require.NoError(t, err)
	for _, guid := range c.guids {
		g := groups[guid]
		scope, member := g.scopes[client.uid]
		assert.Equal(t, member, joined[guid])
		connected := 0
		for _, other := range c.clients {
			if _, in := g.scopes[other.uid]; in {
				connected++
			}
		}
		assert.Equal(t, connected, online[guid])
		known, err := client.GetGroup(t.Context(), guid)
		require.NoError(t, err)
		assert.Equal(t, []any{len(g.scopes), member, scope, g.banned[client.uid]}, []any{known.MembersCount, known.HasJoined, known.Scope, known.IsBanned})
		if !member {
			require.ErrorIs(t, firstOf(client.ListGroupMembers(t.Context(), guid, cometchat.GroupMembersRequest{})), cometchat.ErrNotJoined)
			continue
		}
		scopes := map[string]string{}
		for m, err := range client.ListGroupMembers(t.Context(), guid, cometchat.GroupMembersRequest{}) {
			require.NoError(t, err)
			scopes[m.UID] = m.Scope
		}
		assert.Equal(t, g.scopes, scopes)
		if scope == cometchat.ScopeParticipant {
			continue
		}
		banned := map[string]bool{}
		for m, err := range client.ListBannedGroupMembers(t.Context(), guid, cometchat.BannedGroupMembersRequest{}) {
			require.NoError(t, err)
			banned[m.UID] = true
		}
		assert.Equal(t, g.banned, banned)
	}
}
