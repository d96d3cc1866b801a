package cometchat

// Keys returns how many clients a pool has.
func (p *Pool) Keys() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.clients)
}

// NewTokenTransport is the transport of TokenProviderFromURL without an http.Client.
var NewTokenTransport = newTokenTransport

// Uninitialize closes and removes the default client. Afterwards everything is as before Init.
func Uninitialize() {
	if c := defaultClient.Swap(nil); c != nil {
		_ = c.Close()
	}
}
