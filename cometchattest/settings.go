package cometchattest

import (
	"net"
	"strconv"
	"strings"
)

// settings tells a client where to go: to wherever it has come from. The official JavaScript SDK, which makes its further
// calls to the hosts named here, needs every key but the analytics'. Without APP_VERSION it begins each session that it
// finds in its store anew, and in doing so loses the live connection. It pings the host of the analytics before it knows
// that it should not.
func (s *Server) settings(c *call) (*envelope, *refusal) {
	host, portText, err := net.SplitHostPort(c.r.Host)
	if err != nil { // no port
		host, portText = c.r.Host, "443"
		if c.r.TLS == nil {
			portText = "80"
		}
	}
	if err == nil && strings.Contains(host, ":") {
		host = "[" + host + "]" // of IPv6, as a URL needs it
	}
	port, _ := strconv.Atoi(portText)
	return data(map[string]any{
		"CHAT_HOST": host, "CHAT_HOST_APP_SPECIFIC": host, "CHAT_HOST_OVERRIDE": host,
		"CHAT_USE_SSL": c.r.TLS != nil, "CHAT_WS_PORT": port, "CHAT_WSS_PORT": port,
		"CHAT_API_VERSION": "v3.0", "WS_API_VERSION": "v3.0", "MODE": "DEFAULT", "POLLING_ENABLED": false,
		"CLIENT_API_HOST": c.r.Host, "ADMIN_API_HOST": c.r.Host, "REGION": s.Region, "APP_VERSION": 4,
		"ANALYTICS_PING_DISABLED": true, "ANALYTICS_HOST": c.r.Host, "ANALYTICS_VERSION": "v1", "ANALYTICS_USE_SSL": true,
		"settingsHash": "emulator", "settingsHashReceivedAt": c.now.Unix(), "extensions": []string{},
	}), nil
}

// noteSession takes what the official JavaScript SDK reports of the browser it runs in. Nothing comes of it.
func (s *Server) noteSession(c *call) (*envelope, *refusal) {
	var f struct {
		SessionID string `json:"sessionId"`
	}
	if no := c.decode(&f); no != nil {
		return nil, no
	}
	return data(f), nil
}
