package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cometchat-go/cometchat"
)

// bot is a user of a CometChat app that answers.
type bot struct {
	appID, authKey, uid string
	options             []cometchat.Option
	connected           func() // called once; may be nil
}

// run answers messages until ctx ends, or the session does.
func (b *bot) run(ctx context.Context, out io.Writer) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	client, err := cometchat.New(b.appID, append(b.options, cometchat.WithResume(), cometchat.WithTimeout(answerTime/3))...)
	if err != nil {
		return err
	}
	defer client.Close()
	me, err := client.Login(ctx, b.uid, b.authKey)
	if err != nil {
		return err
	}
	events := client.Events(ctx) // before Connect, so that no event is missed
	if err := client.Connect(ctx); err != nil {
		return err
	}
	if b.connected != nil {
		b.connected()
	}

	for e := range events {
		switch e := e.(type) {
		case cometchat.MessageReceived:
			if !isForBot(e.Message, me) {
				continue
			}
			if err := answer(ctx, client, me, e.Message); err != nil {
				say("No answer to %v: %v", e.Message, err)
				continue
			}
			say("Answered %v", e.Message)
		case cometchat.ConnectionChanged:
			switch {
			case e.Err == nil:
				say("The bot is %v.", e.Status)
			case e.RetryIn == 0: // the session has ended: the bot hears nothing any more
				return e.Err
			default:
				say("The bot is %v, and connects again in %v. The reason: %v", e.Status, e.RetryIn.Round(time.Millisecond), e.Err)
			}
		case cometchat.Gap:
			say("Messages after %s are missing, and get no answer: %v", e.AfterID, e.Err)
		}
	}
	say("The bot has ended.")
	return nil
}

// botMark is in the metadata of an answer. Without it, two bots would answer each other for ever.
const botMark = `{"echobot":true}`

// isForBot reports whether the bot answers m: a text, not of the bot's own other devices, and not of another echobot.
func isForBot(m *cometchat.Message, me *cometchat.User) bool {
	var mark struct{ Echobot bool }
	_ = json.Unmarshal(m.Metadata, &mark) // no metadata, or an app's own
	return m.Category == cometchat.CategoryMessage && m.Type == cometchat.TypeText && m.Sender.UID != me.UID && !mark.Echobot
}

// answerTime is how long the bot tries to send an answer. The next message waits for so long.
const answerTime = 30 * time.Second

// answer sends the answer to m. A signal does not cut it short.
func answer(ctx context.Context, client *cometchat.Client, me *cometchat.User, m *cometchat.Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	reply := cometchat.NewTextMessage(m.ReplyTo(), m.Text)
	reply.ParentID, reply.Metadata = m.ParentID, json.RawMessage(botMark)
	reply.MUID = "echo-" + m.ID // the same after a restart
	if m.MayRepeat {
		since := cometchat.MessagesRequest{With: reply.To, ParentID: m.ParentID, AfterID: m.ID}
		for later, err := range client.ListMessages(ctx, since) {
			if err != nil || later.MUID == reply.MUID && later.Sender.UID == me.UID {
				return err // an earlier process has answered
			}
		}
	}
	_, err := client.SendMessage(ctx, reply)
	for wait := time.Second; err != nil; wait *= 2 {
		next := client.SendMessage
		e, _ := errors.AsType[*cometchat.Error](err)
		switch {
		case errors.Is(err, cometchat.ErrSendUnknown):
			next = client.ResolveSend // until it is known whether the message was sent
		case errors.Is(err, cometchat.ErrNotSent), errors.Is(err, cometchat.ErrTooManyRequests):
		case e != nil && e.Attempts > 0 && e.StatusCode == 0: // no connection to the server
		default:
			return err // a refusal, which another attempt would not change
		}
		select {
		case <-time.After(max(wait, e.RetryAfter)):
			_, err = next(ctx, reply)
		case <-ctx.Done():
			return err
		}
	}
	return nil
}
