package cometchat_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/cometchat-go/cometchat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTokenHandlerPreflight holds that the log says what a page of another origin lacks: the browser only says that CORS failed.
func TestTokenHandlerPreflight(t *testing.T) {
	t.Parallel()
	w := newWire()
	logger, records := recorded(t)
	h := tokenHandler(t, w.admin(t, cometchat.WithLogger(logger)), fromHeader, cometchat.WithTrustedOrigin("https://app.test"))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/chat/token", nil)
	r.Header.Set("Origin", "https://app.test")
	r.Header.Set("Access-Control-Request-Method", "POST")
	resp := httptest.NewRecorder()
	h.ServeHTTP(resp, r)
	assert.Equal(t, 405, resp.Code)
	assert.Equal(t, "POST", resp.Header().Get("Allow"))
	require.Len(t, records(), 1)
	assert.Equal(t, "WARN", records()[0].Level)
	assert.Equal(t, 405, records()[0].Status)
	for _, says := range []string{"https://app.test", "WithTrustedOrigin", "CORS"} {
		assert.Contains(t, string(records()[0].Error), says)
	}
	assert.Empty(t, w.lines())
}

// TestAllowOrigin holds that the code of docs/backend.md is the code of the example, and sends the headers that a browser needs.
func TestAllowOrigin(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/backend.md")
	require.NoError(t, err)
	example, err := os.ReadFile("example_cors_test.go")
	require.NoError(t, err)
	_, code, _ := strings.Cut(string(example), "// allowOrigin ")
	code, _, found := strings.Cut(code, "\n}\n")
	require.True(t, found)
	assert.Contains(t, string(page), code, "docs/backend.md and example_cors_test.go have the same function")

	h := allowOrigin("https://app.test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for name, tc := range map[string]struct {
		method, origin string
		status         int
		allowed        bool
	}{
		"the page's preflight":       {http.MethodOptions, "https://app.test", 204, true},
		"the page's request":         {http.MethodPost, "https://app.test", 418, true},
		"another page's preflight":   {http.MethodOptions, "https://evil.test", 418, false},
		"another page's request":     {http.MethodPost, "https://evil.test", 418, false},
		"a page without an origin":   {http.MethodPost, "null", 418, false},
		"a program":                  {http.MethodPost, "", 418, false},
		"a host that begins like it": {http.MethodPost, "https://app.test.evil.test", 418, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tc.method, "/chat/token", nil)
		r.Header.Set("Origin", tc.origin)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, tc.status, w.Code, name)
		assert.Equal(t, "Origin", w.Header().Get("Vary"), name)
		want := map[bool][2]string{true: {"https://app.test", "true"}}[tc.allowed]
		assert.Equal(t, want, [2]string{w.Header().Get("Access-Control-Allow-Origin"), w.Header().Get("Access-Control-Allow-Credentials")}, name)
	}
}
