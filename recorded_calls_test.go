package cometchat_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedCall is a call of ours that makes a recorded request.
type recordedCall struct {
	call   func(ctx context.Context, c *cometchat.Client) error
	fails  string // what the call's error says about the recorded answer; "": it succeeds
	ours   noise
	absent string // why no such call is compared here
}

// compareRecorded makes a call for each request of a scenario, with the recorded answer, and compares the requests. absent has the
// requests that are not compared here, by the reason.
func compareRecorded(t *testing.T, file, scenario string, calls map[int]recordedCall, absent map[string][]int) {
	t.Helper()
	named := slices.Collect(maps.Keys(calls))
	for _, seqs := range absent {
		named = append(named, seqs...)
	}
	assertNamed(t, file, scenario, named)
	for seq, call := range calls {
		if call.absent == "" {
			compareRecordedLine(t, recordedRequest(t, file, scenario, seq), call)
		}
	}
}

func compareRecordedLine(t *testing.T, line recordedLine, call recordedCall) {
	t.Helper()
	w := newWire()
	c := w.loggedIn(t, once)
	w.RegisterNoResponder(line.responder())
	w.RegisterResponder("DELETE", meURL, line.responder())
	err := call.call(t.Context(), c)
	if call.fails == "" {
		require.NoError(t, err, "%s %d", line.Scenario, line.Seq)
	} else {
		require.ErrorContains(t, err, call.fails, "%s %d", line.Scenario, line.Seq)
	}
	got := w.requests()
	require.Len(t, got, 1, "%s %d", line.Scenario, line.Seq)
	assertRecorded(t, line, got[0], call.ours)
	assertHeaders(t, got[0], "Authtoken", tokenOf(uid1))
}

// assertNamed checks that these are all requests of a scenario, each named once.
func assertNamed(t *testing.T, file, scenario string, named []int) {
	t.Helper()
	var recorded []int
	for _, line := range recording(t, file) {
		if line.Scenario == scenario && line.Kind == "http" {
			recorded = append(recorded, line.Seq)
		}
	}
	assert.ElementsMatch(t, recorded, named, "the requests of %s that are recorded, and those that are compared or listed", scenario)
}

// TestRecordedScenarios checks that no scenario of the recordings about messages and conversations is forgotten. For each, a test
// calls assertNamed.
func TestRecordedScenarios(t *testing.T) {
	t.Parallel()
	scenarios := map[string]bool{}
	for _, file := range []string{"messages.jsonl", "conversations.jsonl"} {
		for _, line := range recording(t, file) {
			scenarios[line.Scenario] = true
		}
	}
	assert.Equal(t, []string{
		"conversations", "messages-calls", "messages-calls-2", "messages-calls-3", "messages-calls-4", "messages-calls-5", "messages-list",
		"messages-paging", "messages-send",
	}, slices.Sorted(maps.Keys(scenarios)))
}

// gets is a call of an API that has no method of its own.
func gets(path string) recordedCall {
	return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error { return c.Do(ctx, http.MethodGet, path, nil, nil) }}
}

const (
	byLists   = "TestRecordedThreadsAndReactions"
	bySends   = "TestRecordedSends"
	byUploads = "TestRecordedUploads"
)

// TestRecordedMoreCalls compares the recordings of single questions.
func TestRecordedMoreCalls(t *testing.T) {
	t.Parallel()
	compareRecorded(t, "messages.jsonl", "messages-calls-3", map[int]recordedCall{
		2:  gets("/ai/smart-replies/users/" + uid2),
		5:  gets("/ai/conversation-starter/users/" + uid2),
		8:  gets("/ai/conversation-summary/users/" + uid2),
		11: gets("/ai/bots/bot1/assistance/users/" + uid2 + "?question=why"),
	}, map[string][]int{byUploads: {14, 15, 19, 20, 23}, bySends: {16}})

	compareRecorded(t, "messages.jsonl", "messages-calls-4", map[int]recordedCall{
		2: listPageOf(cometchat.MessagesRequest{Limit: 1}),
		17: {call: func(ctx context.Context, c *cometchat.Client) error {
			m, err := c.AddReaction(ctx, "101", "5")
			if err == nil {
				assert.Equal(t, []cometchat.ReactionCount{{Reaction: "5", Count: 1, ReactedByMe: true}}, m.Reactions)
			}
			return err
		}},
	}, map[string][]int{bySends: {5, 8, 11}, "a text that is not UTF-8 is refused": {14}, "TestRecordedUnreadCounts": {26}})

	page := listPageOf(cometchat.MessagesRequest{Limit: 3})
	compareRecorded(t, "messages.jsonl", "messages-calls-5", map[int]recordedCall{
		10: {fails: "has not done it", call: func(ctx context.Context, c *cometchat.Client) error {
			return c.DeleteConversation(ctx, recordedWith)
		}},
		13: page, 14: page,
	}, map[string][]int{bySends: {4}})
}

// TestRecordedUploads compares both requests of an upload, and what is made of the recorded answers.
func TestRecordedUploads(t *testing.T) {
	t.Parallel()
	differs := noise{}
	for _, field := range []string{"fileId", "name", "size", "mimeType"} {
		for _, id := range []string{"f1", "file"} {
			differs["body files."+id+"."+field] = "the file's name within the request is our own"
		}
	}
	for name, tc := range map[string]struct {
		scenario       string
		place, storage int
		parentID       string
		says           string
	}{
		"taken":                               {"messages-calls-3", 14, 15, "", ""},
		"refused by the storage":              {"messages-calls-3", 19, 20, "", "ERR_S3_UPLOAD_FAILED"},
		"refused by the server":               {"messages-calls-3", 23, 0, "", "ERR_FILE_TOO_BIG"},
		"in a thread, an undocumented answer": {"messages-calls-2", 22, 0, "7", "the server's answer has no place"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t, once)
			place := recordedRequest(t, "messages.jsonl", tc.scenario, tc.place)
			w.answer("POST", uploadURL, place.Status, strings.Replace(string(place.Response), `"f1"`, `"file"`, 1))
			var storage recordedLine
			if tc.storage > 0 {
				storage = recordedRequest(t, "messages.jsonl", tc.scenario, tc.storage)
				var answer string
				require.NoError(t, json.Unmarshal(storage.Response, &answer))
				w.answer("POST", storageURL, storage.Status, answer)
			}
			a, err := c.UploadFile(t.Context(), recordedWith, tc.parentID, cometchat.File{Name: "up.png", Type: "image/png", Reader: strings.NewReader("data")})
			if tc.says == "" {
				require.NoError(t, err)
				assert.Equal(t, "https://files.example/k1", a.URL)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
			got := w.requests()
			assertRecorded(t, place, got[0], differs)
			if tc.storage == 0 {
				assert.Len(t, got, 1)
				return
			}
			require.Len(t, got, 2)
			assert.Equal(t, "POST "+storageURL, got[1].Method+" "+got[1].URL)
			var theirs string
			require.NoError(t, json.Unmarshal(storage.Body, &theirs))
			assert.Equal(t, meant(t, "multipart/form-data; boundary=B", theirs), meant(t, got[1].Header.Get("Content-Type"), got[1].Body))
		})
	}
}
