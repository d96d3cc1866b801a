// Command usersync imports the users of a CSV file into CometChat, with the SDK's Admin. It imports many users at a time, keeps
// to the app's rate limit, and can be stopped and run again.
//
//	usersync -csv users.csv [-state users.csv.state] [-members members.csv] [-workers 16]
//
// The first line of the file names its columns: uid, name, and optionally avatar, link, role and tags (separated by ";").
// The program creates each user that CometChat does not have. If CometChat has the user, the program updates it; an empty
// field of the file changes nothing. The program removes no user.
//
// A second file, of -members, has a line for each member of a group: guid, name (of the group), uid, and optionally scope (admin,
// moderator, or participant, which is the default) and type (of the group; private by default). After the users, the program creates
// each group that CometChat does not have, and makes its members those of the file: it adds users, changes scopes, and removes everybody
// else but the owner.
//
// If a line is unusable, or CometChat refuses a user, the program reports the line number, imports the other users, and ends
// with status 1. Correct the file and run the program again: it imports only the lines that are new or changed. Also run it
// again after Ctrl-C, a crash or a network failure. The state file lists the imported users; delete it to check every user
// again.
//
// Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY (a REST API key, which belongs on a server) to name the app.
// Without them, the program demonstrates an import into an emulator of CometChat inside the process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, os.Args[1:], newScreen(os.Stdout))
	if wrong, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintln(os.Stderr, "usersync:", wrong)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nusersync:", err)
		os.Exit(1)
	}
}

const usage = `usage: usersync -csv FILE [-state FILE] [-members FILE] [-workers 16]

usersync imports the users of a CSV file into CometChat. It keeps to the app's rate limit, and can be stopped and run again.

Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY to name the app. Without them, usersync demonstrates an import
into an emulator of CometChat inside the process.

`

// usageError is a mistake on the command line.
type usageError struct{ error }

// settings are the values of the command line's flags.
type settings struct {
	csv, state, members string
	workers             int
}

// maxWorkers is the number of connections that the SDK keeps open between requests.
const maxWorkers = 256

// app is a CometChat app.
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
		return usageError{fmt.Errorf("%w; -h prints the help", err)}
	}
	a := app{
		id: os.Getenv("COMETCHAT_APP_ID"), region: os.Getenv("COMETCHAT_REGION"), apiKey: os.Getenv("COMETCHAT_API_KEY"),
	}
	switch {
	case a.id == "" && a.region == "" && a.apiKey == "":
		return demonstrate(ctx, set, on)
	case a.id == "" || a.region == "" || a.apiKey == "":
		return errors.New("set all of COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or none")
	case set.csv == "" && set.members == "":
		return usageError{errors.New("no file of users: name it with -csv; or a file of members with -members")}
	}
	a.options = []cometchat.Option{cometchat.WithRegion(a.region), cometchat.WithEmulator("")}
	if set.state == "" {
		set.state = set.csv + ".state"
	}
	on.say("Talking to CometChat: app %s, region %s.\n", a.id, a.region)
	if set.csv != "" {
		on.say("The state file %s lists the imported users.\n", set.state)
		err = syncFile(ctx, a, set, on)
	}
	if err == nil && set.members != "" {
		err = syncGroupsFile(ctx, a, set, on)
	}
	if errors.Is(err, errInterrupted) {
		return fmt.Errorf("%w; run the same command again to continue", err)
	}
	return err
}

func parseFlags(args []string, on screen) (settings, error) {
	var set settings
	flags := flag.NewFlagSet("usersync", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller says what is wrong
	flags.StringVar(&set.csv, "csv", "", "the `file` of users, with the columns uid,name,avatar,link,role,tags (tags separated by ;)")
	flags.StringVar(&set.members, "members", "", "the `file` of the members of groups, with the columns guid,name,uid,scope,type")
	flags.StringVar(&set.state, "state", "", "the `file` that lists the imported users (default: the name of the CSV file and .state)")
	flags.IntVar(&set.workers, "workers", 16, "how many users to import at the same time")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		on.say("%s", usage)
		flags.SetOutput(on.out)
		flags.PrintDefaults()
	}
	if err != nil {
		return set, err
	}
	switch {
	case flags.NArg() > 0:
		return set, fmt.Errorf("%q is not a flag; name the file of users with -csv", flags.Arg(0))
	case set.workers < 1 || set.workers > maxWorkers:
		return set, fmt.Errorf("-workers must be from 1 to %d", maxWorkers)
	}
	return set, nil
}

var errInterrupted = errors.New("interrupted")

// syncFile imports the users of a file into an app and shows the progress. It fails if it could not import every user.
func syncFile(ctx context.Context, a app, set settings, on screen) (err error) {
	rows, bad, err := openRows(set.csv)
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		on.say("Unusable lines of %s, which are left out: %d\n", set.csv, len(bad))
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
	return ended(ctx, err, sum.failed+len(bad), len(rows)+len(bad), "users")
}

// ended returns what an import says at its end. err is what stopped it.
func ended(ctx context.Context, err error, left, all int, unit string) error {
	switch {
	case ctx.Err() != nil && err != nil:
		return errInterrupted
	case err != nil:
		return fmt.Errorf("stopped: %w; correct this, and run the same command again to continue", err)
	case left > 0:
		return fmt.Errorf("%d of %d %s were left out; run the same command to try them again", left, all, unit)
	}
	return nil
}

// newAdmin makes an Admin that waits as long as the rate limit asks. The limit counts requests per minute, so the server may
// ask to wait a minute. The default timeout of a call is shorter: 30 seconds for all its attempts.
func newAdmin(a app) (*cometchat.Admin, error) {
	return cometchat.NewAdmin(a.id, a.apiKey, append(slices.Clone(a.options),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 10}), cometchat.WithTimeout(15*time.Minute))...)
}
