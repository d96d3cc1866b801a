package cometchat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzGroupAnswer answers the calls about groups with anything. Each call ends, returns a group with its guid or an Error, and has an
// outcome for each uid. No error shows the password.
func FuzzGroupAnswer(f *testing.F) {
	for _, body := range []string{
		`{"data":{"guid":"g","members":{"data":{"admins":{"a":{"success":true}},"usersToBan":{"b":{"error":{"code":"ERR_UID_NOT_FOUND"}}}}}}}`,
		`{"data":{"admins":{"a":{"success":false,"message":"` + canaryPass + `"}},"participants":[],"usersToBan":null}}`,
		`{"data":{"id":"7","data":{"action":"joined","entities":{"for":{"entityType":"group","entity":{"guid":"g"}}}}}}`,
		`{"data":[{"guid":"g","uid":"a"},null,{"guid":0}],"meta":{"pagination":{"total_pages":2}}}`, `{"data":{"success":true}}`,
		`{"error":{"code":"ERR_WRONG_GROUP_PASS","message":"` + canaryPass + `"}}`, `{"data":null}`, `[]`, ``,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWire()
		var c *cometchat.Client
		ctx, members := t.Context(), cometchat.NewGroupMembers{Admins: []string{"a"}, Banned: []string{"b"}}
		calls := map[string]func() (*cometchat.Group, map[string]error, error){
			"CreateGroup": func() (*cometchat.Group, map[string]error, error) {
				return c.CreateGroup(ctx, cometchat.NewGroup{
					GUID: "g", Name: "n", Type: cometchat.GroupPassword, Password: new(canaryPass), Members: members,
				})
			},
			"JoinGroup": func() (*cometchat.Group, map[string]error, error) {
				g, err := c.JoinGroup(ctx, "g", canaryPass)
				return g, nil, err
			},
			"GetGroup": func() (*cometchat.Group, map[string]error, error) {
				g, err := c.GetGroup(ctx, "g")
				return g, nil, err
			},
			"AddGroupMembers": func() (*cometchat.Group, map[string]error, error) {
				outcomes, err := c.AddGroupMembers(ctx, "g", members)
				assert.Len(t, outcomes, 2)
				return nil, outcomes, err
			},
			"LeaveGroup": func() (*cometchat.Group, map[string]error, error) { return nil, nil, c.LeaveGroup(ctx, "g") },
		}
		for name, call := range calls {
			c = w.loggedIn(t, once) // an answer may have ended the session
			w.RegisterNoResponder(respond(200, body))
			g, outcomes, err := call()
			if err != nil {
				require.NotNil(t, asError(err), name)
				if name != "AddGroupMembers" {
					assert.Nil(t, outcomes, name)
				}
			}
			if name == "CreateGroup" || name == "JoinGroup" {
				assert.NotContains(t, fmt.Sprint(outcomes, err), canaryPass)
			}
			if g != nil {
				assert.Equal(t, "g", strings.ToLower(g.GUID), name)
				assertStaysTheSame[cometchat.Group](t, g)
			}
		}
		c = w.loggedIn(t, once)
		w.RegisterNoResponder(respond(200, body))
		for g, err := range c.ListGroups(ctx, cometchat.GroupsRequest{Limit: 1}) {
			assert.True(t, err != nil || g.GUID != "")
		}
		for m, err := range c.ListGroupMembers(ctx, "g", cometchat.GroupMembersRequest{Limit: 1}) {
			if assert.True(t, err != nil || m.UID != "") && err == nil {
				assertStaysTheSame[cometchat.GroupMember](t, m)
			}
		}
	})
}
