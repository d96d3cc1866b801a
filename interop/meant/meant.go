// Package meant lists the intended differences between the Go SDK and the official JavaScript SDK, each with its reason: the
// steps that the Go SDK does not support, the requests that only one SDK makes, and the fields that differ. The comparison
// fails for every other difference, and for a listed difference that no longer occurs.
package meant

import "regexp"

// Step is a step of the JavaScript SDK that the Go SDK does not have.
type Step struct{ Name, Reason string }

// NotInGo lists the steps that the comparison leaves out.
var NotInGo = []Step{
	{"a second user comes online", "not in the Go SDK yet"},
	{"a text message", "not in the Go SDK yet"},
	{"the second user goes offline", "not in the Go SDK yet"},
	{"the network breaks", "not in the Go SDK yet"},
	{"the report of the browser", "the Go SDK sends no reports"},
}

// Request is a request that only the JavaScript SDK makes.
type Request struct{ Method, Path, Reason string }

// Requests lists the requests that the comparison leaves out in every step: the JavaScript SDK makes them at any time.
var Requests = []Request{
	{"GET", "/v3.0/settings", "the settings name the host of the live connection, which the Go SDK does not have yet; its options name its hosts"},
	{"POST", "/v3.0/user_sessions", "a report of the browser and the page"},
	{"POST", "/v1/ping", "analytics"},
}

// Side says which of the SDKs has a field.
type Side int

// The sides. Values means that both SDKs have the field, with different values.
const (
	Values Side = iota
	OnlyJavaScript
	OnlyGo
)

func (s Side) String() string {
	return [...]string{"other values", "only JavaScript", "only Go"}[s]
}

// Field is a difference in a field of a request. Its name looks like header.sdk, body.appInfo.version or query.page. A "*" at
// the end stands for any text.
type Field struct {
	Name string
	Side Side
	// Form is a pattern that both values must match, with the same text in its parentheses. Nil allows any values.
	Form   *regexp.Regexp
	Reason string
}

// uuid matches a UUID of version 4. Both SDKs write the milliseconds after it.
const (
	uuid   = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	millis = `[0-9]{13}`
)

// Fields lists the differences in the requests that both SDKs make.
var Fields = []Field{
	{"host", Values, nil, "once it has settings, the JavaScript SDK uses the hosts in them, and the emulator names one host there; the Go SDK keeps its two hosts"},

	{"header.sdk", Values, regexp.MustCompile(`^[a-z]+@[0-9]+\.[0-9]+\.[0-9]+$`), "each has its own name and version"},
	{"header.resource", Values, regexp.MustCompile(`^[A-Z]+-[0-9]+_[0-9]+_[0-9]+-` + uuid + `-` + millis + `$`), "each instance has its own id, after the name and the version of its SDK"},
	{"header.authtoken", Values, regexp.MustCompile(`^([a-z0-9-]+)_[0-9]{10}[0-9a-f]{30}$`), "each login gets another token of the same user"},
	{"body.platform", Values, regexp.MustCompile(`^"[A-Z]+"$`), "each names its platform"},
	{"body.deviceId", Values, regexp.MustCompile(`^"(.+)_` + uuid + `_` + millis + `"$`), "each installation has its own id, which begins with the same app id"},
	{"body.appInfo.version", Values, regexp.MustCompile(`^"v[0-9]+\.[0-9]+\.[0-9]+"$`), "each has its own version"},
	{"body.appInfo.userAgent", Values, nil, "the name of the browser, or of the Go SDK"},

	{"body.hasBlockedMe", OnlyJavaScript, nil, "the server ignores it"},
	{"body.blockedByMe", OnlyJavaScript, nil, "the server ignores it"},
	{"body.deactivatedAt", OnlyJavaScript, nil, "the server ignores it"},

	{"header.user-agent", Values, nil, "the name of the browser, or of the Go SDK"},
	{"header.accept-encoding", Values, nil, "a browser reads more encodings than Go"},
	{"header.accept-language", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.cache-control", OnlyJavaScript, nil, "the JavaScript SDK turns off the browser's cache; Go has no cache"},
	{"header.origin", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.priority", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.referer", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.sec-*", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.content-length", Values, nil, "the bodies differ in length"},
}
