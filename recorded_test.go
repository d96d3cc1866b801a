package cometchat_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// recordedLine is a line of testdata/recorded: what CometChat's JavaScript SDK did in a browser, against a server that recorded
// its requests and frames. The fields are those of a request and its answer, and of a frame.
type recordedLine struct {
	Scenario string            `json:"scenario"`
	Seq      int               `json:"seq"`
	Kind     string            `json:"kind"`
	Method   string            `json:"method"`
	Path     string            `json:"path"`
	Query    map[string]string `json:"query"`
	Body     json.RawMessage   `json:"body"`
	Status   int               `json:"status"`
	Response json.RawMessage   `json:"response"`
	Case     string            `json:"case"`
	What     string            `json:"what"`
	Message  json.RawMessage   `json:"message"` // the frame
	Call     string            `json:"call"`    // of a frame that the SDK sent
	Event    string            `json:"event"`   // of a listener: its function
	Value    json.RawMessage   `json:"value"`   // the argument of the function
}

// recording returns the lines of a file of testdata/recorded.
func recording(tb testing.TB, file string) (lines []recordedLine) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "recorded", file)) //nolint:gosec // the tests name it
	require.NoError(tb, err)
	s := bufio.NewScanner(bytes.NewReader(raw))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var line recordedLine
		_, err := lenient.Unmarshal(s.Bytes(), &line) // the status of a request without an answer is a text
		require.NoError(tb, err)
		lines = append(lines, line)
	}
	require.NoError(tb, s.Err())
	return lines
}

// recordedRequest returns the request with this number in a scenario.
func recordedRequest(tb testing.TB, file, scenario string, seq int) recordedLine {
	tb.Helper()
	for _, line := range recording(tb, file) {
		if line.Scenario == scenario && line.Seq == seq {
			require.Equal(tb, "http", line.Kind, "%s %d is no request", scenario, seq)
			return line
		}
	}
	require.Fail(tb, "there is no such line", "%s %d", scenario, seq)
	return recordedLine{}
}

// responder answers as the recording server did.
func (r recordedLine) responder() httpmock.Responder {
	return func(*http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(r.Status, string(r.Response)), nil
	}
}

// noise says what differs between a recorded request and ours, as in "path", "query affix" and "body data.text", and why.
type noise map[string]string

// assertRecorded compares a request of ours with the recorded request: the method, the path, the query, and each field of the
// body. Every difference must be noise, and all noise must be a difference.
func assertRecorded(tb testing.TB, line recordedLine, got sent, differs noise) {
	tb.Helper()
	u, err := url.Parse(got.URL)
	require.NoError(tb, err)
	theirs := map[string]string{"method": line.Method, "path": line.Path}
	ours := map[string]string{"method": got.Method, "path": u.EscapedPath()}
	for key, value := range line.Query {
		theirs["query "+key] = value
	}
	for key, values := range u.Query() {
		ours["query "+key] = strings.Join(values, " and ")
	}
	flatten(tb, "body", line.Body, theirs)
	flatten(tb, "body", []byte(got.Body), ours)
	for key, value := range theirs {
		assert.True(tb, ours[key] == value || differs[key] != "", "%s %d: %s is %q, and was recorded as %q", line.Scenario, line.Seq, key, ours[key], value)
	}
	for key, value := range ours {
		if _, recorded := theirs[key]; !recorded {
			assert.NotEmpty(tb, differs[key], "%s %d: %s is %q, and was recorded without it", line.Scenario, line.Seq, key, value)
		}
	}
	for key := range differs {
		assert.NotEqual(tb, theirs[key], ours[key], "%s %d: %s does not differ", line.Scenario, line.Seq, key)
	}
}

// flatten adds the fields of a JSON value to a map, each under its path, as in "body data.text". No value, no field.
func flatten(tb testing.TB, name string, raw []byte, into map[string]string) {
	tb.Helper()
	if len(raw) == 0 {
		return
	}
	var fields map[string]json.RawMessage
	if raw[0] != '{' || json.Unmarshal(raw, &fields) != nil {
		var compact bytes.Buffer
		require.NoError(tb, json.Compact(&compact, raw), "%s: %s", name, raw)
		into[name] = compact.String()
		return
	}
	if len(fields) == 0 {
		into[name] = "{}"
	}
	between := "."
	if name == "body" {
		between = " "
	}
	for key, value := range fields {
		flatten(tb, name+between+key, value, into)
	}
}

// TestAssertRecorded checks that assertRecorded sees each difference.
func TestAssertRecorded(t *testing.T) {
	t.Parallel()
	line := recordedLine{
		Method: "PUT", Path: "/v3.0/a%20b", Query: map[string]string{"q": "1"}, Body: json.RawMessage(`{"data":{"text":"x"},"tags":["a"]}`),
	}
	const same = `{"tags":["a"],"data":{"text":"x"}}`
	for _, tc := range []struct {
		got     sent
		differs noise
		passes  bool
	}{
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: same}, nil, true},
		{sent{Method: "POST", URL: "https://h/v3.0/a%20b?q=1", Body: same}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/b?q=1", Body: same}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=2", Body: same}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b", Body: same}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1&r=1", Body: same}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: `{"tags":["b"],"data":{"text":"x"}}`}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: `{"tags":["a"],"data":{"text":5}}`}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: `{"tags":["a"],"data":{"text":"x","y":{}}}`}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1"}, nil, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b", Body: same}, noise{"query q": "a reason"}, true},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: same}, noise{"query q": "a reason"}, false},
		{sent{Method: "PUT", URL: "https://h/v3.0/a%20b?q=1", Body: `{"tags":["a"],"data":{"text":"y"}}`}, noise{"body data.text": "a reason"}, true},
	} {
		probe := &probeT{TB: t}
		assertRecorded(probe, line, tc.got, tc.differs)
		assert.Equal(t, tc.passes, !probe.failed, "%+v", tc)
	}
}

// probeT notes that a test would have failed.
type probeT struct {
	testing.TB
	failed bool
}

func (p *probeT) Errorf(string, ...any) { p.failed = true }
func (p *probeT) Helper()               {}
