package cometchattest

// Routes returns the server's calls, as "METHOD /path".
func Routes() []string { return patterns() }

// MaxRequests is how many requests a server remembers.
const MaxRequests = maxRequests

// Faults returns how many faults are injected.
func (s *Server) Faults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}
