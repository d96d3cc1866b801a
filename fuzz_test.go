package cometchat_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzAnswer answers a login with anything. The login returns a user, or an Error that can be printed.
func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `<html>oops</html>`, `{"data":null}`, `{"data":{"uid":"a","authToken":"t"}}`, `{"data":{"uid":""}}`,
		`{"data":{"uid":"a","metadata":[],"tags":null,"lastActiveAt":"5","createdAt":1.5}}`, `{"data":{"uid":"a"}`,
		`{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":"no","details":{"a":["b"]}}}`, `{"error":"x"}`,
		`{"error":{"code":5}}`, `{"error":{"code":"E","message":"a\nlevel=INFO"}}`, `{"error":{"code":"0"}}`, `{"error":{"code":"ERR_X","details":[1,"` + canaryKey[:10] + `",{"a":null}]}}`, "\xff\xfe",
	} {
		f.Add(200, body, "")
		f.Add(429, body, "5")
		f.Add(577, body, "0")
		f.Add(500, body, "Tue, 24 Nov 2026 00:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, status int, body, header string) {
		if status < 200 || status > 599 {
			status = 200
		}
		w := newWire()
		answer := httpmock.NewStringResponder(status, body).HeaderSet(http.Header{
			"Retry-After": {header}, "X-Rate-Limit": {header}, "X-Ratelimit-Reset": {header}, "Location": {header},
		})
		w.RegisterNoResponder(answer)
		c := w.client(t, once)
		u, err := c.LoginWithToken(t.Context(), tokenOf("fuzz"))
		if err == nil {
			require.NotNil(t, u)
			assert.NotEmpty(t, u.UID)
			assertUID(t, c, u.UID)
			_, err := json.Marshal(u)
			require.NoError(t, err)
			return
		}
		assert.Nil(t, u)
		e := asError(err)
		require.NotNil(t, e)
		assert.NotEmpty(t, e.Message)
		assert.GreaterOrEqual(t, e.RetryAfter, 0*e.RetryAfter)
		assert.NotContains(t, fmt.Sprintf("%+v", err), tokenOf("fuzz"))
		assert.NotContains(t, err.Error(), "\n")
		_, err = json.Marshal(e)
		require.NoError(t, err)
		assertUID(t, c, "")
	})
}

// FuzzList answers the calls about many users with anything. Each call ends.
func FuzzList(f *testing.F) {
	for _, body := range []string{
		`{"data":[]}`, `{"data":[{"uid":"a"}],"meta":{"pagination":{"total":0,"current_page":1,"total_pages":9}}}`, `{"data":[null]}`,
		`{"data":{"a":{"success":true},"b":{"success":false},"c":{"error":{"code":"ERR_UID_NOT_FOUND"}},"d":null}}`, `{"data":{"a":1}}`,
		`{"data":{"a":{"success":false,"message":"` + canaryToken + `"}}}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := newWire()
		w.answer("PUT", meURL, 200, data(meAnswer(uid1)))
		c := w.client(t, once)
		_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
		require.NoError(t, err)
		w.RegisterNoResponder(respond(200, body))
		for u, err := range c.ListUsers(t.Context(), cometchat.UsersRequest{Limit: 1}) {
			if err == nil {
				assert.NotEmpty(t, u.UID)
			}
		}
		outcomes, err := c.BlockUsers(t.Context(), []string{"a"})
		if err == nil {
			for _, outcome := range outcomes {
				_ = fmt.Sprintf("%+v", outcome)
			}
		}
	})
}

// FuzzUser checks that a user survives encoding and decoding.
func FuzzUser(f *testing.F) {
	f.Add(`{"uid":"a","metadata":{"a":[1,2.50]},"tags":["x"],"lastActiveAt":1700000000,"hasBlockedMe":true}`)
	f.Add(`{"updatedAt":-0.1}`)
	f.Add(`{"createdAt":"1","updatedAt":-1.5,"deactivatedAt":0,"metadata":null,"status":"available"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var u, back cometchat.User
		if json.Unmarshal([]byte(text), &u) != nil {
			return
		}
		raw, err := json.Marshal(&u)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &back))
		again, err := json.Marshal(&back)
		require.NoError(t, err)
		assert.Equal(t, string(raw), string(again))
	})
}

// FuzzSession checks that a session survives encoding and decoding, and that printing it shows no secret.
func FuzzSession(f *testing.F) {
	f.Add(`{"version":1,"appId":"a","deviceId":"d","user":{"uid":"u"},"authToken":"t","jwt":"j","createdAt":"2026-01-02T03:04:05Z"}`)
	f.Add(`{"version":2,"appId":"a","authToken":"t","createdAt":"2026-01-02T03:04:05Z","verifiedAt":"2026-02-03T04:05:06.7+01:00"}`)
	f.Add(`{"version":3}`)
	f.Fuzz(func(t *testing.T, text string) {
		var s, back cometchat.Session
		if json.Unmarshal([]byte(text), &s) != nil {
			assert.Equal(t, cometchat.Session{}, s, "a failed decoding changes nothing")
			return
		}
		raw, err := json.Marshal(s)
		require.NoError(t, err)
		assert.Contains(t, string(raw), `{"version":2,`)
		require.NoError(t, json.Unmarshal(raw, &back))
		assert.True(t, s.VerifiedAt.Equal(back.VerifiedAt))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		assert.Equal(t, string(raw), string(again))
		s.AuthToken = tokenOf("fuzz")
		assert.NotContains(t, fmt.Sprintf("%#v", s), s.AuthToken)
	})
}

// FuzzUID checks that an accepted uid is one segment of the path, and that the server gets it unchanged.
func FuzzUID(f *testing.F) {
	for _, uid := range []string{"a", "a/b", "..", "%2e%2e", "a?b#c", "ä", " a ", "a\\b", "{uid}", "a;b=c", "@:!$&'()*+,="} {
		f.Add(uid)
	}
	f.Fuzz(func(t *testing.T, uid string) {
		w := newWire()
		w.RegisterNoResponder(respond(404, refusal("ERR_UID_NOT_FOUND", "no")))
		_, err := w.client(t).Login(t.Context(), uid, authKey)
		require.Error(t, err)
		for _, r := range w.requests() {
			assert.True(t, utf8.ValidString(uid))
			path, ok := strings.CutPrefix(r.URL, adminHost+"/users/")
			require.True(t, ok, r.URL)
			segment, ok := strings.CutSuffix(path, "/auth_tokens")
			require.True(t, ok, r.URL)
			assert.NotContains(t, segment, "/")
			assert.NotContains(t, segment, "?")
			back, err := url.PathUnescape(segment)
			require.NoError(t, err)
			assert.Equal(t, uid, back)
			assert.NotContains(t, []string{"", ".", ".."}, back)
		}
	})
}

// FuzzRedaction checks that no error shows a secret, wherever the server's answer repeats it.
func FuzzRedaction(f *testing.F) {
	f.Add("The API key ", authKey, " does not exist")
	f.Add(`<a href="`, canaryKey, `">`)
	f.Add("\"", `back\slash"quote-and-more`, "{")
	f.Fuzz(func(t *testing.T, before, secret, after string) {
		if len(secret) < 8 || strings.TrimSpace(secret) != secret || strings.Contains("[redacted]", secret) {
			return // a shorter secret is redacted only as a word of its own
		}
		if strings.ContainsFunc(before+after, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
			return // their escape sequences may look like the secret
		}
		for _, body := range []string{
			before + secret + after,
			`{"error":{"code":"ERR_X","message":` + quoted(before+secret+after) + `,"details":[` + quoted(secret) + `]}}`,
		} {
			w := newWire()
			w.RegisterNoResponder(respond(400, body))
			_, err := w.client(t).Login(t.Context(), "u", secret)
			e := asError(err)
			require.NotNil(t, e)
			if e.StatusCode == 0 {
				return // the key was refused before a request
			}
			var details []string
			if len(e.Details) > 0 {
				require.NoError(t, json.Unmarshal(e.Details, &details))
			}
			for _, text := range []string{e.Message, strings.Join(details, " "), fmt.Sprintf("%#v", err)} {
				text = strings.ReplaceAll(text, "[redacted]", "\x00")
				if !strings.Contains("cometchat: Login: (ERR_X, POST /users/{uid}/auth_tokens, HTTP 400) FAILED_TO_FETCH"+
					"the server answered with an error, and not in the form of the API", secret) {
					assert.NotContains(t, text, secret)
				}
			}
		}
	})
}

func quoted(s string) string {
	raw, _ := json.Marshal(s)
	return string(raw)
}
