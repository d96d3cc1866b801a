// Package redact keeps secrets out of texts: out of what a server, a transport or a store wrote, and out of what fmt prints.
package redact

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

const redacted = "[redacted]"

// secretForms are what CometChat's secrets look like. They find the secrets that a call did not use itself: fields of an
// answer that was cut off, JWTs, auth tokens (uid, "_", a ten-digit time and 30 hex digits), and keys (40 hex digits).
var secretForms = []struct {
	form *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`(?i)((?:authToken|auth_token|apiKey|authKey|jwt|fat|secret)\\*"\s*:\s*\\*")[^"\\]*`), `${1}` + redacted},
	{regexp.MustCompile(`eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?`), redacted},
	{regexp.MustCompile(`[\w-]+_\d{10}[0-9a-fA-F]{30}`), redacted},
	{regexp.MustCompile(`\b[0-9a-fA-F]{40}\b`), redacted},
}

// Redactor removes the secrets of one call, and whatever looks like a secret, from texts. It is safe for concurrent use.
type Redactor []*regexp.Regexp

// A shorter secret is only found as a word of its own: "K" as a test's key would otherwise garble every text.
const minSecretLength = 8

// New returns a Redactor that knows these secrets. Empty and blank secrets are left out.
func New(secrets ...string) Redactor {
	var r Redactor
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

// spellings returns a pattern for a secret in every way that a URL, JSON, HTML or Go writes it, also one inside the other.
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

// Text returns s without secrets.
func (r Redactor) Text(s string) string {
	for _, secret := range r {
		s = secret.ReplaceAllLiteralString(s, redacted)
	}
	for _, form := range secretForms {
		s = form.form.ReplaceAllString(s, form.by)
	}
	return s
}

const (
	// snippetLength is how much of a body Snippet returns, in characters.
	snippetLength = 160
	// shortLength is how much of a text Short returns, in characters.
	shortLength = 2000
	// Window is how many bytes of a text Short and Snippet read: more than they return, so that a secret in any spelling
	// fits behind it.
	Window = 32 << 10
	// maxSecretLength is the longest secret that the SDK accepts, in characters; one character has up to 12 bytes in a
	// URL inside a URL.
	maxSecretLength = 1024
	windowMargin    = 12 * maxSecretLength
)

// Short returns the beginning of a text without secrets. It redacts before it cuts, so that no half of a secret is left.
func (r Redactor) Short(s string) string {
	return cut(r.prefix(s), shortLength)
}

// Snippet returns the beginning of a body without secrets, in one line.
func (r Redactor) Snippet(body []byte) string {
	text := strings.Join(strings.FieldsFunc(r.prefix(string(body[:min(len(body), Window+1)])), func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " ")
	return cut(text, snippetLength)
}

// prefix redacts the first Window bytes of a text. Of a longer text it drops the end of these bytes, which may be half a
// secret.
func (r Redactor) prefix(s string) string {
	text := r.Text(strings.ToValidUTF8(s[:min(len(s), Window)], "\uFFFD"))
	if len(s) > Window {
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
