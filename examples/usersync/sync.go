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

// users has the methods of [cometchat.Admin] that an import uses.
type users interface {
	CreateUser(ctx context.Context, u *cometchat.User) (*cometchat.User, error)
	GetUser(ctx context.Context, uid string) (*cometchat.User, error)
	UpdateUser(ctx context.Context, uid string, update cometchat.UserUpdate) (*cometchat.User, error)
}

// summary is the progress of an import.
type summary struct {
	unit                                string // "groups"; empty means users
	members                             int    // of groups, that were added, removed, or got another scope
	total                               int    // rows, or groups
	before                              int    // rows that an earlier run imported
	created, updated, unchanged, failed int
	failures                            []failure // at most maxFailures
}

// done returns the number of finished rows, including the rows of earlier runs.
func (s *summary) done() int { return s.before + s.created + s.updated + s.unchanged + s.failed }

const (
	// maxFailures is the number of failures that a summary lists.
	maxFailures = 10
	// firstWait and lastWait are the times that a worker waits before it tries a user again after a failure of the network
	// or the server. The wait doubles each time.
	firstWait, lastWait = time.Second, 8 * time.Second
	// giveUpAfter is the number of users in a row with such a failure that ends the import.
	giveUpAfter = 25
	// tick is the longest time between two calls of progress.
	tick = time.Second
)

// syncUsers imports the rows that the state does not list, several at a time. If a user fails, the summary lists the failure
// and the other users are imported all the same.
//
// It returns an error if it stops before the last user: when ctx ends, CometChat does not know the key, too many users in a
// row fail, or the state file cannot be written. Call it again with the same state to import the rest. It calls progress
// after each user and at least once a second, always from the same goroutine.
//
// The workers need no code for the rate limit: at the limit, the server answers each of them with 429, and the SDK waits for
// the time in Retry-After.
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
				continue // interrupted: the next run finds out whether CometChat has the user
			}
			if err := c.take(r); err != nil {
				stop(err)
			}
		case <-ticker.C:
		}
		progress(c.sum)
	}
}

// result is the result of importing a row.
type result struct {
	row     row
	outcome outcome
	err     error
}

// startWorkers imports the rows until all are done or ctx ends, and then closes the channel. The caller must read the
// channel until it is closed.
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

// outcome is the change that an import made to a user.
type outcome int

const (
	created outcome = iota
	updated
	unchanged
)

// syncPatiently calls syncUser and tries again after a failure of the network or the server. The SDK also retries, but for a
// shorter time, and never a CreateUser that may have reached the server. Here repeating is safe: if CometChat has created
// the user, syncUser finds it.
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

// syncUser creates the user u, or updates the existing user with this uid.
//
// It begins with CreateUser because most users of an import are new: a new user costs one request, an existing user two, and
// an update three. Admin.EnsureUser begins with GetUser, so a new user costs two requests, and an import at the rate limit
// takes twice as long. EnsureUser also does not say whether it changed the user.
func syncUser(ctx context.Context, admin users, u *cometchat.User) (outcome, error) {
	_, err := admin.CreateUser(ctx, u)
	if !errors.Is(err, cometchat.ErrUIDAlreadyExists) {
		return created, err
	}
	there, err := admin.GetUser(ctx, u.UID)
	if errors.Is(err, cometchat.ErrUIDNotFound) {
		return unchanged, fmt.Errorf("the user is deactivated, and usersync does not reactivate it: %w", err)
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

// difference returns the update that gives a user every field that is set in want, and whether any field differs.
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

// collector updates the summary and the state. Only one goroutine may use it.
type collector struct {
	sum     summary
	state   *state
	trouble int // users in a row that failed because of the network or the server
}

// take counts a result. It returns an error if the import must stop.
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

// fail counts a failed user. It returns an error if the import must stop.
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

// hopeless reports whether every other user would fail with the same error.
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

// aboutUser reports whether the SDK or the server refused this user. Otherwise the network or the server failed.
func aboutUser(err error) bool {
	e, ok := errors.AsType[*cometchat.Error](err)
	if !ok || errors.Is(err, cometchat.ErrTooManyRequests) {
		return false
	}
	return e.Attempts == 0 || e.StatusCode >= 400 && e.StatusCode < 500
}
