package redisstore_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/redisstore"
	"github.com/cometchat-go/cometchat/sessionstoretest"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	encryptionKey = bytes.Repeat([]byte("k3y!"), 8)
	newKey        = bytes.Repeat([]byte("n3w!"), 8)
)

// configurations are the options of a store during the change from encryptionKey to newKey, in the order of docs/stores.md.
var configurations = []redisstore.Option{
	redisstore.WithEncryptionKey(encryptionKey),
	redisstore.WithEncryptionKey(encryptionKey, newKey),
	redisstore.WithEncryptionKey(newKey, encryptionKey),
	redisstore.WithEncryptionKey(newKey),
}

// TestContractDuringAKeyChange gives the handles on one Redis two configurations in turn, as during a rolling deployment.
func TestContractDuringAKeyChange(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the whole contract for each step of a key change")
	}
	t.Parallel()
	server := startRedis(t)
	for name, handles := range map[string][]redisstore.Option{
		"first step":        configurations[0:2],
		"second step":       configurations[1:3],
		"one configuration": configurations[2:3],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sessionstoretest.Run(t, func(t *testing.T) func() cometchat.SessionStore {
				opened := 0
				return func() cometchat.SessionStore {
					opened++
					return open(t, server.client(t), handles[opened%len(handles)], redisstore.WithPrefix(t.Name()+":"))
				}
			})
		})
	}
}

// TestKeyChangeOfAFleet is the change of docs/stores.md: at each step, a server that has the new configuration and a server
// that still has the configuration before it read and replace each other's sessions.
func TestKeyChangeOfAFleet(t *testing.T) {
	t.Parallel()
	ctx, client := t.Context(), startRedis(t).client(t)
	require.NoError(t, open(t, client, configurations[0]).Save(ctx, key, session("0")))
	n := 0
	for i := range configurations[1:] {
		late, early := open(t, client, configurations[i]), open(t, client, configurations[i+1])
		if i == 2 { // the last step comes when every session has been saved again
			swapped, err := late.CompareAndSwap(ctx, key, session(fmt.Sprint(n)), session(fmt.Sprint(n)))
			require.NoError(t, err)
			assert.True(t, swapped)
		}
		for range 2 {
			for _, store := range []*redisstore.Store{early, late} {
				now, next := session(fmt.Sprint(n)), session(fmt.Sprint(n+1))
				got, err := store.Load(ctx, key)
				require.NoError(t, err)
				require.Equal(t, now, got)
				swapped, err := store.CompareAndSwap(ctx, key, next, next)
				require.NoError(t, err)
				assert.False(t, swapped, "the store has another session")
				swapped, err = store.CompareAndSwap(ctx, key, now, next)
				require.NoError(t, err)
				assert.True(t, swapped)
				n++
			}
		}
	}
}

// TestOldSessionsAreEncryptedAgain starts with a session of an earlier configuration. Load leaves the value as it is. Save and
// CompareAndSwap encrypt the session with the new key.
func TestOldSessionsAreEncryptedAgain(t *testing.T) {
	t.Parallel()
	ctx, client := t.Context(), startRedis(t).client(t)
	onlyNew := open(t, client, configurations[3])
	for name, c := range map[string]struct{ before, after []redisstore.Option }{
		"an old key's": {configurations[0:1], configurations[2:3]},
		"plain":        {nil, []redisstore.Option{redisstore.WithPlainSessionsAccepted(), configurations[3]}},
	} {
		store := open(t, client, c.after...)
		for how, change := range map[string]func() error{
			"Save": func() error { return store.Save(ctx, key, session("1")) },
			"CompareAndSwap": func() error {
				swapped, err := store.CompareAndSwap(ctx, key, session("1"), session("1"))
				assert.True(t, swapped, name)
				return err
			},
		} {
			require.NoError(t, open(t, client, c.before...).Save(ctx, key, session("1")))
			_, err := onlyNew.Load(ctx, key)
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession, "%s, %s", name, how)
			got, err := store.Load(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, session("1"), got)
			_, err = onlyNew.Load(ctx, key)
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession, "%s, %s", name, how)

			require.NoError(t, change())
			got, err = onlyNew.Load(ctx, key)
			require.NoError(t, err)
			assert.Equal(t, session("1"), got)
			_, err = open(t, client, configurations[0]).Load(ctx, key)
			require.ErrorContains(t, err, "is encrypted, but no encryption key of the store decrypts it", "%s, %s", name, how)
		}
	}
	require.NoError(t, open(t, client).Save(ctx, key, session("1")))
	_, err := onlyNew.Load(ctx, key)
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
	require.ErrorContains(t, err, "is plain (not encrypted), but the store has an encryption key")
}

func TestNewRefusesKeys(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:0"}) // New makes no request
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	for why, opts := range map[string][]redisstore.Option{
		"the old encryption key 1 of 1 has 6 bytes":                 {redisstore.WithEncryptionKey(newKey, []byte("canary"))},
		"the old encryption key 2 of 2 is equal to a key before it": {redisstore.WithEncryptionKey(newKey, encryptionKey, newKey)},
		"WithPlainSessionsAccepted needs WithEncryptionKey":         {redisstore.WithPlainSessionsAccepted(), redisstore.WithTTL(time.Hour)},
	} {
		_, err := redisstore.New(client, opts...)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, "redisstore: "+why)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestMetadataKeepsItsBytes(t *testing.T) {
	t.Parallel()
	const metadata = `{"html":"<p>a & b</p>","url":"https://example.com/?a=1&b=2","n":1.0}`
	ctx, client := t.Context(), startRedis(t).client(t)
	for _, opts := range [][]redisstore.Option{nil, configurations[0:1]} {
		store := open(t, client, opts...)
		s := session("1")
		s.User.Metadata = []byte(metadata)
		require.NoError(t, store.Save(ctx, key, s))
		got, err := store.Load(ctx, key)
		require.NoError(t, err)
		assert.Equal(t, s, got)
	}
}

func TestEncryption(t *testing.T) {
	t.Parallel()
	ctx, client := t.Context(), startRedis(t).client(t)
	store := open(t, client, redisstore.WithEncryptionKey(encryptionKey))
	require.NoError(t, store.Save(ctx, key, session("canary")))
	value, err := client.Get(ctx, "cometchat:"+key).Result()
	require.NoError(t, err)
	assert.NotContains(t, value, "canary")
	_, err = open(t, client, redisstore.WithEncryptionKey(make([]byte, 32))).Load(ctx, key)
	require.ErrorContains(t, err, "is encrypted, but no encryption key of the store decrypts it")
}

func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	server := startRedis(t, "--requirepass", "right-password")
	opts, err := redis.ParseURL("redis://:pa55-canary@" + server.addr + "/0")
	require.NoError(t, err)
	client := redis.NewClient(opts)
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	store := open(t, client, configurations[2])
	err = store.Save(t.Context(), key, session("canary"))
	require.ErrorContains(t, err, "WRONGPASS")
	type holder struct{ store *redisstore.Store } // fmt does not call Format of an unexported field
	type inside struct{ store redisstore.Store }
	for verb := range strings.SplitSeq("%v %+v %#v %s %q %x %X %d %t %p %c %U", " ") {
		for _, value := range []any{store, *store, holder{store}, inside{*store}, err} {
			text := strings.ToLower(fmt.Sprintf(verb, value))
			for _, secret := range []string{"canary", "63616e617279", "k3y!", "n3w!", "6b337921", "[107 51 121"} {
				assert.NotContains(t, text, secret)
			}
		}
	}
	assert.Equal(t, `session store in Redis, under "cometchat:"`, fmt.Sprint(store))
}
