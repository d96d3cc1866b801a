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

// emulator is the emulator as the steps see it: where it is, and its REST API with the server's key.
type emulator struct {
	adminHost, clientHost, appID, region, authKey, apiKey string

	transport *http.Transport
	mu        sync.Mutex // guards made
	made      []string   // the SDK's requests since the mark
}

func newEmulator() (*emulator, error) {
	e := &emulator{
		adminHost: os.Getenv("INTEROP_ADMIN_HOST"), clientHost: os.Getenv("INTEROP_CLIENT_HOST"),
		appID: os.Getenv("INTEROP_APP_ID"), region: os.Getenv("INTEROP_REGION"),
		authKey: os.Getenv("INTEROP_AUTH_KEY"), apiKey: os.Getenv("INTEROP_API_KEY"),
	}
	pem, err := os.ReadFile(os.Getenv("INTEROP_CA")) //nolint:gosec // it is where run.sh says
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("there is no certificate in the emulator's file")
	}
	e.transport = &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	return e, nil
}

// options make a client that talks to the emulator, with a store of the caller's.
func (e *emulator) options(store cometchat.SessionStore) []cometchat.Option {
	return []cometchat.Option{
		cometchat.WithRegion(e.region), cometchat.WithSessionStore(store), cometchat.WithHTTPClient(&http.Client{Transport: e}),
		cometchat.WithAdminHost("https://" + e.adminHost + "/v3.0"), cometchat.WithClientHost("https://" + e.clientHost + "/v3.0"),
	}
}

// RoundTrip makes a request of the SDK's and notes it.
func (e *emulator) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	e.made = append(e.made, r.Method+" "+r.URL.EscapedPath())
	e.mu.Unlock()
	return e.transport.RoundTrip(r)
}

// requests are the SDK's since the mark, as "METHOD /path".
func (e *emulator) requests() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.made)
}

// mark writes into the recording that a step begins: the comparison tells by it whose requests follow.
func (e *emulator) mark(ctx context.Context, step string) error {
	e.mu.Lock()
	e.made = nil
	e.mu.Unlock()
	status, _, err := e.request(ctx, "GET", "/interop/go/"+url.PathEscape(step), nil)
	if err == nil && status != http.StatusNotFound { // it is no call of the API's
		err = fmt.Errorf("the mark was answered with %d", status)
	}
	return err
}

// rest makes a call of the server's half, without an SDK: it sets the stage for a step.
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

// reset makes every user as at the beginning of a run, whoever has run before; only friends stay friends.
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

// flush revokes every token of a user's.
func (e *emulator) flush(ctx context.Context, uid string) error {
	return e.rest(ctx, "DELETE", "/users/"+uid+"/auth_tokens", nil, new(any))
}
