package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
)

// floor is the SDK's task done by hand: the same requests, the same time limit, the same fields read.
type floor struct {
	client *http.Client
	host   string
}

// tunedTransport has the settings of the SDK's own.
func tunedTransport() *http.Transport {
	t := untunedTransport()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 256
	t.IdleConnTimeout = 50 * time.Second
	t.ResponseHeaderTimeout = 15 * time.Second
	return t
}

// untunedTransport is http.DefaultTransport as it comes, with connections of its own.
func untunedTransport() *http.Transport {
	return http.DefaultTransport.(*http.Transport).Clone()
}

func newFloor(tb testing.TB, s *server, t *http.Transport) *floor {
	tb.Helper()
	tb.Cleanup(t.CloseIdleConnections)
	return &floor{client: &http.Client{Transport: t}, host: s.host}
}

const (
	floorSDK      = "go@" + cometchat.Version
	floorAgent    = "cometchat-go/" + cometchat.Version
	floorResource = "GO-0_1_0-6f1c1c5e-6d0b-4f0a-9d8e-3a3a3a3a3a3a-1700000000000"
	floorDevice   = appID + "_6f1c1c5e-6d0b-4f0a-9d8e-3a3a3a3a3a3a_1700000000000"
	callTimeout   = 30 * time.Second
)

type floorBody struct {
	Platform string       `json:"platform"`
	DeviceID string       `json:"deviceId"`
	AppInfo  floorAppInfo `json:"appInfo"`
}

type floorAppInfo struct {
	Version    string `json:"version"`
	APIVersion string `json:"apiVersion"`
	UserAgent  string `json:"userAgent"`
}

type floorUser struct {
	UID           string          `json:"uid"`
	Name          string          `json:"name"`
	Avatar        string          `json:"avatar"`
	Link          string          `json:"link"`
	Role          string          `json:"role"`
	Status        string          `json:"status"`
	StatusMessage string          `json:"statusMessage"`
	Metadata      json.RawMessage `json:"metadata"`
	Tags          []string        `json:"tags"`
	LastActiveAt  int64           `json:"lastActiveAt"` // Unix seconds, as the next three
	CreatedAt     int64           `json:"createdAt"`
	UpdatedAt     int64           `json:"updatedAt"`
	DeactivatedAt int64           `json:"deactivatedAt"`
	HasBlockedMe  bool            `json:"hasBlockedMe"`
	BlockedByMe   bool            `json:"blockedByMe"`
}

type floorMe struct {
	floorUser
	AuthToken string `json:"authToken"`
	JWT       string `json:"jwt"`
}

type floorMinted struct {
	UID       string `json:"uid"`
	AuthToken string `json:"authToken"`
}

func newFloorBody() ([]byte, error) {
	return json.Marshal(floorBody{
		Platform: "GO", DeviceID: floorDevice,
		AppInfo: floorAppInfo{Version: "v" + cometchat.Version, APIVersion: "v3.0", UserAgent: floorAgent},
	})
}

func (f *floor) loginWithToken(ctx context.Context, authToken string) (*floorMe, error) {
	body, err := newFloorBody()
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data floorMe `json:"data"`
	}
	if err := f.call(ctx, http.MethodPut, "/me", "Authtoken", authToken, bytes.NewReader(body), &answer); err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

func (f *floor) login(ctx context.Context, uid, authKey string) (*floorMe, error) {
	body, err := newFloorBody()
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data floorMinted `json:"data"`
	}
	path := "/users/" + url.PathEscape(uid) + "/auth_tokens"
	if err := f.call(ctx, http.MethodPost, path, "Apikey", authKey, bytes.NewReader(body), &answer); err != nil {
		return nil, err
	}
	return f.loginWithToken(ctx, answer.Data.AuthToken)
}

func (f *floor) logout(ctx context.Context, authToken string) error {
	return f.call(ctx, http.MethodDelete, "/me", "Authtoken", authToken, nil, new(struct{}))
}

func (f *floor) getUser(ctx context.Context, authToken, uid string) (*floorUser, error) { //nolint:unparam // the user is what it is for
	var answer struct {
		Data floorUser `json:"data"`
	}
	if err := f.call(ctx, http.MethodGet, "/users/"+url.PathEscape(uid), "Authtoken", authToken, nil, &answer); err != nil {
		return nil, err
	}
	return &answer.Data, nil
}

// call makes a request with a credential and decodes the answer. body is nil, or a reader whose length net/http knows.
func (f *floor) call(ctx context.Context, method, path, header, credential string, body io.Reader, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, f.host+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Appid", appID)
	req.Header.Set(header, credential)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Resource", floorResource)
	req.Header.Set("Sdk", floorSDK)
	req.Header.Set("User-Agent", floorAgent)
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return json.Unmarshal(text, answer)
}
