package store_test

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	s := filled()
	first, ended := s.CreateToken("ada", now)
	assert.Empty(t, ended)
	assert.Regexp(t, `^ada_1795521600[0-9a-f]{30}$`, first.AuthToken)
	assert.Equal(t, now.Unix(), first.CreatedAt)
	second, _ := s.CreateToken("ada", now)
	other, _ := s.CreateToken("bob", now)
	assert.Equal(t, []*store.Token{first, second}, s.Tokens("ada"))
	s.RevokeToken(first)
	assert.Nil(t, s.Token(first.AuthToken))
	assert.Same(t, second, s.Token(second.AuthToken))
	s.Login("ada", now)
	assert.Equal(t, []*store.Token{second}, s.RevokeTokens("ada"))
	assert.Nil(t, s.Token(second.AuthToken))
	assert.Equal(t, store.Offline, s.User("ada").Status)
	assert.Same(t, other, s.Token(other.AuthToken))
	assert.Empty(t, s.RevokeTokens("nobody"))
}

func TestTheOldestOfMoreThan100TokensEnds(t *testing.T) {
	t.Parallel()
	s := filled()
	oldest, _ := s.CreateToken("ada", now)
	for range 99 {
		_, ended := s.CreateToken("ada", now)
		require.Empty(t, ended)
	}
	newest, ended := s.CreateToken("ada", now)
	assert.Equal(t, []*store.Token{oldest}, ended)
	assert.Len(t, s.Tokens("ada"), 100)
	assert.Same(t, newest, s.Tokens("ada")[99])
}

func TestDeviceOfAToken(t *testing.T) {
	t.Parallel()
	s := filled()
	token, _ := s.CreateToken("ada", now)
	update := func(body string) store.Device {
		var f store.DeviceFields
		require.NoError(t, json.Unmarshal([]byte(body), &f))
		require.Empty(t, f.Check(), body)
		s.UpdateDevice(token, &f)
		return token.Device
	}
	assert.Equal(t, store.Device{Platform: "ios", UserAgent: "App/1", AppInfo: `{"userAgent":"App/1"}`},
		update(`{"platform":"ios","appInfo":{"userAgent": "App/1"}}`), "the user agent inside of appInfo counts")
	assert.Equal(t, store.Device{Platform: "ios", UserAgent: "App/1", AppInfo: `{"userAgent":5}`},
		update(`{"appInfo":{"userAgent":5}}`), "a user agent that is not a string does not count")
	assert.Equal(t, store.Device{Platform: "ios", UserAgent: "App/2", AppInfo: `{}`},
		update(`{"userAgent":"App/2","appInfo":{},"platform":null}`))
	before := token.Device
	assert.Equal(t, before, update(`{"appInfo":null}`))

	var f store.DeviceFields
	require.NoError(t, json.Unmarshal([]byte(`{"appInfo":[]}`), &f))
	assert.Contains(t, f.Check(), "appInfo")
}
