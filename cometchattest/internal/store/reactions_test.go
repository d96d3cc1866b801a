package store_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestLoadedReactions shows that ids of reactions grow on after a restart, and that a person need not write ids.
func TestLoadedReactions(t *testing.T) {
	t.Parallel()
	ids := func(s *store.Store) (ids []string) {
		for _, m := range s.Messages() {
			for _, r := range m.Reactions {
				ids = append(ids, r.ID)
			}
		}
		return ids
	}
	s := store.New()
	_, err := s.Load([]byte(`{"users":[{"uid":"a"},{"uid":"b"}],"messages":[
		{"sender":"a","receiver":"b","data":{"text":"hi"},"reactions":[{"id":"7","reaction":"x","uid":"b"},{"reaction":"y","uid":"b"}]},
		{"sender":"a","receiver":"b","data":{"text":"hi"},"reactions":[{"id":"3","reaction":"x","uid":"b"},{"id":"2","reaction":"y","uid":"b"}]}
	]}`), time.Unix(1, 0))
	require.NoError(t, err)
	assert.Equal(t, []string{"7", "8", "3", "9"}, ids(s))
	assert.Equal(t, "10", s.React(s.Message("1"), "a", "x", time.Unix(2, 0)).ID)

	var saved bytes.Buffer
	require.NoError(t, s.Save(&saved, store.Keys{}))
	again := store.New()
	_, err = again.Load(saved.Bytes(), time.Unix(3, 0))
	require.NoError(t, err)
	assert.Equal(t, []string{"7", "8", "10", "3", "9"}, ids(again))
	assert.Equal(t, "11", again.React(again.Message("2"), "a", "z", time.Unix(4, 0)).ID)
}
