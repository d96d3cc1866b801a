package cometchat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
)

// send makes a request and reads the "data" of the answer. flaw says what is wrong with the data, or ""; nil accepts any.
func send[T any](ctx context.Context, r *restClient, req request, flaw func(*T) string) (*T, error) {
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
func exchange[E any](ctx context.Context, r *restClient, req request, flaw func(*E) string) (*E, error) {
	e := new(E)
	return e, r.do(ctx, req, func(body []byte) (problem string, cause error) {
		if err := json.Unmarshal(body, e); err != nil {
			return notTheAPI, err
		}
		return flaw(e), nil
	})
}

// acknowledged reads the answer to a request that asks for nothing but to be carried out: it may be empty.
func acknowledged(body []byte) (problem string, cause error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return "", nil
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
		return notTheAPI, err
	case success != nil && !*success:
		return "the server says that it has not done it", nil
	}
	return "", nil
}

const notTheAPI = "the server's answer is not the documented JSON; is it CometChat at this host, or a proxy in between?"

// outcome is nil when the answer is a success that could be read.
func (q *request) outcome(ctx context.Context, got answer, err error, read func([]byte) (string, error)) *Error {
	if err != nil {
		return q.noAnswer(ctx, got, err)
	}
	if got.status < 200 || got.status > 299 {
		return q.refused(got)
	}
	problem, cause := read(got.body)
	if problem == "" {
		return nil
	}
	e := q.failure(got)
	e.Message, e.err = problem, q.redactor().cause(cause)
	return e
}

// failure makes an Error with the facts of an answer.
func (q *request) failure(got answer) *Error {
	e := &Error{Op: q.op, Code: codeFailedToFetch, StatusCode: got.status, route: q.name()}
	if got.header != nil {
		e.RetryAfter = retryAfter(got.header, time.Now())
	}
	if got.rateLimit != nil {
		e.RateLimit = *got.rateLimit
	}
	return e
}

// noAnswer makes the Error for a request that got no answer, or not a whole one.
func (q *request) noAnswer(ctx context.Context, got answer, err error) *Error {
	e := q.failure(got)
	e.err = q.redactor().cause(err)
	if got.status < 300 && !errors.Is(err, errTooLarge) {
		e.StatusCode = 0 // the half of a success is no answer
	}
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		e.Code, e.Message = "", "gave up waiting for CometChat"
		if !errors.Is(err, ctx.Err()) {
			e.err = errors.Join(ctx.Err(), e.err)
		}
	case errors.Is(err, errTooLarge):
		e.Message = "the answer is of no use"
	case errors.As(err, &dns) && dns.IsNotFound:
		e.Message = "there is no such host; check the app id, the region and the network"
	default:
		e.Message = "could not get a whole answer from CometChat"
	}
	if got.status == http.StatusTooManyRequests && e.Code != "" {
		e.Code = codeTooManyRequests
	}
	return e
}

// refused makes the Error for an answer with a status that is no success.
func (q *request) refused(got answer) *Error {
	redact := q.redactor()
	e := q.failure(got)

	var envelope struct {
		Error struct {
			Code       string          `json:"code"`
			Message    string          `json:"message"`
			DevMessage string          `json:"devMessage"`
			Source     string          `json:"source"`
			Details    json.RawMessage `json:"details"`
		} `json:"error"`
	}
	err := json.Unmarshal(got.body, &envelope)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); (err == nil || odd) && envelope.Error.Code != "" {
		said := envelope.Error
		e.Code, e.Source = redact.short(said.Code), redact.short(said.Source)
		e.Message, e.DevMessage = redact.short(said.Message), redact.short(said.DevMessage)
		if len(said.Details) <= window {
			e.Details = redact.json(said.Details)
		}
		if e.Message == "" {
			e.Message = "the server refused the request and did not say why"
		}
		return e
	}

	switch {
	case got.status == http.StatusTooManyRequests:
		e.Code, e.Message = codeTooManyRequests, "too many requests"
	case got.status >= 300 && got.status < 400:
		e.Message = "the server redirects, and credentials are not sent after it; check the host"
	default:
		e.Message = "the server answered with an error, and not in the form of the API"
	}
	if piece := redact.snippet(got.body); piece != "" {
		e.Message += ": " + strconv.Quote(piece)
	}
	return e
}

// refusedItem makes the Error for one of the many that a request was about, when the request itself has succeeded.
func (q *request) refusedItem(code, message string) *Error {
	redact := q.redactor()
	e := &Error{Op: q.op, Code: redact.short(code), Message: redact.short(message), StatusCode: http.StatusOK, route: q.name()}
	if e.Message == "" {
		e.Message = "the server refused this one and did not say why"
	}
	return e
}
