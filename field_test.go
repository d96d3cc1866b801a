package cometchat_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOddFields: a field of another JSON type than documented fails no call and no list.
func TestOddFields(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC)
	for odd, want := range map[string]cometchat.User{
		`"tags":{"0":"vip","2":"beta"}`:       {Tags: []string{"vip", "beta"}},
		`"tags":""`:                           {},
		`"tags":{}`:                           {},
		`"tags":["a",7]`:                      {Tags: []string{"a", "7"}},
		`"tags":null`:                         {},
		`"tags":true`:                         {},
		`"hasBlockedMe":0`:                    {},
		`"hasBlockedMe":1`:                    {HasBlockedMe: true},
		`"hasBlockedMe":"1"`:                  {HasBlockedMe: true},
		`"blockedByMe":"0"`:                   {},
		`"blockedByMe":"true"`:                {BlockedByMe: true},
		`"blockedByMe":[]`:                    {},
		`"createdAt":"2024-05-01 10:00:00"`:   {CreatedAt: at},
		`"createdAt":"2024-05-01T10:00:00Z"`:  {CreatedAt: at},
		`"createdAt":1714557600000`:           {CreatedAt: at},
		`"createdAt":"1714557600"`:            {CreatedAt: at},
		`"createdAt":false`:                   {},
		`"createdAt":[]`:                      {},
		`"lastActiveAt":{"date":"yesterday"}`: {},
		`"deactivatedAt":"soon"`:              {},
		`"avatar":false`:                      {},
		`"avatar":{}`:                         {},
		`"link":[]`:                           {},
		`"role":7`:                            {Role: "7"},
		`"status":{"a":1}`:                    {},
		`"statusMessage":12.50`:               {StatusMessage: "12.50"},
		`"conversationId":[1]`:                {},
		`"metadata":"text"`:                   {Metadata: json.RawMessage(`"text"`)},
		`"metadata":[]`:                       {Metadata: json.RawMessage(`[]`)},
		`"unknown":{"a":[1,2]}`:               {},
		`"UID":"ada"`:                         {},
	} {
		t.Run(odd, func(t *testing.T) {
			t.Parallel()
			want.UID, want.Name = "ada", "Ada"
			one := `{"uid":"ada","name":"Ada",` + odd + `}`
			w := newWire()
			w.answer("GET", adminHost+"/users/ada", 200, "\ufeff"+`{"data":`+one+`}`)
			u, err := w.admin(t).GetUser(t.Context(), "ada")
			require.NoError(t, err)
			assertSameUser(t, &want, u)

			w.RegisterNoResponder(respond(200, `{"data":[`+one+`,{"uid":"bob"}],"meta":[]}`).Then(respond(200, `{"data":[]}`)))
			uids, err := uidsOf(w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{}))
			require.NoError(t, err)
			assert.Equal(t, []string{"ada", "bob"}, uids)
		})
	}
}

// assertSameUser compares users as their JSON, which has times without a zone.
func assertSameUser(t *testing.T, want, got *cometchat.User) {
	t.Helper()
	wantJSON, err := json.Marshal(want)
	require.NoError(t, err)
	gotJSON, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(wantJSON), string(gotJSON))
}

// TestRequiredFields: what a call is about is required, and the error says what came in its place.
func TestRequiredFields(t *testing.T) {
	t.Parallel()
	for answer, says := range map[string]string{
		`{"data":{"uid":["ada"]}}`:  "names no user: data.uid is an array",
		`{"data":{"uid":{}}}`:       "names no user: data.uid is an object",
		`{"data":{"name":"Ada"}}`:   "names no user",
		`{"data":"ada"}`:            "no data",
		`{"data":{"uid":"bob"}}`:    "about another user",
		`[]`:                        "no data",
		`{"data":{"uid":"ada"}`:     "not the documented JSON",
		`<html>Welcome</html>`:      "a proxy in between",
		``:                          "not the documented JSON",
		`{"data":[{"uid":"ada"}]}`:  "no data",
		`{"data":{"uid":true}}`:     "names no user: data.uid is a bool",
		`{"data":{"uid":9},"x":[]}`: "about another user",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.answer("GET", adminHost+"/users/ada", 200, answer)
			_, err := w.admin(t, once).GetUser(t.Context(), "ada")
			require.ErrorContains(t, err, says)
			assert.Equal(t, "FAILED_TO_FETCH", code(err))
		})
	}
	w := newWire()
	w.answer("GET", adminHost+"/users/42", 200, `{"data":{"uid":42}}`)
	u, err := w.admin(t).GetUser(t.Context(), "42")
	require.NoError(t, err)
	assert.Equal(t, "42", u.UID, "a number counts as its digits")
}

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
					for _, uid := range strings.Fields(tc.pages[number-1]) {
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

// TestLargestPage: a page of 1000 users, each as large as the documented limits allow, can be read.
func TestLargestPage(t *testing.T) {
	if testing.Short() {
		t.Skip("it reads 60 MiB")
	}
	t.Parallel()
	escaped := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) } // one character, as PHP writes it
	user := `{"uid":"u%d","name":"` + escaped(100) + `","avatar":"` + strings.Repeat("a", 3000) + `","link":"` +
		strings.Repeat("l", 3000) + `","metadata":{"x":"` + strings.Repeat(`\u00eb`, 2500) + `"},"tags":[` +
		strings.TrimSuffix(strings.Repeat(`"`+escaped(100)+`",`, 25), ",") + `]}`
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[`)
		for i := range 1000 {
			if i > 0 {
				_, _ = io.WriteString(w, ",")
			}
			_, _ = fmt.Fprintf(w, user, i)
		}
		_, _ = io.WriteString(w, `],"meta":{"pagination":{"total":1000,"current_page":1,"total_pages":1}}}`)
	}))
	defer s.Close()
	a, err := cometchat.NewAdmin(appID, "key", cometchat.WithAdminHost(s.URL))
	require.NoError(t, err)
	defer a.Close()
	uids, err := uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{Limit: 1000}))
	require.NoError(t, err)
	assert.Len(t, uids, 1000)
}

// TestMetadataOfHTML: JSON goes out without HTML escaping, or metadata within the limit would outgrow the limit of a body.
func TestMetadataOfHTML(t *testing.T) {
	t.Parallel()
	metadata := json.RawMessage(`{"html":"` + strings.Repeat("<p>&amp;</p>", 400) + `","url":"https://x/?a=1&b=2"}`)
	s := emulator(t)
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, s.AdminOptions()...)
	require.NoError(t, err)
	defer a.Close()
	created, err := a.CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada", Metadata: metadata})
	require.NoError(t, err)
	assert.Equal(t, string(metadata), string(created.Metadata))

	c := emulated(t, s)
	_, err = c.Login(t.Context(), "ada", s.AuthKey)
	require.NoError(t, err)
	u, err := c.GetLoggedinUser(t.Context())
	require.NoError(t, err)
	assert.Equal(t, string(metadata), string(u.Metadata))
	text, err := u.MarshalJSON()
	require.NoError(t, err)
	assert.Contains(t, string(text), "<p>&amp;</p>")
}

// TestPassingTroubles: whatever a gateway or a server in trouble answers is retried; a creation is not.
func TestPassingTroubles(t *testing.T) {
	t.Parallel()
	for _, first := range []struct {
		status int
		body   string
	}{
		{408, ""}, {500, ""}, {500, `{"error":{"code":"ERR_INTERNAL"}}`}, {502, "<html>"}, {503, ""}, {504, ""}, {520, ""}, {521, ""},
		{522, ""}, {523, ""}, {524, ""}, {527, ""}, {530, ""}, {200, "<html>"}, {200, ""}, {200, `{"data":{"uid":`}, {201, "OK"},
	} {
		inBubble(t, fmt.Sprint(first.status, " ", first.body), func(t *testing.T) {
			w := newWire()
			w.RegisterResponder("GET", adminHost+"/users/ada", respond(first.status, first.body).Then(respond(200, data(user("ada")))))
			_, err := w.admin(t).GetUser(t.Context(), "ada")
			require.NoError(t, err)
			assert.Len(t, w.lines(), 2)
			w.RegisterResponder("POST", adminHost+"/users", respond(first.status, first.body))
			_, err = w.admin(t).CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"})
			require.Error(t, err)
			assert.Len(t, w.lines(), 1, "the server may have created the user")
		})
	}
	for _, final := range []int{400, 401, 403, 404, 405, 409, 501, 505, 511} {
		inBubble(t, fmt.Sprint("not after ", final), func(t *testing.T) {
			w := newWire()
			w.answer("GET", adminHost+"/users/ada", final, "")
			_, err := w.admin(t).GetUser(t.Context(), "ada")
			require.Error(t, err)
			assert.Len(t, w.lines(), 1)
		})
	}
}

// TestErrorEnvelopeWhateverTheStatus: an error in the API's form is an error, for acknowledgements too.
func TestErrorEnvelopeWhateverTheStatus(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 400, 404, 418} {
		w := newWire()
		w.RegisterNoResponder(respond(status, refusal("ERR_UID_NOT_FOUND", "no such user")))
		a := w.admin(t)
		_, err := a.GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, cometchat.ErrUIDNotFound, status)
		assert.Equal(t, status, asError(err).StatusCode)
		require.ErrorIs(t, a.DeleteUser(t.Context(), "ada"), cometchat.ErrUIDNotFound, status)
		_, err = uidsOf(a.ListUsers(t.Context(), cometchat.UserFilter{}))
		require.ErrorIs(t, err, cometchat.ErrUIDNotFound, status)
		assert.Len(t, w.lines(), 3, "and is not retried")
	}
	w := newWire()
	w.answer("GET", adminHost+"/users/ada", 404, "\ufeff"+`{"error":{"code":42,"message":["a"],"devMessage":7,"details":{"uid":["x"]}}}`)
	_, err := w.admin(t).GetUser(t.Context(), "ada")
	assert.Equal(t, "42", code(err))
	assert.Equal(t, "7", asError(err).DevMessage)
	assert.JSONEq(t, `{"uid":["x"]}`, string(asError(err).Details))
}

// TestEnsureUserThatIsThere: JSON is compared as values, and tags in any order, so that no update is made for nothing.
func TestEnsureUserThatIsThere(t *testing.T) {
	t.Parallel()
	for _, m := range [][2]string{
		{`{"site":"https://a.example/x"}`, `{"site":"https:\/\/a.example\/x"}`}, {`{"b":1,"a":2}`, `{"a":2,"b":1}`},
		{`{"n":"Zoë"}`, `{"n":"Zo\u00eb"}`}, {`{"n":1.0}`, `{"n":1}`}, {`{"n":1e2}`, `{"n":100}`}, {`{"h":"<"}`, `{"h":"\u003c"}`},
		{"{\"a\":[1,{\"b\":null}]}", `{ "a" : [ 1 , { "b" : null } ] }`},
	} {
		w := newWire()
		w.RegisterNoResponder(respond(200, `{"data":{"uid":"ada","name":"Ada","tags":["b","a"],"metadata":`+m[1]+`}}`))
		_, err := w.admin(t).EnsureUser(t.Context(), &cometchat.User{
			UID: "ada", Name: "Ada", Tags: []string{"a", "b"}, Metadata: json.RawMessage(m[0]),
		})
		require.NoError(t, err)
		assert.Len(t, w.lines(), 1, "%s is there as %s", m[0], m[1])
	}
	for _, m := range [][2]string{{`{"n":9007199254740993}`, `{"n":9007199254740992}`}, {`{"a":1}`, `{"a":"1"}`}, {`[1,2]`, `[2,1]`}} {
		w := newWire()
		w.RegisterNoResponder(respond(200, `{"data":{"uid":"ada","name":"Ada","metadata":`+m[1]+`}}`))
		_, err := w.admin(t).EnsureUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada", Metadata: json.RawMessage(m[0])})
		require.NoError(t, err)
		assert.Len(t, w.lines(), 2, "%s is not %s", m[0], m[1])
	}
}

// TestHowLongTheServerAsksToWait: the Retry-After header in all its forms, and the end of the rate limit without it.
func TestHowLongTheServerAsksToWait(t *testing.T) {
	t.Parallel()
	inBubble(t, "", func(t *testing.T) {
		now := time.Now()
		stamp := func(d time.Duration) string { return now.Add(d).UTC().Format(http.TimeFormat) }
		for _, tc := range []struct {
			status int
			header http.Header
			want   time.Duration
		}{
			{429, http.Header{"Retry-After": {"1.5"}}, 1500 * time.Millisecond},
			{429, http.Header{"Retry-After": {"2.0"}}, 2 * time.Second},
			{503, http.Header{"Retry-After": {"0.25"}}, 250 * time.Millisecond},
			{429, http.Header{"Retry-After": {stamp(45 * time.Second)}}, 45 * time.Second},
			{429, http.Header{"Retry-After": {stamp(time.Hour)}, "Date": {stamp(time.Hour - 7*time.Second)}}, 7 * time.Second},
			{429, http.Header{"Retry-After": {stamp(-time.Hour)}, "Date": {stamp(-time.Hour - 7*time.Second)}}, 7 * time.Second},
			{429, http.Header{"X-Rate-Limit-Reset": {fmt.Sprint(now.Add(45 * time.Second).Unix())}}, 45 * time.Second},
			{429, http.Header{"X-Ratelimit-Reset": {fmt.Sprint(now.Add(time.Hour).Unix())}, "Date": {stamp(time.Hour - 9*time.Second)}}, 9 * time.Second},
			{429, http.Header{"X-Rate-Limit-Reset": {fmt.Sprint(now.Add(45 * time.Second).Unix())}, "Retry-After": {"3"}}, 3 * time.Second},
			{503, http.Header{"X-Rate-Limit-Reset": {fmt.Sprint(now.Add(45 * time.Second).Unix())}}, 0},
			{429, http.Header{"X-Rate-Limit-Reset": {fmt.Sprint(now.Add(-time.Second).Unix())}}, 0},
			{429, http.Header{"Retry-After": {"999999999999999999999"}}, 365 * 24 * time.Hour},
			{429, http.Header{"Retry-After": {strings.Repeat("9", 400)}}, 365 * 24 * time.Hour},
			{429, http.Header{"Retry-After": {"1.2.3"}}, 0}, {429, http.Header{"Retry-After": {"."}}, 0},
			{429, http.Header{"Retry-After": {"0x10"}}, 0}, {429, http.Header{"Retry-After": {"Inf"}}, 0},
			{429, http.Header{"Retry-After": {"NaN"}}, 0}, {429, http.Header{"Retry-After": {"+5"}}, 0},
		} {
			w := newWire()
			w.RegisterNoResponder(respond(tc.status, "").HeaderSet(tc.header))
			_, err := w.admin(t, once).GetUser(t.Context(), "ada")
			require.Error(t, err)
			assert.Equal(t, tc.want, asError(err).RetryAfter, "%d %v", tc.status, tc.header)
		}
	})
	inBubble(t, "and a wait past the deadline is not begun", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{
			"X-Rate-Limit-Remaining": {"0"}, "X-Rate-Limit-Reset": {fmt.Sprint(time.Now().Add(45 * time.Second).Unix())},
		}))
		took := stopwatch()
		_, err := w.admin(t).GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, 45*time.Second, asError(err).RetryAfter)
		assert.Len(t, w.lines(), 1)
		assert.Zero(t, took())
	})
}

// TestHeldBack: after a 429 the next calls wait for the server's time too, and are not sent in vain.
func TestHeldBack(t *testing.T) {
	t.Parallel()
	const otherURL = adminHost + "/users/bob"
	limited := func(header http.Header) httpmock.Responder {
		header.Set("Retry-After", "10")
		return respond(429, "").HeaderSet(header)
	}
	inBubble(t, "on the same route", func(t *testing.T) {
		w := newWire()
		w.RegisterResponder("GET", adminHost+"/users/ada", limited(http.Header{}).Then(respond(200, data(user("ada")))))
		w.answer("GET", otherURL, 200, data(user("bob")))
		w.answer("POST", adminHost+"/users", 200, data(user("new")))
		a := w.admin(t)
		took := stopwatch()
		first := started(func() error { _, err := a.GetUser(t.Context(), "ada"); return err })
		_, err := a.CreateUser(t.Context(), &cometchat.User{UID: "new", Name: "New"})
		require.NoError(t, err)
		assert.Zero(t, took(), "another route is not held back")
		_, err = a.GetUser(t.Context(), "bob")
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, took())
		require.NoError(t, <-first)
		_, err = a.GetUser(t.Context(), "bob")
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, took(), "and then no longer")
	})
	inBubble(t, "and fail at once when that is too late", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(respond(429, "").HeaderSet(http.Header{"Retry-After": {"60"}}))
		a := w.admin(t)
		_, err := a.GetUser(t.Context(), "ada")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		_, err = a.GetUser(t.Context(), "bob")
		require.ErrorIs(t, err, cometchat.ErrTooManyRequests)
		assert.Equal(t, time.Minute, asError(err).RetryAfter)
		assert.Zero(t, asError(err).Attempts)
		assert.ErrorContains(t, err, "CometChat has asked to wait")
		assert.Len(t, w.lines(), 1)
	})
	for name, tc := range map[string]struct {
		header http.Header
		waits  time.Duration
	}{
		"of this client alone, while something remains":  {http.Header{"X-Rate-Limit-Remaining": {"5"}}, 0},
		"of all clients of a pool, when nothing remains": {http.Header{"X-Rate-Limit-Remaining": {"0"}}, 10 * time.Second},
	} {
		inBubble(t, name, func(t *testing.T) {
			w := newWire()
			w.loginWorks(uid1, uid2)
			p := w.pool(t)
			for key, uid := range map[string]string{"one": uid1, "two": uid2} {
				_, err := p.Client(key).Login(t.Context(), uid, authKey)
				require.NoError(t, err)
			}
			w.RegisterResponder("GET", userURL, limited(tc.header).Then(respond(200, data(user("u9")))))
			took := stopwatch()
			first := started(func() error { return getUser(t, p.Client("one")) })
			require.NoError(t, getUser(t, p.Client("two")))
			assert.Equal(t, tc.waits, took())
			require.NoError(t, <-first)
		})
	}
	inBubble(t, "until the caller gives up", func(t *testing.T) {
		w := newWire()
		w.RegisterNoResponder(limited(http.Header{}))
		a := w.admin(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		one := started(func() error { _, err := a.GetUser(ctx, "ada"); return err })
		two := started(func() error { _, err := a.GetUser(ctx, "bob"); return err })
		cancel()
		require.ErrorIs(t, <-one, context.Canceled)
		require.ErrorIs(t, <-two, context.Canceled)
		assert.Len(t, w.lines(), 1)
	})
}

// TestNameThatIsThereAMomentLater: a name that does not resolve may do so soon, when a container or a laptop starts.
func TestNameThatIsThereAMomentLater(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { respondTo(w, 200, data(user("ada"))) }))
	defer s.Close()
	var dials atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: "app1.api-us.cometchat.io", IsNotFound: true}}
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}}
	defer transport.CloseIdleConnections()
	a, err := cometchat.NewAdmin(appID, "key", cometchat.WithAdminHost(s.URL), cometchat.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	defer a.Close()
	_, err = a.GetUser(t.Context(), "ada")
	require.NoError(t, err)
	_, err = a.CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"})
	require.NoError(t, err)
}

// TestCompressedAnswers: a transport that asks for compression itself leaves the answers compressed.
func TestCompressedAnswers(t *testing.T) {
	t.Parallel()
	body := `{"data":{"uid":"ada"}}`
	for encoding, tc := range map[string]struct {
		write func(io.Writer)
		says  string
	}{
		"gzip":     {func(w io.Writer) { z := gzip.NewWriter(w); _, _ = io.WriteString(z, body); _ = z.Close() }, ""},
		"X-GZIP":   {func(w io.Writer) { z := gzip.NewWriter(w); _, _ = io.WriteString(z, body); _ = z.Close() }, ""},
		"deflate":  {func(w io.Writer) { z := zlib.NewWriter(w); _, _ = io.WriteString(z, body); _ = z.Close() }, ""},
		"identity": {func(w io.Writer) { _, _ = io.WriteString(w, body) }, ""},
		"br":       {func(w io.Writer) { _, _ = io.WriteString(w, "\x0b\x0a") }, `compression is unknown: "br"`},
		"gzip ":    {func(w io.Writer) { _, _ = io.WriteString(w, body) }, "invalid header"},
	} {
		t.Run(encoding, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", encoding)
				tc.write(w)
			}))
			defer s.Close()
			transport := &http.Transport{DisableCompression: true}
			defer transport.CloseIdleConnections()
			a, err := cometchat.NewAdmin(appID, "key", once, cometchat.WithAdminHost(s.URL), cometchat.WithHTTPClient(&http.Client{Transport: transport}))
			require.NoError(t, err)
			defer a.Close()
			_, err = a.GetUser(t.Context(), "ada")
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
		})
	}
	t.Run("a bomb", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = io.CopyN(z, zeros{}, 64<<20)
			_ = z.Close()
		}))
		defer s.Close()
		a, err := cometchat.NewAdmin(appID, "key", cometchat.WithAdminHost(s.URL))
		require.NoError(t, err)
		defer a.Close()
		_, err = a.GetUser(t.Context(), "ada")
		require.ErrorContains(t, err, "larger than 4 MiB")
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// unreadableDevice is a store whose record of the device cannot be read until it is deleted.
type unreadableDevice struct {
	*cometchat.MemorySessionStore
	mu      sync.Mutex
	deleted bool
}

func (s *unreadableDevice) unreadable(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.HasSuffix(key, "/device") && !s.deleted
}

func (s *unreadableDevice) Load(ctx context.Context, key string) (*cometchat.Session, error) {
	if s.unreadable(key) {
		return nil, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
	}
	return s.MemorySessionStore.Load(ctx, key)
}

func (s *unreadableDevice) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (bool, error) {
	if s.unreadable(key) {
		return false, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
	}
	return s.MemorySessionStore.CompareAndSwap(ctx, key, old, next)
}

func (s *unreadableDevice) Delete(ctx context.Context, key string) error {
	s.mu.Lock()
	s.deleted = s.deleted || strings.HasSuffix(key, "/device")
	s.mu.Unlock()
	return s.MemorySessionStore.Delete(ctx, key)
}

// TestDeviceRecordThatCannotBeRead: it is made anew, and stops no login and no pool.
func TestDeviceRecordThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWire()
	w.loginWorks(uid1)
	logger, log := logged()
	store := &unreadableDevice{MemorySessionStore: cometchat.NewMemorySessionStore()}
	p := w.pool(t, cometchat.WithSessionStore(store), cometchat.WithLogger(logger))
	_, err := p.Client("one").Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
	assert.Contains(t, log(), "level=WARN")
	assert.Contains(t, log(), "the stored device id cannot be read")
	device, err := store.Load(t.Context(), "app1/device")
	require.NoError(t, err)
	assert.NotEmpty(t, device.DeviceID)
	_, err = p.Client("two").Login(t.Context(), uid1, authKey)
	require.NoError(t, err)
}

// TestLogoutSaysThatItDiscards: a Logout that discards an unreadable session says so, and only if it could.
func TestLogoutSaysThatItDiscards(t *testing.T) {
	t.Parallel()
	for _, deletable := range []bool{true, false} {
		store := &unreadableSession{MemorySessionStore: cometchat.NewMemorySessionStore(), deletable: deletable}
		c := newWire().client(t, cometchat.WithSessionStore(store))
		err := c.Logout(t.Context())
		require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
		assert.Equal(t, deletable, strings.Contains(err.Error(), "has been discarded: log in again"), err)
	}
}

// unreadableSession is a store in which no record can be read.
type unreadableSession struct {
	*cometchat.MemorySessionStore
	deletable bool
}

func (s *unreadableSession) Load(context.Context, string) (*cometchat.Session, error) {
	return nil, fmt.Errorf("damaged: %w", cometchat.ErrUnreadableSession)
}

func (s *unreadableSession) Delete(ctx context.Context, key string) error {
	if !s.deletable {
		return errors.New("the disk is read-only")
	}
	return s.MemorySessionStore.Delete(ctx, key)
}

// logged returns a logger and a function that returns what it has logged.
func logged() (*slog.Logger, func() string) {
	log := &lockedBuffer{}
	return slog.New(slog.NewTextHandler(log, nil)), log.String
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

var silentLog = log.New(io.Discard, "", 0)
