package cometchat_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// conversationCalls are the calls about one conversation. Those that return none return nil here.
var conversationCalls = map[string]func(*cometchat.Client, context.Context, cometchat.Receiver) (*cometchat.Conversation, error){
	"GET /conversation":        (*cometchat.Client).GetConversation,
	"POST /conversation/pin":   (*cometchat.Client).PinConversation,
	"DELETE /conversation/pin": (*cometchat.Client).UnpinConversation,
	"PUT /conversation": func(c *cometchat.Client, ctx context.Context, with cometchat.Receiver) (*cometchat.Conversation, error) {
		return c.TagConversation(ctx, with, []string{"work"})
	},
	"DELETE /conversation":         withoutResult((*cometchat.Client).DeleteConversation),
	"POST /conversation/read":      withoutResult((*cometchat.Client).MarkConversationAsRead),
	"POST /conversation/delivered": withoutResult((*cometchat.Client).MarkConversationAsDelivered),
	"DELETE /conversation/read": withoutResult(func(c *cometchat.Client, ctx context.Context, with cometchat.Receiver) error {
		return c.MarkAsUnread(ctx, &cometchat.Message{ID: "105", Sender: &cometchat.User{UID: uid1}, Receiver: with})
	}),
}

func withoutResult(call func(*cometchat.Client, context.Context, cometchat.Receiver) error) func(*cometchat.Client, context.Context, cometchat.Receiver) (*cometchat.Conversation, error) {
	return func(c *cometchat.Client, ctx context.Context, with cometchat.Receiver) (*cometchat.Conversation, error) {
		return nil, call(c, ctx, with)
	}
}

// TestConversationCalls makes each call with odd receivers, and answers it oddly.
func TestConversationCalls(t *testing.T) {
	t.Parallel()
	conversation := object{"conversationId": "c", "conversationWith": object{"uid": "bob"}}
	for name, call := range conversationCalls {
		method, route, _ := strings.Cut(name, " ")
		returns := method == "GET" || method == "PUT" || strings.HasSuffix(route, "/pin")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			for with, says := range map[cometchat.Receiver]string{
				{}:                       "make it with ToUser or ToGroup",
				{Type: "chat", ID: "x"}:  "make it with ToUser or ToGroup",
				cometchat.ToUser(""):     "is missing",
				cometchat.ToGroup(".."):  "dot segment",
				cometchat.ToUser("a\nb"): "control character",
			} {
				_, err := call(c, t.Context(), with)
				require.ErrorIs(t, err, cometchat.ErrBadRequest)
				require.ErrorContains(t, err, says)
			}
			assert.Empty(t, w.lines())

			answer := func(status int, body any) (*cometchat.Conversation, error) {
				w.RegisterNoResponder(respond(status, body))
				return call(c, t.Context(), cometchat.ToUser("Bob X/ü"))
			}
			got, err := answer(200, data(conversation))
			require.NoError(t, err)
			assert.Equal(t, []string{method + " " + clientHost + "/users/bob%20x%2F%C3%BC" + route}, w.lines(), "in lower case, and in one segment")
			if returns {
				assert.Equal(t, cometchat.ToUser("bob"), got.With)
			}
			for body, says := range map[string]string{
				`<html>`: "not the documented JSON",
				`{"error":{"code":"ERR_X","message":"no"}}`: "ERR_X",
			} {
				got, err = answer(200, body)
				require.ErrorContains(t, err, says)
				assert.Nil(t, got)
			}
			for _, body := range []any{data(object{"success": false}), data(object{"success": 0, "message": "no"})} {
				_, err = answer(200, body)
				require.Error(t, err)
			}
			_, err = answer(404, refusal("ERR_CONVERSATION_NOT_ACCESSIBLE", "no conversation yet"))
			require.ErrorIs(t, err, cometchat.ErrConversationNotFound)
			_, err = answer(404, refusal("ERR_UID_NOT_FOUND", "no such user"))
			require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
			_, err = answer(404, refusal("ERR_GUID_NOT_FOUND", "no such group"))
			require.ErrorIs(t, err, cometchat.ErrGUIDNotFound)
			if !returns {
				got, err = answer(200, data(object{"success": true, "Message": "done"})) // the documentation writes it so
				require.NoError(t, err)
				assert.Nil(t, got)
			}
			_, err = answer(401, tokenGone())
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			assertUID(t, c, "")
			w.requests()
			_, err = call(c, t.Context(), cometchat.ToUser(uid2))
			require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
			assert.Empty(t, w.lines())
		})
	}
}

// TestConversationAnswers checks the calls that return a conversation.
func TestConversationAnswers(t *testing.T) {
	t.Parallel()
	pinned := object{"conversationId": "group_hikers", "conversationType": "group", "pinnedBy": uid1, "pinnedAt": 1700000000}
	for name, tc := range map[string]struct {
		body any
		with cometchat.Receiver
		says string
	}{
		"a list of one":              {data([]any{object{"conversationId": "c", "conversationWith": object{"guid": "hikers"}}}), cometchat.ToGroup("hikers"), ""},
		"a pin":                      {data(pinned), cometchat.ToGroup("hikers"), ""},
		"nothing of whom it is with": {data(object{"conversationId": "c"}), cometchat.ToGroup("Hikers"), ""},
		"an empty list":              {data([]any{}), cometchat.Receiver{}, "has no conversation"},
		"two conversations":          {data([]any{object{"conversationId": "a"}, object{"conversationId": "b"}}), cometchat.Receiver{}, "has no conversation"},
		"an empty object":            {data(object{}), cometchat.Receiver{}, "has no conversation"},
		"only a success":             {data(object{"success": true}), cometchat.Receiver{}, "has no conversation"},
		"a text":                     {data("done"), cometchat.Receiver{}, "has no conversation"},
		"null":                       {data(nil), cometchat.Receiver{}, "has no data"},
		"no data":                    {object{}, cometchat.Receiver{}, "has no data"},
	} {
		for _, call := range []string{"GET /conversation", "PUT /conversation", "POST /conversation/pin", "DELETE /conversation/pin"} {
			t.Run(name+" to "+call, func(t *testing.T) {
				t.Parallel()
				w := newWire()
				c := w.loggedIn(t, once)
				w.RegisterNoResponder(respond(200, tc.body))
				got, err := conversationCalls[call](c, t.Context(), cometchat.ToGroup("Hikers"))
				if tc.says != "" {
					require.ErrorContains(t, err, tc.says)
					require.NotNil(t, asError(err))
					assert.Nil(t, got)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, tc.with, got.With)
				assert.Equal(t, cometchat.ReceiverGroup, got.Type)
			})
		}
	}
}

func TestTagConversation(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, tags := range map[string][]string{
		"the conversation has 26 tags":                 make([]string, 26),
		"tag 1 of the conversation is longer than 100": {"a", strings.Repeat("x", 101)},
	} {
		_, err := c.TagConversation(t.Context(), cometchat.ToUser(uid2), tags)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, says)
	}
	assert.Empty(t, w.lines())
	w.RegisterNoResponder(respond(200, data(object{"conversationId": "c"})))
	for body, tags := range map[string][]string{`{"tags":[]}`: nil, `{"tags":["a","<b>"]}`: {"a", "<b>"}} {
		_, err := c.TagConversation(t.Context(), cometchat.ToUser(uid2), tags)
		require.NoError(t, err)
		assert.Equal(t, body, strings.TrimSpace(w.requests()[0].Body))
	}
}

func TestPinIsRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(respond(400, refusal("ERR_PINNED_CONVERSATIONS_LIMIT_EXCEEDED", "no more than 5")))
	_, err := c.PinConversation(t.Context(), cometchat.ToUser(uid2))
	require.ErrorIs(t, err, cometchat.ErrLimitReached)
	w.RegisterNoResponder(respond(403, refusal("ERR_SYSTEM_PINNED_CONVERSATION", "the app has pinned it")))
	_, err = c.UnpinConversation(t.Context(), cometchat.ToUser(uid2))
	require.ErrorIs(t, err, cometchat.ErrNotPermitted)
}

// TestRecordedMarkAsUnread compares the requests with the recorded ones. The recorded answers have a conversation, or none.
func TestRecordedMarkAsUnread(t *testing.T) {
	t.Parallel()
	them := &cometchat.User{UID: uid2}
	received := &cometchat.Message{ID: "105", Sender: them, Receiver: cometchat.ToUser(uid1)}
	for seq, m := range map[int]*cometchat.Message{
		86: received,
		89: {ID: "106", Sender: them, Receiver: cometchat.ToGroup("group-1")},
		92: received,
		95: {ID: "105", Sender: &cometchat.User{UID: strings.ToUpper(uid1)}, Receiver: cometchat.ToUser(uid2)}, // the user's own
	} {
		line := recordedRequest(t, "messages.jsonl", "messages-calls", seq)
		w := newWire()
		c := w.loggedIn(t)
		w.RegisterNoResponder(line.responder())
		require.NoError(t, c.MarkAsUnread(t.Context(), m))
		requests := w.requests()
		require.Len(t, requests, 1)
		assertRecorded(t, line, requests[0], nil)
		assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
	}
}

func TestMarkAsUnreadIsRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, m := range map[string]*cometchat.Message{
		"is not a number above 0":           {ID: "x", Receiver: cometchat.ToGroup("g")},
		"make it with ToUser or ToGroup":    {ID: "1"},
		"the message has no sender":         {ID: "1", Receiver: cometchat.ToUser(uid1)},
		"the id of the receiver is missing": {ID: "1", Receiver: cometchat.ToUser(uid1), Sender: &cometchat.User{}},
	} {
		err := c.MarkAsUnread(t.Context(), m)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, says)
	}
	require.ErrorIs(t, c.MarkAsUnread(t.Context(), nil), cometchat.ErrMissingParameters)
	assert.Empty(t, w.lines())
	w.RegisterNoResponder(respond(200, data(object{"success": true})))
	require.NoError(t, c.MarkAsUnread(t.Context(), &cometchat.Message{ID: "1", Receiver: cometchat.ToGroup("g")}), "of a group the sender is not needed")
}

func TestConversationListsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, r := range map[string]cometchat.ConversationsRequest{
		"the limit 51 is not from 1 to 50": {Limit: 51},
		"the limit -1":                     {Limit: -1},
		`the type "x"`:                     {Type: "x"},
		"HideAgentic and OnlyAgentic":      {HideAgentic: true, OnlyAgentic: true},
		`"a,b" has a comma`:                {Tags: []string{"a,b"}},
		`"c,d" has a comma`:                {UserTags: []string{"c,d"}},
		`"e,f" has a comma`:                {GroupTags: []string{"e,f"}},
		`"me,system" has a comma`:          {PinnedBy: []string{"me,system"}},
	} {
		for _, err := range c.ListConversations(t.Context(), r) {
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			require.ErrorContains(t, err, says)
		}
		_, err := c.ListConversationsPage(t.Context(), r, "")
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
	}
	_, err := c.ListConversationsPage(t.Context(), cometchat.ConversationsRequest{}, "x")
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Empty(t, w.lines())
}

// conversationsOf serves one conversation a page, as long as there are ids, with this meta.
func conversationsOf(meta any, ids ...string) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		rows := []object{}
		for i, id := range ids {
			if r.URL.Query().Get("page") == string(rune('1'+i)) {
				rows = append(rows, object{"conversationId": id})
			}
		}
		return httpmock.NewJsonResponse(200, object{"data": rows, "meta": meta})
	}
}

// conversationIDs reads a list to its end.
func conversationIDs(ctx context.Context, c *cometchat.Client) (ids []string, err error) {
	for conversation, err := range c.ListConversations(ctx, cometchat.ConversationsRequest{Limit: 1}) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, conversation.ID)
	}
	return ids, nil
}

// TestConversationListsEnd checks that a list ends whatever meta the server sends.
func TestConversationListsEnd(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		responder httpmock.Responder
		ids       []string
		says      string
	}{
		"no meta":              {conversationsOf(nil, "a", "b"), []string{"a", "b"}, ""},
		"meta as a list":       {conversationsOf([]int{1}, "a", "b"), []string{"a", "b"}, ""},
		"meta of another list": {conversationsOf(object{"current": object{"limit": 1}, "next": object{"id": "5"}}, "a", "b"), []string{"a", "b"}, ""},
		"pagination as a text": {conversationsOf(object{"pagination": "1 of 2"}, "a", "b"), []string{"a", "b"}, ""},
		"nothing":              {conversationsOf(nil), nil, ""},
		"the same page again, without meta": {
			respond(200, data([]object{{"conversationId": "a"}})), []string{"a"}, "another page",
		},
		"a gap":                     {respond(200, data([]any{object{"conversationId": "a"}, nil})), nil, "gap in its list"},
		"a row without an id":       {respond(200, data([]any{object{}})), nil, "has no conversation"},
		"data that is a text":       {respond(200, data("x")), nil, "has no data"},
		"no data":                   {respond(200, object{}), nil, "has no data"},
		"an error with status 200":  {respond(200, refusal("ERR_X", "no")), nil, "ERR_X"},
		"always more, always empty": {respond(200, object{"data": []int{}, "meta": object{"pagination": object{"total_pages": 999}}}), nil, "ten empty pages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.RegisterNoResponder(tc.responder)
			ids, err := conversationIDs(t.Context(), c)
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
				require.NotNil(t, asError(err))
			}
			assert.Equal(t, tc.ids, ids)
		})
	}
}

// TestConversationListsAtOnce checks that loops at the same time all see the whole list.
func TestConversationListsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(conversationsOf(nil, "a", "b", "c"))
	results := make(chan []string, 4)
	for range cap(results) {
		go func() {
			ids, _ := conversationIDs(t.Context(), c)
			results <- ids
		}()
	}
	for range cap(results) {
		assert.Equal(t, []string{"a", "b", "c"}, <-results)
	}
}
