package cometchat_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOddFields checks that no call and no list fails because a field has another JSON type than documented.
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

// TestRequiredFields checks that a call fails without the fields it is about, and that the error says what the answer has instead.
func TestRequiredFields(t *testing.T) {
	t.Parallel()
	for answer, says := range map[string]string{
		`{"data":{"uid":["ada"]}}`:      "names no user: data.uid is an array",
		`{"data":{"uid":{}}}`:           "names no user: data.uid is an object",
		`{"data":{"tags":1,"uid":[1]}}`: "names no user: data.uid is an array",
		`{"data":{"tags":1}}`:           "names no user (FAILED_TO_FETCH",
		`{"data":{"name":"Ada"}}`:       "names no user",
		`{"data":"ada"}`:                "no data",
		`{"data":{"uid":"bob"}}`:        "about another user",
		`[]`:                            "no data",
		`{"data":{"uid":"ada"}`:         "not the documented JSON",
		`<html>Welcome</html>`:          "a proxy in between",
		``:                              "not the documented JSON",
		`{"data":[{"uid":"ada"}]}`:      "no data",
		`{"data":{"uid":true}}`:         "names no user: data.uid is a bool",
		`{"data":{"uid":9},"x":[]}`:     "about another user",
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

// TestMetadataOfHTML checks that JSON goes out without HTML escaping, which would make allowed metadata too large for a request.
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

// TestErrorEnvelopeWhateverTheStatus checks that an error in the API's form fails the call, even with a status of success.
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
		assert.Len(t, w.lines(), 3, "no call is retried")
	}
	w := newWire()
	w.answer("GET", adminHost+"/users/ada", 404, "\ufeff"+`{"error":{"code":42,"message":["a"],"devMessage":7,"details":{"uid":["x"]}}}`)
	_, err := w.admin(t).GetUser(t.Context(), "ada")
	assert.Equal(t, "42", code(err))
	assert.Equal(t, "7", asError(err).DevMessage)
	assert.JSONEq(t, `{"uid":["x"]}`, string(asError(err).Details))
}

// TestEnsureUserThatIsThere checks that EnsureUser compares metadata as values and tags in any order, so that it makes no needless
// update.
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

// TestLargeAnswer checks the limit of an answer, which counts decompressed bytes.
func TestLargeAnswer(t *testing.T) {
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
	assert.Equal(t, 200, asError(err).StatusCode)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestEnvelopeWithAnOddField(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	w.answer("GET", clientHost+"/users/u9", 401, `{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":["gone"],"source":5}}`)
	_, err := c.GetUser(t.Context(), "u9")
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	assertUID(t, c, "")
}
