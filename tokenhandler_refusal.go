package cometchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/internal/redact"
)

// tokenRefusal is what the client of a TokenHandler is told, and the cause, which it is not told.
type tokenRefusal struct {
	status        int
	code, message string
	header        [2]string // a header of the answer, and its value
	err           error
	level         slog.Level
	anyPage       bool // any web page can cause it, so its records are limited
}

var wrongMethod = &tokenRefusal{
	status: http.StatusMethodNotAllowed, code: "METHOD_NOT_ALLOWED", message: "Ask with POST.",
	header: [2]string{"Allow", http.MethodPost}, err: errors.New("the method is not POST"), level: slog.LevelDebug,
}

// refusedPreflight is wrongMethod for the question that a browser asks before it lets a page of another origin make a request.
// The page hears nothing of the answer, so the log has to say what is missing.
func refusedPreflight(origin string) *tokenRefusal {
	no := *wrongMethod
	no.level, no.anyPage = slog.LevelWarn, true
	no.err = fmt.Errorf("the method is not POST: a browser asks whether a page of another origin, %.100q, may make a request; "+
		"if the page is yours, use WithTrustedOrigin, and wrap the handler in one that answers with CORS headers", origin)
	return &no
}

func refusedOrigin(origin string, err error) *tokenRefusal {
	return &tokenRefusal{
		status: http.StatusForbidden, code: "CROSS_SITE", message: "This page may not ask for a token.",
		level: slog.LevelWarn, anyPage: true,
		err: fmt.Errorf("the request comes from a page of another origin, %.100q; if the page is yours, use WithTrustedOrigin: %w", origin, err),
	}
}

func refusedByIdentify(err error) *tokenRefusal {
	status := http.StatusInternalServerError
	if said, ok := errors.AsType[interface {
		error
		StatusCode() int
	}](err); ok && said.StatusCode() >= 400 && said.StatusCode() <= 599 {
		status = said.StatusCode()
	}
	err = fmt.Errorf("identify failed: %w", err)
	switch {
	case errors.Is(err, ErrUnauthenticated), status == http.StatusUnauthorized:
		return &tokenRefusal{
			status: http.StatusUnauthorized, code: "UNAUTHORIZED", message: "Log in first.", err: err, level: slog.LevelDebug,
		}
	case status == http.StatusInternalServerError:
		return internalFault(err)
	}
	text := http.StatusText(status)
	if text == "" {
		text = "Refused"
	}
	return &tokenRefusal{
		status: status, code: strings.ToUpper(strings.Map(underscored, text)), message: text + ".", err: err, level: slog.LevelWarn,
	}
}

// underscored replaces what is no letter: "I'm a teapot" becomes "I_m_a_teapot".
func underscored(r rune) rune {
	if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
		return r
	}
	return '_'
}

func internalFault(err error) *tokenRefusal {
	return &tokenRefusal{
		status: http.StatusInternalServerError, code: "INTERNAL", message: "Something is wrong here.", err: err,
		level: slog.LevelWarn,
	}
}

// refusalOf says what a failure to make the token means, in words of this endpoint: CometChat's own words are not for the
// client.
func refusalOf(err error) *tokenRefusal {
	e, _ := errors.AsType[*Error](err)
	_, undescribed := errors.AsType[*describeError](err)
	no := &tokenRefusal{
		status: http.StatusBadGateway, code: "BAD_GATEWAY", message: "The chat service failed.", err: err, level: slog.LevelWarn,
	}
	switch {
	case errors.Is(err, ErrTooManyRequests) && !undescribed:
		wait := 1.0
		if e != nil {
			wait = max(wait, math.Ceil(e.RetryAfter.Seconds()))
		}
		no.status, no.code, no.message = http.StatusServiceUnavailable, "BUSY", "Too many requests; try again later."
		no.header = [2]string{"Retry-After", strconv.Itoa(int(wait))}
	case undescribed, e != nil && e.Attempts == 0 && e.Code != "":
		return internalFault(err)
	case errors.Is(err, ErrUIDNotFound), errors.Is(err, ErrUIDAlreadyExists): // the user exists and is deactivated
		no.status, no.code, no.message = http.StatusNotFound, "USER_NOT_FOUND", "The chat service does not know this user."
	case errors.Is(err, context.DeadlineExceeded) && (e == nil || e.StatusCode == 0):
		no.status, no.code, no.message = http.StatusGatewayTimeout, "TIMEOUT", "The chat service did not answer in time."
	}
	return no
}

func (no *tokenRefusal) setHeader(header http.Header) {
	if no.header[0] != "" {
		header.Set(no.header[0], no.header[1])
	}
}

// tell logs a refusal and calls the function of WithOnError. It names neither the path nor the query, which may hold secrets.
func (h *tokenHandler) tell(r *http.Request, uid string, no *tokenRefusal) {
	ctx, err, level := r.Context(), credentialsOf(r).Cause(no.err), no.level
	if errors.Is(err, context.Canceled) && ctx.Err() != nil { // the client has gone away
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.Int("status", no.status), slog.String("remote", r.RemoteAddr)}
	if uid != "" {
		attrs = append(attrs, slog.String("uid", uid))
	}
	log := func() {
		h.admin.logger.LogAttrs(ctx, level, "no auth token was given out", append(attrs, slog.Any("error", err))...)
	}
	if no.anyPage {
		h.crossSite.Do(log)
	} else {
		log()
	}
	h.onError(r, err)
}

// The limits bound the work that a stranger's request can cause: how many of its credentials are redacted, and how many bytes
// a redacted credential has at most.
const (
	maxRedacted       = 20
	maxRedactedLength = 1024
)

// credentialsOf returns the redactor of the credentials that a request carries. The error of identify may quote them.
func credentialsOf(r *http.Request) redact.Redactor {
	_, authorization, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secrets := []string{authorization}
	for _, cookie := range r.Cookies() {
		secrets = append(secrets, cookie.Value)
	}
	var bounded []string
	for _, secret := range secrets[:min(len(secrets), maxRedacted)] {
		if len(secret) <= maxRedactedLength {
			bounded = append(bounded, secret)
		}
	}
	return redact.New(bounded...)
}

// describeError is an error of the describe function of WithNewUsers.
type describeError struct{ err error }

func (e *describeError) Error() string { return "a new user could not be described: " + e.err.Error() }

// Unwrap returns what the describe function has returned.
func (e *describeError) Unwrap() error { return e.err }
