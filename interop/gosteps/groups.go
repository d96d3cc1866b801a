package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/cometchat-go/cometchat"
)

// The groups of the steps: everybody can join the first, the second has a password, and nobody can join the third.
const (
	open    = "interop-open"
	locked  = "interop-locked"
	hidden  = "interop-hidden"
	nowhere = "interop-nowhere"
	five    = "cometchat-uid-5"
)

// groupSteps are the steps about groups: see browser/groups.mjs.
var groupSteps = []step{
	{"create groups", "CreateGroup, also with members: groups of all types, an outcome for each uid; the refusals", createGroups},
	{"get and update a group", "GetGroup of a member, of another user and of nothing; UpdateGroup of the owner, of another user and of nothing",
		func(ctx context.Context, w *world, c *checks) {
			update := func(client *cometchat.Client, guid, name string, u cometchat.GroupUpdate) (*cometchat.Group, error) {
				u.Name, u.Type = &name, new(cometchat.GroupPublic)
				return client.UpdateGroup(ctx, guid, u)
			}
			w.tell([]any{
				c.group(w.client.GetGroup(ctx, open)), c.group(w.second.GetGroup(ctx, open)),
				c.code("GetGroup", second(w.client.GetGroup(ctx, nowhere))),
				c.group(update(w.client, open, "Open, renamed", cometchat.GroupUpdate{Metadata: json.RawMessage(`{"n":2}`), Tags: []string{"b"}})),
				c.code("UpdateGroup", second(update(w.second, open, "Not mine", cometchat.GroupUpdate{}))),
				c.code("UpdateGroup", second(update(w.client, nowhere, "Nowhere", cometchat.GroupUpdate{}))),
			})
		}},
	{"join groups", "JoinGroup with and without a password: GroupMemberJoined; a second time, a wrong password, and no group",
		func(ctx context.Context, w *world, c *checks) {
			w.tell([]any{
				c.group(w.second.JoinGroup(ctx, open, "")), c.code("JoinGroup", second(w.second.JoinGroup(ctx, open, ""))),
				c.code("JoinGroup", second(w.second.JoinGroup(ctx, locked, "wrong"))), c.group(w.second.JoinGroup(ctx, locked, "secret")),
				c.code("JoinGroup", second(w.second.JoinGroup(ctx, nowhere, ""))), c.code("JoinGroup", second(w.second.JoinGroup(ctx, "", ""))),
			})
		}},
	{"add members", "AddGroupMembers: an outcome for each uid, MemberAddedToGroup; a user who may not",
		func(ctx context.Context, w *world, c *checks) {
			outcomes, err := w.client.AddGroupMembers(ctx, open, cometchat.NewGroupMembers{
				Participants: []string{three}, Admins: []string{two}, Moderators: []string{nobody}, Banned: []string{four},
			})
			c.ok("AddGroupMembers", err)
			_, err = w.second.AddGroupMembers(ctx, open, cometchat.NewGroupMembers{Participants: []string{five}})
			w.tell([]any{texts(outcomes), c.code("AddGroupMembers", err)})
		}},
	{"lists of groups", "ListGroups, ListGroupMembers and ListBannedGroupMembers, with each filter", listGroups},
	{"messages in a group", "text, media, custom, a reply, a reaction, an edit and a deletion: the other member hears of each; lists, and a group that " +
		"does not exist", groupMessages},
	{"typing to a group", "StartTyping, EndTyping and SendTransientMessage: the other member hears of each",
		func(ctx context.Context, w *world, c *checks) {
			to, metadata := cometchat.ToGroup(open), json.RawMessage(`{"a":1}`)
			c.ok("StartTyping", w.second.StartTyping(ctx, to, metadata))
			c.ok("StartTyping", w.second.StartTyping(ctx, to, metadata))
			c.ok("EndTyping", w.second.EndTyping(ctx, to, metadata))
			c.ok("SendTransientMessage", w.second.SendTransientMessage(ctx, to, map[string]any{"wave": true}))
			c.hears(w.ear, "onTransientMessageReceived")
		}},
	{"receipts in a group", "MarkAsDelivered and MarkAsRead of the last member: ReceiptDeliveredToAll and ReceiptReadByAll after the receipt",
		func(ctx context.Context, w *world, c *checks) {
			m := c.sent(ctx, w.client, inGroup(locked, "did you get this?", "interop-group-receipts", ""))
			steps := [][]receiptView{c.receipts(ctx, w.client, m.ID)}
			for _, each := range []struct {
				mark  func(context.Context, *cometchat.Message) error
				event string
			}{{w.second.MarkAsDelivered, "onMessagesDeliveredToAll"}, {w.second.MarkAsRead, "onMessagesReadByAll"}} {
				c.ok("the mark", each.mark(ctx, c.got(ctx, w.second, m.ID)))
				c.hears(w.ear, each.event)
				c.hears(w.secondEar, each.event)
				steps = append(steps, c.receipts(ctx, w.client, m.ID))
			}
			w.tell(steps)
		}},
	{"the conversation of a group", "UnreadCounts, GetConversation, ListConversations, MarkConversationAsRead, MarkAsUnread", groupConversation},
	{"scopes", "UpdateGroupMemberScope: GroupMemberScopeChanged with both scopes; a user who may not, and a scope that does not exist",
		func(ctx context.Context, w *world, c *checks) {
			w.tell([]any{
				c.code("UpdateGroupMemberScope", w.second.UpdateGroupMemberScope(ctx, open, three, cometchat.ScopeAdmin)),
				c.done(w.client.UpdateGroupMemberScope(ctx, open, two, cometchat.ScopeModerator)),
				c.code("UpdateGroupMemberScope", w.client.UpdateGroupMemberScope(ctx, open, two, "owner")),
				c.code("UpdateGroupMemberScope", w.client.UpdateGroupMemberScope(ctx, open, nobody, cometchat.ScopeAdmin)),
			})
		}},
	{"kick, ban and unban", "KickGroupMember, BanGroupMember and UnbanGroupMember: an event of each, also for the user to whom it happens; a banned user " +
		"cannot join", func(ctx context.Context, w *world, c *checks) {
		w.tell([]any{
			c.done(w.second.KickGroupMember(ctx, open, three)), c.code("KickGroupMember", w.second.KickGroupMember(ctx, open, one)),
			c.done(w.client.BanGroupMember(ctx, open, two)), c.code("JoinGroup", second(w.second.JoinGroup(ctx, open, ""))),
			c.code("SendMessage", second(w.second.SendMessage(ctx, inGroup(open, "banned", "interop-group-banned", "")))),
			c.done(w.client.UnbanGroupMember(ctx, open, two)),
			c.group(w.second.JoinGroup(ctx, open, "")), c.done(w.client.KickGroupMember(ctx, locked, two)),
			c.code("UnbanGroupMember", w.client.UnbanGroupMember(ctx, open, nobody)), c.code("KickGroupMember", w.client.KickGroupMember(ctx, "", two)),
		})
	}},
	{"ownership and leaving", "the owner cannot leave before TransferGroupOwnership; LeaveGroup: GroupMemberLeft",
		func(ctx context.Context, w *world, c *checks) {
			w.tell([]any{
				c.code("LeaveGroup", w.client.LeaveGroup(ctx, open)),
				c.code("TransferGroupOwnership", w.client.TransferGroupOwnership(ctx, open, nobody)),
				c.done(w.client.TransferGroupOwnership(ctx, open, two)), c.done(w.client.LeaveGroup(ctx, open)),
				c.code("LeaveGroup", w.client.LeaveGroup(ctx, open)), c.group(w.second.GetGroup(ctx, open)),
			})
		}},
	{"delete groups", "DeleteGroup of the owner, and of another user; the groups are gone", func(ctx context.Context, w *world, c *checks) {
		w.tell([]any{
			c.code("DeleteGroup", w.client.DeleteGroup(ctx, open)), c.done(w.second.DeleteGroup(ctx, open)), c.done(w.client.DeleteGroup(ctx, locked)),
			c.done(w.client.DeleteGroup(ctx, hidden)), c.code("GetGroup", second(w.client.GetGroup(ctx, open))),
		})
		c.equal("the groups", views(c, w.client.ListGroups(ctx, cometchat.GroupsRequest{}), viewGroup), []*groupView{})
	}},
}

func createGroups(ctx context.Context, w *world, c *checks) {
	create := func(g cometchat.NewGroup) (*cometchat.Group, error) {
		created, _, err := w.client.CreateGroup(ctx, g)
		return created, err
	}
	told := []any{
		c.group(create(cometchat.NewGroup{
			GUID: open, Name: "Open ✓", Type: cometchat.GroupPublic, Description: "for all", Icon: "https://example.com/icon.png",
			Metadata: json.RawMessage(`{"n":{"ü":1}}`), Tags: []string{"a", "ü"},
		})),
		c.group(create(cometchat.NewGroup{GUID: locked, Name: "Locked", Type: cometchat.GroupPassword, Password: new("secret")})),
	}
	group, outcomes, err := w.client.CreateGroup(ctx, cometchat.NewGroup{
		GUID: hidden, Name: "Hidden", Type: cometchat.GroupPrivate, Members: cometchat.NewGroupMembers{
			Moderators: []string{two}, Participants: []string{three}, Admins: []string{nobody}, Banned: []string{four},
		},
	})
	told = append(told, []any{c.group(group, err), texts(outcomes)})
	for _, g := range []cometchat.NewGroup{
		{Name: "No guid", Type: cometchat.GroupPublic}, {GUID: nowhere, Type: cometchat.GroupPublic}, {GUID: nowhere, Name: "No type", Type: "open"},
		{GUID: nowhere, Name: "No password", Type: cometchat.GroupPassword}, {GUID: open, Name: "Again", Type: cometchat.GroupPublic},
	} {
		told = append(told, c.code("CreateGroup", second(create(g))))
	}
	w.tell(told)
}

func listGroups(ctx context.Context, w *world, c *checks) {
	const limit = 30
	told := []any{}
	groups := func(client *cometchat.Client, r cometchat.GroupsRequest) {
		r.Limit = limit
		told = append(told, views(c, client.ListGroups(ctx, r), viewGroup))
	}
	members := func(guid string, r cometchat.GroupMembersRequest) {
		r.Limit = limit
		told = append(told, views(c, w.client.ListGroupMembers(ctx, guid, r), viewMember))
	}
	banned := func(guid string, r cometchat.BannedGroupMembersRequest) {
		r.Limit = limit
		told = append(told, views(c, w.client.ListBannedGroupMembers(ctx, guid, r), viewMember))
	}
	groups(w.client, cometchat.GroupsRequest{})
	groups(w.client, cometchat.GroupsRequest{SearchKeyword: " open "})
	groups(w.client, cometchat.GroupsRequest{Tags: []string{"b", "other"}, WithTags: true})
	members(open, cometchat.GroupMembersRequest{})
	members(open, cometchat.GroupMembersRequest{Scopes: []string{cometchat.ScopeParticipant, cometchat.ScopeAdmin}})
	members(open, cometchat.GroupMembersRequest{SearchKeyword: "george", Status: cometchat.StatusOnline})
	banned(open, cometchat.BannedGroupMembersRequest{})
	banned(hidden, cometchat.BannedGroupMembersRequest{SearchKeyword: "john"})
	groups(w.second, cometchat.GroupsRequest{JoinedOnly: true})
	w.tell(told)
}

func groupMessages(ctx context.Context, w *world, c *checks) {
	hello := c.sent(ctx, w.second, inGroup(open, "hello "+cometchat.Mention(one), "interop-group-text", ""))
	reply := c.sent(ctx, w.client, inGroup(open, "a reply", "interop-group-reply", hello.ID))
	media := cometchat.NewMediaMessage(cometchat.ToGroup(open), cometchat.TypeImage)
	media.Attachments = []cometchat.Attachment{{Name: "a.png", Extension: "png", MimeType: "image/png", URL: "https://example.com/a.png", Size: 5}}
	media.MUID = "interop-group-media"
	custom := cometchat.NewCustomMessage(cometchat.ToGroup(open), "poll", map[string]any{"options": []string{"a", "b"}})
	custom.MUID = "interop-group-custom"
	w.tell([]any{
		hello, reply, c.sent(ctx, w.client, media), c.sent(ctx, w.second, custom), c.message(w.client.AddReaction(ctx, hello.ID, "👍")),
		c.message(w.second.EditMessage(ctx, hello.ID, cometchat.MessageEdit{Text: "edited"})), c.message(w.client.DeleteMessage(ctx, reply.ID)),
		c.code("DeleteMessage", second(w.client.DeleteMessage(ctx, "999"))),
		views(c, w.client.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToGroup(open), Limit: 50}), viewMessage),
		c.code("SendMessage", second(w.second.SendMessage(ctx, inGroup(nowhere, "lost", "interop-group-lost", "")))),
	})
}

func groupConversation(ctx context.Context, w *world, c *checks) {
	with := cometchat.ToGroup(open)
	counts := func(r cometchat.UnreadRequest) map[string]int {
		counts, err := w.client.UnreadCounts(ctx, r)
		c.ok("UnreadCounts", err)
		return counts.Groups
	}
	unread := func() int { return counts(cometchat.UnreadRequest{With: with})[open] }
	told := []any{counts(cometchat.UnreadRequest{Type: cometchat.ReceiverGroup}), unread()}
	conversation := c.conversation(w.client.GetConversation(ctx, with))
	c.ok("MarkConversationAsDelivered", w.client.MarkConversationAsDelivered(ctx, with))
	c.ok("MarkConversationAsRead", w.client.MarkConversationAsRead(ctx, with))
	told = append(told, conversation, unread())
	c.ok("MarkAsUnread", w.client.MarkAsUnread(ctx, c.got(ctx, w.client, conversation.LastMessage.ID)))
	w.tell(append(told, unread(), views(c, w.client.ListConversations(ctx, cometchat.ConversationsRequest{
		Limit: 30, Type: cometchat.ReceiverGroup,
	}), viewConversation)))
}

func inGroup(guid, text, muid, parent string) *cometchat.OutgoingMessage {
	return &cometchat.OutgoingMessage{To: cometchat.ToGroup(guid), Text: text, MUID: muid, ParentID: parent}
}

// texts returns the outcomes of a call about many users as the JavaScript SDK does.
func texts(outcomes map[string]error) map[string]string {
	said := map[string]string{}
	for uid, err := range outcomes {
		said[uid] = "success"
		if e, failed := errors.AsType[*cometchat.Error](err); failed {
			said[uid] = e.Message
		}
	}
	return said
}

// group shows the group that a call returned.
func (c *checks) group(g *cometchat.Group, err error) *groupView {
	if c.ok("the call about a group", err); err != nil {
		return nil
	}
	return viewGroup(g)
}

// done checks that a call succeeded, and returns true.
func (c *checks) done(err error) bool {
	c.ok("the call", err)
	return true
}
