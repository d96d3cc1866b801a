package filestore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	// stripes are the possible first characters of a file's name. Files with the same first character share a lock, so
	// the directory has 16 lock files, not one for each key it ever held. The store never removes a lock file: a process
	// that waits for the removed file and a process that makes a new one would hold the lock at the same time.
	stripes = "0123456789abcdef"
	// lockRetry is the interval at which a process tries to take a lock that another process holds: no system can wait for
	// a file lock and a context at once.
	lockRetry = 2 * time.Millisecond
	// readingLocks says that Load takes the lock too: Windows does not replace an open file.
	readingLocks = runtime.GOOS == "windows"
)

// locks has a channel for each stripe. One goroutine of the Store at a time may ask for the stripe's lock file: the
// goroutine whose value is in the channel.
type locks [len(stripes)]chan struct{}

func newLocks() (l locks) {
	for i := range l {
		l[i] = make(chan struct{}, 1)
	}
	return l
}

func (s *Store) stripe(name string) (chan struct{}, *flock.Flock) {
	turn := s.locks[strings.Index(stripes, name[:1])]
	// NFS and some systems only lock a file that is open for writing.
	return turn, flock.New(filepath.Join(s.dir, "lock-"+name[:1]), flock.SetFlag(os.O_CREATE|os.O_RDWR))
}

// lock takes the lock of a session's file, which no other process can take then. It waits until ctx ends. If the process
// ends, the system frees the lock.
func (s *Store) lock(ctx context.Context, name string) (unlock func(), err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	turn, file := s.stripe(name)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("another change of the store has not finished: %w", ctx.Err())
	}
	if _, err := file.TryLockContext(ctx, lockRetry); err != nil {
		<-turn
		return nil, fmt.Errorf("could not lock %s: %w", file.Path(), err)
	}
	return unlocker(turn, file), nil
}

// tryLock is lock without waiting: it returns a nil unlock if another process or goroutine holds the lock.
func (s *Store) tryLock(name string) (unlock func(), err error) {
	turn, file := s.stripe(name)
	select {
	case turn <- struct{}{}:
	default:
		return nil, nil
	}
	ok, err := file.TryLock()
	if err != nil || !ok {
		<-turn
		return nil, err
	}
	return unlocker(turn, file), nil
}

func unlocker(turn chan struct{}, file *flock.Flock) func() {
	return func() {
		_ = file.Unlock() // if it fails, the lock ends when the file is collected or the process ends
		<-turn
	}
}
