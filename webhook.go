package cometchat

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
)

const (
	// webhookAnswerTime is how long a delivery may take: CometChat gives up after 2 seconds, and the answer has to travel.
	webhookAnswerTime = 1500 * time.Millisecond
	maxWebhookBody    = 1 << 20
)

// WebhookOption configures a [WebhookHandler].
type WebhookOption func(*webhook) error

// WithWebhookDeduper remembers handled events in d instead of in memory; d must not be nil.
func WithWebhookDeduper(d WebhookDeduper) WebhookOption {
	return func(h *webhook) error {
		if d == nil {
			return errors.New("the webhook deduper is nil")
		}
		h.deduper = d
		return nil
	}
}

// webhook is what a WebhookHandler serves with.
type webhook struct {
	username, password [sha256.Size]byte // digests have one length, so comparing them does not tell that of a secret
	handle             func(context.Context, *WebhookEvent) error
	deduper            WebhookDeduper
}

// WebhookHandler returns the http.Handler for the URL that a webhook of CometChat's dashboard points to. It calls handle
// for each event, from any number of goroutines. username and password are those set in the dashboard; they, and handle,
// are required (ErrMissingParameters), and a name with a colon, a control character or a bad option is refused
// (ErrBadRequest).
//
// CometChat does not sign what it sends: name and password (HTTP Basic) are the only proof that a delivery is genuine, so
// serve https only, and use a password that serves for nothing else.
//
// CometChat waits 2 seconds for an answer of 200. When the webhook was made with retryOnFailure, it makes failed
// deliveries again, 10 and 30 seconds later; which answers it takes for failures is not documented. The answer is
//   - 200 when handle returned nil, or had done so for an earlier delivery of the event, which is not handled again;
//   - 500 when handle returned an error: the next delivery is handled again;
//   - 503 when handle has not returned within 1.5 seconds. It goes on, in a goroutine that ends with it, and its outcome
//     decides on the next delivery, which gets 503 too while there is none; also when the deduper fails;
//   - 405, 401, 413 or 400 for what is not a POST, has not the right name and password, is longer than 1 MiB, or is not a
//     JSON object with a trigger.
//
// Answers have no more to say than that. An event whose [WebhookEvent.ID] is empty is handled at each delivery, also
// while an earlier one is being handled, so handle should not mind seeing it twice. Events may come in another order than
// they happened in.
//
// The context of handle ends after those 1.5 seconds, and not when the connection breaks. A long task is better put in a
// queue. A panic in handle counts as an error and is raised again for the http.Server to see; one that comes too late
// for that goes to the server's ErrorLog. How long a body takes to arrive is for the server's ReadTimeout to limit.
//
// The legacy before_message hook, whose answer decides on the message, needs a handler of its own.
func WebhookHandler(
	username, password string, handle func(ctx context.Context, e *WebhookEvent) error, opts ...WebhookOption,
) (http.Handler, error) {
	const op = "WebhookHandler"
	if err := checkSecret(op, "username", username, maxTokenLength); err != nil {
		return nil, err
	}
	if strings.Contains(username, ":") {
		return nil, newError(op, ErrBadRequest, "the username contains a colon, which HTTP Basic does not allow")
	}
	if err := checkSecret(op, "password", password, maxTokenLength); err != nil {
		return nil, err
	}
	if handle == nil {
		return nil, newError(op, ErrMissingParameters, "the function to handle events is nil")
	}
	h := &webhook{
		username: sha256.Sum256([]byte(username)), password: sha256.Sum256([]byte(password)),
		handle: handle, deduper: &memoryDeduper{events: map[string]*webhookClaim{}},
	}
	for i, opt := range opts {
		err := fmt.Errorf("option %d is nil", i+1)
		if opt != nil {
			err = opt(h)
		}
		if err != nil {
			return nil, newError(op, ErrBadRequest, "%v", err)
		}
	}
	return http.HandlerFunc(h.serve), nil // a function: printing it shows no digest
}

func (h *webhook) serve(w http.ResponseWriter, r *http.Request) {
	wait, stop := context.WithTimeout(r.Context(), webhookAnswerTime)
	defer stop()
	status := h.status(wait, w, r)
	switch status {
	case http.StatusOK:
		w.WriteHeader(status)
		return
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Basic realm="webhook", charset="UTF-8"`)
	}
	http.Error(w, http.StatusText(status), status)
}

func (h *webhook) status(wait context.Context, w http.ResponseWriter, r *http.Request) int {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed
	}
	if !h.authorized(r) {
		return http.StatusUnauthorized
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhookBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return http.StatusRequestEntityTooLarge
	}
	e := newWebhookEvent(body)
	if err != nil || e == nil {
		return http.StatusBadRequest
	}
	return h.deliver(wait, e)
}

// authorized takes the same time whichever part is wrong, and wherever.
func (h *webhook) authorized(r *http.Request) bool {
	username, password, ok := r.BasicAuth()
	u, p := sha256.Sum256([]byte(username)), sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(u[:], h.username[:]) & subtle.ConstantTimeCompare(p[:], h.password[:])
	return ok && same == 1
}

// webhookOutcome is how a call of handle ended.
type webhookOutcome struct {
	handled  bool
	panicked any
}

func (h *webhook) deliver(wait context.Context, e *WebhookEvent) int {
	if wait.Err() != nil { // the body took too long, or the sender has gone
		return http.StatusServiceUnavailable
	}
	if e.ID != "" {
		first, err := h.deduper.Begin(wait, e.ID)
		if err != nil {
			return http.StatusServiceUnavailable
		}
		if !first {
			return http.StatusOK
		}
	}
	outcome := make(chan webhookOutcome)
	go h.run(wait, e, outcome)
	select {
	case o := <-outcome:
		switch {
		case o.panicked != nil:
			panic(o.panicked)
		case o.handled:
			return http.StatusOK
		}
		return http.StatusInternalServerError
	case <-wait.Done():
		return http.StatusServiceUnavailable
	}
}

// run calls handle and tells the outcome to the deduper, and to the request if that still waits. Neither is left without
// one when handle panics or ends its goroutine.
func (h *webhook) run(wait context.Context, e *WebhookEvent, outcome chan<- webhookOutcome) {
	var o webhookOutcome
	defer func() {
		o.panicked = recover()
		select {
		case outcome <- o:
		case <-wait.Done():
			if o.panicked != nil {
				logLatePanic(wait, o.panicked)
			}
		}
	}()
	unbroken := context.WithoutCancel(wait)
	if id := e.ID; id != "" {
		defer func() {
			ctx, cancel := context.WithTimeout(unbroken, webhookAnswerTime)
			defer cancel()
			_ = h.deduper.Done(ctx, id, o.handled) // as documented: what was handled is answered as handled
		}()
	}
	deadline, _ := wait.Deadline()
	ctx, cancel := context.WithDeadline(unbroken, deadline)
	defer cancel()
	o.handled = h.handle(ctx, e) == nil
}

// logLatePanic logs as an http.Server does with the panics that it sees itself.
func logLatePanic(ctx context.Context, value any) {
	logf := log.Printf
	if s, ok := ctx.Value(http.ServerContextKey).(*http.Server); ok && s.ErrorLog != nil {
		logf = s.ErrorLog.Printf
	}
	logf("cometchat: panic in a webhook's handle, after its delivery was answered: %v\n%s", value, debug.Stack())
}
