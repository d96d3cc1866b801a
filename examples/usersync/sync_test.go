package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// full makes a test whose size proves something run at that size: go test ./examples/usersync -full
var full = flag.Bool("full", false, "import 10,000 users instead of 1,500")

// wire counts the requests and responses that pass through it.
type wire struct {
	http.RoundTripper
	mu      sync.Mutex
	answers map[string]int // responses by method and status, such as "POST 429"
	created map[string]int // successful responses to POST /users, by uid
}

func newWire(through http.RoundTripper) *wire {
	return &wire{RoundTripper: through, answers: map[string]int{}, created: map[string]int{}}
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers[fmt.Sprint(r.Method, " ", resp.StatusCode)]++
	if r.Method == http.MethodPost && resp.StatusCode == http.StatusOK {
		var sent struct{ UID string }
		_ = json.Unmarshal(body, &sent)
		w.created[sent.UID]++
	}
	return resp, nil
}

// requests returns the number of requests so far.
func (w *wire) requests() (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, count := range w.answers {
		n += count
	}
	return n
}

// emulate starts an emulator, and makes an Admin for it with the program's own function.
func emulate(t *testing.T, opts ...cometchattest.Option) (*cometchattest.Server, *cometchat.Admin, *wire) {
	t.Helper()
	server := cometchattest.NewServer(opts...)
	t.Cleanup(server.Close)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = maxWorkers
	t.Cleanup(transport.CloseIdleConnections)
	w := newWire(transport)
	return server, adminOver(t, w, server), w
}

// adminOver makes an Admin whose requests to the emulator pass through w.
func adminOver(t *testing.T, w *wire, server *cometchattest.Server) *cometchat.Admin {
	t.Helper()
	admin, err := newAdmin(app{
		id: server.AppID, apiKey: server.APIKey,
		options: append(server.AdminOptions(), cometchat.WithHTTPClient(&http.Client{Transport: w})),
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, admin.Close()) })
	return admin
}

// handlerTransport calls a handler instead of a network: inside a synctest bubble, waiting for a rate limit takes no time.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if r.Body == nil {
		r.Body = http.NoBody
	}
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// runSync opens the state file and runs an import.
func runSync(
	ctx context.Context, t *testing.T, admin users, rows []row, statePath string, progress func(summary),
) (summary, error) {
	t.Helper()
	done, err := openState(statePath, "the app")
	require.NoError(t, err)
	sum, err := syncUsers(ctx, admin, rows, done, 16, progress)
	require.NoError(t, done.close())
	return sum, err
}

func silently(summary) {}

func manyRows(n int) []row {
	rows := make([]row, n)
	for i := range rows {
		rows[i] = row{line: i + 2, uid: fmt.Sprintf("user-%05d", i+1), name: fmt.Sprint("Number ", i+1), tags: []string{"import"}}
	}
	return rows
}

// TestManyUsersInTwoRunsAtTheRateLimit interrupts an import at two fifths, and runs it again.
func TestManyUsersInTwoRunsAtTheRateLimit(t *testing.T) {
	n := 1_500
	if *full {
		n = 10_000
	}
	statePath := filepath.Join(t.TempDir(), "state")
	synctest.Test(t, func(t *testing.T) { importInTwoRuns(t, n, statePath) })
}

func importInTwoRuns(t *testing.T, n int, statePath string) {
	t.Helper()
	server := cometchattest.New(cometchattest.WithRateLimit(500, time.Second))
	t.Cleanup(server.Close)
	server.URL = "http://127.0.0.1"
	w := newWire(handlerTransport{server})
	admin := adminOver(t, w, server)
	rows := manyRows(n)
	start := time.Now()

	interrupted, interrupt := context.WithCancel(t.Context())
	first, err := runSync(interrupted, t, admin, rows, statePath, func(s summary) {
		if s.done() >= n*2/5 {
			interrupt()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	assert.GreaterOrEqual(t, first.done(), n*2/5)
	assert.Less(t, first.done(), n)
	assert.Equal(t, first.done(), first.created)

	second, err := runSync(t.Context(), t, admin, rows, statePath, silently)
	require.NoError(t, err)
	assert.Equal(t, first.created, second.before)
	assert.Equal(t, n, second.done())
	assert.Empty(t, second.failures)
	assert.Zero(t, second.updated)
	assert.LessOrEqual(t, second.unchanged, 16, "only users in flight at the interruption exist already")
	assert.Equal(t, n, first.created+second.created+second.unchanged)

	assert.Positive(t, w.answers["POST 429"], "the import reached the rate limit")
	assert.GreaterOrEqual(t, time.Since(start), time.Duration(n/500-1)*time.Second, "the import kept to the rate limit")
	assert.Equal(t, second.unchanged, w.answers["POST 400"], "only these users were created a second time")
	for uid, times := range w.created {
		assert.Equal(t, 1, times, uid)
	}

	requests := w.requests()
	third, err := runSync(t.Context(), t, admin, rows, statePath, silently)
	require.NoError(t, err)
	assert.Equal(t, summary{total: n, before: n}, third)
	assert.Equal(t, requests, w.requests(), "an import with nothing left to do makes no request")

	wanted := []string{"cometchat-uid-1", "cometchat-uid-2", "cometchat-uid-3", "cometchat-uid-4", "cometchat-uid-5"}
	for _, r := range rows {
		wanted = append(wanted, r.uid)
	}
	var there []string
	for u, err := range admin.ListUsers(t.Context(), cometchat.UserFilter{Limit: 1000}) {
		require.NoError(t, err)
		assert.Zero(t, u.UpdatedAt, "%s was changed after its creation", u.UID)
		there = append(there, u.UID)
	}
	slices.Sort(there)
	assert.Equal(t, wanted, there)
}

func TestExistingUsers(t *testing.T) {
	server, admin, w := emulate(t)
	server.AddUser(&cometchat.User{UID: "same", Name: "Same", Role: "moderator", Tags: []string{"a", "b"}, Link: "https://example.com"})
	server.AddUser(&cometchat.User{UID: "other", Name: "Old Name", Avatar: "https://example.com/kept.png"})
	server.AddUser(&cometchat.User{UID: "gone", Name: "Gone"})
	require.NoError(t, admin.DeleteUser(t.Context(), "gone"))
	rows := []row{
		{line: 2, uid: "same", name: "Same", role: "moderator", tags: []string{"a", "b"}},
		{line: 3, uid: "other", name: "New Name", link: "https://example.com/new", tags: []string{"c"}},
		{line: 4, uid: "gone", name: "Gone"},
		{line: 5, uid: "fresh", name: "Fresh"},
	}
	statePath := filepath.Join(t.TempDir(), "state")
	sum, err := runSync(t.Context(), t, admin, rows, statePath, silently)
	require.NoError(t, err)
	require.Len(t, sum.failures, 1)
	assert.Equal(t, "gone", sum.failures[0].id)
	assert.Contains(t, sum.failures[0].err.Error(), "deactivated")
	sum.failures = nil
	assert.Equal(t, summary{total: 4, created: 1, updated: 1, unchanged: 1, failed: 1}, sum)

	other, err := admin.GetUser(t.Context(), "other")
	require.NoError(t, err)
	assert.Equal(t, "New Name", other.Name)
	assert.Equal(t, "https://example.com/new", other.Link)
	assert.Equal(t, "https://example.com/kept.png", other.Avatar, "an empty field of the file changes nothing")
	assert.Equal(t, []string{"c"}, other.Tags)

	t.Run("only the edited line is imported again", func(t *testing.T) {
		rows := slices.Concat(rows[:2], rows[3:])
		rows[2].name = "Fresher"
		requests := w.requests()
		sum, err := runSync(t.Context(), t, admin, rows, statePath, silently)
		require.NoError(t, err)
		assert.Equal(t, summary{total: 3, before: 2, updated: 1}, sum)
		assert.Equal(t, 3, w.requests()-requests, "POST, GET, PUT")
	})
}

func TestRefusedUsersDoNotStopTheImport(t *testing.T) {
	_, admin, w := emulate(t, cometchattest.WithRoles("moderator"))
	rows := manyRows(200)
	rows[3].uid = "not a uid!"     // CometChat refuses it
	rows[50].uid = "control\x01it" // the SDK refuses it
	rows[120].role = "no-such-role"
	statePath := filepath.Join(t.TempDir(), "state")
	sum, err := runSync(t.Context(), t, admin, rows, statePath, silently)
	require.NoError(t, err)
	assert.Equal(t, 197, sum.created)
	require.Equal(t, 3, sum.failed)
	slices.SortFunc(sum.failures, func(a, b failure) int { return a.line - b.line })
	require.ErrorIs(t, sum.failures[0].err, cometchat.ErrBadRequest)
	require.ErrorIs(t, sum.failures[1].err, cometchat.ErrInvalidUID)
	require.ErrorContains(t, sum.failures[2].err, "ERR_ROLE_NOT_FOUND")
	assert.Contains(t, sum.failures[0].String(), `line 5 ("not a uid!"): cometchat: CreateUser: `)
	assert.Contains(t, sum.failures[1].String(), `line 52 ("control\x01it"): `, "a control character does not reach the terminal")

	rows[3].uid, rows[50].uid, rows[120].role = "a-uid", "controlit", "moderator"
	requests := w.requests()
	sum, err = runSync(t.Context(), t, admin, rows, statePath, silently)
	require.NoError(t, err)
	assert.Equal(t, summary{total: 200, before: 197, created: 3}, sum)
	assert.Equal(t, 3, w.requests()-requests)
}

// scripted stands in for an Admin; create is the result of CreateUser.
type scripted struct {
	create func(ctx context.Context, uid string) error
}

func (s scripted) CreateUser(ctx context.Context, u *cometchat.User) (*cometchat.User, error) {
	return u, s.create(ctx, u.UID)
}

func (s scripted) GetUser(_ context.Context, uid string) (*cometchat.User, error) {
	return &cometchat.User{UID: uid}, nil
}

func (s scripted) UpdateUser(_ context.Context, uid string, _ cometchat.UserUpdate) (*cometchat.User, error) {
	return &cometchat.User{UID: uid}, nil
}

func TestFailuresOfTheServer(t *testing.T) {
	unanswered := &cometchat.Error{Code: "FAILED_TO_FETCH", Message: "no answer", Attempts: 1}
	statePath := filepath.Join(t.TempDir(), "state")

	t.Run("lost answers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			there := map[string]bool{}
			lossy := scripted{create: func(_ context.Context, uid string) error {
				mu.Lock()
				defer mu.Unlock()
				if there[uid] {
					return &cometchat.Error{Code: "ERR_UID_ALREADY_EXISTS", StatusCode: 400, Attempts: 1}
				}
				there[uid] = true
				if uid < "user-00026" {
					return unanswered
				}
				return nil
			}}
			start := time.Now()
			sum, err := runSync(t.Context(), t, lossy, manyRows(100), statePath, silently)
			require.NoError(t, err)
			assert.Equal(t, summary{total: 100, created: 75, updated: 25}, sum)
			assert.Equal(t, 2*time.Second, time.Since(start), "16 workers wait a second, and 9 of them wait again")
		})
	})

	t.Run("a user that always fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			picky := scripted{create: func(_ context.Context, uid string) error {
				if uid != "user-00150" {
					return nil
				}
				tries++
				return &cometchat.Error{Code: "ERR_EXCEPTION", StatusCode: 500, Attempts: 1}
			}}
			sum, err := runSync(t.Context(), t, picky, manyRows(200), statePath, silently)
			require.NoError(t, err)
			assert.Equal(t, 100, sum.before)
			assert.Equal(t, 99, sum.created)
			assert.Equal(t, 1, sum.failed)
			assert.Equal(t, 5, tries)
		})
	})
}

func TestReasonsToStop(t *testing.T) {
	t.Run("a wrong key", func(t *testing.T) {
		server := cometchattest.NewServer()
		defer server.Close()
		admin, err := newAdmin(app{id: server.AppID, apiKey: "wrong", options: server.AdminOptions()})
		require.NoError(t, err)
		defer func() { assert.NoError(t, admin.Close()) }()
		sum, err := runSync(t.Context(), t, admin, manyRows(500), filepath.Join(t.TempDir(), "state"), silently)
		require.ErrorIs(t, err, cometchat.ErrAPIKeyNotFound)
		assert.Empty(t, sum.failures)
		assert.LessOrEqual(t, len(server.Requests()), 2*16)
	})

	t.Run("a server that fails every request", func(t *testing.T) {
		statePath := filepath.Join(t.TempDir(), "state")
		synctest.Test(t, func(t *testing.T) {
			down := scripted{create: func(context.Context, string) error {
				return &cometchat.Error{Code: "FAILED_TO_FETCH", StatusCode: 503, Attempts: 1}
			}}
			start := time.Now()
			sum, err := runSync(t.Context(), t, down, manyRows(500), statePath, silently)
			require.ErrorContains(t, err, "25 users in a row failed")
			assert.Equal(t, giveUpAfter, sum.failed)
			assert.Len(t, sum.failures, maxFailures)
			assert.Equal(t, 30*time.Second, time.Since(start))
		})
	})

	t.Run("a state file that cannot be written", func(t *testing.T) {
		done, err := openState(filepath.Join(t.TempDir(), "state"), "the app")
		require.NoError(t, err)
		require.NoError(t, done.close())
		fine := scripted{create: func(context.Context, string) error { return nil }}
		for _, n := range []int{1, 500} {
			sum, err := syncUsers(t.Context(), fine, manyRows(n), done, 16, silently)
			require.ErrorContains(t, err, "cannot be written")
			assert.Equal(t, summary{total: n}, sum)
		}
	})

	t.Run("an interruption, which counts as no failure", func(t *testing.T) {
		ctx, interrupt := context.WithCancelCause(t.Context())
		reason := errors.New("Ctrl-C")
		waiting := scripted{create: func(ctx context.Context, uid string) error {
			if uid == "user-00007" {
				interrupt(reason)
			}
			<-ctx.Done()
			return &cometchat.Error{Code: "ERR_TOO_MANY_REQUESTS", StatusCode: 429, Attempts: 1}
		}}
		sum, err := runSync(ctx, t, waiting, manyRows(500), filepath.Join(t.TempDir(), "state"), silently)
		require.ErrorIs(t, err, reason)
		assert.Equal(t, summary{total: 500}, sum)
	})
}

func TestSyncUsersWithoutUsers(t *testing.T) {
	sum, err := runSync(t.Context(), t, nil, nil, filepath.Join(t.TempDir(), "state"), silently)
	require.NoError(t, err)
	assert.Equal(t, summary{}, sum)
}
