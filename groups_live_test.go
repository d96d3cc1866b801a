package cometchat_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// groupWorld is a liveWorld with the group hikers: uid1, whose client is c, is a participant, and uid2, whose client is owner, owns
// the group. told collects what c hears.
type groupWorld struct {
	*liveWorld
	owner *cometchat.Client

	mu   sync.Mutex
	told []string // guarded by mu
}

func newGroupWorld(t *testing.T, w *liveWorld) *groupWorld {
	t.Helper()
	w.AddGroup(cometchat.NewGroup{GUID: "hikers", Owner: uid2, Members: cometchat.NewGroupMembers{Participants: []string{uid1}}})
	g := &groupWorld{liveWorld: w, owner: emulatedUser(t, w.Server, uid2)}
	hear := func(e string) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.told = append(g.told, e)
	}
	changed := func(e cometchat.GroupMemberChanged) { hear(fmt.Sprint(e.Action, " ", e.Member.UID)) }
	w.c.AddGroupListener("test", cometchat.GroupListener{
		GroupMemberJoined: changed, GroupMemberKicked: changed, GroupMemberBanned: changed, GroupMemberUnbanned: changed,
		MemberAddedToGroup: changed,
	})
	w.c.AddMessageListener("test", cometchat.MessageListener{
		MessageReceived:          func(m *cometchat.Message) { hear(m.Text) },
		MessageEdited:            func(m *cometchat.Message) { hear("edited " + m.Text) },
		TypingStarted:            func(t cometchat.Typing) { hear("typing in " + t.Receiver.ID) },
		ReceiptReceived:          func(r cometchat.Receipt) { hear(fmt.Sprint(r.Kind, " in ", r.Receiver.ID)) },
		ReactionAdded:            func(e cometchat.ReactionChanged) { hear(e.Reaction.Reaction) },
		TransientMessageReceived: func(m cometchat.TransientMessage) { hear("transient in " + m.Receiver.ID) },
	})
	require.NoError(t, g.owner.Connect(t.Context()))
	require.NoError(t, w.c.Connect(t.Context()))
	settle()
	return g
}

// heard returns what the client has heard since the last call. The two listeners have no order between them.
func (g *groupWorld) heard() (told []string) {
	settle()
	g.mu.Lock()
	defer g.mu.Unlock()
	told, g.told = g.told, nil
	return told
}

// everything has the owner do all that the members of a group hear of, but for changes of the members.
func (g *groupWorld) everything(t *testing.T, text string) {
	t.Helper()
	ctx, to := t.Context(), cometchat.ToGroup("hikers")
	m, err := g.owner.SendMessage(ctx, cometchat.NewTextMessage(to, text))
	require.NoError(t, err)
	_, err = g.owner.EditMessage(ctx, m.ID, cometchat.MessageEdit{Text: text + "!"})
	require.NoError(t, err)
	_, err = g.owner.AddReaction(ctx, m.ID, "👍")
	require.NoError(t, err)
	require.NoError(t, g.owner.StartTyping(ctx, to, nil))
	require.NoError(t, g.owner.SendTransientMessage(ctx, to, object{}))
	require.NoError(t, g.owner.MarkAsRead(ctx, m))
}

func TestMembersAloneHear(t *testing.T) {
	live(t, "of messages, edits, reactions, typing and receipts", func(t *testing.T, w *liveWorld) {
		g := newGroupWorld(t, w)
		g.everything(t, "one")
		want := []string{"one", "edited one!", "👍", "typing in hikers", "transient in hikers", "read in hikers"}
		assert.Subset(t, g.heard(), want)
		require.NoError(t, g.owner.KickGroupMember(t.Context(), "hikers", uid1))
		assert.Equal(t, []string{"kicked " + uid1}, g.heard(), "also of what happens to oneself")
		g.everything(t, "two")
		g.JoinGroup("hikers", "cometchat-uid-3")
		assert.Empty(t, g.heard())
		g.JoinGroup("hikers", uid1)
		g.heard()
		g.everything(t, "three")
		assert.Contains(t, g.heard(), "three")
		require.NoError(t, g.owner.BanGroupMember(t.Context(), "hikers", uid1))
		g.everything(t, "four")
		require.NoError(t, g.owner.UnbanGroupMember(t.Context(), "hikers", uid1))
		g.everything(t, "five")
		assert.Equal(t, []string{"banned " + uid1, "unbanned " + uid1}, g.heard())
	})
	live(t, "in a catch-up", func(t *testing.T, w *liveWorld) {
		g := newGroupWorld(t, w)
		events := w.c.Events(t.Context())
		require.NoError(t, w.c.Disconnect())
		settle() // the server knows it
		g.everything(t, "one")
		g.JoinGroup("hikers", "cometchat-uid-3")
		g.SendGroupMessage("cometchat-uid-3", "hikers", "two")
		require.NoError(t, w.c.Connect(t.Context()))
		elapse(time.Minute)
		require.NoError(t, w.c.Disconnect())
		settle()
		g.SendGroupMessage("cometchat-uid-3", "hikers", "three")
		g.KickGroupMember("hikers", uid1)
		g.SendGroupMessage("cometchat-uid-3", "hikers", "four")
		require.NoError(t, w.c.Connect(t.Context()))
		elapse(time.Minute)
		require.NoError(t, w.c.Close())
		var told []string
		for e := range events { // one subscriber hears of all in order
			switch e := e.(type) {
			case cometchat.MessageReceived:
				told = append(told, e.Message.Text)
			case cometchat.MessageEdited:
				told = append(told, "edited "+e.Message.Text)
			case cometchat.GroupMemberChanged:
				told = append(told, fmt.Sprint(e.Action, " ", e.Member.UID))
			case cometchat.Gap:
				told = append(told, e.Err.Error())
			}
		}
		assert.Equal(t, []string{"one!", "edited one!", "joined cometchat-uid-3", "two"}, told, "a user who was removed hears of nothing that is new")
	})
}
