package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
)

// modelWorld is what the clients of a schedule meet: the server, the store, the token provider and the listeners. Each of them
// is slow, fails and panics as the schedule's seed says, and writes down what it does.
type modelWorld struct {
	seed     uint64
	ties     bool                                       // delays are round, so that much happens at the same moment
	faults   float64                                    // how likely one call to the world goes wrong
	provider bool                                       // the clients have a token provider
	nested   func(ctx context.Context, within *modelOp) // makes the call of a listener or a provider, if it makes one

	mu      sync.Mutex
	start   time.Time
	history []modelEvent
	ops     []*modelOp
	owners  [64]byte // the uid of each token
	minted  int
	valid   [64]bool
	names   map[byte]int // the name of each user, which is a number
	named   int
	store   *cometchat.MemorySessionStore
	key     string // of the session in the store

	providers [refClients]int // see inProvider
}

// modelOp is a call of a client.
type modelOp struct {
	id, client int
	kind       opKind
	uid        byte // of a login: 'A' or 'B'
	token      int  // of a login with a token
	inProvider bool // the call has the context of a provider of its client
	rng        *rand.Rand
	c          *cometchat.Client
	close      func() // closes c
}

type opKey struct{}

func opOf(ctx context.Context) *modelOp { return ctx.Value(opKey{}).(*modelOp) }

// note writes an event down. The caller holds mu.
func (w *modelWorld) note(kind eventKind, op *modelOp, what string, result modelResult) {
	w.history = append(w.history, modelEvent{time.Since(w.start), kind, op.id, op.client, what, result})
}

func (w *modelWorld) noted(kind eventKind, op *modelOp, what string, result modelResult) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(kind, op, what, result)
}

// wait takes a while, or until the context ends.
func (w *modelWorld) wait(ctx context.Context, op *modelOp, upTo time.Duration) error {
	w.mu.Lock()
	d := time.Duration(op.rng.Int64N(int64(upTo)))
	if w.ties {
		d = d.Round(upTo / 2)
	}
	w.mu.Unlock()
	if d == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// strikes says whether the call to the world goes wrong: 1 before its effect, 2 after, 3 with a panic; 0 not at all.
func (w *modelWorld) strikes(op *modelOp) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if op.rng.Float64() >= w.faults {
		return 0
	}
	return 1 + op.rng.IntN(3)
}

var errModel = errors.New("injected fault")

const modelPanic = "injected panic"

// RoundTrip is the server.
func (w *modelWorld) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, op := r.Context(), opOf(r.Context())
	body := ""
	if r.Body != nil {
		all, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		body = string(all)
	}
	what, token := requestOf(r)
	strike := w.strikes(op)
	err := w.wait(ctx, op, 20*time.Millisecond)
	var result modelResult
	var answer *http.Response
	if err == nil && strike != 1 {
		w.mu.Lock()
		result, answer = w.serve(what, token, body)
		w.mu.Unlock()
		err = w.wait(ctx, op, 20*time.Millisecond)
	}
	switch {
	case strike == 3:
		w.noted(answered, op, what, modelResult{kind: "panic", token: token})
		panic(modelPanic)
	case err != nil:
		w.noted(answered, op, what, modelResult{kind: "closed", token: token})
		return nil, err
	case strike != 0:
		w.noted(answered, op, what, modelResult{kind: "net", token: token})
		return nil, errModel
	}
	w.noted(answered, op, what, result)
	return answer, nil
}

// requestOf returns "mint A", "sign in", "call" or "sign out", and the token that the request has.
func requestOf(r *http.Request) (what string, token int) {
	_, _ = fmt.Sscanf(r.Header.Get("authtoken"), "token-%d", &token)
	switch path := strings.TrimPrefix(r.URL.Path, "/v3.0"); {
	case r.Method == http.MethodPost:
		return "mint " + strings.ToUpper(strings.Split(path, "/")[2]), 0
	case path == "/me" && r.Method == http.MethodDelete:
		return "sign out", token
	case path == "/me":
		return "sign in", token
	}
	return "call", token
}

// serve carries a request out. The caller holds mu.
func (w *modelWorld) serve(what string, token int, body string) (modelResult, *http.Response) {
	if uid, ok := strings.CutPrefix(what, "mint "); ok {
		token = w.mint(uid[0])
		return modelResult{kind: "ok", uid: uid[0], token: token},
			jsonAnswer(200, fmt.Sprintf(`{"data":{"uid":%q,"authToken":"token-%d"}}`, strings.ToLower(uid), token))
	}
	if !w.valid[token] {
		return modelResult{kind: "gone", token: token},
			jsonAnswer(401, `{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":"gone"}}`)
	}
	uid := w.owners[token]
	result := modelResult{kind: "ok", uid: uid, token: token}
	switch what {
	case "sign out":
		w.valid[token] = false
		return result, jsonAnswer(200, `{"data":{"success":true}}`)
	case "sign in":
		var name int
		if i := strings.Index(body, `"name":"`); i >= 0 {
			if _, err := fmt.Sscanf(body[i:], `"name":"%d"`, &name); err == nil {
				w.names[uid] = name
			}
		}
	}
	if what == "call" {
		return result, jsonAnswer(200, `{"data":{"uid":"a"}}`)
	}
	result.name = w.names[uid]
	return result, jsonAnswer(200, fmt.Sprintf(`{"data":{"uid":%q,"name":"%d"}}`, strings.ToLower(string(uid)), result.name))
}

// mint makes a token. The caller holds mu.
func (w *modelWorld) mint(uid byte) int {
	w.minted++
	w.owners[w.minted], w.valid[w.minted] = uid, true
	return w.minted
}

// revoke makes the server forget the tokens of a user.
func (w *modelWorld) revoke(uid byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for token, owner := range w.owners {
		if owner == uid {
			w.valid[token] = false
		}
	}
	w.history = append(w.history, modelEvent{at: time.Since(w.start), kind: revoked, result: modelResult{uid: uid}})
}

func jsonAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

// inProvider counts the calls that providers of a client are making. Meanwhile its listeners make none: such a call may wait
// for the provider, which waits for the listener.
func (w *modelWorld) inProvider(client, change int) (calls int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.providers[client] += change
	return w.providers[client]
}

// provide is the token provider: it makes a token, mostly of user A, after a while in which it may call the client.
func (w *modelWorld) provide(ctx context.Context) (string, error) {
	op := opOf(ctx)
	_ = w.wait(ctx, op, 20*time.Millisecond)
	w.inProvider(op.client, 1)
	w.nested(ctx, &modelOp{client: op.client, c: op.c, inProvider: true, rng: op.rng})
	w.inProvider(op.client, -1)
	strike := w.strikes(op)
	w.mu.Lock()
	defer w.mu.Unlock()
	uid := byte('A')
	if op.rng.IntN(4) == 0 {
		uid = 'B'
	}
	switch strike {
	case 1, 2:
		w.note(provided, op, "", modelResult{kind: "provider"})
		return "", errModel
	case 3:
		w.note(provided, op, "", modelResult{kind: "panic"})
		panic(modelPanic)
	}
	token := w.mint(uid)
	w.note(provided, op, "", modelResult{kind: "ok", token: token, uid: uid})
	return fmt.Sprintf("token-%d", token), nil
}
