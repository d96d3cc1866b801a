// Command usersync brings the users of a CSV file into CometChat, with the server's half of the SDK: many at a time, no
// faster than the app's rate limit, and so that it may be stopped and run again.
//
//	usersync -csv users.csv [-state users.csv.state] [-workers 16]
//
// The first line of the file names its columns: uid and name, and if you like avatar, link, role and tags (separated by
// ";"). A user who is not in CometChat is created. One who is there already gets what the file says; what is empty in the
// file is left as it is. Nobody is removed.
//
// A line that cannot be used, or a user whom CometChat refuses, is reported with its line number and left out; the others
// are brought in, and the program ends with status 1. Correct the file and run it again: only what is new in the file is
// done then. That is also how to go on after Ctrl-C, a crash, or a network that was away. What is done is kept in the
// state file; delete it to have every user looked at again.
//
// The app is named by COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY (a REST API key, which belongs on a server).
// Without them it shows what it does with an emulator of CometChat inside the process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program as it usually does
	if err := run(ctx, os.Args[1:], newScreen(os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, "\nusersync:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	csv, state string
	workers    int
}

// maxWorkers is how many connections the SDK keeps open between requests.
const maxWorkers = 256

// app is what a server has to know of a CometChat app.
type app struct {
	id, region, apiKey string
	options            []cometchat.Option
}

func run(ctx context.Context, args []string, on screen) error {
	set, err := parseFlags(args, on)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	a := app{
		id: os.Getenv("COMETCHAT_APP_ID"), region: os.Getenv("COMETCHAT_REGION"), apiKey: os.Getenv("COMETCHAT_API_KEY"),
	}
	switch {
	case a.id == "" && a.region == "" && a.apiKey == "":
		return demonstrate(ctx, set, on)
	case a.id == "" || a.region == "" || a.apiKey == "":
		return errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or none")
	case set.csv == "":
		return errors.New("which users? Name the file with -csv")
	}
	a.options = []cometchat.Option{cometchat.WithRegion(a.region)}
	if set.state == "" {
		set.state = set.csv + ".state"
	}
	on.say("Talking to CometChat: app %s, region %s. What is done is kept in %s.\n", a.id, a.region, set.state)
	err = syncFile(ctx, a, set, on)
	if errors.Is(err, errInterrupted) {
		return fmt.Errorf("%w; the same command goes on from here", err)
	}
	return err
}

func parseFlags(args []string, on screen) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("usersync", flag.ContinueOnError)
	flags.SetOutput(on.out)
	flags.StringVar(&set.csv, "csv", "", "the `file` of users, with the columns uid,name,avatar,link,role,tags (tags separated by ;)")
	flags.StringVar(&set.state, "state", "", "the `file` that keeps what is done (default: that of the users with .state at its end)")
	flags.IntVar(&set.workers, "workers", 16, "how many users are brought in at the same time")
	if err := flags.Parse(args); err != nil {
		return set, err
	}
	switch {
	case flags.NArg() > 0:
		return set, fmt.Errorf("%q is not a flag; name the file of users with -csv", flags.Arg(0))
	case set.workers < 1 || set.workers > maxWorkers:
		return set, fmt.Errorf("-workers has to be from 1 to %d", maxWorkers)
	}
	return set, nil
}

var errInterrupted = errors.New("interrupted")

// syncFile brings the users of a file into an app, and says on the screen how it goes. It fails when anybody was left out.
func syncFile(ctx context.Context, a app, set settings, on screen) (err error) {
	rows, bad, err := openRows(set.csv)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		on.say("%d of the lines of %s cannot be used and are left out:\n", len(bad), set.csv)
		on.list(bad, len(bad))
	}
	done, err := openState(set.state, a.id+" in "+a.region)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done.close()) }()
	admin, err := newAdmin(a)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }() // its error is always nil

	show := newProgress(on, admin.RateLimit)
	sum, err := syncUsers(ctx, admin, rows, done, set.workers, show.update)
	show.end(sum)
	switch left := sum.failed + len(bad); {
	case ctx.Err() != nil && err != nil:
		return errInterrupted
	case err != nil:
		return fmt.Errorf("stopped: %w; once that is mended, the same command goes on from here", err)
	case left > 0:
		return fmt.Errorf("%d of %d users were left out; the same command tries them again", left, len(rows)+len(bad))
	}
	return nil
}

// newAdmin makes an Admin that waits for the rate limit as long as it takes. The limit counts by the minute, so that the
// server may well ask to wait for one; the usual timeout of a call, 30 seconds with all its attempts, would not allow it.
func newAdmin(a app) (*cometchat.Admin, error) {
	return cometchat.NewAdmin(a.id, a.apiKey, append(slices.Clone(a.options),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 10}), cometchat.WithTimeout(15*time.Minute))...)
}
