package cometchattest

import (
	"net/http"
	"time"
)

// WithClock replaces the server's clock.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// Handler is the server without the network.
func (s *Server) Handler() http.Handler { return s.http.Config.Handler }

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
