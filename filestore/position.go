package filestore

import (
	"context"
	"fmt"
)

// LoadPosition returns the position of the key, or "" if there is none. It fails as [Store.Load] does.
func (s *Store) LoadPosition(ctx context.Context, key string) (string, error) {
	position, err := s.loadPosition(ctx, key)
	if err != nil {
		return "", fmt.Errorf("filestore: LoadPosition: %w", err)
	}
	return position, nil
}

func (s *Store) loadPosition(ctx context.Context, key string) (string, error) {
	name := nameOf(key)
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	if readingLocks {
		unlock, err := s.lock(ctx, name)
		if err != nil {
			return "", err
		}
		defer unlock()
	}
	path := s.path(name, sessionSuffix)
	data, err := readFile(path)
	switch {
	case missing(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("could not read the file of the position: %w", err)
	}
	position, err := s.records.DecodePosition(key, data)
	if err != nil {
		return "", fmt.Errorf("the file of the position %s %w; the next SavePosition replaces it", path, err)
	}
	return position, nil
}

// SavePosition stores the position under the key, replacing any file, and returns once the new file is on the disk. It fails with
// ErrBadRequest for a position of more than 8 MiB, when ctx ends while it waits for another change, and with the error of the
// system if it cannot write.
func (s *Store) SavePosition(ctx context.Context, key, position string) error {
	data, err := s.records.EncodePosition(key, position)
	if err == nil {
		err = s.savePosition(ctx, nameOf(key), data)
	}
	if err != nil {
		return fmt.Errorf("filestore: SavePosition: %w", err)
	}
	return nil
}

func (s *Store) savePosition(ctx context.Context, name string, data []byte) error {
	unlock, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	return s.write(name, data)
}
