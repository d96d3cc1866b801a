package cometchat

import (
	"context"
	"math"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/cometchat-go/cometchat/internal/xsync"
)

// appSettings is what the SDK needs of the app's settings (GET /settings).
type appSettings struct {
	HostOverride string `json:"CHAT_HOST_OVERRIDE"`
	HostOfApp    string `json:"CHAT_HOST_APP_SPECIFIC"`
	Host         string `json:"CHAT_HOST"`
	Port         int    `json:"CHAT_WSS_PORT"`
	SocketAPI    string `json:"WS_API_VERSION"`
	MaxFiles     int    `json:"file.count.max"`

	FlagReasons []wireFlagReason `json:"flagReasons"`
}

// wireFlagReason is a reason as the app's settings have it.
type wireFlagReason struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Default     bool     `json:"default"`
	CreatedAt   unixTime `json:"createdAt"`
	UpdatedAt   unixTime `json:"updatedAt"`
}

// flaw says what a live connection lacks in the settings; "" if nothing.
func (s *appSettings) flaw() string {
	switch {
	case s.HostOverride == "" && s.HostOfApp == "" && s.Host == "":
		return "the app's settings name no host for the live connection"
	case s.Port <= 0 || s.Port > math.MaxUint16:
		return "the app's settings name no port for the live connection"
	}
	return ""
}

// apiVersion returns the version of the API that the host of the live connection has.
func (s *appSettings) apiVersion() string {
	if s.SocketAPI == "" {
		return apiVersion
	}
	return url.PathEscape(s.SocketAPI)
}

// settingsKeeper holds the app's settings, which the clients of a Pool share.
type settingsKeeper struct {
	turn    xsync.Turn
	current atomic.Pointer[appSettings]
}

func newSettingsKeeper() *settingsKeeper { return &settingsKeeper{turn: xsync.NewTurn()} }

// get returns the settings; fetch gets them the first time, and again when stale are the newest. Concurrent callers share it.
func (k *settingsKeeper) get(ctx context.Context, stale *appSettings, fetch func(context.Context) (*appSettings, error),
) (*appSettings, error) {
	if s := k.current.Load(); s != nil && s != stale {
		return s, nil
	}
	if err := k.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer k.turn.End()
	if s := k.current.Load(); s != nil && s != stale {
		return s, nil
	}
	s, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	k.current.Store(s)
	return s, nil
}

// put keeps settings that came with another answer.
func (k *settingsKeeper) put(s *appSettings) {
	if s != nil && s.flaw() == "" {
		k.current.Store(s)
	}
}

// maxFiles returns how many files a message may have. It makes no request: without settings that say it, the documented default holds.
func (k *settingsKeeper) maxFiles() int {
	if s := k.current.Load(); s != nil && s.MaxFiles > 0 {
		return s.MaxFiles
	}
	return defaultMaxFiles
}

// forget has the next call get settings that are not s.
func (k *settingsKeeper) forget(s *appSettings) { k.current.CompareAndSwap(s, nil) }

// cometChatDomain has all hosts of CometChat.
const cometChatDomain = ".cometchat.io"

// socketHosts says where the live connection may be.
type socketHosts struct {
	client *url.URL        // the base URL of the calls with an auth token
	given  string          // host, or host and port, of WithSocketHost; "": as the settings say
	own    bool            // the hosts of the API are the program's own, not CometChat's
	plain  map[string]bool // the hosts that plain http is allowed to
}

func newSocketHosts(cfg *config) socketHosts {
	client, _ := url.Parse(cfg.clientHost) // it has been checked
	return socketHosts{client: client, given: cfg.socketHost, own: !strings.HasSuffix(client.Hostname(), cometChatDomain), plain: cfg.insecure}
}

// base returns the URL of the socket's host, without a path. The settings cannot name a host that the jwt must not go to.
func (h *socketHosts) base(op string, s *appSettings) (*url.URL, error) {
	host, port := h.named(s)
	if h.given == "" && !h.accepts(host) {
		return nil, newError(op, ErrBadRequest, "the app's settings name a host for the live connection that is not CometChat's: "+
			"if it is yours, name it with WithSocketHost")
	}
	if port == "" {
		port = strconv.Itoa(s.Port)
	}
	u := &url.URL{Scheme: "wss", Host: net.JoinHostPort(strings.Trim(host, "[]"), port)}
	if h.client.Scheme == "http" && plainFlaw("", "http://"+u.Host, h.plain) == "" {
		u.Scheme = "ws"
	}
	return u, nil
}

// named returns the host, and the port if WithSocketHost has one.
func (h *socketHosts) named(s *appSettings) (host, port string) {
	if h.given == "" {
		for _, host = range []string{s.HostOverride, s.HostOfApp, s.Host} {
			if host != "" {
				break
			}
		}
		return strings.ToLower(host), ""
	}
	if host, port, err := net.SplitHostPort(h.given); err == nil {
		return host, port
	}
	return h.given, ""
}

// accepts reports whether the jwt may go to a host that the settings name.
func (h *socketHosts) accepts(host string) bool {
	return !h.own && hostNameForm.MatchString(host) && strings.HasSuffix(host, cometChatDomain) || strings.Trim(host, "[]") == strings.ToLower(h.client.Hostname())
}
