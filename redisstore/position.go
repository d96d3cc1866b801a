package redisstore

import (
	"context"
	"fmt"
)

// LoadPosition returns the position of the key, or "" if there is none. It fails as [Store.Load] does.
func (s *Store) LoadPosition(ctx context.Context, key string) (string, error) {
	raw, err := s.get(ctx, key)
	if raw == nil && err == nil {
		return "", nil
	}
	position, name := "", s.prefix+key
	if err == nil {
		if position, err = s.records.DecodePosition(name, raw); err != nil {
			err = fmt.Errorf("the value of the Redis key %.200q %w; the next SavePosition replaces it", name, err)
		}
	}
	if err != nil {
		return "", failed(ctx, "LoadPosition", err)
	}
	return position, nil
}

// SavePosition stores the position under the key, replacing any value. With [WithTTL], it expires as sessions do. It fails with
// ErrBadRequest for a position of more than 8 MiB, when ctx has ended, and with the error of go-redis if Redis does not answer.
func (s *Store) SavePosition(ctx context.Context, key, position string) error {
	name := s.prefix + key
	data, err := s.records.EncodePosition(name, position)
	if err == nil {
		err = s.ready(ctx)
	}
	if err == nil {
		err = s.client().Set(ctx, name, data, s.ttl).Err()
	}
	if err != nil {
		return failed(ctx, "SavePosition", err)
	}
	return nil
}
