package cometchat

import "net/http"

// Keys counts the clients that a pool knows of, those included that it has let go of and not forgotten yet.
func (p *Pool) Keys() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.clients)
}

// Uninitialize closes the default client and leaves none, as before Init.
func Uninitialize() {
	if c := defaultClient.Swap(nil); c != nil {
		_ = c.Close()
	}
}

// NewOriginGuard makes the transport that keeps credentials to their hosts.
func NewOriginGuard(next http.RoundTripper, adminHost, clientHost string) http.RoundTripper {
	return &originGuard{next: next, apiKeyTo: originOf(adminHost), authTokenTo: originOf(clientHost)}
}
