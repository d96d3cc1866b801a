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

// WithResume has a program go on, after a restart, with the messages that it has not been told of yet. The client then keeps in its
// session store, which has to be a [PositionStore] too, how far its subscribers have been told: at most once a second, by the slowest
// of them, and in Disconnect and Close. Without this option, a new process begins with the messages that come after its first Connect;
// so does one that finds no position of the logged-in user.
//
// A process that was killed has not saved what it was told last: these messages are told again. Every message of the first catch-up
// therefore has [Message.MayRepeat] set. A message counts as told when its listener has returned, or its loop asks for the next event
// or ends by break or return. A listener, or a loop over [Client.Events], that begins when there is no other goes on where the last one
// has ended; any other begins with the next message. If the store's position cannot be read, a [Gap] says so.
//
// One client at a time may use a position: two processes with the same store, app and user take each other's messages for told.
func WithResume() Option {
	return func(c *config) error {
		c.resume = true
		return nil
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
