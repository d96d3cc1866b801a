package record

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const key = "app1/session"

var encryptionKey = bytes.Repeat([]byte("k3y!"), 8)

func encrypting(tb testing.TB) Codec {
	tb.Helper()
	codec, err := New(encryptionKey)
	require.NoError(tb, err)
	return codec
}

func session() *cometchat.Session {
	return &cometchat.Session{
		AppID: "app1", DeviceID: "device", AuthToken: "token", JWT: "jwt", CreatedAt: time.Unix(1_700_000_000, 0).UTC(),
		User: &cometchat.User{UID: "uid", Metadata: json.RawMessage(`{"a":[1,2.50]}`)},
	}
}

// Records of the package's first version. Every later version must read them.
const (
	firstSession = `{"version":1,"appId":"app1","deviceId":"device","user":{"uid":"uid","metadata":{"a":[1,2.50]}},` +
		`"authToken":"token","jwt":"jwt","createdAt":"2023-11-14T22:13:20Z"}`
	plainRecord = `{"format":"cometchat-session","version":1,"key":"app1/session",` +
		`"sha256":"4637495f1cfa24ae641a912512f8cf5999c332a8ca221bd09f8b6bba26ace35d","session":` + firstSession + `}`
	encryptedRecord = `{"format":"cometchat-session","version":1,"cipher":"AES-256-GCM",` +
		`"sealed":"EmFb4B2i2BE/hNiU76y7ZOgRq9h5fzpfZsz5vkUo1YpJIQuTzjtNM9/Er/MKQXNKwxuFsO4ozEXCr1oW6k5GEi2k8oY3sg` +
		`ju7Ec2H2EAOH084sIduhLa9JTOoCxvpEvFyPE30HSg0LNHkdSS9UyDkZVfZfUcm9mb4ATqZx0pVZZkXqhLooSOU7r1wgO/5YC4OJ5YfT` +
		`U/JrqIklNz6x6nv/vOnWverHZTLaVyLzDAIVtfGv55Z537mr0jqCATRw=="}`
)

func TestRecordsOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	want := new(cometchat.Session) // Session reads its own older versions
	require.NoError(t, json.Unmarshal([]byte(firstSession), want))
	assert.Equal(t, "token", want.AuthToken)
	got, err := Codec{}.Decode(key, []byte(plainRecord))
	require.NoError(t, err)
	assert.Equal(t, want, got)
	got, err = encrypting(t).Decode(key, []byte(encryptedRecord))
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	plain, secret := Codec{}, encrypting(t)
	others, err := New(newKey, bytes.Repeat([]byte{1}, KeySize))
	require.NoError(t, err)
	for name, c := range map[string]struct {
		codec  Codec
		record string
		wants  error
	}{
		"text":                                     {plain, "token", errDamaged},
		"an unknown cipher":                        {secret, strings.Replace(encryptedRecord, "256-GCM", "256-CBC", 1), errDamaged},
		"an edited token":                          {plain, strings.Replace(plainRecord, `"token"`, `"taken"`, 1), errDamaged},
		"a record of another key":                  {plain, anotherKeysRecord(t), errOtherKey},
		"a record over the limit":                  {plain, strings.Repeat(" ", MaxSize+1), errTooLarge},
		"an encrypted record, and no key":          {plain, encryptedRecord, errEncrypted},
		"a plain record, and a key":                {secret, plainRecord, errPlain},
		"a plain record, and two keys":             {rotated(t), plainRecord, errPlain},
		"an encrypted record, and two other keys":  {others, encryptedRecord, errWrongKey},
		"an edited record, and plain accepted":     {accepting(t), strings.Replace(plainRecord, `"token"`, `"taken"`, 1), errDamaged},
		"another key's record, and plain accepted": {accepting(t), anotherKeysRecord(t), errOtherKey},
		"an encrypted record, and a damaged seal":  {secret, strings.Replace(encryptedRecord, "EmFb", "EmFc", 1), errWrongKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.codec.Decode(key, []byte(c.record))
			require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
			require.ErrorIs(t, err, c.wants)
			assert.NotContains(t, err.Error(), "token")
		})
	}
	_, err = plain.Decode(key, []byte(strings.Replace(plainRecord, `"version":1,"key"`, `"version":2,"key"`, 1)))
	require.ErrorContains(t, err, "has the format version 2, and this SDK reads versions up to 1")
}

func anotherKeysRecord(t *testing.T) string {
	t.Helper()
	data, err := Codec{}.Encode("app2/session", session())
	require.NoError(t, err)
	return string(data)
}

func TestRecordNamesItsKey(t *testing.T) {
	t.Parallel()
	for _, codec := range []Codec{{}, encrypting(t), rotated(t), accepting(t)} {
		for _, key := range []string{"", "a", "a\xff", "a\xfe", "a\ufffd", strings.Repeat("long", 5000)} {
			data, err := codec.Encode(key, session())
			require.NoError(t, err)
			require.True(t, json.Valid(data))
			got, err := codec.Decode(key, data)
			require.NoError(t, err)
			assert.Equal(t, session(), got)
			for _, other := range []string{"b", "a\xff\xff", "A"} {
				_, err = codec.Decode(other, data)
				require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
			}
		}
	}
	data, err := Codec{}.Encode("a\xff", session())
	require.NoError(t, err)
	_, err = Codec{}.Decode("a\xfe", data)
	require.Error(t, err, "as JSON the two keys are the same")
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	_, err := Codec{}.Encode(key, nil)
	require.ErrorIs(t, err, cometchat.ErrMissingParameters)
	s := session()
	s.User.Name = strings.Repeat("x", MaxSize)
	_, err = Codec{}.Encode(key, s)
	require.ErrorIs(t, err, cometchat.ErrBadRequest)
	s = session()
	s.User.Metadata = []byte("{")
	_, err = Codec{}.Encode(key, s)
	require.ErrorContains(t, err, "cannot be written as JSON")
}

func TestSessionOfALaterVersion(t *testing.T) {
	t.Parallel()
	later := []byte(`{"version":9999,"appId":"app1"}`)
	data, err := json.Marshal(envelope{Format: format, Version: version, Key: key, Sum: sum(key, later), Session: later})
	require.NoError(t, err)
	_, err = Codec{}.Decode(key, data)
	require.ErrorContains(t, err, "holds a session that cannot be read: ")
	require.ErrorContains(t, err, "9999")
	require.ErrorIs(t, err, cometchat.ErrUnreadableSession)
}
