// Package live keeps a connection to CometChat's live service: it dials, authenticates, pings, and comes back. It carries
// frames as bytes, and knows neither sessions nor the types that users see.
//
// A [Link] is the connection that a program wants to have; a socket is one attempt at it.
package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Status says how far a Link is.
type Status int32

// The statuses, in the order of a connection's life.
const (
	Disconnected Status = iota
	Connecting
	Connected // the server has accepted the auth frame
)

// Change is a change of a Link's status.
type Change struct {
	Status Status
	// Err is why the Link is disconnected; nil after End(nil).
	Err error
	// RetryIn is the wait before the next attempt; 0 when there is none.
	RetryIn time.Duration
}

// Endpoint is where and how to connect.
type Endpoint struct {
	URL  string // ws or wss
	Auth []byte // the auth frame
}

// Config is what a Link is made of.
type Config struct {
	// HTTPClient opens the sockets. No limit on connections to a host should apply to it.
	HTTPClient *http.Client
	// Endpoint returns where to connect. After the server has refused an auth frame it is called with renew, and has to
	// return another frame; after a connection that failed before it answered a ping, with moved: the address may have changed.
	Endpoint func(ctx context.Context, renew, moved bool) (Endpoint, error)
	// Final reports whether an error of Endpoint is one that another attempt cannot change.
	Final func(error) bool
	// Changed is called for each change, in order. It must not block, and must not call the Link.
	Changed func(Change)
	// Received is called with each frame after the auth answer, one at a time. The bytes are valid during the call.
	Received func(frame []byte)
	// Herd is shared by the links of a pool.
	Herd *Herd
	Intervals
}

// Intervals are the times of a Link. A zero value has its default.
type Intervals struct {
	Dial      time.Duration // how long opening a socket may take
	Auth      time.Duration // how long the answer to the auth frame may take
	Ping      time.Duration // from one ping to the next
	Pong      time.Duration // how long the peer may be silent after a ping, and how long a write may take
	FirstWait time.Duration // the longest wait before the first new attempt; it doubles with each
	MaxWait   time.Duration // the longest wait before any attempt
	Goodbye   time.Duration // how long the peer may take to answer a close
}

func (i Intervals) withDefaults() Intervals {
	for _, each := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&i.Dial, 10 * time.Second}, {&i.Auth, 10 * time.Second}, {&i.Ping, 15 * time.Second}, {&i.Pong, 3 * time.Second},
		{&i.FirstWait, 500 * time.Millisecond}, {&i.MaxWait, 30 * time.Second}, {&i.Goodbye, 250 * time.Millisecond},
	} {
		if *each.value == 0 {
			*each.value = each.standard
		}
	}
	return i
}

// RefusedError is the server's refusal of an auth frame.
type RefusedError struct {
	Code   string // as the server wrote it, "401" for example
	Status string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server refused the live connection's auth frame with code %.20q and status %.50q", e.Code, e.Status)
}

// DialError is why a socket could not be opened.
type DialError struct {
	URL    string
	Status int // of the server's answer, if it answered with another status than 101
	Err    error
}

func (e *DialError) Error() string {
	if e.Status != 0 {
		return fmt.Sprintf("the server answered the opening of the live connection with the status %d", e.Status)
	}
	return e.Err.Error()
}

func (e *DialError) Unwrap() error { return e.Err }

// ClosedError is the end of a connection that the server has closed.
type ClosedError struct {
	Code   int
	Reason string
}

func (e *ClosedError) Error() string {
	text := fmt.Sprintf("the server closed the live connection with code %d", e.Code)
	if e.Reason != "" {
		text += fmt.Sprintf(" and reason %q", e.Reason)
	}
	return text
}

var (
	// ErrClosed is returned by a Link that has been closed.
	ErrClosed = errors.New("the live connection has been closed")
	// ErrDisconnected ends a Connect that Disconnect came after.
	ErrDisconnected = errors.New("the live connection has been ended meanwhile")
	// ErrNotConnected is returned by Send without a connection.
	ErrNotConnected = errors.New("there is no live connection")
	// ErrSilent is the end of a connection whose peer has not answered a ping in time.
	ErrSilent = errors.New("the server did not answer a ping in time")
	// ErrNoAnswer is the end of a connection whose peer has not answered the auth frame in time.
	ErrNoAnswer = errors.New("the server did not answer the auth frame in time")
)
