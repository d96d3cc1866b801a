package cometchat_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestListRequests compares the requests with the recorded ones of the JavaScript SDK.
func TestListRequests(t *testing.T) {
	t.Parallel()
	list := func(r cometchat.UsersRequest) func(c *cometchat.Client) error {
		return func(c *cometchat.Client) error {
			_, err := uidsOf(c.ListUsers(t.Context(), r))
			return err
		}
	}
	blocked := func(r cometchat.BlockedUsersRequest) func(c *cometchat.Client) error {
		return func(c *cometchat.Client) error {
			_, err := uidsOf(c.ListBlockedUsers(t.Context(), r))
			return err
		}
	}
	for name, tc := range map[string]struct {
		call        func(c *cometchat.Client) error
		path, query string
	}{
		"all users": {list(cometchat.UsersRequest{}), "/users", "page=1&per_page=30"},
		"everything": {list(cometchat.UsersRequest{
			Limit: 2, SearchKeyword: "a", SearchIn: []string{"uid", "name"}, Status: cometchat.StatusOnline, HideBlockedUsers: true,
			FriendsOnly: true, Roles: []string{"default", "x"}, Tags: []string{"t1", "t2"}, WithTags: true, UIDs: []string{"a", "b"},
			SortBy: "name", Descending: true,
		}), "/users", "friendsOnly=1&hideBlockedUsers=1&page=1&per_page=2&roles=default,x&searchIn=uid,name&searchKey=a&sortBy=name&" +
			"sortOrder=desc&status=available&tags=t1,t2&uids=a,b&withTags=1"},
		"all blocked":   {blocked(cometchat.BlockedUsersRequest{}), "/blockedusers", "page=1&per_page=30"},
		"one direction": {blocked(cometchat.BlockedUsersRequest{Limit: 5, SearchKeyword: "a", Direction: cometchat.HasBlockedMe}), "/blockedusers", "direction=hasBlockedMe&page=1&per_page=5&searchKey=a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c := w.loggedIn(t)
			w.answer("GET", clientHost+tc.path, 200, object{"data": []object{}})
			require.NoError(t, tc.call(c))
			requests := w.requests()
			require.Len(t, requests, 1)
			got, err := url.Parse(requests[0].URL)
			require.NoError(t, err)
			assert.Equal(t, tc.query, strings.ReplaceAll(got.RawQuery, "%2C", ","))
			assertHeaders(t, requests[0], "Authtoken", tokenOf(uid1))
		})
	}
}

func TestListsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	for says, err := range map[string]error{
		"the limit 1001":    first(c.ListUsers(t.Context(), cometchat.UsersRequest{Limit: 1001})),
		"the limit -1":      first(c.ListBlockedUsers(t.Context(), cometchat.BlockedUsersRequest{Limit: -1})),
		`the status "busy"`: first(c.ListUsers(t.Context(), cometchat.UsersRequest{Status: "busy"})),
		`in "tag"`:          first(c.ListUsers(t.Context(), cometchat.UsersRequest{SearchIn: []string{"tag"}})),
		`by "age"`:          first(c.ListUsers(t.Context(), cometchat.UsersRequest{SortBy: "age"})),
		"26 uids":           first(c.ListUsers(t.Context(), cometchat.UsersRequest{UIDs: make([]string, 26)})),
		`"a,b" has a comma`: first(c.ListUsers(t.Context(), cometchat.UsersRequest{Tags: []string{"a,b"}})),
		`"c,d" has a comma`: first(c.ListUsers(t.Context(), cometchat.UsersRequest{Roles: []string{"c,d"}})),
		`"e,f" has a comma`: first(c.ListUsers(t.Context(), cometchat.UsersRequest{UIDs: []string{"e,f"}})),
		`direction "up"`:    first(c.ListBlockedUsers(t.Context(), cometchat.BlockedUsersRequest{Direction: "up"})),
	} {
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, says)
	}
	require.ErrorIs(t, first(c.ListUsers(t.Context(), cometchat.UsersRequest{UIDs: []string{".."}})), cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())

	nobody := newWire().client(t)
	require.ErrorIs(t, first(nobody.ListUsers(t.Context(), cometchat.UsersRequest{})), cometchat.ErrNotLoggedIn)
}

// first returns the error that a list begins with, or nil.
func first(list func(func(*cometchat.User, error) bool)) (failure error) {
	for _, failure = range list {
		break
	}
	return failure
}

func TestListUsersOfAClient(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	c := emulated(t, s)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.AddUser(&cometchat.User{UID: name, Name: name})
	}
	_, err := c.LoginWithToken(t.Context(), s.CreateAuthToken("a"))
	require.NoError(t, err)
	uids, err := uidsOf(c.ListUsers(t.Context(), cometchat.UsersRequest{Limit: 4}))
	require.NoError(t, err)
	assert.Equal(t, []string{uid1, uid2, "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5", "b", "c", "d", "e"}, uids)

	// A token that is gone in the middle of a list ends the list and the session.
	read := 0
	for _, err = range c.ListUsers(t.Context(), cometchat.UsersRequest{Limit: 4}) {
		if read++; read == 4 {
			s.RevokeTokens("a")
		}
	}
	assert.Equal(t, 5, read)
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	u, err := c.GetLoggedinUser(t.Context())
	require.NoError(t, err)
	assert.Nil(t, u)
}

// TestListOfOneUser checks that a list has no pages that another user would see.
func TestListOfOneUser(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		then  string // who logs in after the first page
		fails bool
	}{
		"ends when another user logs in":           {uid2, true},
		"goes on when the same user logs in again": {uid1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := emulator(t)
			c := emulated(t, s)
			_, err := c.Login(t.Context(), uid1, s.AuthKey)
			require.NoError(t, err)
			var uids []string
			for u, failure := range c.ListUsers(t.Context(), cometchat.UsersRequest{Limit: 2}) {
				if err = failure; err != nil {
					break
				}
				if uids = append(uids, u.UID); len(uids) == 2 {
					require.NoError(t, c.Logout(t.Context()))
					_, err = c.Login(t.Context(), tc.then, s.AuthKey)
					require.NoError(t, err)
				}
			}
			pages := s.Requests(cometchattest.To("GET", "/users"))
			if !tc.fails {
				require.NoError(t, err)
				assert.Equal(t, []string{uid2, "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"}, uids)
				return
			}
			require.ErrorIs(t, err, cometchat.ErrNotLoggedIn)
			require.ErrorContains(t, err, "another user has logged in")
			assert.Equal(t, []string{uid2, "cometchat-uid-3"}, uids)
			assert.Len(t, pages, 1, "there is no request for the next page")
			assertUID(t, c, tc.then)
		})
	}
}
