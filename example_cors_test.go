package cometchat_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
)

// allowOrigin sends the CORS headers that let the web pages of one origin call next with the cookies of the user.
func allowOrigin(origin string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Add("Vary", "Origin")
		if r.Header.Get("Origin") == origin {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
			if r.Method == http.MethodOptions { // the preflight: the browser asks what the page may send
				header.Set("Access-Control-Allow-Headers", "Content-Type")
				w.WriteHeader(http.StatusNoContent)
				return
			}
		}
		next.ServeHTTP(w, r) // refuses the pages of other origins
	})
}

// The web app has another origin than the token endpoint.
func ExampleWithTrustedOrigin() {
	server := cometchattest.NewServer()
	defer server.Close()
	admin, err := cometchat.NewAdmin(server.AppID, server.APIKey, server.AdminOptions()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer admin.Close()

	const origin = "https://app.example.com"
	identify := func(*http.Request) (uid string, err error) { return "cometchat-uid-1", nil } // your own session decides
	tokens, err := cometchat.TokenHandler(admin, identify, cometchat.WithTrustedOrigin(origin))
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := allowOrigin(origin, tokens)

	// What a browser sends for a page of the web app, and for a page of somebody else:
	for _, page := range []string{origin, "https://evil.example"} {
		for _, method := range []string{"OPTIONS", "POST"} {
			r := httptest.NewRequestWithContext(context.Background(), method, "https://api.example.com/chat/token", nil)
			r.Header.Set("Origin", page)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			fmt.Printf("%s %s %d %q\n", page, method, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
		}
	}
	// Output:
	// https://app.example.com OPTIONS 204 "https://app.example.com"
	// https://app.example.com POST 200 "https://app.example.com"
	// https://evil.example OPTIONS 405 ""
	// https://evil.example POST 403 ""
}
