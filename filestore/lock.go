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
	// stripes are the first characters of a file's name: the files with the same one share a lock, so that there are as
	// many lock files as this, and not one for each key there has ever been. A lock file is never removed: who waits for
	// it would then wait for another one than who comes later.
	stripes = "0123456789abcdef"
	// lockRetry is how often a process asks for a lock that another one has: no system can wait for a file's lock and for
	// a context at once.
	lockRetry = 2 * time.Millisecond
	// readingLocks: Windows does not replace a file that somebody has open.
	readingLocks = runtime.GOOS == "windows"
)

// locks has a turn for each stripe: of the goroutines of a Store, one at a time asks for the lock file. Whoever's value is
// in the channel has the turn.
type locks [len(stripes)]chan struct{}

func newLocks() (l locks) {
	for i := range l {
		l[i] = make(chan struct{}, 1)
	}
	return l
}

func (s *Store) stripe(name string) (chan struct{}, *flock.Flock) {
	turn := s.locks[strings.Index(stripes, name[:1])]
	// It is opened for writing as some systems, and NFS, do not lock a file otherwise.
	return turn, flock.New(filepath.Join(s.dir, "lock-"+name[:1]), flock.SetFlag(os.O_CREATE|os.O_RDWR))
}

// lock waits for the lock of a file, against all processes, as long as ctx lasts. The lock ends with the process too.
func (s *Store) lock(ctx context.Context, name string) (unlock func(), err error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	turn, file := s.stripe(name)
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("another change of the store takes long: %w", ctx.Err())
	}
	if _, err := file.TryLockContext(ctx, lockRetry); err != nil {
		<-turn
		return nil, fmt.Errorf("could not lock %s: %w", file.Path(), err)
	}
	return unlocker(turn, file), nil
}

// tryLock is lock without the waiting: it returns nil when somebody else has the lock.
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
		_ = file.Unlock() // closing the file, or the end of the process, gives it back too
		<-turn
	}
}
