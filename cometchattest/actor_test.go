package cometchattest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// actor makes requests with the auth token of a user.
type actor struct {
	t      *testing.T
	s      *cometchattest.Server
	uid    string
	header headers
}

func actorOf(t *testing.T, s *cometchattest.Server, uid string) *actor {
	t.Helper()
	return &actor{t, s, uid, headers{"appid": s.AppID, "authtoken": s.CreateAuthToken(uid), "resource": "device-" + uid}}
}

// onBehalf is a server that acts on behalf of a user, or of nobody if uid is "".
func onBehalf(t *testing.T, s *cometchattest.Server, uid string) *actor {
	t.Helper()
	return &actor{t, s, uid, headers{"appid": s.AppID, "apikey": s.APIKey, "onBehalfOf": uid}}
}

// do makes a request that succeeds, and returns the data of its answer.
func (a *actor) do(method, path, body string) object {
	a.t.Helper()
	status, answer := call(a.t, a.s, method, "/v3.0"+path, body, a.header)
	return data(a.t, status, answer)
}

// list makes a request that succeeds, and returns the rows of its answer and its meta.
func (a *actor) list(path string) (rows []object, meta object) {
	a.t.Helper()
	status, answer := call(a.t, a.s, "GET", "/v3.0"+path, "", a.header)
	require.Equal(a.t, 200, status, "%s: %v", path, answer)
	items, ok := answer["data"].([]any)
	require.True(a.t, ok, "%v", answer)
	for _, item := range items {
		row, _ := item.(object)
		rows = append(rows, row)
	}
	meta, _ = answer["meta"].(object)
	return rows, meta
}

// ids returns the ids of the rows of a list.
func (a *actor) ids(path string) []any {
	a.t.Helper()
	rows, _ := a.list(path)
	return field(rows, "id")
}

func (a *actor) refused(method, path, body string, status int, code string) {
	a.t.Helper()
	got, answer := call(a.t, a.s, method, "/v3.0"+path, body, a.header)
	assertRefused(a.t, got, answer, status, code, "")
}

// send sends a text to a user, with further fields in change, and returns the message.
func (a *actor) send(to, text string, change object) object {
	a.t.Helper()
	return a.do("POST", "/messages", messageTo(a.t, to, text, change))
}

// reply sends a text to a user as a reply to a message.
func (a *actor) reply(parent, to, text string) {
	a.t.Helper()
	a.do("POST", "/messages/"+parent+"/thread", messageTo(a.t, to, text, nil))
}

func messageTo(t *testing.T, to, text string, change object) string {
	t.Helper()
	m := object{"receiver": to, "receiverType": "user", "category": "message", "type": "text", "data": object{"text": text}}
	maps.Copy(m, change)
	raw, err := json.Marshal(m)
	require.NoError(t, err)
	return string(raw)
}

// at returns what is at a path of keys in an object.
func at(t *testing.T, value any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		fields, ok := value.(object)
		require.True(t, ok, "no object at %q of %v", key, keys)
		value = fields[key]
	}
	return value
}

// saveAndLoad loads what s saves into another server, and asserts that this saves the same.
func saveAndLoad(t *testing.T, s *cometchattest.Server) *cometchattest.Server {
	t.Helper()
	saved, other := state(t, s), started(t)
	require.NoError(t, other.Load(bytes.NewReader([]byte(saved))))
	assert.Equal(t, saved, state(t, other))
	return other
}

func texts(from, to int) (ids []any) {
	for i := from; i <= to; i++ {
		ids = append(ids, fmt.Sprint(i))
	}
	return ids
}
