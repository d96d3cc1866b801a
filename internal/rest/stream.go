package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/xsync"
	"github.com/go-resty/resty/v2"
)

// Stream is a body that is read while it is sent.
type Stream struct {
	ContentType string
	Length      int64 // in bytes; -1: unknown
	Again       bool  // Open works a second time, so that the request may be retried
	Open        func() (io.Reader, error)
	Rewind      func() error // sets what Open reads back, as far as it can; may be nil
}

// UnreadableError is the Err of an answer to a request whose Stream could not be read to its end. The server has not seen a
// whole request.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string {
	return "the body of the request could not be read: " + e.Err.Error()
}

// Unwrap returns the reader's error.
func (e *UnreadableError) Unwrap() error { return e.Err }

// streamBody is the body of one attempt. A transport may go on reading it after it has returned; end stops that.
type streamBody struct {
	reader  io.Reader
	length  int64
	rewind  func() error
	turn    xsync.Turn // of reader
	stopped atomic.Bool
	err     error // of reader; guarded by turn
}

// open opens the stream for an attempt; nil for a request without one.
func (q *Request) open() (*streamBody, error) {
	if q.Stream == nil {
		return nil, nil
	}
	r, err := q.Stream.Open()
	if err != nil {
		return nil, &UnreadableError{err}
	}
	return &streamBody{reader: r, length: q.Stream.Length, rewind: q.Stream.Rewind, turn: xsync.NewTurn()}, nil
}

var errStopped = errors.New("the attempt is over")

// Read reads the next bytes, unless the attempt is over.
func (b *streamBody) Read(p []byte) (int, error) {
	_ = b.turn.Take(always)
	defer b.turn.End()
	if b.stopped.Load() {
		return 0, errStopped
	}
	n, err := b.reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

var always = context.Background()

// Close does nothing: end stops the reading, and the reader is not the SDK's to close.
func (b *streamBody) Close() error { return nil }

// end lets nobody read any more, and returns why there is no answer: failed, the transport's error, or the reader's if that
// was the cause. The reader is then where it was before the attempt, if it can seek. It waits for a Read that is running until ctx ends.
func (b *streamBody) end(ctx context.Context, failed error) error {
	b.stopped.Store(true)
	if b.turn.Take(ctx) != nil {
		return failed
	}
	defer b.turn.End()
	if b.rewind != nil {
		_ = b.rewind() // a failure shows when it is opened again
	}
	if failed != nil && b.err != nil {
		return &UnreadableError{b.err}
	}
	return failed
}

// streamKey is the key of a context whose value is the *streamBody of the request.
type streamKey struct{}

// setStream puts the stream into the request, past resty, which would read it into memory.
func setStream(_ *resty.Client, r *http.Request) error {
	if b, ok := r.Context().Value(streamKey{}).(*streamBody); ok {
		r.Body, r.ContentLength = b, b.length
	}
	return nil
}
