package cometchat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAdminLooksForALostSend loses the answer to a send: the message is found among those of its sender, or the send is unknown.
func TestAdminLooksForALostSend(t *testing.T) {
	t.Parallel()
	ben, club := cometchat.ToUser("ben"), cometchat.ToGroup("club")
	for name, tc := range map[string]struct {
		uid    string
		to     cometchat.Receiver
		parent string
		search string // of the server's list
	}{
		"the app to a user":    {"", ben, "", "/messages?affix=prepend&limit=100&receiverType=user&sender=app_system"},
		"the app to a group":   {"", club, "", "/groups/club/messages?affix=prepend&limit=100&sender=app_system"},
		"a user to a user":     {"ana", ben, "", "/users/ben/messages?affix=prepend&limit=100&sender=ana"},
		"a user to a group":    {"ana", club, "", "/groups/club/messages?affix=prepend&limit=100&sender=ana"},
		"a user in a thread":   {"ana", ben, "7", "/users/ben/messages?affix=prepend&limit=100&sender=ana"},
		"a user with capitals": {"ANA", ben, "", "/users/ben/messages?affix=prepend&limit=100&sender=ana"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWire()
				a := w.admin(t).OnBehalfOf(tc.uid)
				sender := strings.ToLower(tc.uid)
				if sender == "" {
					sender = cometchat.AppUID
				}
				message := object{"id": "9", "muid": "m", "sender": sender, "receiver": tc.to.ID, "receiverType": tc.to.Type, "category": "message"}
				others := maps.Clone(message)
				others["sender"], others["sentAt"] = "zoe", 1 // old enough to end a search
				w.RegisterNoResponder(httpmock.NewErrorResponder(errReset))
				w.answer("GET", adminHost+tc.search, 200, object{"data": []object{others}})
				m := &cometchat.OutgoingMessage{To: tc.to, Text: "hi", MUID: "m", ParentID: tc.parent}

				_, err := a.SendMessage(t.Context(), m)
				require.ErrorIs(t, err, cometchat.ErrSendUnknown)
				require.ErrorIs(t, err, errReset)
				assert.Equal(t, "m", asError(err).MUID)
				assert.Positive(t, asError(err).RetryAfter)
				requests := w.requests()
				require.Len(t, requests, 3, "one attempt, and two searches")
				for _, r := range requests {
					assert.Equal(t, tc.uid, r.Header.Get("onBehalfOf"))
				}
				assert.Equal(t, adminHost+tc.search, requests[2].URL)
				_, err = a.ResolveSend(t.Context(), m)
				require.ErrorIs(t, err, cometchat.ErrSendUnknown, "it may still come")
				w.requests()

				w.answer("GET", adminHost+tc.search, 200, object{"data": []object{others, message}})
				found, err := a.SendMessage(t.Context(), m)
				require.NoError(t, err)
				assert.Equal(t, "9", found.ID)
				assert.Equal(t, []string{"GET " + adminHost + tc.search}, w.lines(), "it is not sent again")
			})
		})
	}
}

// TestAdminResolvesASend asks what became of a message until it is certain that it was not sent.
func TestAdminResolvesASend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWire()
		a := w.admin(t)
		w.RegisterNoResponder(respond(200, `{"data":[]}`))
		m := &cometchat.OutgoingMessage{To: cometchat.ToUser("ben"), MUID: "m"}
		_, err := a.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		elapse(asError(err).RetryAfter)
		_, err = a.OnBehalfOf("ana").ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrSendUnknown, "the message of another sender")
		_, err = a.ResolveSend(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrNotSent)
	})
}

// TestAdminSendIsFinal tells a refusal from a lost answer.
func TestAdminSendIsFinal(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(respond(404, refusal("ERR_GUID_NOT_FOUND", "no club")))
	m := cometchat.NewTextMessage(cometchat.ToGroup("club"), "hi")
	_, err := w.admin(t).SendMessage(t.Context(), m)
	require.ErrorIs(t, err, cometchat.ErrGUIDNotFound)
	assert.NotErrorIs(t, err, cometchat.ErrSendUnknown)
	assert.Equal(t, m.MUID, asError(err).MUID)
	assert.Len(t, w.lines(), 1)
}

// TestAdminSendsToMany reads answers of several forms, as none is documented.
func TestAdminSendsToMany(t *testing.T) {
	t.Parallel()
	m := func(id string) string {
		return `{"id":"` + id + `","sender":"app_system","receiver":"r` + id + `","receiverType":"user","data":{"text":"hi"}}`
	}
	for name, tc := range map[string]struct {
		answer string
		ids    []string
	}{
		"one message":         {m("1"), []string{"1"}},
		"a list":              {`[` + m("2") + `,null,` + m("1") + `]`, []string{"2", "1"}},
		"an object of ids":    {`{"b":` + m("2") + `,"a":` + m("1") + `}`, []string{"1", "2"}},
		"results":             {`{"users":{"a":{"success":true,"data":` + m("1") + `},"b":{"success":false}},"groups":[]}`, []string{"1"}},
		"a success":           {`{"success":true}`, nil},
		"a text":              {`"done"`, nil},
		"messages deep below": {`[[[[[` + m("1") + `]]]]]`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(respond(200, `{"data":`+tc.answer+`}`))
			sent, err := w.admin(t).SendMessageToMany(t.Context(), &cometchat.OutgoingMessage{Text: "hi"}, cometchat.ToUser("r1"), cometchat.ToUser("r2"))
			require.NoError(t, err)
			assert.JSONEq(t, tc.answer, string(sent.Raw))
			var ids []string
			for _, m := range sent.Messages {
				ids = append(ids, m.ID)
			}
			assert.Equal(t, tc.ids, ids)
			assert.Len(t, w.lines(), 1)
		})
	}
	t.Run("a lost answer", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(respond(503, ""))
		_, err := w.admin(t).SendMessageToMany(t.Context(), &cometchat.OutgoingMessage{Text: "hi", MUID: "m"}, cometchat.ToUser("r1"))
		require.ErrorIs(t, err, cometchat.ErrSendUnknown)
		assert.Equal(t, []any{"m", 503, "SendMessageToMany"}, []any{asError(err).MUID, asError(err).StatusCode, asError(err).Op})
		assert.Len(t, w.lines(), 1, "the request is not retried, and nothing looks for the messages")
	})
	t.Run("a refusal", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no r1")))
		_, err := w.admin(t).SendMessageToMany(t.Context(), &cometchat.OutgoingMessage{Text: "hi"}, cometchat.ToUser("r1"))
		require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
	})
}

// TestAdminSendsThroughFaults sends 10,000 messages with -full, as the app and on behalf of users, to a server whose answers get lost: it
// holds each message once.
func TestAdminSendsThroughFaults(t *testing.T) {
	t.Parallel()
	messages := 300
	if *full {
		messages = 10_000
	}
	synctest.Test(t, func(t *testing.T) {
		const senders = 10 // two of them are the app
		s := cometchattest.New()
		t.Cleanup(s.Close)
		var faults []*cometchattest.Injected
		for i, fault := range []cometchattest.Fault{
			{DropAfter: true, Probability: 0.05}, {DropAfter: true, Late: 5 * time.Second, Probability: 0.03},
			{DropBefore: true, Probability: 0.05}, {Status: 503, Probability: 0.05},
		} {
			fault.Method, fault.Path, fault.Seed = "POST", "/messages", uint64(i)+1
			faults = append(faults, s.InjectFault(fault))
		}
		s.AddUser(&cometchat.User{UID: "reader", Name: "Reader"})
		admin := administered(t, s)
		var group sync.WaitGroup
		var mu sync.Mutex
		notSent := 0 // guarded by mu
		for i := range senders {
			as := admin
			if i > 1 {
				uid := fmt.Sprint("sender-", i)
				s.AddUser(&cometchat.User{UID: uid, Name: uid})
				as = admin.OnBehalfOf(uid)
			}
			group.Go(func() {
				for j := range messages / senders {
					m := cometchat.NewTextMessage(cometchat.ToUser("reader"), fmt.Sprint(i, "/", j))
					_, err := as.SendMessage(t.Context(), m)
					for errors.Is(err, cometchat.ErrSendUnknown) {
						elapse(asError(err).RetryAfter)
						if _, err = as.ResolveSend(t.Context(), m); errors.Is(err, cometchat.ErrNotSent) {
							mu.Lock()
							notSent++
							mu.Unlock()
							_, err = as.SendMessage(t.Context(), m)
						}
					}
					if !assert.NoError(t, err) {
						return
					}
				}
			})
		}
		group.Wait()
		held := map[string]int{}
		for m, err := range admin.ListMessages(t.Context(), cometchat.MessageFilter{With: cometchat.ToUser("reader"), Limit: 1000}) {
			require.NoError(t, err)
			held[m.Text]++
		}
		assert.Len(t, held, messages)
		for text, times := range held {
			assert.Equal(t, 1, times, text)
		}
		for _, fault := range faults {
			assert.NotZero(t, fault.Count())
		}
		assert.NotZero(t, notSent)
		t.Logf("%d messages, %d of them not sent at first; faults: %d, %d, %d, %d", messages, notSent,
			faults[0].Count(), faults[1].Count(), faults[2].Count(), faults[3].Count())
	})
}

// TestAdminMessagesOfTheEmulator goes through the life of messages as the app and on behalf of users, with clients that watch.
func TestAdminMessagesOfTheEmulator(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, ctx := administered(t, s), t.Context()
	ada, bob := a.OnBehalfOf(uid1), a.OnBehalfOf(uid2)
	c := emulatedUser(t, s, uid2)

	welcome, err := a.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToUser(uid2), "Welcome"))
	require.NoError(t, err)
	assert.Equal(t, []string{cometchat.AppUID, "app_system_user_" + uid2}, []string{welcome.Sender.UID, welcome.ConversationID})
	file := cometchat.NewMediaMessage(cometchat.ToUser(uid2), "", cometchat.File{Name: "a.txt", Reader: strings.NewReader("hello")})
	media, err := ada.SendMessage(ctx, file)
	require.NoError(t, err)
	assert.Equal(t, []string{uid1, "a.txt"}, []string{media.Sender.UID, media.Attachments[0].Name})
	reply := cometchat.NewTextMessage(cometchat.ToUser(uid1), "Thanks")
	reply.ParentID = media.ID
	thanks, err := bob.SendMessage(ctx, reply)
	require.NoError(t, err)
	assert.Equal(t, media.ID, thanks.ParentID)
	replies, err := a.ListMessagesPage(ctx, cometchat.MessageFilter{ParentID: media.ID}, "")
	require.NoError(t, err)
	assert.Equal(t, thanks.ID, replies.Items[0].ID)
	many, err := a.SendMessageToMany(ctx, &cometchat.OutgoingMessage{Text: "News"}, cometchat.ToUser(uid1), cometchat.ToUser(uid2))
	require.NoError(t, err)
	require.Len(t, many.Messages, 2)

	liked, err := bob.AddReaction(ctx, media.ID, "👍")
	require.NoError(t, err)
	assert.Equal(t, []cometchat.ReactionCount{{Reaction: "👍", Count: 1, ReactedByMe: true}}, liked.Reactions)
	for reaction, err := range a.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: media.ID}) {
		require.NoError(t, err)
		assert.Equal(t, uid2, reaction.UID)
	}
	_, err = bob.RemoveReaction(ctx, media.ID, "👍")
	require.NoError(t, err)
	require.NoError(t, bob.FlagMessage(ctx, media.ID, "spam", ""))
	require.ErrorIs(t, bob.FlagMessage(ctx, media.ID, "no such reason", ""), cometchat.ErrBadRequest)
	pinned, err := a.PinMessage(ctx, media.ID)
	require.NoError(t, err)
	assert.Equal(t, cometchat.AppUID, pinned.PinnedBy)
	pins, err := bob.ListMessagesPage(ctx, cometchat.MessageFilter{With: cometchat.ToUser(uid1), Pinned: true}, "")
	require.NoError(t, err)
	assert.Len(t, pins.Items, 1)
	_, err = a.UnpinMessage(ctx, media.ID)
	require.NoError(t, err)
	threads, err := a.ListThreadsPage(ctx, cometchat.ThreadsRequest{}, "")
	require.NoError(t, err)
	assert.Equal(t, media.ID, threads.Items[0].ID)

	conversation, err := bob.GetConversation(ctx, cometchat.ToUser(uid1))
	require.NoError(t, err)
	assert.Equal(t, 1, conversation.UnreadCount)
	counts, err := bob.UnreadCounts(ctx, cometchat.UnreadRequest{})
	require.NoError(t, err)
	assert.Equal(t, map[string]int{uid1: 1, cometchat.AppUID: 2}, counts.Users)
	require.NoError(t, bob.MarkAsDelivered(ctx, media))
	require.NoError(t, bob.MarkAsRead(ctx, media))
	conversation, err = bob.TagConversation(ctx, cometchat.ToUser(uid1), []string{"x"})
	require.NoError(t, err)
	assert.Equal(t, []any{0, []string{"x"}}, []any{conversation.UnreadCount, conversation.Tags})
	require.NoError(t, bob.MarkAsUnread(ctx, media))
	require.NoError(t, bob.MarkConversationAsDelivered(ctx, cometchat.ToUser(uid1)))
	require.NoError(t, bob.MarkConversationAsRead(ctx, cometchat.ToUser(uid1)))
	listed, err := bob.ListConversationsPage(ctx, cometchat.ConversationsRequest{}, "")
	require.NoError(t, err)
	assert.Len(t, listed.Items, 2)
	everybodys, err := a.ListConversationsPage(ctx, cometchat.ConversationsRequest{}, "")
	require.NoError(t, err)
	assert.Len(t, everybodys.Items, 4, "three conversations, and one of them of two users")
	require.NoError(t, bob.DeleteConversation(ctx, cometchat.ToUser(uid1)))
	_, err = bob.GetConversation(ctx, cometchat.ToUser(uid1))
	require.ErrorIs(t, err, cometchat.ErrConversationNotFound)

	edited, err := a.EditMessage(ctx, welcome.ID, cometchat.MessageEdit{Text: "Hello"})
	require.NoError(t, err)
	assert.Equal(t, []string{"Hello", cometchat.AppUID}, []string{edited.Text, edited.EditedBy})
	seen, err := c.GetMessage(ctx, welcome.ID)
	require.NoError(t, err)
	assert.Equal(t, "Hello", seen.Text)
	_, err = ada.DeleteMessage(ctx, welcome.ID)
	require.ErrorIs(t, err, cometchat.ErrNotPermitted)
	deleted, err := ada.DeleteMessage(ctx, media.ID)
	require.NoError(t, err)
	assert.Equal(t, uid1, deleted.DeletedBy)
	_, err = a.DeleteMessagePermanently(ctx, welcome.ID)
	require.NoError(t, err)
	_, err = a.GetMessage(ctx, welcome.ID)
	require.ErrorIs(t, err, cometchat.ErrMessageNotFound)
}

// TestAuthKeyIsNoAPIKey holds that calls about messages need a key with full access.
func TestAuthKeyIsNoAPIKey(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, err := cometchat.NewAdmin(s.AppID, s.AuthKey, s.AdminOptions()...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	_, err = a.SendMessage(t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid2), "hi"))
	require.ErrorIs(t, err, cometchat.ErrNoAccess)
	_, err = a.GetMessage(t.Context(), "1")
	require.ErrorIs(t, err, cometchat.ErrNoAccess)
}

// TestAdminErrorsHideTheKey looks for the key and for what a message says in the errors of sends.
func TestAdminErrorsHideTheKey(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		return respond(400, refusal("ERR_BAD_REQUEST", "the key "+r.Header.Get("apikey")+" may not"))(r)
	})
	m := cometchat.NewTextMessage(cometchat.ToUser(uid2), "canary-text")
	m.Metadata = json.RawMessage(`{"k":"canary-metadata"}`)
	_, err := w.admin(t).SendMessage(t.Context(), m)
	require.Error(t, err)
	_, many := w.admin(t).SendMessageToMany(t.Context(), &cometchat.OutgoingMessage{Text: "canary-text"}, cometchat.ToUser(uid2))
	require.Error(t, many)
	for _, hidden := range []string{apiKey, "canary"} {
		assert.NotContains(t, err.Error()+many.Error(), hidden)
	}
}
