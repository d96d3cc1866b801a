package cometchat_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat"
)

// modelStore is the store of a schedule. It cannot compare and swap; modelSharedStore can.
type modelStore struct{ w *modelWorld }

// do carries out a call to the store, unless it goes wrong. effect returns the tokens that a change has replaced and stored; it
// runs with mu held.
func (s modelStore) do(ctx context.Context, key, what string, effect func() (changed bool, old, next *cometchat.Session)) error {
	op := opOf(ctx)
	strike := s.w.strikes(op)
	err := s.w.wait(ctx, op, 6*time.Millisecond)
	if err == nil && strike != 1 {
		s.w.mu.Lock()
		if changed, old, next := effect(); changed && key == s.w.key {
			s.w.note(swapped, op, fmt.Sprintf("%d → %d", tokenNumber(old), tokenNumber(next)), modelResult{})
		}
		s.w.mu.Unlock()
		err = s.w.wait(ctx, op, 6*time.Millisecond)
	}
	switch {
	case strike == 3:
		s.w.noted(storeFailed, op, what, modelResult{kind: "panic"})
		panic(modelPanic)
	case err == nil && strike != 0:
		err = errModel
	}
	if err != nil {
		s.w.noted(storeFailed, op, what, modelResult{kind: "store"})
	}
	return err
}

func tokenNumber(s *cometchat.Session) (number int) {
	if s != nil {
		_, _ = fmt.Sscanf(s.AuthToken, "token-%d", &number)
	}
	return number
}

// inside returns the session that is stored; nil for none. The caller holds mu.
func (s modelStore) inside(ctx context.Context, key string) *cometchat.Session {
	session, _ := s.w.store.Load(ctx, key)
	return session
}

func (s modelStore) Load(ctx context.Context, key string) (found *cometchat.Session, err error) {
	err = s.do(ctx, key, "load", func() (bool, *cometchat.Session, *cometchat.Session) {
		found = s.inside(ctx, key)
		return false, nil, nil
	})
	if err == nil && found == nil {
		err = cometchat.ErrNoSession
	}
	return found, err
}

func (s modelStore) Save(ctx context.Context, key string, next *cometchat.Session) error {
	return s.do(ctx, key, "save", func() (changed bool, old, _ *cometchat.Session) {
		old = s.inside(ctx, key)
		return s.w.store.Save(ctx, key, next) == nil, old, next
	})
}

func (s modelStore) Delete(ctx context.Context, key string) error {
	return s.do(ctx, key, "delete", func() (changed bool, old, next *cometchat.Session) {
		old = s.inside(ctx, key)
		return s.w.store.Delete(ctx, key) == nil, old, nil
	})
}

type modelSharedStore struct{ modelStore }

func (s modelSharedStore) CompareAndSwap(ctx context.Context, key string, old, next *cometchat.Session) (done bool, err error) {
	err = s.do(ctx, key, "swap", func() (bool, *cometchat.Session, *cometchat.Session) {
		done, _ = s.w.store.CompareAndSwap(ctx, key, old, next)
		return done, old, next
	})
	return done && err == nil, err
}

// listen has the world note what a client tells its listeners. Some of them call the client, or panic.
func (w *modelWorld) listen(client int, c *cometchat.Client, seed *modelOp) {
	tell := func(what string, uid byte) {
		w.mu.Lock()
		strike := 0
		if seed.rng.Float64() < w.faults/2 {
			strike = 3
		}
		result := modelResult{uid: uid}
		if strike == 3 {
			result.kind = "panic"
		}
		w.note(told, &modelOp{id: -1, client: client}, what, result)
		w.mu.Unlock()
		if strike == 3 {
			panic(modelPanic)
		}
		if w.inProvider(client, 0) == 0 {
			w.nested(context.Background(), &modelOp{client: client, c: c, rng: seed.rng})
		}
	}
	c.AddLoginListener("model", cometchat.LoginListener{
		LoginSuccess:  func(u *cometchat.User) { tell("a login", strings.ToUpper(u.UID)[0]) },
		LoginFailure:  func(error) { tell("a failed login", 0) },
		LogoutSuccess: func() { tell("a logout", 0) },
		LogoutFailure: func(error) { tell("a failed logout", 0) },
	})
}
