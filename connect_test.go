package cometchat_test

import (
	"context"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lifeState is a state that a connection can be in when something happens to it.
type lifeState string

const (
	unconnected    lifeState = "never connected"
	loading        lifeState = "settings are loading"
	dialing        lifeState = "the socket is opening"
	authenticating lifeState = "the auth answer is due"
	connected      lifeState = "connected"
	waiting        lifeState = "waiting to reconnect"
)

// enter brings a connection into a state. connecting is the result of the Connect that is under way; nil when there is none.
func (s lifeState) enter(t *testing.T, w *liveWorld) (connecting <-chan error, giveUp func()) {
	t.Helper()
	ctx, giveUp := context.WithCancel(t.Context())
	connect := func() error { return w.c.Connect(ctx) }
	want := cometchat.Connecting
	switch s {
	case unconnected:
		return nil, giveUp
	case loading:
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/settings", Times: 1, Delay: 5 * time.Second})
	case dialing:
		w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 1, Delay: 5 * time.Second})
	case authenticating:
		w.InjectLiveFault(cometchattest.LiveFault{Times: 1, Silent: true})
	case connected:
		require.NoError(t, connect())
		want = cometchat.Connected
	case waiting:
		require.NoError(t, connect())
		w.DropSockets()
		settle()
		want = cometchat.Disconnected
	}
	if want == cometchat.Connecting {
		connecting = started(connect)
	}
	w.events()
	require.Equal(t, want, w.c.ConnectionStatus())
	return connecting, giveUp
}

// What a connection tells when nothing more goes wrong, and when its attempt is lost.
const (
	broken  = "disconnected WS_CONNECTION_FAIL, retries"
	again   = "connecting; connected"
	mended  = broken + "; " + again
	refused = "disconnected WS_AUTH_FAIL"
	gone    = "disconnected AUTH_ERR_AUTH_TOKEN_NOT_FOUND"
)

// undisturbed is what each state leads to when nothing happens. The silent server costs an attempt.
var undisturbed = lifeOutcomes{loading: "connected", dialing: "connected", authenticating: mended, connected: "", waiting: again}

// lifeOutcomes is what a connection tells, by its state at the time of an event.
type lifeOutcomes map[lifeState]string

// lifeEvent is something that happens to a connection.
type lifeEvent struct {
	name     string
	do       func(t *testing.T, w *liveWorld)
	told     lifeOutcomes // a state that is missing is undisturbed
	ends     bool         // the connection is over, in each state but unconnected
	connect  error        // what the Connect that is under way fails with, if the connection is over
	requests int          // how many PUT /me the event leads to at most
}

func serverCloses(code int, reason, told string) lifeEvent {
	return lifeEvent{
		name: "the server closes " + told,
		do:   func(_ *testing.T, w *liveWorld) { w.CloseSockets("", code, reason) },
		told: lifeOutcomes{connected: told + "; " + again, authenticating: told + "; " + again},
	}
}

var lifeEvents = []lifeEvent{
	{name: "nothing", do: func(*testing.T, *liveWorld) {}},
	serverCloses(1000, "bye", `disconnected 1000 "bye" WS_CONNECTION_FAIL, retries`),
	serverCloses(1001, "going away", `disconnected 1001 "going away" WS_CONNECTION_FAIL, retries`),
	serverCloses(1008, "", `disconnected 1008 "" WS_CONNECTION_FAIL, retries`),
	serverCloses(1011, "oh", `disconnected 1011 "oh" WS_CONNECTION_FAIL, retries`),
	serverCloses(4001, "x", `disconnected 4001 "x" WS_CONNECTION_FAIL, retries`),
	serverCloses(4401, "who", `disconnected 4401 "who" WS_CONNECTION_FAIL, retries`),
	serverCloses(1006, "", broken),
	{
		name: "the server does not answer pings",
		do:   func(_ *testing.T, w *liveWorld) { w.FreezeSockets("") },
		told: lifeOutcomes{connected: mended},
	},
	{
		name: "the server lets in and closes at once",
		do: func(_ *testing.T, w *liveWorld) {
			w.InjectLiveFault(cometchattest.LiveFault{Times: 1, CloseCode: 1011, CloseReason: "full"})
			w.DropSockets()
		},
		told: lifeOutcomes{
			loading: "connected; " + closedFull, dialing: "connected; " + closedFull, waiting: "connecting; connected; " + closedFull,
			connected:      broken + "; connecting; connected; " + closedFull,
			authenticating: broken + "; connecting; connected; " + closedFull,
		},
	},
	{
		name: "the jwt is refused", ends: true, connect: cometchat.ErrJWTRefused, requests: 1,
		do: func(_ *testing.T, w *liveWorld) {
			w.InjectLiveFault(cometchattest.LiveFault{Times: 2, Refuse: true})
			w.DropSockets()
		},
		told: lifeOutcomes{
			loading: refused, dialing: refused, waiting: "connecting; " + refused,
			connected: broken + "; connecting; " + refused, authenticating: broken + "; connecting; " + refused,
		},
	},
	{
		name: "the auth answer is odd", ends: true, connect: cometchat.ErrJWTRefused, requests: 1,
		do: func(_ *testing.T, w *liveWorld) {
			w.InjectLiveFault(cometchattest.LiveFault{Times: 2, Answer: `{"type":"auth","body":{"code":[200],"status":"MAYBE"}}`})
			w.DropSockets()
		},
		told: lifeOutcomes{
			loading: refused, dialing: refused, waiting: "connecting; " + refused,
			connected: broken + "; connecting; " + refused, authenticating: broken + "; connecting; " + refused,
		},
	},
	{
		name: "the jwt has expired at the server", requests: 1,
		do: func(_ *testing.T, w *liveWorld) {
			w.Advance(25 * time.Hour)
			w.DropSockets()
		},
		told: lifeOutcomes{connected: mended},
	},
	{
		name: "the auth answer does not come",
		do: func(_ *testing.T, w *liveWorld) {
			w.InjectLiveFault(cometchattest.LiveFault{Times: 1, Silent: true})
			w.DropSockets()
		},
		told: lifeOutcomes{
			loading: mended, dialing: mended, waiting: "connecting; " + mended,
			connected: broken + "; connecting; " + mended, authenticating: broken + "; connecting; " + mended,
		},
	},
	{
		name: "the server cannot be reached for a while",
		do: func(_ *testing.T, w *liveWorld) {
			w.InjectFault(cometchattest.Fault{Method: "GET", Path: "/", Times: 2, Status: 503})
			w.DropSockets()
		},
		told: lifeOutcomes{
			loading: broken + "; connecting; " + mended, waiting: "connecting; " + broken + "; connecting; " + mended,
			connected:      broken + "; connecting; " + broken + "; connecting; " + mended,
			authenticating: broken + "; connecting; " + broken + "; connecting; " + mended,
		},
	},
	{
		name: "Logout", ends: true, connect: cometchat.ErrNotConnected,
		do:   func(t *testing.T, w *liveWorld) { t.Helper(); require.NoError(t, w.c.Logout(t.Context())) },
		told: justDisconnected,
	},
	{
		name: "Disconnect", ends: true, connect: cometchat.ErrNotConnected,
		do:   func(t *testing.T, w *liveWorld) { t.Helper(); require.NoError(t, w.c.Disconnect()) },
		told: justDisconnected,
	},
	{
		name: "Close", ends: true, connect: cometchat.ErrClosed,
		do: func(t *testing.T, w *liveWorld) { t.Helper(); require.NoError(t, w.c.Close()) },
		told: lifeOutcomes{
			loading: "disconnected CLIENT_CLOSED", dialing: "disconnected CLIENT_CLOSED", authenticating: "disconnected CLIENT_CLOSED",
			connected: "disconnected CLIENT_CLOSED", waiting: "disconnected CLIENT_CLOSED",
		},
	},
	{
		name: "a login of another user", ends: true, connect: cometchat.ErrNotConnected, requests: 1,
		do: func(t *testing.T, w *liveWorld) {
			t.Helper()
			_, err := w.c.Login(t.Context(), uid2, w.AuthKey)
			require.NoError(t, err)
		},
		told: justDisconnected,
	},
	{
		name: "the auth token is revoked", ends: true, connect: cometchat.ErrAuthTokenNotFound, requests: 1,
		do: func(_ *testing.T, w *liveWorld) { w.RevokeTokens(uid1) },
		told: lifeOutcomes{
			loading: gone, dialing: gone, waiting: "connecting; " + gone, authenticating: broken + "; connecting; " + gone,
			connected: `disconnected 1008 "the auth token has been revoked" WS_CONNECTION_FAIL, retries; connecting; ` + gone,
		},
	},
}

const closedFull = `disconnected 1011 "full" WS_CONNECTION_FAIL, retries; ` + again

var justDisconnected = lifeOutcomes{
	loading: "disconnected", dialing: "disconnected", authenticating: "disconnected", connected: "disconnected", waiting: "disconnected",
}

// TestLifeOfAConnection has each event happen in each state.
func TestLifeOfAConnection(t *testing.T) {
	t.Parallel()
	for _, event := range lifeEvents {
		for _, state := range []lifeState{unconnected, loading, dialing, authenticating, connected, waiting} {
			live(t, event.name+": "+string(state), func(t *testing.T, w *liveWorld) {
				connecting, giveUp := state.enter(t, w)
				defer giveUp()
				logins := w.count("PUT", "/me")
				event.do(t, w)
				elapse(time.Minute)
				want, told := event.told[state]
				if !told {
					want = undisturbed[state]
				}
				assert.Equal(t, want, w.changes())
				over := state == unconnected || event.ends
				assert.Equal(t, over, w.c.ConnectionStatus() == cometchat.Disconnected)
				assert.Equal(t, !over, w.c.ConnectionStatus() == cometchat.Connected)
				if connecting != nil {
					err := <-connecting
					require.Equal(t, over, err != nil, "%v", err)
					require.ErrorIs(t, err, event.connect)
				}
				assert.LessOrEqual(t, w.count("PUT", "/me")-logins, event.requests)
				elapse(2 * time.Minute)
				assert.Empty(t, w.changes(), "the connection stays as it is")
			})
		}
	}
}
