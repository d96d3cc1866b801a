package cometchat_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBrokenConnectionNeedsNoSettings breaks a connection that has proved good: its host need not have moved.
func TestBrokenConnectionNeedsNoSettings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := cometchattest.New()
		defer s.Close()
		c, err := cometchat.New(s.AppID, s.Options()...)
		require.NoError(t, err)
		defer c.Close()
		_, err = c.Login(t.Context(), uid1, s.AuthKey)
		require.NoError(t, err)
		require.NoError(t, c.Connect(t.Context()))
		synctest.Wait()
		require.Equal(t, 1, s.DropSockets(uid1))
		<-time.After(time.Second)
		synctest.Wait()
		assert.Equal(t, cometchat.Connected, c.ConnectionStatus())
		assert.Len(t, s.Requests(cometchattest.To("GET", "/settings")), 1)
	})
}
