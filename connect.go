package cometchat

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/live"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// Connect opens the live connection of the logged-in user, and returns once the server has accepted it (GET /v3.0/settings the
// first time; then a WebSocket). It retries what may pass until ctx or the client's timeout ends; it then returns the last
// cause, and the client stays disconnected. When there is a connection, it returns at once.
//
// Afterwards the client stays connected by itself: it connects again after a broken connection until [Client.Disconnect],
// Close, the end of the session, or a login of another user. [Client.Events] and the listeners tell each change. When the server
// refuses the session's JWT, the client gets a new one (PUT /v3.0/me), once; a second refusal is final.
//
// Concurrent callers share one connection, and a caller who gives up does not end it for the others. The end of ctx after Connect has
// returned ends nothing.
//
// It fails with ErrNotLoggedIn when nobody is logged in, with ErrAuthTokenNotFound when the session's token is gone, with
// ErrJWTRefused when the server refuses two JWTs, with ErrNotConnected when Disconnect is called meanwhile, and with ErrClosed.
func (c *Client) Connect(ctx context.Context) (err error) {
	const op = "Connect"
	ctx, end, err := c.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	s, err := c.sessions.get(ctx)
	if err != nil {
		return err
	}
	if s == nil {
		return newError(op, ErrNotLoggedIn, "")
	}
	return c.connectFailed(op, c.conn.link.Connect(ctx))
}

// Disconnect closes the live connection, and returns without waiting for the server. There is no connection from when it
// returns until the next Connect: it also ends an attempt that is under way. The session stays. The error is always nil.
func (c *Client) Disconnect() error {
	if c.lifecycle() != nil {
		c.conn.link.End(nil)
	}
	return nil
}

// ConnectionStatus returns the status of the live connection: Connected once the server has accepted it. It makes no request and does
// not wait.
func (c *Client) ConnectionStatus() ConnectionStatus {
	if c.lifecycle() == nil {
		return Disconnected
	}
	return ConnectionStatus(c.conn.link.Status())
}

// connectFailed makes the caller's error of the link's.
func (c *Client) connectFailed(op string, err error) error {
	refused, isRefused := errors.AsType[*live.RefusedError](err)
	switch {
	case err == nil:
		return nil
	case isRefused:
		return newError(op, ErrJWTRefused, "%v", refused)
	case errors.Is(err, live.ErrClosed):
		return newError(op, ErrClosed, "")
	case errors.Is(err, live.ErrDisconnected):
		return newError(op, ErrNotConnected, "the connection was ended meanwhile")
	}
	return err
}

// endpoint says where the live connection is, and with which auth frame it opens. It gets a new JWT if the server has refused
// that of the session, or if it has expired.
func (c *Client) endpoint(ctx context.Context, renew, moved bool) (live.Endpoint, error) {
	const op = "Connect"
	var stale *appSettings
	if moved {
		stale = c.live.settings.current.Load()
	}
	settings, err := c.live.settings.get(ctx, stale, c.fetchSettings)
	if err != nil {
		return live.Endpoint{}, err
	}
	base, err := c.live.hosts.base(op, settings)
	if err != nil {
		return live.Endpoint{}, err
	}
	s, err := c.sessions.get(ctx)
	if err == nil && s != nil && (renew || expired(s.JWT)) {
		if _, err = c.VerifySession(ctx); err == nil {
			s, err = c.sessions.get(ctx)
		}
	}
	switch {
	case err != nil:
		return live.Endpoint{}, err
	case s == nil:
		return live.Endpoint{}, newError(op, ErrNotLoggedIn, "")
	case s.JWT == "":
		return live.Endpoint{}, newError(op, ErrJWTRefused, "the server gave the session no JWT, which a live connection needs")
	}
	frame, err := lenient.Marshal(c.authFrame(s))
	return live.Endpoint{URL: base.String() + "/", Auth: frame}, err
}

func (c *Client) fetchSettings(ctx context.Context) (settings *appSettings, err error) {
	const op = "Connect"
	err = c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		settings, err = send(ctx, c.rest, rest.Request{
			Op: op, Method: "GET", Route: "/settings", Credential: rest.AuthToken(s.AuthToken),
		}, func(*appSettings) string { return "" })
		return err
	})
	return settings, err
}

// expired reports whether a JWT says that it has expired, or is missing. The server alone decides about all others.
func expired(jwt string) bool {
	if jwt == "" {
		return true
	}
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return false
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	var f struct {
		Exp float64 `json:"exp"`
	}
	return err == nil && json.Unmarshal(claims, &f) == nil && f.Exp > 0 && f.Exp < float64(time.Now().Unix())
}

// authFrame is the first frame on a socket.
type authFrame struct {
	AppID    string   `json:"appId"`
	DeviceID string   `json:"deviceId"` // the client's resource; the device's own id is in params
	Type     string   `json:"type"`
	Sender   string   `json:"sender"`
	Body     authBody `json:"body"`
}

type authBody struct {
	Auth     string     `json:"auth"`
	DeviceID string     `json:"deviceId"`
	Presence string     `json:"presenceSubscription,omitempty"`
	Roles    []string   `json:"roles,omitempty"`
	Params   authParams `json:"params"`
}

type authParams struct {
	AppInfo struct {
		Version    string `json:"version"`
		APIVersion string `json:"apiVersion"`
		UTS        int64  `json:"uts"` // milliseconds
	} `json:"appInfo"`
	UserAgent string `json:"userAgent"`
	DeviceID  string `json:"deviceId"`
	Platform  string `json:"platform"`
}

func (c *Client) authFrame(s *Session) *authFrame {
	resource := c.conn.resource
	f := &authFrame{AppID: s.AppID, DeviceID: resource, Type: "auth", Sender: s.User.UID}
	f.Body = authBody{Auth: s.JWT, DeviceID: resource, Presence: c.live.presence.subscription, Roles: c.live.presence.roles}
	f.Body.Params = authParams{UserAgent: userAgent, DeviceID: s.DeviceID, Platform: platform}
	f.Body.Params.AppInfo.Version, f.Body.Params.AppInfo.APIVersion = Version, apiVersion
	f.Body.Params.AppInfo.UTS = time.Now().UnixMilli()
	return f
}
