package cometchattest

import (
	"cmp"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// analyticsVersion is the version in the path of the analytics.
const analyticsVersion = "v1"

// parameters are the features of the app, and which messages are the last of a conversation. The UI Kits show only the features that are
// enabled here.
var parameters = map[string]any{
	"features.ux.messages.pinned.enabled": true, "features.ux.messages.pinned.limit": store.MaxPins,
	"features.ux.messages.saved.enabled": true, "features.ux.messages.saved.limit": store.MaxSaves,
	"features.ux.conversations.pinned.enabled": true, "features.ux.conversations.pinned.limit": maxPinnedConversations,
	"core.conversations.updateOnReplies": true, "core.conversations.updateOnCustomMessage": true,
	"core.conversations.updateOnGroupActions": false, "core.conversations.updateOnCallActivity": false,
}

// settings names the host that the client has called as the host of everything, except for what SetSocketHost changes. The
// official JavaScript SDK makes its further calls to these hosts and needs every key, except those of the analytics. Without
// APP_VERSION it renews each session that it finds in its store, which breaks the live connection. It pings ANALYTICS_HOST
// before it reads that it should not.
func (s *Server) settings(c *call) map[string]any {
	address := cmp.Or(s.socketHost, c.r.Host)
	host, portText, err := net.SplitHostPort(address)
	if err != nil { // no port
		host, portText = address, "443"
		if c.r.TLS == nil {
			portText = "80"
		}
	}
	if err == nil && strings.Contains(host, ":") {
		host = "[" + host + "]" // an IPv6 address in a URL
	}
	port, _ := strconv.Atoi(portText)
	hash := "emulator"
	if s.socketHost != "" {
		hash += "-" + s.socketHost
	}
	return map[string]any{
		"CHAT_HOST": host, "CHAT_HOST_APP_SPECIFIC": host, "CHAT_HOST_OVERRIDE": host,
		"CHAT_USE_SSL": c.r.TLS != nil, "CHAT_WS_PORT": port, "CHAT_WSS_PORT": port,
		"CHAT_API_VERSION": "v3.0", "WS_API_VERSION": "v3.0", "MODE": "DEFAULT", "POLLING_ENABLED": false,
		"CLIENT_API_HOST": c.r.Host, "ADMIN_API_HOST": c.r.Host, "REGION": s.Region, "APP_VERSION": 4,
		"ANALYTICS_PING_DISABLED": true, "ANALYTICS_HOST": c.r.Host, "ANALYTICS_VERSION": analyticsVersion, "ANALYTICS_USE_SSL": true,
		"settingsHash": hash, "settingsHashReceivedAt": c.now.Unix(), "extensions": []string{},
		"file.count.max": maxFileCount, "file.size.max": maxFileSize, "flagReasons": flagReasons, "parameters": parameters,
	}
}

func (s *Server) getSettings(c *call) (*envelope, error) { return data(s.settings(c)), nil }

// SetSocketHost makes the settings name another host and port for live connections, such as "localhost:9999", and have another
// settingsHash. "" is the host that the client has called, as at the beginning. The server does not listen there. SetSocketHost
// panics if hostport is not a host and a port.
func (s *Server) SetSocketHost(hostport string) {
	if hostport != "" {
		host, port, err := net.SplitHostPort(hostport)
		if number, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || host == "" || number == 0 {
			panic(fmt.Sprintf("cometchattest: SetSocketHost: %q is not a host and a port", hostport))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socketHost = hostport
}

// createUserSession accepts the official JavaScript SDK's report about its browser, and does nothing with it.
func (s *Server) createUserSession(c *call) (*envelope, error) {
	var f struct {
		SessionID string `json:"sessionId"`
	}
	if err := c.decode(&f); err != nil {
		return nil, err
	}
	return data(f), nil
}

// ping accepts what the official JavaScript SDK tells the analytics once a minute, and does nothing with it. The SDK asks for a new
// jwt when its own is refused here.
func (s *Server) ping(*call) (*envelope, error) { return success("The ping has been received."), nil }
