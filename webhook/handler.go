package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cometchat-go/cometchat"
	"golang.org/x/time/rate"
)

const (
	// answerTime is how long a delivery may take: CometChat gives up after 2 seconds, and the answer has to travel.
	answerTime = 1500 * time.Millisecond
	maxBody    = 1 << 20
)

// Handler returns the http.Handler for the URL of a webhook. It calls handle with each event, from any number of
// goroutines at the same time. The package comment says what is promised about time and repeated deliveries.
//
// username and password are the values set in CometChat's dashboard. CometChat does not sign deliveries: the username and
// the password (HTTP Basic) are the only proof that CometChat made the delivery. Serve https only, and use the password
// for nothing else.
//
// Handler makes no request. It fails with a *cometchat.Error: cometchat.ErrMissingParameters if username, password or
// handle is missing; cometchat.ErrBadRequest if the username or the password contains a control character or is not UTF-8, if
// the username contains a colon, or if an option is nil or fails.
//
// The http.Handler answers
//   - 200 if handle returned nil, now or for an earlier delivery of the event;
//   - 500 if handle returned an error or panicked;
//   - 503 if handle has not returned within 1.5 seconds, if handle is still running for an earlier delivery of the event,
//     or if the [Deduper] failed;
//   - 405 if the method is not POST, 401 if the username or the password is wrong, 413 if the body is longer than 1 MiB,
//     400 if the body is not a JSON object with a "trigger".
//
// No answer contains the error of handle. The logger of [WithLogger] and the function of [WithOnError] hear of every delivery
// that did not get 200, with the cause.
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
		handle: handle, deduper: newMemoryDeduper(), logger: slog.New(slog.DiscardHandler), onError: func(*http.Request, error) {},
		strangers: rate.Sometimes{First: 10, Interval: time.Second},
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
	case !utf8.ValidString(value):
		return badRequest("the " + name + " is not valid UTF-8")
	}
	return nil
}

// The codes of cometchat.ErrMissingParameters and cometchat.ErrBadRequest.
const (
	missingParameters = "MISSING_PARAMETERS"
	badRequestCode    = "ERR_BAD_REQUEST"
)

// missing returns an error that matches cometchat.ErrMissingParameters.
func missing(message string) error {
	return &cometchat.Error{Op: "webhook.Handler", Code: missingParameters, Message: message}
}

// badRequest returns an error that matches cometchat.ErrBadRequest.
func badRequest(message string) error {
	return &cometchat.Error{Op: "webhook.Handler", Code: badRequestCode, Message: message}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	status, err := h.status(w, r)
	if status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook", charset="UTF-8"`)
	}
	if status != http.StatusOK {
		http.Error(w, http.StatusText(status), status)
	}
	if err != nil {
		h.tell(r, nil, status, err)
	}
}

// status handles a delivery. It returns the status to answer, and an error that nobody has heard of yet.
func (h *handler) status(w http.ResponseWriter, r *http.Request) (int, error) {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, errors.New("the method is not POST")
	}
	if err := h.authorize(r); err != nil {
		return http.StatusUnauthorized, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return http.StatusRequestEntityTooLarge, errors.New("the body is longer than 1 MiB")
	}
	if err != nil {
		return http.StatusBadRequest, fmt.Errorf("the body could not be read: %w", err)
	}
	e := newEvent(body)
	switch {
	case e == nil:
		return http.StatusBadRequest, errors.New(`the body is not a JSON object with a "trigger"`)
	case r.Context().Err() != nil: // CometChat has got its 503
		return http.StatusServiceUnavailable, fmt.Errorf("the body came after %v: %w", answerTime, context.DeadlineExceeded)
	}
	h.tellUnread(r, e)
	return h.deliver(r, e), nil
}

// authorize takes the same time whichever part is wrong, and wherever.
func (h *handler) authorize(r *http.Request) error {
	username, password, ok := r.BasicAuth()
	u, p := sha256.Sum256([]byte(username)), sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(u[:], h.username[:]) & subtle.ConstantTimeCompare(p[:], h.password[:])
	switch {
	case !ok:
		return fmt.Errorf("%w: the delivery has none; is Basic Auth turned on for the webhook in CometChat's dashboard?", ErrUnauthorized)
	case same != 1:
		return fmt.Errorf("%w; compare them with those of the webhook in CometChat's dashboard", ErrUnauthorized)
	}
	return nil
}

// deliver calls handle, unless the deduper knows the event, and returns the status to answer. http.TimeoutHandler has
// answered 503 if deliver takes longer than answerTime; deliver then goes on, and tells the deduper how handle ended.
func (h *handler) deliver(r *http.Request, e *Event) (status int) {
	ctx, id := r.Context(), e.ID
	about := &Event{ID: id, Trigger: e.Trigger} // handle may change e
	defer func() {
		// http.TimeoutHandler would drop a panic that comes after its answer.
		if value := recover(); value != nil {
			logPanic(ctx, "handling a webhook's event", value)
			status = http.StatusInternalServerError
			h.tell(r, about, status, panicError(value))
		}
	}()
	if id != "" {
		first, err := h.deduper.Begin(ctx, id)
		if err != nil {
			h.tell(r, about, http.StatusServiceUnavailable, fmt.Errorf("the deduper did not begin: %w", err))
			return http.StatusServiceUnavailable
		}
		if !first {
			return http.StatusOK
		}
		defer func() { // also if handle panics or calls runtime.Goexit
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
			defer cancel()
			if err := h.deduper.Done(ctx, id, status == http.StatusOK); err != nil { // as documented, it does not change the answer
				h.tell(r, about, status, fmt.Errorf("the deduper did not end: %w", err))
			}
		}()
	}
	stop := context.AfterFunc(ctx, func() {
		if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
			h.tell(r, about, http.StatusServiceUnavailable, fmt.Errorf("the event was not handled within %v: %w", answerTime, err))
		}
	})
	err := h.handle(ctx, e)
	stop()
	if err != nil {
		h.tell(r, about, http.StatusInternalServerError, fmt.Errorf("the event could not be handled: %w", err))
		return http.StatusInternalServerError
	}
	return http.StatusOK
}
