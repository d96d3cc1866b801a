package cometchattest_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSendMessage(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option())
	d := devicesOf(t, s)
	m := s.SendMessage("COMETCHAT-uid-1", "Cometchat-UID-2", "<b>hi</b>")
	assert.Equal(t, "<b>hi</b>", m.Text)
	assert.Equal(t, uid(1), m.Sender.UID)
	assert.Equal(t, "Andrew Joseph", m.Sender.Name)
	assert.Equal(t, cometchat.ToUser(uid(2)), m.Receiver)
	assert.Equal(t, []string{"message", "text"}, []string{m.Category, m.Type})
	assert.Equal(t, at.now.Unix(), m.SentAt.Unix())
	frame := d.told(t, "message", d.one, d.oneToo, d.two)
	assert.Equal(t, m.ID, frame["body"].(object)["id"])
	reply := s.SendMessage(uid(2), uid(1), "hello")
	assert.Equal(t, m.ConversationID, reply.ConversationID)

	must(t, s, "POST", "/users/cometchat-uid-3/blockedusers", `{"blockedUids":["cometchat-uid-4"]}`)
	must(t, s, "DELETE", "/users/cometchat-uid-5", "")
	panics(t, `SendMessage: no user has the uid "nobody"`, func() { s.SendMessage("nobody", uid(1), "hi") })
	panics(t, `SendMessage: no user has the uid "nobody"`, func() { s.SendMessage(uid(1), "nobody", "hi") })
	panics(t, "SendMessage: ERR_EMPTY_MESSAGE_TEXT", func() { s.SendMessage(uid(1), uid(2), " ") })
	panics(t, "SendMessage: ERR_BLOCKED_SENDER", func() { s.SendMessage(uid(4), uid(3), "hi") })
	panics(t, "SendMessage: ERR_UID_NOT_FOUND", func() { s.SendMessage(uid(1), uid(5), "hi") })
}

func TestMessagesOfAConversation(t *testing.T) {
	t.Parallel()
	s := started(t)
	assert.Nil(t, s.Messages(uid(1)+"_user_"+uid(2)))
	first := s.SendMessage(uid(1), uid(2), "one")
	s.SendMessage(uid(1), uid(3), "elsewhere")
	s.SendMessage(uid(2), uid(1), "two")
	status, answer := asUser(t, s, uid(1), "", "DELETE", "/messages/"+first.ID, "")
	data(t, status, answer)
	got := s.Messages("COMETCHAT-uid-1_user_cometchat-uid-2")
	require.Len(t, got, 3)
	assert.Equal(t, first.ID, got[0].ID)
	assert.False(t, got[0].DeletedAt.IsZero())
	assert.Equal(t, "two", got[1].Text)
	assert.Equal(t, cometchat.CategoryAction, got[2].Category)
	got[1].Text = "changed"
	assert.Equal(t, "two", s.Messages(first.ConversationID)[1].Text, "it is a copy")
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	text := func(want string) func(*cometchat.Message) bool {
		return func(m *cometchat.Message) bool { return m.Text == want }
	}
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.SendMessage(uid(1), uid(2), "a")
		past := s.SendMessage(uid(1), uid(2), "b")
		s.SendMessage(uid(1), uid(2), "b")
		got, err := s.WaitFor(t.Context(), text("b"))
		require.NoError(t, err)
		assert.Equal(t, past.ID, got.ID, "the oldest comes first")

		var calls int
		go func() {
			for i := range 10 {
				time.Sleep(time.Second)
				s.SendMessage(uid(2), uid(1), string(rune('a'+i)))
			}
		}()
		begin := time.Now()
		got, err = s.WaitFor(t.Context(), func(m *cometchat.Message) bool {
			calls++
			return m.Sender.UID == uid(2) && len(s.Messages(m.ConversationID)) > 0 && m.Text == "j"
		})
		require.NoError(t, err)
		assert.Equal(t, "j", got.Text)
		assert.Equal(t, 10*time.Second, time.Since(begin))
		assert.Equal(t, 13, calls, "each message once")

		go func() {
			time.Sleep(time.Second)
			r := request(t, s, "DELETE", "/messages/"+past.ID, "")
			s.ServeHTTP(httptest.NewRecorder(), r)
		}()
		got, err = s.WaitFor(t.Context(), func(m *cometchat.Message) bool { return m.Action != nil })
		require.NoError(t, err)
		assert.Equal(t, cometchat.CategoryAction, got.Category)
	})
}

func TestWaitForThatEnds(t *testing.T) {
	t.Parallel()
	never := func(*cometchat.Message) bool { return false }
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.SendMessage(uid(1), uid(2), "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		_, err := s.WaitFor(ctx, never)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(begin))

		why := errors.New("the test is over") //nolint:err113 // a cause of this test alone
		ended, end := context.WithCancelCause(t.Context())
		end(why)
		_, err = s.WaitFor(ended, func(*cometchat.Message) bool { return true })
		require.ErrorIs(t, err, why)

		time.AfterFunc(time.Second, s.Close)
		_, err = s.WaitFor(t.Context(), never)
		require.ErrorContains(t, err, "the emulator is closed")
	})
}
