package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadGroups(t *testing.T) {
	groups, bad, err := readGroups(strings.NewReader("guid,name,uid,scope,type\n" +
		"Hikers,Hikers,ADA,admin,public\nhikers,Walkers,bob,,\nchess,Chess,cyd,moderator,\nchess,Chess,dee,participant,\n" +
		"hikers,Hikers,Ada,,\n,x,y,,\nchess,Chess,,,\nchess,Chess,eve,owner,\nnew,New,eve,owner,\n"))
	require.NoError(t, err)
	assert.Equal(t, []*group{
		{2, cometchat.NewGroup{GUID: "hikers", Name: "Hikers", Type: "public"}, cometchat.NewGroupMembers{Admins: []string{"ada"}, Participants: []string{"bob"}}},
		{4, cometchat.NewGroup{GUID: "chess", Name: "Chess", Type: "private"}, cometchat.NewGroupMembers{Moderators: []string{"cyd"}, Participants: []string{"dee"}}},
	}, groups)
	var texts []string
	for _, f := range bad {
		texts = append(texts, f.String())
	}
	assert.Equal(t, []string{
		`line 6 ("hikers"): line 2 has the same guid and uid`, "line 7: the guid, the name or the uid is missing",
		`line 8 ("chess"): the guid, the name or the uid is missing`, `line 9 ("chess"): the scope "owner" is not admin, moderator or participant`,
		`line 10 ("new"): the scope "owner" is not admin, moderator or participant`,
	}, texts)
	_, _, err = readGroups(strings.NewReader("guid,uid\n"))
	require.ErrorContains(t, err, "the column name is missing")
}

// TestSyncGroups syncs the groups of the demonstration, then other ones, and then none because the key is wrong.
func TestSyncGroups(t *testing.T) {
	users, all := 400, 20
	if *full {
		users, all = demoUsers, demoGroups
	}
	s := cometchattest.NewServer()
	defer s.Close()
	for i := 1; i <= users; i++ {
		s.AddUser(&cometchat.User{UID: fmt.Sprintf("user-%05d", i), Name: "U"})
	}
	dir := t.TempDir()
	a := app{s.AppID, s.Region, s.APIKey, s.AdminOptions()}
	set := settings{members: filepath.Join(dir, "members.csv"), workers: 4}
	sync := func() (string, error) {
		var out bytes.Buffer
		err := syncGroupsFile(t.Context(), a, set, screen{out: &out})
		return out.String(), err
	}
	require.NoError(t, writeDemoMembers(set.members, users, all))
	out, err := sync()
	require.NoError(t, err)
	assert.Regexp(t, fmt.Sprintf(`^%d of %d groups after .*: %d updated, 0 unchanged, 0 failed; %d changes of members\.\n$`, all, all, all, users), out)
	before := len(s.Requests())
	out, err = sync()
	require.NoError(t, err)
	assert.Contains(t, out, fmt.Sprintf("0 updated, %d unchanged, 0 failed.", all))
	assert.Len(t, s.Requests()[before:], 3*all)

	write := func(content string) { require.NoError(t, os.WriteFile(set.members, []byte(content), 0o600)) }
	write("guid,name,uid\ngroup-001,Group 1,user-00002\nempty,Empty,ghost\n")
	out, err = sync()
	require.ErrorContains(t, err, "1 of 2 groups were left out")
	assert.Contains(t, out, "1 updated, 0 unchanged, 1 failed")
	assert.Contains(t, out, `line 3 ("empty"): ghost: cometchat: SyncGroupMembers: `)
	admin, err := newAdmin(a)
	require.NoError(t, err)
	defer admin.Close()
	page, err := admin.ListGroupMembersPage(t.Context(), "group-001", cometchat.GroupMembersRequest{}, "")
	require.NoError(t, err)
	require.Len(t, page.Items, 1, "the others were removed")

	write("guid,name,uid\ng\n")
	_, err = sync()
	require.ErrorContains(t, err, "has 1 unusable lines")
	set.members = filepath.Join(dir, "none.csv")
	_, err = sync()
	require.ErrorIs(t, err, os.ErrNotExist)
	a.apiKey = "wrong"
	set.members = filepath.Join(dir, "members.csv")
	write("guid,name,uid\ng,G,u\nh,H,u\n")
	_, err = sync()
	require.ErrorIs(t, err, cometchat.ErrAPIKeyNotFound)
	a.id = ""
	_, err = sync()
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)

	ctx, stop := context.WithCancel(t.Context())
	stop()
	a = app{s.AppID, s.Region, s.APIKey, s.AdminOptions()}
	require.ErrorIs(t, syncGroupsFile(ctx, a, set, screen{out: &bytes.Buffer{}}), errInterrupted)
}

// TestMembersAlone syncs groups without a file of users, in an app that the environment names.
func TestMembersAlone(t *testing.T) {
	s := cometchattest.NewServer()
	defer s.Close()
	setApp(t, s.AppID, s.Region, s.APIKey)
	t.Setenv("COMETCHAT_EMULATOR_HOST", s.URL)
	file := filepath.Join(t.TempDir(), "members.csv")
	require.NoError(t, os.WriteFile(file, []byte("guid,name,uid\ng,G,cometchat-uid-1\n"), 0o600))
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-members", file}, screen{out: &out}))
	assert.Contains(t, out.String(), "1 of 1 groups")
}
