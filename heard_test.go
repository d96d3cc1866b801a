package cometchat_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// transcript has what the listeners of a client were called with, one line for each call.
type transcript struct {
	mu    sync.Mutex
	lines []string
}

func (h *transcript) addf(format string, values ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, strings.TrimSpace(fmt.Sprintf(format, values...)))
}

// take returns the lines since the last call.
func (h *transcript) take() []string {
	settle()
	h.mu.Lock()
	defer h.mu.Unlock()
	lines := h.lines
	h.lines = nil
	return lines
}

// transcribe adds listeners with all their functions to a client.
func transcribe(c *cometchat.Client) *transcript {
	h := &transcript{}
	message := func(what string) func(*cometchat.Message) {
		return func(m *cometchat.Message) { h.addf("%s %s %s", what, m.ID, m.Text) }
	}
	typing := func(what string) func(cometchat.Typing) {
		return func(e cometchat.Typing) { h.addf("%s %s to %s %s", e.User.UID, what, e.Receiver, e.Metadata) }
	}
	reaction := func(what string) func(cometchat.ReactionChanged) {
		return func(e cometchat.ReactionChanged) {
			h.addf("%s %s %s of %s in %s", what, e.Reaction.Reaction, e.Reaction.MessageID, e.Reaction.UID, e.Receiver)
		}
	}
	c.AddMessageListener("transcript", cometchat.MessageListener{
		MessageReceived: message("received"), MessageEdited: message("edited"), MessageDeleted: message("deleted"),
		MessageModerated: message("moderated"), MessagePinned: message("pinned"), MessageUnpinned: message("unpinned"),
		MessageSaved: message("saved"), MessageUnsaved: message("unsaved"),
		TypingStarted: typing("types"), TypingEnded: typing("has ended"),
		ReceiptReceived: func(r cometchat.Receipt) { h.addf("%s %s by %s in %s", r.Kind, r.MessageID, r.User.UID, r.Receiver) },
		ReactionAdded:   reaction("added"), ReactionRemoved: reaction("removed"),
		TransientMessageReceived: func(m cometchat.TransientMessage) { h.addf("%s says to %s %s", m.Sender.UID, m.Receiver, m.Data) },
		InteractionCompleted:     func(e cometchat.InteractionCompleted) { h.addf("completed %s by %s", e.MessageID, e.User.UID) },
	})
	member := func(what string) func(cometchat.GroupMemberChanged) {
		return func(e cometchat.GroupMemberChanged) { h.addf("%s: %s", what, memberLine(e)) }
	}
	c.AddGroupListener("transcript", cometchat.GroupListener{
		GroupMemberJoined: member("joined"), GroupMemberLeft: member("left"), MemberAddedToGroup: member("added"),
		GroupMemberKicked: member("kicked"), GroupMemberBanned: member("banned"), GroupMemberUnbanned: member("unbanned"),
		GroupMemberScopeChanged: member("scope"),
	})
	pinned := func(what string) func(*cometchat.Conversation) {
		return func(c *cometchat.Conversation) { h.addf("%s %s", what, c.ID) }
	}
	c.AddConversationListener("transcript", cometchat.ConversationListener{
		ConversationPinned: pinned("pinned"), ConversationUnpinned: pinned("unpinned"),
	})
	return h
}

// memberLine describes a change of a group's members.
func memberLine(e cometchat.GroupMemberChanged) string {
	line := fmt.Sprintf("%s by %s in %s of %d", e.Member.UID, e.By.UID, e.Group.GUID, e.Group.MembersCount)
	if e.Action == cometchat.MemberScopeChanged {
		line += ", " + e.OldScope + " to " + e.NewScope
	}
	return line
}

// connected returns another client, whose user is logged in and connected, and what it hears.
func (w *liveWorld) connected(t *testing.T, uid string) (*cometchat.Client, *transcript) {
	t.Helper()
	c := w.client(t)
	_, err := c.Login(t.Context(), uid, w.AuthKey)
	require.NoError(t, err)
	heard := transcribe(c)
	require.NoError(t, c.Connect(t.Context()))
	assert.Empty(t, heard.take())
	return c, heard
}
