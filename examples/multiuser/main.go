// Command multiuser serves 1,000 users in one process with one Pool, like a gateway or a host of bots. Each user has a
// client, and all clients share the connections, the limits and the session store. The program logs every user in, forgets
// the clients and finds every user logged in again, replaces revoked tokens, and prints the time and the memory that it used.
//
// It talks to an emulator of CometChat inside the process: you need no account and no network. -users sets the number of
// users.
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

const usage = `usage: multiuser [-users 1000]

multiuser serves many users in one process with one Pool: it logs every user in, forgets the clients and finds every user
logged in again, replaces revoked tokens, and prints the time and the memory that it used.

It talks to an emulator of CometChat inside the process: you need no account and no network.

`

func main() {
	users := flag.Int("users", 1000, "the number of users")
	flag.Usage = func() {
		_, _ = fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	switch {
	case flag.NArg() > 0:
		fmt.Fprintf(os.Stderr, "multiuser: unexpected argument %q; -h prints the help\n", flag.Arg(0))
		os.Exit(2)
	case *users < 1:
		fmt.Fprintln(os.Stderr, "multiuser: -users must be at least 1")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Stdout, *users); err != nil {
		fmt.Fprintln(os.Stderr, "\nFailed:", err)
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

	// The key of a client is its uid here. A real token provider asks your own server, which runs a TokenHandler.
	var provided atomic.Int64
	freshToken := func(_ context.Context, uid string) (string, error) {
		provided.Add(1)
		return server.CreateAuthToken(uid), nil
	}
	pool, err := cometchat.NewPool(server.AppID, append(server.Options(),
		cometchat.WithPoolTokenProvider(freshToken),
		cometchat.WithMaxConns(16),
		cometchat.WithRequestRate(5000, time.Second),
	)...)
	if err != nil {
		return err
	}
	defer pool.Close()

	say("\n1. Every user logs in: 32 logins at a time, over at most 16 connections.")
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
	say("   %.1f KB of heap for each user, including the session and the emulator's data.", perUser(loggedIn-before, users))

	say("\n2. The same key gives the same client.")
	first, again := pool.Client(uids[0]), pool.Client(uids[0])
	say("   %v", first == again)

	say("\n3. Every user leaves, and comes back: Forget closes the client, but the session stays in the store.")
	for _, uid := range uids {
		pool.Forget(uid)
	}
	say("   Forgetting frees %.1f KB of heap for each user.", perUser(loggedIn-inUse(), users))
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
	say("   All %d users are logged in again, after %d requests.", users, len(server.Requests())-requests)
	_, err = first.GetLoggedinUser(ctx)
	say("   A call on a forgotten client fails: %v", err)

	say("\n4. An admin revokes the tokens of a tenth of the users. Their next calls get fresh tokens.")
	some := uids[:max(1, users/10)]
	for _, uid := range some {
		server.RevokeTokens(uid)
	}
	err = forEach(slices.Concat(some, some), func(uid string) error { // two calls for each user
		_, err := pool.Client(uid).GetUser(ctx, "cometchat-uid-1")
		return err
	})
	if err != nil {
		return err
	}
	say("   %d calls succeeded; the token provider made %d tokens.", 2*len(some), provided.Load())

	say("\n5. Closing the pool closes every client.")
	first = pool.Client(uids[0])
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

// forEach calls do for each uid, 32 at a time, and returns the errors.
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

// inUse returns the size of the heap in use, in bytes.
func inUse() float64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

func perUser(bytes float64, users int) float64 { return bytes / 1024 / float64(users) }
