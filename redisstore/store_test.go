package redisstore_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const key = "app1/session"

func session(name string) *cometchat.Session {
	return &cometchat.Session{
		AppID: "app1", DeviceID: "device-" + name, AuthToken: "token-" + name, JWT: "jwt-" + name,
		CreatedAt: time.Unix(1_700_000_000, 0).UTC(), User: &cometchat.User{UID: "uid-" + name},
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	for name, opts := range map[string][]redisstore.Option{
		"plain":          nil,
		"encrypted":      {redisstore.WithEncryptionKey(encryptionKey)},
		"plain accepted": {redisstore.WithEncryptionKey(encryptionKey), redisstore.WithPlainSessionsAccepted()},
		"with a TTL":     {redisstore.WithTTL(time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
				return func() cometchat.SessionStore {
					return open(t, server.client(t), append(opts, redisstore.WithPrefix(t.Name()+":"))...)
				}
			})
		})
	}
}

// TestCluster uses a cluster of one node. It refuses the same commands and redirects clients in the same way as a larger one.
func TestCluster(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--cluster-enabled", "yes")
	require.NoError(t, server.client(t).Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err())
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		info, err := server.client(t).ClusterInfo(t.Context()).Result()
		assert.NoError(c, err)
		assert.Contains(c, info, "cluster_state:ok")
	}, 30*time.Second, 20*time.Millisecond)
	sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
		return func() cometchat.SessionStore {
			client := redis.NewUniversalClient(&redis.UniversalOptions{
				Addrs: []string{server.addr}, IsClusterMode: true, ContextTimeoutEnabled: true,
			})
			t.Cleanup(func() { assert.NoError(t, client.Close()) })
			assert.IsType(t, (*redis.ClusterClient)(nil), client)
			return open(t, client, redisstore.WithPrefix(t.Name()+":"))
		}
	})
}

func TestSentinel(t *testing.T) {
	t.Parallel()
	sentinel := startSentinel(t, startRedis(t))
	sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
		return func() cometchat.SessionStore {
			client := redis.NewUniversalClient(&redis.UniversalOptions{
				Addrs: []string{sentinel.addr}, MasterName: "main", ContextTimeoutEnabled: true,
			})
			t.Cleanup(func() { assert.NoError(t, client.Close()) })
			return open(t, client, redisstore.WithPrefix(t.Name()+":"))
		}
	})
}

func TestNewFails(t *testing.T) {
	t.Parallel()
	for _, client := range []redis.UniversalClient{nil, (*redis.Client)(nil), (*redis.ClusterClient)(nil)} {
		_, err := redisstore.New(client)
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
		require.ErrorContains(t, err, "the client is nil")
	}
	_, err := redisstore.New(nil, nil, redisstore.WithTTL(-time.Second), redisstore.WithTTL(1),
		redisstore.WithEncryptionKey([]byte("canary")))
	for _, why := range []string{
		"the client is nil", "an option is nil", "the time to live of -1s is under a millisecond", "of 1ns",
		"the encryption key has 6 bytes instead of 32",
	} {
		require.ErrorContains(t, err, why)
	}
	assert.NotContains(t, err.Error(), "canary")
}

func TestStoreNotMadeByNew(t *testing.T) {
	t.Parallel()
	store := new(redisstore.Store)
	_, loadErr := store.Load(t.Context(), key)
	_, swapErr := store.CompareAndSwap(t.Context(), key, nil, nil)
	for _, err := range []error{
		loadErr, store.Save(t.Context(), key, session("1")), swapErr, store.Delete(t.Context(), key),
	} {
		require.ErrorIs(t, err, cometchat.ErrMissingParameters)
		require.ErrorContains(t, err, "the store was not made by New")
	}
}

func TestTTL(t *testing.T) {
	t.Parallel()
	ctx, client := t.Context(), startRedis(t).client(t)
	store := open(t, client, redisstore.WithTTL(time.Hour))
	const name = "cometchat:" + key
	assertLeft := func(atLeast, atMost time.Duration) {
		t.Helper()
		left, err := client.PTTL(ctx, name).Result()
		require.NoError(t, err)
		assert.GreaterOrEqual(t, left, atLeast)
		assert.LessOrEqual(t, left, atMost)
	}
	require.NoError(t, store.Save(ctx, key, session("1")))
	assertLeft(59*time.Minute, time.Hour)

	require.NoError(t, client.PExpire(ctx, name, time.Minute).Err())
	_, err := store.Load(ctx, key)
	require.NoError(t, err)
	assertLeft(0, time.Minute)

	require.NoError(t, store.Save(ctx, key, session("1")))
	assertLeft(59*time.Minute, time.Hour)

	require.NoError(t, client.PExpire(ctx, name, time.Minute).Err())
	swapped, err := store.CompareAndSwap(ctx, key, session("1"), session("2"))
	require.NoError(t, err)
	assert.True(t, swapped)
	assertLeft(59*time.Minute, time.Hour)

	require.NoError(t, open(t, client, redisstore.WithTTL(0)).Save(ctx, key, session("3")))
	assertLeft(-1, -1) // PTTL returns -1 for a key that does not expire

	require.NoError(t, open(t, client, redisstore.WithTTL(time.Millisecond)).Save(ctx, key, session("4")))
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		_, err := store.Load(ctx, key)
		assert.ErrorIs(c, err, cometchat.ErrNoSession)
	}, 10*time.Second, time.Millisecond)
}

func TestValuesWithoutASession(t *testing.T) {
	t.Parallel()
	ctx, client := t.Context(), startRedis(t).client(t)
	store := open(t, client)
	const name = "cometchat:" + key
	require.NoError(t, store.Save(ctx, "app2/session", session("2")))
	require.NoError(t, open(t, client, redisstore.WithPrefix("")).Save(ctx, key, session("3")))
	require.NoError(t, open(t, client, redisstore.WithEncryptionKey(encryptionKey)).Save(ctx, "app3/session", session("4")))
	for what, c := range map[string]struct{ from, value, why string }{
		"empty":              {"", "", "is damaged"},
		"text":               {"", "token-canary", "is damaged"},
		"of another key":     {"cometchat:app2/session", "", "holds the session of another key"},
		"of another prefix":  {key, "", "holds the session of another key"},
		"encrypted":          {"cometchat:app3/session", "", "is encrypted"},
		"of a later version": {"", `{"format":"cometchat-session","version":2}`, "has the format version 2"},
	} {
		value := c.value
		if c.from != "" {
			var err error
			value, err = client.Get(ctx, c.from).Result()
			require.NoError(t, err)
		}
		require.NoError(t, client.Set(ctx, name, value, 0).Err())
		_, loadErr := store.Load(ctx, key)
		_, swapErr := store.CompareAndSwap(ctx, key, session("1"), session("2"))
		_, beginErr := store.CompareAndSwap(ctx, key, nil, session("2"))
		for _, err := range []error{loadErr, swapErr, beginErr} {
			require.ErrorContains(t, err, `the value of the Redis key "cometchat:app1/session" `+c.why, what)
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
			require.NotErrorIs(t, err, cometchat.ErrNoSession)
			assert.NotContains(t, err.Error(), "canary")
		}
		kept, err := client.Get(ctx, name).Result()
		require.NoError(t, err)
		assert.Equal(t, value, kept)
	}
	require.NoError(t, store.Delete(ctx, key))
	_, err := store.Load(ctx, key)
	require.ErrorIs(t, err, cometchat.ErrNoSession)

	require.NoError(t, client.LPush(ctx, name, "a", "list").Err())
	_, err = store.Load(ctx, key)
	require.ErrorContains(t, err, "redisstore: Load: WRONGTYPE")
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
}

// TestServerThatStalls uses a server that accepts connections and never answers.
func TestServerThatStalls(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	client := redis.NewClient(&redis.Options{Addr: l.Addr().String(), ContextTimeoutEnabled: true})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store := open(t, client)
	for op, call := range map[string]func(ctx context.Context) error{
		"Load":   func(ctx context.Context) error { _, err := store.Load(ctx, key); return err },
		"Save":   func(ctx context.Context) error { return store.Save(ctx, key, session("canary")) },
		"Delete": func(ctx context.Context) error { return store.Delete(ctx, key) },
		"CompareAndSwap": func(ctx context.Context) error {
			_, err := store.CompareAndSwap(ctx, key, nil, session("canary"))
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		err := call(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "redisstore: "+op+": ")
		assert.NotContains(t, err.Error(), "canary")
		assert.Less(t, time.Since(start), 2*time.Second, "the client's own timeouts are longer")
	}
}

// deafOnce is a connection that loses the answer to one command: the next command that contains word, while armed.
type deafOnce struct {
	net.Conn
	word  string
	armed *atomic.Bool
	deaf  atomic.Bool
}

func (c *deafOnce) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(c.word)) && c.armed.CompareAndSwap(true, false) {
		c.deaf.Store(true)
	}
	return c.Conn.Write(b)
}

func (c *deafOnce) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.deaf.Load() {
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

// TestLostAnswer loses the answer to a swap that Redis has carried out: the next attempt finds the session that it wrote.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	server := startRedis(t)
	var armed atomic.Bool
	client := redis.NewClient(&redis.Options{
		Addr: server.addr, ContextTimeoutEnabled: true,
		Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &deafOnce{Conn: conn, word: "eval", armed: &armed}, err
		},
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store := open(t, client)
	for _, old := range []*cometchat.Session{nil, session("1")} {
		next := session("1")
		if old != nil {
			next = session("2")
		}
		armed.Store(true)
		swapped, err := store.CompareAndSwap(t.Context(), key, old, next)
		require.NoError(t, err)
		assert.False(t, armed.Load(), "no answer was lost")
		assert.True(t, swapped)
	}
}
