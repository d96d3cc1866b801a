package redisstore_test

import (
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPositionsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const key = "app1/position"
	ctx, client := t.Context(), startRedis(t).client(t)
	store := open(t, client)
	require.NoError(t, client.Set(ctx, "cometchat:"+key, "nonsense", 0).Err())
	_, err := store.LoadPosition(ctx, key)
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
	require.ErrorContains(t, err, "cometchat:"+key)
	require.NoError(t, store.SavePosition(ctx, key, "105"), "it replaces what cannot be read")
	position, err := store.LoadPosition(ctx, key)
	require.NoError(t, err)
	assert.Equal(t, "105", position)

	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = store.LoadPosition(ended, key)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, store.SavePosition(ended, key, "1"), context.Canceled)
	require.ErrorIs(t, store.SavePosition(ctx, key, string(make([]byte, 9<<20))), cometchat.ErrBadRequest)
	var zero redisstore.Store
	_, err = zero.LoadPosition(ctx, key)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
}
