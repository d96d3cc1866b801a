package cometchat_test

import (
	"encoding/json"
	"iter"
	"slices"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestGroupDefects checks that the defects of the JavaScript SDK's calls about groups are not here.
func TestGroupDefects(t *testing.T) {
	t.Parallel()
	public := cometchat.NewGroup{GUID: "g", Name: "n", Type: cometchat.GroupPublic}
	// answering returns a client whose requests all get this data.
	answering := func(t *testing.T, v any) (*wire, *cometchat.Client) {
		t.Helper()
		w := newWire()
		c := w.loggedIn(t, once)
		w.RegisterNoResponder(respond(200, data(v)))
		return w, c
	}
	for name, test := range map[string]func(t *testing.T){
		"01 a call ends whatever the answer lacks": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{"guid": "g"})
			g := public
			g.Members.Admins = []string{"a"}
			_, outcomes, err := c.CreateGroup(t.Context(), g)
			require.NoError(t, err)
			assertOutcomes(t, map[string]string{"a": "has no result"}, outcomes)
			_, outcomes, err = c.CreateGroup(t.Context(), public)
			require.NoError(t, err)
			assert.Nil(t, outcomes)
			_, err = c.JoinGroup(t.Context(), "g", "")
			require.NoError(t, err)
			w.RegisterNoResponder(respond(200, data([]object{})))
			require.NoError(t, firstOf(c.ListGroups(t.Context(), cometchat.GroupsRequest{})))
			w.RegisterNoResponder(respond(200, data(object{"participants": object{"u1": object{"success": true}}})))
			outcomes, err = c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{Participants: []string{"u1"}})
			require.NoError(t, err)
			assertOutcomes(t, map[string]string{"u1": ""}, outcomes)
		},
		"02 no member is dropped": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{})
			outcomes, err := c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{
				Admins: []string{"a"}, Moderators: []string{"b"}, Participants: []string{"c"}, Banned: []string{"d"},
			})
			require.NoError(t, err)
			assert.Len(t, outcomes, 4)
			assert.JSONEq(t, `{"admins":["a"],"moderators":["b"],"participants":["c"],"usersToBan":["d"]}`, w.requests()[0].Body)
		},
		"03 without members there is no request": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{})
			_, err := c.AddGroupMembers(t.Context(), "g", cometchat.NewGroupMembers{})
			require.ErrorIs(t, err, cometchat.ErrMissingParameters)
			assert.Empty(t, w.lines())
		},
		"04 an update goes to its own group": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{"guid": "hikers"})
			_, err := c.UpdateGroup(t.Context(), "hikers", cometchat.GroupUpdate{Name: new("n")})
			require.NoError(t, err)
			assert.Equal(t, []string{"PUT " + clientHost + "/groups/hikers"}, w.lines())
		},
		"05 a new group keeps its metadata": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{"guid": "g"})
			g := public
			g.Metadata = json.RawMessage(`{"a":1}`)
			_, _, err := c.CreateGroup(t.Context(), g)
			require.NoError(t, err)
			assert.Equal(t, object{"guid": "g", "name": "n", "type": "public", "metadata": object{"a": 1.0}}, decoded(t, w.requests()[0].Body))
		},
		"06 a join sends the password that it has": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{})
			_, err := c.JoinGroup(t.Context(), "g", "pw")
			require.NoError(t, err)
			assert.JSONEq(t, `{"guid":"g","type":"password","password":"pw"}`, w.requests()[0].Body)
		},
		"07 an update sends only what was set": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{"guid": "g"})
			_, err := c.UpdateGroup(t.Context(), "g", cometchat.GroupUpdate{Description: new("d")})
			require.NoError(t, err)
			assert.JSONEq(t, `{"description":"d"}`, w.requests()[0].Body)
		},
		"08 a group of nothing is an Error": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{})
			_, _, err := c.CreateGroup(t.Context(), cometchat.NewGroup{})
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
			require.NotNil(t, asError(err))
			assert.Empty(t, w.lines())
		},
		"09 ids and queries are escaped": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, []object{})
			require.NoError(t, c.KickGroupMember(t.Context(), "a/b", "c?d#e"))
			require.NoError(t, firstOf(c.ListGroupMembers(t.Context(), "a&b", cometchat.GroupMembersRequest{SearchKeyword: "x&y=z"})))
			require.NoError(t, firstOf(c.ListUsers(t.Context(), cometchat.UsersRequest{Roles: []string{"r&x"}, UIDs: []string{"u&v"}})))
			assert.Equal(t, []string{
				"DELETE " + clientHost + "/groups/a%2Fb/members/c%3Fd%23e",
				"GET " + clientHost + "/groups/a&b/members?page=1&per_page=30&searchKey=x%26y%3Dz",
				"GET " + clientHost + "/users?page=1&per_page=30&roles=r%26x&uids=u%26v",
			}, w.lines())
		},
		"10 a list ends, and page 3 is page 3": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, []object{})
			require.NoError(t, firstOf(c.ListGroups(t.Context(), cometchat.GroupsRequest{})))
			_, err := c.ListGroupsPage(t.Context(), cometchat.GroupsRequest{}, "3")
			require.NoError(t, err)
			assert.Equal(t, []string{
				"GET " + clientHost + "/groups?page=1&per_page=30", "GET " + clientHost + "/groups?page=3&per_page=30",
			}, w.lines())
		},
		"11 a request does not change the caller's list": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, []object{})
			all := []string{"y", "z"}
			list := c.ListUsers(t.Context(), cometchat.UsersRequest{Roles: all[:1]}) // with room for another role
			require.NoError(t, firstOf(list))
			require.NoError(t, firstOf(list))
			lines := w.lines()
			assert.Equal(t, lines[0], lines[1])
			assert.Equal(t, []string{"y", "z"}, all)
		},
		"12 a list of members needs a guid": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, []object{})
			assert.Equal(t, "INVALID_GUID", code(firstOf(c.ListGroupMembers(t.Context(), "", cometchat.GroupMembersRequest{}))))
			assert.Empty(t, w.lines())
		},
		"13 an error offers no type that is refused": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{"guid": "g"})
			g := public
			g.Type = "x"
			_, _, err := c.CreateGroup(t.Context(), g)
			require.ErrorContains(t, err, `the type "x" is not public, password or private`)
			assert.Empty(t, w.lines())
			for _, g.Type = range []string{cometchat.GroupPublic, cometchat.GroupPassword, cometchat.GroupPrivate} {
				if g.Password = nil; g.Type == cometchat.GroupPassword {
					g.Password = new("pw")
				}
				_, _, err = c.CreateGroup(t.Context(), g)
				require.NoError(t, err)
			}
		},
		"14 what happens to a group itself is told, and deletes no message": func(t *testing.T) {
			t.Helper()
			frames := make(chan func(*peer))
			c := speaking(t, frames)
			defer close(frames)
			next, stop := iter.Pull(c.Events(t.Context()))
			defer stop()
			require.NoError(t, c.Connect(t.Context()))
			frames <- text(endFrame)
			_ = upToEnd(t, next) // the changes of the connection
			var actions []string
			for _, line := range recording(t, "group-events.jsonl") {
				var frame struct{ Body cometchat.Message }
				if json.Unmarshal(line.Message, &frame) != nil || frame.Body.Type != "group" {
					continue
				}
				actions = append(actions, frame.Body.Action.Action)
				frames <- text(string(line.Message))
				frames <- text(endFrame)
				events := slices.DeleteFunc(upToEnd(t, next), func(e cometchat.Event) bool { return e == cometchat.CaughtUp{} })
				require.Len(t, events, 1)
				assert.IsType(t, cometchat.UnknownEvent{}, events[0])
			}
			assert.Equal(t, []string{"updated", "created", "deleted", "ownerChanged", "ownershipTransferred"}, actions)
		},
		"15 a join sends no noise": func(t *testing.T) {
			t.Helper()
			w, c := answering(t, object{})
			_, err := c.JoinGroup(t.Context(), "g", "")
			require.NoError(t, err)
			assert.JSONEq(t, `{"guid":"g","type":"public"}`, w.requests()[0].Body)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}
