package cometchat

import (
	"context"
	"time"
)

// SessionInfo describes a session without its secrets; see [Client.SessionInfo].
type SessionInfo struct {
	// UID is the uid of the logged-in user.
	UID string
	// DeviceID is the id of this installation at the server. It outlives the session.
	DeviceID string
	// CreatedAt is when the login succeeded.
	CreatedAt time.Time
	// VerifiedAt is when the server last confirmed the session; see [Session].
	VerifiedAt time.Time
}

// SessionInfo returns the user, the device and the times of the session, without its secrets. It makes no request. The first call of a client may read the
// store.
//
// It fails with ErrNotLoggedIn when nobody is logged in, with ErrClosed after Close, and with the store's error when the
// store could not be read.
func (c *Client) SessionInfo(ctx context.Context) (*SessionInfo, error) {
	const op = "SessionInfo"
	s, err := c.current(ctx, op)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, c.notLoggedIn(op)
	}
	return &SessionInfo{UID: s.User.UID, DeviceID: s.DeviceID, CreatedAt: s.CreatedAt, VerifiedAt: s.VerifiedAt}, nil
}
