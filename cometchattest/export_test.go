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

// Faults is how many faults are in force.
func (s *Server) Faults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}
