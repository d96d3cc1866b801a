package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// envelope is an answer whose "data" is all that matters.
type envelope[T any] struct {
	Data *T `json:"data"`
}

// send makes a request and reads the "data" of the answer. flaw says what is wrong with the data, or ""; nil accepts any.
func send[T any](ctx context.Context, r *rest.Client, req rest.Request, flaw func(*T) string) (*T, error) {
	var e *envelope[T]
	if err := do(ctx, r, req, reader(&e, flaw)); err != nil {
		return nil, err
	}
	return e.Data, nil
}

// exchange makes a request and reads the whole answer.
func exchange[E any](ctx context.Context, r *rest.Client, req rest.Request, flaw func(*E) string) (*E, error) {
	var e *E
	err := do(ctx, r, req, wholeReader(&e, flaw))
	return e, err
}

// reader returns the function that reads an answer with "data" into e.
func reader[T any](e **envelope[T], flaw func(*T) string) func(body []byte) error {
	return wholeReader(e, func(e *envelope[T]) string {
		switch {
		case e.Data == nil:
			return "the server's answer has no data"
		case flaw != nil:
			return flaw(e.Data)
		}
		return ""
	})
}

// wholeReader returns the function that reads an answer into e.
func wholeReader[E any](e **E, flaw func(*E) string) func(body []byte) error {
	return func(body []byte) error {
		*e = new(E)
		odd, err := lenient.Unmarshal(body, *e)
		if err != nil {
			return &bodyFlaw{notTheAPI, err}
		}
		if problem := flaw(*e); problem != "" {
			return &bodyFlaw{problem: problem + lostField(odd)}
		}
		return nil
	}
}

// lostField names the required field whose value could not be read, in words that follow a problem; "" if there is none.
func lostField(odd []lenient.Odd) string {
	for _, o := range odd {
		switch o.Path[strings.LastIndex(o.Path, ".")+1:] {
		case "data", "uid", "authToken":
			return ": " + o.String()
		}
	}
	return ""
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
		if _, err := lenient.Unmarshal(body, &envelope); err != nil {
			return &bodyFlaw{notTheAPI, err}
		}
		if success := envelope.Data.Success; success != nil && !*success {
			return &bodyFlaw{problem: "the server says that it has not done it"}
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

// Is reports whether the body is not the API's, so that the request may be retried.
func (f *bodyFlaw) Is(target error) bool { return target == rest.ErrGarbled && f.problem == notTheAPI }

// do makes a request and reads the body of a success.
func do(ctx context.Context, r *rest.Client, req rest.Request, read func(body []byte) error) error {
	_, err := answer(ctx, r, &req, read)
	return err
}

// answer is do for a caller who needs the facts of the answer too.
func answer(ctx context.Context, r *rest.Client, req *rest.Request, read func(body []byte) error) (rest.Answer, error) {
	a := r.Do(ctx, req, func(body []byte) error {
		if said := readRefusal(body); said != nil { // an error is an error whatever the status
			return said
		}
		return read(body)
	})
	if e := failureOf(ctx, req, &a); e != nil {
		return a, e
	}
	return a, nil
}

// failureOf makes the Error of an answer; nil when the answer is a success that could be read.
func failureOf(ctx context.Context, req *rest.Request, a *rest.Answer) *Error {
	var e *Error
	switch {
	case a.Attempts == 0:
		return notSent(req, a.Err)
	case a.Err != nil:
		e = failure(req, a)
		explainNoAnswer(ctx, req, a, e)
	case !a.Success():
		e = refused(req, a)
	case a.Flaw == nil:
		return nil
	default:
		e = failure(req, a)
		e.Message = req.Redactor().Short(a.Flaw.Error())
		if said, ok := errors.AsType[*refusal](a.Flaw); ok {
			said.explain(e, req)
		} else if f, ok := errors.AsType[*bodyFlaw](a.Flaw); ok {
			e.err = req.Redactor().Cause(f.cause)
		}
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
		Host: hostOf(a.Base), RequestID: requestID(req, a.Header), route: req.Name(),
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
		e.Message += "; nothing was sent"
		return e
	}
	return &Error{Op: req.Op, Message: "gave up waiting for room in the rate limit; nothing was sent", err: err}
}

// stopped says why a request was not made, or not retried.
func stopped(req *rest.Request, err error) error {
	full, ok := errors.AsType[*rest.NoRoomError](err)
	if !ok {
		return err
	}
	why := "the limit of WithRequestRate has no room before the deadline"
	if full.ByServer {
		why = "CometChat has asked to wait longer than the deadline allows"
	}
	e := newError(req.Op, ErrTooManyRequests, "%s", why)
	e.RetryAfter, e.route = full.RetryAfter, req.Name()
	return e
}

// refused makes the Error for a whole answer whose status is no success.
func refused(req *rest.Request, a *rest.Answer) *Error {
	e := failure(req, a)
	if said := readRefusal(a.Body); said != nil {
		said.explain(e, req)
		if e.Code == codeAPINotFound {
			e.hint = versionHint(a.Base)
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
		switch {
		case a.Status == http.StatusNotFound:
			e.hint = versionHint(a.Base)
		case a.Status == http.StatusBadRequest && bytes.Contains(a.Body, []byte("HTTPS")):
			e.hint = "this host speaks https: use https:// in its URL"
		case bytes.HasPrefix(bytes.TrimSpace(a.Body), []byte("<")):
			e.hint = "is it CometChat at this host, or a proxy in between?"
		}
	}
	if piece := req.Redactor().Snippet(a.Body); piece != "" {
		e.Message += ": " + strconv.Quote(piece)
	}
	return e
}

// refusal is the API's form of an error.
type refusal struct {
	Code       string          `json:"code"`
	Message    string          `json:"message"`
	DevMessage string          `json:"devMessage"`
	Source     string          `json:"source"`
	Details    json.RawMessage `json:"details"`
}

func (r *refusal) Error() string { return r.Code }

// readRefusal returns the error that a body has, or nil.
func readRefusal(body []byte) *refusal {
	if !bytes.Contains(body, []byte(`"error"`)) {
		return nil
	}
	var envelope struct {
		Error *refusal `json:"error"`
	}
	_, err := lenient.Unmarshal(body, &envelope)
	if err == nil && envelope.Error != nil && envelope.Error.Code != "" {
		return envelope.Error
	}
	return nil
}

// explain puts the server's words into an Error.
func (r *refusal) explain(e *Error, req *rest.Request) {
	secrets := req.Redactor()
	e.Code, e.Source = secrets.Short(r.Code), secrets.Short(r.Source)
	e.Message, e.DevMessage = secrets.Short(r.Message), secrets.Short(r.DevMessage)
	if len(r.Details) <= redact.Window {
		e.Details = secrets.JSON(r.Details)
	}
	if e.Message == "" {
		e.Message = "the server refused the request and did not say why"
	}
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
