package cometchat_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAuthTokenForms(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"uid":"a","authToken":"t","appInfo":{"v":1}}`:          `{"v":1}`,
		`{"uid":"a","authToken":"t","appInfo":"{\"v\": 1}"}`:     `{"v": 1}`,
		`{"uid":"a","authToken":"t","appInfo":"something else"}`: ``,
		`{"uid":"a","authToken":"t"}`:                            ``,
	} {
		var token cometchat.AuthToken
		require.NoError(t, json.Unmarshal([]byte(raw), &token))
		assert.Equal(t, want, string(token.AppInfo))
		again, err := json.Marshal(token)
		require.NoError(t, err)
		var back cometchat.AuthToken
		require.NoError(t, json.Unmarshal(again, &back))
		assert.Equal(t, token.Token, back.Token)
		assert.Equal(t, token.CreatedAt, back.CreatedAt)
	}
}

func TestRevocationThatTheServerDidNotDo(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	w.RegisterNoResponder(respond(200, `{"data":{"success":false,"message":"no"}}`))
	require.ErrorContains(t, a.FlushAuthTokens(t.Context(), uid1), "has not done it")
	require.Error(t, a.DeleteUser(t.Context(), uid1))
	w.RegisterNoResponder(respond(204, ""))
	require.NoError(t, a.FlushAuthTokens(t.Context(), uid1))
	w.RegisterNoResponder(respond(200, `{"data":"done"}`))
	require.NoError(t, a.DeleteAuthToken(t.Context(), uid1, "t"))
	w.RegisterNoResponder(respond(200, `{"data":{"deactivatedUids":["a"],"nonDeactivatedUids":["b"]}}`))
	done, err := a.DeactivateUsers(t.Context(), []string{"a", "b"})
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, done)
}
