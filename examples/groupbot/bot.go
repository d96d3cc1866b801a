package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// bot is a user of a CometChat app that moderates the groups in which the user is an admin.
type bot struct {
	appID, authKey, uid string
	options             []cometchat.Option
	connected           func() // called once; may be nil

	client *cometchat.Client
	me     *cometchat.User
	say    func(format string, args ...any)
}

// run moderates until ctx ends, or the session does.
func (b *bot) run(ctx context.Context, out io.Writer) (err error) {
	b.say = func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	b.client, err = cometchat.New(b.appID, append(b.options, cometchat.WithResume(), cometchat.WithTimeout(patience/3))...)
	if err != nil {
		return err
	}
	defer b.client.Close()
	if b.me, err = b.client.Login(ctx, b.uid, b.authKey); err != nil {
		return err
	}
	events := b.client.Events(ctx) // before Connect, so that no event is missed
	if err := b.client.Connect(ctx); err != nil {
		return err
	}
	if b.connected != nil {
		b.connected()
	}

	for e := range events {
		switch e := e.(type) {
		case cometchat.GroupMemberChanged:
			b.say("%v: %s %s", e.Group, e.Member.UID, e.Action)
			if (e.Action == cometchat.MemberJoined || e.Action == cometchat.MemberAdded) && e.Member.UID != b.me.UID {
				err = b.do(ctx, e.Message, func(context.Context) (string, error) { return "Welcome, " + e.Member.Name + "!", nil })
			}
		case cometchat.MessageReceived:
			m := e.Message
			if uid, ok := strings.CutPrefix(m.Text, "/kick "); ok && m.Receiver.IsGroup() && m.Sender.UID != b.me.UID {
				err = b.do(ctx, m, func(ctx context.Context) (string, error) {
					return b.kick(ctx, m, strings.ToLower(strings.TrimSpace(uid)))
				})
			}
		case cometchat.ConnectionChanged:
			switch {
			case e.Err == nil:
				b.say("The bot is %v.", e.Status)
			case e.RetryIn == 0: // the session has ended: the bot hears nothing any more
				return e.Err
			default:
				b.say("The bot is %v, and connects again in %v. The reason: %v", e.Status, e.RetryIn.Round(time.Millisecond), e.Err)
			}
		case cometchat.Gap:
			b.say("Messages after %s are missing: %v", e.AfterID, e.Err)
		}
		if err != nil {
			b.say("It has failed: %v", err)
			err = nil
		}
	}
	b.say("The bot has ended.")
	return nil
}

// patience is how long the bot tries to do what one message asks for. The next message waits for so long.
const patience = 30 * time.Second

// do does what a message asks for, and sends the answer to the group. A signal does not cut it short, and a restart does not repeat it.
func (b *bot) do(ctx context.Context, m *cometchat.Message, act func(context.Context) (answer string, err error)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	answer := cometchat.NewTextMessage(m.ReplyTo(), "")
	answer.MUID = "groupbot-" + m.ID // the same after a restart
	if m.MayRepeat {
		for later, err := range b.client.ListMessages(ctx, cometchat.MessagesRequest{With: answer.To, AfterID: m.ID}) {
			if err != nil || later.MUID == answer.MUID && later.Sender.UID == b.me.UID {
				return err // an earlier process has done it
			}
		}
	}
	var err error
	if answer.Text, err = act(ctx); err != nil {
		return err
	}
	_, err = b.client.SendMessage(ctx, answer)
	for errors.Is(err, cometchat.ErrSendUnknown) && ctx.Err() == nil {
		e, _ := errors.AsType[*cometchat.Error](err)
		select {
		case <-time.After(max(time.Second, e.RetryAfter)):
			_, err = b.client.ResolveSend(ctx, answer)
		case <-ctx.Done():
		}
	}
	if err == nil {
		b.say("%v: said %q", answer.To, answer.Text)
	}
	return err
}

// kick removes a user from the group, as a member has asked for with m, if the member ranks above the user. The bot may do more than
// the member may: without this check, a moderator could have it remove an admin.
func (b *bot) kick(ctx context.Context, m *cometchat.Message, uid string) (answer string, err error) {
	guid, ranks := m.Receiver.ID, map[string]int{} // of a participant: 0
	scopes := map[string]int{cometchat.ScopeModerator: 1, cometchat.ScopeAdmin: 2}
	above := cometchat.GroupMembersRequest{Scopes: []string{cometchat.ScopeModerator, cometchat.ScopeAdmin}}
	for member, err := range b.client.ListGroupMembers(ctx, guid, above) {
		if err != nil {
			return "", err
		}
		ranks[member.UID] = scopes[member.Scope]
	}
	group, err := b.client.GetGroup(ctx, guid)
	if err != nil {
		return "", err
	}
	ranks[group.Owner] = 3
	if ranks[m.Sender.UID] <= ranks[uid] {
		return "You may not have " + uid + " removed: you do not rank above.", nil
	}
	err = b.client.KickGroupMember(ctx, guid, uid)
	switch {
	case errors.Is(err, cometchat.ErrNotJoined), errors.Is(err, cometchat.ErrUIDNotFound), errors.Is(err, cometchat.ErrInvalidUID):
		return uid + " is no member.", nil
	case errors.Is(err, cometchat.ErrNotPermitted):
		return "I may not remove " + uid + ": make me an admin.", nil
	}
	return uid + " is removed.", err
}
