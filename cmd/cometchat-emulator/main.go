// Command cometchat-emulator serves an emulator of CometChat: an app for development, demonstrations and tests, without an
// account or a network. A Go test uses package cometchattest instead, which this program serves.
//
//	cometchat-emulator [-addr 127.0.0.1:8443] [-tls] [-host NAMES] [-seed FILE | -data FILE] [flags]
//	cometchat-emulator -env [the same flags]
//	cometchat-emulator -check ADDRESS|URL
//
// It prints its URLs, its keys, and code for a Go and a JavaScript program, and then logs a line for each request. The keys are
// the same at each start: everybody knows them, so only a program for development may use them.
//
// The official JavaScript SDK needs -tls. The certificate is from an authority that is made once and kept: beside the file of
// -data, or else in the user's configuration directory. -host names the machine for clients on other machines.
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
// The file of -data has the same form, and the keys too. The emulator saves its state there within a second after a change, and
// reads it at the next start.
//
// -webhook sends the events of the app to a URL, with the username and the password in the environment variables WEBHOOK_USERNAME and
// WEBHOOK_PASSWORD, if they are set.
//
// -env prints the environment variables with which a client finds the emulator; it needs -data and -seed too, which may have keys.
// -check ends with 0 if the emulator is ready,
// for the health check of a container.
//
// SIGINT and SIGTERM end the program, after it has answered the current requests and closed the live connections.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat"
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

// run does what the command line asks for, and returns when ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set, err := parseFlags(args, stderr)
	switch {
	case err != nil:
		return err
	case set.version:
		info, _ := debug.ReadBuildInfo() // nil without modules
		_, err := fmt.Fprintf(stdout, "cometchat-emulator %s\n%v", cometchat.Version, info)
		return err
	case set.check != "":
		return check(ctx, set.check)
	case set.env:
		return printEnv(stdout, set)
	}
	return emulate(ctx, set, stdout, stderr)
}

// emulate serves the emulator until ctx ends.
func emulate(ctx context.Context, set settings, stdout, stderr io.Writer) (err error) {
	out := newLogger(stderr, set.logForm, set.verbose)
	record, err := newRecording(set.record)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.close()) }()
	emulator := set.newEmulator(cometchattest.WithObserver(func(e cometchattest.Event) {
		out.observe(e)
		if e.Kind != "webhook" { // a recording has what clients send and get
			record.observe(e)
		}
	}))
	defer emulator.Close()
	replaced := replacedKeys(set)
	keeper, err := newKeeper(emulator, set.seed, set.data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keeper.close()) }()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", set.addr)
	if err != nil {
		return fmt.Errorf("%w; -addr picks another address", err)
	}
	here, scheme, trust := visible(listener.Addr()), "http", ""
	if set.tls {
		id, news, err := identify(set)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		if news != "" {
			out.say(slog.LevelWarn, news)
		}
		listener, scheme, trust = id.secure(listener), "https", id.trust
	}
	emulator.URL = scheme + "://" + set.hosts.at(here)
	if isPublic(listener.Addr()) && (emulator.AuthKey == developmentAuthKey || emulator.APIKey == developmentAPIKey) {
		out.say(slog.LevelWarn, "whoever reaches "+listener.Addr().String()+
			" may do everything, because everybody knows the default keys: -auth-key and -api-key set others")
	}
	if len(replaced) > 0 {
		out.say(slog.LevelWarn, strings.Join(replaced, " and ")+" replaced what "+set.data+" kept: programs with the earlier key are refused")
	}
	introduce(stdout, emulator, introduction{here: here, tls: set.tls, trust: trust, insecure: !set.tls && len(set.hosts) > 0})
	return errors.Join(serve(ctx, listener, emulator, keeper, out), keeper.save())
}

// isPublic says whether other machines may reach addr.
func isPublic(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// newEmulator returns the emulator that the flags describe, without its data.
func (s settings) newEmulator(more ...cometchattest.Option) *cometchattest.Server {
	options := append([]cometchattest.Option{
		cometchattest.WithAppID(s.appID), cometchattest.WithRegion(s.region), cometchattest.WithKeys(s.authKey, s.apiKey),
		cometchattest.WithKeptMessages(s.keep),
	}, more...)
	if s.limit.requests > 0 {
		options = append(options, cometchattest.WithRateLimit(s.limit.requests, s.limit.per))
	}
	if s.webhook != "" {
		options = append(options, cometchattest.WithWebhook(cometchattest.Webhook{
			URL: s.webhook, Username: s.webhookUser, Password: s.webhookPassword,
		}))
	}
	emulator := cometchattest.New(options...)
	// Not an option: Load leaves the keys alone that WithKeys has set.
	if s.authKey == "" {
		emulator.AuthKey = developmentAuthKey
	}
	if s.apiKey == "" {
		emulator.APIKey = developmentAPIKey
	}
	if s.latency > 0 {
		emulator.InjectFault(cometchattest.Fault{Delay: time.Duration(s.latency)})
	}
	return emulator
}
