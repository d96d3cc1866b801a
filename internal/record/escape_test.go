package record

import (
	"encoding/json"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Records of a version that escaped HTML, with escapedMetadata. Every later version must read them.
const (
	escapedMetadata = `{"html":"\u003cp\u003ea \u0026 b\u003c/p\u003e","url":"https://example.com/?a=1\u0026b=2"}`
	escapedRecord   = `{"format":"cometchat-session","version":1,"key":"app1/session",` +
		`"sha256":"7eea0c73da21ac3a3df8ce6d1e566949cf5b6b61f0aec3864081dd4fc060b39a","session":{"version":2,"appId":"app1",` +
		`"deviceId":"device","user":{"uid":"uid","metadata":` + escapedMetadata + `},` +
		`"authToken":"token","jwt":"jwt","createdAt":"2023-11-14T22:13:20Z"}}`
	escapedEncryptedRecord = `{"format":"cometchat-session","version":1,"cipher":"AES-256-GCM",` +
		`"sealed":"yHTtXrHU610ze7RwRryHFru7oNoxGaNyuHrhUPWxj43lkiJfGi1KdBxoSoHtdLYqLyQ4YRbKVh6t179kZ6FBUIPBv2MiAVmRPXIm2A` +
		`f4lWh9xqTRUDe5NHDk3RJSjbQ+TO7btL9JttlSIFvMhx7nYlT6Yh2RSZB5bVIu75GN/s2DeHmYZDYY+nVnvixovAyTwtx1mvgt0D+5G45buyB/v5eb` +
		`fdR8E5atHjQJfV5vzmvNYqmSqB9deXXleafwuBN/ekTYrciKAjWBiU7ptkd4xT1ulWElZPi81ADlX+YJlN4TROjh01PdwNiOkgGpSBgb88wKTq65qN` +
		`CPQJ+JKoiqvv6vnyISkqed1K4="}`
)

func TestRecordsWithEscapedHTML(t *testing.T) {
	t.Parallel()
	want := session()
	want.User.Metadata = json.RawMessage(escapedMetadata)
	for record, codec := range map[string]Codec{escapedRecord: {}, escapedEncryptedRecord: encrypting(t)} {
		got, err := codec.Decode(key, []byte(record))
		require.NoError(t, err)
		assert.Equal(t, want, got)
		again, err := codec.Encode(key, got)
		require.NoError(t, err)
		got, err = codec.Decode(key, again)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

// TestMetadataKeepsItsBytes has metadata that encoding/json changes: it escapes HTML, U+2028 and U+2029.
func TestMetadataKeepsItsBytes(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		`{"html":"<p class='x'>a & b</p>"}`:                   "",
		`{"url":"https://example.com/?a=1&b=2#<c>"}`:          "",
		`{"<&>":["\u003c\u0026 \/ \u00e9 é 😀 \ud83d\ude00"]}`: "",
		"\"a\u2028b\u2029c\"":                                 "",
		"{\"bad UTF-8\":\"\xff<\"}":                           "",
		`{"b":1.0,"a":1e400,"a":12345678901234567890}`:        "",
		" {\"a\" :\n[\"< &\",\t1 ] } ":                        `{"a":["< &",1]}`,
	} {
		for _, codec := range []Codec{{}, encrypting(t)} {
			s := session()
			s.User.Metadata = json.RawMessage(metadata)
			data, err := codec.Encode(key, s)
			require.NoError(t, err)
			got, err := codec.Decode(key, data)
			require.NoError(t, err)
			if want == "" {
				want = metadata
			}
			assert.Equal(t, want, string(got.User.Metadata))
		}
	}
}

// TestRecordsEscapeNoHTML also covers the fields of a session and the key of a plain record.
func TestRecordsEscapeNoHTML(t *testing.T) {
	t.Parallel()
	data, err := Codec{}.Encode("app<&>/session", &cometchat.Session{AppID: "app<&>", AuthToken: "<&>"})
	require.NoError(t, err)
	assert.Contains(t, string(data), `"key":"app<&>/session"`)
	assert.Contains(t, string(data), `"appId":"app<&>"`)
	assert.NotContains(t, string(data), `\u00`)
	_, err = Codec{}.Decode("app<&>/session", data)
	require.NoError(t, err)
}
