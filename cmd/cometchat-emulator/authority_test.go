package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// trusting returns a transport that trusts the certificates in a file alone.
func trusting(t *testing.T, file string) *http.Transport {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // the test has made the file
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "PRIVATE")
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(raw))
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, "-tls", "-ca", ca)
	assert.Contains(t, p.banner, "wss://localhost:")
	assert.Contains(t, p.banner, ca)
	assert.NotContains(t, p.banner, "start the emulator with -tls")
	transport := trusting(t, ca)
	c := p.client(t, "emulator-app", &http.Client{Transport: transport})
	_, err := c.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)

	conn, _, err := websocket.Dial(t.Context(), strings.Replace(strings.TrimSuffix(p.url, "/v3.0"), "https", "wss", 1)+"/", //nolint:bodyclose // documented: it need not be closed
		&websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	closed := make(chan error, 1)
	go func() {
		_, _, err := conn.Read(t.Context())
		closed <- err
	}()
	require.NoError(t, p.stop())
	assert.Equal(t, websocket.StatusGoingAway, websocket.CloseStatus(<-closed), "the program closes live connections")

	// A later start, without -ca, has the same authority. It is in the user's configuration directory.
	p = start(t, "-tls")
	_, err = p.client(t, "emulator-app", &http.Client{Transport: transport}).Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
	_, err = p.client(t, "emulator-app", unpooled()).Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.ErrorContains(t, err, "certificate")
}

func TestOwnCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := map[string][]byte{}
	a, _, err := newAuthority(hostNames{"chat.test"}, time.Now())
	require.NoError(t, err)
	own, err := a.vouch(hostNames{"chat.test"}, time.Now())
	require.NoError(t, err)
	key, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	require.NoError(t, err)
	files["ca"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
	files["cert"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})
	files["key"] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	p := start(t, "-tls", "-cert", filepath.Join(dir, "cert"), "-key", filepath.Join(dir, "key"))
	assert.NotContains(t, p.banner, "  trust")
	assert.NotContains(t, p.banner, "AppendCertsFromPEM")
	client := p.client(t, "emulator-app", &http.Client{Transport: trusting(t, filepath.Join(dir, "ca"))})
	_, err = client.Login(t.Context(), "cometchat-uid-1", p.authKey)
	require.NoError(t, err)
}

// opened is openAuthority beside a data file, with what a client would trust.
func opened(t *testing.T, data string, names hostNames, now time.Time) (a *authority, news string) {
	t.Helper()
	a, news, err := openAuthority(data, names, "", now)
	require.NoError(t, err)
	copied, err := os.ReadFile(data + ".ca.pem") //nolint:gosec // the test has made the file
	require.NoError(t, err)
	block, _ := pem.Decode(copied)
	require.Equal(t, a.certificate.Raw, block.Bytes, "clients get the certificate of this authority")
	leaf, err := a.vouch(names, now)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(leaf.Certificate[0])
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(a.certificate)
	for _, name := range names.with("localhost", "127.0.0.1", "::1") {
		_, err := parsed.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: now})
		require.NoError(t, err, name)
	}
	return a, news
}

func TestAuthorityIsKept(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data.json")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first, news := opened(t, data, nil, now)
	assert.Empty(t, news, "nobody trusted another authority before")
	info, err := os.Stat(data + ".ca-key.pem")
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.True(t, first.certificate.PermittedDNSDomainsCritical)
	assert.Equal(t, []string{"localhost"}, first.certificate.PermittedDNSDomains, "it may vouch for this machine alone")

	same, news := opened(t, data, hostNames{"localhost", "127.0.0.2"}, now.AddDate(4, 10, 0))
	assert.Empty(t, news)
	assert.Equal(t, first.certificate.Raw, same.certificate.Raw)

	named, news := opened(t, data, hostNames{"emulator", "10.1.2.3"}, now)
	assert.Equal(t, "the certificate authority is new, because the old one may not vouch for emulator: clients have to trust it anew", news)
	assert.NotEqual(t, first.certificate.Raw, named.certificate.Raw)
	second, news := opened(t, data, hostNames{"my_host.example"}, now)
	assert.Contains(t, news, "may not vouch for my_host.example")
	for _, names := range []hostNames{nil, {"emulator"}, {"10.1.2.3", "my_host.example"}} {
		kept, news := opened(t, data, names, now)
		assert.Empty(t, news, "it may still vouch for the names of earlier starts")
		assert.Equal(t, second.certificate.Raw, kept.certificate.Raw)
	}
	for _, other := range []string{"google.com", "10.1.2.4"} {
		leaf, err := second.vouch(hostNames{other}, now)
		require.NoError(t, err)
		parsed, err := x509.ParseCertificate(leaf.Certificate[0])
		require.NoError(t, err)
		roots := x509.NewCertPool()
		roots.AddCert(second.certificate)
		_, err = parsed.Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost", CurrentTime: now})
		require.ErrorContains(t, err, "not permitted", "whoever steals the key cannot pose as "+other)
	}

	renewed, news := opened(t, data, nil, now.AddDate(5, 0, -29))
	assert.Contains(t, news, "the old one was valid until 2031-01-01")
	assert.Equal(t, second.names(), renewed.names())
	require.NoError(t, os.WriteFile(data+".ca-key.pem", []byte("half a"), 0o600))
	_, news = opened(t, data, nil, now)
	assert.Contains(t, news, "ca-key.pem was damaged")
}

// TestAuthorityOfConcurrentStarts starts emulators at once: all have to have the same authority.
func TestAuthorityOfConcurrentStarts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var all sync.WaitGroup
	seen := make([]string, 8)
	for i := range seen {
		all.Go(func() {
			a, _, err := openAuthority(filepath.Join(dir, "data.json"), nil, filepath.Join(dir, "copy.pem"), time.Now())
			if assert.NoError(t, err) {
				seen[i] = string(a.certificate.Raw)
			}
		})
	}
	all.Wait()
	for _, other := range seen {
		assert.Equal(t, seen[0], other)
	}
	_ = trusting(t, filepath.Join(dir, "copy.pem"))
}

func TestNoPlaceForTheAuthority(t *testing.T) {
	// Not parallel: it sets environment variables.
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, "")
	}
	_, _, err := openAuthority("", nil, "", time.Now())
	require.ErrorContains(t, err, "use -data, or -cert and -key")
	_, _, err = openAuthority(filepath.Join(t.TempDir(), "no", "data"), nil, "", time.Now())
	require.ErrorContains(t, err, "no such file")
}
