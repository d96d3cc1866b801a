package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/cometchat-go/cometchat/interop/meant"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ask returns a request like the requests of the SDKs.
func ask(change func(*request)) []request {
	q := request{
		Method: "PUT", Host: "client:1", Path: "/v3.0/me", Status: 200, Query: map[string]string{"page": "1"},
		Headers: map[string]string{"appid": "app", "authtoken": "ada_1"}, Body: json.RawMessage(`{"a":{"b":1}}`),
	}
	if change != nil {
		change(&q)
	}
	return []request{q}
}

// compared compares one step; fields are the listed differences.
func compared(js, goes []request, fields ...meant.Field) *comparison {
	c := &comparison{fields: fields, hosts: map[string]string{"admin": "admin", "client": "client"}, seen: map[any]int{}}
	c.run(recording{javaScript: {{name: "s", requests: js}}, golang: {{name: "s", requests: goes}}})
	return c
}

func TestSameRequestsAreNoProblem(t *testing.T) {
	t.Parallel()
	c := compared(ask(nil), ask(nil))
	assert.Empty(t, c.problems)
	assert.Equal(t, 1, c.pairs)
	assert.Equal(t, 8, c.compared)
	assert.Equal(t, []row{{"s", 1, 1, "8 fields"}}, c.rows)
}

// TestEveryFieldCounts changes one thing at a time in the Go SDK's request.
func TestEveryFieldCounts(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*request){
		"method":           func(q *request) { q.Method = "POST" },
		"host":             func(q *request) { q.Host = "admin:1" },
		"path":             func(q *request) { q.Path = "/v3/me" },
		"status":           func(q *request) { q.Status = 401 },
		"query.page":       func(q *request) { q.Query["page"] = "2" },
		"query.limit":      func(q *request) { q.Query["limit"] = "1" },
		"header.appid":     func(q *request) { q.Headers["appid"] = "other" },
		"header.authtoken": func(q *request) { delete(q.Headers, "authtoken") },
		"header.apikey":    func(q *request) { q.Headers["apikey"] = "key" },
		"body.a.b":         func(q *request) { q.Body = json.RawMessage(`{"a":{"b":"1"}}`) },
		"body.a.c":         func(q *request) { q.Body = json.RawMessage(`{"a":{"b":1,"c":1}}`) },
		"body":             func(q *request) { q.Body = json.RawMessage(`1`) },
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			c := compared(ask(nil), ask(change))
			require.NotEmpty(t, c.problems)
			assert.Contains(t, c.problems[0], "s, PUT /v3.0/me, "+field+": ")
		})
	}
}

func TestNumberOfRequestsCounts(t *testing.T) {
	t.Parallel()
	c := compared(append(ask(nil), ask(nil)...), ask(nil))
	assert.Contains(t, c.problems[0], "s: JavaScript sends [PUT /v3.0/me PUT /v3.0/me], Go [PUT /v3.0/me]")
}

func TestListedFieldIsMeant(t *testing.T) {
	t.Parallel()
	token := func(value string) []request {
		return ask(func(q *request) { q.Headers["authtoken"] = value })
	}
	without := ask(func(q *request) { delete(q.Headers, "authtoken") })
	form := regexp.MustCompile(`^([a-z]+)_[0-9]$`)

	for name, c := range map[string]*comparison{
		"other values":              compared(token("ada_1"), token("ada_2"), meant.Field{Name: "header.authtoken"}),
		"of the form":               compared(token("ada_1"), token("ada_2"), meant.Field{Name: "header.authtoken", Form: form}),
		"the beginning of the name": compared(token("ada_1"), token("ada_2"), meant.Field{Name: "header.auth*"}),
		"only the JavaScript SDK's": compared(token("ada_1"), without, meant.Field{Name: "header.authtoken", Side: meant.OnlyJavaScript}),
		"only the Go SDK's":         compared(without, token("ada_1"), meant.Field{Name: "header.authtoken", Side: meant.OnlyGo, Form: form}),
		"of the method":             compared(token("ada_1"), token("ada_2"), meant.Field{Name: "PUT header.auth*"}),
	} {
		assert.Empty(t, c.problems, name)
		assert.Equal(t, 1, c.seen[&c.fields[0]], name)
	}
	for name, c := range map[string]*comparison{
		"another form":             compared(token("ada_1"), token("ada-2"), meant.Field{Name: "header.authtoken", Form: form}),
		"another text in the form": compared(token("ada_1"), token("bob_1"), meant.Field{Name: "header.authtoken", Form: form}),
		"another form of one SDK":  compared(token("ada-1"), without, meant.Field{Name: "header.authtoken", Side: meant.OnlyJavaScript, Form: form}),
		"of another method":        compared(token("ada_1"), token("ada_2"), meant.Field{Name: "POST header.authtoken"}),
		"another name":             compared(token("ada_1"), token("ada_2"), meant.Field{Name: "header.auth"}),
		"missing, not another":     compared(token("ada_1"), without, meant.Field{Name: "header.authtoken"}),
		"on the other side":        compared(without, token("ada_1"), meant.Field{Name: "header.authtoken", Side: meant.OnlyJavaScript}),
		"equal values":             compared(token("ada_1"), token("ada_1"), meant.Field{Name: "header.authtoken"}),
	} {
		assert.NotEmpty(t, c.problems, name)
	}
}

// TestListedRequestIsLeftOut lets one SDK request its settings in any step.
func TestListedRequestIsLeftOut(t *testing.T) {
	t.Parallel()
	settings := request{Method: "GET", Path: "/v3.0/settings", Query: map[string]string{"a": "1", "b": "2"}}
	with := steps{{name: "s", requests: append([]request{settings}, ask(nil)...)}, {name: "later", requests: []request{settings}}}
	without := steps{{name: "s", requests: ask(nil)}, {name: "later"}}
	problems := func(query string, rec recording) []string {
		only := meant.Request{Method: "GET", Path: "/v3.0/settings", Query: query}
		c := &comparison{only: map[string][]meant.Request{golang: {only}}, seen: map[any]int{}}
		c.run(rec)
		return c.problems
	}
	ofGo := recording{javaScript: without, golang: with}
	assert.Empty(t, problems("", ofGo))
	assert.Empty(t, problems("b=2", ofGo))
	assert.Len(t, problems("b=3", ofGo), 4, "both steps differ, and nothing is as listed")
	assert.Contains(t, problems("b=3", ofGo)[0], "Go [GET /v3.0/settings PUT /v3.0/me]")
	assert.Len(t, problems("", recording{javaScript: with, golang: without}), 4, "the other SDK makes it")

	none := problems("", recording{javaScript: without, golang: without})
	require.Len(t, none, 1)
	assert.Contains(t, none[0], "no longer occurs")
}

func sent(frame string) request { return asFrame(request{Message: json.RawMessage(frame)}) }

// TestFramesAreCompared changes one thing at a time in the frames of the Go SDK.
func TestFramesAreCompared(t *testing.T) {
	t.Parallel()
	const auth, ping = `{"type":"auth","body":{"auth":"jwt"}}`, `{"action":"ping","ack":"true"}`
	listed := meant.Request{Method: frame, Path: "ping"}
	for name, tc := range map[string]struct {
		js, goes []request
		problem  string
	}{
		"the same":                        {[]request{sent(auth), sent(ping)}, []request{sent(ping), sent(auth), sent(ping)}, ""},
		"a field":                         {[]request{sent(auth), sent(ping)}, []request{sent(`{"type":"auth","body":{"auth":1}}`), sent(ping)}, "s, frame auth, frame.body.auth: "},
		"a field of a frame at any time":  {[]request{sent(ping)}, []request{sent(`{"action":"ping"}`)}, "at any time, frame ping, frame.ack: "},
		"a frame too few":                 {[]request{sent(auth), sent(ping)}, []request{sent(ping)}, "s: JavaScript sends [frame auth], Go []"},
		"no frame at any time of one SDK": {[]request{sent(ping)}, nil, "not sent by both SDKs any more: frame ping"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &comparison{anyTime: []meant.Request{listed}, seen: map[any]int{}}
			c.run(recording{javaScript: {{name: "s", requests: ask(nil), frames: tc.js}}, golang: {{name: "s", requests: ask(nil), frames: tc.goes}}})
			if tc.problem == "" {
				assert.Empty(t, c.problems)
				return
			}
			require.NotEmpty(t, c.problems)
			assert.Contains(t, c.problems[0], tc.problem)
		})
	}
}

// TestResultsAreCompared compares what the SDKs returned in a step.
func TestResultsAreCompared(t *testing.T) {
	t.Parallel()
	run := func(goes ...string) *comparison {
		c := &comparison{seen: map[any]int{}}
		told := func(values ...string) (results []request) {
			for _, value := range values {
				results = append(results, request{Method: result, Path: "s", Body: json.RawMessage(value)})
			}
			return results
		}
		c.run(recording{
			javaScript: {{name: "s", requests: ask(nil), results: told(`["1","2"]`)}},
			golang:     {{name: "s", requests: ask(nil), results: told(goes...)}},
		})
		return c
	}
	assert.Empty(t, run(`["1", "2"]`).problems)
	require.Len(t, run(`["2","1"]`).problems, 2, "the order counts")
	assert.Contains(t, run(`["1"]`).problems[0], "s, result s, result.1: ")
	assert.Contains(t, run().problems[0], "s: JavaScript sends [result s], Go []")
}

// TestListedFrameIsLeftOut compares a step in which only the Go SDK sends a frame.
func TestListedFrameIsLeftOut(t *testing.T) {
	t.Parallel()
	auth := []request{sent(`{"type":"auth"}`)}
	for listed, problem := range map[meant.Frame]string{
		{Step: "s", Type: "auth"}: "", {Step: "s", Type: "ping"}: "s: JavaScript sends [], Go [frame auth]",
		{Step: "other", Type: "auth"}: "s: JavaScript sends [], Go [frame auth]",
	} {
		c := &comparison{frames: []meant.Frame{listed}, seen: map[any]int{}}
		c.run(recording{javaScript: {{name: "s", requests: ask(nil), frames: nil}}, golang: {{name: "s", requests: ask(nil), frames: auth}}})
		if problem == "" {
			assert.Empty(t, c.problems)
			continue
		}
		require.Len(t, c.problems, 2, "the second is that the listed frame does not occur")
		assert.Equal(t, problem, c.problems[0])
	}
}

// TestStepsAreOfBothOrListed compares runs in which only one SDK has a step.
func TestStepsAreOfBothOrListed(t *testing.T) {
	t.Parallel()
	both, onlyOne := &step{name: "s", requests: ask(nil)}, &step{name: "more", requests: ask(nil)}
	listed := []meant.Step{{Name: "more", Reason: "not yet"}}
	for name, tc := range map[string]struct {
		js, goes []*step
		notInGo  []meant.Step
		problem  string
	}{
		"not in Go, and listed":          {[]*step{both, onlyOne}, []*step{both}, listed, ""},
		"not in Go, not listed":          {[]*step{both, onlyOne}, []*step{both}, nil, "more: the Go SDK does not have this step"},
		"listed, but in Go":              {[]*step{both, onlyOne}, []*step{both, onlyOne}, listed, "more: the Go SDK has this step"},
		"listed, but in neither":         {[]*step{both}, []*step{both}, listed, "a listed difference no longer occurs: more"},
		"in Go alone":                    {[]*step{both}, []*step{both, onlyOne}, nil, "more: only the Go SDK has this step"},
		"nothing to compare in any step": {[]*step{{name: "s"}}, []*step{{name: "s"}}, nil, "the recording has no requests to compare"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &comparison{notInGo: tc.notInGo, seen: map[any]int{}}
			c.run(recording{javaScript: tc.js, golang: tc.goes})
			if tc.problem == "" {
				assert.Empty(t, c.problems)
				return
			}
			require.NotEmpty(t, c.problems)
			assert.Contains(t, c.problems[0], tc.problem)
		})
	}
}

// TestListHasReasons checks that package meant has a reason for each difference.
func TestListHasReasons(t *testing.T) {
	t.Parallel()
	for _, s := range meant.NotInGo {
		assert.NotEmpty(t, s.Reason, s.Name)
	}
	for _, q := range slices.Concat(meant.JavaScriptRequests, meant.GoRequests, meant.AnyTime) {
		assert.NotEmpty(t, q.Reason, q.Path)
	}
	for _, q := range meant.AnyTime {
		assert.NotEmpty(t, q.Reason, q.Path)
	}
	for _, f := range meant.Frames {
		assert.NotEmpty(t, f.Reason, f.Step)
	}
	for _, f := range meant.Fields {
		assert.NotEmpty(t, f.Reason, f.Name)
	}
}
