package main

import (
	"bytes"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/redis/go-redis/v9"
)

// world is what surrounds the gateway: an emulator of CometChat, the backend, and Redis if there is one.
type world struct {
	emulator  *cometchattest.Server
	uids      []string
	admin     *cometchat.Admin
	backend   *http.Server
	tokenURL  string
	asked     atomic.Int64  // how often the backend was asked for a token
	redis     *redis.Client // nil: there is none
	store     cometchat.SessionStore
	storeName string
}

func newWorld(ctx context.Context, users int, redisURL string) (*world, error) {
	w := &world{emulator: cometchattest.NewServer(), store: cometchat.NewMemorySessionStore(), storeName: "memory"}
	err := w.useRedis(ctx, redisURL)
	for i := range users {
		uid := fmt.Sprintf("user-%04d", i)
		w.uids = append(w.uids, uid)
		w.emulator.AddUser(&cometchat.User{UID: uid, Name: fmt.Sprint("User ", i)})
	}
	if err == nil {
		err = w.startBackend(ctx)
	}
	if err != nil {
		w.close()
	}
	return w, err
}

// startBackend starts your server: it knows the gateway by a secret, and hands out auth tokens for any user to it.
func (w *world) startBackend(ctx context.Context) (err error) {
	if w.admin, err = cometchat.NewAdmin(w.emulator.AppID, w.emulator.APIKey, w.emulator.Options()...); err != nil {
		return err
	}
	identify := func(r *http.Request) (string, error) {
		w.asked.Add(1)
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+gatewaySecret)) != 1 {
			return "", cometchat.ErrUnauthenticated
		}
		return r.Header.Get("X-User"), nil
	}
	tokens, err := cometchat.TokenHandler(w.admin, identify)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/chat/token", tokens)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.backend = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = w.backend.Serve(listener) }() // ends with close
	w.tokenURL = "http://" + listener.Addr().String() + "/chat/token"
	return nil
}

// emulatorKey is where Redis has the emulator's data. CometChat would remember them by itself.
const emulatorKey = "gateway-example:emulator"

// useRedis keeps the sessions in Redis, and gives the emulator the data that an earlier run has left there.
func (w *world) useRedis(ctx context.Context, redisURL string) error {
	if redisURL == "" {
		return nil
	}
	if !strings.Contains(redisURL, "://") {
		redisURL = "redis://" + redisURL
	}
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		return errors.New("the address of Redis cannot be used") // err may quote a password
	}
	options.ContextTimeoutEnabled = true
	w.redis, w.storeName = redis.NewClient(options), "Redis"
	if w.store, err = redisstore.New(w.redis); err != nil {
		return err
	}
	saved, err := w.redis.Get(ctx, emulatorKey).Bytes()
	switch {
	case errors.Is(err, redis.Nil):
		return nil
	case err != nil:
		return fmt.Errorf("could not read from Redis: %w", err)
	}
	return w.emulator.Load(bytes.NewReader(saved))
}

// seen returns how many tokens the backend was asked for since the program started, and how many logins CometChat has seen.
func (w *world) seen() (tokens, logins int) {
	return int(w.asked.Load()), len(w.emulator.Requests(cometchattest.To("PUT", "/me")))
}

// save keeps the emulator's data for the next run.
func (w *world) save(ctx context.Context) error {
	if w.redis == nil {
		return nil
	}
	var saved bytes.Buffer
	if err := w.emulator.Save(&saved); err != nil {
		return err
	}
	return w.redis.Set(ctx, emulatorKey, saved.Bytes(), 0).Err()
}

func (w *world) close() {
	if w.backend != nil {
		_ = w.backend.Close()
	}
	if w.admin != nil {
		_ = w.admin.Close()
	}
	if w.redis != nil {
		_ = w.redis.Close()
	}
	w.emulator.Close()
}
