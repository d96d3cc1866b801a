// Package meant lists, in one place and with the reason for each, how the Go SDK is meant to differ from the official
// JavaScript SDK: what it does not do yet, and what is different in the requests that both make. The comparison fails for
// every other difference, and for what is listed here but no longer so.
package meant

import "regexp"

// Step is a step of the JavaScript SDK's that the Go SDK has no part in.
type Step struct{ Name, Reason string }

// NotInGo are the steps that the comparison leaves out.
var NotInGo = []Step{
	{"a second user comes online", "not in the Go SDK yet"},
	{"a text message", "not in the Go SDK yet"},
	{"the second user goes offline", "not in the Go SDK yet"},
	{"the network breaks", "not in the Go SDK yet"},
	{"the report of the browser", "the Go SDK reports nothing to anybody"},
}

// Request is a request that only the JavaScript SDK makes.
type Request struct{ Method, Path, Reason string }

// Requests are left out wherever they come: the SDK makes them at times of its own.
var Requests = []Request{
	{"GET", "/v3.0/settings", "they say where the live connection is, which the Go SDK does not have yet; its hosts are its options"},
	{"POST", "/v3.0/user_sessions", "a report of the browser and the page"},
	{"POST", "/v1/ping", "analytics"},
}

// Side says which SDK has a field; Values that both have it, with different values.
type Side int

// The sides.
const (
	Values Side = iota
	OnlyJavaScript
	OnlyGo
)

func (s Side) String() string {
	return [...]string{"other values", "only JavaScript", "only Go"}[s]
}

// Field is a difference in a field of a request. Names are as in header.sdk, body.appInfo.version and query.page; a "*"
// at the end stands for any text.
type Field struct {
	Name string
	Side Side
	// Form, if there is one, is what both values have to look like, and what is in its parentheses has to be the same.
	Form   *regexp.Regexp
	Reason string
}

// uuid is one of version 4; both SDKs put the milliseconds after it.
const (
	uuid   = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	millis = `[0-9]{13}`
)

// Fields are the differences in requests that both make.
var Fields = []Field{
	{"host", Values, nil, "while it has settings, the JavaScript SDK makes every call to the hosts named there, which the emulator gives one name; the Go SDK keeps its own two"},

	{"header.sdk", Values, regexp.MustCompile(`^[a-z]+@[0-9]+\.[0-9]+\.[0-9]+$`), "each has its own name and version"},
	{"header.resource", Values, regexp.MustCompile(`^[A-Z]+-[0-9]+_[0-9]+_[0-9]+-` + uuid + `-` + millis + `$`), "each instance has its own, with the name and the version of its SDK"},
	{"header.authtoken", Values, regexp.MustCompile(`^([a-z0-9-]+)_[0-9]{10}[0-9a-f]{30}$`), "each login gets a token of its own, of the same user"},
	{"body.platform", Values, regexp.MustCompile(`^"[A-Z]+"$`), "where it runs"},
	{"body.deviceId", Values, regexp.MustCompile(`^"(.+)_` + uuid + `_` + millis + `"$`), "each installation has its own, which begins with the same app"},
	{"body.appInfo.version", Values, regexp.MustCompile(`^"v[0-9]+\.[0-9]+\.[0-9]+"$`), "each has its own version"},
	{"body.appInfo.userAgent", Values, nil, "the browser's, or the Go SDK's"},

	{"body.hasBlockedMe", OnlyJavaScript, nil, "noise: the server takes it from nobody"},
	{"body.blockedByMe", OnlyJavaScript, nil, "noise, likewise"},
	{"body.deactivatedAt", OnlyJavaScript, nil, "noise, likewise"},

	{"header.user-agent", Values, nil, "the browser's, or the Go SDK's"},
	{"header.accept-encoding", Values, nil, "a browser knows more encodings than Go"},
	{"header.accept-language", OnlyJavaScript, nil, "the browser's"},
	{"header.cache-control", OnlyJavaScript, nil, "the JavaScript SDK tells the browser not to answer from its cache; Go has none"},
	{"header.origin", OnlyJavaScript, nil, "the browser's"},
	{"header.priority", OnlyJavaScript, nil, "the browser's"},
	{"header.referer", OnlyJavaScript, nil, "the browser's"},
	{"header.sec-*", OnlyJavaScript, nil, "the browser's"},
	{"header.content-length", Values, nil, "follows from the body"},
}
