package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"github.com/cometchat-go/cometchat"
)

const (
	// answerTime is how long a delivery may take: CometChat gives up after 2 seconds, and the answer has to travel.
	answerTime = 1500 * time.Millisecond
	maxBody    = 1 << 20
)

// Option configures the http.Handler that [Handler] returns.
type Option func(*handler) error

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

// handler holds what the http.Handler of Handler needs.
type handler struct {
	username, password [sha256.Size]byte // digests have one length: comparing them does not reveal the length of a secret
	handle             func(context.Context, *Event) error
	deduper            Deduper
}

// Handler returns the http.Handler for the URL of a webhook. It calls handle with each event, from any number of
// goroutines at the same time. The package comment says what is promised about time and repeated deliveries.
//
// username and password are the values set in CometChat's dashboard. CometChat does not sign deliveries: the username and
// the password (HTTP Basic) are the only proof that CometChat made the delivery. Serve https only, and use the password
// for nothing else.
//
// Handler makes no request. It fails with a *cometchat.Error: cometchat.ErrMissingParameters if username, password or
// handle is missing; cometchat.ErrBadRequest if the username or the password contains a control character or a character
// outside ASCII, if the username contains a colon, or if an option is nil or fails.
//
// The http.Handler answers
//   - 200 if handle returned nil, now or for an earlier delivery of the event;
//   - 500 if handle returned an error or panicked;
//   - 503 if handle has not returned within 1.5 seconds, if handle is still running for an earlier delivery of the event,
//     or if the [Deduper] failed;
//   - 405 if the method is not POST, 401 if the username or the password is wrong, 413 if the body is longer than 1 MiB,
//     400 if the body is not a JSON object with a "trigger".
//
// No answer contains the error of handle.
//
// The context of handle ends 1.5 seconds after the delivery began; a broken connection does not end it. If handle runs
// longer, its result still counts: after nil the next delivery gets 200 without a call, after an error the next delivery
// calls handle again. Put long tasks into a queue. A panic in handle is written to the ErrorLog of the http.Server, with
// its stack. Limit the time in which the body must arrive with the ReadTimeout of the http.Server.
//
// The legacy before_message webhook needs a handler of its own, because its answer decides about the message.
func Handler(
	username, password string, handle func(ctx context.Context, e *Event) error, opts ...Option,
) (http.Handler, error) {
	if err := checkCredential("username", username); err != nil {
		return nil, err
	}
	if strings.Contains(username, ":") {
		return nil, badRequest("the username contains a colon, which HTTP Basic does not allow")
	}
	if err := checkCredential("password", password); err != nil {
		return nil, err
	}
	if handle == nil {
		return nil, missing("the function to handle events is nil")
	}
	h := &handler{
		username: sha256.Sum256([]byte(username)), password: sha256.Sum256([]byte(password)),
		handle: handle, deduper: newMemoryDeduper(),
	}
	for i, opt := range opts {
		err := fmt.Errorf("option %d is nil", i+1)
		if opt != nil {
			err = opt(h)
		}
		if err != nil {
			return nil, badRequest(err.Error())
		}
	}
	timed := http.TimeoutHandler(http.HandlerFunc(h.serve), answerTime, http.StatusText(http.StatusServiceUnavailable)+"\n")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A broken connection must not stop handle half-way: without retryOnFailure the event would be lost.
		timed.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
	}), nil
}

// checkCredential refuses a username or a password that is missing, or that HTTP Basic may not carry unchanged.
func checkCredential(name, value string) error {
	switch {
	case strings.TrimSpace(value) == "":
		return missing("the " + name + " is missing")
	case strings.ContainsFunc(value, unicode.IsControl):
		return badRequest("the " + name + " contains a control character")
	case strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxASCII }):
		return badRequest("the " + name + " contains a character that is not ASCII")
	}
	return nil
}

// missing returns an error that matches cometchat.ErrMissingParameters.
func missing(message string) error {
	return &cometchat.Error{Op: "webhook.Handler", Code: "MISSING_PARAMETERS", Message: message}
}

// badRequest returns an error that matches cometchat.ErrBadRequest.
func badRequest(message string) error {
	return &cometchat.Error{Op: "webhook.Handler", Code: "ERR_BAD_REQUEST", Message: message}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	status := h.status(w, r)
	switch status {
	case http.StatusOK:
		return
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook", charset="UTF-8"`)
	}
	http.Error(w, http.StatusText(status), status)
}

func (h *handler) status(w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	if !h.authorized(r) {
		return http.StatusUnauthorized
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return http.StatusRequestEntityTooLarge
	}
	e := newEvent(body)
	switch {
	case err != nil || e == nil:
		return http.StatusBadRequest
	case r.Context().Err() != nil: // the body came too late: CometChat has got its 503
		return http.StatusServiceUnavailable
	}
	return h.deliver(r.Context(), e)
}

// authorized takes the same time whichever part is wrong, and wherever.
func (h *handler) authorized(r *http.Request) bool {
	username, password, ok := r.BasicAuth()
	u, p := sha256.Sum256([]byte(username)), sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(u[:], h.username[:]) & subtle.ConstantTimeCompare(p[:], h.password[:])
	return ok && same == 1
}

// deliver calls handle, unless the deduper knows the event, and returns the status to answer. http.TimeoutHandler has
// answered 503 if deliver takes longer than answerTime; deliver then goes on, and tells the deduper how handle ended.
func (h *handler) deliver(ctx context.Context, e *Event) (status int) {
	defer func() {
		// http.TimeoutHandler would drop a panic that comes after its answer.
		if value := recover(); value != nil {
			logPanic(ctx, value)
			status = http.StatusInternalServerError
		}
	}()
	if e.ID != "" {
		first, err := h.deduper.Begin(ctx, e.ID)
		if err != nil {
			return http.StatusServiceUnavailable
		}
		if !first {
			return http.StatusOK
		}
		defer func() { // also if handle panics or calls runtime.Goexit
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
			defer cancel()
			_ = h.deduper.Done(ctx, e.ID, status == http.StatusOK) // as documented, an error does not change the answer
		}()
	}
	if h.handle(ctx, e) != nil {
		return http.StatusInternalServerError
	}
	return http.StatusOK
}

// logPanic logs where the http.Server logs the panics that it recovers itself.
func logPanic(ctx context.Context, value any) {
	logf := log.Printf
	if s, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok && s.ErrorLog != nil {
		logf = s.ErrorLog.Printf
	}
	logf("cometchat: panic while handling a webhook's event: %v\n%s", value, debug.Stack())
}
