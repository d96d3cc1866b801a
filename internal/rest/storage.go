package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// maxStorageAnswer is the most that is read of a storage's answer, in bytes.
const maxStorageAnswer = 64 << 10

// Upload posts the Stream of a request to the URL Base of a storage outside of CometChat: once, with none of CometChat's headers,
// no credential and no cookie. It follows no redirect.
func (c *Client) Upload(ctx context.Context, req *Request) (a Answer) {
	start := time.Now()
	defer func() { c.config.Attempted(ctx, req, &a, a.Took) }()
	body, err := req.open()
	if err != nil {
		return Answer{Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, req.Method, req.Base, body)
	if err != nil {
		return Answer{Err: errors.New("the URL of the storage cannot be used")} // the error has the URL, which may have a signature
	}
	r.ContentLength = body.length
	r.Header.Set("Content-Type", req.Stream.ContentType)
	resp, err := c.sockets.Do(r) //nolint:bodyclose // readAnswer closes it
	if err = body.end(ctx, err); err == nil {
		a = readAnswer(resp, maxStorageAnswer)
	} else if failed, ok := errors.AsType[*url.Error](err); ok {
		a.Err = failed.Err
	} else {
		a.Err = err
	}
	a.Base, a.Attempts, a.Took = req.Base, 1, time.Since(start)
	return a
}
