package store_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withGroup returns the store of filled with the group club: ada owns it, bob is a moderator, eve is banned.
func withGroup() (*store.Store, *store.Group) {
	s := filled()
	guid, name, kind, password, metadata := "Club", "Club", store.Password, "pw", json.RawMessage(`{"k":1}`)
	g := s.CreateGroup(store.GroupFields{
		GUID: &guid, Name: &name, Type: &kind, Password: &password, Metadata: &metadata, Tags: []string{"t"},
	}, "ada", now)
	s.AddMember(g, "bob", store.Moderator, now)
	s.Ban(g, "eve", now)
	return s, g
}

func inGroup(s *store.Store, sender string) *store.Message {
	return s.SendMessage(store.Message{
		Sender: sender, ReceiverType: "group", Receiver: "club", Category: "message", Type: "text",
		Data: map[string]json.RawMessage{"text": json.RawMessage(`"hi"`)},
	}, now)
}

func TestSavedGroups(t *testing.T) {
	t.Parallel()
	first, g := withGroup()
	first.RecordAction(g, store.GroupAction{Action: "added", By: "ada", On: "bob"}, now)
	m := inGroup(first, "ada")
	first.MarkRead(g.Conversation(), "bob", m.Number(), now)
	inGroup(first, "ada")
	state := saved(t, first)
	assert.Same(t, g.Conversation(), first.Conversation("group_club"))

	second := store.New()
	require.NoError(t, load(second, state))
	assert.Equal(t, state, saved(t, second))
	loaded := second.Group("club")
	assert.Equal(t, "pw", loaded.Password)
	assert.Equal(t, store.RankOwner, loaded.Rank("ada"))
	assert.Equal(t, store.RankModerator, loaded.Rank("bob"))
	assert.NotZero(t, loaded.Banned["eve"])
	assert.Len(t, second.UnreadMessages(loaded.Conversation(), "bob"), 1)
	view, err := json.Marshal(second.ViewGroup(loaded, "bob"))
	require.NoError(t, err)
	assert.NotContains(t, string(view), "pw", "no answer has the password")
}

func TestGroupsByHand(t *testing.T) {
	t.Parallel()
	s := store.New()
	require.NoError(t, load(s, `{"users":[{"uid":"ada"},{"uid":"bob"},{"uid":"eve"}],"groups":[
		{"guid":"Club","owner":"Ada","members":{"BOB":null},"banned":{"eve":"2024-05-01T10:00:00Z"},"membersCount":7},
		{"guid":"own","owner":"ada","members":{"ada":{"scope":"participant","joinedAt":5}},"metadata":null}],
		"messages":[{"receiverType":"group","receiver":"CLUB","sender":"ada","data":{"text":"hi"}}]}`))
	g := s.Group("club")
	assert.Equal(t, "Club", g.Name)
	assert.Equal(t, &store.Member{Scope: store.Participant, JoinedAt: now.Unix()}, g.Members["bob"])
	assert.Equal(t, store.RankOwner, g.Rank("ada"))
	assert.Equal(t, &store.Member{Scope: store.Admin, JoinedAt: 5}, s.Group("own").Members["ada"])
	assert.Len(t, s.UnreadMessages(g.Conversation(), "bob"), 1)
	for state, says := range map[string]string{
		`{"groups":1}`:                                                                          "line 1: the groups must be a list, not a number",
		`{"groups":[{"guid":1}]}`:                                                               "the guid must be a text",
		`{"groups":[{"name":"x"}]}`:                                                             "the guid field is required",
		`{"groups":[{"guid":"a","type":"protected"}]}`:                                          "must be public, private or password",
		`{"groups":[{"guid":"a","type":"password"}]}`:                                           "the password field is required",
		`{"groups":[{"guid":"a","metadata":[]}]}`:                                               "the metadata must be an object",
		`{"groups":[{"guid":"a"},{"guid":"A"}]}`:                                                "the guid is there twice",
		`{"groups":[{"guid":"a","members":{"x":null}}]}`:                                        `the member "x" is not the uid of a user`,
		`{"users":[{"uid":"x"}],"groups":[{"guid":"a","members":{"x":{"scope":"owner"}}}]}`:     `the scope "owner" is not`,
		`{"users":[{"uid":"x"}],"groups":[{"guid":"a","members":{"x":null},"banned":{"x":1}}]}`: `the banned "x" is not`,
		`{"conversations":[{"conversationId":"group_a","guid":"a"}]}`:                           `no group has the guid "a"`,
		`{"messages":[{"receiverType":"group","receiver":"a","sender":"x"}]}`:                   `no group has the guid "a"`,
	} {
		require.ErrorContains(t, load(store.New(), state), says, state)
	}
}

func TestReachedAll(t *testing.T) {
	t.Parallel()
	s, g := withGroup()
	c := g.Conversation()
	first, second := inGroup(s, "ada"), inGroup(s, "bob")
	s.AddMember(g, "eve", store.Participant, now)
	third := inGroup(s, "ada")
	reached := func() []int { return []int{s.ReachedAll(c, false), s.ReachedAll(c, true)} }
	assert.Equal(t, []int{0, 0}, reached())
	s.MarkDelivered(c, "bob", third.Number(), now)
	assert.Equal(t, []int{first.Number(), 0}, reached(), "eve joined after the first message")
	s.MarkRead(c, "bob", first.Number(), now)
	s.MarkDelivered(c, "ada", second.Number(), now)
	assert.Equal(t, []int{second.Number(), first.Number()}, reached())
	s.MarkRead(c, "eve", third.Number(), now)
	s.MarkRead(c, "bob", third.Number(), now)
	assert.Equal(t, []int{third.Number(), third.Number()}, reached(), "the sender need not read it")
	view := s.View(third, "ada", store.ViewOptions{})
	assert.Equal(t, []int64{now.Unix(), now.Unix()}, []int64{view.DeliveredAt, view.ReadAt})
}

func TestGroupsWithoutUser(t *testing.T) {
	t.Parallel()
	s, g := withGroup()
	m := inGroup(s, "bob")
	s.RemoveUser("bob")
	s.RemoveUser("eve")
	assert.Len(t, g.Members, 1)
	assert.Empty(t, g.Banned)
	assert.True(t, s.CanSee("ada", m), "the messages of a deleted user stay")
	s.RemoveGroup(g)
	assert.Nil(t, s.Group("club"))
	assert.Nil(t, s.Message(m.ID))
	assert.Nil(t, s.Conversation("group_club"))
}

// TestSameConversationID has two users and a group whose conversations have the same id.
func TestSameConversationID(t *testing.T) {
	t.Parallel()
	s := store.New()
	require.NoError(t, load(s, `{"users":[{"uid":"group_a"},{"uid":"z"}],"groups":[{"guid":"a_user_z","members":{"z":null}}],"messages":[
		{"sender":"z","receiver":"group_a","data":{"text":"hi"}},{"sender":"x","receiverType":"group","receiver":"a_user_z","data":{"text":"all"}}]}`))
	assert.Len(t, s.Conversations("z"), 2)
	assert.Len(t, s.Between("z", "group_a").Messages(), 1)
	assert.Len(t, s.Group("a_user_z").Conversation().Messages(), 1)
	assert.False(t, s.CanSee("group_a", s.Message("2")))
	state := saved(t, s)
	require.NoError(t, load(s, state))
	assert.Equal(t, state, saved(t, s))
}
