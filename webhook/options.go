package webhook

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// Option configures the http.Handler that [Handler] returns.
type Option func(*handler) error

// handler holds what the http.Handler of Handler needs.
type handler struct {
	username, password [sha256.Size]byte // digests have one length: comparing them does not reveal the length of a secret
	handle             func(context.Context, *Event) error
	deduper            Deduper
	logger             *slog.Logger
	onError            func(*http.Request, error)
	strangers          rate.Sometimes // limits the records about deliveries without the password, which anybody can make
	unread             sync.Map       // the triggers whose data was not understood, and logged
}

// WithDeduper remembers handled events in d instead of in memory. If d is nil, [Handler] fails with
// cometchat.ErrBadRequest.
func WithDeduper(d Deduper) Option {
	return func(h *handler) error {
		if d == nil {
			return errors.New("the deduper is nil")
		}
		h.deduper = d
		return nil
	}
}

// WithLogger logs each delivery that did not get 200 at warn level: the status, the trigger and the ID of the event, the
// sender's address, and the cause. The credentials of the delivery are redacted in the cause, and the body is not logged. The
// logger gets the first ten records about a wrong username or password, and then at most one each second, so that strangers
// cannot fill the log. A request that is not a POST is logged at debug level. The logger also gets a record when the [Deduper]
// fails after the event was handled, and when a handle that took too long has failed in the end.
//
// The logger also hears of events without a Payload, which is no failure, so [WithOnError] does not. If the data of a known
// trigger has another form than documented, the first such event of the trigger is logged at warn level, and later ones are not.
// An event of an unknown trigger is logged at debug level. The data is not logged.
//
// The default logs nothing. If l is nil, [Handler] fails with cometchat.ErrBadRequest.
func WithLogger(l *slog.Logger) Option {
	return func(h *handler) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		h.logger = l
		return nil
	}
}

// WithOnError calls f for every failure that [WithLogger] logs, and for the wrong passwords that its limit leaves out. errors.Is
// finds [ErrUnauthorized], context.DeadlineExceeded if the event was not handled in time, and the errors of the handle function
// and the [Deduper]. The credentials of the delivery are redacted in the text of err. The body of r has been read; its header has
// the credentials.
//
// f must be safe for concurrent use, and should return soon: a delivery may wait for it. It can be called after the answer, and
// more than once for a delivery: when time is up, and when the handle function fails later. A panic of f is written to the
// ErrorLog of the http.Server. If f is nil, [Handler] fails with cometchat.ErrBadRequest.
func WithOnError(f func(r *http.Request, err error)) Option {
	return func(h *handler) error {
		if f == nil {
			return errors.New("the function of WithOnError is nil")
		}
		h.onError = f
		return nil
	}
}
