package cometchat_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cometchat-go/cometchat"
)

// campaignCall is a kind of call that TestCampaign makes.
type campaignCall struct {
	name    string // the method, and after a space how it is called
	login   bool   // it logs the user in
	session bool   // it needs a session
	once    bool   // it must not take effect twice, so that it may fail where other calls are repeated
	brings  bool   // its answer has the user as the server has it
	wants   error  // the refusal that is the right result; nil: success is
	done    error  // what a retry may find when an earlier attempt has taken effect
	// do makes the call, checks what it returns, and notes what it changes.
	do func(ctx context.Context, a *actor) error
}

// op returns the name that errors have for the call.
func (c *campaignCall) op() string {
	method, _, _ := strings.Cut(c.name, " ")
	return method[strings.LastIndex(method, ".")+1:]
}

// campaignTable has the calls of TestCampaign, all equally likely. For another call, add a line.
var campaignTable = append(campaignGroups, []campaignCall{
	{name: "Client.Login", login: true, brings: true, do: func(ctx context.Context, a *actor) error {
		return a.loggedIn(a.client.Login(ctx, a.uid, a.emulator.AuthKey))
	}},
	{name: "Client.LoginWithToken", login: true, brings: true, do: func(ctx context.Context, a *actor) error {
		return a.loggedIn(a.client.LoginWithToken(ctx, a.emulator.CreateAuthToken(a.uid)))
	}},
	{name: "Client.EnsureLoggedIn", login: true, brings: true, do: func(ctx context.Context, a *actor) error {
		return a.loggedIn(a.client.EnsureLoggedIn(ctx))
	}},
	{name: "Client.Login with a wrong key", wants: cometchat.ErrAPIKeyNotFound, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.Login(ctx, a.ward, authKey)
		return err
	}},
	{name: "Client.Logout", session: true, do: logOut},
	{name: "Client.VerifySession", session: true, brings: true, do: func(ctx context.Context, a *actor) error {
		u, err := a.client.VerifySession(ctx)
		return a.isUser(a.uid, u, err)
	}},
	{name: "Client.UpdateCurrentUserDetails", session: true, brings: true, do: updateMe},
	{name: "Client.GetUser", session: true, do: func(ctx context.Context, a *actor) error {
		u, err := a.client.GetUser(ctx, uid1)
		return a.isUser(uid1, u, err)
	}},
	{name: "Client.GetUser of nobody", session: true, wants: cometchat.ErrUIDNotFound, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.GetUser(ctx, "nobody")
		return err
	}},
	{name: "Client.ListUsers", session: true, do: func(ctx context.Context, a *actor) error {
		return a.listIs(a.client.ListUsers(ctx, cometchat.UsersRequest{SearchKeyword: "cometchat-uid", Limit: 2}), others)
	}},
	{name: "Client.BlockUsers", session: true, do: func(ctx context.Context, a *actor) error {
		return a.blocks(ctx, a.client.BlockUsers, true)
	}},
	{name: "Client.UnblockUsers", session: true, do: func(ctx context.Context, a *actor) error {
		return a.blocks(ctx, a.client.UnblockUsers, false)
	}},
	{name: "Client.ListBlockedUsers", session: true, do: func(ctx context.Context, a *actor) error {
		list := a.client.ListBlockedUsers(ctx, cometchat.BlockedUsersRequest{Direction: cometchat.BlockedByMe, Limit: 2})
		return a.listIs(list, a.blockedAtServer())
	}},
	{name: "Client.AuthToken", session: true, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.AuthToken(ctx)
		return err
	}},
	{name: "Client.SessionInfo", session: true, do: func(ctx context.Context, a *actor) error {
		info, err := a.client.SessionInfo(ctx)
		if err == nil && (info.UID != a.uid || info.DeviceID == "") {
			a.failf("the session's info is %+v", info)
		}
		a.secrets.search(fmt.Sprintf("%+v %+v", info, a.client))
		return err
	}},
	{name: "Client.Do", session: true, do: func(ctx context.Context, a *actor) error {
		var answer struct{ Data *cometchat.User }
		err := a.client.Do(ctx, http.MethodGet, "/users/"+uid2, nil, &answer)
		return a.isUser(uid2, answer.Data, err)
	}},
	{name: "Client.GetConversation of nobody", session: true, wants: cometchat.ErrConversationNotFound, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.GetConversation(ctx, cometchat.ToUser(uid1))
		return err
	}},
	{name: "Client.PinConversation", session: true, do: func(ctx context.Context, a *actor) error {
		pinned, err := a.client.PinConversation(ctx, cometchat.ToUser(uid2))
		if err == nil && (pinned.With != cometchat.ToUser(uid2) || pinned.PinnedBy != a.uid) {
			a.failf("the conversation is %v, pinned by %q", pinned, pinned.PinnedBy)
		}
		return err
	}},
	{name: "Client.ListConversations", session: true, do: func(ctx context.Context, a *actor) error {
		for conversation, err := range a.client.ListConversations(ctx, cometchat.ConversationsRequest{Type: cometchat.ReceiverUser, Limit: 2}) {
			if err != nil {
				return err
			}
			if with := conversation.With; !slices.Contains([]string{uid2, a.ward, a.friend}, with.ID) {
				a.failf("the list has a %v", conversation)
			}
		}
		return nil
	}},
	{name: "Client.UnreadCounts", session: true, do: func(ctx context.Context, a *actor) error {
		counts, err := a.client.UnreadCounts(ctx, cometchat.UnreadRequest{})
		if unread := a.unreadAtServer(err); err == nil && (!maps.Equal(counts.Users, unread) || len(counts.Groups) != 0) {
			a.failf("the unread messages are %v, not %v", counts, unread)
		}
		return err
	}},
	{name: "Client.MarkConversationAsRead", session: true, do: func(ctx context.Context, a *actor) error {
		a.emulator.SendMessage(a.friend, a.uid, a.newText())
		err := a.client.MarkConversationAsRead(ctx, cometchat.ToUser(a.friend))
		if unread := a.unreadAtServer(err); len(unread) > 0 {
			a.failf("the unread messages are %v", unread)
		}
		return err
	}},
	{name: "Client.Connect", session: true, do: connects},
	{name: "Client.Disconnect", do: func(_ context.Context, a *actor) error {
		return a.hasStatus(cometchat.Disconnected, a.client.Disconnect())
	}},
	{name: "Client.ConnectionStatus", do: func(_ context.Context, a *actor) error {
		return a.hasStatus(cometchat.Disconnected, nil)
	}},
	{name: "Client.OnlineUserCount", session: true, do: func(ctx context.Context, a *actor) error {
		count, err := a.client.OnlineUserCount(ctx)
		if err == nil && (count < 0 || count > campaignClients) {
			a.failf("%d users are online", count)
		}
		return err
	}},
	{name: "Client.GetMessage of nobody", session: true, wants: cometchat.ErrMessageNotFound, do: func(ctx context.Context, a *actor) error {
		_, err := a.client.GetMessage(ctx, noMessage)
		return err
	}},
	{name: "Client.SendMessage", session: true, once: true, do: func(ctx context.Context, a *actor) error {
		return a.sends(ctx, "")
	}},
	{name: "Client.SendMessage in a thread", session: true, once: true, do: func(ctx context.Context, a *actor) error {
		return a.sends(ctx, a.emulator.SendMessage(a.friend, a.uid, a.newText()).ID)
	}},
	{name: "Client.EditMessage", session: true, do: func(ctx context.Context, a *actor) error {
		text := a.newText()
		m, err := a.client.EditMessage(ctx, a.message(), cometchat.MessageEdit{Text: text})
		if err == nil && (m.Text != text || m.EditedBy != a.uid) {
			a.failf("the message is %v, edited by %s", m, m.EditedBy)
		}
		return err
	}},
	{name: "Client.DeleteMessage", session: true, done: cometchat.ErrMessageNotFound, do: func(ctx context.Context, a *actor) error {
		m, err := a.client.DeleteMessage(ctx, a.message())
		if err == nil && (m.Text != "" || m.DeletedBy != a.uid) {
			a.failf("the message is %v, deleted by %s", m, m.DeletedBy)
		}
		return err
	}},
	{name: "Client.AddReaction", session: true, do: func(ctx context.Context, a *actor) error {
		m, err := a.client.AddReaction(ctx, a.message(), "👍")
		if err == nil && !slices.Equal(m.Reactions, []cometchat.ReactionCount{{Reaction: "👍", Count: 1, ReactedByMe: true}}) {
			a.failf("the reactions are %v", m.Reactions)
		}
		return err
	}},
	{name: "Client.SaveMessage", session: true, do: func(ctx context.Context, a *actor) error {
		m, err := a.client.SaveMessage(ctx, a.message())
		if err == nil && m.SavedAt.IsZero() {
			a.failf("the message is not saved")
		}
		return err
	}},
	{name: "Client.UnsaveMessage", session: true, do: func(ctx context.Context, a *actor) error {
		m, err := a.client.UnsaveMessage(ctx, a.message())
		if err == nil && !m.SavedAt.IsZero() {
			a.failf("the message is saved")
		}
		return err
	}},
	{name: "Client.ListMessages", session: true, do: func(ctx context.Context, a *actor) error {
		newest := a.message()
		for m, err := range a.client.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToUser(a.ward), Limit: 2}) {
			if err == nil && m.ID != newest {
				a.failf("the newest message is %v, not %s", m, newest)
			}
			return err
		}
		a.failf("there is no message")
		return nil
	}},
	{name: "Client.CreateUser", once: true, do: func(ctx context.Context, a *actor) error {
		return a.creates(func(u *cometchat.User) (*cometchat.User, error) {
			return a.client.CreateUser(ctx, u, a.emulator.AuthKey)
		})
	}},
	{name: "Pool.Forget", do: func(_ context.Context, a *actor) error { // as if the process had restarted
		a.pool.Forget(a.uid)
		a.client = a.pool.Client(a.uid)
		return nil
	}},
	{name: "Admin.CreateUser", once: true, do: func(ctx context.Context, a *actor) error {
		return a.creates(func(u *cometchat.User) (*cometchat.User, error) { return a.admin.CreateUser(ctx, u) })
	}},
	{name: "Admin.EnsureUser", do: ensureWard},
	{name: "Admin.GetUser", do: func(ctx context.Context, a *actor) error {
		u, err := a.admin.GetUser(ctx, a.ward)
		return a.isUser(a.ward, u, err)
	}},
	{name: "Admin.ListUsers", do: func(ctx context.Context, a *actor) error {
		return a.listIs(a.admin.ListUsers(ctx, cometchat.UserFilter{SearchKeyword: "cometchat-uid", Limit: 2}), others)
	}},
	{name: "Admin.UpdateUser", do: func(ctx context.Context, a *actor) error {
		status := a.newText()
		_, err := a.admin.UpdateUser(ctx, a.ward, cometchat.UserUpdate{StatusMessage: &status})
		return a.wardHas(status, err)
	}},
	{name: "Admin.DeactivateUsers", do: func(ctx context.Context, a *actor) error {
		defer a.restoreWard()
		return a.areWard(a.admin.DeactivateUsers(ctx, []string{a.ward}))
	}},
	{name: "Admin.ReactivateUsers", do: func(ctx context.Context, a *actor) error {
		return a.areWard(a.admin.ReactivateUsers(ctx, []string{a.ward}))
	}},
	{name: "Admin.DeleteUserPermanently", done: cometchat.ErrUIDNotFound, do: func(ctx context.Context, a *actor) error {
		defer a.restoreWard()
		err := a.admin.DeleteUserPermanently(ctx, a.ward)
		if err == nil && a.ask(a.emulator.APIKey, "/users/"+a.ward, nil) != http.StatusNotFound {
			a.failf("the user is still there")
		}
		return err
	}},
	{name: "Admin.CreateAuthToken", do: func(ctx context.Context, a *actor) error {
		token, err := a.admin.CreateAuthToken(ctx, a.ward)
		if err == nil && a.ask(token.Token, "/me", nil) != http.StatusOK {
			a.failf("the new token is not valid")
		}
		a.secrets.search(fmt.Sprintf("%v %+v", token, a.admin))
		return err
	}},
	{name: "Admin.ListAuthTokens", do: func(ctx context.Context, a *actor) error {
		for _, err := range a.admin.ListAuthTokens(ctx, a.ward) {
			if err != nil {
				return err
			}
		}
		return nil
	}},
	{name: "Admin.DeleteAuthToken", done: cometchat.ErrAuthTokenNotFound, do: func(ctx context.Context, a *actor) error {
		token := a.emulator.CreateAuthToken(a.ward)
		err := a.admin.DeleteAuthToken(ctx, a.ward, token)
		return a.revoked(token, err)
	}},
	{name: "Admin.FlushAuthTokens of the logged-in user", do: func(ctx context.Context, a *actor) error {
		a.gone = true
		err := a.admin.FlushAuthTokens(ctx, a.uid)
		return a.revoked(a.token, err)
	}},
	{name: "Admin.Do", do: func(ctx context.Context, a *actor) error {
		var answer struct{ Data *cometchat.User }
		err := a.admin.Do(ctx, http.MethodGet, "/users/"+a.ward, nil, &answer)
		return a.isUser(a.ward, answer.Data, err)
	}},
}...)

// others are the users whom the clients get, list and block. Nothing changes them.
var others = []string{uid1, uid2, "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"}

// noMessage is the id of no message.
const noMessage = "999999999"

// message has the user send a message to the ward, and returns its id.
func (a *actor) message() string { return a.emulator.SendMessage(a.uid, a.ward, a.newText()).ID }

func logOut(ctx context.Context, a *actor) error {
	err := a.client.Logout(ctx)
	a.lastOut = a.in && err == nil
	a.in = false // whatever the server has answered
	return err
}

// connects opens the live connection, and closes it again: a connection that stays would change the session between two calls.
func connects(ctx context.Context, a *actor) error {
	err := a.client.Connect(ctx)
	if err == nil {
		_ = a.hasStatus(cometchat.Connected, nil)
		var known cometchat.User
		if a.ask(a.emulator.APIKey, "/users/"+a.uid, &known); known.Status != cometchat.StatusOnline {
			a.failf("the server has the status %q of a user who is connected", known.Status)
		}
		_ = a.client.Disconnect()
	}
	return a.hasStatus(cometchat.Disconnected, err)
}

// hasStatus checks the status of the live connection.
func (a *actor) hasStatus(want cometchat.ConnectionStatus, err error) error {
	if got := a.client.ConnectionStatus(); got != want {
		a.failf("the live connection is %v, not %v", got, want)
	}
	return err
}

func updateMe(ctx context.Context, a *actor) error {
	status := a.newText()
	u, err := a.client.UpdateCurrentUserDetails(ctx, &cometchat.User{StatusMessage: status})
	if err == nil && u.StatusMessage != status {
		a.failf("the status message is %q, not %q", u.StatusMessage, status)
	}
	a.behind = a.behind || err != nil
	return a.isUser(a.uid, u, err)
}

// ensureWard creates the ward in half of the cases, and changes it in the others.
func ensureWard(ctx context.Context, a *actor) error {
	defer a.restoreWard()
	if a.choices.IntN(2) == 0 {
		a.removes(a.ward)
	}
	status := a.newText()
	_, err := a.admin.EnsureUser(ctx, &cometchat.User{UID: a.ward, Name: "Ensured", StatusMessage: status})
	return a.wardHas(status, err)
}

// newText returns a text that this actor has not used before.
func (a *actor) newText() string { return fmt.Sprint("text ", a.left) }

func (a *actor) loggedIn(u *cometchat.User, err error) error {
	a.in = a.in || err == nil
	return a.isUser(a.uid, u, err)
}

// isUser checks that a call returned this user.
func (a *actor) isUser(uid string, u *cometchat.User, err error) error {
	if err == nil && (u == nil || u.UID != uid) {
		a.failf("the user is %v, not %s", u, uid)
	}
	return err
}

// listIs checks that a list has exactly these users.
func (a *actor) listIs(list iter.Seq2[*cometchat.User, error], uids []string) error {
	var listed []string
	for u, err := range list {
		if err != nil {
			return err
		}
		listed = append(listed, u.UID)
	}
	slices.Sort(listed)
	if !slices.Equal(listed, uids) {
		a.failf("the list is %v, not %v", listed, uids)
	}
	return nil
}

// blocks blocks or unblocks two users.
func (a *actor) blocks(ctx context.Context, call func(context.Context, []string) (map[string]error, error), blocked bool) error {
	uids := []string{others[a.choices.IntN(2)], others[2+a.choices.IntN(3)]}
	results, err := call(ctx, uids)
	for _, uid := range uids {
		if err == nil && (results[uid] != nil || slices.Contains(a.blockedAtServer(), uid) != blocked) {
			a.failf("the result for %s is %v", uid, results[uid])
		}
	}
	return err
}

// blockedAtServer returns whom the user has blocked, sorted.
func (a *actor) blockedAtServer() (uids []string) {
	var blocked []cometchat.User
	a.ask(a.emulator.APIKey, "/users/"+a.uid+"/blockedusers?direction=blockedByMe", &blocked)
	for _, u := range blocked {
		uids = append(uids, u.UID)
	}
	slices.Sort(uids)
	return uids
}

// creates creates a user, and removes the user again.
func (a *actor) creates(create func(*cometchat.User) (*cometchat.User, error)) error {
	uid := fmt.Sprint(a.uid, "-made-", a.left)
	defer a.removes(uid)
	u, err := create(&cometchat.User{UID: uid, Name: "Made"})
	if err == nil && a.ask(a.emulator.APIKey, "/users/"+uid, nil) != http.StatusOK {
		a.failf("the new user is not there")
	}
	return a.isUser(uid, u, err)
}

// removes removes a user whom a failed call may not have created.
func (a *actor) removes(uid string) {
	if a.emulator.User(uid) != nil {
		a.emulator.DeleteUser(uid)
	}
}

// wardHas checks that the server has this status message of the ward.
func (a *actor) wardHas(status string, err error) error {
	var known cometchat.User
	if err == nil && (a.ask(a.emulator.APIKey, "/users/"+a.ward, &known) != http.StatusOK || known.StatusMessage != status) {
		a.failf("the server has the status message %q, not %q", known.StatusMessage, status)
	}
	return err
}

func (a *actor) areWard(uids []string, err error) error {
	if err == nil && !slices.Equal(uids, []string{a.ward}) {
		a.failf("the uids are %v", uids)
	}
	return err
}

// revoked checks that the server refuses a token.
func (a *actor) revoked(token string, err error) error {
	if err == nil && token != "" && a.ask(token, "/me", nil) == http.StatusOK {
		a.failf("the token is still valid")
	}
	return err
}
