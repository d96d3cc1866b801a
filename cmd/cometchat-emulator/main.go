// Command cometchat-emulator is an emulator of CometChat for everything that is not a Go test (for that there is package
// cometchattest, which it serves): an app to develop, demonstrate and test against without an account or a network.
//
//	cometchat-emulator [-addr 127.0.0.1:8443] [-tls [-ca FILE]] [-seed FILE] [-data FILE] [flags]
//
// It prints where it listens, its keys, and what to paste into a Go or JavaScript program, and logs a line for each
// request. The official JavaScript SDK needs -tls, with a certificate authority that is made at each start and whose
// certificate is written to the file of -ca, for the client to trust.
//
// The file of -seed says which users, roles and auth tokens there are, in the place of the usual five users:
//
//	{
//	  "roles": ["moderator"],
//	  "users": [
//	    {"uid": "ada", "name": "Ada", "role": "moderator", "friends": ["bob"]},
//	    {"uid": "bob", "name": "Bob", "tags": ["new"], "metadata": {"team": "x"}}
//	  ],
//	  "tokens": [{"uid": "ada", "authToken": "ada_token"}]
//	}
//
// The file of -data has the same form. What the emulator knows is kept there, every few seconds and at the end, and is
// there again at the next start; -seed counts only for the first.
//
// SIGINT and SIGTERM end it: requests are answered to their end, and live connections are closed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	switch err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2) // it has been said
	case err != nil:
		fmt.Fprintln(os.Stderr, "cometchat-emulator:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	addr, appID, region, authKey, apiKey string
	tls                                  bool
	ca, seed, data, record               string
	limit                                rateLimit
	latency                              time.Duration
}

var errUsage = errors.New("the command line cannot be used")

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("cometchat-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&set.addr, "addr", "127.0.0.1:8443", "`address` to listen on; port 0 picks a free one")
	flags.StringVar(&set.appID, "app-id", "emulator-app", "the `id` of the app")
	flags.StringVar(&set.region, "region", "us", "the `region` of the app")
	flags.StringVar(&set.authKey, "auth-key", "", "the auth `key`, for clients during development (default random)")
	flags.StringVar(&set.apiKey, "api-key", "", "the REST API `key`, for servers (default random)")
	flags.BoolVar(&set.tls, "tls", false, "serve https and wss, with a certificate authority of its own")
	flags.StringVar(&set.ca, "ca", "cometchat-emulator-ca.pem", "with -tls: `file` to write the authority's certificate to")
	flags.StringVar(&set.seed, "seed", "", "`file` of users, roles and auth tokens to begin with, in JSON")
	flags.StringVar(&set.data, "data", "", "`file` to keep users, roles and auth tokens in")
	flags.Var(&set.limit, "rate-limit", "`requests/period` to allow, as in 500/1m (default no limit)")
	flags.DurationVar(&set.latency, "latency", 0, "`duration` to wait before each answer, as in 80ms")
	flags.StringVar(&set.record, "record", "", "`file` to write each request, answer and frame to, a line of JSON each")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return set, err
	case err != nil:
		return set, errUsage // the flag package has said it
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "%q is not a flag\n", flags.Arg(0))
		flags.Usage()
		return set, errUsage
	case set.appID == "" || set.region == "":
		_, _ = fmt.Fprintln(stderr, "-app-id and -region may not be empty")
		return set, errUsage
	case set.authKey != "" && set.authKey == set.apiKey:
		_, _ = fmt.Fprintln(stderr, "-auth-key and -api-key have to differ: they allow different things")
		return set, errUsage
	case set.latency < 0:
		_, _ = fmt.Fprintln(stderr, "-latency may not be negative")
		return set, errUsage
	}
	return set, nil
}

// rateLimit is a flag.
type rateLimit struct {
	requests int
	per      time.Duration
}

func (l *rateLimit) String() string {
	if l.requests == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%v", l.requests, l.per)
}

// Set reads "500/1m", or "500/m".
func (l *rateLimit) Set(text string) error {
	requests, period, ok := strings.Cut(text, "/")
	if ok && period != "" && !strings.ContainsAny(period[:1], "0123456789.") {
		period = "1" + period
	}
	n, err := strconv.Atoi(requests)
	per, perErr := time.ParseDuration(period)
	if !ok || err != nil || perErr != nil || n <= 0 || per <= 0 {
		return errors.New("it has to be a number and a period, as in 500/1m")
	}
	l.requests, l.per = n, per
	return nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	set, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	out, err := newOutput(stderr, set.record)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.close()) }()
	options := []cometchattest.Option{
		cometchattest.WithAppID(set.appID), cometchattest.WithRegion(set.region),
		cometchattest.WithKeys(set.authKey, set.apiKey), cometchattest.WithObserver(out.happened),
	}
	if set.limit.requests > 0 {
		options = append(options, cometchattest.WithRateLimit(set.limit.requests, set.limit.per))
	}
	emulator := cometchattest.New(options...)
	defer emulator.Close()
	if set.latency > 0 {
		emulator.InjectFault(cometchattest.Fault{Delay: set.latency})
	}
	keeper, err := newKeeper(emulator, set.seed, set.data)
	if err != nil {
		return err
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", set.addr)
	if err != nil {
		return err
	}
	scheme := "http"
	if set.tls {
		scheme = "https"
		if listener, err = secure(listener, set.ca); err != nil {
			return err
		}
	}
	emulator.URL = scheme + "://" + visible(listener.Addr())
	introduce(stdout, emulator, set)
	return errors.Join(serve(ctx, listener, emulator, keeper, out), keeper.save())
}
