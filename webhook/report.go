package webhook

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/cometchat-go/cometchat/internal/redact"
)

// ErrUnauthorized is the error of a delivery with a wrong username or password, or without them; see [WithOnError].
var ErrUnauthorized = errors.New("the username or the password of the delivery is wrong")

// tell logs a failure and calls the function of WithOnError. e is nil if the delivery was refused before its event was known. The
// record has neither the path nor the query, which may hold secrets.
func (h *handler) tell(r *http.Request, e *Event, status int, err error) {
	ctx := r.Context()
	defer func() { // in a goroutine of its own, a panic would end the process
		if value := recover(); value != nil {
			logPanic(ctx, "reporting a webhook's failure", value)
		}
	}()
	attrs := []slog.Attr{slog.Int("status", status), slog.String("remote", r.RemoteAddr)}
	if e != nil { // an error of handle or of the deduper may quote the credentials
		_, password, _ := r.BasicAuth()
		err = redact.New(password, r.Header.Get("Authorization")).Cause(err)
		attrs = append(attrs, slog.String("trigger", shortened(e.Trigger)), slog.String("event", e.ID))
	}
	level := slog.LevelWarn
	if status == http.StatusMethodNotAllowed {
		level = slog.LevelDebug
	}
	record := func() {
		h.logger.LogAttrs(ctx, level, "a webhook's delivery failed", append(attrs, slog.Any("error", err))...)
	}
	if errors.Is(err, ErrUnauthorized) {
		h.strangers.Do(record)
	} else {
		record()
	}
	h.onError(r, err)
}

// tellUnread logs an event without a payload, which is no failure: a program that reads Payload alone would miss the event in
// silence.
func (h *handler) tellUnread(r *http.Request, e *Event) {
	if e.Payload != nil {
		return
	}
	about := []slog.Attr{
		slog.String("remote", r.RemoteAddr), slog.String("trigger", shortened(e.Trigger)), slog.String("event", e.ID),
	}
	switch {
	case payloads[e.Trigger] != nil:
		if _, told := h.unread.LoadOrStore(e.Trigger, true); !told {
			h.logger.LogAttrs(r.Context(), slog.LevelWarn, "the data of a webhook's event has another form than documented, so its "+
				"Payload is nil; further events of this trigger are not logged", about...)
		}
	case keys[e.Trigger] == nil: // the other documented triggers have no payload
		h.logger.LogAttrs(r.Context(), slog.LevelDebug, "a webhook's event has an unknown trigger, so its Payload is nil", about...)
	}
}

// shortened bounds what a sender can write into a record.
func shortened(trigger string) string { return fmt.Sprintf("%.100s", trigger) }

// panicError returns the value of a panic as an error.
func panicError(value any) error {
	if err, ok := value.(error); ok {
		return fmt.Errorf("handling the event panicked: %w", err)
	}
	return fmt.Errorf("handling the event panicked: %v", value)
}

// logPanic logs where the http.Server logs the panics that it recovers itself.
func logPanic(ctx context.Context, doing string, value any) {
	logf := log.Printf
	if s, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok && s.ErrorLog != nil {
		logf = s.ErrorLog.Printf
	}
	logf("cometchat: panic while %s: %v\n%s", doing, value, debug.Stack())
}
