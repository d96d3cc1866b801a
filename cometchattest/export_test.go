package cometchattest

import "net/http"

// Routes returns the server's calls, as "METHOD /path".
func Routes() []string { return patterns() }

// MaxRequests and MaxRequestBytes say how many requests a server remembers, and MaxQueued how many frames may wait for a client.
const (
	MaxRequests     = maxRequests
	MaxRequestBytes = maxRequestBytes
	MaxQueued       = maxQueued
)

// Queued makes this many live connections of a user, without a client, and returns the frames that wait for them after event.
func (s *Server) Queued(uid string, connections int, event func()) (frames [][]byte) {
	sockets := make([]*socket, connections)
	s.mu.Lock()
	token := s.newToken(uid)
	for i := range sockets {
		sockets[i] = &socket{token: token, presence: "ALL_USERS", out: queue{ready: make(chan struct{}, 1)}}
		s.sockets[sockets[i]] = true
	}
	s.mu.Unlock()
	event()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range sockets {
		frames = append(frames, k.out.frames...)
		delete(s.sockets, k)
	}
	return frames
}

// Deliver sends this many frames to the live connections of a user.
func (s *Server) Deliver(uid string, frames int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range frames {
		s.deliver("", frame{Receiver: uid, Type: "typing_indicator"})
	}
}

// Faults returns how many faults are injected.
func (s *Server) Faults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}

// FileBytes returns what the uploaded files cost.
func (s *Server) FileBytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files.bytes
}

// KeepFile keeps a file of this size, as an upload does, and returns its path.
func (s *Server) KeepFile(size int) (path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &storedFile{newFileKey("a.bin"), "text/plain", make([]byte, size)}
	s.files.put(f)
	return "/v3.0/media/" + f.key
}

// CheckFormFile returns why a form with a file of this size is refused.
func CheckFormFile(size int) error {
	f := &form{files: []formFile{{"files[]", "a.bin", "", make([]byte, size)}}}
	_, _, err := f.message(&call{r: &http.Request{}})
	return err
}
