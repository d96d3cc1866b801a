package cometchattest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// uploadURL makes a POST /files/upload-url for files to the second user, as the first user.
func uploadURL(t *testing.T, s *cometchattest.Server, change object) (int, object) {
	t.Helper()
	body := object{"receiver": uid(2), "receiverType": "user", "files": object{"f1": object{"name": "up.png", "size": 4}}}
	maps.Copy(body, change)
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	return call(t, s, "POST", "/v3.0/files/upload-url", string(raw), headers{"authtoken": s.CreateAuthToken(uid(1))})
}

// place is where a file may be uploaded to.
type place struct {
	url        string
	fields     object
	attachment object
	expiresAt  any
}

func placeOf(t *testing.T, s *cometchattest.Server, file object) place {
	t.Helper()
	status, answer := uploadURL(t, s, object{"files": object{"f1": file}})
	given := data(t, status, answer)["f1"].(object)
	request := given["request"].(object)
	assert.Equal(t, "POST", request["method"])
	return place{request["url"].(string), request["body"].(object), given["attachment"].(object), given["expiresAt"]}
}

// upload sends the fields, with changes, and then the part file.
func (p place) upload(t *testing.T, content string, changes headers) reply {
	t.Helper()
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(p.fields)) {
		value := p.fields[name].(string)
		if changed, ok := changes[name]; ok {
			value = changed
		}
		parts = append(parts, part{name: name, value: value})
	}
	return p.send(t, append(parts, part{name: "file", value: content, file: "up.png", contentType: "image/png"})...)
}

func (p place) send(t *testing.T, parts ...part) reply {
	t.Helper()
	body, contentType := formOf(t, parts...)
	got, err := send(t, "POST", p.url, body, headers{"content-type": contentType})
	require.NoError(t, err)
	return got
}

// TestPresignedUpload has the way of the official SDK: a place for the file, the upload, and the message by URL.
func TestPresignedUpload(t *testing.T) {
	t.Parallel()
	at := newClock()
	s := started(t, at.option(), cometchattest.WithRateLimit(2, time.Hour))
	p := placeOf(t, s, object{"fileId": "f1", "name": "up.png", "size": 4, "mimeType": "image/png"})
	assert.InDelta(t, at.now.Add(15*time.Minute).Unix(), p.expiresAt, 0)
	assert.Equal(t, http.StatusNotFound, fetched(t, p.attachment["url"]).status, "nothing is there yet")
	for _, content := range []string{"data", "dat2"} { // a second upload replaces the first
		got := p.upload(t, content, nil)
		assert.Equal(t, http.StatusNoContent, got.status)
		assert.Empty(t, got.body)
		file := fetched(t, p.attachment["url"])
		assert.Equal(t, content, file.body)
		assert.Equal(t, "image/png", file.header.Get("Content-Type"))
	}
	assert.Equal(t, 4+1<<10, s.FileBytes())
	raw, err := json.Marshal(object{
		"type": "image", "receiverType": "user", "category": "message", "receiver": uid(2),
		"data": object{"url": "", "attachments": []object{p.attachment}},
	})
	require.NoError(t, err)
	status, answer := call(t, s, "POST", "/v3/messages", string(raw), headers{"authtoken": s.CreateAuthToken(uid(1))})
	assert.Equal(t, []any{p.attachment}, data(t, status, answer)["data"].(object)["attachments"])
	refusedBefore, _ := call(t, s, "GET", "/v3/me", "", headers{"authtoken": s.CreateAuthToken(uid(1))})
	assert.Equal(t, http.StatusTooManyRequests, refusedBefore, "the rate limit counts no call of the storage")
}

func TestStorageRefuses(t *testing.T) {
	t.Parallel()
	s := started(t)
	file := object{"name": "up.png", "size": 4, "mimeType": "image/png"}
	p, other := placeOf(t, s, file), placeOf(t, s, file)
	fields := func(last ...part) (parts []part) {
		for name, value := range p.fields {
			parts = append(parts, part{name: name, value: value.(string)})
		}
		return append(parts, last...)
	}
	content := part{name: "file", value: "data", file: "up.png"}
	for name, tc := range map[string]struct {
		upload func(t *testing.T) reply
		status int
		code   string
	}{
		"larger":            {func(t *testing.T) reply { t.Helper(); return p.upload(t, "data5", nil) }, 400, "EntityTooLarge"},
		"smaller":           {func(t *testing.T) reply { t.Helper(); return p.upload(t, "dat", nil) }, 400, "EntityTooSmall"},
		"another key":       {changed(p, "key", other.fields["key"]), 403, "AccessDenied"},
		"another type":      {changed(p, "Content-Type", "text/html"), 403, "AccessDenied"},
		"another policy":    {changed(p, "policy", other.fields["policy"]), 403, "SignatureDoesNotMatch"},
		"another signature": {changed(p, "signature", other.fields["signature"]), 403, "SignatureDoesNotMatch"},
		"no hex":            {changed(p, "signature", "x"), 403, "SignatureDoesNotMatch"},
		"no fields":         {func(t *testing.T) reply { t.Helper(); return p.send(t, content) }, 403, "SignatureDoesNotMatch"},
		"no file":           {func(t *testing.T) reply { t.Helper(); return p.send(t, fields()...) }, 400, "InvalidArgument"},
		"a file that is a field": {
			func(t *testing.T) reply { t.Helper(); return p.send(t, fields(part{name: "file", value: "data"})...) }, 400, "InvalidArgument",
		},
		"a field after the file": {
			func(t *testing.T) reply { t.Helper(); return p.send(t, fields(content, part{name: "x"})...) }, 400, "InvalidArgument",
		},
		"two files": {func(t *testing.T) reply { t.Helper(); return p.send(t, fields(content, content)...) }, 400, "InvalidArgument"},
		"no form": {
			func(t *testing.T) reply {
				t.Helper()
				got, err := send(t, "POST", p.url, "{}", headers{"content-type": "application/json"})
				require.NoError(t, err)
				return got
			}, 400, "MalformedPOSTRequest",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tc.upload(t)
			assert.Equal(t, tc.status, got.status)
			assert.Equal(t, "application/xml", got.header.Get("Content-Type"))
			assert.Contains(t, got.body, "<Code>"+tc.code+"</Code><Message>")
		})
	}
	t.Cleanup(func() { assert.Zero(t, s.FileBytes()) })
}

func TestUploadAfterItsTime(t *testing.T) {
	t.Parallel()
	s := started(t)
	p := placeOf(t, s, object{"name": "up.png", "size": 4})
	s.Advance(15*time.Minute - 2*time.Second)
	assert.Equal(t, http.StatusNoContent, p.upload(t, "data", nil).status)
	s.Advance(2 * time.Second)
	got := p.upload(t, "late", nil)
	assert.Equal(t, http.StatusForbidden, got.status)
	assert.Contains(t, got.body, "<Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.")
	assert.Equal(t, "data", fetched(t, p.attachment["url"]).body)
}

// changed uploads with one field that is not as the server gave it.
func changed(p place, field string, value any) func(t *testing.T) reply {
	return func(t *testing.T) reply {
		t.Helper()
		return p.upload(t, "data", headers{field: value.(string)})
	}
}

func TestRefusedUploadURLs(t *testing.T) {
	t.Parallel()
	s := started(t)
	must(t, s, "POST", "/groups", `{"guid":"app","name":"App","type":"public"}`)
	many := object{}
	for id := range strings.SplitSeq("abcdefghijk", "") {
		many[id] = object{"name": "a", "size": 1}
	}
	for name, tc := range map[string]struct {
		change object
		status int
		code   string
	}{
		"no files":             {object{"files": nil}, 400, "ERR_BAD_REQUEST"},
		"files as a list":      {object{"files": []any{}}, 400, "ERR_BAD_REQUEST"},
		"a file without name":  {object{"files": object{"f": object{"size": 1}}}, 400, "ERR_BAD_REQUEST"},
		"a negative size":      {object{"files": object{"f": object{"name": "a", "size": -1}}}, 400, "ERR_BAD_REQUEST"},
		"11 files":             {object{"files": many}, 400, "ERR_FILE_COUNT_EXCEEDED"},
		"no receiver":          {object{"receiver": ""}, 400, "ERR_EMPTY_RECEIVER"},
		"an unknown receiver":  {object{"receiver": "nobody"}, 404, "ERR_UID_NOT_FOUND"},
		"an unknown group":     {object{"receiverType": "group"}, 404, "ERR_GUID_NOT_FOUND"},
		"a group of others":    {object{"receiverType": "group", "receiver": "app"}, 403, "ERR_GROUP_NOT_JOINED"},
		"another receiverType": {object{"receiverType": "x"}, 400, "ERR_INVALID_RECEIVER_TYPE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, answer := uploadURL(t, s, tc.change)
			assertRefused(t, status, answer, tc.status, tc.code, "")
		})
	}
}

// TestFilesThatAreTooLargeForAPlace shows that one file may be refused and another accepted.
func TestFilesThatAreTooLargeForAPlace(t *testing.T) {
	t.Parallel()
	s := started(t)
	const limit = 100 << 20
	status, answer := uploadURL(t, s, object{"files": object{
		"good": object{"name": "a", "size": limit}, "bad": object{"name": "b.bin", "size": limit + 1},
	}})
	places := data(t, status, answer)
	assert.Contains(t, places["good"], "request")
	refusal := places["bad"].(object)["error"].(object)
	assert.Equal(t, "ERR_FILE_SIZE_EXCEEDED", refusal["code"])
	assert.Contains(t, refusal["message"], "b.bin")
}

// TestStorageThatFails has a fault of the storage, which is a call like others.
func TestStorageThatFails(t *testing.T) {
	t.Parallel()
	s := started(t)
	p := placeOf(t, s, object{"name": "a", "size": 1})
	s.InjectFault(cometchattest.Fault{Method: "POST", Path: "/media", Status: 503, Body: "<Error/>", Times: 1})
	assert.Equal(t, http.StatusServiceUnavailable, p.upload(t, "x", nil).status)
	assert.Equal(t, http.StatusNoContent, p.upload(t, "x", nil).status)
}
