package cometchat_test

import (
	"fmt"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func presenceOf(n int) func(*peer) {
	return text(fmt.Sprintf(`{"type":"presence","body":{"action":"online","user":{"uid":"u%d"}}}`, n))
}

// TestSlowSubscribersMissEvents sends more than fits into a mailbox, twice. What a subscriber gets and what it is told to have
// missed add up, in order; changes of the connection are never missed.
func TestSlowSubscribersMissEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const capacity, sent = 1024, 1500
		frames := make(chan func(*peer), sent)
		logger, log := logged()
		c := speaking(t, frames, cometchat.WithLogger(logger))
		events := c.Events(t.Context())
		release := make(chan struct{})
		listened := 0
		c.AddUserListener("slow", cometchat.UserListener{UserOnline: func(*cometchat.User) {
			<-release
			listened++
		}})
		require.NoError(t, c.Connect(t.Context()))
		settle() // until it has caught up
		for n := range sent {
			frames <- presenceOf(n)
		}
		settle()
		require.NoError(t, c.Disconnect()) // is told after the events that were dropped
		settle()
		close(release)
		settle()
		close(frames)
		require.NoError(t, c.Close())
		var changes, next int
		var spells []int
		for e := range events {
			switch e := e.(type) {
			case cometchat.PresenceChanged:
				require.Equal(t, fmt.Sprintf("u%d", next), e.User.UID, "in order")
				next++
			case cometchat.EventsDropped:
				spells = append(spells, e.Count)
				next += e.Count
			case cometchat.ConnectionChanged:
				changes++
			}
		}
		assert.Equal(t, sent, next, "told and dropped are what was sent")
		assert.Len(t, spells, 1, "one spell")
		assert.Equal(t, 3, changes, "connecting, connected, disconnected")
		// Of the mailboxes, the loop's begins with two changes and CaughtUp; the listener has taken them and one presence.
		assert.Equal(t, []int{sent - (capacity - 3)}, spells)
		assert.Equal(t, capacity+1, listened)
		assert.Contains(t, log(), fmt.Sprintf("events=%d", sent-listened))
	})
}

// TestEndOfASpell checks that events are dropped until half of the mailbox is free, and that the count comes before the next event.
func TestEndOfASpell(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		frames := make(chan func(*peer), 2000)
		defer close(frames)
		c := speaking(t, frames)
		require.NoError(t, c.Connect(t.Context()))
		settle()
		next, stop := iter.Pull(c.Events(t.Context()))
		defer stop()
		send := func(count int) {
			for range count {
				frames <- presenceOf(1)
			}
			settle()
		}
		take := func(count int) {
			for range count {
				e, _ := next()
				require.IsType(t, cometchat.PresenceChanged{}, e)
			}
		}
		send(1024 + 6)
		take(512)
		send(1) // is dropped too
		take(1)
		send(1)
		take(1024 - 513)
		e, _ := next()
		assert.Equal(t, cometchat.EventsDropped{Count: 7}, e)
		take(1)
	})
}
