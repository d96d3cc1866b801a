// Command cometchat-emulator serves an emulator of CometChat: an app for development, demonstrations and tests, without an
// account or a network. A Go test uses package cometchattest instead, which this program serves.
//
//	cometchat-emulator [-addr 127.0.0.1:8443] [-tls [-ca FILE]] [-seed FILE] [-data FILE] [flags]
//
// It prints its URLs, its keys, and code for a Go and a JavaScript program, and then logs a line for each request. The
// official JavaScript SDK needs -tls. With it, each start makes a new certificate authority and writes the authority's
// certificate to the file of -ca, for the client to trust.
//
// The file of -seed lists the users, roles and auth tokens of the app, instead of the default five users:
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
// The file of -data has the same form. The emulator saves its state there every few seconds and at the end, and reads it at
// the next start. The emulator reads -seed only if the file of -data does not exist yet.
//
// SIGINT and SIGTERM end the program, after it has answered the current requests and closed the live connections.
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
		os.Exit(2) // parseFlags has printed the error
	case err != nil:
		fmt.Fprintln(os.Stderr, "cometchat-emulator:", err)
		os.Exit(1)
	}
}

// settings are the values of the flags.
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
	flags.BoolVar(&set.tls, "tls", false, "serve https and wss, with a new certificate authority")
	flags.StringVar(&set.ca, "ca", "cometchat-emulator-ca.pem", "with -tls: `file` for the certificate of the authority")
	flags.StringVar(&set.seed, "seed", "", "JSON `file` with the users, roles and auth tokens to begin with")
	flags.StringVar(&set.data, "data", "", "JSON `file` that keeps users, roles and auth tokens across restarts")
	flags.Var(&set.limit, "rate-limit", "`requests/period` to allow, such as 500/1m (default no limit)")
	flags.DurationVar(&set.latency, "latency", 0, "`duration` to wait before each answer, such as 80ms")
	flags.StringVar(&set.record, "record", "", "`file` for a recording: a line of JSON for each request with its answer, and for each frame")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return set, err
	case err != nil:
		return set, errUsage // Parse has printed the error
	case flags.NArg() > 0:
		_, _ = fmt.Fprintf(stderr, "%q is not a flag\n", flags.Arg(0))
		flags.Usage()
		return set, errUsage
	case set.appID == "" || set.region == "":
		_, _ = fmt.Fprintln(stderr, "-app-id and -region may not be empty")
		return set, errUsage
	case set.authKey != "" && set.authKey == set.apiKey:
		_, _ = fmt.Fprintln(stderr, "-auth-key and -api-key have to differ, as they give different rights")
		return set, errUsage
	case set.latency < 0:
		_, _ = fmt.Fprintln(stderr, "-latency may not be negative")
		return set, errUsage
	}
	return set, nil
}

// rateLimit is the value of -rate-limit.
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
		return errors.New("want a number of requests and a period, such as 500/1m")
	}
	l.requests, l.per = n, per
	return nil
}

// run runs the program until ctx ends.
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
		cometchattest.WithKeys(set.authKey, set.apiKey), cometchattest.WithObserver(out.observe),
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
