package record

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var newKey = bytes.Repeat([]byte("n3w!"), 8)

// rotated returns a Codec that encrypts with newKey and also decrypts the records of encryptionKey.
func rotated(tb testing.TB) Codec {
	tb.Helper()
	codec, err := New(newKey, encryptionKey)
	require.NoError(tb, err)
	return codec
}

// accepting returns a Codec like rotated that also accepts plain records.
func accepting(tb testing.TB) Codec {
	tb.Helper()
	codec, err := rotated(tb).AcceptingPlain()
	require.NoError(tb, err)
	return codec
}

func TestNewRefusesKeys(t *testing.T) {
	t.Parallel()
	for why, keys := range map[string][][]byte{
		"the encryption key has 6 bytes instead of 32":              {[]byte("canary")},
		"the encryption key has 0 bytes instead of 32":              {nil, newKey},
		"the old encryption key 2 of 2 has 6 bytes instead of 32":   {newKey, encryptionKey, []byte("canary")},
		"the old encryption key 1 of 1 is equal to a key before it": {newKey, newKey},
		"the old encryption key 3 of 3 is equal to a key before it": {newKey, make([]byte, KeySize), encryptionKey, make([]byte, KeySize)},
	} {
		_, err := New(keys[0], keys[1:]...)
		require.ErrorIs(t, err, cometchat.ErrBadRequest)
		require.ErrorContains(t, err, why)
		assert.NotContains(t, err.Error(), "canary")
		assert.NotContains(t, err.Error(), "n3w!")
	}
}

func TestAcceptingPlainNeedsAKey(t *testing.T) {
	t.Parallel()
	_, err := Codec{}.AcceptingPlain()
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	require.ErrorContains(t, err, "WithPlainSessionsAccepted needs WithEncryptionKey")
}

// TestRecordsAreEncryptedAgain decodes the record that an earlier configuration wrote, and encodes the session again: only
// the new key decrypts the second record.
func TestRecordsAreEncryptedAgain(t *testing.T) {
	t.Parallel()
	onlyNew, err := New(newKey)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		codec  Codec
		record string
	}{
		"an old key's record": {rotated(t), encryptedRecord},
		"a plain record":      {accepting(t), plainRecord},
	} {
		got, err := c.codec.Decode(key, []byte(c.record))
		require.NoError(t, err, name)
		again, err := c.codec.Encode(key, got)
		require.NoError(t, err, name)
		back, err := onlyNew.Decode(key, again)
		require.NoError(t, err, name)
		assert.Equal(t, got, back, name)
		_, err = encrypting(t).Decode(key, again)
		require.ErrorIs(t, err, errWrongKey, name)
		_, err = Codec{}.Decode(key, again)
		require.ErrorIs(t, err, errEncrypted, name)
	}
}

func TestKeysAreCopied(t *testing.T) {
	t.Parallel()
	mine := [][]byte{bytes.Clone(newKey), bytes.Clone(encryptionKey)}
	codec, err := New(mine[0], mine[1:]...)
	require.NoError(t, err)
	clear(mine[0])
	clear(mine[1])
	_, err = codec.Decode(key, []byte(encryptedRecord))
	require.NoError(t, err)
	data, err := codec.Encode(key, session())
	require.NoError(t, err)
	_, err = rotated(t).Decode(key, data)
	require.NoError(t, err)
}

// FuzzDecode decodes any bytes. The result is an error, or a session that survives another Encode and Decode. A codec with
// more keys, or one that accepts plain records, reads every record that a narrower codec reads, as the same session.
func FuzzDecode(f *testing.F) {
	data, err := rotated(f).Encode(key, session())
	require.NoError(f, err)
	for _, data := range []string{
		plainRecord, encryptedRecord, escapedRecord, string(data), plainRecord[:80], "", "{}", "null",
		`{"format":"cometchat-session","version":1}`, `{"format":"cometchat-session","version":1,"sealed":""}`,
		`{"format":"cometchat-session","version":1,"session":null}`,
		strings.Replace(plainRecord, `"key"`, `"cipher":"AES-256-GCM","key"`, 1),
	} {
		f.Add([]byte(data))
	}
	plain, secret, rotated, accepting := Codec{}, encrypting(f), rotated(f), accepting(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, codec := range []Codec{plain, secret, rotated, accepting} {
			got, err := codec.Decode(key, data)
			if err != nil {
				assert.Nil(t, got)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
				continue
			}
			again, err := codec.Encode(key, got)
			require.NoError(t, err)
			back, err := codec.Decode(key, again)
			require.NoError(t, err)
			assert.Equal(t, got, back)
			_, err = codec.Decode("app2/session", data)
			require.Error(t, err, "a record belongs to one key")
		}
		readsAll(t, data, secret, rotated)
		readsAll(t, data, rotated, accepting)
		readsAll(t, data, plain, accepting)
	})
}

// readsAll checks that wide reads data if narrow does, as the same session.
func readsAll(t *testing.T, data []byte, narrow, wide Codec) {
	t.Helper()
	want, err := narrow.Decode(key, data)
	if err != nil {
		return
	}
	got, err := wide.Decode(key, data)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}
