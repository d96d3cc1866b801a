// Package meant lists the intended differences between the Go SDK and the official JavaScript SDK, each with its reason: the
// steps that the Go SDK does not support, the requests and frames that only one SDK sends, and the fields that differ. The
// comparison fails for every other difference, and for a listed difference that no longer occurs.
package meant

import "regexp"

// Step is a step of the JavaScript SDK that the Go SDK does not have.
type Step struct{ Name, Reason string }

// NotInGo lists the steps that the comparison leaves out.
var NotInGo = []Step{
	{"the report of the browser", "the Go SDK sends no reports"},
}

// Request is a kind of request, or of frame. The parameters of Query must be in the request, which may have others too.
type Request struct{ Method, Path, Query, Reason string }

// JavaScriptRequests and GoRequests list the requests that the comparison leaves out in every step: one SDK makes them at any time.
var (
	JavaScriptRequests = []Request{
		{"POST", "/v3.0/user_sessions", "", "a report of the browser and the page"},
		{"POST", "/v1/ping", "", "analytics"},
	}
	GoRequests = []Request{
		{"GET", "/v3.0/messages", "affix=prepend&per_page=1", "before the first connection, the Go SDK asks for the newest message"},
		{"GET", "/v3.0/messages", "affix=append&per_page=100", "after each connection, the Go SDK asks for the messages since then"},
	}
)

// AnyTime lists the requests and frames that the SDKs send at any time, and in different numbers. The first of each SDK are
// compared.
var AnyTime = []Request{
	{"GET", "/v3.0/settings", "", "the JavaScript SDK asks twice after each login, the Go SDK once for each client"},
	{"frame", "ping", "", "the JavaScript SDK pings every 15 seconds, the Go SDK also right after it has connected"},
}

// Frame is a frame of a step, by its type.
type Frame struct{ Step, Type, Reason string }

// Frames lists the frames that the comparison leaves out.
var Frames = []Frame{
	{"refresh a stored session", "auth", "the JavaScript SDK restarts itself, and opens a live connection that it does not authenticate"},
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

// Field is a difference in a field of a request or of a frame. Its name looks like header.sdk, body.appInfo.version, query.page,
// part.data.0.text or frame.body.auth. A method before the name, as in "PUT body.id", restricts it to these requests. A "*" at the end
// stands for any text.
type Field struct {
	Name string
	Side Side
	// Form is a pattern that the values must match; two values, with the same text in its parentheses. Nil allows any values.
	Form   *regexp.Regexp
	Reason string
}

// uuid matches a UUID of version 4. Both SDKs write the milliseconds after it.
const (
	uuid   = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	millis = `[0-9]{13}`
)

var (
	instance     = regexp.MustCompile(`^"?[A-Z]+-[0-9]+_[0-9]+_[0-9]+-` + uuid + `-` + millis + `"?$`)
	installation = regexp.MustCompile(`^"(.+)_` + uuid + `_` + millis + `"$`)
	nothing      = regexp.MustCompile(`^(?:""|0|\[\])$`)
)

// Fields lists the differences in the requests and frames that both SDKs send.
var Fields = []Field{
	{"host", Values, nil, "once it has settings, the JavaScript SDK uses the hosts in them, and the emulator names one host there; the Go SDK keeps its two hosts"},

	{"header.sdk", Values, regexp.MustCompile(`^[a-z]+@[0-9]+\.[0-9]+\.[0-9]+$`), "each has its own name and version"},
	{"header.resource", Values, instance, "each instance has its own id, after the name and the version of its SDK"},
	{"header.authtoken", Values, regexp.MustCompile(`^([a-z0-9-]+)_[0-9]{10}[0-9a-f]{30}$`), "each login gets another token of the same user"},
	{"body.platform", Values, regexp.MustCompile(`^"[A-Z]+"$`), "each names its platform"},
	{"body.deviceId", Values, installation, "each installation has its own id, which begins with the same app id"},
	{"body.appInfo.version", Values, regexp.MustCompile(`^"v[0-9]+\.[0-9]+\.[0-9]+"$`), "each has its own version"},
	{"body.appInfo.userAgent", Values, nil, "the name of the browser, or of the Go SDK"},

	{"body.hasBlockedMe", OnlyJavaScript, nil, "the server ignores it"},
	{"body.blockedByMe", OnlyJavaScript, nil, "the server ignores it"},
	{"body.deactivatedAt", OnlyJavaScript, nil, "the server ignores it"},

	{"body.hasJoined", OnlyJavaScript, nil, "of a group: only the server sets it"},
	{"body.membersCount", OnlyJavaScript, nil, "as body.hasJoined"},
	{"body.isBanned", OnlyJavaScript, nil, "as body.hasJoined"},
	{"PUT body.guid", OnlyJavaScript, nil, "the path has it"},
	{"POST body.name", OnlyJavaScript, regexp.MustCompile(`^"name"$`), "the JavaScript SDK sends this text to join a group, whatever its name"},

	{"body.muid", OnlyGo, regexp.MustCompile(`^"[A-Z2-7]{26}"$`), "the Go SDK gives each message a MUID, so that it can find the message again"},
	{"body.quotedMessageId", Values, regexp.MustCompile(`^"?([0-9]+)"?$`), "the JavaScript SDK sends the number that the app has set; in the Go SDK ids are texts"},
	{"body.parentMessageId", OnlyJavaScript, nil, "the path has it"},
	{"body.reasonId", OnlyGo, nil, "the documented name; both SDKs also send the name id"},
	{"body.data.url", OnlyJavaScript, nothing, "the server sets it"},
	{"POST body.text", OnlyJavaScript, nil, "repeats data"},
	{"POST body.caption", OnlyJavaScript, nil, "repeats data"},
	{"part.caption.0", OnlyJavaScript, nil, "repeats data"},
	{"POST body.metadata.*", OnlyJavaScript, nil, "repeats data"},
	{"POST body.customData.*", OnlyJavaScript, nil, "repeats data"},
	{"POST body.subType", OnlyJavaScript, nil, "repeats data"},
	{"POST body.interactiveData.*", OnlyJavaScript, nil, "repeats data"},
	{"POST body.interactionGoal.*", OnlyJavaScript, nil, "repeats data"},
	{"POST body.allowSenderInteraction", OnlyJavaScript, nil, "repeats data"},
	{"POST body.interactions", OnlyJavaScript, nothing, "the server sets it"},
	{"PUT body.id", OnlyJavaScript, nil, "the path has it"},
	{"PUT body.receiverId", OnlyJavaScript, nil, "an edit cannot change it"},
	{"PUT body.receiverType", OnlyJavaScript, nil, "an edit cannot change it"},
	{"PUT body.category", OnlyJavaScript, nil, "an edit cannot change it"},
	{"PUT body.type", OnlyJavaScript, nil, "an edit cannot change it"},
	{"PUT body.text", OnlyJavaScript, nil, "repeats data"},
	{"PUT body.metadata.*", OnlyJavaScript, nil, "repeats data"},
	{"PUT body.customData.*", OnlyJavaScript, nil, "repeats data"},

	{"part.key.0", Values, regexp.MustCompile(`^[A-Z2-7]{26}(\.csv)$`), "the emulator names each file at random"},
	{"part.policy.0", Values, nil, "it has the name of the file and the time"},
	{"part.signature.0", Values, regexp.MustCompile(`^[0-9a-f]{64}$`), "of the policy"},
	{"body.data.attachments.0.url", Values, regexp.MustCompile(`^"https://127\.0\.0\.1:[0-9]+/v3\.0/media/[A-Z2-7]{26}(\.csv)"$`), "as part.key.0; each SDK has an emulator of its own"},

	{"frame.deviceId", Values, instance, "as header.resource"},
	{"frame.body.deviceId", Values, instance, "as header.resource"},
	{"frame.body.auth", Values, regexp.MustCompile(`^"(eyJ[\w-]+)\.eyJ[\w-]+\.[\w-]+"$`), "each login gets another JWT of the same user"},
	{"frame.body.user.hasBlockedMe", OnlyJavaScript, nil, "as body.hasBlockedMe"},
	{"frame.body.user.blockedByMe", OnlyJavaScript, nil, "as body.blockedByMe"},
	{"frame.body.user.deactivatedAt", OnlyJavaScript, nil, "as body.deactivatedAt"},
	{"frame.body.user.lastActiveAt", OnlyJavaScript, nil, "the server knows it"},
	{"frame.body.user.metadata.*", OnlyJavaScript, nil, "the Go SDK says who the user is, and not all that the user has: a frame should be small"},
	{"frame.body.user.statusMessage", OnlyJavaScript, nil, "as frame.body.user.metadata"},
	{"frame.body.user.tags.*", OnlyJavaScript, nil, "as frame.body.user.metadata"},
	{"frame.body.params.deviceId", Values, installation, "as body.deviceId"},
	{"frame.body.params.platform", Values, regexp.MustCompile(`^"[A-Za-z]+"$`), "each names its platform"},
	{"frame.body.params.userAgent", Values, nil, "the name of the browser, or of the Go SDK"},
	{"frame.body.params.appInfo.version", Values, regexp.MustCompile(`^"[0-9]+\.[0-9]+\.[0-9]+"$`), "each has its own version"},
	{"frame.body.params.appInfo.uts", Values, regexp.MustCompile(`^` + millis + `$`), "the time"},
	{"frame.body.params.appInfo.origin", OnlyJavaScript, nil, "the address of the page"},

	{"header.user-agent", Values, nil, "the name of the browser, or of the Go SDK"},
	{"header.accept-encoding", Values, nil, "a browser reads more encodings than Go"},
	{"header.accept-language", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.cache-control", OnlyJavaScript, nil, "the JavaScript SDK turns off the browser's cache; Go has no cache"},
	{"header.origin", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.priority", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.referer", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.sec-*", OnlyJavaScript, nil, "only a browser sends it"},
	{"header.content-length", Values, nil, "the bodies differ in length"},
	{"header.content-length", OnlyJavaScript, nothing, "over HTTP/2 Go says nothing of an empty body"},
	{"header.content-type", Values, regexp.MustCompile(`^multipart/form-data; boundary=\S+$`), "each form has a boundary of its own"},
	{"header.accept", OnlyJavaScript, regexp.MustCompile(`^\*/\*$`), "of an upload, only a browser sends it"},
}
