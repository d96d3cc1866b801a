package sessionstoretest

import (
	"context"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
)

// brokenPositions is a memory store whose SavePosition is save.
type brokenPositions struct {
	*cometchat.MemorySessionStore
	save func(b *brokenPositions, ctx context.Context, key, position string) error
}

func (b *brokenPositions) SavePosition(ctx context.Context, key, position string) error {
	return b.save(b, ctx, key, position)
}

func TestBrokenPositions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		save  func(b *brokenPositions, ctx context.Context, key, position string) error
		found string
	}{
		"it keeps the first position": {func(b *brokenPositions, ctx context.Context, key, position string) error {
			if first, _ := b.LoadPosition(ctx, key); first != "" {
				return nil
			}
			return b.MemorySessionStore.SavePosition(ctx, key, position)
		}, "LoadPosition returns the position that SavePosition has kept"},
		"it cuts a long position": {func(b *brokenPositions, ctx context.Context, key, position string) error {
			return b.MemorySessionStore.SavePosition(ctx, key, position[:min(len(position), 4096)])
		}, "LoadPosition returns the position that SavePosition has kept"},
		"it ignores the case of a key": {func(b *brokenPositions, ctx context.Context, key, position string) error {
			return b.MemorySessionStore.SavePosition(ctx, strings.ToLower(key), position)
		}, "LoadPosition returns the position that SavePosition has kept"},
		"a position ends the session": {func(b *brokenPositions, ctx context.Context, key, position string) error {
			_ = b.Delete(ctx, strings.Replace(key, "position", "session", 1))
			return b.MemorySessionStore.SavePosition(ctx, key, position)
		}, "a position and a session do not disturb each other"},
		"it fails and saves": {func(b *brokenPositions, ctx context.Context, key, position string) error {
			_ = b.MemorySessionStore.SavePosition(ctx, key, position)
			return ctx.Err()
		}, "positions with an ended context"},
		"it has one position for all": {func(b *brokenPositions, ctx context.Context, _, position string) error {
			for i := range 4 {
				_ = b.MemorySessionStore.SavePosition(ctx, "app/"+string(rune('0'+i))+"/position", position)
			}
			return nil
		}, "concurrent calls about positions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Contains(t, failing(t, func() func() cometchat.SessionStore {
				b := &brokenPositions{cometchat.NewMemorySessionStore(), c.save}
				return func() cometchat.SessionStore { return b }
			}), c.found)
		})
	}
}
