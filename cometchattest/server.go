// Package cometchattest is an emulator of CometChat, for tests and demonstrations without an account or a network: like
// [net/http/httptest], it serves on the loopback interface, and a test needs one line to have it. The program
// cometchat-emulator is the same for everything that is not a Go test.
//
// It keeps users, their auth tokens, who is whose friend and who has blocked whom, answers with the documented answers, and
// says no with the documented codes: for an unknown user, key, token, role or app, for a key that may not do what is asked,
// for missing and malformed fields, for a token that has been revoked, for too many requests.
//
// It knows these calls, on one address for both API hosts, under /v3.0 and /v3:
//
//   - with the REST API key: /users (GET, POST, PUT, DELETE), /users/{uid} (GET, PUT, DELETE),
//     /users/{uid}/auth_tokens (GET, POST, DELETE), /users/{uid}/auth_tokens/{authToken} (GET, PUT, DELETE),
//     /users/{uid}/blockedusers and /users/{uid}/friends (GET, POST, DELETE), and POST /messages on behalf of a user;
//   - with the auth key, what the client SDKs do with it: POST /users, PUT /users/{uid}, POST /users/{uid}/auth_tokens;
//   - with an auth token: /me (GET, PUT, DELETE), GET /settings, GET /users, GET /users/{uid},
//     /blockedusers (GET, POST, DELETE), POST /messages, POST /user_sessions.
//
// Everything else answers ERR_API_NOT_FOUND: there are no groups, and no message is kept.
//
// A WebSocket, at any path, is the live connection: it takes the jwt of PUT /me, answers pings, tells of presence, and
// delivers messages, receipts and typing indicators to their receiver.
//
// # Where the documentation is silent or contradicts itself
//
// The documentation gives no HTTP status but 429; the others are the customary ones. Beyond that the emulator has chosen:
//
//   - The auth key may create users, which some of CometChat's pages deny.
//   - A role that does not exist is ERR_ROLE_NOT_FOUND, the error guide's code, though ERR_BAD_REQUEST has been seen for it.
//     Every well-formed role exists unless [WithRoles] says which do. Roles are lower-cased as uids are.
//   - A uid in a body that cannot be one is ERR_BAD_REQUEST; ERR_INVALID_UID is on an old page only.
//   - Lists are in the order of creation, also within one second. A page past the end is empty. A list of users ends with
//     the newest change on its page as the cursor, which may be asked with: affix and updatedAt are taken as they are for
//     groups. perPage is at most 1000 for every list, and count is ignored.
//   - searchKey disregards case. Of several tags a user needs one; of several roles as well. Different filters all have to
//     hold, and onlyDeactivated wins over withDeactivated. Lists of values may be repeated keys or comma-separated.
//   - metadata and tags are replaced, not merged. A field that is null has not been sent. unset wins over a value.
//   - (De)activating users in bulk answers, of the uids asked for, those that exist, each once, whether they changed or not.
//   - The auth token of a deactivated user is AUTH_ERR_AUTH_TOKEN_NOT_FOUND, and works again once the user is active. A
//     deactivated user can be deleted permanently but not once more deactivated by DELETE /users/{uid}.
//   - A new auth token is made whether or not force is asked for. The token that a logout is made with is revoked. A token
//     of another user is ERR_AUTHTOKEN_NOT_ACCESSIBLE. Only lists show a token's platform, userAgent and appInfo.
//   - A client's list of users leaves the caller out. Blocking oneself, or nobody, is an error in the answer of that uid.
//   - A login makes a user available, and so does a live connection; the end of the last one, and a logout, make the user
//     offline, as does the end of all auth tokens. Presence events are of live connections alone, and not between users of
//     whom one has blocked the other.
//   - A message goes to every live connection of the receiver, and to those of the sender's other devices, told apart by the
//     resource header and the deviceId of the connection.
//   - The server ends a live connection with the code 1008 when its auth token is revoked, when its user is gone, and after an
//     answer 401 to a jwt that is not valid or to a second auth frame; with 1000 at a logout; with 1001 when it closes. It
//     breaks that of a client that does not read for a second.
//   - The appid header is required, as the official SDKs send it; the real service knows the app by the host's name.
//   - A text has up to 65,536 characters, though a page says 10 KB for the data of a message. Any other body has up to 10 KB.
//   - A jwt is valid for 24 hours.
package cometchattest

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/cometchat-go/cometchat"
)

// Server is a running emulator. Its methods are safe for concurrent use.
type Server struct {
	// AppID, Region, AuthKey (what a client logs in with during development) and APIKey (what a server uses) are what
	// the server accepts; URL is where it listens. They are not to be changed.
	AppID, Region, AuthKey, APIKey, URL string

	http    *httptest.Server // nil for a server that New made
	routes  []route
	observe func(Event) // nil: nobody does
	serving sync.WaitGroup
	closing chan struct{} // closed with closed

	mu        sync.Mutex // guards what follows
	now       func() time.Time
	ahead     time.Duration   // of now
	roles     map[string]bool // those that exist; nil: every role does
	jwtKey    []byte
	users     map[string]*user
	created   int // how many users there have ever been
	tokens    *tokens
	relations relations
	sockets   map[*socket]bool
	live      map[string]int // how many of them a user has
	closed    bool
	messages  int // how many have ever been sent
	limit     *limiter
	faults    []*fault
	requests  []Request
}

// Option configures a [Server].
type Option func(*Server)

// WithAppID gives the emulated app another id than "emulator-app".
func WithAppID(appID string) Option { return func(s *Server) { s.AppID = appID } }

// WithRegion gives the emulated app another region than "us".
func WithRegion(region string) Option { return func(s *Server) { s.Region = region } }

// WithKeys sets the auth key and the REST API key, which otherwise are random; an empty one stays random.
func WithKeys(authKey, apiKey string) Option {
	return func(s *Server) {
		s.AuthKey, s.APIKey = cmp.Or(authKey, s.AuthKey), cmp.Or(apiKey, s.APIKey)
	}
}

// WithClock replaces the clock, which is [time.Now]. [Server.Advance] moves either.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithObserver calls observe with every request, once it is answered, and with all that happens on live connections. It
// is called by several goroutines at once and must not call the server.
func WithObserver(observe func(Event)) Option { return func(s *Server) { s.observe = observe } }

// WithRoles says which roles exist beside "default": giving a user any other through the API is refused with
// ERR_ROLE_NOT_FOUND. Without it every role exists.
func WithRoles(roles ...string) Option {
	return func(s *Server) {
		s.roles = map[string]bool{defaultRole: true}
		for _, role := range roles {
			s.roles[strings.ToLower(role)] = true
		}
	}
}

// WithRateLimit allows so many requests in each period and refuses the rest with ERR_TOO_MANY_REQUESTS; every answer then
// has the rate-limit headers, in both of the spellings that are documented. A period begins with the first request after
// the last one. Without it nothing is limited. Both have to be positive: it panics otherwise.
func WithRateLimit(requests int, per time.Duration) Option {
	if requests <= 0 || per <= 0 {
		panic("cometchattest: WithRateLimit needs a positive number of requests and a positive period")
	}
	return func(s *Server) { s.limit = &limiter{requests: requests, per: per} }
}

// NewServer starts an emulator with the five users that every new CometChat app has, cometchat-uid-1 to
// cometchat-uid-5, and keys of its own. The caller has to Close it. It panics when it cannot listen on the loopback
// interface, as [httptest.NewServer] does.
func NewServer(opts ...Option) *Server {
	s := New(opts...)
	s.http = httptest.NewServer(s)
	s.URL = s.http.URL
	return s
}

// New returns what [NewServer] starts, without listening anywhere: it is a handler for a server of the caller's, who sets
// URL if Options are wanted, and has to Close it when that has ended.
func New(opts ...Option) *Server {
	s := &Server{
		AppID: "emulator-app", Region: "us", AuthKey: randomHex(40), APIKey: randomHex(40),
		jwtKey: []byte(rand.Text()), now: time.Now, users: map[string]*user{}, relations: newRelations(),
		sockets: map[*socket]bool{}, live: map[string]int{}, closing: make(chan struct{}),
	}
	s.tokens = newTokens(s.tokenEnded)
	for _, opt := range opts {
		opt(s)
	}
	for i, name := range []string{"Andrew Joseph", "George Alan", "Nancy Grace", "Susan Marie", "John Paul"} {
		uid := "cometchat-uid-" + string(rune('1'+i))
		s.AddUser(&cometchat.User{
			UID: uid, Name: name, Role: defaultRole,
			Avatar: "https://assets.cometchat.io/sampleapp/v2/users/" + uid + ".webp",
		})
	}
	s.routes = s.api()
	return s
}

// Close ends the live connections, stops the server, and waits for the requests that are being answered.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	for k := range s.sockets {
		k.end(goingAway)
	}
	s.mu.Unlock()
	if s.http != nil {
		late := time.AfterFunc(patience, s.http.CloseClientConnections) // of clients that do not send what they have begun
		s.http.Close()
		late.Stop()
	}
	s.serving.Wait()
}

// Options returns what makes a [cometchat.Client] for s.AppID talk to s.
func (s *Server) Options() []cometchat.Option {
	base := s.URL + "/v3.0"
	return []cometchat.Option{
		cometchat.WithRegion(s.Region), cometchat.WithAdminHost(base), cometchat.WithClientHost(base),
	}
}

// AdminOptions returns what makes a [cometchat.Admin] for s.AppID and s.APIKey talk to s.
func (s *Server) AdminOptions() []cometchat.Option { return s.Options() }

// AddUser adds a user, or replaces the one with this uid, whose auth tokens stay valid. The user is active and may have
// any role.
func (s *Server) AddUser(u *cometchat.User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(newUser(u, s.time()))
}

// DeleteUser removes a user, revokes the user's auth tokens and ends the user's live connections; an unknown uid is fine.
func (s *Server) DeleteUser(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(strings.ToLower(uid))
}

// CreateAuthToken makes an auth token for a user as an app's server would with the REST API key, and returns "" for an
// unknown or deactivated uid.
func (s *Server) CreateAuthToken(uid string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.active(uid)
	if !ok {
		return ""
	}
	return s.tokens.mint(u.UID, s.time()).AuthToken
}

// RevokeTokens makes every auth token of a user invalid and ends the user's live connections, as a flush through the REST
// API does.
func (s *Server) RevokeTokens(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flush(strings.ToLower(uid))
}

// Users returns what the server knows of its users, in the order of their creation; the deactivated ones too.
func (s *Server) Users() []*cometchat.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var users []*cometchat.User
	for _, u := range s.usersWhere(func(*user) bool { return true }) {
		raw, err := json.Marshal(u)
		known := &cometchat.User{UID: u.UID, Name: u.Name}
		if err == nil { // a test may have given the user metadata that is no JSON
			_ = json.Unmarshal(raw, known) // it is as the API answers it
		}
		users = append(users, known)
	}
	return users
}

// MakeFriends makes two users friends of each other, as the REST API does. Unknown uids are no error: nothing happens.
func (s *Server) MakeFriends(uid, other string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, other = strings.ToLower(uid), strings.ToLower(other)
	if s.users[uid] != nil && s.users[other] != nil && uid != other {
		s.relations.befriend(uid, other)
	}
}

// Advance moves the server's clock forward by d, as if so much time had passed: a rate limit's period or a jwt may end.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

// time is the server's. It needs the lock held, as the next ones do.
func (s *Server) time() time.Time { return s.now().Add(s.ahead) }

// flush revokes every auth token of a lower-case uid, and the user is offline then.
func (s *Server) flush(uid string) {
	s.tokens.flush(uid)
	if u := s.users[uid]; u != nil {
		u.Status = offline
	}
}

// put adds a user, or replaces the one with this uid in its place in lists.
func (s *Server) put(u *user) {
	if old, ok := s.users[u.UID]; ok {
		u.number, u.Status = old.number, old.Status
		for k := range s.sockets {
			if k.user == old {
				k.user = u
			}
		}
	} else {
		s.created++
		u.number = s.created
	}
	s.users[u.UID] = u
}

// remove takes a lower-case uid.
func (s *Server) remove(uid string) {
	s.flush(uid)
	s.relations.forget(uid)
	delete(s.users, uid)
}

// active finds a user who is not deactivated: to the API the others do not exist.
func (s *Server) active(uid string) (*user, bool) {
	u, ok := s.users[strings.ToLower(uid)]
	return u, ok && u.DeactivatedAt == 0
}
