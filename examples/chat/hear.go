package main

import (
	"bufio"
	"context"
	"io"
	"iter"
	"time"

	"github.com/cometchat-go/cometchat"
)

// receive has the events come through a channel, which closes when they end.
func receive(ctx context.Context, all iter.Seq[cometchat.Event]) <-chan cometchat.Event {
	events := make(chan cometchat.Event)
	go func() {
		defer close(events)
		for e := range all {
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events
}

// readLines has the lines of in come through a channel, which closes when they end. Nothing can interrupt a read from a terminal: the
// goroutine may outlive ctx until the next line.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// hear shows an event. An error ends the chat.
func (c *chat) hear(ctx context.Context, e cometchat.Event) error {
	var err error
	switch e := e.(type) {
	case cometchat.MessageReceived:
		err = c.hearMessage(ctx, e.Message)
	case cometchat.MessageEdited:
		c.note(c.place(e.Message), "A message of %s was edited: %s", e.Message.Sender.Name, textOf(e.Message))
	case cometchat.MessageDeleted:
		c.note(c.place(e.Message), "A message of %s was deleted.", e.Message.Sender.Name)
	case cometchat.TypingChanged:
		if e.Started {
			c.note(placeOf(e.Receiver, e.User), "%s is typing …", e.User.Name)
		}
	case cometchat.ReceiptReceived:
		c.hearReceipt(e.Receipt)
	case cometchat.PresenceChanged:
		c.note(cometchat.ToUser(e.User.UID), "%s is %s.", e.User.Name, e.Status)
	case cometchat.ConnectionChanged:
		return c.hearConnection(e)
	case cometchat.CaughtUp:
		err = c.markAsRead(ctx) // a receipt may have failed while there was no connection
	case cometchat.Gap:
		c.screen.say(red, "Messages are missing here; /open and /list show them: %v", e.Err)
	}
	if err != nil && ctx.Err() == nil {
		c.screen.say(red, "%v", err)
	}
	return nil
}

// place returns the conversation of a message.
func (c *chat) place(m *cometchat.Message) cometchat.Receiver {
	if m.Sender.UID == c.me.UID {
		return m.Receiver
	}
	return m.ReplyTo()
}

// placeOf returns the conversation in which a user types or reads.
func placeOf(to cometchat.Receiver, user *cometchat.User) cometchat.Receiver {
	if to.IsGroup() {
		return to
	}
	return cometchat.ToUser(user.UID)
}

// note prints what happens in the open conversation.
func (c *chat) note(place cometchat.Receiver, format string, args ...any) {
	if place == c.with {
		c.screen.say(dim, format, args...)
	}
}

func (c *chat) hearMessage(ctx context.Context, m *cometchat.Message) error {
	own := m.Sender.UID == c.me.UID // from another device
	switch c.place(m) {
	case c.with:
		c.show(m)
		if own {
			return nil
		}
		c.last = m
		return c.markAsRead(ctx)
	default:
		if own {
			return nil
		}
		c.screen.say(cyan, "[%s] %s", m.Sender.Name, brief(textOf(m)))
		return connected(c.client.MarkAsDelivered(ctx, m))
	}
}

// show prints a message of the open conversation, unless it was printed before.
func (c *chat) show(m *cometchat.Message) {
	if m.Category == cometchat.CategoryAction || c.shown[m.ID] != nil {
		return
	}
	c.shown[m.ID] = m
	c.screen.message(m, c.me.UID)
}

// markAsRead tells the others that this user has read the open conversation.
func (c *chat) markAsRead(ctx context.Context) error {
	if c.last == nil {
		return nil
	}
	return connected(c.client.MarkAsRead(ctx, c.last))
}

// hearReceipt shows how far this user's messages have come.
func (c *chat) hearReceipt(r cometchat.Receipt) {
	var line string
	switch r.Kind {
	case cometchat.ReceiptDelivered:
		line = "✓✓ delivered to " + r.User.Name
	case cometchat.ReceiptRead:
		line = "✓✓ read by " + r.User.Name
	default: // in a group: by all its members
		return
	}
	if m := c.shown[r.MessageID]; m != nil {
		line += ": " + brief(textOf(m))
	} else if c.sends > 0 {
		c.early = append(c.early, r)
		return
	}
	if line != c.ticks { // a receipt may be repeated
		c.note(placeOf(r.Receiver, r.User), "%s", line)
	}
	c.ticks = line
}

// hearConnection returns an error if the client will not connect again.
func (c *chat) hearConnection(e cometchat.ConnectionChanged) error {
	switch {
	case e.Status == cometchat.Connected && c.lost:
		c.lost = false
		c.screen.say(dim, "Connected again.")
	case e.Err == nil:
	case e.RetryIn == 0:
		return e.Err
	case !c.lost: // tell it once
		c.lost = true
		c.screen.say(red, "The connection is lost. The client connects again in %v. The reason: %v", e.RetryIn.Round(time.Millisecond), e.Err)
	}
	return nil
}
