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

// ReadFrame returns the event that a frame tells of, nil for none, and the id of the message that tells of it, 0 for none.
func ReadFrame(raw []byte, resource string) (Event, uint64) {
	e := readFrame(raw, resource)
	return e.Event, e.id
}
