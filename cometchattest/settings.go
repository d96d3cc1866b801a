package cometchattest

import (
	"net"
	"strconv"
)

// settings tells a client where to go: to wherever it has come from. The official JavaScript SDK, which makes its further
// calls to the hosts named here, needs every key but the analytics'.
func (s *Server) settings(c *call) (*envelope, *refusal) {
	host, portText, err := net.SplitHostPort(c.r.Host)
	if err != nil { // no port
		host, portText = c.r.Host, "443"
		if c.r.TLS == nil {
			portText = "80"
		}
	}
	port, _ := strconv.Atoi(portText)
	return data(map[string]any{
		"CHAT_HOST": host, "CHAT_HOST_APP_SPECIFIC": host, "CHAT_HOST_OVERRIDE": host,
		"CHAT_USE_SSL": c.r.TLS != nil, "CHAT_WS_PORT": port, "CHAT_WSS_PORT": port,
		"CHAT_API_VERSION": "v3.0", "WS_API_VERSION": "v3.0", "MODE": "DEFAULT", "POLLING_ENABLED": false,
		"CLIENT_API_HOST": c.r.Host, "ADMIN_API_HOST": c.r.Host, "REGION": s.Region,
		"ANALYTICS_PING_DISABLED": true, "ANALYTICS_HOST": host, "ANALYTICS_VERSION": "v1", "ANALYTICS_USE_SSL": true,
		"settingsHash": "emulator", "settingsHashReceivedAt": c.now.Unix(), "extensions": []string{},
	}), nil
}
