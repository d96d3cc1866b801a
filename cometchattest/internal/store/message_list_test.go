package store_test

import (
	"testing"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
)

// TestPagesLookAtFewMessages reads 10,000 messages in pages of 100 both ways. A page looks at its own messages and one more.
func TestPagesLookAtFewMessages(t *testing.T) {
	t.Parallel()
	s := filled()
	const messages, limit = 10_000, 100
	for range messages {
		s.SendMessage(store.Message{Sender: "ada", Receiver: "bob"}, now)
	}
	for _, forward := range []bool{true, false} {
		w, seen, more := store.Window{Forward: forward, Limit: limit}, map[string]bool{}, true
		for more {
			var rows []*store.Message
			looks := 0
			rows, more = w.Page(s.Messages(), func(*store.Message) bool { looks++; return true })
			assert.LessOrEqual(t, looks, limit+1)
			for _, m := range rows {
				seen[m.ID] = true
			}
			if w.ID = rows[0].Number(); forward {
				w.ID = rows[len(rows)-1].Number()
			}
		}
		assert.Len(t, seen, messages)
	}
}
