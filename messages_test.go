package cometchat_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// aboutMessage are the calls about message 101 that return it.
func aboutMessage(ctx context.Context, c *cometchat.Client) map[string]func() (*cometchat.Message, error) {
	id := "101"
	return map[string]func() (*cometchat.Message, error){
		"GetMessage":     func() (*cometchat.Message, error) { return c.GetMessage(ctx, id) },
		"EditMessage":    func() (*cometchat.Message, error) { return c.EditMessage(ctx, id, cometchat.MessageEdit{Text: "x"}) },
		"DeleteMessage":  func() (*cometchat.Message, error) { return c.DeleteMessage(ctx, id) },
		"AddReaction":    func() (*cometchat.Message, error) { return c.AddReaction(ctx, id, "👍") },
		"RemoveReaction": func() (*cometchat.Message, error) { return c.RemoveReaction(ctx, id, "👍") },
		"PinMessage":     func() (*cometchat.Message, error) { return c.PinMessage(ctx, id) },
		"UnpinMessage":   func() (*cometchat.Message, error) { return c.UnpinMessage(ctx, id) },
		"SaveMessage":    func() (*cometchat.Message, error) { return c.SaveMessage(ctx, id) },
		"UnsaveMessage":  func() (*cometchat.Message, error) { return c.UnsaveMessage(ctx, id) },
	}
}

// messageDeeds are the calls that return nothing.
func messageDeeds(ctx context.Context, c *cometchat.Client) map[string]func() error {
	id := "101"
	return map[string]func() error{
		"SubscribeToThread":     func() error { return c.SubscribeToThread(ctx, id) },
		"UnsubscribeFromThread": func() error { return c.UnsubscribeFromThread(ctx, id) },
		"FlagMessage":           func() error { return c.FlagMessage(ctx, id, "spam", "") },
		"MarkAsInteracted":      func() error { return c.MarkAsInteracted(ctx, id, "e1") },
	}
}

// messageLists are the calls that list something, up to their first error.
func messageLists(ctx context.Context, c *cometchat.Client) map[string]func() error {
	return map[string]func() error{
		"ListMessages": func() error { _, err := idsOf(c.ListMessages(ctx, cometchat.MessagesRequest{})); return err },
		"ListThreads":  func() error { _, err := idsOf(c.ListThreads(ctx, cometchat.ThreadsRequest{})); return err },
		"ListReactions": func() error {
			for _, err := range c.ListReactions(ctx, cometchat.ReactionsRequest{MessageID: "101"}) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"FlagReasons": func() error { _, err := c.FlagReasons(ctx); return err },
	}
}

// failures makes all of these calls, and returns the error of each.
func failures(t *testing.T, c *cometchat.Client) map[string]error {
	t.Helper()
	errs := map[string]error{}
	for name, call := range aboutMessage(t.Context(), c) {
		m, err := call()
		assert.True(t, err == nil || m == nil, name)
		errs[name] = err
	}
	for name, call := range messageDeeds(t.Context(), c) {
		errs[name] = call()
	}
	for name, call := range messageLists(t.Context(), c) {
		errs[name] = call()
	}
	return errs
}

// TestDefect1AnswersWithoutUsableData: an answer without what the call is about is a typed error, within the deadline.
func TestDefect1AnswersWithoutUsableData(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no data":                         `{}`,
		"null data":                       `{"data":null}`,
		"an empty object":                 `{"data":{}}`,
		"success and message":             `{"data":{"success":true,"message":"ok"}}`,
		"a message without an id":         `{"data":{"category":"message","data":{"text":"x"}}}`,
		"another message":                 `{"data":{"id":"102","data":{"text":"x"}}}`,
		"an action about another message": `{"data":{"id":"103","category":"action","data":{"action":"edited","entities":{"on":{"entityType":"message","entity":{"id":"102"}}}}}}`,
		"an action about nothing":         `{"data":{"id":"103","category":"action","data":{"action":"edited","entities":{}}}}`,
		"an action about a bare object":   `{"data":{"id":"103","category":"action","data":{"action":"edited","entities":{"on":{"entityType":"message","entity":{}}}}}}`,
		"a list":                          `{"data":[]}`,
		"a list of the message":           `{"data":[{"id":"101"}]}`,
		"not JSON":                        `<html>`,
		"JSON that is cut":                `{"data":{"id":"101"`,
	} {
		w := newWire()
		c := w.loggedIn(t, once)
		w.RegisterNoResponder(respond(200, body))
		for call, f := range aboutMessage(t.Context(), c) {
			m, err := f()
			e := asError(err)
			require.NotNil(t, e, "%s answered with %s", call, name)
			assert.Nil(t, m)
			assert.Equal(t, "FAILED_TO_FETCH", e.Code, "%s answered with %s", call, name)
			assert.Contains(t, e.Message, "the server's answer", "%s answered with %s", call, name)
		}
	}
}

// TestDefect2FlagWithoutAReason and what else is refused before any request.
func TestDefect2FlagWithoutAReason(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	ctx := t.Context()
	edit := func(e cometchat.MessageEdit) error { _, err := c.EditMessage(ctx, "1", e); return err }
	get := func(id string) error { _, err := c.GetMessage(ctx, id); return err }
	react := func(reaction string) error { _, err := c.AddReaction(ctx, "1", reaction); return err }
	for _, tc := range []struct {
		err  error
		code string
	}{
		{c.FlagMessage(ctx, "1", " ", "remark"), "MISSING_PARAMETERS"},
		{c.MarkAsInteracted(ctx, "1", ""), "MISSING_PARAMETERS"},
		{react(" "), "MISSING_PARAMETERS"},
		{edit(cometchat.MessageEdit{}), "MISSING_PARAMETERS"},
		{react(".."), "ERR_BAD_REQUEST"},
		{react(strings.Repeat("👍", 46)), "ERR_BAD_REQUEST"},
		{get(""), "INVALID_MESSAGE_ID"},
		{get("abc"), "INVALID_MESSAGE_ID"},
		{get("-1"), "INVALID_MESSAGE_ID"},
		{get("1/2"), "INVALID_MESSAGE_ID"},
		{get(strings.Repeat("1", 21)), "INVALID_MESSAGE_ID"},
		{c.SubscribeToThread(ctx, "x"), "INVALID_MESSAGE_ID"},
		{edit(cometchat.MessageEdit{Text: " \n"}), "INVALID_MESSAGE_TEXT"}, // defect 19
		{edit(cometchat.MessageEdit{Text: "\xff"}), "INVALID_MESSAGE_TEXT"},
		{edit(cometchat.MessageEdit{Text: strings.Repeat("ü", 65_537)}), "INVALID_MESSAGE_TEXT"},
		{edit(cometchat.MessageEdit{Text: elevenMentions()}), "ERR_BAD_REQUEST"},
		{edit(cometchat.MessageEdit{CustomData: object{"k": strings.Repeat("x", 65_536)}}), "ERR_BAD_REQUEST"},
		{edit(cometchat.MessageEdit{CustomData: []int{1}}), "INVALID_CUSTOM_DATA"},
		{edit(cometchat.MessageEdit{CustomData: func() {}}), "INVALID_CUSTOM_DATA"},
		{edit(cometchat.MessageEdit{Text: "x", Metadata: json.RawMessage(`[1]`)}), "ERR_BAD_REQUEST"},
		{edit(cometchat.MessageEdit{Tags: make([]string, 26)}), "ERR_BAD_REQUEST"},
		{edit(cometchat.MessageEdit{Tags: []string{strings.Repeat("x", 101)}}), "ERR_BAD_REQUEST"},
	} {
		assert.Equal(t, tc.code, code(tc.err), "%v", tc.err)
	}
	assert.Empty(t, w.lines())
}

// TestDefect3NoRequestWithoutASession: signed out, no request is made.
func TestDefect3NoRequestWithoutASession(t *testing.T) {
	t.Parallel()
	w := newWire()
	for name, err := range failures(t, w.client(t)) {
		require.ErrorIs(t, err, cometchat.ErrNotLoggedIn, name)
	}
	assert.Empty(t, w.lines())
}

// TestDefect6CausesAreKept: the status, the wait and the code of a refusal are kept.
func TestDefect6CausesAreKept(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(respond(503, "<html>down</html>"))
	for name, err := range failures(t, c) {
		require.NotNil(t, asError(err), name)
		assert.Equal(t, 503, asError(err).StatusCode, name)
	}
	w.RegisterNoResponder(respond(200, refusal("ERR_MESSAGE_NO_ACCESS", "no"))) // an error is an error whatever the status
	for name, err := range failures(t, c) {
		require.ErrorIs(t, err, cometchat.ErrNotPermitted, name)
	}
	w.RegisterNoResponder(respond(200, `{"data":{"success":false}}`))
	for name, call := range messageDeeds(t.Context(), c) {
		require.ErrorContains(t, call(), "has not done it", name)
	}
}

// TestEditBody checks that an edit has what it changes, and no more.
func TestEditBody(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("PUT", clientHost+"/messages/7", 200, `{"data":{"id":7}}`)
	longest := strings.Repeat(cometchat.Mention("same"), 11) + strings.Repeat("ü", 65_000)
	for body, e := range map[string]cometchat.MessageEdit{
		`{"data":{"text":"<b> & c"}}`:                     {Text: "<b> & c"},
		`{"tags":[]}`:                                     {Tags: []string{}},
		`{"data":{"metadata":{"a":1}},"tags":["x"]}`:      {Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"x"}},
		`{"data":{"text":"` + longest + `"}}`:             {Text: longest},
		`{"data":{"text":"t","customData":{"a":[1.50]}}}`: {Text: "t", CustomData: json.RawMessage(`{"a":[1.50]}`)},
	} {
		m, err := c.EditMessage(t.Context(), "7", e)
		require.NoError(t, err)
		assert.Equal(t, "7", m.ID)
		assert.Equal(t, body, w.requests()[0].Body)
	}
}

// TestGetMessageOfAnAction returns the action message itself, and not the message that it is about.
func TestGetMessageOfAnAction(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.RegisterNoResponder(respond(200, `{"data":{"id":"103","category":"action","type":"message","data":{"action":"edited",`+
		`"entities":{"on":{"entityType":"message","entity":{"id":"101"}}}}}}`))
	m, err := c.GetMessage(t.Context(), "103")
	require.NoError(t, err)
	assert.Equal(t, "101", m.Action.OnMessage.ID)
	m, err = c.EditMessage(t.Context(), "101", cometchat.MessageEdit{Text: "x"})
	require.NoError(t, err)
	assert.Equal(t, "101", m.ID)
}

func TestFlagReasons(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("POST", clientHost+"/messages/7/flagged", 200, data(object{"success": true}))
	require.NoError(t, c.FlagMessage(t.Context(), "7", "own", ""), "the reasons are not known yet")
	settings := object{"CHAT_HOST": "x.cometchat.io", "CHAT_WSS_PORT": "443", "flagReasons": []any{
		object{"id": "spam", "name": "Spam", "description": "d", "default": 1, "createdAt": "1700000000", "updatedAt": 1700000001},
		nil, "x", object{"name": "no id"},
	}}
	w.answer("GET", clientHost+"/settings", 200, data(settings))
	reasons, err := c.FlagReasons(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []cometchat.FlagReason{{
		ID: "spam", Name: "Spam", Description: "d", Default: true, CreatedAt: time.Unix(1700000000, 0), UpdatedAt: time.Unix(1700000001, 0),
	}}, reasons)
	w.requests()
	err = c.FlagMessage(t.Context(), "7", "own", "")
	assert.Equal(t, "INVALID_REASON_ID", code(err))
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Empty(t, w.lines())
	require.NoError(t, c.FlagMessage(t.Context(), "7", "spam", "a remark"))
	assert.JSONEq(t, `{"reasonId":"spam","id":"spam","remark":"a remark"}`, w.requests()[0].Body)

	w.answer("GET", clientHost+"/settings", 200, data(object{"flagReasons": []any{}}))
	reasons, err = c.FlagReasons(t.Context())
	require.NoError(t, err)
	assert.Empty(t, reasons)
}

func TestReactionJSON(t *testing.T) {
	t.Parallel()
	var r cometchat.Reaction
	require.NoError(t, json.Unmarshal([]byte(`{"id":5,"messageId":"812","reaction":"👍","reactedAt":"1700000100","reactedBy":{"uid":"ben"}}`), &r))
	assert.Equal(t, "ben", r.UID)
	assertStaysTheSame(t, &r)
	raw, err := json.Marshal(r)
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"5","messageId":"812","reaction":"👍","uid":"ben","reactedAt":1700000100,"reactedBy":{"uid":"ben"}}`, string(raw))
	require.Error(t, json.Unmarshal([]byte(`{`), &r))
}
