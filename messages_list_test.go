package cometchat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// history is a conversation of uid1 and uid2 at an emulator.
type history struct {
	t      *testing.T
	reader *cometchat.Client // uid1's
	writer *cometchat.Client // uid2's
}

func newHistory(t *testing.T, messages int) *history {
	t.Helper()
	s := cometchattest.NewServer()
	t.Cleanup(s.Close)
	h := &history{t: t}
	for uid, c := range map[string]**cometchat.Client{uid1: &h.reader, uid2: &h.writer} {
		*c = emulated(t, s, cometchat.WithHTTPClient(&http.Client{Transport: s.Transport()}))
		_, err := (*c).LoginWithToken(t.Context(), s.CreateAuthToken(uid))
		require.NoError(t, err)
	}
	for range messages {
		h.send()
	}
	return h
}

// send sends a message, and returns its id.
func (h *history) send() int {
	m, err := h.writer.SendMessage(h.t.Context(), cometchat.NewTextMessage(cometchat.ToUser(uid1), "hi"))
	require.NoError(h.t, err)
	id, err := strconv.Atoi(m.ID)
	require.NoError(h.t, err)
	return id
}

// remove deletes a message for good. The history gets a message about it, whose id it returns.
func (h *history) remove(id int) int {
	var answer struct{ Data *cometchat.Message }
	require.NoError(h.t, h.writer.Do(h.t.Context(), "DELETE", "/messages/"+strconv.Itoa(id), object{"permanent": true}, &answer))
	action, err := strconv.Atoi(answer.Data.ID)
	require.NoError(h.t, err)
	return action
}

// TestLongHistory lists a long history, of 10,000 messages with -full, in pages of 100, both ways, while the other user sends messages and deletes some for good.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	const far = 500 // more than a page
	messages := 2_000
	if *full {
		messages = 10_000
	}
	h := newHistory(t, messages)
	gone := map[int]bool{}
	remove := func(id int) int {
		gone[id] = true
		return h.remove(id)
	}
	r := cometchat.MessagesRequest{With: cometchat.ToUser(uid2), Limit: 100}

	want, newest := messages, messages
	for m, err := range h.reader.ListMessages(t.Context(), r) {
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(want), m.ID)
		if want%50 == 0 {
			h.send()
			newest = remove(want) // its message about the deletion is new too
			if want > far {
				newest = remove(want - far - 1)
			}
		}
		for want--; gone[want]; want-- {
		}
	}
	assert.Zero(t, want, "the list from the newest message back")

	r.AfterID = "0"
	for want = 1; gone[want]; want++ {
	}
	for m, err := range h.reader.ListMessages(t.Context(), r) {
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(want), m.ID)
		if want%50 == 1 && want < messages-far {
			h.remove(want)
			if ahead := want + far + 1; !gone[ahead] {
				remove(ahead)
			}
			newest = h.send()
		}
		for want++; gone[want]; want++ {
		}
	}
	assert.Equal(t, newest, want-1, "the list from the first message on")
}

// TestPagesOfMessages goes through the same history page by page, with the cursor of each page.
func TestPagesOfMessages(t *testing.T) {
	t.Parallel()
	h := newHistory(t, 25)
	for name, r := range map[string]cometchat.MessagesRequest{
		"back": {Limit: 10}, "forward": {Limit: 10, AfterID: "0"}, "before": {Limit: 10, BeforeID: "26"}, "all": {Limit: 10},
	} {
		if name != "all" {
			r.With = cometchat.ToUser(uid2)
		}
		want, err := idsOf(h.reader.ListMessages(t.Context(), r))
		require.NoError(t, err)
		assert.Len(t, want, 25, name)
		var ids []string
		pages := 0
		for cursor, more := "", true; more; more = cursor != "" {
			p, err := h.reader.ListMessagesPage(t.Context(), r, cursor)
			require.NoError(t, err)
			for _, m := range p.Items {
				ids = append(ids, m.ID)
			}
			pages++
			cursor = p.Next
		}
		assert.Equal(t, want, ids, name)
		assert.Equal(t, 3, pages, name)
	}
	for _, cursor := range []string{"x", "id=x", "id=1&id=2", "pinned=1", "id=%zz", "id=" + strings.Repeat("9", 21)} {
		_, err := h.reader.ListMessagesPage(t.Context(), cometchat.MessagesRequest{}, cursor)
		require.ErrorIs(t, err, cometchat.ErrBadRequest, cursor)
		_, err = h.reader.ListThreadsPage(t.Context(), cometchat.ThreadsRequest{}, cursor)
		require.ErrorIs(t, err, cometchat.ErrBadRequest, cursor)
		_, err = h.reader.ListReactionsPage(t.Context(), cometchat.ReactionsRequest{MessageID: "1"}, cursor)
		require.ErrorIs(t, err, cometchat.ErrBadRequest, cursor)
	}
}

// TestEndsOfLists checks that a list ends where the server's answer says so, whatever the form of meta, and never before.
func TestEndsOfLists(t *testing.T) {
	t.Parallel()
	const endless = `{"pagination":{"per_page":2,"current_page":1,"total_pages":9},"cursor":{"id":%d,"affix":"prepend"}}`
	for name, tc := range map[string]struct {
		pages    []string // the ids on each page, or a row as JSON; all later pages are empty
		meta     string   // a format for the last id of the page
		want     string
		requests int
		says     string
	}{
		"pagination and cursor":                {[]string{"9 8", "7 6", "5"}, endless, "9 8 7 6 5", 4, ""},
		"a cursor as a text":                   {[]string{"9 8", "7"}, `{"cursor":{"id":"%d"}}`, "9 8 7", 3, ""},
		"one page in total":                    {[]string{"9"}, `{"pagination":{"total_pages":1},"cursor":{"id":%d}}`, "9", 1, ""},
		"totals that are wrong":                {[]string{"9 8", "7"}, `{"pagination":{"total":0,"total_pages":1},"cursor":{"id":%d}}`, "9 8 7", 2, ""},
		"current and next":                     {[]string{"9 8", "7"}, `{"current":{"limit":2,"count":1},"next":{"affix":"append","id":"%d","sentAt":"x"}}`, "9 8 7", 3, ""},
		"current, but no next":                 {[]string{"9 8", "7"}, `{"current":{"limit":2}}`, "9 8 7", 2, ""},
		"fewer than asked for, as meta says":   {[]string{"9", "8", "7"}, `{"current":{"limit":1}}`, "9 8 7", 4, ""},
		"no meta":                              {[]string{"9 8", "7"}, `null`, "9 8 7", 2, ""},
		"meta as a list":                       {[]string{"9 8", "7"}, `[]`, "9 8 7", 2, ""},
		"meta as a text":                       {[]string{"9 8", "7"}, `"x"`, "9 8 7", 2, ""},
		"odd parts of meta":                    {[]string{"9 8", "7"}, `{"pagination":[],"cursor":7,"next":"x","current":null}`, "9 8 7", 2, ""},
		"an odd cursor":                        {[]string{"9 8", "7"}, `{"cursor":{"id":{},"sentAt":"2024-05-01"}}`, "9 8 7", 2, ""},
		"a full last page":                     {[]string{"9 8"}, `null`, "9 8", 2, ""},
		"nothing":                              {nil, `null`, "", 1, ""},
		"rows in the other order":              {[]string{"8 9", "6 7"}, endless, "9 8 7 6", 3, ""},
		"ids of different lengths":             {[]string{"9 10", "8"}, endless, "10 9 8", 3, ""},
		"the same row twice":                   {[]string{"9 9", "8"}, endless, "9 8", 3, ""},
		"a page that begins with the last row": {[]string{"9 8", "8 7", "7 6"}, endless, "9 8 7 6", 4, ""},
		"the same page again and again":        {[]string{"9 8", "9 8", "9 8"}, endless, "9 8", 2, ""},
		"a null row":                           {[]string{"9 null", "8"}, endless, "9 8", 3, ""},
		"a row without an id":                  {[]string{"9 {}", "8"}, endless, "9 8", 3, ""},
		"rows that are no messages":            {[]string{`9 {"id":"abc"}`, `8 "x"`, "7 5.5"}, endless, "9 8 7", 4, ""},
		"a page without any message":           {[]string{"9 8", "null {}"}, endless, "9 8", 2, "no item that can be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			answered := 0
			w.RegisterNoResponder(func(*http.Request) (*http.Response, error) {
				rows, last := []json.RawMessage{}, 0
				if answered < len(tc.pages) {
					for row := range strings.FieldsSeq(tc.pages[answered]) {
						if id, err := strconv.Atoi(row); err == nil {
							last, row = id, fmt.Sprintf(`{"id":"%d","category":"message"}`, id)
						}
						rows = append(rows, json.RawMessage(row))
					}
				}
				answered++
				meta := tc.meta
				if last == 0 {
					meta = `null`
				} else if strings.Contains(meta, "%d") {
					meta = fmt.Sprintf(meta, last)
				}
				return httpmock.NewJsonResponse(200, object{"data": rows, "meta": json.RawMessage(meta)})
			})
			ids, err := idsOf(c.ListMessages(t.Context(), cometchat.MessagesRequest{Limit: 2}))
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
			assert.Equal(t, tc.want, strings.Join(ids, " "))
			assert.Len(t, w.requests(), tc.requests)
		})
	}
}

// TestEmptyPagesOfMessages checks pages that a filter has emptied: the server's cursor leads on.
func TestEmptyPagesOfMessages(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	more := func(r *http.Request) int {
		id, err := strconv.Atoi(r.URL.Query().Get("id"))
		if err != nil {
			id = 1000
		}
		return id - 10
	}
	end := 0
	w.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
		rows := []object{}
		if more(r) == end {
			rows = append(rows, object{"id": end})
		}
		return httpmock.NewJsonResponse(200, object{"data": rows, "meta": object{"cursor": object{"id": more(r)}}})
	})
	for row, want := range map[int][]string{950: {"950"}, 10: nil} {
		end = row
		ids, err := idsOf(c.ListMessages(t.Context(), cometchat.MessagesRequest{}))
		require.ErrorContains(t, err, "ten empty pages")
		assert.Equal(t, want, ids)
	}
}

// TestMarkedMessagesWithoutACursor pages through pinned and saved messages when the server names no cursor.
func TestMarkedMessagesWithoutACursor(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		r    cometchat.MessagesRequest
		next string
	}{
		"pinned": {cometchat.MessagesRequest{Pinned: true, Limit: 2}, "id=8&pinnedAt=1700000001"},
		"saved":  {cometchat.MessagesRequest{Saved: true, Limit: 2}, "id=7"},
	} {
		w := newWire()
		c := w.loggedIn(t, once)
		w.RegisterNoResponder(respond(200, data([]object{{"id": 7, "pinnedAt": 1700000002}, {"id": 8, "pinnedAt": 1700000001}})))
		p, err := c.ListMessagesPage(t.Context(), tc.r, "")
		require.NoError(t, err, name)
		assert.Equal(t, tc.next, p.Next, name)
		w.requests()
		ids, err := idsOf(c.ListMessages(t.Context(), tc.r))
		require.NoError(t, err, name)
		assert.Equal(t, []string{"7", "8"}, ids, name)
		got := w.requests()
		require.Len(t, got, 2, name)
		u, err := url.Parse(got[1].URL)
		require.NoError(t, err)
		want, err := url.ParseQuery(tc.next)
		require.NoError(t, err)
		for key := range want {
			assert.Equal(t, want.Get(key), u.Query().Get(key), name)
		}
	}
}

func TestListsOfMessagesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	ctx := t.Context()
	type request = cometchat.MessagesRequest
	for code, requests := range map[string][]request{
		"INVALID_MESSAGE_ID":    {{BeforeID: "x"}, {AfterID: "-1"}, {ParentID: "7a"}},
		"INVALID_RECEIVER_ID":   {{With: cometchat.ToUser("")}, {With: cometchat.ToGroup("..")}},
		"INVALID_RECEIVER_TYPE": {{With: cometchat.Receiver{ID: "ada"}}},
		"MISSING_PARAMETERS":    {{UpdatesOnly: true}, {MentionedUIDs: []string{""}}},
		"ERR_BAD_REQUEST": {
			{Limit: 101}, {Limit: -1}, {Tags: []string{"a,b"}}, {BeforeID: "1", AfterID: "2"}, {AfterID: "2", SentAfter: time.Unix(1, 0)},
		},
		"ERR_INVALID_UID": {{MentionedUIDs: []string{".."}}},
	} {
		for _, r := range requests {
			_, err := idsOf(c.ListMessages(ctx, r))
			assert.Equal(t, code, asError(err).Code, "%+v", r)
			_, err = c.ListMessagesPage(ctx, r, "")
			assert.Equal(t, code, asError(err).Code, "%+v", r)
		}
	}
	_, err := idsOf(c.ListThreads(ctx, cometchat.ThreadsRequest{Limit: 1001}))
	require.ErrorContains(t, err, "the limit 1001")
	_, err = idsOf(c.ListThreads(ctx, cometchat.ThreadsRequest{With: cometchat.Receiver{Type: "x", ID: "a"}}))
	assert.Equal(t, "INVALID_RECEIVER_TYPE", asError(err).Code)
	for code, r := range map[string]cometchat.ReactionsRequest{
		"INVALID_MESSAGE_ID": {}, "ERR_BAD_REQUEST": {MessageID: "1", Limit: 21}, "MISSING_PARAMETERS": {MessageID: "1", Reaction: " "},
	} {
		_, err := c.ListReactionsPage(ctx, r, "")
		assert.Equal(t, code, asError(err).Code, "%+v", r)
	}
	assert.Empty(t, w.lines())
}

// TestAnotherUserDuringAListOfMessages checks that a list does not go on as another user's.
func TestAnotherUserDuringAListOfMessages(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterResponder("GET", `=~^`+clientHost+`/messages`, respond(200, data([]object{{"id": 9}})))
	listed := 0
	for _, err := range c.ListMessages(t.Context(), cometchat.MessagesRequest{Limit: 1}) {
		if listed++; listed == 1 {
			require.NoError(t, err)
			_, err = c.Login(t.Context(), uid2, authKey)
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
	}
	assert.Equal(t, 2, listed)
}
