package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// chat is what one terminal shows. One goroutine uses it.
type chat struct {
	client *cometchat.Client
	me     *cometchat.User
	screen *screen
	outbox chan *cometchat.OutgoingMessage

	list  []*cometchat.Conversation     // as printed last
	with  cometchat.Receiver            // the open conversation; the zero value: none is open
	name  string                        // of with
	shown map[string]*cometchat.Message // of the open conversation, by id
	last  *cometchat.Message            // the newest message in it that others have sent
	older string                        // the cursor of the messages before those that are shown; "": there are none
	draft []string                      // the lines of a message that goes on
	sends int                           // how many messages have no outcome yet
	ticks string                        // the receipt that was printed last
	early []cometchat.Receipt           // came before the outcome of a send, and may be about its message
	lost  bool                          // the live connection
}

// run chats until ctx ends, in ends, or the session does.
func run(ctx context.Context, a *app, in io.Reader, s *screen) error {
	client, err := cometchat.New(a.id, append(a.options, cometchat.WithPresence(cometchat.PresenceAllUsers()))...)
	if err != nil {
		return err
	}
	defer client.Close()
	me, err := client.Login(ctx, a.uid, a.authKey)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := receive(ctx, client.Events(ctx)) // before Connect, so that no event is missed
	if err := client.Connect(ctx); err != nil {
		return err
	}
	c := &chat{client: client, me: me, screen: s, outbox: make(chan *cometchat.OutgoingMessage, 100)}
	s.say(dim, "You are %s (%s). /help lists the commands.", me.Name, me.UID)
	if err := c.showList(ctx); err != nil {
		return err
	}
	outcomes := make(chan outcome)
	go c.send(ctx, outcomes)
	err = c.loop(ctx, events, readLines(ctx, in), outcomes)
	if err != nil {
		cancel() // nothing more can be sent
	}
	close(c.outbox)
	for o := range outcomes {
		c.showOutcome(o)
	}
	return err
}

func (c *chat) loop(ctx context.Context, events <-chan cometchat.Event, lines <-chan string, outcomes <-chan outcome) error {
	for {
		var err error
		select {
		case e, ok := <-events:
			if !ok { // ctx has ended, and this is no failure
				return nil
			}
			if err = c.hear(ctx, e); err != nil {
				return err
			}
		case o := <-outcomes:
			c.showOutcome(o)
		case line, ok := <-lines:
			if !ok || line == "/quit" {
				return nil
			}
			err = c.enter(ctx, line)
		}
		if err != nil && ctx.Err() == nil {
			c.screen.say(red, "%v", err)
		}
	}
}

// outcome is what became of a message.
type outcome struct {
	text string
	sent *cometchat.Message
	err  error
}

// send sends what is in the outbox, one message after the other, so that they keep their order.
func (c *chat) send(ctx context.Context, outcomes chan<- outcome) {
	defer close(outcomes)
	for m := range c.outbox {
		sent, err := c.client.SendMessage(ctx, m)
		for errors.Is(err, cometchat.ErrSendUnknown) && ctx.Err() == nil {
			wait := time.Second
			if e, ok := errors.AsType[*cometchat.Error](err); ok {
				wait = max(wait, e.RetryAfter)
			}
			select {
			case <-time.After(wait):
				sent, err = c.client.ResolveSend(ctx, m)
			case <-ctx.Done():
			}
		}
		outcomes <- outcome{m.Text, sent, err}
	}
}

func (c *chat) showOutcome(o outcome) {
	if c.sends--; o.err != nil {
		c.screen.say(red, "✗ %s: %v", brief(o.text), o.err)
	} else {
		if o.sent.Receiver == c.with {
			c.shown[o.sent.ID] = o.sent
		}
		c.screen.say(dim, "%s: %s", ticksOf(o.sent), brief(o.text))
	}
	early := c.early
	c.early = nil
	for _, r := range early {
		c.hearReceipt(r)
	}
}

// enter does what a line says: a command, or a message.
func (c *chat) enter(ctx context.Context, line string) error {
	command, argument, _ := strings.Cut(line, " ")
	argument = strings.TrimSpace(argument)
	switch {
	case strings.HasPrefix(line, "//"):
		return c.write(ctx, line[1:])
	case !strings.HasPrefix(line, "/"):
		return c.write(ctx, line)
	}
	switch command {
	case "/list":
		return c.showList(ctx)
	case "/users":
		return c.showUsers(ctx)
	case "/open":
		return c.open(ctx, argument)
	case "/more":
		return c.showMore(ctx)
	case "/help":
		for help := range strings.SplitSeq(strings.TrimSpace(helpText), "\n") {
			c.screen.say(plain, "%s", help)
		}
		return nil
	}
	return fmt.Errorf("there is no command %s: /help lists the commands, and a message begins with // to begin with /", command)
}

const helpText = `
/list        lists the conversations
/users       lists users to whom you can write
/open WHO    opens a conversation: its number in the list, or a uid
/more        shows older messages of the open conversation
/quit        ends, as Ctrl-D and Ctrl-C do
A line that ends with \ goes on in the next line, and the other user sees that you are typing.
`

// write adds a line to the message, and sends it if the message does not go on.
func (c *chat) write(ctx context.Context, line string) error {
	if c.with.ID == "" {
		return errors.New("open a conversation first: /open 1 opens the first one of the list, /open bob the one with bob")
	}
	more := strings.HasSuffix(line, `\`)
	c.draft = append(c.draft, strings.TrimSuffix(line, `\`))
	if more {
		return connected(c.client.StartTyping(ctx, c.with, nil))
	}
	text := strings.Join(c.draft, "\n")
	c.draft = nil
	if strings.TrimSpace(text) == "" {
		return nil
	}
	select {
	case c.outbox <- cometchat.NewTextMessage(c.with, text):
		c.sends++
	default:
		return fmt.Errorf("too many messages wait for the network; this one is not sent: %s", brief(text))
	}
	return connected(c.client.EndTyping(ctx, c.with, nil))
}

// connected leaves out that there is no live connection: typing indicators are not worth an error, and receipts follow after the
// catch-up.
func connected(err error) error {
	if errors.Is(err, cometchat.ErrNotConnected) {
		return nil
	}
	return err
}

func (c *chat) showList(ctx context.Context) error {
	c.list = nil
	for conversation, err := range c.client.ListConversations(ctx, cometchat.ConversationsRequest{}) {
		if err != nil {
			return err
		}
		c.list = append(c.list, conversation)
		if len(c.list) == 20 {
			break
		}
	}
	for i, conversation := range c.list {
		line := fmt.Sprintf("%2d  %-16s", i+1, nameOf(conversation))
		if conversation.WithUser != nil {
			line += "  " + conversation.WithUser.Status
		}
		if conversation.UnreadCount > 0 {
			line += fmt.Sprintf("  (%d new)", conversation.UnreadCount)
		}
		if m := conversation.LastMessage; m != nil {
			line += "  " + brief(textOf(m))
		}
		c.screen.say(plain, "%s", line)
	}
	if len(c.list) == 0 {
		c.screen.say(dim, "You have no conversations yet. /users lists users, and /open UID begins a conversation.")
	}
	return nil
}

func nameOf(conversation *cometchat.Conversation) string {
	switch {
	case conversation.WithUser != nil:
		return conversation.WithUser.Name
	case conversation.WithGroup != nil:
		return conversation.WithGroup.Name
	}
	return conversation.With.ID
}

func (c *chat) showUsers(ctx context.Context) error {
	page, err := c.client.ListUsersPage(ctx, cometchat.UsersRequest{Limit: 20}, "")
	if err != nil {
		return err
	}
	for _, u := range page.Items {
		c.screen.say(plain, "%-16s  %s  %s", u.UID, u.Name, u.Status)
	}
	return nil
}

// open opens the conversation with this number in the list, or with this user.
func (c *chat) open(ctx context.Context, who string) error {
	with, name, status := cometchat.ToUser(who), "", ""
	if n, err := strconv.Atoi(who); err == nil && n > 0 && n <= len(c.list) {
		with, name = c.list[n-1].With, nameOf(c.list[n-1])
	}
	if !with.IsGroup() {
		u, err := c.client.GetUser(ctx, with.ID)
		if err != nil {
			return err
		}
		with, name, status = cometchat.ToUser(u.UID), u.Name, " is "+u.Status+"."
	}
	page, err := c.client.ListMessagesPage(ctx, cometchat.MessagesRequest{With: with, Limit: 10}, "")
	if err != nil {
		return err
	}
	c.with, c.name, c.last, c.draft, c.shown = with, name, nil, nil, map[string]*cometchat.Message{}
	c.screen.say(dim, "--- %s%s", name, status)
	c.showPage(page)
	if i := slices.IndexFunc(page.Items, func(m *cometchat.Message) bool { return m.Sender.UID != c.me.UID }); i >= 0 {
		c.last = page.Items[i]
	}
	return c.markAsRead(ctx)
}

// showMore shows a page of older messages.
func (c *chat) showMore(ctx context.Context) error {
	if c.older == "" {
		return errors.New("there are no older messages here")
	}
	page, err := c.client.ListMessagesPage(ctx, cometchat.MessagesRequest{With: c.with, Limit: 20}, c.older)
	if err != nil {
		return err
	}
	c.screen.say(dim, "--- earlier")
	c.showPage(page)
	c.screen.say(dim, "---")
	return nil
}

// showPage shows a page of the history, whose newest message is the first.
func (c *chat) showPage(page *cometchat.Page[*cometchat.Message]) {
	for _, m := range slices.Backward(page.Items) {
		c.show(m)
	}
	c.older = page.Next
	if c.older != "" {
		c.screen.say(dim, "--- /more shows older messages")
	}
}
