package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometchat-go/cometchat"
)

// users is what of a [cometchat.Admin] is used.
type users interface {
	CreateUser(ctx context.Context, u *cometchat.User) (*cometchat.User, error)
	GetUser(ctx context.Context, uid string) (*cometchat.User, error)
	UpdateUser(ctx context.Context, uid string, update cometchat.UserUpdate) (*cometchat.User, error)
}

// summary says how far it is.
type summary struct {
	total                               int // rows
	before                              int // of them were done in an earlier run
	created, updated, unchanged, failed int
	failures                            []failure // the first of them
}

// done is how many rows have been dealt with, by this run and those before.
func (s *summary) done() int { return s.before + s.created + s.updated + s.unchanged + s.failed }

const (
	// maxFailures is how many failures a summary lists.
	maxFailures = 10
	// firstWait and lastWait are how long a worker waits before it tries a user again, when it was not the user that was
	// refused. The wait doubles each time.
	firstWait, lastWait = time.Second, 8 * time.Second
	// giveUpAfter is after how many failures of this kind in a row there is no point in going on.
	giveUpAfter = 25
	// tick is how long there is no progress reported at the most.
	tick = time.Second
)

// syncUsers brings users into CometChat, several at the same time, except those that the state has as done. A user who
// cannot be brought in is a failure in the summary, and does not keep the others from it.
//
// It fails when it has to stop before the last user: when ctx ends, CometChat does not know the key, nothing is answered
// any more, or the state cannot be written. Then nobody is missed, and nothing has been done twice, when it is called
// again with the same state. progress is called after each user and at least each second, from one goroutine.
//
// All workers slow down together at the rate limit without any doing here: each of them meets the server's 429 with its next
// request, and the SDK waits as long as the Retry-After in it says.
func syncUsers(
	ctx context.Context, admin users, rows []row, done *state, workers int, progress func(summary),
) (summary, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	todo := slices.DeleteFunc(slices.Clone(rows), done.has)
	c := &collector{sum: summary{total: len(rows), before: len(rows) - len(todo)}, state: done}

	results := startWorkers(ctx, admin, todo, workers)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case r, ok := <-results:
			switch {
			case !ok && c.sum.done() < c.sum.total:
				return c.sum, context.Cause(ctx)
			case !ok:
				return c.sum, nil
			case r.err != nil && ctx.Err() != nil:
				continue // given up: what came of it will be seen in the next run
			}
			if err := c.take(r); err != nil {
				stop(err)
			}
		case <-ticker.C:
		}
		progress(c.sum)
	}
}

// result is what came of a row.
type result struct {
	row     row
	outcome outcome
	err     error
}

// startWorkers brings in the rows until they are all done or ctx ends, and closes the channel then. The results have to be
// read to their end.
func startWorkers(ctx context.Context, admin users, rows []row, workers int) <-chan result {
	results := make(chan result)
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(workers, len(rows)) {
		running.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(rows) {
					return
				}
				outcome, err := syncPatiently(ctx, admin, rows[i].user())
				results <- result{rows[i], outcome, err}
			}
		})
	}
	go func() {
		running.Wait()
		close(results)
	}()
	return results
}

// outcome says what was done for a user.
type outcome int

const (
	created outcome = iota
	updated
	unchanged
)

// syncPatiently is syncUser, and tries again when the network or the server failed. The SDK does that too, but not for
// long, and not for a CreateUser that may have reached the server. Here it is safe: who was created will be found.
func syncPatiently(ctx context.Context, admin users, u *cometchat.User) (outcome, error) {
	for wait := firstWait; ; wait *= 2 {
		outcome, err := syncUser(ctx, admin, u)
		if err == nil || aboutUser(err) || wait > lastWait {
			return outcome, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return outcome, err
		}
	}
}

// syncUser creates a user, or gives the one who is there what u has.
//
// It begins with CreateUser, as nearly everybody in an import is new: a new user costs one request, one who is there two,
// and three if something is to be changed. EnsureUser begins with GetUser, so that everybody new would cost two; at the
// rate limit that is twice the time. It also does not tell an update from finding everything in place.
func syncUser(ctx context.Context, admin users, u *cometchat.User) (outcome, error) {
	_, err := admin.CreateUser(ctx, u)
	if !errors.Is(err, cometchat.ErrUIDAlreadyExists) {
		return created, err
	}
	there, err := admin.GetUser(ctx, u.UID)
	if errors.Is(err, cometchat.ErrUIDNotFound) {
		return unchanged, fmt.Errorf("the user is deactivated, which is left as it is: %w", err)
	}
	if err != nil {
		return unchanged, err
	}
	update, differs := difference(there, u)
	if !differs {
		return unchanged, nil
	}
	_, err = admin.UpdateUser(ctx, u.UID, update)
	return updated, err
}

// difference says what to update of a user for it to have all that is set in want.
func difference(there, want *cometchat.User) (update cometchat.UserUpdate, differs bool) {
	text := func(to **string, there, want string) {
		if want != "" && want != there {
			*to, differs = &want, true
		}
	}
	text(&update.Name, there.Name, want.Name)
	text(&update.Avatar, there.Avatar, want.Avatar)
	text(&update.Link, there.Link, want.Link)
	text(&update.Role, there.Role, want.Role)
	if len(want.Tags) > 0 && !slices.Equal(there.Tags, want.Tags) {
		update.Tags, differs = want.Tags, true
	}
	return update, differs
}

// collector keeps the summary and the state. It belongs to one goroutine.
type collector struct {
	sum     summary
	state   *state
	trouble int // failures in a row that are not about a user
}

// take counts a result. Its error is a reason to stop.
func (c *collector) take(r result) error {
	if r.err != nil {
		return c.fail(r)
	}
	c.trouble = 0
	if err := c.state.add(r.row); err != nil {
		return err
	}
	switch r.outcome {
	case created:
		c.sum.created++
	case updated:
		c.sum.updated++
	case unchanged:
		c.sum.unchanged++
	}
	return nil
}

// fail counts a failure, unless it is as much everybody's as this user's.
func (c *collector) fail(r result) error {
	if hopeless(r.err) {
		return r.err
	}
	c.sum.failed++
	if len(c.sum.failures) < maxFailures {
		c.sum.failures = append(c.sum.failures, failure{r.row.line, r.row.uid, r.err})
	}
	if aboutUser(r.err) {
		c.trouble = 0
		return nil
	}
	if c.trouble++; c.trouble == giveUpAfter {
		return fmt.Errorf("%d users in a row failed, the last one with: %w", giveUpAfter, r.err)
	}
	return nil
}

// hopeless reports whether every other user would fail in the same way.
func hopeless(err error) bool {
	for _, kind := range []error{
		cometchat.ErrAPIKeyNotFound, cometchat.ErrNoAccess, cometchat.ErrInvalidAppID, cometchat.ErrClosed,
	} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// aboutUser reports whether it is the user that was refused, by the SDK before any request or by the server, and not the
// network or the server that failed.
func aboutUser(err error) bool {
	e, ok := errors.AsType[*cometchat.Error](err)
	if !ok || errors.Is(err, cometchat.ErrTooManyRequests) {
		return false
	}
	return e.Attempts == 0 || e.StatusCode >= 400 && e.StatusCode < 500
}
