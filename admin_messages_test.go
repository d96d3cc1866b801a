package cometchat_test

import (
	"encoding/json"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The documented answers about messages and conversations.
const (
	docEntities = `"entities":{"sender":{"entity":{"uid":"ana","name":"Ana","avatar":"https://x.test/a.png","status":"offline",` +
		`"role":"default","createdAt":1690000000},"entityType":"user"},"receiver":{"entity":{"uid":"ben","name":"Ben",` +
		`"status":"available","role":"default","lastActiveAt":1700000001,"createdAt":1690000000,` +
		`"conversationId":"ana_user_ben"},"entityType":"user"}}`
	docMessage = `{"id":"812","muid":"m-1","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben",` +
		`"category":"message","type":"text","data":{"text":"hi <@uid:ben>","metadata":{"k":"v"},` +
		`"mentions":{"ben":{"uid":"ben","name":"Ben"}},` + docEntities + `,` +
		`"reactions":[{"reaction":"👍","count":2,"reactedByMe":true},{"reaction":"🎉","count":1}],"moderation":{"status":"approved"}},` +
		`"sentAt":1700000000,"updatedAt":1700000000,"tags":["t1"],"replyCount":1,"pinnedAt":1700000300,"pinnedBy":"app_system"}`
	docEdited = `{"id":"813","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben","category":"action",` +
		`"type":"message","data":{"action":"edited","entities":{"by":{"entity":{"uid":"ana","name":"Ana","status":"offline",` +
		`"role":"default","createdAt":1690000000},"entityType":"user"},"for":{"entity":{"uid":"ben","name":"Ben"},"entityType":"user"},` +
		`"on":{"entity":` + docChanged + `,"entityType":"message"}}},"sentAt":1700000050,"updatedAt":1700000050}`
	docChanged = `{"id":"812","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben","category":"message",` +
		`"type":"text","data":{"text":"new","entities":{}},"sentAt":1700000000,"editedAt":1700000050,"editedBy":"app_system",` +
		`"updatedAt":1700000050,"tags":["t6"]}`
	docDeleted = `{"id":"812","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben","category":"message",` +
		`"type":"text","data":{"entities":{}},"sentAt":1700000000,"deletedAt":1700000060,"deletedBy":"ana","updatedAt":1700000060}`
	docReaction = `{"id":"5","messageId":"812","reaction":"👍","uid":"ben","reactedAt":1700000100,"reactedBy":{"uid":"ben","name":"Ben",` +
		`"status":"offline","role":"default","createdAt":1690000000,"conversationId":"ana_user_ben"}}`
	docThread = `{"id":"812","conversationId":"ana_user_ben","sender":"ana","receiverType":"user","receiver":"ben","category":"message",` +
		`"type":"text","data":{"text":"hi"},"sentAt":1700000000,"updatedAt":1700000200,"replyCount":1,"lastReply":{"id":"814","muid":"",` +
		`"sender":"ben","receiverType":"user","receiver":"ana","category":"message","type":"text","data":{"text":"yes"},` +
		`"sentAt":1700000200,"updatedAt":1700000200,"editedAt":null,"deliveredAt":null,"readAt":null,"deletedAt":null,"editedBy":"",` +
		`"parentId":"812"}}`
	docConversation = `{"conversationId":"group_club","conversationType":"group","unreadMessageCount":"2","createdAt":1700000000,` +
		`"updatedAt":1700000500,"lastMessage":` + docMessage + `,"tags":["work"],"conversationWith":{"guid":"club","name":"Club",` +
		`"description":"d","icon":"https://x.test/i.png","type":"private","scope":"participant","membersCount":4,"joinedAt":1700000000,` +
		`"conversationId":"group_club","hasJoined":true,"createdAt":1690000000,"owner":"ana","updatedAt":1700000100,"updatedBy":"ana"}}`
	docPin = `{"conversationId":"ana_user_ben","conversationType":"user","pinnedBy":"ana","pinnedAt":1700000000}`
	docM   = `"meta":{"current":{"limit":10,"count":1}}`
	docU   = `"meta":{"pagination":{"total":0,"count":1,"per_page":100,"current_page":1,"total_pages":1},"cursor":{"id":1786,"affix":"prepend"}}`
	docP   = `"meta":{"pagination":{"total":1,"count":1,"per_page":100,"current_page":1,"total_pages":1}}`
)

// adminMessageCall is a call about messages or conversations: the documented request and its answer.
type adminMessageCall struct {
	request, body string // the body is empty when there is none
	answer        string
	needsUser     bool // the app cannot make it
	call          func(a *cometchat.Admin) (any, error)
	// got is what the call returns, as JSON; empty for nothing. A value that the server sent is written as the server sent it.
	got string
}

// itemsOf returns the items of a list.
func itemsOf[T any](list iter.Seq2[*T, error]) (any, error) {
	items := []*T{}
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

func failing(_ any, err error) error { return err }

func adminMessageCalls(t *testing.T) map[string]adminMessageCall {
	t.Helper()
	ctx, ben, club := t.Context(), cometchat.ToUser("ben"), cometchat.ToGroup("club")
	type admin = cometchat.Admin
	nothing := func(call func(a *admin) error) func(a *admin) (any, error) {
		return func(a *admin) (any, error) { return nil, call(a) }
	}
	m := &cometchat.Message{ID: "812", Receiver: cometchat.ToUser("ben"), Sender: &cometchat.User{UID: "zoe"}}
	text := func(to cometchat.Receiver) *cometchat.OutgoingMessage {
		return &cometchat.OutgoingMessage{To: to, Text: "hi", MUID: "m-1"}
	}
	data := func(answer string) string { return `{"data":` + answer + `}` }
	list := func(item, meta string) string { return `{"data":[` + item + `],` + meta + `}` }
	done := `{"data":{"success":true,"message":"done"}}`
	return map[string]adminMessageCall{
		"SendMessage": {
			request: "POST /messages", answer: data(docMessage), got: docMessage,
			body: `{"receiver":"ben","receiverType":"user","category":"message","type":"text","muid":"m-1","tags":["t1"],"quotedMessageId":"7",` +
				`"data":{"text":"hi","metadata":{"k":"v"}}}`,
			call: func(a *admin) (any, error) {
				m := text(ben)
				m.Metadata, m.Tags, m.QuotedMessageID = json.RawMessage(`{"k":"v"}`), []string{"t1"}, "7"
				return a.SendMessage(ctx, m)
			},
		},
		"SendMessage of media": {
			request: "POST /messages", answer: data(docMessage), got: docMessage,
			body: `{"receiver":"club","receiverType":"group","category":"message","type":"image","muid":"m-1",` +
				`"data":{"text":"hi","attachments":[{"url":"https://f.test/p.png","name":"p.png","mimeType":"image/png"}]}}`,
			call: func(a *admin) (any, error) {
				m := text(club)
				m.Attachments = []cometchat.Attachment{{URL: "https://f.test/p.png", Name: "p.png", MimeType: "image/png"}}
				return a.SendMessage(ctx, m)
			},
		},
		"SendMessage of custom data": {
			request: "POST /messages", answer: data(docMessage), got: docMessage,
			body: `{"receiver":"ben","receiverType":"user","category":"custom","type":"location","muid":"m-1","data":{"customData":{"lat":1}}}`,
			call: func(a *admin) (any, error) {
				m := cometchat.NewCustomMessage(ben, "location", map[string]int{"lat": 1})
				m.MUID = "m-1"
				return a.SendMessage(ctx, m)
			},
		},
		"SendMessage in a thread": {
			request: "POST /messages/811/thread", answer: data(docMessage), got: docMessage, needsUser: true,
			body: `{"receiver":"ben","receiverType":"user","category":"message","type":"text","muid":"m-1","data":{"text":"hi"}}`,
			call: func(a *admin) (any, error) {
				m := text(ben)
				m.ParentID = "811"
				return a.SendMessage(ctx, m)
			},
		},
		"SendMessageToMany": {
			request: "POST /messages", answer: data(docMessage), got: `{"Messages":[` + docMessage + `],"Raw":` + docMessage + `}`,
			body: `{"multipleReceivers":{"uids":["ben","zoe"],"guids":["club"]},"category":"message","type":"text","muid":"m-1","data":{"text":"hi"}}`,
			call: func(a *admin) (any, error) {
				return a.SendMessageToMany(ctx, text(cometchat.Receiver{}), ben, club, cometchat.ToUser("zoe"))
			},
		},
		"GetMessage": {
			request: "GET /messages/812", answer: data(docMessage), got: docMessage,
			call: func(a *admin) (any, error) { return a.GetMessage(ctx, "812") },
		},
		"EditMessage": {
			request: "PUT /messages/812", answer: data(docEdited), got: docChanged, body: `{"data":{"text":"new","metadata":{"k":1}},"tags":["t6"]}`,
			call: func(a *admin) (any, error) {
				return a.EditMessage(ctx, "812", cometchat.MessageEdit{Text: "new", Metadata: json.RawMessage(`{"k":1}`), Tags: []string{"t6"}})
			},
		},
		"DeleteMessage": { // the documentation's example says that the action is "edited"
			request: "DELETE /messages/812", answer: data(strings.Replace(docEdited, docChanged, docDeleted, 1)), got: docDeleted,
			body: `{"permanent":false}`, call: func(a *admin) (any, error) { return a.DeleteMessage(ctx, "812") },
		},
		"DeleteMessagePermanently": {
			request: "DELETE /messages/812", answer: data(strings.Replace(docEdited, docChanged, docDeleted, 1)), got: docDeleted,
			body: `{"permanent":true}`, call: func(a *admin) (any, error) { return a.DeleteMessagePermanently(ctx, "812") },
		},
		"ListMessages": {
			request: "GET /messages?affix=prepend&limit=100", answer: list(docMessage, docM), got: "[" + docMessage + "]",
			call: func(a *admin) (any, error) { return itemsOf(a.ListMessages(ctx, cometchat.MessageFilter{})) },
		},
		"ListMessages of a user": {
			request: "GET /users/ben/messages?affix=append&id=811&limit=1000", answer: list(docMessage, docU), got: "[" + docMessage + "]",
			call: func(a *admin) (any, error) {
				return itemsOf(a.ListMessages(ctx, cometchat.MessageFilter{With: ben, AfterID: "811", Limit: 1000}))
			},
		},
		"ListMessages of a group": {
			request: "GET /groups/club/messages?affix=prepend&limit=100&pinned=1&undelivered=true", answer: list(docMessage, docM),
			got: "[" + docMessage + "]",
			call: func(a *admin) (any, error) {
				return itemsOf(a.ListMessages(ctx, cometchat.MessageFilter{With: club, Pinned: true, Undelivered: true}))
			},
		},
		"ListMessages of a thread": {
			request: "GET /messages/811/thread?affix=prepend&perPage=100", answer: list(docMessage, docM), got: "[" + docMessage + "]",
			call: func(a *admin) (any, error) { return itemsOf(a.ListMessages(ctx, cometchat.MessageFilter{ParentID: "811"})) },
		},
		"AddReaction": {
			request: "POST /messages/812/reactions/%F0%9F%91%8D", answer: data(docMessage), got: docMessage, needsUser: true,
			call: func(a *admin) (any, error) { return a.AddReaction(ctx, "812", "👍") },
		},
		"RemoveReaction": {
			request: "DELETE /messages/812/reactions/%F0%9F%91%8D", answer: data(docMessage), got: docMessage, needsUser: true,
			call: func(a *admin) (any, error) { return a.RemoveReaction(ctx, "812", "👍") },
		},
		"ListReactions": {
			request: "GET /messages/812/reactions/%F0%9F%91%8D?affix=append&limit=100",
			answer:  list(docReaction, `"meta":{"current":{"limit":100,"count":1}}`), got: "[" + docReaction + "]",
			call: func(a *admin) (any, error) {
				return itemsOf(a.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: "812", Reaction: "👍"}))
			},
		},
		"FlagMessage": {
			request: "POST /messages/812/flagged", answer: done, body: `{"reasonId":"spam","remark":"bad"}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.FlagMessage(ctx, "812", "spam", "bad") }),
		},
		"MarkAsInteracted": {
			request: "PATCH /messages/812/interacted", answer: done, body: `{"interactions":["button"]}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkAsInteracted(ctx, "812", "button") }),
		},
		"PinMessage": {
			request: "POST /messages/812/pin", answer: data(docMessage), got: docMessage,
			call: func(a *admin) (any, error) { return a.PinMessage(ctx, "812") },
		},
		"UnpinMessage": {
			request: "DELETE /messages/812/pin", answer: data(docMessage), got: docMessage,
			call: func(a *admin) (any, error) { return a.UnpinMessage(ctx, "812") },
		},
		"SaveMessage": {
			request: "POST /messages/812/save", answer: data(docMessage), got: docMessage, needsUser: true,
			call: func(a *admin) (any, error) { return a.SaveMessage(ctx, "812") },
		},
		"UnsaveMessage": {
			request: "DELETE /messages/812/save", answer: data(docMessage), got: docMessage, needsUser: true,
			call: func(a *admin) (any, error) { return a.UnsaveMessage(ctx, "812") },
		},
		"ListThreads": {
			request: "GET /threads?limit=30&participatedByMe=false", answer: list(docThread, docM), got: "[" + docThread + "]",
			call: func(a *admin) (any, error) { return itemsOf(a.ListThreads(ctx, cometchat.ThreadsRequest{All: true})) },
		},
		"SubscribeToThread": {
			request: "POST /messages/812/thread/subscription", answer: `{"data":{"success":true}}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.SubscribeToThread(ctx, "812") }),
		},
		"UnsubscribeFromThread": {
			request: "DELETE /messages/812/thread/subscription", answer: `{"data":{"success":true}}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.UnsubscribeFromThread(ctx, "812") }),
		},
		"ListConversations": {
			request: "GET /conversations?conversationType=group&page=1&perPage=100&tags=work&withTags=true", answer: list(docConversation, docP),
			got: "[" + docConversation + "]",
			call: func(a *admin) (any, error) {
				return itemsOf(a.ListConversations(ctx, cometchat.ConversationsRequest{Type: "group", Tags: []string{"work"}, WithTags: true}))
			},
		},
		"GetConversation": { // the documentation's examples wrap the conversation in a list
			request: "GET /groups/club/conversation", answer: data("[" + docConversation + "]"), got: docConversation, needsUser: true,
			call: func(a *admin) (any, error) { return a.GetConversation(ctx, club) },
		},
		"TagConversation": {
			request: "PUT /users/ben/conversation", answer: data(docConversation), got: docConversation, body: `{"tags":["work"]}`, needsUser: true,
			call: func(a *admin) (any, error) { return a.TagConversation(ctx, ben, []string{"work"}) },
		},
		"DeleteConversation": {
			request: "DELETE /users/ben/conversation", answer: done, needsUser: true,
			call: nothing(func(a *admin) error { return a.DeleteConversation(ctx, ben) }),
		},
		"PinConversation": {
			request: "POST /users/ben/conversation/pin", answer: data(docPin), got: docPin, needsUser: true,
			call: func(a *admin) (any, error) { return a.PinConversation(ctx, ben) },
		},
		"UnpinConversation": {
			request: "DELETE /users/ben/conversation/pin", answer: data(docPin), got: docPin, needsUser: true,
			call: func(a *admin) (any, error) { return a.UnpinConversation(ctx, ben) },
		},
		"MarkConversationAsRead": {
			request: "POST /users/ben/conversation/read", answer: `{"data":{"success":true,"Message":"done"}}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkConversationAsRead(ctx, ben) }),
		},
		"MarkConversationAsDelivered": {
			request: "POST /groups/club/conversation/delivered", answer: done, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkConversationAsDelivered(ctx, club) }),
		},
		"MarkAsRead": {
			request: "POST /users/zoe/conversation/read", answer: done, body: `{"messageId":812}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkAsRead(ctx, m) }),
		},
		"MarkAsDelivered": {
			request: "POST /users/zoe/conversation/delivered", answer: done, body: `{"messageId":812}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkAsDelivered(ctx, m) }),
		},
		"MarkAsUnread": {
			request: "DELETE /users/zoe/conversation/read", answer: done, body: `{"messageId":812}`, needsUser: true,
			call: nothing(func(a *admin) error { return a.MarkAsUnread(ctx, m) }),
		},
		"UnreadCounts": {
			request: "GET /messages?count=1&hideMessagesFromBlockedUsers=0&unread=1", needsUser: true, got: `{"Users":{"zoe":3},"Groups":{"club":2}}`,
			answer: `{"data":[{"entityId":"zoe","entityType":"user","count":3},{"entityId":"club","entityType":"group","count":2}]}`,
			call:   func(a *admin) (any, error) { return a.UnreadCounts(ctx, cometchat.UnreadRequest{}) },
		},
	}
}

// TestAdminMessageCalls makes each call, as the app and on behalf of a user: the request is the documented one, and the documented
// answer is decoded without loss.
func TestAdminMessageCalls(t *testing.T) {
	t.Parallel()
	for name, tc := range adminMessageCalls(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(respond(200, tc.answer))
			a := w.admin(t)
			for _, uid := range []string{"", "ben"} {
				got, err := tc.call(a.OnBehalfOf(uid))
				requests := w.requests()
				if uid == "" && tc.needsUser {
					require.ErrorIs(t, err, cometchat.ErrMissingParameters)
					op, _, _ := strings.Cut(name, " ")
					assert.Equal(t, op, asError(err).Op)
					assert.ErrorContains(t, err, op+" acts for a user: name the user with Admin.OnBehalfOf")
					assert.Empty(t, requests)
					continue
				}
				require.NoError(t, err)
				require.Len(t, requests, 1)
				assert.Equal(t, tc.request, requests[0].Method+" "+strings.TrimPrefix(requests[0].URL, adminHost))
				assert.Equal(t, apiKey, requests[0].Header.Get("apikey"))
				assert.Equal(t, uid, requests[0].Header.Get("onBehalfOf"))
				if tc.body == "" {
					assert.Empty(t, requests[0].Body)
				} else {
					assert.JSONEq(t, tc.body, requests[0].Body)
				}
				if tc.got != "" {
					raw, err := json.Marshal(got)
					require.NoError(t, err)
					assert.JSONEq(t, tc.got, string(raw))
				}
			}
			_, err := tc.call(a.OnBehalfOf(".."))
			require.ErrorIs(t, err, cometchat.ErrInvalidUID)
			_, err = tc.call(nil)
			require.ErrorIs(t, err, cometchat.ErrNotInitialized)
			_, err = tc.call(&cometchat.Admin{})
			require.ErrorIs(t, err, cometchat.ErrNotInitialized)
			assert.Empty(t, w.lines())
			w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no ben")))
			_, err = tc.call(a.OnBehalfOf("ben"))
			require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
		})
	}
}

// TestAdminReadsMessages checks the fields that the documented answers have.
func TestAdminReadsMessages(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	w.RegisterNoResponder(respond(200, `{"data":`+docMessage+`}`))
	m, err := a.GetMessage(t.Context(), "812")
	require.NoError(t, err)
	assert.Equal(t, []any{"812", "m-1", "ana_user_ben", "ana", "ben", "hi <@uid:ben>", "app_system"},
		[]any{m.ID, m.MUID, m.ConversationID, m.Sender.UID, m.Receiver.ID, m.Text, m.PinnedBy})
	assert.Equal(t, []cometchat.ReactionCount{{Reaction: "👍", Count: 2, ReactedByMe: true}, {Reaction: "🎉", Count: 1}}, m.Reactions)
	assert.True(t, m.Mentioned("ben"))
	assert.Equal(t, time.Unix(1700000300, 0), m.PinnedAt)
	assert.Equal(t, cometchat.ModerationApproved, m.Moderation)

	w.RegisterNoResponder(respond(200, `{"data":`+docConversation+`}`))
	c, err := a.OnBehalfOf("ben").GetConversation(t.Context(), cometchat.ToGroup("club"))
	require.NoError(t, err)
	assert.Equal(t, []any{"group_club", 2, "Club", "812"}, []any{c.ID, c.UnreadCount, c.WithGroup.Name, c.LastMessage.ID})

	w.RegisterNoResponder(respond(200, `{"data":[`+docThread+`]}`))
	threads, err := a.ListThreadsPage(t.Context(), cometchat.ThreadsRequest{}, "")
	require.NoError(t, err)
	assert.Equal(t, "yes", threads.Items[0].LastReply.Text)
	assert.Zero(t, threads.Items[0].LastReply.EditedAt)
}

// TestAdminPages gets one page of each list.
func TestAdminPages(t *testing.T) {
	t.Parallel()
	w := newWire()
	a, ctx := w.admin(t), t.Context()
	w.RegisterNoResponder(respond(200, `{"data":[`+docMessage+`],"meta":{"current":{"limit":1,"count":1},"next":{"affix":"append","id":"812"}}}`))
	page, err := a.ListMessagesPage(ctx, cometchat.MessageFilter{Limit: 1, AfterID: "0"}, "")
	require.NoError(t, err)
	assert.Equal(t, "id=812", page.Next)
	_, err = a.ListMessagesPage(ctx, cometchat.MessageFilter{Limit: 1, AfterID: "0"}, page.Next)
	require.NoError(t, err)
	w.RegisterNoResponder(respond(200, `{"data":[`+docReaction+`]}`))
	_, err = a.ListReactionsPage(ctx, cometchat.ReactionsRequest{MessageID: "812", Limit: 100}, "")
	require.NoError(t, err)
	w.RegisterNoResponder(respond(200, `{"data":[`+docConversation+`],`+strings.Replace(docP, `"current_page":1`, `"current_page":3`, 1)+`}`))
	conversations, err := a.ListConversationsPage(ctx, cometchat.ConversationsRequest{Limit: 1000}, "3")
	require.NoError(t, err)
	assert.Equal(t, 3, conversations.Number)
	assert.Equal(t, []string{
		"GET " + adminHost + "/messages?affix=append&id=0&limit=1", "GET " + adminHost + "/messages?affix=append&id=812&limit=1",
		"GET " + adminHost + "/messages/812/reactions?affix=append&limit=100", "GET " + adminHost + "/conversations?page=3&perPage=1000",
	}, w.lines())
}

// TestAdminMessageFilters writes every filter under the name that the API has for it.
func TestAdminMessageFilters(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(respond(200, `{"data":[]}`))
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	_, err := w.admin(t).ListMessagesPage(t.Context(), cometchat.MessageFilter{
		ConversationID: "group_club", ReceiverType: "group", Limit: 5, BeforeID: "9",
		SentFrom: at(1), SentTo: at(2), EditedFrom: at(3), EditedTo: at(4), UpdatedFrom: at(5), UpdatedTo: at(6),
		Senders: []string{"a", "b"}, SearchKeyword: "k", Categories: []string{"message", "custom"}, Types: []string{"text"}, Tags: []string{"t"},
		WithTags: true, Unread: true, HasAttachments: true, HasLinks: true, HasMentions: true, HasReactions: true,
		AttachmentTypes: []string{"image"}, MentionedUIDs: []string{"c"}, OnlyDeleted: true, HideDeletedMessages: true, HideReplies: true,
		HideQuotedMessages: true, HideMessagesFromBlockedUsers: true, MentionsWithTagInfo: true, MentionsWithBlockedInfo: true,
	}, "")
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), "GET", w.requests()[0].URL, nil)
	require.NoError(t, err)
	assert.Equal(t, "GET", r.Method)
	got := map[string]string{}
	for name, values := range r.URL.Query() {
		got[name] = strings.Join(values, "|")
	}
	assert.Equal(t, map[string]string{
		"conversationId": "group_club", "receiverType": "group", "limit": "5", "affix": "prepend", "id": "9",
		"fromTimestamp": "1", "toTimestamp": "2", "editedAt[from]": "3", "editedAt[to]": "4", "updatedAt[from]": "5", "updatedAt[to]": "6",
		"senders": "a,b", "searchKey": "k", "categories": "message,custom", "types": "text", "tags": "t",
		"withTags": "true", "unread": "true", "hasAttachments": "true", "hasLinks": "true", "hasMentions": "true", "hasReactions": "true",
		"attachmentTypes": "image", "mentionedUids": "c", "onlyDeleted": "true", "hideDeleted": "true", "hideReplies": "true",
		"hideQuotedMessages": "true", "hideMessagesFromBlockedUsers": "true", "mentionsWithTagInfo": "true", "mentionsWithBlockedInfo": "true",
	}, got)

	_, err = w.admin(t).ListMessagesPage(t.Context(), cometchat.MessageFilter{SentTo: at(2), Senders: []string{"a"}}, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"GET " + adminHost + "/messages?affix=prepend&fromTimestamp=1&limit=100&sender=a&toTimestamp=2"}, w.lines())
	_, err = w.admin(t).ListMessagesPage(t.Context(), cometchat.MessageFilter{With: cometchat.ToUser("b"), MyMentionsOnly: true}, "")
	require.NoError(t, err)
	assert.Equal(t, []string{"GET " + adminHost + "/users/b/messages?affix=prepend&limit=100&myMentionsOnly=true"}, w.lines())
}

// TestAdminMessageMistakes holds that a wrong argument fails before any request.
func TestAdminMessageMistakes(t *testing.T) {
	t.Parallel()
	w := newWire()
	a, ctx := w.admin(t).OnBehalfOf("ana"), t.Context()
	ben := cometchat.ToUser("ben")
	filter := func(f cometchat.MessageFilter) error { _, err := a.ListMessagesPage(ctx, f, ""); return err }
	many := func(m *cometchat.OutgoingMessage, to ...cometchat.Receiver) error {
		_, err := a.SendMessageToMany(ctx, m, to...)
		return err
	}
	get := func(id string) error { _, err := a.GetMessage(ctx, id); return err }
	send := func(m *cometchat.OutgoingMessage) error { _, err := a.SendMessage(ctx, m); return err }
	resolve := func(m *cometchat.OutgoingMessage) error { _, err := a.ResolveSend(ctx, m); return err }
	edit := func(e cometchat.MessageEdit) error { _, err := a.EditMessage(ctx, "1", e); return err }
	conversations := func(r cometchat.ConversationsRequest) error { return failing(itemsOf(a.ListConversations(ctx, r))) }
	bad, missing := cometchat.ErrBadRequest, cometchat.ErrMissingParameters
	type f = cometchat.MessageFilter
	for i, tc := range []struct{ got, want error }{
		{get("x"), bad},
		{send(nil), missing},
		{send(cometchat.NewTextMessage(ben, " ")), bad},
		{resolve(nil), missing},
		{resolve(&cometchat.OutgoingMessage{To: ben}), missing},
		{edit(cometchat.MessageEdit{}), missing},
		{many(nil, ben), missing},
		{many(&cometchat.OutgoingMessage{Text: "x"}), missing},
		{many(&cometchat.OutgoingMessage{Text: "x"}, cometchat.Receiver{}), bad},
		{many(&cometchat.OutgoingMessage{Text: "x", To: ben}, ben), bad},
		{many(&cometchat.OutgoingMessage{Text: "x", ParentID: "7"}, ben), bad},
		{many(&cometchat.OutgoingMessage{Files: []cometchat.File{{Reader: strings.NewReader("x")}}}, ben), bad},
		{many(&cometchat.OutgoingMessage{}, ben), bad},
		{a.FlagMessage(ctx, "1", " ", ""), missing},
		{a.MarkAsInteracted(ctx, "1", ""), missing},
		{a.MarkAsRead(ctx, nil), missing},
		{filter(f{ParentID: "x"}), bad},
		{filter(f{With: cometchat.Receiver{Type: "x", ID: "y"}}), bad},
		{filter(f{BeforeID: "0"}), bad},
		{filter(f{BeforeID: "1", AfterID: "1"}), bad},
		{filter(f{ReceiverType: "x"}), bad},
		{filter(f{With: ben, ReceiverType: "user"}), bad},
		{filter(f{With: ben, OnlyDeleted: true}), bad},
		{filter(f{With: ben, EditedTo: time.Unix(1, 0)}), bad},
		{filter(f{With: ben, Senders: []string{"a", "b"}}), bad},
		{filter(f{Senders: []string{".."}}), cometchat.ErrInvalidUID},
		{filter(f{Pinned: true}), bad},
		{filter(f{Tags: []string{"a,b"}}), bad},
		{filter(f{Limit: 1001}), bad},
		{failing(itemsOf(a.ListThreads(ctx, cometchat.ThreadsRequest{With: ben}))), bad},
		{failing(itemsOf(a.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: "1", Limit: 101}))), bad},
		{conversations(cometchat.ConversationsRequest{Limit: 1001}), bad},
		{conversations(cometchat.ConversationsRequest{Type: "x"}), bad},
	} {
		require.ErrorIs(t, tc.got, tc.want, i)
	}
	_, err := a.TagConversation(ctx, ben, []string{strings.Repeat("x", 101)})
	require.ErrorIs(t, err, bad)
	assert.Empty(t, w.lines())
}
