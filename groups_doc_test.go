package cometchat_test

import (
	"context"
	"errors"
	"flag"
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

var updateGroups = flag.Bool("update-groups", false, "write the table of docs/groups.md anew")

// The users whom the calls of TestGroupMatrix are about.
const (
	anAdmin, aModerator, aParticipant = "an-admin", "a-moderator", "a-participant"
	aStranger, aBannedUser            = "a-stranger", "a-banned-user"
)

// matrixColumns are the users who make the calls: for each column of the table, the user of matrixWorld.
var matrixColumns = []struct{ title, uid string }{
	{"owner", uid1}, {"admin", uid2}, {"moderator", "cometchat-uid-3"}, {"participant", "cometchat-uid-4"}, {"no member", "cometchat-uid-5"},
}

// matrixWorld is an emulator with the groups public, password and private, whose members are the same. said is the id of a
// message of a participant in the group public.
func matrixWorld(t *testing.T) (s *cometchattest.Server, said string) {
	t.Helper()
	s = cometchattest.New()
	t.Cleanup(s.Close)
	for _, uid := range []string{anAdmin, aModerator, aParticipant, aStranger, aBannedUser} {
		s.AddUser(&cometchat.User{UID: uid, Name: uid})
	}
	for _, kind := range []string{cometchat.GroupPublic, cometchat.GroupPassword, cometchat.GroupPrivate} {
		g := cometchat.NewGroup{GUID: kind, Type: kind, Owner: uid1, Members: cometchat.NewGroupMembers{
			Admins: []string{uid2, anAdmin}, Moderators: []string{"cometchat-uid-3", aModerator},
			Participants: []string{"cometchat-uid-4", aParticipant}, Banned: []string{aBannedUser},
		}}
		if kind == cometchat.GroupPassword {
			g.Password = new("boots")
		}
		s.AddGroup(g)
	}
	return s, s.SendGroupMessage(aParticipant, cometchat.GroupPublic, "hi").ID
}

// matrixRow is a call of the table. said is the id of a message of a participant.
type matrixRow struct {
	call, detail string
	do           func(ctx context.Context, c *cometchat.Client, said string) error
}

const inGroup = cometchat.GroupPublic // the group of most calls

var matrixRows = []matrixRow{
	{"CreateGroup", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, _, err := c.CreateGroup(ctx, cometchat.NewGroup{GUID: "another", Name: "Another", Type: cometchat.GroupPublic})
		return err
	}},
	{"GetGroup", "public or password", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.GetGroup(ctx, cometchat.GroupPassword)
		return err
	}},
	{"GetGroup", "private", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.GetGroup(ctx, cometchat.GroupPrivate)
		return err
	}},
	{"JoinGroup", "public", joinAs(cometchat.GroupPublic, "")},
	{"JoinGroup", "with the password", joinAs(cometchat.GroupPassword, "boots")},
	{"JoinGroup", "with another password", joinAs(cometchat.GroupPassword, "shoes")},
	{"JoinGroup", "private", joinAs(cometchat.GroupPrivate, "")},
	{"LeaveGroup", "", func(ctx context.Context, c *cometchat.Client, _ string) error { return c.LeaveGroup(ctx, inGroup) }},
	{"ListGroupMembers", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		return firstOf(c.ListGroupMembers(ctx, inGroup, cometchat.GroupMembersRequest{}))
	}},
	{"ListMessages", "of the group", func(ctx context.Context, c *cometchat.Client, _ string) error {
		return firstOf(c.ListMessages(ctx, cometchat.MessagesRequest{With: cometchat.ToGroup(inGroup)}))
	}},
	{"SendMessage", "to the group", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.SendMessage(ctx, cometchat.NewTextMessage(cometchat.ToGroup(inGroup), "hi"))
		return err
	}},
	{"GetConversation, MarkConversationAsRead", "of the group", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.GetConversation(ctx, cometchat.ToGroup(inGroup))
		return errors.Join(err, c.MarkConversationAsRead(ctx, cometchat.ToGroup(inGroup)))
	}},
	{"AddReaction", "", func(ctx context.Context, c *cometchat.Client, said string) error {
		_, err := c.AddReaction(ctx, said, "👍")
		return err
	}},
	{"EditMessage", "of another member", func(ctx context.Context, c *cometchat.Client, said string) error {
		_, err := c.EditMessage(ctx, said, cometchat.MessageEdit{Text: "ho"})
		return err
	}},
	{"DeleteMessage", "of another member", func(ctx context.Context, c *cometchat.Client, said string) error {
		_, err := c.DeleteMessage(ctx, said)
		return err
	}},
	{"PinMessage", "", func(ctx context.Context, c *cometchat.Client, said string) error {
		_, err := c.PinMessage(ctx, said)
		return err
	}},
	{"UpdateGroup", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.UpdateGroup(ctx, inGroup, cometchat.GroupUpdate{Description: new("d")})
		return err
	}},
	{"AddGroupMembers", "members, or bans", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.AddGroupMembers(ctx, inGroup, cometchat.NewGroupMembers{Participants: []string{aStranger}})
		return err
	}},
	{"KickGroupMember", "an admin", kickOf(anAdmin)},
	{"KickGroupMember", "a moderator", kickOf(aModerator)},
	{"KickGroupMember", "a participant", kickOf(aParticipant)},
	{"BanGroupMember", "an admin", banOf(anAdmin)},
	{"BanGroupMember", "a moderator", banOf(aModerator)},
	{"BanGroupMember", "a participant", banOf(aParticipant)},
	{"UnbanGroupMember", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		return c.UnbanGroupMember(ctx, inGroup, aBannedUser)
	}},
	{"ListBannedGroupMembers", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		return firstOf(c.ListBannedGroupMembers(ctx, inGroup, cometchat.BannedGroupMembersRequest{}))
	}},
	{"UpdateGroupMemberScope", "a participant to moderator", scopeOf(aParticipant, cometchat.ScopeModerator)},
	{"UpdateGroupMemberScope", "a participant to admin", scopeOf(aParticipant, cometchat.ScopeAdmin)},
	{"UpdateGroupMemberScope", "a moderator to participant", scopeOf(aModerator, cometchat.ScopeParticipant)},
	{"UpdateGroupMemberScope", "an admin to participant", scopeOf(anAdmin, cometchat.ScopeParticipant)},
	{"TransferGroupOwnership", "to a member", func(ctx context.Context, c *cometchat.Client, _ string) error {
		return c.TransferGroupOwnership(ctx, inGroup, aParticipant)
	}},
	{"DeleteGroup", "", func(ctx context.Context, c *cometchat.Client, _ string) error { return c.DeleteGroup(ctx, inGroup) }},
	{"ListGroups, OnlineGroupMemberCount", "", func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.OnlineGroupMemberCount(ctx, []string{inGroup})
		return errors.Join(err, firstOf(c.ListGroups(ctx, cometchat.GroupsRequest{})))
	}},
}

func joinAs(guid, password string) func(context.Context, *cometchat.Client, string) error {
	return func(ctx context.Context, c *cometchat.Client, _ string) error {
		_, err := c.JoinGroup(ctx, guid, password)
		return err
	}
}

func kickOf(uid string) func(context.Context, *cometchat.Client, string) error {
	return func(ctx context.Context, c *cometchat.Client, _ string) error {
		return c.KickGroupMember(ctx, inGroup, uid)
	}
}

func banOf(uid string) func(context.Context, *cometchat.Client, string) error {
	return func(ctx context.Context, c *cometchat.Client, _ string) error {
		return c.BanGroupMember(ctx, inGroup, uid)
	}
}

func scopeOf(uid, scope string) func(context.Context, *cometchat.Client, string) error {
	return func(ctx context.Context, c *cometchat.Client, _ string) error {
		return c.UpdateGroupMemberScope(ctx, inGroup, uid, scope)
	}
}

// TestGroupMatrix makes each call about a group as a member of each scope, and compares the results with the table of
// docs/groups.md. To write intended changes into the page: go test -run TestGroupMatrix -update-groups .
func TestGroupMatrix(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	head, line := "| call | |", "| --- | --- |"
	for _, column := range matrixColumns {
		head, line = head+" "+column.title+" |", line+" --- |"
	}
	_, _ = fmt.Fprintf(&table, "%s\n%s\n", head, line)
	for _, row := range matrixRows {
		_, _ = fmt.Fprintf(&table, "| `%s` | %s |", strings.ReplaceAll(row.call, ", ", "`, `"), row.detail)
		for _, column := range matrixColumns {
			_, _ = fmt.Fprintf(&table, " %s |", matrixCell(t, row, column.uid))
		}
		table.WriteString("\n")
	}

	const begin, end = "<!-- matrix -->\n", "<!-- end of matrix -->\n"
	page := filepath.Join("docs", "groups.md")
	text, err := os.ReadFile(page) //nolint:gosec // it is a constant
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	want, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	got := "\n" + table.String() + "\n"
	if *updateGroups {
		require.NoError(t, os.WriteFile(page, []byte(before+begin+got+end+after), 0o600)) //nolint:gosec // the page is a constant
		return
	}
	assert.Equal(t, want, got)
}

// matrixCell makes a call as a user, and returns "yes", or the name of the error.
func matrixCell(t *testing.T, row matrixRow, uid string) string {
	t.Helper()
	s, said := matrixWorld(t)
	err := row.do(t.Context(), emulatedUser(t, s, uid), said)
	for name, value := range map[string]error{
		"ErrNotPermitted": cometchat.ErrNotPermitted, "ErrNotJoined": cometchat.ErrNotJoined, "ErrAlreadyJoined": cometchat.ErrAlreadyJoined,
		"ErrWrongGroupPassword": cometchat.ErrWrongGroupPassword,
	} {
		if errors.Is(err, value) {
			return "`" + name + "`"
		}
	}
	require.NoError(t, err, "%s %s by %s", row.call, row.detail, uid)
	return "yes"
}
