package rest

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/redact"
)

// The headers of the three kinds of credential.
const (
	apiKeyHeader    = "Apikey"
	authTokenHeader = "Authtoken"
	jwtHeader       = "Authorization"
)

// Credential is the one credential that a request carries. Its kind also decides the host: keys go to the admin API, tokens
// to the client API, and a JWT to the Base of the request.
type Credential struct{ header, value string }

// APIKey is the credential of the admin API: an auth key or a REST API key.
func APIKey(key string) Credential { return Credential{apiKeyHeader, key} }

// AuthToken is the credential of the client API.
func AuthToken(token string) Credential { return Credential{authTokenHeader, token} }

// JWT is the credential of the live connection's host.
func JWT(jwt string) Credential { return Credential{jwtHeader, jwt} }

// Request is one call of the REST API.
type Request struct {
	Base       string // the base URL of a request with a JWT
	Op         string // the method that the user called
	Method     string
	Route      string // the path with "{uid}" in it; error and log texts show this, not the path
	UID        string
	AuthToken  string            // in the path
	Vars       map[string]string // the values of the route's other names in braces
	Path       string            // the path to send, with its query; "": made of Route, UID, AuthToken, Vars and Query
	Query      url.Values
	Credential Credential
	OnBehalfOf string  // the uid that an admin acts as; "" is nobody
	Body       any     // sent as JSON, which a []byte is already; nil for none
	Stream     *Stream // sent in place of Body, unless it is nil
	Secret     string  // in the Body
	Once       bool    // must not take effect twice
	MaxBody    int     // the most that is read of the answer, in bytes; 0 is 4 MiB
}

// Name is what error and log texts show of a request.
func (q *Request) Name() string { return q.Method + " " + q.Route }

// Redactor knows the secrets that the request carries.
func (q *Request) Redactor() redact.Redactor {
	return redact.New(q.Credential.value, q.AuthToken, q.Secret)
}

// path fills in the route.
func (q *Request) path() string {
	if q.Path != "" {
		return q.Path
	}
	path := strings.Replace(q.Route, "{uid}", url.PathEscape(q.UID), 1)
	if q.AuthToken != "" {
		path = strings.Replace(path, "{authToken}", url.PathEscape(q.AuthToken), 1)
	}
	for name, value := range q.Vars {
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
	}
	if len(q.Query) > 0 {
		path += "?" + q.Query.Encode()
	}
	return path
}

// json returns the Body as JSON; nil if there is none.
func (q *Request) json() ([]byte, error) {
	switch body := q.Body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return body, nil
	default:
		raw, err := lenient.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
		return raw, nil
	}
}
