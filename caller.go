package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// caller is as whom requests are made: as a user with a session, or as a server with its key.
type caller struct {
	rest       *rest.Client
	uid        string // the user's, or [AppUID]
	credential rest.Credential
	server     bool
	onBehalfOf string // the user as whom a server acts; "" is nobody
}

// callAs makes a call as the caller that it passes on. It may make the call again as the same user, with another token.
type callAs func(ctx context.Context, op string, call func(context.Context, caller) error) error

// signed returns the request with what says who makes it.
func (by *caller) signed(req rest.Request) rest.Request {
	req.Credential, req.OnBehalfOf = by.credential, by.onBehalfOf
	return req
}
