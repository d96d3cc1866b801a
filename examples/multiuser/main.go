// Command multiuser has 1,000 users in one process, as a gateway or a host of bots does, with one Pool: each has a client of
// its own, and all share connections, limits and store. It logs them all in, lets go of the idle ones and finds them logged
// in again, has tokens revoked and replaced under way, and prints what it took.
//
// CometChat is an emulator inside the process: no account and no network is needed. -users says how many there are.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// idle is how soon the pool lets go of a client; in a real program it is minutes.
const idle = 500 * time.Millisecond

func main() {
	users := flag.Int("users", 1000, "how many users there are")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *users); err != nil {
		fmt.Fprintln(os.Stderr, "\nThat did not work:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, users int) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	server := cometchattest.NewServer()
	defer server.Close()
	uids := make([]string, users)
	for i := range uids {
		uids[i] = fmt.Sprintf("user-%04d", i)
		server.AddUser(&cometchat.User{UID: uids[i], Name: fmt.Sprint("User ", i)})
	}
	say("The emulator at %s has %d users.", server.URL, users)

	// What your server's TokenHandler is elsewhere. The key of a client is its uid here.
	var provided atomic.Int64
	freshToken := func(_ context.Context, uid string) (string, error) {
		provided.Add(1)
		return server.CreateAuthToken(uid), nil
	}
	pool, err := cometchat.NewPool(server.AppID, append(server.Options(),
		cometchat.WithPoolTokenProvider(freshToken),
		cometchat.WithIdleTimeout(idle),
		cometchat.WithMaxConns(16),
		cometchat.WithRequestRate(5000, time.Second),
	)...)
	if err != nil {
		return err
	}
	defer pool.Close()

	say("\n1. Everybody logs in, 32 at a time, over at most 16 connections.")
	before, start := inUse(), time.Now()
	err = forEach(uids, func(uid string) error {
		_, err := pool.Client(uid).LoginWithToken(ctx, server.CreateAuthToken(uid))
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	say("   %d logins in %v, %.0f a second; %d goroutines in the process.",
		users, took.Round(time.Millisecond), float64(users)/took.Seconds(), runtime.NumGoroutine())
	loggedIn := inUse()
	say("   %.1f KB of heap a user, with the session and what the emulator keeps.", perUser(loggedIn-before, users))

	say("\n2. The same key is the same client.")
	first, again := pool.Client(uids[0]), pool.Client(uids[0])
	say("   %v", first == again)

	say("\n3. Nobody does anything for a while, and the pool lets go of the clients, not of their sessions.")
	time.Sleep(3 * idle)
	say("   %.1f KB of heap a user are free.", perUser(loggedIn-inUse(), users))
	requests := len(server.Requests())
	err = forEach(uids, func(uid string) error {
		u, err := pool.Client(uid).GetLoggedinUser(ctx)
		if err == nil && (u == nil || u.UID != uid) {
			err = errors.New(uid + " should be logged in")
		}
		return err
	})
	if err != nil {
		return err
	}
	say("   All %d are logged in, as before; it took %d requests.", users, len(server.Requests())-requests)
	say("   Whoever still holds a client has the one of its key: %v", pool.Client(uids[0]) == first)

	say("\n4. A tenth of them have their tokens revoked, and go on with fresh ones.")
	some := uids[:max(1, users/10)]
	for _, uid := range some {
		server.RevokeTokens(uid)
	}
	err = forEach(slices.Concat(some, some), func(uid string) error { // two calls of each
		_, err := pool.Client(uid).GetUser(ctx, "cometchat-uid-1")
		return err
	})
	if err != nil {
		return err
	}
	say("   %d calls worked; the token provider was asked %d times.", 2*len(some), provided.Load())

	say("\n5. The pool is closed, and with it every client.")
	if err := pool.Close(); err != nil {
		return err
	}
	_, err = first.GetLoggedinUser(ctx)
	say("   %v", err)
	if !errors.Is(err, cometchat.ErrClosed) {
		return errors.New("the client should be closed")
	}
	return nil
}

// forEach calls do for each uid, 32 at a time, and returns what went wrong.
func forEach(uids []string, do func(uid string) error) error {
	queue, errs := make(chan string), make([]error, 32)
	var wg sync.WaitGroup
	for worker := range errs {
		wg.Go(func() {
			for uid := range queue {
				errs[worker] = errors.Join(errs[worker], do(uid))
			}
		})
	}
	for _, uid := range uids {
		queue <- uid
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

// inUse returns how many bytes of the heap are in use.
func inUse() float64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func perUser(bytes float64, users int) float64 { return bytes / 1024 / float64(users) }
