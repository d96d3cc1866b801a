package cometchat_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestListsGoOn: a list ends where the server says so, and not at a page that is empty.
func TestListsGoOn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pages []string // the users on each page; pages after them are empty
		meta  string   // with the number of the page
		want  string
		says  string
	}{
		"an empty page in the middle":     {[]string{"a b", "", "c"}, `{"pagination":{"total":3,"per_page":2,"current_page":%d,"total_pages":3}}`, "a b c", ""},
		"an empty first page":             {[]string{"", "", "c"}, `{"pagination":{"total":3,"per_page":2,"current_page":%d,"total_pages":3}}`, "c", ""},
		"an empty last page":              {[]string{"a", ""}, `{"pagination":{"current_page":%d,"total_pages":2}}`, "a", ""},
		"fewer than asked for, no totals": {[]string{"a", "b", "c"}, `{"pagination":{"per_page":1,"current_page":%d}}`, "a b c", ""},
		"numbers as texts":                {[]string{"a", "b"}, `{"pagination":{"total":"2","current_page":"%d","total_pages":"2"}}`, "a b", ""},
		"no meta":                         {[]string{"a", "b"}, `null`, "a b", ""},
		"meta as a list":                  {[]string{"a", "b"}, `[%[1]d]`, "a b", ""},
		"a last page that is full":        {[]string{"a b"}, `{"pagination":{"total":2,"current_page":%d,"total_pages":1}}`, "a b", ""},
		"more pages than are ever filled": {[]string{"a"}, `{"pagination":{"current_page":%d,"total_pages":99}}`, "a", "ten empty pages"},
		"another page than was asked for": {[]string{"a b", "c"}, `{"pagination":{"current_page":1,"total_pages":2}}`, "a b", "another page"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
				var number int
				_, _ = fmt.Sscan(r.URL.Query().Get("page"), &number)
				users := []object{}
				if number <= len(tc.pages) {
					for uid := range strings.FieldsSeq(tc.pages[number-1]) {
						users = append(users, object{"uid": uid})
					}
				}
				meta := tc.meta
				if strings.Contains(meta, "%") {
					meta = fmt.Sprintf(meta, number)
				}
				return httpmock.NewJsonResponse(200, object{"data": users, "meta": json.RawMessage(meta)})
			})
			uids, err := uidsOf(w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{Limit: 2}))
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
			assert.Equal(t, tc.want, strings.Join(uids, " "))
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.RegisterNoResponder(pagesOf(25, func(object) {}))
	a := w.admin(t)
	cursor, uids := "", []string{}
	for {
		p, err := a.ListUsersPage(t.Context(), cometchat.UserFilter{Limit: 10}, cursor)
		require.NoError(t, err)
		assert.Equal(t, [2]int{3, 25}, [2]int{p.Pages, p.Total})
		for _, u := range p.Items {
			uids = append(uids, u.UID)
		}
		if cursor = p.Next; cursor == "" {
			assert.Equal(t, 3, p.Number)
			break
		}
	}
	assert.Len(t, uids, 25)
	for _, cursor := range []string{"0", "-1", "x", "1.5", "99999999999999999999"} {
		_, err := a.ListUsersPage(t.Context(), cometchat.UserFilter{}, cursor)
		require.ErrorIs(t, err, cometchat.ErrBadRequest, cursor)
	}
	_, err := a.ListUsersPage(t.Context(), cometchat.UserFilter{Limit: -1}, "")
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	_, err = a.ListAuthTokensPage(t.Context(), "..", "")
	require.ErrorIs(t, err, cometchat.ErrInvalidUID)

	s := emulator(t)
	c := emulated(t, s)
	_, err = c.Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	users, err := c.ListUsersPage(t.Context(), cometchat.UsersRequest{Limit: 3}, "")
	require.NoError(t, err)
	assert.Len(t, users.Items, 3)
	users, err = c.ListUsersPage(t.Context(), cometchat.UsersRequest{Limit: 3}, users.Next)
	require.NoError(t, err)
	assert.Len(t, users.Items, 1, "all but the logged-in user")
	assert.Empty(t, users.Next)
	_, err = c.BlockUsers(t.Context(), []string{uid2})
	require.NoError(t, err)
	blocked, err := c.ListBlockedUsersPage(t.Context(), cometchat.BlockedUsersRequest{}, "")
	require.NoError(t, err)
	require.Len(t, blocked.Items, 1)
	assert.Equal(t, uid2, blocked.Items[0].UID)
	admin, err := cometchat.NewAdmin(s.AppID, s.APIKey, s.AdminOptions()...)
	require.NoError(t, err)
	defer admin.Close()
	tokens, err := admin.ListAuthTokensPage(t.Context(), uid1, "")
	require.NoError(t, err)
	assert.Len(t, tokens.Items, 1)
}

// TestLargestPage has a page of users as large as the documented limits allow: 100 of them, or with -full the most, 1000.
func TestLargestPage(t *testing.T) {
	t.Parallel()
	users := 100
	if *full {
		users = 1000
	}
	escaped := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) } // one character, as PHP writes it
	user := `{"uid":"u%d","name":"` + escaped(100) + `","avatar":"` + strings.Repeat("a", 3000) + `","link":"` +
		strings.Repeat("l", 3000) + `","metadata":{"x":"` + strings.Repeat(`\u00eb`, 2500) + `"},"tags":[` +
		strings.TrimSuffix(strings.Repeat(`"`+escaped(100)+`",`, 25), ",") + `]}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[`)
		for i := range users {
			if i > 0 {
				_, _ = io.WriteString(w, ",")
			}
			_, _ = fmt.Fprintf(w, user, i)
		}
		_, _ = fmt.Fprintf(w, `],"meta":{"pagination":{"total":%d,"current_page":1,"total_pages":1}}}`, users)
	}))
	defer s.Close()
	a, err := cometchat.NewAdmin(appID, "key", cometchat.WithAdminHost(s.URL))
	require.NoError(t, err)
	defer a.Close()
	uids, err := uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{Limit: 1000}))
	require.NoError(t, err)
	assert.Len(t, uids, users)
}
