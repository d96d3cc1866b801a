package cometchat_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecordedReceipts compares the requests with the recorded ones, and what is made of the recorded answers.
func TestRecordedReceipts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		seq  int
		want []string // uid, DeliveredAt and ReadAt
	}{
		// The third receipt of the recording does not say whose it is.
		"of a group": {48, []string{uid2 + " 1700000200 1700000210", "cometchat-uid-3 1700000201 0"}},
		"none":       {51, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := recordedRequest(t, "messages.jsonl", "messages-calls", tc.seq)
			w := newWire()
			c := w.loggedIn(t)
			w.RegisterNoResponder(line.responder())
			receipts, err := c.GetMessageReceipts(t.Context(), "101")
			require.NoError(t, err)
			assert.NotNil(t, receipts)
			assert.Equal(t, tc.want, inWords(receipts))
			for _, r := range receipts {
				assert.Equal(t, "101", r.MessageID)
				assert.Equal(t, cometchat.ToGroup("group-1"), r.Receiver)
				assert.NotEmpty(t, r.User.Name)
			}
			requests := w.requests()
			require.Len(t, requests, 1)
			assertRecorded(t, line, requests[0], nil)
			assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
		})
	}
}

// inWords returns whose the receipts are, and their times.
func inWords(receipts []cometchat.Receipt) []string {
	words := []string{}
	unix := func(at time.Time) string {
		if at.IsZero() {
			return "0"
		}
		return strconv.FormatInt(at.Unix(), 10)
	}
	for _, r := range receipts {
		words = append(words, r.User.UID+" "+unix(r.DeliveredAt)+" "+unix(r.ReadAt))
	}
	return words
}

func TestReceiptsOfOddAnswers(t *testing.T) {
	t.Parallel()
	message := func(receipts any) object {
		return data(object{"id": 7, "receiverType": "user", "receiver": "bob", "receipts": receipts})
	}
	for name, tc := range map[string]struct {
		body any
		want []string
		says string
	}{
		"no receipts":                      {message(nil), []string{}, ""},
		"receipts as a list":               {message([]any{}), []string{}, ""},
		"the example of the documentation": {message(object{"data": []any{[]any{}}}), []string{}, ""},
		"receipts as texts": {
			message(object{"data": []any{object{"recipient": object{"uid": 5}, "deliveredAt": "1700000000", "readAt": "1700000001"}}}),
			[]string{"5 1700000000 1700000001"}, "",
		},
		"a receipt that can only be the receiver's": {
			message(object{"data": []any{object{"readAt": 1700000001}, object{"recipient": nil, "deliveredAt": 1700000002}}}),
			[]string{"bob 0 1700000001", "bob 1700000002 0"}, "",
		},
		"rows that say nothing": {
			message(object{"data": []any{nil, 5, "x", object{}, object{"recipient": object{"uid": "ada"}, "readAt": 0}}}), []string{}, "",
		},
		"no message":          {data(object{}), nil, "has no message"},
		"a list":              {data([]any{}), nil, "has no message"},
		"no data":             {object{}, nil, "has no data"},
		"another message":     {data(object{"id": "8"}), nil, "about another message"},
		"not the API's JSON":  {"<html>", nil, "not the documented JSON"},
		"there is no message": {refusal("ERR_MESSAGE_ID_NOT_FOUND", "no"), nil, "ERR_MESSAGE_ID_NOT_FOUND"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			w.answer("GET", clientHost+"/messages/7", 200, tc.body)
			receipts, err := c.GetMessageReceipts(t.Context(), "7")
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				require.NotNil(t, asError(err))
				assert.Nil(t, receipts)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tc.want, inWords(receipts))
		})
	}
}

func TestReceiptsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for _, id := range []string{"", "x1", "../users", "1 ", "-1"} {
		_, err := c.GetMessageReceipts(t.Context(), id)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		assert.Equal(t, "INVALID_MESSAGE_ID", code(err))
	}
	assert.Empty(t, w.lines())
	w.answer("GET", clientHost+"/messages/7", 404, refusal("ERR_MESSAGE_ID_NOT_FOUND", "no"))
	_, err := c.GetMessageReceipts(t.Context(), "7")
	require.ErrorIs(t, err, cometchat.ErrMessageNotFound)
	_, err = newWire().client(t).GetMessageReceipts(t.Context(), "7")
	require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
}
