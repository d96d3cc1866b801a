// Package rest carries requests to CometChat's REST API and brings facts back: resty, retries, pace, limits. It knows no
// error codes and none of the types that users see; the package cometchat makes those of an [Answer].
package rest

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"
	"golang.org/x/time/rate"
)

// Config is what a Client is made of.
type Config struct {
	Header     map[string]string // of every request
	Resource   string            // names the client to the server
	AdminHost  string            // base URL of requests with an API key, as in https://app.api-us.cometchat.io/v3.0
	ClientHost string            // base URL of requests with an auth token
	HTTPClient *http.Client      // nil: the SDK's own transport
	Transport  http.RoundTripper // what the program has made of NewTransport's; nil: it is used as it is
	Shut       func()            // of that transport of NewTransport
	MaxConns   int               // connections to a host of the SDK's own transport; 0: no limit
	Requests   int               // how many requests may go out Per; 0: no limit
	Per        time.Duration
	Policy     Policy
	// Attempted is called after each attempt; a has the outcome so far.
	Attempted func(ctx context.Context, req *Request, a *Answer, took time.Duration)
}

// Client speaks HTTP for one user or one admin. It is safe for concurrent use.
type Client struct {
	*shared
	Resource string // names this client to the server, which leaves it out when it tells a user's clients of what one has done
	held     hold   // the routes that the server has told this client to wait with
}

// shared is what the clients of a pool have in common.
type shared struct {
	resty     *resty.Client
	sockets   *http.Client
	config    Config
	limiter   *rate.Limiter // nil: no limit
	budget    retryBudget
	rateLimit atomic.Pointer[RateLimit] // of the newest answer that had one
	allHeld   hold                      // of the app's rate limit nothing remains
	shut      func()
}

// New returns a Client. It makes no request.
func New(config Config) *Client {
	s := &shared{config: config, limiter: newLimiter(config.Requests, config.Per)}
	resty, shut := newResty(&config)
	sockets, shutSockets := newSocketClient(&config)
	s.resty, s.sockets, s.shut = resty, sockets, func() { shut(); shutSockets() }
	return &Client{shared: s, Resource: config.Resource}
}

// Share returns a Client for another user, with the same connections, limits and retry budget.
func (c *Client) Share(resource string) *Client { return &Client{shared: c.shared, Resource: resource} }

// Close closes the connections of the SDK's own transport, which carries no request afterwards. Those of a given HTTPClient
// stay open.
func (c *Client) Close() { c.shut() }

// SocketClient returns the HTTP client that opens live connections.
func (c *Client) SocketClient() *http.Client { return c.sockets }

// LastRateLimit returns what the newest answer with a rate limit said, or nil before the first.
func (c *Client) LastRateLimit() *RateLimit { return c.rateLimit.Load() }

// Do makes a request, and retries it as far as the policy allows. read says what is wrong with the body of a success, or nil.
func (c *Client) Do(ctx context.Context, req *Request, read func(body []byte) error) Answer {
	body, err := req.json()
	if err != nil {
		return Answer{Err: err}
	}
	var last Answer
	counted := 0 // attempts that the policy counts
	begun := time.Now()
	for attempt := 1; ; attempt++ {
		if err := c.admit(ctx, req); err != nil {
			if attempt == 1 {
				return Answer{Err: err}
			}
			last.Stopped = err
			return last
		}
		start := time.Now()
		last = c.attempt(ctx, req, body)
		last.Attempts, last.Took = attempt, time.Since(begun)
		if last.Success() {
			last.Flaw = read(last.Body)
		}
		c.config.Attempted(ctx, req, &last, time.Since(start))
		if last.Success() && last.Flaw == nil {
			c.budget.succeeded(counted + 1)
			return last
		}
		if c.config.Policy.counts(&last) {
			counted++
		}
		c.holdBack(req, &last)
		if !c.pause(ctx, req, &last, counted) {
			last.Took = time.Since(begun)
			return last
		}
	}
}

// ErrUnwritable is the Err of an answer to a request whose Body cannot be written as JSON. Nothing was sent.
var ErrUnwritable = errors.New("the body cannot be written as JSON")

// attempt makes a request once.
func (c *Client) attempt(ctx context.Context, req *Request, body []byte) Answer {
	base := c.config.ClientHost
	switch req.Credential.header {
	case apiKeyHeader:
		base = c.config.AdminHost
	case jwtHeader:
		base = req.Base
		ctx = context.WithValue(ctx, jwtOrigin{}, originOf(base))
	}
	stream, err := req.open()
	if err != nil {
		return Answer{Base: base, Err: err}
	}
	if stream != nil {
		ctx = context.WithValue(ctx, streamKey{}, stream)
	}
	q := c.resty.R().SetContext(ctx).SetHeader(req.Credential.header, req.Credential.value).SetHeader("Resource", c.Resource).
		SetDoNotParseResponse(true) // readAnswer reads and closes it, at less cost
	if body != nil {
		q.SetBody(bytes.NewReader(body)) // resty copies a []byte twice
	}
	if req.OnBehalfOf != "" {
		q.SetHeader("onBehalfOf", req.OnBehalfOf)
	}
	if stream != nil {
		q.SetHeader("Content-Type", req.Stream.ContentType)
	}
	resp, err := q.Execute(req.Method, base+req.path())
	if stream != nil {
		err = stream.end(ctx, err)
	}
	if err != nil {
		return Answer{Base: base, Err: err}
	}
	limit := maxBodySize
	if req.MaxBody > 0 {
		limit = req.MaxBody
	}
	a := readAnswer(resp.RawResponse, limit)
	a.Base = base
	if a.RateLimit != nil {
		c.rateLimit.Store(a.RateLimit)
	}
	return a
}
