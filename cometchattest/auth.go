package cometchattest

import (
	"net/http"
	"strings"
)

// checkApp refuses another app's id. A request without an id belongs to the one app of the server.
func (s *Server) checkApp(r *http.Request) error {
	if id := r.Header.Get("appid"); id != "" && id != s.AppID {
		return refuse(http.StatusUnauthorized, "AUTH_ERR_INVALID_APPID", "The app %s does not exist in this region.", id)
	}
	return nil
}

// withKey accepts the auth key and the REST API key. Like the real server, it checks the key before the uid, and repeats
// the key in its message.
func withKey(s *Server, c *call) error {
	switch key := c.r.Header.Get("apikey"); key {
	case "":
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_APIKEY", "The apikey is missing in the headers.")
	case s.AuthKey, s.APIKey:
		return nil
	default:
		return refuse(http.StatusUnauthorized, "AUTH_ERR_APIKEY_NOT_FOUND", "The API key %s does not exist.", key)
	}
}

// withAPIKey accepts the REST API key.
func withAPIKey(s *Server, c *call) error {
	if err := withKey(s, c); err != nil {
		return err
	}
	if key := c.r.Header.Get("apikey"); key != s.APIKey {
		return refuse(http.StatusForbidden, "AUTH_ERR_NO_ACCESS", "The API key %s does not have access to this API.", key)
	}
	return nil
}

// withToken accepts a valid auth token.
func withToken(s *Server, c *call) error {
	value := c.r.Header.Get("authtoken")
	if value == "" {
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_AUTH_TOKEN", "The auth token is missing in the headers.")
	}
	if t := s.store.Token(value); t != nil && s.store.ActiveUser(t.UID) != nil {
		c.token = t
		return nil
	}
	return refuse(http.StatusUnauthorized, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
		"The auth token %s does not exist. Please use a valid auth token.", value)
}

// withAPIKeyOrToken is for calls that both API hosts have, as the two hosts are one address here.
func withAPIKeyOrToken(s *Server, c *call) error {
	if c.r.Header.Get("apikey") != "" {
		return withAPIKey(s, c)
	}
	return withToken(s, c)
}

// withJWT accepts the jwt of a login, without "Bearer", as the calls of the socket's host take it.
func withJWT(s *Server, c *call) error {
	return s.checkJWT(c, c.r.Header.Get("Authorization"), `without "Bearer"`)
}

// withBearerJWT accepts the jwt of a login after "Bearer", as the host of the analytics takes it.
func withBearerJWT(s *Server, c *call) error {
	jwt, _ := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	return s.checkJWT(c, jwt, `after "Bearer"`)
}

func (s *Server) checkJWT(c *call, jwt, form string) error {
	if jwt == "" {
		return refuse(http.StatusUnauthorized, "ERR_NO_AUTH", "The jwt is missing in the authorization header.")
	}
	if c.token = s.tokenOfJWT(jwt, c.now); c.token == nil {
		return refuse(http.StatusUnauthorized, "ERR_NO_AUTH",
			"The jwt in the authorization header is not valid. It has to be that of a login, %s.", form)
	}
	return nil
}
