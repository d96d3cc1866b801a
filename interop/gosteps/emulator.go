package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/cometchat-go/cometchat"
)

// emulator has the addresses and keys of the emulator, and calls its REST API.
type emulator struct {
	adminHost, clientHost, appID, region, authKey, apiKey string

	transport *http.Transport // of the driver's own calls
	network   *network        // of the SDK
	mu        sync.Mutex      // guards made
	made      []string        // the SDK's requests since the mark
}

func newEmulator() (*emulator, error) {
	e := &emulator{
		adminHost: os.Getenv("INTEROP_ADMIN_HOST"), clientHost: os.Getenv("INTEROP_CLIENT_HOST"),
		appID: os.Getenv("INTEROP_APP_ID"), region: os.Getenv("INTEROP_REGION"),
		authKey: os.Getenv("INTEROP_AUTH_KEY"), apiKey: os.Getenv("INTEROP_API_KEY"),
	}
	pem, err := os.ReadFile(os.Getenv("INTEROP_CA")) //nolint:gosec // run.sh names the file
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("the emulator's file has no certificate")
	}
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	e.transport = &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	e.network = newNetwork(config.Clone())
	return e, nil
}

// options returns the options of a client for the emulator with the given store. The client connects as the official SDK does.
func (e *emulator) options(store cometchat.SessionStore) []cometchat.Option {
	return []cometchat.Option{
		cometchat.WithRegion(e.region), cometchat.WithSessionStore(store), cometchat.WithHTTPClient(&http.Client{Transport: e}),
		cometchat.WithAdminHost("https://" + e.adminHost + "/v3.0"), cometchat.WithClientHost("https://" + e.clientHost + "/v3.0"),
		cometchat.WithAutoConnect(), cometchat.WithPresence(cometchat.PresenceAllUsers()),
	}
}

// RoundTrip makes a request of the SDK and records it, unless the SDK makes it at any time.
func (e *emulator) RoundTrip(r *http.Request) (*http.Response, error) {
	size := r.URL.Query().Get("per_page")
	catchesUp := r.URL.Path == "/v3.0/messages" && (size == "1" || size == "100") // the steps use other sizes
	if r.Header.Get("Upgrade") == "" && r.URL.Path != "/v3.0/settings" && !catchesUp {
		e.mu.Lock()
		e.made = append(e.made, r.Method+" "+r.URL.EscapedPath())
		e.mu.Unlock()
	}
	return e.network.RoundTrip(r)
}

// requests returns the SDK's requests since the mark, as "METHOD /path".
func (e *emulator) requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.made)
}

// mark writes the beginning of a step into the emulator's recording, for the comparison.
func (e *emulator) mark(ctx context.Context, step string) error {
	e.mu.Lock()
	e.made = nil
	e.mu.Unlock()
	status, _, err := e.request(ctx, "GET", "/interop/go/"+url.PathEscape(step), nil)
	if err == nil && status != http.StatusNotFound { // the API has no such call
		err = fmt.Errorf("the emulator answered the mark with %d instead of 404", status)
	}
	return err
}

// tell writes what the SDK returned in a step into the emulator's recording, for the comparison.
func (e *emulator) tell(ctx context.Context, result any) error {
	status, _, err := e.request(ctx, "POST", "/interop/go", result)
	if err == nil && status != http.StatusNotFound {
		err = fmt.Errorf("the emulator answered the result with %d instead of 404", status)
	}
	return err
}

// fetch returns the content of a file.
func (e *emulator) fetch(ctx context.Context, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := e.transport.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return string(content), err
}

// rest makes a call of the REST API without an SDK, to prepare a step.
func (e *emulator) rest(ctx context.Context, method, path string, body, answer any) error {
	status, raw, err := e.request(ctx, method, path, body)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("%s %s: %d %s", method, path, status, raw)
	}
	return json.Unmarshal(raw, answer)
}

func (e *emulator) request(ctx context.Context, method, path string, body any) (status int, answer []byte, err error) {
	raw := []byte{}
	if body != nil {
		if raw, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, "https://"+e.adminHost+"/v3.0"+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil, err
	}
	r.Header = http.Header{"Appid": {e.appID}, "Apikey": {e.apiKey}, "Content-Type": {"application/json"}}
	resp, err := e.transport.RoundTrip(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// reset undoes the changes of an earlier run to the users. It does not undo friendships.
func (e *emulator) reset(ctx context.Context) error {
	ignored := new(any)
	err := e.rest(ctx, "DELETE", "/users/"+made, map[string]any{"permanent": true}, ignored)
	if err != nil && !strings.Contains(err.Error(), "ERR_UID_NOT_FOUND") {
		return err
	}
	err = e.rest(ctx, "PUT", "/users/"+one,
		map[string]any{"statusMessage": "", "tags": []string{}, "unset": []string{"metadata"}}, ignored)
	err = errors.Join(err, e.rest(ctx, "PUT", "/users/"+two, map[string]any{"tags": []string{}}, ignored),
		e.rest(ctx, "DELETE", "/users/"+one+"/blockedusers", map[string]any{"blockedUids": []string{three}}, ignored))
	for _, uid := range []string{one, two, four} {
		err = errors.Join(err, e.flush(ctx, uid))
	}
	return err
}

// flush revokes every auth token of a user.
func (e *emulator) flush(ctx context.Context, uid string) error {
	return e.rest(ctx, "DELETE", "/users/"+uid+"/auth_tokens", nil, new(any))
}
