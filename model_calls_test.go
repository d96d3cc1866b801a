package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/cometchat-go/cometchat"
)

type opKind uint8

const (
	opUser opKind = iota
	opAuthToken
	opInfo
	opCall
	opVerify
	opUpdate
	opLogin
	opToken
	opEnsure
	opLogout
	opClose // and the next call takes a new client
)

var opNames = []string{
	"GetLoggedinUser", "AuthToken", "SessionInfo", "GetUser", "VerifySession", "UpdateCurrentUserDetails", "Login",
	"LoginWithToken", "EnsureLoggedIn", "Logout", "Close",
}

// kindsOfCalls has each kind as often as it should come.
var kindsOfCalls = []opKind{
	opUser, opAuthToken, opInfo, opCall, opCall, opVerify, opVerify, opUpdate, opUpdate, opUpdate, opLogin, opLogin, opLogin, opToken,
	opEnsure, opEnsure, opEnsure, opLogout, opLogout, opClose,
}

// call makes a call of the client of a slot, or of the client of the listener or provider that it is within. It notes the
// call. A schedule that has many calls makes no more, but for those at its end, which are within an empty modelOp.
func (s *schedule) call(ctx context.Context, slot int, kind opKind, rng *rand.Rand, within *modelOp) {
	fresh, nested := -1, within != nil && within.c != nil
	if nested {
		slot = s.slotOf(within.client)
	}
	if kind == opClose && slot >= 0 {
		fresh = s.newClient() //nolint:contextcheck // a listener has no context
	}
	s.mu.Lock()
	if len(s.ops) >= refOps-9 && (nested || within == nil) {
		s.mu.Unlock()
		return
	}
	op := &modelOp{id: len(s.ops), kind: kind, uid: "AB"[rng.IntN(2)], rng: rand.New(rand.NewPCG(s.seed, rng.Uint64()))}
	if nested {
		op.client, op.inProvider = within.client, within.inProvider
	} else {
		op.client = s.slots[slot]
	}
	op.c, op.close = s.made[op.client], s.forgets[op.client]
	if fresh >= 0 {
		s.slots[slot] = fresh
	} else if kind == opClose {
		op.kind = opUser
	}
	if op.kind != opLogin && op.kind != opToken {
		op.uid = 0
	}
	if op.kind == opToken {
		if op.uid = 0; s.minted == 0 || rng.IntN(3) == 0 {
			s.mint("AB"[rng.IntN(2)])
		}
		op.token = 1 + rng.IntN(s.minted)
	}
	name := ""
	if op.kind == opUpdate {
		s.named++
		name = fmt.Sprint(s.named)
	}
	s.ops = append(s.ops, op)
	s.note(invoked, op, s.describe(op), modelResult{})
	s.mu.Unlock()
	result := s.do(context.WithValue(ctx, opKey{}, op), op, name)
	s.noted(returned, op, s.describe(op), result)
}

// do makes the call of op, and returns its result.
func (s *schedule) do(ctx context.Context, op *modelOp, name string) (result modelResult) {
	defer func() {
		if p := recover(); p != nil {
			result = modelResult{kind: "panic"}
			if !strings.Contains(fmt.Sprint(p), modelPanic) {
				result.kind = fmt.Sprintf("unexpected panic: %v", p)
			}
		}
	}()
	var u *cometchat.User
	var token string
	var err error
	switch op.kind {
	case opUser:
		if u, err = op.c.GetLoggedinUser(ctx); u == nil && err == nil {
			return modelResult{kind: "nobody"}
		}
	case opAuthToken:
		token, err = op.c.AuthToken(ctx)
	case opInfo:
		var info *cometchat.SessionInfo
		if info, err = op.c.SessionInfo(ctx); err == nil {
			u = &cometchat.User{UID: info.UID}
		}
	case opCall:
		_, err = op.c.GetUser(ctx, "a")
	case opVerify:
		u, err = op.c.VerifySession(ctx)
	case opUpdate:
		u, err = op.c.UpdateCurrentUserDetails(ctx, &cometchat.User{Name: name})
	case opLogin:
		u, err = op.c.Login(ctx, strings.ToLower(string(op.uid)), authKey)
	case opToken:
		u, err = op.c.LoginWithToken(ctx, fmt.Sprintf("token-%d", op.token))
	case opEnsure:
		u, err = op.c.EnsureLoggedIn(ctx)
	case opLogout:
		err = op.c.Logout(ctx)
	case opClose:
		op.close()
	}
	result.kind = errorKind(op, err)
	if err == nil && u != nil {
		result.uid = strings.ToUpper(u.UID)[0]
		_, _ = fmt.Sscan(u.Name, &result.name)
	}
	_, _ = fmt.Sscanf(token, "token-%d", &result.token)
	return result
}

// errorKind returns the kind of a documented error.
func errorKind(op *modelOp, err error) string {
	switch {
	case err == nil:
		return "ok"
	case asError(err) == nil:
		return "not an *Error: " + err.Error()
	case errors.Is(err, cometchat.ErrClosed), op.inProvider && errors.Is(err, context.Canceled): // Close ends a provider's context
		return "closed"
	case errors.Is(err, cometchat.ErrAuthTokenNotFound):
		return "gone"
	case errors.Is(err, cometchat.ErrNotLoggedIn):
		return "nobody"
	case errors.Is(err, cometchat.ErrLoginInProgress):
		return "busy"
	case errors.Is(err, cometchat.ErrOtherUser):
		return "other"
	case code(err) == "ERR_TOKEN_PROVIDER" && errors.Is(err, errModel):
		return "provider"
	case code(err) == "ERR_SESSION_STORE" && errors.Is(err, errModel):
		return "store"
	case errors.Is(err, errModel):
		return "net"
	}
	return "undocumented: " + err.Error()
}
