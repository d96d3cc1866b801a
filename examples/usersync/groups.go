package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/cometchat-go/cometchat"
)

// memberColumns are the columns that a file of members may have.
var memberColumns = []string{"guid", "name", "uid", "scope", "type"}

// group is a group in the file, with all its members.
type group struct {
	line    int // of its first member
	new     cometchat.NewGroup
	members cometchat.NewGroupMembers
}

// readGroups reads the whole file of members before the first request, and returns its groups and its unusable lines. The first line of
// a group decides its name and its type.
func readGroups(r io.Reader) (groups []*group, bad []failure, err error) {
	byGUID, seen := map[string]*group{}, map[string]int{}
	bad, err = readTable(r, memberColumns, 3, func(line int, names, fields []string) (string, error) {
		f := map[string]string{}
		for i, name := range names {
			f[name] = strings.TrimSpace(fields[i])
		}
		guid, uid := strings.ToLower(f["guid"]), strings.ToLower(f["uid"])
		key := guid + " " + uid
		g := byGUID[guid]
		switch before, twice := seen[key]; {
		case guid == "" || uid == "" || f["name"] == "":
			return guid, errors.New("the guid, the name or the uid is missing")
		case twice:
			return guid, fmt.Errorf("line %d has the same guid and uid", before)
		case g == nil:
			g = &group{line: line, new: cometchat.NewGroup{GUID: guid, Name: f["name"], Type: f["type"]}}
			if g.new.Type == "" {
				g.new.Type = cometchat.GroupPrivate
			}
		}
		switch list := &g.members; f["scope"] {
		case cometchat.ScopeAdmin:
			list.Admins = append(list.Admins, uid)
		case cometchat.ScopeModerator:
			list.Moderators = append(list.Moderators, uid)
		case cometchat.ScopeParticipant, "":
			list.Participants = append(list.Participants, uid)
		default:
			return guid, fmt.Errorf("the scope %q is not admin, moderator or participant", f["scope"])
		}
		if seen[key] = line; byGUID[guid] == nil {
			byGUID[guid], groups = g, append(groups, g)
		}
		return guid, nil
	})
	return groups, bad, err
}

// syncGroup makes a group that of the file. It returns how many members it has changed.
func syncGroup(ctx context.Context, admin *cometchat.Admin, g *group) (changed int, err error) {
	if _, err := admin.EnsureGroup(ctx, g.new); err != nil {
		return 0, err
	}
	outcomes, err := admin.SyncGroupMembers(ctx, g.new.GUID, g.members)
	if err != nil {
		return 0, err
	}
	for uid, outcome := range outcomes {
		if outcome != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", uid, outcome))
		} else {
			changed++
		}
	}
	return changed, err
}

// syncGroups syncs groups, several at a time, and calls progress after each, one call at a time. If a group fails, the others are synced
// all the same, unless ctx ends or CometChat does not know the key. A second run has nothing to do but to look at each group.
func syncGroups(ctx context.Context, admin *cometchat.Admin, groups []*group, workers int, progress func(summary)) (summary, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	sum := summary{total: len(groups), unit: "groups"}
	todo := make(chan *group)
	var running sync.WaitGroup
	var one sync.Mutex // guards sum
	for range min(workers, len(groups)) {
		running.Go(func() {
			for g := range todo {
				changed, err := syncGroup(ctx, admin, g)
				if ctx.Err() != nil && err != nil {
					continue // interrupted: the next run looks at the group again
				}
				one.Lock()
				switch sum.members += changed; {
				case err != nil && hopeless(err):
					stop(err)
				case err != nil:
					sum.failed++
					sum.failures = append(sum.failures, failure{g.line, g.new.GUID, err})
				case changed > 0:
					sum.updated++
				default:
					sum.unchanged++
				}
				progress(sum)
				one.Unlock()
			}
		})
	}
	for _, g := range groups {
		select {
		case todo <- g:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(todo)
	running.Wait()
	if sum.done() < sum.total {
		return sum, context.Cause(ctx)
	}
	return sum, nil
}

// syncGroupsFile makes the groups of a file those of an app, and shows the progress. It fails if it could not sync every group.
func syncGroupsFile(ctx context.Context, a app, set settings, on screen) error {
	var groups []*group
	var bad []failure
	err := openTable(set.members, func(r io.Reader) (err error) {
		groups, bad, err = readGroups(r)
		return err
	})
	if err != nil {
		return err
	}
	if len(bad) > 0 { // a group without one of its members would lose this member
		on.list(bad, len(bad))
		return fmt.Errorf("%s has %d unusable lines: correct them first, since members who are not listed are removed", set.members, len(bad))
	}
	admin, err := newAdmin(a)
	if err != nil {
		return err
	}
	defer func() { _ = admin.Close() }() // its error is always nil
	show := newProgress(on, admin.RateLimit)
	sum, err := syncGroups(ctx, admin, groups, set.workers, show.update)
	show.end(sum)
	return ended(ctx, err, sum.failed, len(groups), "groups")
}
