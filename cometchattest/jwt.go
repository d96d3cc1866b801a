package cometchattest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// jwtLifetime is how long a jwt is valid. The official JavaScript SDK opens each live connection of a page with the jwt of
// its login, so that it has to last for as long as somebody works on the page.
const jwtLifetime = 24 * time.Hour

// claims are what a jwt says.
type claims struct {
	Issuer  string `json:"iss"` // the app
	UID     string `json:"uid"`
	Session string `json:"sid"` // of the auth token it was given out for
	Expires int64  `json:"exp"`
}

var jwtHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))

// session names a token without giving it away.
func (t *token) session() string {
	sum := sha256.Sum256([]byte(t.AuthToken))
	return hex.EncodeToString(sum[:8])
}

// jwt makes the credential of the live connection, signed with HMAC-SHA-256.
func (s *Server) jwt(t *token, now time.Time) string {
	raw, _ := json.Marshal(claims{s.AppID, t.UID, t.session(), now.Add(jwtLifetime).Unix()}) // texts always marshal
	signed := jwtHeader + "." + base64.RawURLEncoding.EncodeToString(raw)
	return signed + "." + base64.RawURLEncoding.EncodeToString(s.signature(signed))
}

func (s *Server) signature(signed string) []byte {
	mac := hmac.New(sha256.New, s.jwtKey)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// tokenOfJWT finds the auth token that a jwt was given out for. It is nil for one that is forged, has expired, or whose
// token or user is gone.
func (s *Server) tokenOfJWT(jwt string, now time.Time) *token {
	dot := strings.LastIndexByte(jwt, '.')
	if dot < 0 {
		return nil
	}
	signed := jwt[:dot]
	mac, err := base64.RawURLEncoding.DecodeString(jwt[dot+1:])
	if err != nil || !hmac.Equal(mac, s.signature(signed)) {
		return nil
	}
	// What we have signed is ours: it decodes.
	raw, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(signed, jwtHeader+"."))
	var c claims
	if json.Unmarshal(raw, &c) != nil || c.Issuer != s.AppID || c.Expires <= now.Unix() {
		return nil
	}
	if _, ok := s.active(c.UID); !ok {
		return nil
	}
	for _, t := range s.tokens.byUser[c.UID] {
		if t.session() == c.Session {
			return t
		}
	}
	return nil
}
