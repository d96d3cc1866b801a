package cometchat_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBadInput calls every exported call with bad arguments: empty, blank, too long, dots, a control character. No call makes a
// request.
func TestBadInput(t *testing.T) {
	t.Parallel()
	missing, invalid, bad := cometchat.ErrMissingParameters, cometchat.ErrInvalidUID, cometchat.ErrBadRequest
	long := strings.Repeat("x", 101)
	type input struct {
		value string
		kind  error
	}
	uids := map[string]input{
		"empty": {"", missing}, "blank": {" \t ", missing}, "over-long": {long, invalid}, "dots": {"..", invalid},
		"a dot": {".", invalid}, "control character": {"a\x00b", invalid}, "line break": {"a\r\nb", invalid},
		"C1 control character": {"a\u0085b", invalid}, "not UTF-8": {"a\xffb", invalid},
	}
	keys := map[string]input{
		"empty": {"", missing}, "blank": {"  ", missing}, "over-long": {long, bad}, "dots": {"..", bad},
		"control character": {"a\x7fb", bad}, "line break": {"a\r\nb", bad}, "not UTF-8": {"a\xffb", bad},
	}
	tokens := map[string]input{
		"empty": {"", missing}, "blank": {"  ", missing}, "over-long": {strings.Repeat("x", 1025), bad}, "dots": {"..", bad},
		"control character": {"a\x7fb", bad}, "line break": {"a\r\nb", bad}, "not UTF-8": {"a\xffb", bad},
	}
	names := map[string]input{
		"over-long": {long, bad}, "control character": {"a\x00b", bad}, "not UTF-8": {"a\xffb", bad},
	}
	namesThere := map[string]input{"empty": {"", missing}, "blank": {"  ", missing}}
	urls := map[string]input{"over-long": {strings.Repeat("x", 3001), bad}, "line break": {"https://a\nb", bad}}
	tags := map[string]input{"over-long": {long, bad}, "control character": {"a\x00b", bad}}
	metadata := map[string]input{"cut off": {`{"a":`, bad}, "a word": {`hello`, bad}}

	type call = func(ctx context.Context, c *cometchat.Client, v string) error
	create := func(change func(u *cometchat.User, v string)) call {
		return func(ctx context.Context, c *cometchat.Client, v string) error {
			u := &cometchat.User{UID: "u9", Name: "Nine"}
			change(u, v)
			_, err := c.CreateUser(ctx, u, authKey)
			return err
		}
	}
	update := func(change func(u *cometchat.User, v string)) call {
		return func(ctx context.Context, c *cometchat.Client, v string) error {
			u := &cometchat.User{UID: "u9"}
			change(u, v)
			_, err := c.UpdateUser(ctx, u, authKey)
			return err
		}
	}
	updateMe := func(change func(u *cometchat.User, v string)) call {
		return func(ctx context.Context, c *cometchat.Client, v string) error {
			u := &cometchat.User{}
			change(u, v)
			_, err := c.UpdateCurrentUserDetails(ctx, u)
			return err
		}
	}
	setUID := func(u *cometchat.User, v string) { u.UID = v }
	setName := func(u *cometchat.User, v string) { u.Name = v }
	setRole := func(u *cometchat.User, v string) { u.Role = v }
	setAvatar := func(u *cometchat.User, v string) { u.Avatar = v }
	setLink := func(u *cometchat.User, v string) { u.Link = v }
	setTag := func(u *cometchat.User, v string) { u.Tags = []string{"fine", v} }
	setMetadata := func(u *cometchat.User, v string) { u.Metadata = json.RawMessage(v) }
	uidsSet := map[string]input{}
	for name, in := range uids {
		if in.value != "" {
			uidsSet[name] = in // an empty uid stands for the session's user
		}
	}

	for _, tc := range []struct {
		name   string
		inputs map[string]input
		call   call
	}{
		{"Login uid", uids, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.Login(ctx, v, authKey)
			return err
		}},
		{"Login authKey", keys, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.Login(ctx, "u9", v)
			return err
		}},
		{"LoginWithToken", tokens, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.LoginWithToken(ctx, v)
			return err
		}},
		{"GetUser", uids, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.GetUser(ctx, v)
			return err
		}},
		{"BlockUsers", uids, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.BlockUsers(ctx, []string{v})
			return err
		}},
		{"CreateUser authKey", keys, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.CreateUser(ctx, &cometchat.User{UID: "u9", Name: "Nine"}, v)
			return err
		}},
		{"UpdateUser authKey", keys, func(ctx context.Context, c *cometchat.Client, v string) error {
			_, err := c.UpdateUser(ctx, &cometchat.User{UID: "u9", Name: "Nine"}, v)
			return err
		}},
		{"CreateUser uid", uids, create(setUID)},
		{"CreateUser no name", namesThere, create(setName)},
		{"CreateUser name", names, create(setName)},
		{"CreateUser role", names, create(setRole)},
		{"CreateUser avatar", urls, create(setAvatar)},
		{"CreateUser link", urls, create(setLink)},
		{"CreateUser tag", tags, create(setTag)},
		{"CreateUser metadata", metadata, create(setMetadata)},
		{"UpdateUser uid", uids, update(setUID)},
		{"UpdateUser name", names, update(setName)},
		{"UpdateUser metadata", metadata, update(setMetadata)},
		{"UpdateCurrentUserDetails uid", uidsSet, updateMe(setUID)},
		{"UpdateCurrentUserDetails name", names, updateMe(setName)},
		{"UpdateCurrentUserDetails tag", tags, updateMe(setTag)},
	} {
		for name, in := range tc.inputs {
			t.Run(tc.name+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWire()
				c := w.loggedIn(t)
				h := listen(c)
				err := tc.call(t.Context(), c, in.value)
				require.ErrorIs(t, err, in.kind)
				assert.NotNil(t, asError(err))
				assert.Zero(t, asError(err).Attempts)
				assert.Empty(t, w.lines())
				assert.Empty(t, h.take(), "listeners get no event for a bad argument")
				assertUID(t, c, uid1)
			})
		}
	}
}

func TestNilInput(t *testing.T) {
	t.Parallel()
	w := newWire()
	c := w.loggedIn(t)
	_, create := c.CreateUser(t.Context(), nil, authKey)
	_, update := c.UpdateUser(t.Context(), nil, authKey)
	_, updateMe := c.UpdateCurrentUserDetails(t.Context(), nil)
	for _, err := range []error{create, update, updateMe} {
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
		assert.Contains(t, err.Error(), "the user is nil")
	}
	var none context.Context
	for name, err := range everyCall(none, c) {
		if name == "GetLoggedinUser" || name == "AuthToken" || name == "EnsureLoggedIn" {
			require.NoError(t, err, "the client returns the user from memory")
			continue
		}
		require.ErrorIs(t, err, cometchat.ErrMissingParameters, name)
		assert.Contains(t, err.Error(), "the context is nil")
	}
	_, err := w.client(t).GetLoggedinUser(none)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)

	tags := make([]string, 26)
	for i := range tags {
		tags[i] = "t"
	}
	_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "a", Name: "a", Tags: tags}, authKey)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	assert.Empty(t, w.lines())
	assertUID(t, c, uid1)
}

// TestAnswersAreCheckedAsArguments has the server send uids, tokens and JWTs that no call would accept as an argument.
func TestAnswersAreCheckedAsArguments(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"not ASCII": "t\u00f6ken-of-the-user", "over-long": strings.Repeat("x", 5000), "line feed": "token\nX-Header: 1", "blank": "  ", "dots": "..",
	}
	uids := map[string]string{
		"line feed": "ada\n", "over-long": strings.Repeat("x", 101), "control character": "a\x00b", "dots": "..", "blank": "  ",
	}
	set := func(field, value string) object {
		answer := meAnswer(uid1)
		answer[field] = value
		return data(answer)
	}
	refused := func(t *testing.T, err error, flaw string) {
		t.Helper()
		require.ErrorContains(t, err, "the server's answer has "+flaw)
		assert.Equal(t, "FAILED_TO_FETCH", asError(err).Code)
	}
	for name, token := range secrets {
		t.Run("a token is "+name, func(t *testing.T) {
			t.Parallel()
			const flaw = "an auth token that cannot be sent"
			w := newWire()
			w.loginWorks(uid1)
			c, a := w.client(t), w.admin(t)
			w.answer("POST", tokensURL(uid1), 200, set("authToken", token))
			_, err := c.Login(t.Context(), uid1, authKey)
			refused(t, err, flaw)
			_, err = a.CreateAuthToken(t.Context(), uid1)
			refused(t, err, flaw)
			w.answer("POST", adminHost+"/users", 200, set("authToken", token))
			_, _, err = a.CreateUserWithAuthToken(t.Context(), &cometchat.User{UID: uid1, Name: "Ada"})
			refused(t, err, flaw)
			w.answer("GET", tokensURL(uid1), 200, object{"data": []any{object{"uid": uid1, "authToken": token}}})
			for _, err := range a.ListAuthTokens(t.Context(), uid1) {
				refused(t, err, flaw)
			}
			w.answer("PUT", meURL, 200, set("authToken", token))
			_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
			refused(t, err, flaw)
			w.answer("PUT", meURL, 200, set("jwt", token))
			_, err = c.LoginWithToken(t.Context(), tokenOf(uid1))
			refused(t, err, "a JWT that cannot be sent")
			assertUID(t, c, "")
		})
	}
	for name, uid := range uids {
		t.Run("a uid is "+name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			c, a := w.client(t), w.admin(t)
			w.answer("PUT", meURL, 200, set("uid", uid))
			_, err := c.LoginWithToken(t.Context(), tokenOf(uid1))
			refused(t, err, "a uid that cannot be used")
			assertUID(t, c, "")
			w.answer("GET", adminHost+"/users", 200, object{"data": []any{object{"uid": uid}}})
			for _, err := range a.ListUsers(t.Context(), cometchat.UserFilter{}) {
				refused(t, err, "a uid that cannot be used")
			}
		})
	}
}
