package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// signing is a transport that adds a header to each request.
type signing struct{ next http.RoundTripper }

func (s signing) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // a transport must not change its argument
	r.Header.Set("X-Signature", "signed")
	return s.next.RoundTrip(r)
}

func ExampleWithTransport() {
	server := cometchattest.NewServer()
	defer server.Close()
	client, err := cometchat.New(server.AppID, append(server.Options(),
		cometchat.WithTransport(func(next http.RoundTripper) http.RoundTripper { return signing{next} }))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, err = client.Login(context.Background(), "cometchat-uid-1", server.AuthKey)
	fmt.Println(server.Requests()[0].Header.Get("X-Signature"), err)
	// Output: signed <nil>
}

// TestTransportIsWrapped checks that MaxConns limits the connections of the wrapped transport, and that Close closes the idle ones.
func TestTransportIsWrapped(t *testing.T) {
	t.Parallel()
	var open, most atomic.Int32
	allClosed := make(chan struct{}, 8)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		respondTo(w, 200, data(meAnswer(uid1)))
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			most.Store(max(most.Load(), open.Add(1)))
		case http.StateClosed:
			if open.Add(-1) == 0 {
				allClosed <- struct{}{}
			}
		default:
		}
	}
	s.Start()
	defer s.Close()
	var wrapped, passed atomic.Int32
	p, err := cometchat.NewPool(appID, cometchat.WithEmulator(s.URL), cometchat.WithMaxConns(2),
		cometchat.WithTransport(func(next http.RoundTripper) http.RoundTripper {
			wrapped.Add(1)
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				passed.Add(1)
				return next.RoundTrip(r)
			})
		}))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			_, err := p.Client(fmt.Sprint(i)).LoginWithToken(t.Context(), tokenOf(uid1))
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, wrapped.Load(), "the clients of a pool share one wrapper")
	assert.EqualValues(t, 32, passed.Load())
	assert.LessOrEqual(t, most.Load(), int32(2))
	assert.Positive(t, open.Load(), "idle connections stay open for the next request")
	require.NoError(t, p.Close())
	select {
	case <-allClosed:
	case <-time.After(10 * time.Second):
		t.Error("the idle connections are still open")
	}
}

func TestTransportsInOrder(t *testing.T) {
	t.Parallel()
	s := emulator(t)
	var passed []string
	named := func(name string) cometchat.Option {
		return cometchat.WithTransport(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				passed = append(passed, name)
				return next.RoundTrip(r)
			})
		})
	}
	a, err := cometchat.NewAdmin(s.AppID, s.APIKey, append(s.AdminOptions(), named("inner"), named("outer"))...)
	require.NoError(t, err)
	defer a.Close()
	_, err = a.GetUser(t.Context(), uid1)
	require.NoError(t, err)
	assert.Equal(t, []string{"outer", "inner"}, passed)
}

func TestTransportRefuses(t *testing.T) {
	t.Parallel()
	same := func(next http.RoundTripper) http.RoundTripper { return next }
	none := func(http.RoundTripper) http.RoundTripper { return nil }
	us := cometchat.WithRegion("us")
	for says, opts := range map[string][]cometchat.Option{
		"the function of WithTransport is nil":           {us, cometchat.WithTransport(nil)},
		"the function of WithTransport has returned nil": {us, cometchat.WithTransport(none)},
		"WithTransport has returned nil":                 {us, cometchat.WithTransport(none), cometchat.WithTransport(same)},
		"cannot wrap the transport of WithHTTPClient":    {us, cometchat.WithTransport(same), cometchat.WithHTTPClient(&http.Client{})},
	} {
		for name, err := range map[string]error{
			"New":      second(cometchat.New(appID, opts...)),
			"NewPool":  second(cometchat.NewPool(appID, opts...)),
			"NewAdmin": second(cometchat.NewAdmin(appID, apiKey, opts...)),
		} {
			require.ErrorIs(t, err, cometchat.ErrBadRequest, says)
			assert.Equal(t, name, asError(err).Op)
			assert.Contains(t, err.Error(), says)
		}
	}
}

// TestWrappedTransportThatFails checks that the call's error wraps the transport's error, and shows no credential.
func TestWrappedTransportThatFails(t *testing.T) {
	t.Parallel()
	errTracing := errors.New("no tracing")
	c, err := cometchat.New(appID, cometchat.WithRegion("us"), once,
		cometchat.WithTransport(func(http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("%w for %v", errTracing, r.Header)
			})
		}))
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Login(t.Context(), uid1, canaryKey)
	require.ErrorIs(t, err, errTracing)
	assertUnprintable(t, err)
	_, err = c.LoginWithToken(t.Context(), canaryToken)
	assertUnprintable(t, err)
}

// TestCloseClosesConnections checks that Close leaves no idle connection open.
func TestCloseClosesConnections(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T, base string) (call func() error, end func() error){
		"a client": func(t *testing.T, base string) (call, end func() error) {
			t.Helper()
			c, err := cometchat.New(appID, cometchat.WithEmulator(base))
			require.NoError(t, err)
			return func() error { _, err := c.LoginWithToken(t.Context(), tokenOf(uid1)); return err }, c.Close
		},
		"a pool": func(t *testing.T, base string) (call, end func() error) {
			t.Helper()
			p, err := cometchat.NewPool(appID, cometchat.WithEmulator(base))
			require.NoError(t, err)
			return func() error { _, err := p.Client("a").LoginWithToken(t.Context(), tokenOf(uid1)); return err }, p.Close
		},
		"an admin": func(t *testing.T, base string) (call, end func() error) {
			t.Helper()
			a, err := cometchat.NewAdmin(appID, apiKey, cometchat.WithEmulator(base))
			require.NoError(t, err)
			return func() error { _, err := a.GetUser(t.Context(), uid1); return err }, a.Close
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCountingServer(t, func(w http.ResponseWriter, _ *http.Request) { respondTo(w, 200, data(meAnswer(uid1))) })
			s.Start()
			call, end := open(t, s.URL)
			require.NoError(t, call())
			assert.Positive(t, s.open.Load(), "the idle connection stays open for the next request")
			require.NoError(t, end())
			s.assertClosed(t)
		})
	}
}

// TestProxy checks that requests go through the proxy of the environment, and never to a host of this machine.
func TestProxy(t *testing.T) {
	t.Parallel()
	var proxied atomic.Int32
	proxy := newCountingServer(t, func(w http.ResponseWriter, r *http.Request) {
		proxied.Add(1)
		answerAda(w, r)
	})
	proxy.Start()
	if !inChild(t, "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=") {
		assert.EqualValues(t, 1, proxied.Load())
		return
	}
	nobody := unused(t)
	for _, host := range []string{"localhost", "Localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]", "[::ffff:127.0.0.1]"} {
		err := getAda(t, adminOf(t, "http://"+host+":"+nobody, once))
		require.Error(t, err, host)
	}
	require.NoError(t, getAda(t, adminOf(t, "http://emulator.example:"+nobody, once, cometchat.WithInsecureHost("emulator.example"))))
}

// unused returns a port of the loopback interface where nothing listens.
func unused(t *testing.T) (port string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { assert.NoError(t, l.Close()) }()
	_, port, err = net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}
