package redact_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/stretchr/testify/assert"
)

// secret has characters that a URL, JSON, HTML and Go each write in their own way.
const secret = `my-secret&canary/key"tagged<zone>of them\\é`

func TestTextKnowsFormsOfSecrets(t *testing.T) {
	t.Parallel()
	var none redact.Redactor
	key := strings.Repeat("a1", 20)
	for text, want := range map[string]string{
		"the key " + key + " is wrong":                             "the key [redacted] is wrong",
		"the key " + strings.ToUpper(key) + ", in capitals":        "the key [redacted], in capitals",
		"uid-1_1630306819c3027ce530b2367f3c97b4106f0cb8 is gone":   "[redacted] is gone",
		"eyJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1In0.c2lnbmF0dXJl is old": "[redacted] is old",
		"eyJhbGciOiJIUzI1NiJ9.eyJ1aWQiOiJ1In0 has no signature":    "[redacted] has no signature",
		`{"uid":"u","authToken":"opaque`:                           `{"uid":"u","authToken":"[redacted]`,
		`{"authToken":"a","auth_token":"b"}`:                       `{"authToken":"[redacted]","auth_token":"[redacted]"}`,
		`{"apiKey" : "a","authKey": "b","jwt":"c","fat":"d"}`:      `{"apiKey" : "[redacted]","authKey": "[redacted]","jwt":"[redacted]","fat":"[redacted]"}`,
		`"{\"SECRET\":\"opaque\",\"uid\":\"u\"}"`:                  `"{\"SECRET\":\"[redacted]\",\"uid\":\"u\"}"`,

		"the uid cometchat-uid-1 stays": "the uid cometchat-uid-1 stays",
		"39 digits: " + key[1:]:         "39 digits: " + key[1:],
		"41 digits: " + key + "1":       "41 digits: " + key + "1",
		`{"secretary":"Ann"}`:           `{"secretary":"Ann"}`,
		"":                              "",
	} {
		assert.Equal(t, want, none.Text(text))
	}
}

// TestTextFindsASecretInEverySpelling has the secret as a URL, JSON, HTML and Go write it, and one inside the other.
func TestTextFindsASecretInEverySpelling(t *testing.T) {
	t.Parallel()
	inJSON, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(inJSON))
	r := redact.New("another-secret", secret)
	for name, text := range map[string]string{
		"as it is":              secret,
		"in capitals":           strings.ToUpper(secret),
		"in JSON":               string(inJSON),
		"in JSON of PHP":        strings.ReplaceAll(string(inJSON), "/", `\/`),
		"in JSON inside JSON":   string(twice),
		"in Go":                 fmt.Sprintf("%q", secret),
		"in Go, ASCII":          fmt.Sprintf("%+q", secret),
		"in a path":             url.PathEscape(secret),
		"in a query":            url.QueryEscape(secret),
		"by encodeURIComponent": strings.ReplaceAll(url.QueryEscape(secret), "+", "%20"),
		"escaped twice":         url.QueryEscape(url.PathEscape(secret)),
		"in HTML":               html.EscapeString(secret),
		"in HTML inside HTML":   html.EscapeString(html.EscapeString(secret)),
	} {
		assert.Equal(t, "before[redacted]after", r.Text("before"+strings.Trim(text, `\"`)+"after"), name)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		secret, text, want string
	}{
		"a short secret is found as a word":          {"K", "The Key K, or k: not OK", "The Key [redacted], or [redacted]: not OK"},
		"a long secret is found inside a word":       {"12345678", "x12345678x", "x[redacted]x"},
		"blanks around a secret do not belong to it": {" my-secret ", "no my-secret here", "no [redacted] here"},
		"an empty secret is left out":                {"", "a text", "a text"},
		"a blank secret is left out":                 {" \t", "a text", "a text"},
		"a secret is no pattern":                     {"a.c(d)+[e", "abc(d)+[e, a.c(d)+[e", "abc(d)+[e, [redacted]"},
	} {
		assert.Equal(t, tc.want, redact.New(tc.secret).Text(tc.text), name)
	}
	assert.Empty(t, redact.New("", " "))
}

func TestShort(t *testing.T) {
	t.Parallel()
	const limit = 2000
	r := redact.New(secret)
	assert.Equal(t, "a\ntext", r.Short("a\ntext"), "a short text stays as it is")
	assert.Equal(t, strings.Repeat("é", limit), r.Short(strings.Repeat("é", limit)), "the limit counts characters")
	assert.Equal(t, strings.Repeat("é", limit)+"…", r.Short(strings.Repeat("é", limit+1)))
	assert.Equal(t, "a\uFFFDb", r.Short("a\xffb"), "the text is valid UTF-8")
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	const limit = 160
	r := redact.New(secret)
	assert.Equal(t, "<h1> 502 Bad Gateway </h1>", r.Snippet([]byte("\r\n<h1>\n\t502  Bad\x00Gateway\n</h1>\u2028")), "one line")
	assert.Equal(t, strings.Repeat("x", limit)+"…", r.Snippet([]byte(strings.Repeat("x", 100_000))))
	assert.Empty(t, r.Snippet(nil))
}

// TestNoHalfOfASecretIsLeft has a secret cross each border at which a text is cut.
func TestNoHalfOfASecretIsLeft(t *testing.T) {
	t.Parallel()
	r := redact.New(secret)
	for name, written := range map[string]string{"as it is": secret, "in a URL": url.PathEscape(secret)} {
		for what, tc := range map[string]struct {
			border int
			filler string
			cut    func(string) string
		}{
			"Short":                 {2000, "x", r.Short},
			"Snippet":               {160, "x", func(s string) string { return r.Snippet([]byte(s)) }},
			"Snippet behind blanks": {redact.Window, " ", func(s string) string { return r.Snippet([]byte(s)) }},
		} {
			for _, before := range []int{1, 6, 20, len(written) - 1} {
				out := tc.cut(strings.Repeat(tc.filler, tc.border-before) + written + "and the rest")
				assertNoPart(t, out, what, name, before)
			}
		}
	}
}

// assertNoPart asserts that a text has no part of secret.
func assertNoPart(t *testing.T, text string, where ...any) {
	t.Helper()
	for _, part := range []string{"my-sec", "canary", "tagged", "zone"} {
		if strings.Contains(strings.ToLower(text), part) {
			t.Errorf("%s is left in %v", part, where)
		}
	}
	if !utf8.ValidString(text) {
		t.Errorf("no UTF-8 in %v", where)
	}
}
