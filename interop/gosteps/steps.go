package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/cometchat-go/cometchat"
)

const (
	one   = "cometchat-uid-1"
	two   = "cometchat-uid-2"
	three = "cometchat-uid-3"
	four  = "cometchat-uid-4"
	made  = "interop-made"

	nobody   = "nobody"
	wrongKey = "no-such-key"
	noToken  = "no_such_token"
)

// step has the same name as the corresponding step of the JavaScript SDK.
type step struct {
	name, checks string
	run          func(context.Context, *world, *checks)
}

func login(uid, key string) func(context.Context, *world) (*cometchat.User, error) {
	return func(ctx context.Context, w *world) (*cometchat.User, error) {
		if key == "" {
			key = w.emulator.authKey
		}
		return cometchat.Login(ctx, uid, key)
	}
}

// fails returns a step with a login that fails.
func fails(do func(context.Context, *world) (*cometchat.User, error), want error, requests ...string) func(context.Context, *world, *checks) {
	return func(ctx context.Context, w *world, c *checks) {
		_, err := do(ctx, w)
		c.refused("the login", err, want)
		w.loggedin(ctx, c, "")
		w.happened(c, requests, []string{"loginFailure"})
	}
}

var putMe = []string{"PUT /v3.0/me"}

func loginOf(uid string) string { return "POST /v3.0/users/" + uid + "/auth_tokens" }

// steps returns the steps in their order.
func steps() []step {
	return slices.Concat(earlierSteps, withHeard(slices.Concat(messageSteps, conversationSteps, liveSteps, groupSteps)), laterSteps)
}

var earlierSteps = []step{
	{"init", "Init makes the default client, without a request", func(_ context.Context, w *world, c *checks) {
		c.equal("IsInitialized before", cometchat.IsInitialized(), false)
		c.ok("Init", w.start())
		c.equal("IsInitialized", cometchat.IsInitialized(), true)
		w.happened(c, nil, nil)
	}},
	{"nobody is logged in", "GetLoggedinUser is nil, without a request", func(ctx context.Context, w *world, c *checks) {
		w.loggedin(ctx, c, "")
		w.happened(c, nil, nil)
	}},
	{"login of an unknown uid", "ErrUIDNotFound; LoginFailure",
		fails(login(nobody, ""), cometchat.ErrUIDNotFound, loginOf(nobody))},
	{"login with a wrong key", "ErrAPIKeyNotFound; LoginFailure",
		fails(login(one, wrongKey), cometchat.ErrAPIKeyNotFound, loginOf(one))},
	{"login with a wrong token", "ErrAuthTokenNotFound; LoginFailure",
		fails(func(ctx context.Context, _ *world) (*cometchat.User, error) {
			return cometchat.LoginWithToken(ctx, noToken)
		}, cometchat.ErrAuthTokenNotFound, putMe...)},
	{"login with nothing", "ErrMissingParameters for an empty uid, key or token, without a request",
		func(ctx context.Context, w *world, c *checks) {
			_, err := cometchat.Login(ctx, "", w.emulator.authKey)
			c.refused("without a uid", err, cometchat.ErrMissingParameters)
			_, err = cometchat.Login(ctx, one, "")
			c.refused("without a key", err, cometchat.ErrMissingParameters)
			_, err = cometchat.LoginWithToken(ctx, "")
			c.refused("without a token", err, cometchat.ErrMissingParameters)
			w.loggedin(ctx, c, "")
			w.happened(c, nil, nil)
		}},
	{"login with the auth key", "the user; LoginSuccess; Connected", func(ctx context.Context, w *world, c *checks) {
		u, err := cometchat.Login(ctx, one, w.emulator.authKey)
		if c.ok("Login", err); err == nil {
			c.equal("the user", []string{u.UID, u.Name, u.Status}, []string{one, "Andrew Joseph", cometchat.StatusOnline})
		}
		w.loggedin(ctx, c, one)
		w.hears(c, "connecting", "connected")
		w.happened(c, append([]string{loginOf(one)}, putMe...), []string{"loginSuccess " + one})
	}},
	{"login of the same user", "the stored user and LoginSuccess, without a request",
		func(ctx context.Context, w *world, c *checks) {
			u, err := cometchat.Login(ctx, one, w.emulator.authKey)
			if c.ok("Login", err); err == nil {
				c.equal("the user", u.UID, one)
			}
			w.happened(c, nil, []string{"loginSuccess " + one})
		}},
	{"the user changes itself", "UpdateCurrentUserDetails: the answer and the stored user have the new fields", changeMyself},
	{"get a user", "GetUser: another user; ErrUIDNotFound for an unknown uid",
		func(ctx context.Context, w *world, c *checks) {
			u, err := w.client.GetUser(ctx, two)
			if c.ok("GetUser", err); err == nil {
				c.equal("the user", []string{u.UID, u.Name, u.Status}, []string{two, "George Alan", cometchat.StatusOffline})
			}
			_, err = w.client.GetUser(ctx, nobody)
			c.refused("GetUser", err, cometchat.ErrUIDNotFound)
			w.happened(c, []string{"GET /v3.0/users/" + two, "GET /v3.0/users/" + nobody}, nil)
		}},
	{"create a user", "CreateUser with the auth key; ErrUIDAlreadyExists the second time",
		func(ctx context.Context, w *world, c *checks) {
			u := &cometchat.User{UID: made, Name: "Made by interop", Metadata: json.RawMessage(`{"by":"interop"}`)}
			created, err := w.client.CreateUser(ctx, u, w.emulator.authKey)
			if c.ok("CreateUser", err); err == nil {
				c.equal("the user", fieldsOf(created), fieldsOf(u))
			}
			_, err = w.client.CreateUser(ctx, u, w.emulator.authKey)
			c.refused("the second time", err, cometchat.ErrUIDAlreadyExists)
			w.happened(c, []string{"POST /v3.0/users", "POST /v3.0/users"}, nil)
		}},
	{"update a user", "UpdateUser with the auth key: the new name, and the fields that were not sent stay",
		func(ctx context.Context, w *world, c *checks) {
			u, err := w.client.UpdateUser(ctx, &cometchat.User{UID: made, Name: "Changed by interop"}, w.emulator.authKey)
			if c.ok("UpdateUser", err); err == nil {
				c.equal("the user", fieldsOf(u), []string{made, "Changed by interop", `{"by":"interop"}`})
			}
			w.happened(c, []string{"PUT /v3.0/users/" + made}, nil)
		}},
	{"list users", "ListUsers, page by page: everybody but oneself", func(ctx context.Context, w *world, c *checks) {
		users := c.list(w.client.ListUsers(ctx, cometchat.UsersRequest{Limit: 3}))
		c.equal("the users", uids(users), []string{two, three, four, "cometchat-uid-5", made})
		w.happened(c, []string{"GET /v3.0/users", "GET /v3.0/users"}, nil)
	}},
	{"list users with every filter", "ListUsers: the one user who passes them all, with tags", filteredUsers},
	{"block users", "BlockUsers: nil for one who is there, ErrUIDNotFound for one who is not",
		func(ctx context.Context, w *world, c *checks) {
			outcomes, err := w.client.BlockUsers(ctx, []string{three, nobody})
			c.ok("BlockUsers", err)
			c.equal("the outcome of one who is there", []any{len(outcomes), outcomes[three]}, []any{2, nil})
			c.refused("an unknown uid", outcomes[nobody], cometchat.ErrUIDNotFound)
			w.blockedByMe(ctx, c, true)
		}},
	{"list blocked users", "ListBlockedUsers, with and without a filter: the one who is blocked, by me",
		func(ctx context.Context, w *world, c *checks) {
			for _, r := range []cometchat.BlockedUsersRequest{
				{Limit: 5}, {Limit: 5, SearchKeyword: "nancy", Direction: cometchat.BlockedByMe},
			} {
				users := c.list(w.client.ListBlockedUsers(ctx, r))
				if c.equal("the users", uids(users), []string{three}); c.broken == nil {
					c.equal("who has blocked whom", []bool{users[0].BlockedByMe, users[0].HasBlockedMe}, []bool{true, false})
				}
			}
		}},
	{"unblock users", "UnblockUsers: nil, and no user is blocked any more", func(ctx context.Context, w *world, c *checks) {
		outcomes, err := w.client.UnblockUsers(ctx, []string{three})
		c.ok("UnblockUsers", err)
		c.equal("the outcomes", outcomes, map[string]error{three: nil})
		c.equal("the blocked users", uids(c.list(w.client.ListBlockedUsers(ctx, cometchat.BlockedUsersRequest{Limit: 5}))), []string(nil))
		w.blockedByMe(ctx, c, false)
	}},
	{"refresh a stored session", "VerifySession of a new client with the old store: PUT /me, and the session stays",
		func(ctx context.Context, w *world, c *checks) {
			before, err := w.client.AuthToken(ctx)
			c.ok("AuthToken", err)
			c.ok("Init", w.start())
			u, err := w.client.VerifySession(ctx)
			if c.ok("VerifySession", err); err == nil {
				c.equal("the user", u.UID, one)
			}
			after, err := w.client.AuthToken(ctx)
			c.ok("AuthToken", err)
			c.equal("whether the token is the same", after == before, true)
			w.hears(c, "connected")
			w.happened(c, putMe, nil)
		}},
	{"restore a stored session", "GetLoggedinUser of a new client with the old store: the user, without a request; Connected",
		func(ctx context.Context, w *world, c *checks) {
			before := w.loggedin(ctx, c, one)
			c.ok("Init", w.start())
			c.equal("the user", w.loggedin(ctx, c, one), before)
			w.hears(c, "connected")
			w.happened(c, nil, nil)
		}},
	{"a second user comes online", "UserOnline of the first client when a second one logs in", func(ctx context.Context, w *world, c *checks) {
		var err error
		w.second, err = cometchat.New(w.emulator.appID, w.emulator.options(cometchat.NewMemorySessionStore())...)
		if c.ok("New", err); err != nil {
			return
		}
		w.secondEar = newEar(w.second)
		_, err = w.second.Login(ctx, two, w.emulator.authKey)
		c.ok("Login", err)
		w.hears(c, "online "+two)
		w.userIs(ctx, c, two, cometchat.StatusOnline)
		w.happened(c, []string{loginOf(two), "PUT /v3.0/me", "GET /v3.0/users/" + two}, nil)
	}},
}

var laterSteps = []step{
	{"the second user goes offline", "UserOffline of the first client when the second one is closed",
		func(ctx context.Context, w *world, c *checks) {
			c.ok("Close", w.second.Close())
			w.hears(c, "offline "+two)
			w.userIs(ctx, c, two, cometchat.StatusOffline)
			w.happened(c, []string{"GET /v3.0/users/" + two}, nil)
		}},
	{"the network breaks", "Disconnected; Connecting and Connected; no request", func(_ context.Context, w *world, c *checks) {
		w.emulator.network.breaks()
		w.hears(c, "disconnected", "connecting", "connected")
		c.equal("the status", w.client.ConnectionStatus(), cometchat.Connected)
		w.happened(c, nil, nil)
	}},
	{"a revoked token", "the next call: ErrAuthTokenNotFound; the session is gone; LogoutSuccess",
		func(ctx context.Context, w *world, c *checks) {
			c.ok("Disconnect", w.client.Disconnect()) // a live connection would end the session before the next call
			c.ok("the flush", w.emulator.flush(ctx, one))
			w.loggedin(ctx, c, one)
			_, err := w.client.GetUser(ctx, two)
			c.refused("GetUser", err, cometchat.ErrAuthTokenNotFound)
			w.loggedin(ctx, c, "")
			w.happened(c, []string{"GET /v3.0/users/" + two}, []string{"logoutSuccess"})
		}},
	{"login with a token", "the user of the token; LoginSuccess; Connected", func(ctx context.Context, w *world, c *checks) {
		var minted struct {
			Data struct {
				AuthToken string `json:"authToken"`
			} `json:"data"`
		}
		c.ok("the token", w.emulator.rest(ctx, "POST", "/users/"+one+"/auth_tokens", nil, &minted))
		w.token = minted.Data.AuthToken
		u, err := cometchat.LoginWithToken(ctx, w.token)
		if c.ok("LoginWithToken", err); err == nil {
			c.equal("the user", u.UID, one)
		}
		got, err := w.client.AuthToken(ctx)
		c.ok("AuthToken", err)
		c.equal("whether it is the session's token", got == w.token, true)
		w.hears(c, "connected")
		w.happened(c, putMe, []string{"loginSuccess " + one})
	}},
	{"login with the same token", "the stored user and LoginSuccess, without a request",
		func(ctx context.Context, w *world, c *checks) {
			u, err := cometchat.LoginWithToken(ctx, w.token)
			if c.ok("LoginWithToken", err); err == nil {
				c.equal("the user", u.UID, one)
			}
			w.happened(c, nil, []string{"loginSuccess " + one})
		}},
	{"switch of the user", "another uid: a full login; the session and the live connection belong to the other user",
		func(ctx context.Context, w *world, c *checks) {
			u, err := cometchat.Login(ctx, four, w.emulator.authKey)
			if c.ok("Login", err); err == nil {
				c.equal("the user", u.UID, four)
			}
			w.loggedin(ctx, c, four)
			w.hears(c, "disconnected", "connected")
			w.happened(c, append([]string{loginOf(four)}, putMe...), []string{"loginSuccess " + four})
		}},
	{"logout", "LogoutSuccess; GetLoggedinUser is nil; the token is gone; Disconnected", func(ctx context.Context, w *world, c *checks) {
		c.ok("Logout", cometchat.Logout(ctx))
		w.loggedin(ctx, c, "")
		var left struct{ Data []any }
		c.ok("the tokens", w.emulator.rest(ctx, "GET", "/users/"+four+"/auth_tokens", nil, &left))
		c.equal("how many tokens are left", len(left.Data), 0)
		w.hears(c, "disconnected")
		w.happened(c, []string{"DELETE /v3.0/me"}, []string{"logoutSuccess"})
	}},
}

func changeMyself(ctx context.Context, w *world, c *checks) {
	if before := w.loggedin(ctx, c, one); before != nil && before.StatusMessage == "at work" {
		c.fail("the user has the new fields already")
	}
	changed, err := w.client.UpdateCurrentUserDetails(ctx, &cometchat.User{
		UID: one, StatusMessage: "at work", Metadata: json.RawMessage(`{"shown":{"as":"busy"}}`), Tags: []string{"interop"},
	})
	c.ok("UpdateCurrentUserDetails", err)
	for _, u := range []*cometchat.User{changed, w.loggedin(ctx, c, one)} {
		if u != nil {
			c.equal("the user", append(u.Tags, u.UID, u.StatusMessage, string(u.Metadata)),
				[]string{"interop", one, "at work", `{"shown":{"as":"busy"}}`})
		}
	}
	w.happened(c, putMe, nil)
}

func filteredUsers(ctx context.Context, w *world, c *checks) {
	ignored := new(any)
	c.ok("the tags", w.emulator.rest(ctx, "PUT", "/users/"+two, map[string]any{"tags": []string{"interop"}}, ignored))
	c.ok("the friend", w.emulator.rest(ctx, "POST", "/users/"+one+"/friends", map[string]any{"accepted": []string{two}}, ignored))
	users := c.list(w.client.ListUsers(ctx, cometchat.UsersRequest{
		Limit: 7, SearchKeyword: "george", SearchIn: []string{"name", "uid"}, Status: cometchat.StatusOffline,
		Roles: []string{"default", "other"}, Tags: []string{"interop", "other"}, WithTags: true, FriendsOnly: true,
		HideBlockedUsers: true, UIDs: []string{two, three}, SortBy: "name", Descending: true,
	}))
	if c.equal("the users", uids(users), []string{two}); c.broken == nil {
		c.equal("the tags", users[0].Tags, []string{"interop"})
	}
	w.happened(c, []string{"GET /v3.0/users"}, nil)
}
