package cometchat

// Keys counts the clients of a pool.
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
