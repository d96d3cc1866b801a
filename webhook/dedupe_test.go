package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cometchat-go/cometchat/webhook"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMemory calls the default Deduper directly: 10,000 deliveries through a Handler take seconds.
func TestMemory(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 10_000, webhook.MaxHandled, "the documented number")
	// fill begins and ends as many events as d has room for.
	fill := func(t *testing.T, d webhook.Deduper, handled bool) {
		t.Helper()
		for i := range webhook.MaxHandled {
			id := fmt.Sprint("event ", i)
			first, err := d.Begin(t.Context(), id)
			require.NoError(t, err)
			require.True(t, first)
			require.NoError(t, d.Done(t.Context(), id, handled))
		}
	}
	begin := func(t *testing.T, d webhook.Deduper, id string) bool {
		t.Helper()
		first, err := d.Begin(t.Context(), id)
		require.NoError(t, err)
		return first
	}
	t.Run("is bounded", func(t *testing.T) {
		t.Parallel()
		d := webhook.NewMemoryDeduper()
		fill(t, d, true)
		assert.False(t, begin(t, d, "event 0"), "the oldest is remembered")
		assert.True(t, begin(t, d, "one more"))
		require.NoError(t, d.Done(t.Context(), "one more", true))
		assert.False(t, begin(t, d, "one more"))
		assert.False(t, begin(t, d, "event 1"))
		assert.True(t, begin(t, d, "event 0"), "the oldest is forgotten")
	})
	t.Run("keeps the events that are being handled", func(t *testing.T) {
		t.Parallel()
		d := webhook.NewMemoryDeduper()
		assert.True(t, begin(t, d, "slow"))
		fill(t, d, true)
		_, err := d.Begin(t.Context(), "slow")
		require.ErrorContains(t, err, "is being handled")
		require.NoError(t, d.Done(t.Context(), "slow", true))
		assert.False(t, begin(t, d, "slow"))
		assert.True(t, begin(t, d, "event 0"), "it takes the place of the oldest")
	})
	t.Run("forgets failed events", func(t *testing.T) {
		t.Parallel()
		d := webhook.NewMemoryDeduper()
		assert.True(t, begin(t, d, "handled"))
		require.NoError(t, d.Done(t.Context(), "handled", true))
		fill(t, d, false)
		assert.False(t, begin(t, d, "handled"), "failed events take no place")
		assert.True(t, begin(t, d, "event 0"))
	})
}

// deduper stands for a Deduper of the user.
type deduper struct {
	first    bool
	beginErr error
	doneErr  error
	done     []string
}

func (d *deduper) Begin(context.Context, string) (bool, error) { return d.first, d.beginErr }

func (d *deduper) Done(ctx context.Context, id string, handled bool) error {
	d.done = append(d.done, fmt.Sprintf("%s %t %v", id, handled, ctx.Err()))
	return d.doneErr
}

func TestWithDeduper(t *testing.T) {
	t.Parallel()
	id := received(t, connectionEvent(1)).ID
	fails := errors.New("redis://secret@host is down")
	for name, tc := range map[string]struct {
		deduper deduper
		err     error
		status  int
		calls   int32
		done    []string
	}{
		"handled":            {deduper{first: true}, nil, 200, 1, []string{id + " true <nil>"}},
		"failed":             {deduper{first: true}, fails, 500, 1, []string{id + " false <nil>"}},
		"handled before":     {deduper{}, nil, 200, 0, nil},
		"it cannot say":      {deduper{first: true, beginErr: fails}, nil, 503, 0, nil},
		"it cannot remember": {deduper{first: true, doneErr: fails}, nil, 200, 1, []string{id + " true <nil>"}},
	} {
		var calls atomic.Int32
		h := newHandler(t, func(context.Context, *webhook.Event) error {
			calls.Add(1)
			return tc.err
		}, webhook.WithDeduper(&tc.deduper))
		assert.Equal(t, tc.status, deliver(h, connectionEvent(1)), name)
		assert.Equal(t, tc.calls, calls.Load(), name)
		assert.Equal(t, tc.done, tc.deduper.done, name)
	}
	var calls atomic.Int32
	d := &deduper{}
	h := newHandler(t, ok(&calls), webhook.WithDeduper(d))
	assert.Equal(t, 200, deliver(h, `{"trigger":"user_blocked"}`))
	assert.Equal(t, int32(1), calls.Load(), "it is not asked about an event without an ID")
	assert.Empty(t, d.done)
}
