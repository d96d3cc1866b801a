package cometchat_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// administered returns an Admin of an emulator. It is closed at the end of the test, before the emulator.
func administered(t *testing.T, s *cometchattest.Server, opts ...cometchat.Option) *cometchat.Admin {
	t.Helper()
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, append(s.AdminOptions(), opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, a.Close()) })
	return a
}

// TestUserLifecycle creates, changes, deactivates and deletes a user, and watches a client of this user.
func TestUserLifecycle(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, c, ctx := administered(t, s), emulated(t, s), t.Context()

	created, token, err := a.CreateUserWithAuthToken(ctx, &cometchat.User{
		UID: "Ada", Name: "Ada", Avatar: "https://a", Metadata: json.RawMessage(`{"a":1}`), Tags: []string{"x"},
	})
	require.NoError(t, err)
	assert.Equal(t, "ada", created.UID)
	_, err = c.LoginWithToken(ctx, token)
	require.NoError(t, err)

	updated, err := a.UpdateUser(ctx, "ada", cometchat.UserUpdate{Name: new("Ada L."), Avatar: new(""), Tags: []string{}})
	require.NoError(t, err)
	assert.Equal(t, "Ada L.", updated.Name)
	assert.Empty(t, updated.Avatar)
	assert.Empty(t, updated.Tags)
	assert.JSONEq(t, `{"a":1}`, string(updated.Metadata), "a field that the update does not name stays")
	seen, err := c.VerifySession(ctx)
	require.NoError(t, err)
	assert.Equal(t, "Ada L.", seen.Name)

	second, err := a.CreateAuthToken(ctx, "ada")
	require.NoError(t, err)
	var tokens []string
	for listed, err := range a.ListAuthTokens(ctx, "ada") {
		require.NoError(t, err)
		tokens = append(tokens, listed.Token)
	}
	assert.ElementsMatch(t, []string{token, second.Token}, tokens)
	_, err = a.UpdateAuthToken(ctx, "ada", second.Token, cometchat.AuthTokenUpdate{Platform: "go", AppInfo: json.RawMessage(`{"v":1}`)})
	require.NoError(t, err)
	require.NoError(t, a.DeleteAuthToken(ctx, "ada", second.Token))
	_, err = a.GetAuthToken(ctx, "ada", second.Token)
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)
	_, err = c.VerifySession(ctx)
	require.NoError(t, err, "the other token stays valid")
	require.NoError(t, a.FlushAuthTokens(ctx, "ada"))
	_, err = c.VerifySession(ctx)
	require.ErrorIs(t, err, cometchat.ErrAuthTokenNotFound)

	require.NoError(t, a.DeleteUser(ctx, "ada"))
	_, err = a.GetUser(ctx, "ada")
	require.ErrorIs(t, err, cometchat.ErrUIDNotFound)
	_, err = a.EnsureUser(ctx, &cometchat.User{UID: "ada", Name: "Ada"})
	require.ErrorIs(t, err, cometchat.ErrUIDAlreadyExists, "creating a user does not reactivate it")
	deactivated, err := uidsOf(a.ListUsers(ctx, cometchat.UserFilter{OnlyDeactivated: true}))
	require.NoError(t, err)
	assert.Equal(t, []string{"ada"}, deactivated)
	_, err = a.ReactivateUsers(ctx, []string{"ada"})
	require.NoError(t, err)
	_, err = a.GetUser(ctx, "ada")
	require.NoError(t, err)
	done, err := a.DeactivateUsers(ctx, []string{"ada", uid1})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"ada", uid1}, done)
	_, err = a.ReactivateUsers(ctx, done)
	require.NoError(t, err)
	require.NoError(t, a.DeleteUserPermanently(ctx, "ada"))
	_, err = a.CreateUser(ctx, &cometchat.User{UID: "ada", Name: "Another Ada"})
	require.NoError(t, err, "the uid is free again")

	weak, err := cometchat.NewAdmin(s.AppID, s.AuthKey, s.AdminOptions()...)
	require.NoError(t, err)
	defer weak.Close()
	_, err = uidsOf(weak.ListUsers(ctx, cometchat.UserFilter{}))
	require.ErrorIs(t, err, cometchat.ErrNoAccess, "an auth key is no REST API key")
	assert.NotContains(t, err.Error(), s.AuthKey)
}

func TestListUsersOfTheEmulator(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, ctx := administered(t, s), t.Context()
	for i := range 250 {
		s.AddUser(&cometchat.User{UID: fmt.Sprintf("user-%03d", i), Name: fmt.Sprint("N", i%10), Tags: []string{fmt.Sprint("t", i%2)}})
	}
	for want, filter := range map[int]cometchat.UserFilter{
		255: {},
		5:   {SearchKeyword: "cometchat-uid", SearchIn: []string{"uid"}, Limit: 2},
		25:  {SearchKeyword: "N3"},
		125: {Tags: []string{"t1"}, Limit: 50},
		0:   {Status: cometchat.StatusOnline},
	} {
		uids, err := uidsOf(a.ListUsers(ctx, filter))
		require.NoError(t, err)
		assert.Len(t, uids, want, "%+v", filter)
		unique := map[string]bool{}
		for _, uid := range uids {
			unique[uid] = true
		}
		assert.Len(t, unique, want)
	}
}

// ensuredUsers returns how many users two processes ensure.
func ensuredUsers() int {
	if *full {
		return 1000
	}
	return 200
}

// TestTwoProcessesEnsureTheSameUsers starts its own test program twice. Both processes ensure the same users at the same time.
func TestTwoProcessesEnsureTheSameUsers(t *testing.T) {
	if testing.Short() {
		t.Skip("it has many goroutines ensure many users")
	}
	t.Parallel()
	s := emulator(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestEnsureUsersInAnotherProcess$", fmt.Sprint("-full=", *full)) //nolint:gosec // itself
			child.Env = append(os.Environ(), "COMETCHAT_TEST_SERVER="+s.URL, "COMETCHAT_TEST_APP="+s.AppID, "COMETCHAT_TEST_KEY="+s.APIKey)
			output, err := child.CombinedOutput()
			assert.NoError(t, err, "%s", output)
		})
	}
	wg.Wait()
	uids, err := uidsOf(administered(t, s).ListUsers(t.Context(), cometchat.UserFilter{SearchKeyword: "ensured-"}))
	require.NoError(t, err)
	assert.Len(t, uids, ensuredUsers())
	unique, conflicts := map[string]bool{}, 0
	for _, uid := range uids {
		unique[uid] = true
	}
	assert.Len(t, unique, ensuredUsers())
	for _, r := range s.Requests() {
		if r.Method == http.MethodPost {
			conflicts++
		}
	}
	t.Logf("%d users, %d attempts to create one", len(uids), conflicts)
}

// TestEnsureUsersInAnotherProcess runs in the processes that TestTwoProcessesEnsureTheSameUsers starts. Otherwise it does nothing.
func TestEnsureUsersInAnotherProcess(t *testing.T) {
	server := os.Getenv("COMETCHAT_TEST_SERVER")
	if server == "" {
		return
	}
	a, err := cometchat.NewAdmin(os.Getenv("COMETCHAT_TEST_APP"), os.Getenv("COMETCHAT_TEST_KEY"), cometchat.WithAdminHost(server+"/v3.0"))
	require.NoError(t, err)
	defer a.Close()
	work := make(chan string)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for uid := range work {
				u, err := a.EnsureUser(context.Background(), &cometchat.User{UID: uid, Name: strings.ToUpper(uid)})
				if assert.NoError(t, err) {
					assert.Equal(t, strings.ToUpper(uid), u.Name)
				}
			}
		})
	}
	for i := range ensuredUsers() {
		work <- fmt.Sprintf("ensured-%04d", i)
	}
	close(work)
	wg.Wait()
}
