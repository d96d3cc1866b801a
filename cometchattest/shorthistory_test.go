package cometchattest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestShortHistory shows what a client hears whose server has dropped messages that the client has missed.
func TestShortHistory(t *testing.T) {
	t.Parallel()
	hears := func(t *testing.T, missed func(s *cometchattest.Server), opts ...cometchattest.Option) (heard []string) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			s := inMemory(t, opts...)
			c := inMemoryClient(t, s)
			_, err := c.Login(t.Context(), uid(1), s.AuthKey)
			require.NoError(t, err)
			events := c.Events(t.Context())
			require.NoError(t, c.Connect(t.Context()))
			synctest.Wait()
			require.NoError(t, c.Disconnect())
			synctest.Wait() // the server notices it
			missed(s)
			require.NoError(t, c.Connect(t.Context()))
			time.AfterFunc(time.Minute, func() { _ = c.Close() })
			for e := range events {
				switch e := e.(type) {
				case cometchat.MessageReceived:
					heard = append(heard, e.Message.Text)
				case cometchat.Gap:
					require.ErrorIs(t, e.Err, cometchat.ErrBadRequest)
					heard = append(heard, "gap")
				}
			}
		})
		return heard
	}
	send := func(s *cometchattest.Server) {
		for _, text := range []string{"a", "b", "c"} {
			s.SendMessage(uid(2), uid(1), text)
		}
	}
	assert.Equal(t, []string{"b", "c"}, hears(t, send, cometchattest.WithKeptMessages(2)), "the client cannot notice")
	refuses := func(s *cometchattest.Server) {
		send(s)
		s.InjectFault(cometchattest.Fault{
			Method: "GET", Path: "/messages", Status: 400, Body: `{"error":{"code":"ERR_BAD_REQUEST","message":"The id is too old."}}`,
		})
	}
	assert.Equal(t, []string{"gap"}, hears(t, refuses))
}
