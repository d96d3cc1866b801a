package cometchattest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
)

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := started(t)
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		s.DeleteUser("cometchat-uid-" + n)
	}
	s.AddUser(&cometchat.User{UID: "Ada", Name: "Lovelace", Role: "Chief", Tags: []string{"a b", "x"}})
	s.AddUser(&cometchat.User{UID: "bob", Name: "Adam"})
	s.AddUser(&cometchat.User{UID: "carl", Name: "Carl", Role: "agent", Tags: []string{"y"}})
	s.AddUser(&cometchat.User{UID: "gone", Name: "Ada", Role: "agent"})
	must(t, s, "DELETE", "/users/gone", "")
	status, _ := me(t, s, s.CreateAuthToken("bob"), "")
	assert.Equal(t, http.StatusOK, status)
	for query, want := range map[string][]any{
		"":                            {"ada", "bob", "carl"},
		"searchKey=ADA":               {"ada", "bob"}, // the case does not matter
		"searchKey=ada&searchIn=":     {"ada", "bob"},
		"searchKey=ada&searchIn=uid":  {"ada"},
		"searchKey=ada&searchIn=name": {"bob"},
		"searchKey=ada&searchIn=name&searchIn=uid": {"ada", "bob"},
		"searchKey=ada&searchIn=name,uid":          {"ada", "bob"},
		"searchKey=velace":                         {}, // only the beginning of a name counts
		"searchKey=%25":                            {},
		"searchIn=name":                            {"ada", "bob", "carl"},
		"status=available":                         {"bob"},
		"status=offline":                           {"ada", "carl"},
		"role=chief":                               {"ada"},
		"role=AGENT":                               {"carl"},
		"role=nothing":                             {},
		"roles=chief&roles=agent":                  {"ada", "carl"},
		"roles=chief,agent":                        {"ada", "carl"},
		"roles=chief,agent&role=agent":             {"carl"},
		"tags=x":                                   {"ada"},
		"tags=x,y":                                 {"ada", "carl"},
		"tags=a%20b":                               {"ada"},
		"tags=a":                                   {},
		"tags=X":                                   {},
		"withDeactivated=true":                     {"ada", "bob", "carl", "gone"},
		"withDeactivated=false":                    {"ada", "bob", "carl"},
		"onlyDeactivated=true":                     {"gone"},
		"onlyDeactivated=1&role=chief":             {},
		"count=true&unknown=1":                     {"ada", "bob", "carl"},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			users, answer := list(t, s, "/users?"+query)
			assert.Equal(t, want, field(users, "uid"))
			for _, u := range users {
				assert.NotContains(t, u, "tags")
			}
			if len(want) == 0 {
				assert.NotContains(t, answer, "cursor")
			}
		})
	}
	users, _ := list(t, s, "/users?withTags=true")
	assert.Equal(t, []any{[]any{"a b", "x"}, nil, []any{"y"}}, field(users, "tags"))
	for query, field := range map[string]string{
		"perPage=0": "perPage", "perPage=1001": "perPage", "perPage=-1": "perPage", "perPage=x": "perPage", "perPage=1.5": "perPage",
		"page=0": "page", "page=-1": "page", "page=x": "page", "page=99999999999999999999": "page",
		"status=online": "status", "searchIn=uid,email": "searchIn", "withTags=yes": "withTags",
		"onlyDeactivated=2": "onlyDeactivated", "withDeactivated=x": "withDeactivated",
		"affix=up&updatedAt=1": "affix", "affix=append": "updatedAt", "affix=append&updatedAt=x": "updatedAt",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			status, answer := admin(t, s, "GET", "/users?"+query, "")
			assertRefused(t, status, answer, 400, "ERR_BAD_REQUEST", "validate")
			assert.Contains(t, answer["error"].(object)["details"], field) //nolint:forcetypeassert // just checked
		})
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	clock.pass(time.Minute)
	updated := clock.now.Unix()
	must(t, s, "PUT", "/users/cometchat-uid-3", `{"name":"New"}`)
	s.AddUser(&cometchat.User{UID: "cometchat-uid-2", Name: "Replaced in place"})

	for _, tc := range []struct {
		query      string
		uids       []any
		pagination object
	}{
		{
			"", []any{"cometchat-uid-1", "cometchat-uid-2", "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"},
			object{"total": 5.0, "count": 5.0, "per_page": 100.0, "current_page": 1.0, "total_pages": 1.0},
		},
		{
			"?perPage=2", []any{"cometchat-uid-1", "cometchat-uid-2"},
			object{"total": 5.0, "count": 2.0, "per_page": 2.0, "current_page": 1.0, "total_pages": 3.0},
		},
		{
			"?perPage=2&page=3", []any{"cometchat-uid-5"},
			object{"total": 5.0, "count": 1.0, "per_page": 2.0, "current_page": 3.0, "total_pages": 3.0},
		},
		{
			"?perPage=1000&page=9223372036854775807", []any{},
			object{"total": 5.0, "count": 0.0, "per_page": 1000.0, "current_page": 9223372036854775807.0, "total_pages": 1.0},
		},
		{
			"?role=nothing", []any{},
			object{"total": 0.0, "count": 0.0, "per_page": 100.0, "current_page": 1.0, "total_pages": 1.0},
		},
	} {
		users, answer := list(t, s, "/users"+tc.query)
		assert.Equal(t, tc.uids, field(users, "uid"), tc.query)
		assert.Equal(t, object{"pagination": tc.pagination}, answer["meta"], tc.query)
	}
	_, answer := list(t, s, "/users")
	assert.Equal(t, object{"updatedAt": float64(updated), "affix": "prepend"}, answer["cursor"], "the newest change on the page")
	_, answer = list(t, s, "/users?perPage=1")
	assert.Equal(t, object{"updatedAt": float64(updated - 60), "affix": "prepend"}, answer["cursor"], "the creation, if a user was never updated")
}

// TestUsersOfOneSecond creates users in the same second. Lists still have the order of creation.
func TestUsersOfOneSecond(t *testing.T) {
	t.Parallel()
	s := started(t, newClock().option())
	want := []any{}
	for i := range 50 {
		uid := fmt.Sprint("u", (i*37)%50)
		s.AddUser(&cometchat.User{UID: uid, Name: "U"})
		want = append(want, uid)
	}
	got := []any{}
	for number := range 8 {
		users, _ := list(t, s, fmt.Sprintf("/users?searchKey=u&searchIn=uid&perPage=7&page=%d", number+1))
		got = append(got, field(users, "uid")...)
	}
	assert.Equal(t, want, got)
}

func TestPagesByCursor(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := started(t, clock.option())
	made := clock.now.Unix()
	clock.pass(time.Minute)
	must(t, s, "PUT", "/users/cometchat-uid-3", `{"name":"New"}`)
	clock.pass(time.Minute)
	must(t, s, "PUT", "/users/cometchat-uid-1", `{"name":"Newer"}`)
	for query, want := range map[string][]any{
		fmt.Sprintf("affix=append&updatedAt=%d", made):              {uid(1), uid(3)},
		fmt.Sprintf("affix=append&updatedAt=%d", made+60):           {uid(1)},
		fmt.Sprintf("affix=prepend&updatedAt=%d", made+60):          {uid(2), uid(4), uid(5)},
		fmt.Sprintf("affix=prepend&updatedAt=%d&perPage=1", made+1): {uid(2)},
		fmt.Sprintf("affix=append&updatedAt=%d", made+120):          {},
	} {
		users, _ := list(t, s, "/users?"+query)
		assert.Equal(t, want, field(users, "uid"), query)
	}
}
