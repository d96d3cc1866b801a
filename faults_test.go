package cometchat_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFaultsOverTheNetwork has a login, and the creation of a user, meet each thing that can go wrong on a real socket.
func TestFaultsOverTheNetwork(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault    cometchattest.Fault
		login    string // what a login that meets it once says; "": it is retried and works
		says     string // what the creation of a user that meets it once says; "": it works
		requests int    // for that
	}{
		"dropped before it was read":        {cometchattest.Fault{DropBefore: true}, "", "whole answer", 1},
		"dropped after it was carried out":  {cometchattest.Fault{DropAfter: true}, "", "whole answer", 1},
		"an answer that breaks off":         {cometchattest.Fault{Truncate: true}, "", "whole answer", 1},
		"a gateway's page":                  {cometchattest.HTMLFault(), "", "502 Bad Gateway", 1},
		"a rate limit":                      {cometchattest.Fault{Status: 429, Header: http.Header{"Retry-After": {"0"}}}, "", "", 2},
		"an answer that takes too long":     {cometchattest.Fault{Delay: time.Hour}, "deadline exceeded", "deadline exceeded", 1},
		"a status that nothing can be made": {cometchattest.Fault{Status: 400, Body: `{"error":{"code":"ERR_EXCEPTION","message":"no"}}`}, "ERR_EXCEPTION", "ERR_EXCEPTION", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cometchattest.NewServer()
			defer s.Close()
			opts := append(s.Options(), cometchat.WithRetry(cometchat.RetryPolicy{BaseDelay: time.Millisecond}))
			if tc.fault.Delay > 0 {
				opts = append(opts, cometchat.WithTimeout(300*time.Millisecond))
			}
			c, err := cometchat.New(s.AppID, opts...)
			require.NoError(t, err)
			defer func() { assert.NoError(t, c.Close()) }()

			fault := tc.fault
			fault.Times, fault.Method, fault.Path = 1, "PUT", "/me"
			s.InjectFault(fault)
			_, err = c.LoginWithToken(t.Context(), s.CreateAuthToken(uid1))
			if tc.login == "" {
				require.NoError(t, err)
				assert.Len(t, s.Requests(cometchattest.To("PUT", "/me")), 2)
			} else {
				require.ErrorContains(t, err, tc.login)
				u, err := c.GetLoggedinUser(t.Context())
				require.NoError(t, err)
				assert.Nil(t, u)
			}

			fault.Method, fault.Path = "POST", "/users"
			s.InjectFault(fault)
			_, err = c.CreateUser(t.Context(), &cometchat.User{UID: "ada", Name: "Ada"}, s.AuthKey)
			if tc.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.says)
			}
			assert.Len(t, s.Requests(cometchattest.To("POST", "/users")), tc.requests, "nothing is created twice")
		})
	}
}

// TestOneInThreeRequestsFails logs in again and again over a network that is bad at random.
func TestOneInThreeRequestsFails(t *testing.T) {
	t.Parallel()
	s := cometchattest.NewServer()
	defer s.Close()
	c, err := cometchat.New(s.AppID, append(s.Options(),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 10, BaseDelay: time.Millisecond, MaxDelay: time.Millisecond}))...)
	require.NoError(t, err)
	defer func() { assert.NoError(t, c.Close()) }()
	for i, f := range []cometchattest.Fault{{DropBefore: true}, {DropAfter: true}, {Truncate: true}} {
		f.Probability, f.Seed = 0.12, uint64(i)
		s.InjectFault(f)
	}
	for range 50 {
		_, err := c.Login(t.Context(), uid1, s.AuthKey)
		require.NoError(t, err)
		require.NoError(t, c.Logout(t.Context()))
	}
	assert.Greater(t, len(s.Requests()), 165, "with no fault there are 150")
}
