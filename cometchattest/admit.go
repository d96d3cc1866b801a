package cometchattest

import "net/http"

func (s *Server) checkApp(r *http.Request) *refusal {
	switch id := r.Header.Get("appid"); id {
	case s.AppID:
		return nil
	case "":
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_APPID", "The appId is missing in the headers.")
	default:
		return refuse(http.StatusUnauthorized, "AUTH_ERR_INVALID_APPID", "The app %s does not exist in this region.", id)
	}
}

// withKey lets in whoever has the auth key or the REST API key. Like the real server it looks at the key before the uid,
// and repeats it in its message.
func (s *Server) withKey(c *call) *refusal {
	c.key = c.r.Header.Get("apikey")
	switch c.key {
	case "":
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_APIKEY", "The apikey is missing in the headers.")
	case s.AuthKey, s.APIKey:
		return nil
	}
	return refuse(http.StatusUnauthorized, "AUTH_ERR_APIKEY_NOT_FOUND", "The API key %s does not exist.", c.key)
}

// withFullAccess lets in whoever has the REST API key.
func (s *Server) withFullAccess(c *call) *refusal {
	if no := s.withKey(c); no != nil {
		return no
	}
	if c.key != s.APIKey {
		return refuse(http.StatusForbidden, "AUTH_ERR_NO_ACCESS", "The API key %s does not have access to this API.", c.key)
	}
	return nil
}

// withToken lets in whoever has a valid auth token.
func (s *Server) withToken(c *call) *refusal {
	value := c.r.Header.Get("authtoken")
	if value == "" {
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_AUTH_TOKEN", "The auth token is missing in the headers.")
	}
	if t, ok := s.tokens.byValue[value]; ok {
		if _, ok := s.active(t.UID); ok {
			c.token = t
			return nil
		}
	}
	return refuse(http.StatusUnauthorized, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
		"The auth token %s does not exist. Please use a valid auth token.", value)
}

// withFullAccessOrToken is for what is on both API hosts, which are one address here.
func (s *Server) withFullAccessOrToken(c *call) *refusal {
	if c.r.Header.Get("apikey") != "" {
		return s.withFullAccess(c)
	}
	return s.withToken(c)
}
