package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// send makes a request and reads the "data" of the answer. flaw says what is wrong with the data, or ""; nil accepts any.
func send[T any](ctx context.Context, r *rest.Client, req rest.Request, flaw func(*T) string) (*T, error) {
	type envelope struct {
		Data *T `json:"data"`
	}
	e, err := exchange(ctx, r, req, func(e *envelope) string {
		switch {
		case e.Data == nil:
			return "the server's answer has no data"
		case flaw != nil:
			return flaw(e.Data)
		}
		return ""
	})
	if err != nil {
		return nil, err
	}
	return e.Data, nil
}

// exchange makes a request and reads the whole answer.
func exchange[E any](ctx context.Context, r *rest.Client, req rest.Request, flaw func(*E) string) (*E, error) {
	var e *E
	err := do(ctx, r, req, func(body []byte) error {
		e = new(E)
		if err := json.Unmarshal(body, e); err != nil {
			return &bodyFlaw{notTheAPI, err}
		}
		return asFlaw(flaw(e))
	})
	return e, err
}

// acknowledge makes a request that asks for nothing but to be carried out. The answer may be empty.
func acknowledge(ctx context.Context, r *rest.Client, req rest.Request) error {
	return do(ctx, r, req, func(body []byte) error {
		if len(bytes.TrimSpace(body)) == 0 {
			return nil
		}
		var envelope struct {
			Data struct {
				Success *bool `json:"success"`
			} `json:"data"`
		}
		err := json.Unmarshal(body, &envelope)
		_, otherForm := errors.AsType[*json.UnmarshalTypeError](err)
		switch success := envelope.Data.Success; {
		case err != nil && !otherForm:
			return &bodyFlaw{notTheAPI, err}
		case success != nil && !*success:
			return asFlaw("the server says that it has not done it")
		}
		return nil
	})
}

const notTheAPI = "the server's answer is not the documented JSON; is it CometChat at this host, or a proxy in between?"

// bodyFlaw is what is wrong with the body of a success.
type bodyFlaw struct {
	problem string
	cause   error // nil when the problem says it all
}

func (f *bodyFlaw) Error() string { return f.problem }

// asFlaw makes an error of a problem; "" is none.
func asFlaw(problem string) error {
	if problem == "" {
		return nil
	}
	return &bodyFlaw{problem: problem}
}

func do(ctx context.Context, r *rest.Client, req rest.Request, read func(body []byte) error) error {
	a := r.Do(ctx, &req, read)
	if e := failureOf(ctx, &req, &a); e != nil {
		return e
	}
	return nil
}

// failureOf makes the Error of an answer; nil when the answer is a success that could be read.
func failureOf(ctx context.Context, req *rest.Request, a *rest.Answer) *Error {
	var e *Error
	switch {
	case a.Attempts == 0:
		return notSent(req, a.Err)
	case a.Err != nil:
		e = noAnswer(ctx, req, a)
	case !a.Success():
		e = refused(req, a)
	case a.Flaw != nil:
		e = failure(req, a)
		e.Message = a.Flaw.Error()
		if f, ok := errors.AsType[*bodyFlaw](a.Flaw); ok {
			e.err = req.Redactor().Cause(f.cause)
		}
	default:
		return nil
	}
	if a.Stopped != nil && !errors.Is(e, a.Stopped) {
		e.err = errors.Join(e.err, stopped(req, a.Stopped))
	}
	return e
}

// failure makes an Error with the facts of an answer.
func failure(req *rest.Request, a *rest.Answer) *Error {
	e := &Error{
		Op: req.Op, Code: codeFailedToFetch, StatusCode: a.Status, RetryAfter: a.RetryAfter, Attempts: a.Attempts,
		route: req.Name(),
	}
	if a.RateLimit != nil {
		e.RateLimit = RateLimit(*a.RateLimit)
	}
	return e
}

// notSent makes the Error for a request that was never made.
func notSent(req *rest.Request, err error) *Error {
	if errors.Is(err, rest.ErrUnwritable) {
		return newError(req.Op, ErrBadRequest, "the arguments cannot be written as JSON")
	}
	if e, ok := errors.AsType[*Error](stopped(req, err)); ok {
		return e
	}
	return &Error{Op: req.Op, Message: "gave up waiting for room in the limit of WithRequestRate", err: err}
}

// stopped says why a request was not made, or not again.
func stopped(req *rest.Request, err error) error {
	full, ok := errors.AsType[*rest.NoRoomError](err)
	if !ok {
		return err
	}
	e := newError(req.Op, ErrTooManyRequests, "the limit of WithRequestRate has no room before the deadline; nothing was sent")
	e.RetryAfter, e.route = full.RetryAfter, req.Name()
	return e
}

// noAnswer makes the Error for a request that got no answer, or not a whole one.
func noAnswer(ctx context.Context, req *rest.Request, a *rest.Answer) *Error {
	e := failure(req, a)
	e.err = req.Redactor().Cause(a.Err)
	tooLarge := errors.Is(a.Err, rest.ErrTooLarge)
	if a.Status < 300 && !tooLarge {
		e.StatusCode = 0 // the half of a success is no answer
	}
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		e.Code, e.Message = "", "gave up waiting for CometChat"
		if !errors.Is(a.Err, ctx.Err()) {
			e.err = errors.Join(ctx.Err(), e.err)
		}
	case tooLarge:
		e.Message = "the answer cannot be used"
	case errors.As(a.Err, &dns) && dns.IsNotFound:
		e.Message = "there is no such host; check the app id, the region and the network"
	default:
		e.Message = "could not get a whole answer from CometChat"
	}
	if a.Status == http.StatusTooManyRequests && e.Code != "" {
		e.Code = codeTooManyRequests
	}
	return e
}

// refused makes the Error for a whole answer whose status is no success.
func refused(req *rest.Request, a *rest.Answer) *Error {
	secrets := req.Redactor()
	e := failure(req, a)

	var envelope struct {
		Error struct {
			Code       string          `json:"code"`
			Message    string          `json:"message"`
			DevMessage string          `json:"devMessage"`
			Source     string          `json:"source"`
			Details    json.RawMessage `json:"details"`
		} `json:"error"`
	}
	err := json.Unmarshal(a.Body, &envelope)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); (err == nil || odd) && envelope.Error.Code != "" {
		said := envelope.Error
		e.Code, e.Source = secrets.Short(said.Code), secrets.Short(said.Source)
		e.Message, e.DevMessage = secrets.Short(said.Message), secrets.Short(said.DevMessage)
		if len(said.Details) <= redact.Window {
			e.Details = secrets.JSON(said.Details)
		}
		if e.Message == "" {
			e.Message = "the server refused the request and did not say why"
		}
		return e
	}

	switch {
	case a.Status == http.StatusTooManyRequests:
		e.Code, e.Message = codeTooManyRequests, "too many requests"
	case a.Status >= 300 && a.Status < 400:
		e.Message = "the server redirects, and credentials are not sent after it; check the host"
	default:
		e.Message = "the server answered with an error, and not in the form of the API"
	}
	if piece := secrets.Snippet(a.Body); piece != "" {
		e.Message += ": " + strconv.Quote(piece)
	}
	return e
}

// refusedItem makes the Error for one of the many items of a request, when the request itself has succeeded.
func refusedItem(req *rest.Request, code, message string) *Error {
	secrets := req.Redactor()
	e := &Error{
		Op: req.Op, Code: secrets.Short(code), Message: secrets.Short(message), StatusCode: http.StatusOK, route: req.Name(),
	}
	if e.Message == "" {
		e.Message = "the server refused this one and did not say why"
	}
	return e
}

// logAttempt writes one record an attempt, of an allow-list of facts. e is the attempt's Error, or nil.
func logAttempt(ctx context.Context, l *slog.Logger, req *rest.Request, a *rest.Answer, took time.Duration, e *Error) {
	attrs := []slog.Attr{
		slog.String("op", req.Op), slog.String("route", req.Name()), slog.Int("attempt", a.Attempts),
		slog.Duration("took", took),
	}
	if a.Status != 0 {
		attrs = append(attrs, slog.Int("status", a.Status))
	}
	if e != nil {
		attrs = append(attrs, slog.String("error", e.Error()))
	}
	l.LogAttrs(ctx, slog.LevelDebug, "cometchat request", attrs...)
}

// lastRateLimit returns what the newest answer with a rate limit said.
func lastRateLimit(r *rest.Client) (limit RateLimit, ok bool) {
	if said := r.LastRateLimit(); said != nil {
		return RateLimit(*said), true
	}
	return RateLimit{}, false
}
