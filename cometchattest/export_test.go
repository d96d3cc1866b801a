package cometchattest

// Routes are the server's calls, as "METHOD /path".
func (s *Server) Routes() []string {
	var routes []string
	for _, known := range s.routes {
		path := ""
		for _, segment := range known.path {
			path += "/" + segment
		}
		routes = append(routes, known.method+" "+path)
	}
	return routes
}

// MaxRequests is how many requests a server remembers.
const MaxRequests = maxRequests

// Struck is how many requests the fault that was injected first has happened to.
func (s *Server) Struck() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[0].Times - s.faults[0].left
}
