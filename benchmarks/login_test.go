package benchmarks

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// tokens are what the logins use in turn: with the token of its session the SDK would answer without a request.
var tokens = func() (list [64]string) {
	for i := range list {
		list[i] = fmt.Sprintf("%s_1638354015%030x", uid, i+1)
	}
	return list
}()

func newClient(tb testing.TB, host string) *cometchat.Client {
	tb.Helper()
	c, err := cometchat.New(appID, cometchat.WithAdminHost(host), cometchat.WithClientHost(host))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = c.Close() })
	return c
}

// way is how something is done, by hand or with the SDK: do makes one call.
type way struct {
	name string
	do   func(context.Context) error
}

// waysToLogIn logs in with another token each time.
func waysToLogIn(tb testing.TB, s *server) (floor, sdk way) {
	tb.Helper()
	f, c := newFloor(tb, s, tunedTransport()), newClient(tb, s.host)
	with := func(logIn func(ctx context.Context, authToken string) error) func(context.Context) error {
		n := 0
		return func(ctx context.Context) error {
			n++
			return logIn(ctx, tokens[n%len(tokens)])
		}
	}
	floor = way{"floor", with(func(ctx context.Context, authToken string) error {
		_, err := f.loginWithToken(ctx, authToken)
		return err
	})}
	sdk = way{"sdk", with(func(ctx context.Context, authToken string) error {
		_, err := c.LoginWithToken(ctx, authToken)
		return err
	})}
	return floor, sdk
}

func run(b *testing.B, ways ...way) {
	b.Helper()
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if err := w.do(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLoginWithToken(b *testing.B) {
	floor, sdk := waysToLogIn(b, newServer(b))
	run(b, floor, sdk)
}

// BenchmarkLoginLogout is a whole session: three requests.
func BenchmarkLoginLogout(b *testing.B) {
	const authKey = "0123456789abcdef0123456789abcdef01234567"
	s := newServer(b)
	f, c := newFloor(b, s, tunedTransport()), newClient(b, s.host)
	run(b, way{"floor", func(ctx context.Context) error {
		m, err := f.login(ctx, uid, authKey)
		if err != nil {
			return err
		}
		return f.logout(ctx, m.AuthToken)
	}}, way{"sdk", func(ctx context.Context) error {
		if _, err := c.Login(ctx, uid, authKey); err != nil {
			return err
		}
		return c.Logout(ctx)
	}})
}

// TestSameRequests makes sure that the comparison is fair: the floor and the SDK give the server the same to do, and so
// all that differs in the process's allocations is the client's.
func TestSameRequests(t *testing.T) {
	type seen struct {
		request string
		header  http.Header
		length  int64
	}
	var got []seen
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header.Clone()
		h["Resource"][0] = fmt.Sprint(len(h["Resource"][0])) // differs, and has to be as long
		got = append(got, seen{r.Method + " " + r.URL.String(), h, r.ContentLength})
		answer(w, r)
	}))
	defer s.Close()
	s.host = s.URL + "/v3.0"

	f, c, ctx := newFloor(t, s, tunedTransport()), newClient(t, s.host), t.Context()
	m, err := f.loginWithToken(ctx, tokens[1])
	if err != nil {
		t.Fatal(err)
	}
	u, err := c.LoginWithToken(ctx, tokens[1])
	if err != nil {
		t.Fatal(err)
	}
	if m.UID != u.UID || string(m.Metadata) != string(u.Metadata) || len(m.Tags) != len(u.Tags) ||
		m.CreatedAt != u.CreatedAt.Unix() || m.AuthToken != tokens[1] || m.JWT == "" {
		t.Errorf("the floor has read %+v, and the SDK %+v", m, u)
	}
	if _, err = f.getUser(ctx, tokens[1], uid); err != nil {
		t.Fatal(err)
	}
	if _, err = c.GetUser(ctx, uid); err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(got); i += 2 {
		if byFloor, bySDK := fmt.Sprint(got[i]), fmt.Sprint(got[i+1]); byFloor != bySDK {
			t.Errorf("the floor has sent\n%s\nand the SDK\n%s", byFloor, bySDK)
		}
	}
}
