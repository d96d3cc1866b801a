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
	demoUsers  = 10_000
	demoGroups = 200 // with 50 members each
	demoLimit  = 500 // requests a second
)

// demonstrate imports users into an emulator twice: the second run finds every user imported.
func demonstrate(ctx context.Context, set settings, on screen) (err error) {
	if set.state != "" {
		return errors.New("-state needs a real app: the emulator forgets its users when this program ends, " +
			"so the state file would be wrong. Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY, or leave -state out")
	}
	emulator := cometchattest.NewServer(cometchattest.WithRateLimit(demoLimit, time.Second))
	defer emulator.Close()
	on.say("Talking to an emulator of CometChat inside this process, at %s. You need no account and no network.\n", emulator.URL)
	on.say("Set COMETCHAT_APP_ID, COMETCHAT_REGION and COMETCHAT_API_KEY to talk to CometChat itself.\n")
	on.say("Like CometChat, the emulator has a rate limit: it accepts %d requests a second and refuses the rest.\n", demoLimit)

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
		if set.members == "" {
			set.members = filepath.Join(dir, "members.csv")
			if err := writeDemoMembers(set.members, demoUsers, demoGroups); err != nil {
				return err
			}
		}
	}

	a := app{emulator.AppID, emulator.Region, emulator.APIKey, emulator.AdminOptions()}
	on.say("\nImport the users of %s, %d at a time. The rate limit decides how long it takes. Ctrl-C stops the import.\n",
		set.csv, set.workers)
	if err := syncFile(ctx, a, set, on); err != nil {
		if errors.Is(err, errInterrupted) {
			return fmt.Errorf("%w; with a real app, the same command would continue here. "+
				"The emulator forgets its users when this program ends, so the next run starts from the beginning", err)
		}
		return err
	}
	on.say("\nImport the same file again, as after a crash: the state file lists every user, so no request is necessary.\n")
	if err := syncFile(ctx, a, set, on); err != nil || set.members == "" {
		return err
	}
	on.say("\nSync the groups of %s, and sync them again: the second time there is nothing to change.\n", set.members)
	if err := syncGroupsFile(ctx, a, set, on); err != nil {
		return err
	}
	return syncGroupsFile(ctx, a, set, on)
}

// writeDemoMembers makes a file of groups, of which each user is in one.
func writeDemoMembers(path string, users, groups int) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, "guid,name,uid,scope")
	for i := 1; i <= users; i++ {
		g, scope := i%groups, ""
		if i <= groups {
			scope = "moderator"
		}
		fmt.Fprintf(&b, "group-%03d,Group %d,user-%05d,%s\n", g, g, i, scope)
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// writeDemoFile makes a file of n users and shows its first lines.
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
