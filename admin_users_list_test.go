package cometchat_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func uidsOf(list func(func(*cometchat.User, error) bool)) ([]string, error) {
	var uids []string
	for u, err := range list {
		if err != nil {
			return uids, err
		}
		uids = append(uids, u.UID)
	}
	return uids, nil
}

// pagesOf answers GET /users with total users, in pages as asked for; meta changes what it says of them.
func pagesOf(total int, meta func(pagination object)) httpmock.Responder {
	return func(r *http.Request) (*http.Response, error) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		perPage, _ := strconv.Atoi(r.URL.Query().Get("perPage"))
		users := []object{}
		for i := (page - 1) * perPage; i < min(page*perPage, total); i++ {
			users = append(users, object{"uid": fmt.Sprintf("u%03d", i), "name": "x"})
		}
		pagination := object{
			"total": total, "count": len(users), "per_page": perPage, "current_page": page,
			"total_pages": (total + perPage - 1) / perPage,
		}
		meta(pagination)
		return httpmock.NewJsonResponse(200, object{"data": users, "meta": object{"pagination": pagination}})
	}
}

func TestListUsersPages(t *testing.T) {
	t.Parallel()
	truthful := func(object) {}
	for name, tc := range map[string]struct {
		total, requests int
		meta            func(object)
	}{
		"nobody":                           {0, 1, truthful},
		"part of a page":                   {9, 1, truthful},
		"a whole page":                     {10, 1, truthful},
		"several pages":                    {25, 3, truthful},
		"whole pages":                      {30, 3, truthful},
		"a total of 0, as in the examples": {25, 3, func(p object) { p["total"] = 0; p["total_pages"] = 1 }},
		"whole pages without any totals":   {20, 3, func(p object) { clear(p) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(pagesOf(tc.total, tc.meta))
			uids, err := uidsOf(w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{Limit: 10}))
			require.NoError(t, err)
			require.Len(t, uids, tc.total)
			for i, uid := range uids {
				assert.Equal(t, fmt.Sprintf("u%03d", i), uid)
			}
			assert.Len(t, w.lines(), tc.requests)
		})
	}
}

func TestListUsersStops(t *testing.T) {
	t.Parallel()
	t.Run("requesting when the loop stops", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(pagesOf(100, func(object) {}))
		list := w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{Limit: 10})
		assert.Empty(t, w.lines(), "it begins with the loop")
		seen := 0
		for _, err := range list {
			require.NoError(t, err)
			if seen++; seen == 10 {
				break
			}
		}
		assert.Len(t, w.lines(), 1)
		uids, err := uidsOf(list)
		require.NoError(t, err)
		assert.Len(t, uids, 100, "another loop begins anew")
	})
	t.Run("with an error, once", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Get("page") == "2" {
				return httpmock.NewJsonResponse(400, refusal("ERR_BAD_REQUEST", "no"))
			}
			return pagesOf(100, func(object) {})(r)
		})
		users, errs := 0, 0
		for u, err := range w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{Limit: 10}) {
			if err != nil {
				require.ErrorIs(t, err, cometchat.ErrBadRequest)
				assert.Nil(t, u)
				errs++
			} else {
				users++
			}
		}
		assert.Equal(t, 10, users)
		assert.Equal(t, 1, errs)
	})
	t.Run("before any request with a bad filter", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		for _, filter := range []cometchat.UserFilter{
			{Limit: 1001}, {Limit: -1}, {Status: "away"}, {SearchIn: []string{"email"}},
			{Tags: []string{"a,b"}},
		} {
			_, err := uidsOf(w.admin(t).ListUsers(t.Context(), filter))
			require.ErrorIs(t, err, cometchat.ErrBadRequest)
		}
		for _, err := range w.admin(t).ListAuthTokens(t.Context(), "..") {
			require.ErrorIs(t, err, cometchat.ErrInvalidUID)
		}
		assert.Empty(t, w.lines())
	})
	for answer, says := range map[string]string{
		`{"data":[null]}`: "a gap", `{}`: "no data", `{"data":null}`: "no data", `null`: "no data", `{"message":"ok"}`: "no data",
		`{"data":[{}]}`: "names no user", `{"data":7}`: "no data",
		`{"data":[{"uid":"a"},{"uid":"b"}],"meta":{"pagination":{"total":0,"current_page":1,"total_pages":1}}}`: "another page",
		`{"data":[{"uid":"a"},{"uid":"b"}]}`: "another page",
	} {
		t.Run("with an error for "+answer, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterNoResponder(respond(200, answer))
			_, err := uidsOf(w.admin(t).ListUsers(t.Context(), cometchat.UserFilter{Limit: 2}))
			require.ErrorContains(t, err, says)
		})
	}
	t.Run("at somebody else's token", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.RegisterNoResponder(respond(200, docTokens))
		for token, err := range w.admin(t).ListAuthTokens(t.Context(), "ada") {
			assert.Nil(t, token)
			require.ErrorContains(t, err, "another user")
		}
	})
}
