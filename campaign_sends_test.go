package cometchat_test

import (
	"context"
	"errors"

	"github.com/cometchat-go/cometchat"
)

// campaignResolves is how often a campaign tries to settle a send. A try fails when each attempt of a request does.
const campaignResolves = 10

// sends sends a message to the friend, and notes how often the server has to have it.
func (a *actor) sends(ctx context.Context, parentID string) error {
	m := cometchat.NewTextMessage(cometchat.ToUser(a.friend), a.newText())
	m.ParentID = parentID
	sent, err := a.client.SendMessage(ctx, m)
	switch {
	case err == nil:
		a.sent[m.MUID] = 1
		a.isSent(m, sent)
	case errors.Is(err, cometchat.ErrSendUnknown):
		a.unsettled = append(a.unsettled, m)
	default:
		a.sent[m.MUID] = 0
	}
	return err
}

// isSent checks that a call returned the message that was sent.
func (a *actor) isSent(m *cometchat.OutgoingMessage, sent *cometchat.Message) {
	if sent.MUID != m.MUID || sent.Text != m.Text || sent.ParentID != m.ParentID || sent.Sender.UID != a.uid {
		a.failf("the message is %v, not %q with the MUID %s in the thread %q", sent, m.Text, m.MUID, m.ParentID)
	}
}

// settle finds out what became of each unsettled send, and checks that the server has each message once, or not at all.
func (a *actor) settle() {
	for _, m := range a.unsettled {
		a.resolve(context.WithValue(a.t.Context(), actorKey{}, a), m)
	}
	held := map[string]int{}
	for _, m := range a.emulator.Messages(a.uid + "_user_" + a.friend) {
		held[m.MUID]++
	}
	for muid, want := range a.sent {
		if held[muid] != want {
			a.failf("the server has the message %s %d times, not %d times", muid, held[muid], want)
		}
	}
}

// resolve tries until ResolveSend knows whether the server has a message.
func (a *actor) resolve(ctx context.Context, m *cometchat.OutgoingMessage) {
	var found *cometchat.Message
	var err error
	for range campaignResolves {
		if _, err = a.client.EnsureLoggedIn(ctx); err != nil {
			continue
		}
		found, err = a.client.ResolveSend(ctx, m)
		switch {
		case err == nil:
			a.sent[m.MUID] = 1
			a.isSent(m, found)
		case errors.Is(err, cometchat.ErrNotSent):
			a.sent[m.MUID] = 0
		default:
			a.checkReason(err)
			elapse(asError(err).RetryAfter)
			continue
		}
		a.figures.settled(a.sent[m.MUID])
		return
	}
	a.failf("nobody knows whether the message %s was sent: %v", m.MUID, err)
}

// unreadAtServer returns how many unread messages the server counts for each user; nil after a call that has failed.
func (a *actor) unreadAtServer(err error) map[string]int {
	if err != nil {
		return nil
	}
	token, _ := a.client.AuthToken(a.t.Context())
	var rows []struct {
		EntityID string
		Count    int
	}
	a.ask(token, "/messages?unread=1&count=1", &rows)
	unread := map[string]int{}
	for _, row := range rows {
		unread[row.EntityID] = row.Count
	}
	return unread
}
