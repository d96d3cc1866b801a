package cometchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

const redacted = "[redacted]"

// secretForms are what CometChat's secrets look like, for those that a call did not use itself: fields of an answer that
// was cut off, JWTs, auth tokens (uid, "_", a ten-digit time and 30 hex digits), and keys (40 hex digits).
var secretForms = []struct {
	form *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`(?i)((?:authToken|auth_token|apiKey|authKey|jwt|fat|secret)\\*"\s*:\s*\\*")[^"\\]*`), `${1}` + redacted},
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?`), redacted},
	{regexp.MustCompile(`[\w-]+_\d{10}[0-9a-fA-F]{30}`), redacted},
	{regexp.MustCompile(`\b[0-9a-fA-F]{40}\b`), redacted},
}

// redactor removes the secrets of one call, and whatever looks like one, from texts that the server, a transport or a
// store wrote.
type redactor []*regexp.Regexp

// A shorter secret is only found as a word of its own: "K" as a test's key would otherwise garble every text.
const minSecretLength = 8

func newRedactor(secrets ...string) redactor {
	var r redactor
	for _, secret := range secrets {
		if secret = strings.TrimSpace(secret); secret == "" {
			continue
		}
		pattern := spellings(secret)
		if len(secret) < minSecretLength {
			pattern = `(?:\b|^)` + pattern + `(?:\b|$)`
		}
		r = append(r, regexp.MustCompile("(?i)"+pattern))
	}
	return r
}

// spellings is a pattern for a secret in every way that a URL, JSON, HTML or Go would write it, or one inside the other.
func spellings(secret string) string {
	var pattern strings.Builder
	for _, c := range secret {
		plain := regexp.QuoteMeta(string(c))
		if c == '-' || c == '_' || c == '.' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
			pattern.WriteString(plain)
			continue
		}
		if c == ' ' {
			plain = `[ +]`
		}
		fmt.Fprintf(&pattern, `(?:\\*%s|`, plain)
		for _, b := range []byte(string(c)) {
			fmt.Fprintf(&pattern, `%%(?:25)*%02x`, b)
		}
		fmt.Fprintf(&pattern, `|\\+u%04x|&(?:amp;)*#?\w{1,6};)`, c)
	}
	return pattern.String()
}

func (r redactor) text(s string) string {
	for _, secret := range r {
		s = secret.ReplaceAllLiteralString(s, redacted)
	}
	for _, form := range secretForms {
		s = form.form.ReplaceAllString(s, form.by)
	}
	return s
}

// json redacts every text in a JSON value, and leaves the bytes alone when there is nothing to redact.
func (r redactor) json(raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil || value == nil {
		return nil
	}
	clean, changed := r.value(value)
	if !changed && r.text(string(raw)) == string(raw) { // a key that comes twice is in the text alone
		return bytes.Clone(raw)
	}
	out, err := json.Marshal(clean)
	if err != nil {
		return nil
	}
	return out
}

func (r redactor) value(value any) (clean any, changed bool) {
	switch v := value.(type) {
	case string:
		s := r.text(v)
		return s, s != v
	case json.Number:
		s := r.text(v.String())
		if s != v.String() {
			return s, true
		}
	case []any:
		for i := range v {
			var c bool
			v[i], c = r.value(v[i])
			changed = changed || c
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, element := range v {
			cleanElement, c := r.value(element)
			cleanKey := r.text(key)
			clean[cleanKey] = cleanElement
			changed = changed || c || cleanKey != key
		}
		return clean, changed
	}
	return value, changed
}

// cause returns err with its text redacted. Errors made by net/http lose the URL that they quote: its path may hold a
// token.
func (r redactor) cause(err error) error {
	if withURL, ok := errors.AsType[*url.Error](err); ok {
		err = withURL.Err
	}
	if err == nil {
		return nil
	}
	if text := r.text(err.Error()); text != err.Error() {
		return &retold{text, err}
	}
	return err
}

// retold is an error in other words: it matches what err matches, and does not unwrap to it, whose own text may hold a
// secret.
type retold struct {
	text string
	err  error
}

func (e *retold) Error() string                 { return e.text }
func (e *retold) Format(s fmt.State, verb rune) { formatText(s, verb, e.text) }
func (e *retold) Is(target error) bool          { return errors.Is(e.err, target) }

const (
	// snippetLength is how much of an answer that is not the API's an error quotes, in characters.
	snippetLength = 160
	// shortLength is how much of a message an error keeps, in characters.
	shortLength = 2000
	// window is how much of a text is looked at, in bytes: more than is kept, with a secret in any spelling behind it.
	window       = 32 << 10
	windowMargin = 12 * maxTokenLength
)

// short gives the beginning of a text. It redacts before it cuts, so that no half of a secret is left.
func (r redactor) short(s string) string {
	return cut(r.begin(s), shortLength)
}

// snippet gives the beginning of a body in one line.
func (r redactor) snippet(body []byte) string {
	text := strings.Join(strings.FieldsFunc(r.begin(string(body[:min(len(body), window+1)])), func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " ")
	return cut(text, snippetLength)
}

// begin redacts as much of a text as is looked at, and leaves out the end of that, where half a secret may be.
func (r redactor) begin(s string) string {
	text := r.text(strings.ToValidUTF8(s[:min(len(s), window)], "\uFFFD"))
	if len(s) > window {
		text = strings.ToValidUTF8(text[:max(0, len(text)-windowMargin)], "")
	}
	return text
}

func cut(s string, length int) string {
	if len(s) <= length {
		return s
	}
	if runes := []rune(s); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return s
}
