package cometchat

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/cometchat-go/cometchat/internal/rest"
)

// explainNoAnswer says in e why a request got no answer, or not a whole one, and what a stranger can do about it.
func explainNoAnswer(ctx context.Context, req *rest.Request, a *rest.Answer, e *Error) {
	e.err = req.Redactor().Cause(a.Err)
	_, tooLarge := errors.AsType[*rest.TooLargeError](a.Err)
	if a.Status < 300 && !tooLarge {
		e.StatusCode = 0 // the half of a success is no answer
	}
	_, unreadable := errors.AsType[*rest.UnreadableError](a.Err)
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](a.Err)
	dns, _ := errors.AsType[*net.DNSError](a.Err)
	noAnswer := "no answer from " + e.Host + " within " + a.Took.Round(time.Millisecond).String()
	switch {
	case ctx.Err() != nil:
		e.Code, e.Message = "", noAnswer
		if errors.Is(ctx.Err(), context.Canceled) {
			e.Message = "gave up waiting for " + e.Host + " after " + a.Took.Round(time.Millisecond).String()
		}
		if !errors.Is(a.Err, ctx.Err()) {
			e.err = errors.Join(ctx.Err(), e.err)
		}
	case unreadable:
		e.Code, e.Message = codeMediaObject, "a file could not be read to its end; the server has not got it"
	case tooLarge:
		e.Message = "the answer cannot be used"
	case untrusted:
		e.Message = "the certificate of " + e.Host + " is not trusted"
		e.hint = "to trust it, name its file in SSL_CERT_FILE, add its authority to the system's, or set it in a transport for WithHTTPClient"
	case rest.IsSchemeMismatch(a.Err) && strings.HasPrefix(a.Base, "https:"):
		e.Message = e.Host + " speaks http, not https"
		e.hint = "use http:// in its URL, or another port"
	case rest.IsSchemeMismatch(a.Err):
		e.Message = e.Host + " speaks https, not http"
		e.hint = "use https:// in its URL"
	case errors.Is(a.Err, syscall.ECONNREFUSED):
		e.Message = "nothing listens at " + e.Host
		e.hint = "check the host and the port, and whether the server is running"
	case dns != nil && dns.IsNotFound:
		e.Message = "there is no host " + dns.Name
		e.hint = "check the app id, the region and the network"
		if !strings.HasSuffix(dns.Name, ".cometchat.io") {
			e.hint = "check the name, which is from " + emulatorVariable + ", WithEmulator, WithAdminHost or WithClientHost"
		}
	case e.StatusCode == 0 && timedOut(a.Err):
		e.Message = noAnswer
	default:
		e.Message = "could not get a whole answer from " + e.Host
	}
	if a.Status == http.StatusTooManyRequests && e.Code != "" {
		e.Code = codeTooManyRequests
	}
}

// timedOut reports whether the HTTP client or its transport has waited for an answer for too long.
func timedOut(err error) bool {
	op, _ := errors.AsType[*net.OpError](err)
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout() && (op == nil || op.Op != "dial")
}

// hostOf returns the host of a base URL, with the port if there is one.
func hostOf(base string) string {
	if u, err := url.Parse(base); err == nil {
		return u.Host
	}
	return ""
}

// versionHint asks whether the version is missing at the end of a base URL.
func versionHint(base string) string {
	u, err := url.Parse(base)
	if err != nil || strings.Contains(u.Path, "/v3") {
		return ""
	}
	return "is /" + apiVersion + " missing at the end of " + base + "?"
}

// requestID returns the id by which the server, or an edge in front of it, knows the request; "" if it sent none.
func requestID(req *rest.Request, header http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Correlation-Id", "X-Amzn-Trace-Id", "X-Amzn-Requestid", "Cf-Ray"} {
		if id := header.Get(name); id != "" {
			return req.Redactor().Short(id)
		}
	}
	return ""
}
