package cometchat

import (
	"errors"
	"net"
	"strconv"
	"strings"
)

// WithAutoConnect has the client open its live connection by itself: after a login, and when a call first reads a session from the
// store. It then tries for as long as there is a session; each failure is a [ConnectionChanged] and a record at warn level.
// After [Client.Disconnect] it stays disconnected until the next login or Connect. The default is to connect when the program calls
// [Client.Connect].
func WithAutoConnect() Option {
	return func(c *config) error {
		c.autoConnect = true
		return nil
	}
}

// WithPresence has the client hear of the presence of users while it is connected: see [PresenceChanged]. The default is nobody's
// presence. The subscription is sent when a connection begins.
func WithPresence(p Presence) Option {
	return func(c *config) error {
		c.presence = p
		return p.flaw()
	}
}

// WithSocketHost opens the live connection at another host than the one that the app's settings name: a host, or a host and a
// port, as in "chat.example.com:8443". Without a port, the port of the settings is used. The session's JWT goes to this host. It
// uses TLS unless the client host is plain http and the host is loopback or named by [WithInsecureHost].
//
// Without this option, the settings may only name a host under cometchat.io, or the client host if that is your own.
func WithSocketHost(host string) Option {
	return func(c *config) error {
		name, port, err := net.SplitHostPort(host)
		if err != nil {
			name, port = strings.Trim(host, "[]"), ""
		}
		n, portErr := strconv.ParseUint(port, 10, 16)
		if !hostNameForm.MatchString(name) && net.ParseIP(name) == nil || port != "" && (portErr != nil || n == 0) {
			return errors.New(`the socket's host is not a host, or a host and a port, as in "chat.example.com:8443"`)
		}
		c.socketHost = strings.ToLower(host)
		return nil
	}
}
