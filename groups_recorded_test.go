package cometchat_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// calling makes a recordedCall of a call.
func calling(call func(ctx context.Context, c *cometchat.Client) error) recordedCall {
	return recordedCall{call: call}
}

func (r recordedCall) failing(says string) recordedCall {
	r.fails = says
	return r
}

func (r recordedCall) with(differs noise) recordedCall {
	r.ours = maps.Clone(r.ours)
	if r.ours == nil {
		r.ours = noise{}
	}
	maps.Copy(r.ours, differs)
	return r
}

// groupNoise is what every Group of the JavaScript SDK has and no server reads.
var groupNoise = noise{
	"body hasJoined": "the server knows it", "body membersCount": "the server knows it", "body isBanned": "the server knows it",
}

func creates(g cometchat.NewGroup) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, _, err := c.CreateGroup(ctx, g)
		return err
	}).with(groupNoise)
}

func updates(guid string, update cometchat.GroupUpdate) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.UpdateGroup(ctx, guid, update)
		return err
	}).with(groupNoise).with(noise{"body guid": "the path has it"})
}

func joins(guid, password string) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.JoinGroup(ctx, guid, password)
		return err
	}).with(groupNoise).with(noise{"body name": `the JavaScript SDK sends the word "name"`})
}

func getsGroup(guid string) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.GetGroup(ctx, guid)
		return err
	})
}

func TestRecordedGroupRequests(t *testing.T) {
	t.Parallel()
	const file = "groups.jsonl"
	one := json.RawMessage(`{"a":1}`)
	deletes := func(guid string) recordedCall {
		return calling(func(ctx context.Context, c *cometchat.Client) error { return c.DeleteGroup(ctx, guid) })
	}
	compareRecorded(t, file, "groups-create", map[int]recordedCall{
		2: creates(cometchat.NewGroup{GUID: "g1", Name: "G One", Type: cometchat.GroupPublic}),
		5: creates(cometchat.NewGroup{GUID: "g2", Name: "G Two", Type: cometchat.GroupPassword, Password: new("pw")}),
		8: creates(cometchat.NewGroup{
			GUID: "g3", Name: "G Three", Type: cometchat.GroupPrivate, Icon: "https://a.test/i.png", Description: "about",
			Metadata: one, Tags: []string{"t1", "t2"}, Owner: "someone",
		}),
		11: creates(cometchat.NewGroup{
			GUID: "g4", Name: "G Four", Type: cometchat.GroupPassword, Password: new("pw"), Icon: "https://a.test/i.png",
			Description: "d", Metadata: one, Tags: []string{"t"},
		}).with(noise{"body metadata.a": "the JavaScript SDK drops it"}),
		21: creates(cometchat.NewGroup{GUID: "dup", Name: "n", Type: cometchat.GroupPublic}).failing("ERR_GUID_ALREADY_EXISTS"),
		24: creates(cometchat.NewGroup{GUID: "a b/c", Name: "blanks", Type: cometchat.GroupPublic}),
		27: creates(cometchat.NewGroup{GUID: "g6", Name: "G Six", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{
			Admins: []string{"u1"}, Moderators: []string{"u2"}, Participants: []string{"u3"}, Banned: []string{"u5"},
		}}),
		30: creates(cometchat.NewGroup{GUID: "g7", Name: "G Seven", Type: cometchat.GroupPublic}),
		35: creates(cometchat.NewGroup{
			GUID: "g8", Name: "only admins answered", Type: cometchat.GroupPublic, Members: cometchat.NewGroupMembers{Admins: []string{"u1"}},
		}),
	}, nil)
	readOnly := noise{}
	for _, field := range []string{
		"type", "icon", "description", "owner", "metadata.k", "createdAt", "updatedAt", "conversationId", "tags", "joinedAt", "scope",
		"onlineMembersCount", "isBannedFromGroup", "unknownField",
	} {
		readOnly["body "+field] = "only what is set goes out"
	}
	compareRecorded(t, file, "groups-read-update-delete", map[int]recordedCall{
		2: getsGroup("g1"), 5: getsGroup("g1"), 8: getsGroup("g1"), 11: getsGroup("banned"), 14: getsGroup("none").failing("ERR_GUID_NOT_FOUND"),
		18: getsGroup("G One/ü").with(noise{"path": "the guid is one segment"}).failing("ERR_NOT_FOUND"),
		21: updates("g1", cometchat.GroupUpdate{Name: new("New name"), Type: new(cometchat.GroupPrivate)}),
		24: updates("g1", cometchat.GroupUpdate{
			Name: new("New name"), Description: new("d"), Icon: new("https://a.test/i.png"), Metadata: one, Tags: []string{"x"}, Password: new("pw"),
		}),
		27: getsGroup("g1"),
		28: updates("g1", cometchat.GroupUpdate{Name: new("renamed after a read")}).with(readOnly),
		31: updates("guid", cometchat.GroupUpdate{Name: new("from a plain object")}),
		34: updates("g1", cometchat.GroupUpdate{Type: new(cometchat.GroupPublic)}),
		37: calling(func(ctx context.Context, c *cometchat.Client) error { return c.TransferGroupOwnership(ctx, "g1", uid2) }),
		40: deletes("g1"),
		43: deletes("none").failing("ERR_NOT_FOUND"),
	}, nil)
	compareRecorded(t, file, "groups-join-leave", map[int]recordedCall{
		2: joins("g1", ""), 5: joins("g1", ""), 8: joins("g1", ""), 11: joins("g2", "pw"),
		14: joins("g2", "wrong").failing("ERR_WRONG_GROUP_PASS"),
		18: joins("g2", "pw"),
		21: {absent: "nobody can join a private group"},
		24: joins("g4", ""),
		31: calling(func(ctx context.Context, c *cometchat.Client) error { return c.LeaveGroup(ctx, "g1") }),
	}, nil)
	compareRecorded(t, file, "groups-odd-types", map[int]recordedCall{
		2: {absent: "the type PUBLIC is refused"},
		7: joins("g", "pw").with(noise{
			"body type": "the JavaScript SDK sends PASSWORD", "body password": "the JavaScript SDK drops it for the type PASSWORD",
		}),
		11: joins("a/b ü", "").with(noise{"path": "the guid is one segment"}),
		15: membersOf("g", cometchat.GroupMembersRequest{}, "").with(noise{"query per_page": "0 is the default, 30"}),
	}, nil)
}

// adds adds members, and fails when it has no result for one of them.
func adds(guid string, members cometchat.NewGroupMembers) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.AddGroupMembers(ctx, guid, members)
		return err
	})
}

func membersOf(guid string, r cometchat.GroupMembersRequest, cursor string) recordedCall {
	return calling(func(ctx context.Context, c *cometchat.Client) error {
		_, err := c.ListGroupMembersPage(ctx, guid, r, cursor)
		return err
	})
}

func TestRecordedGroupMemberRequests(t *testing.T) {
	t.Parallel()
	const file = "groups.jsonl"
	does := func(call func(*cometchat.Client, context.Context, string, string) error, guid, uid string) recordedCall {
		return calling(func(ctx context.Context, c *cometchat.Client) error { return call(c, ctx, guid, uid) })
	}
	compareRecorded(t, file, "groups-members", map[int]recordedCall{
		2: adds("g1", cometchat.NewGroupMembers{
			Admins: []string{"u1"}, Moderators: []string{"u2"}, Participants: []string{"u3", "bad4"}, Banned: []string{"u5"},
		}),
		5:  adds("g1", cometchat.NewGroupMembers{Banned: []string{"u5"}}),
		8:  adds("g1", cometchat.NewGroupMembers{Participants: []string{"u1"}}),
		12: {absent: "a call without members makes no request"},
		13: adds("g2", cometchat.NewGroupMembers{Participants: []string{"u1"}}),
		18: does((*cometchat.Client).KickGroupMember, "g1", "u1"),
		21: does((*cometchat.Client).BanGroupMember, "g1", "u1"),
		24: does((*cometchat.Client).UnbanGroupMember, "g1", "u1"),
		27: calling(func(ctx context.Context, c *cometchat.Client) error {
			return c.UpdateGroupMemberScope(ctx, "g1", "u1", cometchat.ScopeAdmin)
		}),
		32: does((*cometchat.Client).KickGroupMember, "g1", "u9").failing("ERR_NOT_A_MEMBER"),
		37: does((*cometchat.Client).KickGroupMember, "g1", "a b/c").with(noise{"path": "the uid is one segment"}).failing("ERR_NOT_FOUND"),
	}, nil)
}

func TestRecordedGroupLists(t *testing.T) {
	t.Parallel()
	const file = "groups.jsonl"
	groups := func(r cometchat.GroupsRequest, cursor string) recordedCall {
		return calling(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListGroupsPage(ctx, r, cursor)
			return err
		})
	}
	banned := func(r cometchat.BannedGroupMembersRequest, cursor string) recordedCall {
		return calling(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListBannedGroupMembersPage(ctx, "g1", r, cursor)
			return err
		})
	}
	two, twoMembers := cometchat.GroupsRequest{Limit: 2}, cometchat.GroupMembersRequest{Limit: 2}
	compareRecorded(t, file, "groups-lists", map[int]recordedCall{
		2: groups(two, ""), 3: groups(two, "2"), 4: groups(two, "3"), 5: groups(two, "3"),
		// The JavaScript SDK asks for the page after the one that setPage names.
		8: groups(cometchat.GroupsRequest{
			SearchKeyword: " a b&c ", JoinedOnly: true, Tags: []string{"t 1", "t&2"}, WithTags: true,
		}, "4"),
		11: groups(cometchat.GroupsRequest{Tags: []string{}}, ""),
		19: groups(cometchat.GroupsRequest{Limit: 5, SearchKeyword: "none"}, ""),
		24: membersOf("g1", twoMembers, ""), 25: membersOf("g1", twoMembers, "2"),
		26: membersOf("g1", twoMembers, "3"), 27: membersOf("g1", twoMembers, "3"), 31: membersOf("g1", twoMembers, ""),
		34: membersOf("g1", cometchat.GroupMembersRequest{
			SearchKeyword: "a b&c", Scopes: []string{cometchat.ScopeAdmin, cometchat.ScopeModerator}, Status: cometchat.StatusOnline,
		}, "4"),
		37: membersOf("g1", cometchat.GroupMembersRequest{Status: cometchat.StatusOffline}, ""),
		41: {absent: "a list without a guid is refused"},
		46: banned(cometchat.BannedGroupMembersRequest{Limit: 2}, ""),
		49: banned(cometchat.BannedGroupMembersRequest{SearchKeyword: "a b&c", Scopes: []string{cometchat.ScopeParticipant}}, "4"),
	}, nil)
	compareRecorded(t, file, "groups-two-fetches-at-once", map[int]recordedCall{
		2: groups(two, ""), 3: groups(two, ""), 6: membersOf("g", twoMembers, ""), 7: membersOf("g", twoMembers, ""),
		11: getsGroup("g").failing("has no data"),
		14: groups(two, ""),
	}, nil)
}

// TestRecordedUserLists compares the requests of the JavaScript SDK's UsersRequest, which stand beside those of groups.
func TestRecordedUserLists(t *testing.T) {
	t.Parallel()
	users := func(r cometchat.UsersRequest, cursor string) recordedCall {
		r.Limit = cmp.Or(r.Limit, 30)
		return calling(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListUsersPage(ctx, r, cursor)
			return err
		})
	}
	user := func(uid string) recordedCall {
		return calling(func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.GetUser(ctx, uid)
			return err
		})
	}
	two := cometchat.UsersRequest{Limit: 2}
	compareRecorded(t, "groups.jsonl", "users-lists", map[int]recordedCall{
		2: users(two, ""), 3: users(two, "2"), 4: users(two, "3"), 5: users(two, "3"), 8: users(two, ""),
		11: users(cometchat.UsersRequest{SearchKeyword: "a b&c"}, ""),
		14: users(cometchat.UsersRequest{SearchIn: []string{"uid", "name"}}, ""),
		17: users(cometchat.UsersRequest{Status: cometchat.StatusOnline}, ""),
		20: users(cometchat.UsersRequest{Status: cometchat.StatusOffline}, ""),
		23: users(cometchat.UsersRequest{Status: cometchat.StatusOnline}, ""),
		27: users(cometchat.UsersRequest{HideBlockedUsers: true}, ""),
		30: users(cometchat.UsersRequest{}, ""),
		33: users(cometchat.UsersRequest{Roles: []string{"r 1&x"}}, "").with(noise{
			"query roles": "the JavaScript SDK does not escape it: a part of the role became a query",
		}),
		36: users(cometchat.UsersRequest{Roles: []string{"r1", "r 2"}}, ""),
		39: users(cometchat.UsersRequest{Roles: []string{"two", "one"}}, ""),
		42: users(cometchat.UsersRequest{FriendsOnly: true}, ""),
		45: users(cometchat.UsersRequest{Tags: []string{"t 1", "t&2"}}, ""),
		48: users(cometchat.UsersRequest{WithTags: true}, ""),
		51: users(cometchat.UsersRequest{UIDs: []string{"u1", "u 2"}}, ""),
		54: users(cometchat.UsersRequest{SortBy: "name"}, ""),
		57: users(cometchat.UsersRequest{SortBy: "status", Descending: true}, ""),
		60: users(cometchat.UsersRequest{}, "5"), // the JavaScript SDK asks for the page after the one that setPage names
		63: users(cometchat.UsersRequest{}, ""),
		67: users(cometchat.UsersRequest{}, "").with(noise{"query per_page": "0 is the default, 30"}),
		70: users(two, ""),
		75: user("u7"), 78: user("u7"), 81: user("u7"),
		84: user("U 7/ü").with(noise{"path": "the uid is one segment"}).failing("ERR_NOT_FOUND"),
	}, nil)
}
