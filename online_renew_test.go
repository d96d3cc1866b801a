package cometchat_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOnlineUserCountRenewsTheJWT revokes the session's token, and with it the jwt.
func TestOnlineUserCountRenewsTheJWT(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func(*cometchattest.Server) []cometchat.Option{
		"without a token provider": (*cometchattest.Server).Options,
		"with a token provider": func(s *cometchattest.Server) []cometchat.Option {
			return append(s.Options(), cometchat.WithTokenProvider(func(context.Context) (string, error) {
				return s.CreateAuthToken(uid1), nil
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cometchattest.New()
			defer s.Close()
			provider := name == "with a token provider"
			c, err := cometchat.New(s.AppID, options(s)...)
			require.NoError(t, err)
			defer c.Close()
			_, err = c.Login(t.Context(), uid1, s.AuthKey)
			require.NoError(t, err)
			s.RevokeTokens(uid1)
			count, err := c.OnlineUserCount(t.Context())
			if provider {
				require.NoError(t, err)
				assert.Zero(t, count)
				return
			}
			require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
			assert.Contains(t, err.Error(), "OnlineUserCount")
		})
	}
}
