package cometchat

import (
	"context"
	"log/slog"
	"regexp"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// Attempt describes one attempt at a request to an observer; see [WithObserver]. It has no secret.
type Attempt struct {
	// Op is the method that was called, as in "Login".
	Op string
	// Route is the method and the path of the request, with names in braces in place of ids and tokens, as in
	// "POST /users/{uid}/auth_tokens". It is the same for all users, and so fit to be a label of a metric. For Do, whose routes
	// the SDK does not know, it is the method and "{path}", as in "GET {path}".
	Route string
	// Status is the HTTP status of the answer; 0 when no answer began.
	Status int
	// Attempt counts the attempts of a call at this request, from 1.
	Attempt int
	// Duration is how long the attempt took, until the answer was read.
	Duration time.Duration
	// Code is the [Error.Code] of an attempt that failed. It is empty when the attempt succeeded, and when the context ended.
	Code string
}

// appInfoForm is the form of a name or a version in a User-Agent: visible ASCII without parentheses and slashes.
var appInfoForm = regexp.MustCompile(`^[!-'*-.0-~]{1,64}$`)

// tellAttempt returns the function that tells the logger and the observers of each attempt. The Error of an attempt is made
// only if somebody looks.
func tellAttempt(l *slog.Logger, observers []func(Attempt)) func(context.Context, *rest.Request, *rest.Answer, time.Duration) {
	return func(ctx context.Context, req *rest.Request, a *rest.Answer, took time.Duration) {
		logs := l.Enabled(ctx, slog.LevelDebug)
		if !logs && len(observers) == 0 {
			return
		}
		e := failureOf(ctx, req, a)
		if logs {
			logAttempt(ctx, l, req, a, took, e)
		}
		seen := Attempt{Op: req.Op, Route: req.Name(), Status: a.Status, Attempt: a.Attempts, Duration: took}
		if req.Path != "" {
			seen.Route = req.Method + " {path}"
		}
		if e != nil {
			seen.Code = e.Code
		}
		for _, observe := range observers {
			observe(seen)
		}
	}
}
