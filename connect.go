package cometchat

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
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
// Concurrent callers share one connection, and a caller who gives up does not end it for the others. Once Connect has returned, the
// end of ctx has no effect on the connection.
//
// It fails with ErrNotLoggedIn when nobody is logged in, with ErrAuthTokenNotFound when the session's token is gone, with
// ErrJWTRefused when the server refuses two JWTs, with ErrNotConnected when Disconnect or Logout is called meanwhile, and with ErrClosed.
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
	return c.conn.failed(c.conn.link.Connect(ctx)) //nolint:contextcheck // an error that is over needs no context
}

// Disconnect closes the live connection, or ends the attempt to open it, and returns without waiting for the server. The client
// stays disconnected until the next Connect, or with [WithAutoConnect] until the next login. The session stays. With [WithResume],
// it saves the position first, which may take a second. The error is always nil.
func (c *Client) Disconnect() error {
	if c.lifecycle() != nil {
		c.conn.link.End(nil)
		c.conn.catchUp.positions.save()
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

// endpoint says where the live connection is, and with which auth frame it opens. renew asks for another JWT than the session's, and
// moved for newer settings.
func (c *Client) endpoint(ctx context.Context, renew, moved bool) (live.Endpoint, error) {
	const op = "Connect"
	var outdated *appSettings
	if moved {
		outdated = c.conn.settings.Load()
	}
	settings, base, err := c.socketBase(ctx, op, outdated)
	if err != nil {
		return live.Endpoint{}, err
	}
	c.conn.settings.Store(settings)
	s, err := c.sessionWithJWT(ctx, op, renew)
	if err != nil {
		return live.Endpoint{}, err
	}
	c.conn.session.Store(s)
	c.conn.catchUp.begin(ctx, s.User.UID)
	frame, err := lenient.Marshal(newAuthFrame(s, c.conn.resource, c.live.presence))
	return live.Endpoint{URL: base.String() + "/", Auth: frame}, err
}

// socketBase returns the app's settings, and the URL of the live connection's host. It does not use outdated settings, which may be
// nil.
func (c *Client) socketBase(ctx context.Context, op string, outdated *appSettings) (*appSettings, *url.URL, error) {
	settings, err := c.live.settings.get(ctx, outdated, func(ctx context.Context) (*appSettings, error) {
		return c.fetchSettings(ctx, op, (*appSettings).flaw)
	})
	if err != nil {
		return nil, nil, err
	}
	base, err := c.live.hosts.base(op, settings)
	if err != nil {
		c.live.settings.forget(settings) // the next call looks whether the app's owner has corrected them
	}
	return settings, base, err
}

// sessionWithJWT returns the session, with a new JWT if renew says so or if the JWT has expired.
func (c *Client) sessionWithJWT(ctx context.Context, op string, renew bool) (*Session, error) {
	s, err := c.sessions.get(ctx)
	if err == nil && s != nil && (renew || expired(s.JWT)) {
		if _, err = c.verifySession(ctx, op); err == nil {
			s, err = c.sessions.get(ctx)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return nil, newError(op, ErrNotLoggedIn, "")
	case s.JWT == "":
		return nil, newError(op, ErrJWTRefused, "the server gave the session no JWT, which a live connection needs")
	}
	return s, nil
}

// fetchSettings gets the app's settings. flaw says what is wrong with them, or ""; nil accepts any.
func (c *Client) fetchSettings(ctx context.Context, op string, flaw func(*appSettings) string) (settings *appSettings, err error) {
	err = c.withSession(ctx, op, func(ctx context.Context, s *Session) error {
		settings, err = send(ctx, c.rest, rest.Request{
			Op: op, Method: "GET", Route: "/settings", Credential: rest.AuthToken(s.AuthToken),
		}, flaw)
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
