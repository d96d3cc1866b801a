package cometchat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/redact"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// TokenURLOption configures a [TokenProviderFromURL].
type TokenURLOption func(*tokenEndpoint) error

// WithTokenRequest calls edit with each request before it goes out: to add the cookies or headers by which your server knows whose
// token it is. The request's Context has the values of the context with which the provider was called. If edit fails, no request
// is made, and the provider fails. With several options, every edit is called, in the order of the options. edit must not be nil,
// and must be safe for concurrent use.
//
// The values of the headers that edit sets count as secrets: "[redacted]" takes their place in the provider's errors.
func WithTokenRequest(edit func(*http.Request) error) TokenURLOption {
	return func(t *tokenEndpoint) error {
		if edit == nil {
			return errors.New("the function of WithTokenRequest is nil")
		}
		t.edits = append(t.edits, edit)
		return nil
	}
}

// WithInsecureTokenURL allows a plain http URL whose host is not loopback.
//
// The risk: the cookies, the headers and the token go over the network in the clear, and everybody on the way can read them, and
// act as your users. Use it for a server in a container next to the program, and never for a host that is reached over a network
// that you do not control.
func WithInsecureTokenURL() TokenURLOption {
	return func(t *tokenEndpoint) error {
		t.insecure = true
		return nil
	}
}

// TokenProviderFromURL returns a token provider that asks your server's [TokenHandler] at a URL: it makes a POST without a body,
// and reads the token from the answer. The URL has to be https, or http to localhost, 127.0.0.0/8 or ::1, see
// [WithInsecureTokenURL]. The provider makes one request for each call, which ends after [DefaultTimeout] at the latest. It
// follows no redirect, and reads at most 64 KB of an answer. It is safe for concurrent use.
//
// hc makes the requests, with its transport, timeout and cookie jar; hc itself is not changed. A nil hc stands for a client with
// the SDK's own transport, which has no limit of connections: to limit them, give an hc whose transport has a MaxConnsPerHost. Make
// a provider once, not for each call, so that connections are reused.
//
// Your server has to know whose token it is, from a cookie or a header: the jar of hc sends those of one user, and
// [WithTokenRequest] those of each call. For the clients of a [Pool], put the key into the context:
//
//	ask, err := cometchat.TokenProviderFromURL(url, nil, cometchat.WithTokenRequest(func(r *http.Request) error {
//		r.Header.Set("Authorization", "Bearer "+gatewaySecret)
//		r.Header.Set("X-User", r.Context().Value(userKey{}).(string))
//		return nil
//	}))
//	…
//	cometchat.WithPoolTokenProvider(func(ctx context.Context, uid string) (string, error) {
//		return ask(context.WithValue(ctx, userKey{}, uid))
//	})
//
// TokenProviderFromURL makes no request. It fails with ErrMissingParameters without a URL, and with ErrBadRequest for a URL or an
// option that cannot be used.
//
// An error of the provider is an [Error]. When the server has answered in the form of TokenHandler, it has the Code of the answer
// ("UNAUTHORIZED", for example), and always the StatusCode, and RetryAfter when the server asks to wait.
// Otherwise the Code is "FAILED_TO_FETCH", or empty when the context has ended. The error names the host and the path of the URL,
// not its query.
func TokenProviderFromURL(endpoint string, hc *http.Client, opts ...TokenURLOption) (TokenProvider, error) {
	t := &tokenEndpoint{}
	if strings.TrimSpace(endpoint) == "" {
		return nil, newError(tokenURLOp, ErrMissingParameters, "the URL is missing")
	}
	for i, opt := range opts {
		err := fmt.Errorf("option %d is nil", i+1)
		if opt != nil {
			err = opt(t)
		}
		if err != nil {
			return nil, newError(tokenURLOp, ErrBadRequest, "%v", err)
		}
	}
	if flaw := t.setURL(strings.TrimSpace(endpoint)); flaw != "" {
		return nil, newError(tokenURLOp, ErrBadRequest, "the URL %s", flaw)
	}
	if hc == nil {
		hc = &http.Client{Transport: newTokenTransport()}
	}
	t.client = *hc
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return t.token, nil
}

// newTokenTransport returns the SDK's own transport, which waits for an answer as long as the provider's context: the server may
// have to wait for CometChat's rate limit.
func newTokenTransport() *http.Transport {
	transport, _ := rest.NewTransport(0)
	transport.ResponseHeaderTimeout = 0
	return transport
}

const (
	tokenURLOp = "TokenProviderFromURL"
	// maxTokenAnswer is the most that is read of an answer, in bytes.
	maxTokenAnswer = 64 << 10
)

// tokenEndpoint is the URL of a TokenHandler.
type tokenEndpoint struct {
	post     *http.Request // what each request is a copy of
	client   http.Client
	edits    []func(*http.Request) error
	insecure bool
}

// setURL makes the request for a URL. It returns what is wrong with the URL, in words that follow "the URL"; "" if nothing is.
func (t *tokenEndpoint) setURL(endpoint string) (flaw string) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		return "has to be a full one, as in https://example.com/chat/token"
	case u.User != nil || u.Fragment != "":
		return "has a user or a fragment: send credentials with WithTokenRequest"
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && !t.insecure:
		return "is plain http, which would send credentials in the clear: use https, or if nobody else can listen on the way, " +
			"allow it with WithInsecureTokenURL"
	}
	header := http.Header{"Accept": {"application/json"}, "User-Agent": {userAgent}}
	t.post = &http.Request{Method: http.MethodPost, URL: u, Host: u.Host, Header: header}
	return ""
}

// token is the TokenProvider.
func (t *tokenEndpoint) token(ctx context.Context) (string, error) {
	if ctx == nil {
		return "", newError(tokenURLOp, ErrMissingParameters, "the context is nil")
	}
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	r := t.post.Clone(ctx)
	for _, edit := range t.edits {
		if err := edit(r); err != nil {
			return "", &Error{Op: tokenURLOp, Message: "the function of WithTokenRequest failed", err: t.secrets(r).Cause(err)}
		}
	}
	secrets, began := t.secrets(r), time.Now()
	a := rest.Answer{Base: t.post.URL.Scheme + "://" + t.post.URL.Host, Attempts: 1}
	resp, err := t.client.Do(r)
	if err == nil {
		defer resp.Body.Close()
		a.Status, a.Header, a.RetryAfter = resp.StatusCode, resp.Header, waitAskedFor(resp.Header)
		a.Body, err = io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer+1))
	}
	a.Took, a.Err = time.Since(began), secrets.Cause(err)
	return t.read(ctx, &a, secrets)
}

// secrets returns the redactor of what the caller has put into a request, and of the jar's cookies.
func (t *tokenEndpoint) secrets(r *http.Request) redact.Redactor {
	var secrets []string
	for name, values := range r.Header {
		if name != "Accept" && name != "User-Agent" {
			secrets = append(secrets, values...)
		}
	}
	if _, credential, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok { // "Bearer" and a token, for example
		secrets = append(secrets, credential)
	}
	cookies := r.Cookies()
	if t.client.Jar != nil {
		cookies = append(cookies, t.client.Jar.Cookies(r.URL)...)
	}
	for _, cookie := range cookies {
		secrets = append(secrets, cookie.Value)
	}
	return redact.New(secrets...)
}

// read returns the token of an answer, or the Error.
func (t *tokenEndpoint) read(ctx context.Context, a *rest.Answer, secrets redact.Redactor) (string, error) {
	var answer struct {
		AuthToken string `json:"authToken"`
	}
	q := rest.Request{Op: tokenURLOp, Method: http.MethodPost, Route: t.post.URL.Path}
	e := failure(&q, a)
	said := readRefusal(a.Body)
	switch {
	case a.Err != nil:
		explainNoAnswer(ctx, &q, a, e)
		switch {
		case strings.HasPrefix(e.Message, "there is no host"):
			e.hint = "check the host in the URL, and the network"
		case strings.HasSuffix(e.Message, "is not trusted"):
			e.hint = "to trust it, name its file in SSL_CERT_FILE, add its authority to the system's, " +
				"or set it in the transport of the http.Client that TokenProviderFromURL gets"
		}
	case len(a.Body) > maxTokenAnswer:
		e.Message = "the answer of " + e.Host + " is too long"
	case said != nil && said.Code == "UNAUTHORIZED":
		e.Code, e.Message = said.Code, e.Host+" does not recognise the request"
		e.hint = "check what WithTokenRequest adds, or the cookies of the http.Client"
	case said != nil:
		e.Code, e.Message = secrets.Short(said.Code), e.Host+" refused to give a token: "+secrets.Short(said.Message)
		if a.Status >= 500 && a.RetryAfter == 0 {
			e.hint = "see the log of your server"
		}
	case a.Status >= 300 && a.Status < 400:
		e.Message = e.Host + " redirects, and credentials are not sent after it"
		e.hint = "check the URL"
	case !a.Success():
		e.Message = e.Host + " answered with an error, and not in the form of TokenHandler"
		e.hint = "check the URL"
	default:
		_, err := lenient.Unmarshal(a.Body, &answer)
		if err == nil && secretFlaw(answer.AuthToken, maxTokenLength) == "" && strings.TrimSpace(answer.AuthToken) != "" {
			return answer.AuthToken, nil
		}
		e.Message = "the answer of " + e.Host + " has no auth token that can be used"
		e.hint = "is a TokenHandler at this URL, or a login page or a proxy?"
	}
	return "", e
}

// waitAskedFor returns the wait that a Retry-After header asks for, in seconds or as a date; 0 when it asks for none.
func waitAskedFor(h http.Header) time.Duration {
	const longest = 24 * time.Hour
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 { // not a NaN
		return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second))
	}
	if until, err := http.ParseTime(value); err == nil {
		return min(max(0, time.Until(until)), longest)
	}
	return 0
}
