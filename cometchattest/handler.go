package cometchattest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxBody is the documented limit of a POST body, in bytes.
const maxBody = 10 << 10

// refusal is an error answer.
type refusal struct {
	status  int
	code    string
	message string
	details any
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// call is a request that has been let in: by a key, or as the user whose token it has.
type call struct {
	r     *http.Request
	key   string
	token string
	uid   string // the user of the token
}

// answerer answers a call with what goes into "data". It is called with the server's lock held.
type answerer func(c *call) (data any, no *refusal)

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, version := range []string{"/v3.0", "/v3"} {
		route := func(pattern string, admit func(*call) *refusal, answer answerer) {
			method, path, _ := strings.Cut(pattern, " ")
			mux.HandleFunc(method+" "+version+path, func(w http.ResponseWriter, r *http.Request) {
				s.serve(w, &call{r: r}, admit, answer)
			})
		}
		route("POST /users", s.withKey, s.createUser)
		route("PUT /users/{uid}", s.withKey, s.updateUser)
		route("POST /users/{uid}/auth_tokens", s.withKey, s.createToken)
		route("GET /users/{uid}", s.withToken, s.getUser)
		route("PUT /me", s.withToken, s.putMe)
		route("DELETE /me", s.withToken, s.deleteMe)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		write(w, nil, refuse(http.StatusNotFound, "ERR_API_NOT_FOUND", "The API %s %s does not exist.", r.Method, r.URL.Path))
	})
	return mux
}

func (s *Server) serve(w http.ResponseWriter, c *call, admit func(*call) *refusal, answer answerer) {
	// The body is read before the lock is taken: a client may send it slowly.
	body, err := io.ReadAll(http.MaxBytesReader(w, c.r.Body, maxBody))
	if err != nil {
		write(w, nil, refuse(http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST", "The body is larger than 10 KB."))
		return
	}
	c.r.Body = io.NopCloser(strings.NewReader(string(body)))
	data, no := s.locked(c, admit, answer)
	write(w, data, no)
}

// locked answers with the lock held, and as bytes: what the answer is made of may change right after.
func (s *Server) locked(c *call, admit func(*call) *refusal, answer answerer) (json.RawMessage, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	no := s.checkApp(c.r)
	if no == nil {
		no = admit(c)
	}
	if no != nil {
		return nil, no
	}
	data, no := answer(c)
	if no != nil {
		return nil, no
	}
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "ERR_EXCEPTION", "The answer cannot be written: %v", err)
	}
	return raw, nil
}

// write sends an answer in one of the API's two forms.
func write(w http.ResponseWriter, data json.RawMessage, no *refusal) {
	var answer any = map[string]any{"data": data}
	status := http.StatusOK
	if no != nil {
		e := map[string]any{"code": no.code, "message": no.message, "devMessage": no.message, "source": "emulator"}
		if no.details != nil {
			e["details"] = no.details
		}
		answer, status = map[string]any{"error": e}, no.status
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the client may have gone
}

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

// withToken lets in whoever has a valid auth token.
func (s *Server) withToken(c *call) *refusal {
	c.token = c.r.Header.Get("authtoken")
	if c.token == "" {
		return refuse(http.StatusUnauthorized, "AUTH_ERR_EMPTY_AUTH_TOKEN", "The auth token is missing in the headers.")
	}
	var ok bool
	if c.uid, ok = s.tokens[c.token]; !ok {
		return refuse(http.StatusUnauthorized, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
			"The auth token %s does not exist. Please use a valid auth token.", c.token)
	}
	return nil
}

// fields reads the body as the fields of a user; an empty body has none.
func (c *call) fields(required bool) (*userFields, *refusal) {
	var f userFields
	if err := json.NewDecoder(c.r.Body).Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return nil, refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is not the JSON that this API takes.")
	}
	if flaws := f.flaws(required); flaws != nil {
		no := refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "Failed to validate the data sent with the request.")
		no.details = flaws
		return nil, no
	}
	return &f, nil
}

// inPath finds the user that the path names.
func (s *Server) inPath(c *call) (*user, *refusal) {
	uid := c.r.PathValue("uid")
	if u, ok := s.users[strings.ToLower(uid)]; ok {
		return u, nil
	}
	return nil, refuse(http.StatusNotFound, "ERR_UID_NOT_FOUND",
		"The UID %s does not exist, please make sure you have created a user with this UID.", uid)
}

func (s *Server) createUser(c *call) (any, *refusal) {
	f, no := c.fields(true)
	if no != nil {
		return nil, no
	}
	uid := strings.ToLower(*f.UID)
	if _, taken := s.users[uid]; taken {
		return nil, refuse(http.StatusBadRequest, "ERR_UID_ALREADY_EXISTS", "The UID %s already exists.", uid)
	}
	u := &user{UID: uid, Role: defaultRole, Status: "offline", CreatedAt: time.Now().Unix()}
	f.apply(u)
	u.UpdatedAt = 0 // absent until the first update
	s.users[uid] = u
	return u, nil
}

func (s *Server) updateUser(c *call) (any, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	f, no := c.fields(false)
	if no != nil {
		return nil, no
	}
	f.apply(u)
	return u, nil
}

func (s *Server) getUser(c *call) (any, *refusal) { return s.inPath(c) }

func (s *Server) createToken(c *call) (any, *refusal) {
	u, no := s.inPath(c)
	if no != nil {
		return nil, no
	}
	now := time.Now()
	return map[string]any{"uid": u.UID, "authToken": s.mint(u.UID, now), "createdAt": now.Unix()}, nil
}

// loggedInUser is the answer to PUT /me.
type loggedInUser struct {
	*user
	AuthToken string    `json:"authToken"`
	WSChannel wsChannel `json:"wsChannel"`
	JWT       string    `json:"jwt"`
	FAT       string    `json:"fat"`
}

type wsChannel struct {
	Identity string `json:"identity"`
	Secret   string `json:"secret"`
	Service  string `json:"service"`
}

// putMe is a login, or an update of the caller's own user, or both: the body tells by the fields that it has.
func (s *Server) putMe(c *call) (any, *refusal) {
	f, no := c.fields(false)
	if no != nil {
		return nil, no
	}
	u := s.users[c.uid]
	f.Role = nil // users do not change their own role
	f.apply(u)
	u.Status, u.LastActiveAt = available, time.Now().Unix()
	return loggedInUser{
		user: u, AuthToken: c.token, JWT: s.jwt(c.uid), FAT: randomHex(32),
		WSChannel: wsChannel{Identity: "[" + s.AppID + "]" + c.uid, Secret: randomHex(32), Service: s.AppID},
	}, nil
}

// deleteMe ends the session of one token, and with it the token. That the real server does so is an assumption: nothing
// documents it.
func (s *Server) deleteMe(c *call) (any, *refusal) {
	delete(s.tokens, c.token)
	s.users[c.uid].Status = "offline"
	return map[string]any{"success": true, "message": "User logged out successfully."}, nil
}

// jwt makes the credential of the live connection, signed with HMAC-SHA-256 and valid for an hour.
func (s *Server) jwt(uid string) string {
	part := func(v map[string]any) string {
		raw, _ := json.Marshal(v) // maps of texts and numbers always marshal
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(map[string]any{"alg": "HS256", "typ": "JWT"}) + "." +
		part(map[string]any{"iss": s.AppID, "uid": uid, "exp": time.Now().Add(time.Hour).Unix()})
	mac := hmac.New(sha256.New, s.jwtKey)
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func randomHex(digits int) string {
	b := make([]byte, digits/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
