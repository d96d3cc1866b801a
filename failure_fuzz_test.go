package cometchat_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzReading answers with objects of any fields. No call fails that gets its required fields.
func FuzzReading(f *testing.F) {
	f.Add(`{"name":"Ada","tags":{"0":"vip"},"hasBlockedMe":"1","createdAt":"2024-05-01 10:00:00","metadata":[1]}`)
	f.Add(`{"avatar":false,"link":[],"status":{},"lastActiveAt":1e400,"updatedAt":-1,"blockedAt":"","tags":[{},[],null,7,"a"]}`)
	f.Add(`{"platform":7,"userAgent":[],"appInfo":"{\"a\":1}","createdAt":{}}`)
	f.Add(`{"UID":[],"AuthToken":{},"Name":1,"jwt":7,"unknown":{"a":[[[]]]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		fields := map[string]json.RawMessage{}
		if json.Unmarshal([]byte(text), &fields) != nil || fields == nil {
			return
		}
		for field := range fields { // encoding/json ignores the case of a field's name
			for _, required := range []string{"uid", "authToken"} {
				if len(field) == len(required) {
					delete(fields, field)
				}
			}
		}
		fields["uid"], fields["authToken"] = json.RawMessage(`"ada"`), json.RawMessage(`"token"`)
		one, err := json.Marshal(fields)
		require.NoError(t, err)

		w := newWire()
		w.RegisterNoResponder(respond(200, `{"data":`+string(one)+`}`))
		a := w.admin(t, once)
		u, err := a.GetUser(t.Context(), "ada")
		require.NoError(t, err)
		assertStaysTheSame[cometchat.User](t, u)
		token, err := a.CreateAuthToken(t.Context(), "ada")
		require.NoError(t, err)
		assert.Equal(t, "token", token.Token)
		assertStaysTheSame[cometchat.AuthToken](t, token)
		_, err = w.client(t, once).LoginWithToken(t.Context(), "token")
		require.NoError(t, err)

		w.RegisterNoResponder(respond(200, `{"data":[`+string(one)+`],"meta":{"pagination":{"total_pages":1}}}`))
		uids, err := uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{}))
		require.NoError(t, err)
		assert.Equal(t, []string{"ada"}, uids)
	})
}

// assertStaysTheSame asserts that a value survives encoding and decoding.
func assertStaysTheSame[T any](t *testing.T, value *T) {
	t.Helper()
	written, err := json.Marshal(value)
	require.NoError(t, err)
	read := new(T)
	require.NoError(t, json.Unmarshal(written, read))
	again, err := json.Marshal(read)
	require.NoError(t, err)
	assert.Equal(t, string(written), string(again))
}
