package cometchat_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func ExampleAdmin_Do() {
	admin, end := newExampleAdmin()
	defer end()
	ctx := context.Background()

	var page struct {
		Data []cometchat.User
		Meta struct {
			Pagination struct{ Total int }
		}
	}
	if err := admin.Do(ctx, "GET", "/users?perPage=2", nil, &page); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(page.Data[0].Name, "and", page.Data[1].Name, "of", page.Meta.Pagination.Total)

	friends := map[string][]string{"accepted": {"cometchat-uid-2"}}
	path := "/users/" + url.PathEscape("cometchat-uid-1") + "/friends"
	fmt.Println(admin.Do(ctx, "POST", path, friends, nil))
	// Output:
	// Andrew Joseph and George Alan of 5
	// <nil>
}

func TestAdminDoOnBehalfOf(t *testing.T) {
	t.Parallel()
	w := newWire()
	a := w.admin(t)
	w.answer("GET", adminHost+"/groups", 200, data([]object{}))
	require.NoError(t, a.OnBehalfOf(uid1).Do(t.Context(), "GET", "/groups", nil, nil))
	require.NoError(t, a.OnBehalfOf("").Do(t.Context(), "GET", "/groups", nil, nil))
	requests := w.requests()
	assert.Equal(t, uid1, requests[0].Header.Get("onBehalfOf"))
	assert.NotContains(t, requests[1].Header, "Onbehalfof")
	require.ErrorIs(t, a.OnBehalfOf("a\r\nb").Do(t.Context(), "GET", "/groups", nil, nil), cometchat.ErrInvalidUID)
	assert.Empty(t, w.lines())
}

// TestDoAgainstTheEmulator creates a user with Do, and gets it with Do of a client of this user.
func TestDoAgainstTheEmulator(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, s.AdminOptions()...)
	require.NoError(t, err)
	defer a.Close()
	var made struct {
		Data struct{ UID, AuthToken string }
	}
	in := map[string]any{"uid": "ada", "name": "Ada <3 & co", "withAuthToken": true}
	require.NoError(t, a.Do(t.Context(), "POST", "/users", in, &made))
	assert.Equal(t, "ada", made.Data.UID)
	require.Equal(t, "ERR_UID_ALREADY_EXISTS", code(a.Do(t.Context(), "POST", "/users", in, nil)))

	c := emulated(t, s)
	_, err = c.LoginWithToken(t.Context(), made.Data.AuthToken)
	require.NoError(t, err)
	var me struct{ Data cometchat.User }
	require.NoError(t, c.Do(t.Context(), "GET", "/me", nil, &me))
	assert.Equal(t, "Ada <3 & co", me.Data.Name)
}
