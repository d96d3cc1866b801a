// Command gateway serves 500 users in one process, as a bridge between CometChat and another network does. It has no login
// code: a Pool whose clients get their auth tokens from your backend, and EnsureLoggedIn before each call of a user.
//
//	go -C examples/gateway run .
//	go -C examples/gateway run . -redis localhost:6379
//
// It is a module of its own, because of the Redis client. The backend and an emulator of CometChat run inside the program: you
// need no account and no network. -redis, or the environment variable COMETCHAT_REDIS, names a Redis that keeps the sessions.
// The second run on the same Redis logs nobody in.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
)

const usage = `usage: gateway [-users 500] [-redis localhost:6379]

gateway serves many users in one process. Its clients fetch their auth tokens from a backend, and it has no login code.

It talks to an emulator of CometChat inside the process: you need no account and no network. With -redis, or with
COMETCHAT_REDIS in the environment, the sessions are in Redis, and the second run logs nobody in.

`

func main() {
	if err := command(context.Background(), os.Args[1:], os.Getenv("COMETCHAT_REDIS"), os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		if errors.Is(err, errUsage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

var errUsage = errors.New("-h prints the help")

// command runs the program with its arguments. redisURL is the default of -redis.
func command(ctx context.Context, args []string, redisURL string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	users := flags.Int("users", 500, "the number of users")
	flags.StringVar(&redisURL, "redis", redisURL, "keep the sessions in the Redis at this `address`, or redis:// or unix:// URL (default: in memory)")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, _ = fmt.Fprint(stderr, usage)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
		return nil
	case err != nil:
		return fmt.Errorf("%w; %w", err, errUsage)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q; %w", flags.Arg(0), errUsage)
	case *users < 2:
		return fmt.Errorf("-users must be at least 2; %w", errUsage)
	}
	w, err := newWorld(ctx, *users, redisURL)
	if err != nil {
		return err
	}
	defer w.close()
	if err := run(ctx, w, stdout); err != nil {
		return err
	}
	return w.save(ctx)
}

// gatewaySecret is how the backend knows the gateway. A real one is a secret of your deployment.
const gatewaySecret = "the-secret-of-this-gateway"

// newPool is all that the gateway needs to log its users in.
func newPool(w *world) (*cometchat.Pool, error) {
	provider, err := cometchat.TokenProviderFromURL(w.tokenURL, nil, cometchat.WithTokenRequest(func(r *http.Request) error {
		uid, _ := r.Context().Value(uidKey{}).(string)
		r.Header.Set("Authorization", "Bearer "+gatewaySecret)
		r.Header.Set("X-User", uid)
		return nil
	}))
	if err != nil {
		return nil, err
	}
	return cometchat.NewPool(w.emulator.AppID, append(w.emulator.Options(),
		cometchat.WithSessionStore(w.store),
		cometchat.WithKeyAsUID(),
		cometchat.WithPoolTokenProvider(func(ctx context.Context, uid string) (string, error) {
			return provider(context.WithValue(ctx, uidKey{}, uid))
		}),
		cometchat.WithMaxConns(32),
		cometchat.WithRequestRate(500, time.Second),
	)...)
}

// uidKey is the key of a context's uid.
type uidKey struct{}

// serve does what one user asks of the gateway. This is the only code for a user: there is no login.
func serve(ctx context.Context, pool *cometchat.Pool, uid, friend string) error {
	client := pool.Client(uid)
	if _, err := client.EnsureLoggedIn(ctx); err != nil {
		return err
	}
	_, err := client.GetUser(ctx, friend)
	return err
}

func run(ctx context.Context, w *world, out io.Writer) error {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	pool, err := newPool(w)
	if err != nil {
		return err
	}
	defer pool.Close()
	say("The backend at %s knows %d users. The gateway keeps their sessions in %s.", w.tokenURL, len(w.uids), w.storeName)

	everybody := func() error {
		errs := make([]error, len(w.uids))
		var wg sync.WaitGroup
		for i, uid := range w.uids {
			wg.Go(func() { errs[i] = serve(ctx, pool, uid, w.uids[(i+1)%len(w.uids)]) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	say("\n1. Every user asks for something at once. Requests go out at 500 a second at most, over 32 connections.")
	start := time.Now()
	if err := everybody(); err != nil {
		return err
	}
	tokens, logins := w.seen()
	say("   %d calls took %v. The backend made %d tokens for %d logins.",
		len(w.uids), time.Since(start).Round(time.Millisecond), tokens, logins)
	if already := len(w.uids) - logins; already > 0 {
		say("   %d users were logged in already: an earlier run has left their sessions in Redis.", already)
	}

	say("\n2. Every user asks again.")
	if err := everybody(); err != nil {
		return err
	}
	tokensNow, loginsNow := w.seen()
	say("   The backend made %d tokens for %d logins: everybody was logged in.", tokensNow-tokens, loginsNow-logins)
	if tokensNow != tokens || loginsNow != logins {
		return errors.New("nobody should have had to log in")
	}

	ada, bob := w.uids[0], w.uids[1]
	say("\n3. An admin revokes the tokens of %s. The next call gets a fresh token by itself.", ada)
	w.emulator.RevokeTokens(ada)
	if err := serve(ctx, pool, ada, bob); err != nil {
		return err
	}
	tokensNow, loginsNow = w.seen()
	say("   The call succeeded. The backend made %d token for %d login.", tokensNow-tokens, loginsNow-logins)

	say("\n4. Somebody mixes users up, and gives the client of %s a token of %s.", ada, bob)
	_, err = pool.Client(ada).LoginWithToken(ctx, w.emulator.CreateAuthToken(bob))
	say("   %v", err)
	if !errors.Is(err, cometchat.ErrOtherUser) {
		return errors.New("the login should have been refused")
	}
	if user, err := pool.Client(ada).GetLoggedinUser(ctx); err != nil || user == nil || user.UID != ada {
		return fmt.Errorf("%s should still be logged in: %w", ada, err)
	}
	return nil
}
