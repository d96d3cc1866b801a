package cometchat_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	recordedWith = cometchat.ToUser(uid2)
	recordedTime = time.Unix(1700000000, 0)
)

// listPageOf lists one page of ten messages, with the user of the recordings unless the request says whose.
func listPageOf(r cometchat.MessagesRequest) recordedCall {
	if r.With == (cometchat.Receiver{}) {
		r.With = recordedWith
	}
	return listPageOfAll(r)
}

func listPageOfAll(r cometchat.MessagesRequest) recordedCall {
	r.Limit = cmp.Or(r.Limit, 10)
	return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.ListMessagesPage(ctx, r, "")
		return err
	}}
}

func differing(call recordedCall, differs noise) recordedCall {
	call.ours = differs
	return call
}

// TestRecordedMessageLists compares each filter of a list of messages with the recorded requests.
func TestRecordedMessageLists(t *testing.T) {
	t.Parallel()
	type request = cometchat.MessagesRequest
	group := cometchat.ToGroup("group-1")
	oldestChangeFirst := noise{"query affix": "what has changed is listed the oldest change first, as by fetchNext"}
	compareRecorded(t, "messages.jsonl", "messages-list", map[int]recordedCall{
		4:   listPageOfAll(request{}),
		7:   listPageOf(request{}),
		12:  listPageOf(request{With: group}),
		15:  listPageOf(request{With: group}),
		18:  differing(listPageOf(request{With: cometchat.ToUser("a b/ü")}), noise{"path": "a uid is one segment of the path"}),
		21:  listPageOf(request{BeforeID: "50"}),
		24:  listPageOf(request{SentBefore: recordedTime}),
		27:  {absent: "a time that is now, in milliseconds"},
		30:  {absent: "a list begins at an id or at a time"},
		33:  listPageOf(request{ParentID: "7"}),
		36:  listPageOf(request{Unread: true}),
		39:  listPageOf(request{}),
		42:  listPageOf(request{HideMessagesFromBlockedUsers: true}),
		45:  listPageOf(request{SearchKeyword: " a b&ü "}),
		48:  differing(listPageOf(request{UpdatedAfter: recordedTime}), oldestChangeFirst),
		51:  differing(listPageOf(request{UpdatedAfter: recordedTime, UpdatesOnly: true}), oldestChangeFirst),
		56:  listPageOf(request{Categories: []string{"custom"}}),
		59:  listPageOf(request{Categories: []string{"message", "custom"}}),
		62:  listPageOf(request{Categories: []string{"message", "custom"}}),
		65:  listPageOf(request{Types: []string{"te xt"}}),
		68:  listPageOf(request{Types: []string{"text", "image"}}),
		71:  listPageOf(request{HideReplies: true}),
		74:  listPageOf(request{HideDeletedMessages: true}),
		77:  listPageOf(request{HasAttachments: true}),
		80:  listPageOf(request{HasLinks: true}),
		83:  listPageOf(request{HasMentions: true}),
		86:  listPageOf(request{HasReactions: true}),
		89:  listPageOf(request{Pinned: true}),
		92:  listPageOf(request{Saved: true}),
		95:  listPageOf(request{MentionedUIDs: []string{"u1", "u 2"}}),
		98:  listPageOf(request{Tags: []string{"t1", "t 2"}}),
		101: listPageOf(request{WithTags: true}),
		104: listPageOf(request{MentionsWithTagInfo: true}),
		107: listPageOf(request{MentionsWithBlockedInfo: true}),
		110: listPageOf(request{InteractionGoalCompletedOnly: true}),
		113: listPageOf(request{AttachmentTypes: []string{"image", "file"}}),
		116: listPageOf(request{WithParent: true}),
		119: listPageOf(request{HideQuotedMessages: true}),
		122: listPageOf(request{ParentID: "7", HideReplies: true}),
		125: listPageOfAll(request{Saved: true}),
		128: {absent: "0 is the default limit"},
		135: listPageOf(request{Limit: 100}),
		138: listPageOf(request{}),
		155: listPageOf(request{Tags: []string{}}),
		158: listPageOf(request{Categories: []string{"nope"}}),
		161: listPageOf(request{Categories: []string{""}}),
	}, nil)
}

// recordedAnswers answers with the recorded answers of a scenario one after the other, and then with empty pages. Rows that the
// recording has cut short are completed as in the rows that it has in full.
func recordedAnswers(t *testing.T, w *wire, scenario string, seqs []int) (lines []recordedLine) {
	t.Helper()
	for _, seq := range seqs {
		lines = append(lines, recordedRequest(t, "messages.jsonl", scenario, seq))
	}
	answered := 0
	w.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
		if answered == len(lines) {
			return httpmock.NewStringResponse(200, `{"data":[]}`), nil
		}
		line := lines[answered]
		answered++
		var answer object
		require.NoError(t, json.Unmarshal(line.Response, &answer))
		rows, _ := answer["data"].([]any)
		for _, row := range rows {
			if m, _ := row.(object); m["…"] != nil {
				id, _ := strconv.Atoi(fmt.Sprint(m["id"]))
				m["sentAt"], m["updatedAt"] = 1700000000+id, 1700000500+id
			}
		}
		return httpmock.NewJsonResponse(line.Status, answer)
	})
	return lines
}

// TestRecordedPaging goes through lists with the recorded answers, and compares the requests. Extra requests are ours alone: the
// JavaScript SDK ends a list after a full page without a cursor, or was not asked for more.
func TestRecordedPaging(t *testing.T) {
	t.Parallel()
	type request = cometchat.MessagesRequest
	group := cometchat.ToGroup("group-1")
	var named []int
	for name, tc := range map[string]struct {
		seqs  []int
		r     request
		ids   []string
		extra int
		says  string
	}{
		"back":                     {[]int{2, 3, 4}, request{Limit: 3}, []string{"99", "98", "97", "96", "95", "94"}, 0, ""},
		"forward from an id":       {[]int{7, 8, 9}, request{Limit: 3, AfterID: "50"}, []string{"51", "52", "53", "54", "55", "56"}, 0, ""},
		"meta {current, next}":     {[]int{12}, request{Limit: 3, With: group}, []string{"99", "98", "97"}, 1, ""},
		"no meta":                  {[]int{15}, request{Limit: 3}, []string{"99", "98", "97"}, 1, ""},
		"one page in total":        {[]int{18}, request{}, []string{"2", "1"}, 0, ""},
		"and the other way":        {[]int{19}, request{AfterID: "1"}, nil, 0, ""},
		"forward from a time":      {[]int{22, 23}, request{Limit: 3, SentAfter: time.Unix(1700000050, 0)}, []string{"51", "52", "53", "54", "55", "56"}, 1, ""},
		"updates":                  {[]int{26, 27}, request{Limit: 3, UpdatedAfter: recordedTime, UpdatesOnly: true}, []string{"51", "52", "53", "54", "55", "56"}, 1, ""},
		"pinned":                   {[]int{30, 31}, request{Limit: 2, Pinned: true}, []string{"98", "99", "96", "97"}, 1, ""},
		"a thread":                 {[]int{34, 35}, request{Limit: 2, ParentID: "7"}, []string{"98", "97", "96", "95"}, 1, ""},
		"one page of several":      {[]int{38}, request{Limit: 3}, []string{"99", "98", "97"}, 1, ""},
		"an error of the server's": {[]int{41}, request{Limit: 3}, nil, 0, "ERR_BAD_REQUEST"},
		"no data":                  {[]int{44}, request{Limit: 3}, nil, 0, "the server's answer has no data"},
		"unknown categories":       {[]int{47}, request{Limit: 5}, []string{"8", "7", "6", "5"}, 1, ""},
	} {
		named = append(named, tc.seqs...)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.r.With == (cometchat.Receiver{}) {
				tc.r.With = recordedWith
			}
			w := newWire()
			c := w.loggedIn(t, once)
			lines := recordedAnswers(t, w, "messages-paging", tc.seqs)
			ids, err := idsOf(c.ListMessages(t.Context(), tc.r))
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
			assert.Equal(t, tc.ids, ids)
			got := w.requests()
			require.Len(t, got, len(lines)+tc.extra)
			for i, line := range lines {
				assertRecorded(t, line, got[i], nil)
			}
		})
	}
	assertNamed(t, "messages.jsonl", "messages-paging", named)
}

// idsOf collects the ids of a list of messages, up to its error.
func idsOf(list iter.Seq2[*cometchat.Message, error]) (ids []string, err error) {
	for m, err := range list {
		if err != nil {
			return ids, err
		}
		ids = append(ids, m.ID)
	}
	return ids, nil
}

func TestRecordedThreadsAndReactions(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	lines := recordedAnswers(t, w, "messages-calls-2", []int{25, 26, 27})
	threads, err := idsOf(c.ListThreads(t.Context(), cometchat.ThreadsRequest{Limit: 2, All: true}))
	require.NoError(t, err)
	assert.Equal(t, []string{"9", "8", "7"}, threads)
	got := w.requests()
	require.Len(t, got, len(lines))
	for i, line := range lines {
		assertRecorded(t, line, got[i], nil)
	}

	lines = recordedAnswers(t, w, "messages-calls", []int{112, 113})
	var reactions []string
	for r, err := range c.ListReactions(t.Context(), cometchat.ReactionsRequest{MessageID: "101", Limit: 2}) {
		require.NoError(t, err)
		assert.Equal(t, "😀", r.Reaction)
		assert.Equal(t, "101", r.MessageID)
		assert.Equal(t, uid2, r.UID)
		assert.Equal(t, cometchat.StatusOnline, r.ReactedBy.Status)
		assert.Equal(t, int64(1700000000), r.ReactedAt.Unix()/100*100)
		reactions = append(reactions, r.ID)
	}
	assert.Equal(t, []string{"11", "12", "13"}, reactions)
	got = w.requests()
	require.Len(t, got, len(lines)+1, "the last page says that there is a next one")
	for i, line := range lines {
		assertRecorded(t, line, got[i], nil)
	}
}

// TestRecordedMessageCalls compares the calls about one message. Other tests compare what is absent here.
func TestRecordedMessageCalls(t *testing.T) {
	t.Parallel()
	const (
		whole   = "the JavaScript SDK sends the whole object"
		noRoute = "ERR_API_NOT_FOUND"
	)
	message := func(call func(context.Context, *cometchat.Client) (*cometchat.Message, error)) recordedCall {
		return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error {
			m, err := call(ctx, c)
			if err == nil {
				require.NotNil(t, m)
			}
			return err
		}}
	}
	get := func(id string) recordedCall {
		return message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.GetMessage(ctx, id)
		})
	}
	edit := func(id string, e cometchat.MessageEdit, differs noise) recordedCall {
		for _, field := range []string{"receiverId", "type", "receiverType", "category", "id"} {
			differs["body "+field] = whole
		}
		return differing(message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.EditMessage(ctx, id, e)
		}), differs)
	}
	remove := func(id string, differs noise) recordedCall {
		return differing(message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.DeleteMessage(ctx, id)
		}), differs)
	}
	react := func(reaction string) recordedCall {
		return message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.AddReaction(ctx, "101", reaction)
		})
	}
	threads := func(r cometchat.ThreadsRequest, fails string) recordedCall {
		return recordedCall{fails: fails, call: func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListThreadsPage(ctx, r, "")
			return err
		}}
	}
	deed := func(call func(context.Context, *cometchat.Client) error) recordedCall {
		return recordedCall{call: call}
	}
	fails := func(call recordedCall, says string) recordedCall { call.fails = says; return call }

	calls := map[int]recordedCall{
		2: edit("101", cometchat.MessageEdit{Text: "edited", Metadata: json.RawMessage(`{"k":2}`), Tags: []string{"t"}},
			noise{"body text": whole, "body metadata.k": whole}),
		5:  edit("102", cometchat.MessageEdit{CustomData: object{"lat": 3}}, noise{"body customData.lat": whole}),
		8:  edit("102", cometchat.MessageEdit{Text: "new"}, noise{"body data.url": whole, "body caption": whole}),
		13: {absent: "a blank text is refused"},
		16: get("101"),
		17: {absent: "an edit has no more than what it changes"},
		20: remove("101", nil),
		23: remove("101", noise{"body id": "an id is a text"}),
		30: fails(remove("9", nil), "ERR_MESSAGE_ID_NOT_FOUND"),
		33: fails(remove("9", nil), "the server's answer has no message"),
		37: get("101"), 40: {absent: "an id is a number"}, 45: {absent: "an id is a number"},
		99: react("😀"), 102: react("a/b c"),
		105: message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.RemoveReaction(ctx, "101", "😀")
		}),
		116: differing(deed(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListReactionsPage(ctx, cometchat.ReactionsRequest{MessageID: "101", Reaction: "😀", Limit: 2}, "")
			return err
		}), noise{"query affix": "reactions are listed forward"}),
		121: fails(deed(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListReactionsPage(ctx, cometchat.ReactionsRequest{MessageID: "101"}, "")
			return err
		}), noRoute),
		136: message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.PinMessage(ctx, "101")
		}),
		139: message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.UnpinMessage(ctx, "101")
		}),
		142: message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.SaveMessage(ctx, "101")
		}),
		145: message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			return c.UnsaveMessage(ctx, "101")
		}),
		150: fails(message(func(ctx context.Context, c *cometchat.Client) (*cometchat.Message, error) {
			_, err := c.PinMessage(ctx, "101")
			require.ErrorIs(t, err, cometchat.ErrLimitReached)
			return nil, err
		}), "ERR_PINNED_MESSAGES_LIMIT_EXCEEDED"),
		153: deed(func(ctx context.Context, c *cometchat.Client) error {
			return c.SubscribeToThread(ctx, "7")
		}),
		156: deed(func(ctx context.Context, c *cometchat.Client) error {
			return c.UnsubscribeFromThread(ctx, "7")
		}),
		159: threads(cometchat.ThreadsRequest{With: cometchat.ToGroup("group-1"), Limit: 10}, ""),
		162: threads(cometchat.ThreadsRequest{With: recordedWith, Limit: 10}, noRoute),
		165: threads(cometchat.ThreadsRequest{Limit: 10}, noRoute),
		168: fails(gets("/ai/smart-replies/users/"+uid2), noRoute),
		171: fails(gets("/ai/smart-replies/groups/group-1?lastNMessages=3"), noRoute),
		174: fails(gets("/ai/conversation-starter/users/"+uid2), noRoute),
		177: fails(gets("/ai/conversation-summary/groups/group-1"), noRoute),
		180: fails(gets("/ai/bots/bot1/assistance/users/"+uid2+"?question=why"), noRoute),
	}
	compareRecorded(t, "messages.jsonl", "messages-calls", calls, map[string][]int{
		"TestRecordedReceipts":                          {48, 51},
		"TestRecordedUnreadCounts":                      {54, 57, 60, 63, 66, 69, 72, 79, 82},
		"TestRecordedMarkAsUnread":                      {86, 89, 92, 95},
		byLists:                                         {112, 113},
		"reactions are listed forward":                  {117, 118},
		"an extension's host gets no token of this SDK": {183},
	})

	more := map[int]recordedCall{
		4: differing(deed(func(ctx context.Context, c *cometchat.Client) error {
			return c.FlagMessage(ctx, "101", "spam", "r")
		}),
			noise{"body reasonId": "the documented name"}),
		7: deed(func(ctx context.Context, c *cometchat.Client) error {
			return c.MarkAsInteracted(ctx, "104", "e1")
		}),
		10: gets("/ai/smart-replies/users/" + uid2),
		13: gets("/ai/conversation-starter/users/" + uid2),
		16: gets("/ai/conversation-summary/users/" + uid2),
		19: gets("/ai/bots/bot1/assistance/users/" + uid2 + "?question=why"),
		32: threads(cometchat.ThreadsRequest{Limit: 101}, noRoute),
		35: edit("101", cometchat.MessageEdit{Text: "e"}, noise{"body text": whole}),
		39: fails(get("101"), "the server's answer has no message"),
		45: react("😀"), 48: fails(react("😀"), "ERR_REACTION"),
		53: deed(func(ctx context.Context, c *cometchat.Client) error { return c.Logout(ctx) }),
	}
	compareRecorded(t, "messages.jsonl", "messages-calls-2", more, map[string][]int{
		byUploads:                              {22},
		byLists:                                {25, 26, 27},
		"more than ten files are refused":      {42},
		"no request is made without a session": {57, 60, 63, 68},
	})
}
