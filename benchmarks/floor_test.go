package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/cometchat-go/cometchat"
)

const (
	floorSDK      = "go@" + cometchat.Version
	floorAgent    = "cometchat-go/" + cometchat.Version
	floorResource = "GO-0_1_0-6f1c1c5e-6d0b-4f0a-9d8e-3a3a3a3a3a3a-1700000000000"
	floorDevice   = appID + "_6f1c1c5e-6d0b-4f0a-9d8e-3a3a3a3a3a3a_1700000000000"
	callTimeout   = 30 * time.Second
)

// floor makes calls of the SDK by hand: the same requests, the same time limit, the same fields read.
type floor struct {
	client *http.Client
	resty  *resty.Client
	host   string
}

// newFloor makes a floor whose transport has the settings of the SDK's own.
func newFloor(tb testing.TB, s *server) *floor {
	tb.Helper()
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 256
	t.IdleConnTimeout = 50 * time.Second
	t.ResponseHeaderTimeout = 15 * time.Second
	tb.Cleanup(t.CloseIdleConnections)
	client := &http.Client{Transport: t}
	return &floor{client: client, resty: resty.NewWithClient(client).SetHeaders(map[string]string{
		"Accept": "application/json", "Appid": appID, "Content-Type": "application/json", "Resource": floorResource,
		"Sdk": floorSDK, "User-Agent": floorAgent,
	}), host: s.host}
}

func newClient(tb testing.TB, s *server) *cometchat.Client {
	tb.Helper()
	c, err := cometchat.New(appID, cometchat.WithAdminHost(s.host), cometchat.WithClientHost(s.host))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// loggedIn returns a client that has a session, in memory.
func loggedIn(tb testing.TB, s *server) *cometchat.Client {
	tb.Helper()
	c := newClient(tb, s)
	if _, err := c.LoginWithToken(tb.Context(), tokens[0]); err != nil {
		tb.Fatal(err)
	}
	return c
}

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

// floorUser has the fields of a [cometchat.User].
type floorUser struct {
	UID            string          `json:"uid"`
	Name           string          `json:"name"`
	Avatar         string          `json:"avatar"`
	Link           string          `json:"link"`
	Role           string          `json:"role"`
	Status         string          `json:"status"`
	StatusMessage  string          `json:"statusMessage"`
	Metadata       json.RawMessage `json:"metadata"`
	Tags           []string        `json:"tags"`
	LastActiveAt   unix            `json:"lastActiveAt"`
	CreatedAt      unix            `json:"createdAt"`
	UpdatedAt      unix            `json:"updatedAt"`
	DeactivatedAt  unix            `json:"deactivatedAt"`
	HasBlockedMe   bool            `json:"hasBlockedMe"`
	BlockedByMe    bool            `json:"blockedByMe"`
	BlockedAt      unix            `json:"blockedAt"`
	BlockedByMeAt  unix            `json:"blockedByMeAt"`
	ConversationID string          `json:"conversationId"`
}

type floorMe struct {
	floorUser
	AuthToken string `json:"authToken"`
	JWT       string `json:"jwt"`
}

// unix is a time in seconds; 0 is the zero time.
type unix int64

func (u unix) time() time.Time {
	if u == 0 {
		return time.Time{}
	}
	return time.Unix(int64(u), 0)
}

func (f *floorUser) user() *cometchat.User {
	u := &cometchat.User{
		UID: f.UID, Name: f.Name, Avatar: f.Avatar, Link: f.Link, Role: f.Role, Status: f.Status,
		StatusMessage: f.StatusMessage, Metadata: f.Metadata, Tags: f.Tags, LastActiveAt: f.LastActiveAt.time(),
		CreatedAt: f.CreatedAt.time(), UpdatedAt: f.UpdatedAt.time(), DeactivatedAt: f.DeactivatedAt.time(),
		HasBlockedMe: f.HasBlockedMe, BlockedByMe: f.BlockedByMe, BlockedAt: f.BlockedAt.time(),
		BlockedByMeAt: f.BlockedByMeAt.time(), ConversationID: f.ConversationID,
	}
	if u.Status == "available" {
		u.Status = cometchat.StatusOnline
	}
	return u
}

// copyUser is the least work to hand out a user that the caller may change. It is not inlined, so the copy escapes to the
// heap. (Assigned to a package's variable it would too, but two goroutines would disturb each other there.)
//
//go:noinline
func copyUser(u *cometchat.User) *cometchat.User {
	c := *u
	c.Metadata = bytes.Clone(u.Metadata)
	c.Tags = slices.Clone(u.Tags)
	return &c
}

// loginWithToken logs in with net/http.
func (f *floor) loginWithToken(ctx context.Context, authToken string) (u *cometchat.User, jwt string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	body, err := json.Marshal(floorBody{
		Platform: "GO", DeviceID: floorDevice,
		AppInfo: floorAppInfo{Version: "v" + cometchat.Version, APIVersion: "v3.0", UserAgent: floorAgent},
	})
	if err != nil {
		return nil, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, f.host+"/me", bytes.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Appid", appID)
	req.Header.Set("Authtoken", authToken)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Resource", floorResource)
	req.Header.Set("Sdk", floorSDK)
	req.Header.Set("User-Agent", floorAgent)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, "", err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("the answer is %s", resp.Status)
	}
	var answer struct {
		Data floorMe `json:"data"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, "", err
	}
	return answer.Data.user(), answer.Data.JWT, nil
}

// getUser gets a user with resty.
func (f *floor) getUser(ctx context.Context, authToken, uid string) (*cometchat.User, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var answer struct {
		Data floorUser `json:"data"`
	}
	resp, err := f.resty.R().SetContext(ctx).SetHeader("Authtoken", authToken).SetResult(&answer).
		Get(f.host + "/users/" + url.PathEscape(uid))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode() != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", resp.Status())
	}
	return answer.Data.user(), nil
}

// TestFloor makes sure that the comparison is fair: the floor sends what the SDK sends, and reads the same user.
func TestFloor(t *testing.T) {
	s := newServer(t)
	var sent []string
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		h.Set("Resource", fmt.Sprint(len(h.Get("Resource")))) // each client has its own
		sent = append(sent, fmt.Sprint(r.Method, r.URL, r.ContentLength, h))
		answer(w, r)
	})
	f, c, ctx := newFloor(t, s), newClient(t, s), t.Context()
	same := func(byFloor *cometchat.User, floorErr error, bySDK *cometchat.User, sdkErr error) {
		t.Helper()
		if floorErr != nil || sdkErr != nil {
			t.Fatal(floorErr, sdkErr)
		}
		if !reflect.DeepEqual(byFloor, bySDK) {
			t.Errorf("the floor has read\n%+v\nand the SDK\n%+v", byFloor, bySDK)
		}
		if n := len(sent); sent[n-1] != sent[n-2] {
			t.Errorf("the floor has sent\n%s\nand the SDK\n%s", sent[n-2], sent[n-1])
		}
	}

	byFloor, jwt, floorErr := f.loginWithToken(ctx, tokens[1])
	bySDK, sdkErr := c.LoginWithToken(ctx, tokens[1])
	same(byFloor, floorErr, bySDK, sdkErr)
	if jwt == "" {
		t.Error("the floor has read no jwt")
	}
	byFloor, floorErr = f.getUser(ctx, tokens[1], uid)
	bySDK, sdkErr = c.GetUser(ctx, uid)
	same(byFloor, floorErr, bySDK, sdkErr)
	for field, value := range reflect.ValueOf(*byFloor).Fields() {
		if value.IsZero() {
			t.Errorf("%s is empty in the answer, so it was not compared", field.Name)
		}
	}
}
