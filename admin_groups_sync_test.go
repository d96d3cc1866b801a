package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEnsureGroup(t *testing.T) {
	t.Parallel()
	groupURL := adminHost + "/groups/g9"
	missing := respond(404, refusal("ERR_GUID_NOT_FOUND", "no"))
	taken := respond(400, refusal("ERR_GUID_ALREADY_EXISTS", "taken"))
	no := respond(403, refusal("AUTH_ERR_NO_ACCESS", "no"))
	there := respond(200, data(object{"guid": "g9", "name": "Nine", "type": "public", "metadata": object{"a": 1}, "tags": []string{"x"}, "owner": "ana"}))
	want := cometchat.NewGroup{GUID: "G9", Name: "Nine", Type: cometchat.GroupPublic, Metadata: []byte(`{ "a": 1 }`), Tags: []string{"x"}, Owner: "ben"}
	other := cometchat.NewGroup{GUID: "g9", Name: "Ten", Type: cometchat.GroupPassword, Password: new("pw"), Description: "d", Metadata: []byte(`{}`), Tags: []string{"y"}}
	for name, tc := range map[string]struct {
		get, post, put httpmock.Responder
		want           cometchat.NewGroup
		requests       string
		body           string // of the last request
		err            error
	}{
		"is there":                        {get: there, want: want, requests: "GET"},
		"is there, with other values":     {get: there, put: there, want: other, requests: "GET PUT", body: `{"name":"Ten","type":"password","password":"pw","description":"d","metadata":{},"tags":["y"]}`},
		"is not there":                    {get: missing, post: there, want: want, requests: "GET POST", body: `{"guid":"G9","name":"Nine","type":"public","owner":"ben","metadata":{"a":1},"tags":["x"]}`},
		"comes in between":                {get: missing.Then(there), post: taken, want: want, requests: "GET POST GET"},
		"is created, and the answer lost": {get: missing.Then(there), post: httpmock.NewErrorResponder(errReset).Then(taken), want: want, requests: "GET POST POST GET"},
		"goes in between":                 {get: missing, post: taken, want: want, requests: "GET POST GET", err: cometchat.ErrGUIDNotFound},
		"cannot be asked for":             {get: no, want: want, requests: "GET", err: cometchat.ErrNoAccess},
		"cannot be created":               {get: missing, post: no, want: want, requests: "GET POST", err: cometchat.ErrNoAccess},
		"cannot be updated":               {get: there, put: no, want: other, requests: "GET PUT", err: cometchat.ErrNoAccess},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWire()
			w.RegisterResponder("GET", "=~^"+adminHost+"/groups/(g|G)9$", tc.get)
			w.RegisterResponder("POST", adminHost+"/groups", tc.post)
			w.RegisterResponder("PUT", groupURL, tc.put)
			g, err := w.admin(t, atOnce).EnsureGroup(t.Context(), tc.want)
			requests, methods := w.requests(), []string{}
			for _, r := range requests {
				methods = append(methods, r.Method)
			}
			assert.Equal(t, tc.requests, strings.Join(methods, " "))
			if tc.body != "" {
				assert.JSONEq(t, tc.body, requests[len(requests)-1].Body)
			}
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				assert.Equal(t, "EnsureGroup", asError(err).Op)
				assert.Nil(t, g)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "g9", g.GUID)
		})
	}
}

// withClub returns an emulator with the users u0 to u9, and the group club, which u0 owns: u1 is an admin, u2 a moderator, u3 and u4
// are participants, and u9 is banned.
func withClub(t *testing.T) (*cometchattest.Server, *cometchat.Admin) {
	t.Helper()
	s := emulator(t)
	for i := range 10 {
		s.AddUser(&cometchat.User{UID: fmt.Sprint("u", i), Name: "U"})
	}
	s.AddGroup(cometchat.NewGroup{GUID: "club", Name: "Club", Type: cometchat.GroupPrivate, Owner: "u0", Members: cometchat.NewGroupMembers{
		Admins: []string{"u1"}, Moderators: []string{"u2"}, Participants: []string{"u3", "u4"}, Banned: []string{"u9"},
	}})
	return s, administered(t, s, atOnce)
}

// scopes returns the members of a group, as uid and scope.
func scopes(t *testing.T, a *cometchat.Admin, guid string) map[string]string {
	t.Helper()
	members, err := all(a.ListGroupMembers(t.Context(), guid, cometchat.GroupMembersRequest{}))
	require.NoError(t, err)
	scopes := map[string]string{}
	for _, m := range members {
		scopes[m.UID] = m.Scope
	}
	return scopes
}

func TestSyncGroupMembers(t *testing.T) {
	t.Parallel()
	s, a := withClub(t)
	ctx := t.Context()
	want := cometchat.NewGroupMembers{
		Admins: []string{"U2", "u5"}, Moderators: []string{"u3"}, Participants: []string{"u4", "u0", "u9", "ghost"},
	}
	plan, err := a.PlanGroupMembers(ctx, "club", want)
	require.NoError(t, err)
	assert.Equal(t, &cometchat.GroupMembersPlan{
		Add:     cometchat.NewGroupMembers{Admins: []string{"u5"}, Participants: []string{"u9", "ghost"}},
		Rescope: cometchat.NewGroupMembers{Admins: []string{"U2"}, Moderators: []string{"u3"}},
		Kick:    []string{"u1"},
	}, plan)
	assert.False(t, plan.IsZero())
	before := len(s.Requests())
	outcomes, err := a.SyncGroupMembers(ctx, "CLUB", want)
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"u5": "", "u9": "ERR_BANNED_GROUPMEMBER", "ghost": "ERR_UID_NOT_FOUND", "U2": "", "u3": "", "u1": "",
	}, said(outcomes))
	assert.Len(t, s.Requests()[before:], 2+1+2+1, "what is there, a kick, two scopes, and one request for all who are added")
	right := map[string]string{"u0": "admin", "u2": "admin", "u5": "admin", "u3": "moderator", "u4": "participant"}
	assert.Equal(t, right, scopes(t, a, "club"))

	want.Participants = want.Participants[:2]
	before = len(s.Requests())
	outcomes, err = a.SyncGroupMembers(ctx, "club", want)
	require.NoError(t, err)
	assert.Empty(t, outcomes)
	assert.Len(t, s.Requests()[before:], 2, "there was nothing to do")
	_, err = a.SyncGroupMembers(ctx, "none", want)
	require.ErrorIs(t, err, cometchat.ErrGUIDNotFound)
	outcomes, err = a.OnBehalfOf("u3").SyncGroupMembers(ctx, "club", cometchat.NewGroupMembers{Admins: []string{"u2"}, Participants: []string{"u3"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"u4": "", "u5": "ERR_GROUP_NO_CLEARANCE", "u3": "ERR_GROUP_NO_SELF_ACTION"}, said(outcomes), "u3 is a moderator")
	outcomes, err = a.SyncGroupMembers(ctx, "club", cometchat.NewGroupMembers{Admins: []string{"u0"}})
	require.NoError(t, err)
	assert.Len(t, outcomes, 3)
	assert.Equal(t, map[string]string{"u0": "admin"}, scopes(t, a, "club"), "the owner stays")
}

// TestSyncGroupMembersOvertaken makes changes before SyncGroupMembers does: each is what it wanted, or the opposite.
func TestSyncGroupMembersOvertaken(t *testing.T) {
	t.Parallel()
	want := cometchat.NewGroupMembers{Admins: []string{"u5"}, Moderators: []string{"u3"}, Participants: []string{"u2", "u4", "u6"}}
	right := map[string]string{"u0": "admin", "u5": "admin", "u3": "moderator", "u2": "participant", "u4": "participant", "u6": "participant"}
	for name, tc := range map[string]struct {
		change   func(ctx context.Context, a *cometchat.Admin) error
		requests int
	}{
		"nothing": {func(context.Context, *cometchat.Admin) error { return nil }, 2 + 4},
		"a kick, a scope and an addition that were wanted": {func(ctx context.Context, a *cometchat.Admin) error {
			_, err := a.AddGroupMembers(ctx, "club", cometchat.NewGroupMembers{Admins: []string{"u5"}})
			return errors.Join(err, a.KickGroupMember(ctx, "club", "u1"), a.UpdateGroupMemberScope(ctx, "club", "u3", "moderator"))
		}, 2 + 4 + 2},
		"a user joins with another scope": {func(ctx context.Context, a *cometchat.Admin) error {
			_, err := a.AddGroupMembers(ctx, "club", cometchat.NewGroupMembers{Participants: []string{"u5"}})
			return err
		}, 2 + 4 + 2 + 1},
		"a member leaves": {func(ctx context.Context, a *cometchat.Admin) error { return a.KickGroupMember(ctx, "club", "u3") }, 2 + 4 + 2 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, quiet := withClub(t)
			var lists, before int
			var changed error
			a := administered(t, s, atOnce, cometchat.WithTransport(func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(r *http.Request) (*http.Response, error) {
					answer, err := next.RoundTrip(r)
					if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/members") {
						if lists++; lists == 1 {
							changed = tc.change(r.Context(), quiet)
							before = len(s.Requests())
						}
					}
					return answer, err
				})
			}))
			outcomes, err := a.SyncGroupMembers(t.Context(), "club", want)
			require.NoError(t, errors.Join(err, changed))
			assert.Equal(t, map[string]string{"u1": "", "u2": "", "u3": "", "u5": "", "u6": ""}, said(outcomes))
			assert.Len(t, s.Requests()[before:], tc.requests-2, "without the first two")
			assert.Equal(t, right, scopes(t, a, "club"))
		})
	}
	t.Run("again and again", func(t *testing.T) {
		t.Parallel()
		w := newWire()
		w.answer("GET", adminHost+"/groups/club", 200, data(object{"guid": "club"}))
		w.answer("GET", adminHost+"/groups/club/members", 200,
			`{"data":[{"uid":"u1"},{"uid":"u2","scope":"admin"}],"meta":{"pagination":{"per_page":1000,"current_page":1,"total_pages":1}}}`)
		w.answer("DELETE", adminHost+"/groups/club/members/u1", 400, refusal("ERR_NOT_A_MEMBER", "no"))
		outcomes, err := w.admin(t).SyncGroupMembers(t.Context(), "club", cometchat.NewGroupMembers{Admins: []string{"u2"}})
		require.NoError(t, err)
		assert.Equal(t, map[string]string{"u1": "ERR_NOT_A_MEMBER"}, said(outcomes))
		assert.Len(t, w.lines(), 3*3, "it does not try for ever")
	})
}

// TestSyncGroupMembersStops has a request fail for a reason of its own: nobody who is left is changed, and each has the error.
func TestSyncGroupMembersStops(t *testing.T) {
	t.Parallel()
	want := cometchat.NewGroupMembers{Admins: []string{"u5"}, Moderators: []string{"u3"}, Participants: []string{"u2", "u4", "u6"}}
	for path, failed := range map[string][]string{
		"/groups/{guid}":                       nil,
		"/groups/{guid}/members":               nil,
		"/groups/{guid}/members/{uid}":         {"u1", "u2", "u3", "u5", "u6"},
		"/groups/{guid}/members/u3":            {"u3", "u2", "u5", "u6"},
		"/groups/{guid}/members?only the POST": {"u5", "u6"},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s, a := withClub(t)
			path, _, post := strings.Cut(path, "?")
			f := cometchattest.Fault{Path: path, Status: 403, Body: `{"error":{"code":"AUTH_ERR_NO_ACCESS","message":"no"}}`}
			if post {
				f.Method = "POST"
			}
			fault := s.InjectFault(f)
			outcomes, err := a.SyncGroupMembers(t.Context(), "club", want)
			require.ErrorIs(t, err, cometchat.ErrNoAccess)
			assert.Equal(t, "SyncGroupMembers", asError(err).Op)
			for _, uid := range failed {
				require.ErrorIs(t, outcomes[uid], cometchat.ErrNoAccess, uid)
			}
			if failed == nil {
				assert.Nil(t, outcomes)
			}
			fault.Remove()
			outcomes, err = a.SyncGroupMembers(t.Context(), "club", want)
			require.NoError(t, err)
			for uid, outcome := range outcomes {
				require.NoError(t, outcome, uid)
			}
		})
	}
}

// manySyncs is the size of TestManySyncs.
type manySyncs struct{ groups, members int } // members of each group

// TestManySyncs syncs the members of many groups by four workers at a limited rate, with 3 % faults, cancels it, and syncs again.
func TestManySyncs(t *testing.T) {
	t.Parallel()
	size := manySyncs{groups: 20, members: 50}
	if *full {
		size.groups = 200 // 10,000 members
	}
	synctest.Test(t, size.run)
}

func (size manySyncs) guid(i int) string { return fmt.Sprint("group-", i) }

// want returns the members of a group: others than before, which differ by group.
func (size manySyncs) want(i int) (want cometchat.NewGroupMembers) {
	for n := range size.members {
		uid := fmt.Sprint("user-", (i*7+n)%(4*size.members))
		switch n % 10 {
		case 0:
			want.Admins = append(want.Admins, uid)
		case 1:
			want.Moderators = append(want.Moderators, uid)
		default:
			want.Participants = append(want.Participants, uid)
		}
	}
	return want
}

// before has some of the wanted members, one of them with another scope, and two others.
func (size manySyncs) before(i int) cometchat.NewGroupMembers {
	want := size.want(i)
	return cometchat.NewGroupMembers{Participants: append(slices.Clone(want.Participants[:3]), want.Admins[0], "stranger-1", "stranger-2")}
}

func (size manySyncs) run(t *testing.T) {
	s := cometchattest.New()
	defer s.Close()
	for i := range 4 * size.members {
		s.AddUser(&cometchat.User{UID: fmt.Sprint("user-", i), Name: "U"})
	}
	for _, uid := range []string{"owner", "stranger-1", "stranger-2"} {
		s.AddUser(&cometchat.User{UID: uid, Name: uid})
	}
	for i := range size.groups {
		s.AddGroup(cometchat.NewGroup{GUID: size.guid(i), Name: "G", Type: cometchat.GroupPrivate, Owner: "owner", Members: size.before(i)})
	}
	faults := []*cometchattest.Injected{
		s.InjectFault(cometchattest.Fault{Probability: 0.01, Seed: 1, Status: 503}),
		s.InjectFault(cometchattest.Fault{Probability: 0.01, Seed: 2, DropBefore: true}),
		s.InjectFault(cometchattest.Fault{Probability: 0.01, Seed: 4, DropAfter: true}),
	}
	count := &requestCount{answered: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	count.half = func() { cancel() }
	count.total = 7 * size.groups // two lists, two kicks, a change of scope and two requests that add
	a := administered(t, s, cometchat.WithRequestRate(50, time.Second), cometchat.WithTimeout(5*time.Minute),
		cometchat.WithRetry(cometchat.RetryPolicy{MaxAttempts: 8}), cometchat.WithTransport(count.transport))
	began, messages := time.Now(), make([]int, size.groups)
	for i := range size.groups {
		messages[i] = len(s.Messages("group_" + size.guid(i)))
	}
	begun, err := size.sync(ctx, a)
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, begun, size.groups)
	_, err = size.sync(t.Context(), a)
	require.NoError(t, err)
	took := time.Since(began)
	t.Logf("%d groups of %d members: %v, %d answers of 503, %d cut connections, in %v; %d groups were begun before the cancellation",
		size.groups, size.members, count.answered, count.failed, count.cut, took, begun)
	for _, f := range faults {
		f.Remove()
	}

	quiet := administered(t, s)
	for i := range size.groups {
		want := map[string]string{"owner": cometchat.ScopeAdmin}
		for _, uid := range size.want(i).Admins {
			want[uid] = cometchat.ScopeAdmin
		}
		for _, uid := range size.want(i).Moderators {
			want[uid] = cometchat.ScopeModerator
		}
		for _, uid := range size.want(i).Participants {
			want[uid] = cometchat.ScopeParticipant
		}
		assert.Equal(t, want, scopes(t, quiet, size.guid(i)))
		assert.Equal(t, size.members-4+1+2, len(s.Messages("group_"+size.guid(i)))-messages[i], "each change was made once")
	}
	const workers = 4 // up to 4 requests were running when the context ended: a change that one of them made needs no second request
	near := func(most, got int, what string) {
		t.Helper()
		assert.LessOrEqual(t, got, most, what)
		assert.GreaterOrEqual(t, got, most-workers, what)
	}
	near(2*size.groups, count.answered["POST"], "46 users are added by two requests")
	near(2*size.groups, count.answered["DELETE"], "two members are kicked")
	near(size.groups, count.answered["PUT"], "one member gets another scope")
	again := count.answered["GET"] - 2*(size.groups+begun) // after a change whose answer was lost
	assert.LessOrEqual(t, again, 2*count.cut)
	assert.GreaterOrEqual(t, again, -2*workers)
	assert.Greater(t, took, time.Duration(count.all()-100)*time.Second/50, "the rate is limited")
}

// requestCount counts the requests of TestManySyncs.
type requestCount struct {
	total int
	half  func() // is called at half of the total

	mu          sync.Mutex
	answered    map[string]int // by method: by the server, also with a refusal
	failed, cut int            // answered with 503; not answered
}

func (c *requestCount) all() int {
	return c.failed + c.cut + c.answered["GET"] + c.answered["POST"] + c.answered["PUT"] + c.answered["DELETE"]
}

func (c *requestCount) transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		c.mu.Lock()
		defer c.mu.Unlock()
		switch {
		case err != nil:
			c.cut++
		case answer.StatusCode == http.StatusServiceUnavailable:
			c.failed++
		default:
			c.answered[r.Method]++
		}
		if c.all() == c.total/2 {
			c.half()
		}
		return answer, err
	})
}

// sync syncs all groups by four workers until ctx ends. It returns how many it has begun, and the first failure.
func (size manySyncs) sync(ctx context.Context, a *cometchat.Admin) (int, error) {
	var begun atomic.Int64
	var wg sync.WaitGroup
	next, failures := make(chan int, size.groups), make(chan error, size.groups)
	for i := range size.groups {
		next <- i
	}
	close(next)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					return
				}
				begun.Add(1)
				outcomes, err := a.SyncGroupMembers(ctx, size.guid(i), size.want(i))
				if err == nil {
					err = errors.Join(slices.Collect(maps.Values(outcomes))...)
				}
				if err != nil {
					failures <- fmt.Errorf("%s: %w", size.guid(i), err)
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	return int(begun.Load()), <-failures
}
