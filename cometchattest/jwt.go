package cometchattest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// jwtLifetime is how long a jwt is valid. The official JavaScript SDK opens every live connection of a page with the jwt of
// its login, so a jwt has to last as long as somebody works on the page.
const jwtLifetime = 24 * time.Hour

// claims are the content of a jwt.
type claims struct {
	Issuer  string `json:"iss"` // the app
	UID     string `json:"uid"`
	Session string `json:"sid"` // the sessionID of an auth token
	Expires int64  `json:"exp"`
}

var jwtHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))

// sessionID identifies an auth token without revealing it.
func sessionID(t *store.Token) string {
	sum := sha256.Sum256([]byte(t.AuthToken))
	return hex.EncodeToString(sum[:8])
}

// newJWT makes the credential with which the user of an auth token opens live connections, signed with HMAC-SHA-256.
func (s *Server) newJWT(t *store.Token, now time.Time) string {
	raw, _ := json.Marshal(claims{s.AppID, t.UID, sessionID(t), now.Add(jwtLifetime).Unix()}) // it always marshals
	signed := jwtHeader + "." + base64.RawURLEncoding.EncodeToString(raw)
	return signed + "." + base64.RawURLEncoding.EncodeToString(s.signature(signed))
}

func (s *Server) signature(signed string) []byte {
	mac := hmac.New(sha256.New, s.store.JWTKey)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// tokenOfJWT finds the auth token that a jwt was made for. It returns nil if the jwt is forged or has expired, or if the
// token or its user is gone.
func (s *Server) tokenOfJWT(jwt string, now time.Time) *store.Token {
	dot := strings.LastIndexByte(jwt, '.')
	if dot < 0 {
		return nil
	}
	signed := jwt[:dot]
	mac, err := base64.RawURLEncoding.DecodeString(jwt[dot+1:])
	if err != nil || !hmac.Equal(mac, s.signature(signed)) {
		return nil
	}
	// The signature is right, so newJWT has made it, and it decodes.
	raw, _ := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(signed, jwtHeader+"."))
	var c claims
	if json.Unmarshal(raw, &c) != nil || c.Issuer != s.AppID || c.Expires <= now.Unix() || s.store.ActiveUser(c.UID) == nil {
		return nil
	}
	for _, t := range s.store.Tokens(c.UID) {
		if sessionID(t) == c.Session {
			return t
		}
	}
	return nil
}
