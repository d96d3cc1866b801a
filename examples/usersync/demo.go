package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

const (
	demoUsers = 10_000
	demoLimit = 500 // requests a second
)

// demonstrate shows the program with an emulator: once from the beginning, and once more when everything is done.
func demonstrate(ctx context.Context, set settings, on screen) (err error) {
	if set.state != "" {
		return errors.New("-state needs a real app: the emulator forgets its users when this program ends, " +
			"so what a state file says would be wrong. Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or leave -state out")
	}
	emulator := cometchattest.NewServer(cometchattest.WithRateLimit(demoLimit, time.Second))
	defer emulator.Close()
	on.say("No COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY are set, so this talks to an emulator of CometChat\n")
	on.say("inside this process, at %s. No account and no network is needed.\n", emulator.URL)
	on.say("As CometChat does, it takes only so many requests and refuses the rest: here %d a second.\n", demoLimit)

	dir, err := os.MkdirTemp("", "usersync-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	set.state = filepath.Join(dir, "state")
	if set.csv == "" {
		set.csv = filepath.Join(dir, "users.csv")
		on.say("\nMake a file of %d users, %s:\n", demoUsers, set.csv)
		if err := writeDemoFile(set.csv, demoUsers, on); err != nil {
			return err
		}
	}

	a := app{emulator.AppID, emulator.Region, emulator.APIKey, emulator.AdminOptions()}
	on.say("\nBring the users of %s in, %d at a time. The rate limit decides how long it takes. Ctrl-C stops it.\n",
		set.csv, set.workers)
	if err := syncFile(ctx, a, set, on); err != nil {
		if errors.Is(err, errInterrupted) {
			return fmt.Errorf("%w; with a real app, the same command would go on from here. "+
				"The emulator ends with this program, and its users with it, so the next run begins anew", err)
		}
		return err
	}
	on.say("\nThe same once more, as one does after a crash: the state file knows who is done, and nothing is asked of CometChat.\n")
	return syncFile(ctx, a, set, on)
}

// writeDemoFile makes a file of n users and shows how it begins.
func writeDemoFile(path string, n int, on screen) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, "uid,name,avatar,link,role,tags")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "user-%05d,\"Number %d, of the example\",https://example.com/%d.png,,default,example;import\n", i, i, i)
		if i == 2 {
			on.say("%s...\n", b.String())
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}
