package cometchattest

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

// ServeHTTP answers a request as CometChat would, or as an injected fault says. It answers GET /healthz with 200 and "ok":
// such a request needs no key, no fault or rate limit applies to it, and neither Requests nor the observer sees it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		_, _ = io.WriteString(w, "ok") // the client may be gone
		return
	}
	if allowBrowsers(w, r) {
		return
	}
	c := &call{r: r, began: time.Now()}
	c.route, c.noRoute = findRoute(r)
	s.mu.Lock()
	f := s.faults.take(r)
	c.caller = s.caller(r) // before the call, which may end the token
	s.mu.Unlock()
	if f.DropBefore {
		s.logRequest(r, nil)
		s.wait(r, f.Delay)
		s.breakOff(c)
	}
	if f.Status == 0 && r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.logRequest(r, nil)
		s.wait(r, f.Delay)
		if f.DropAfter || f.Truncate { // the connection would be the answer
			s.breakOff(c)
		}
		s.serveSocket(w, r)
		return
	}
	// Read the body before taking the lock, as a client may send it slowly, and before a delay, as net/http notices only
	// then that a client leaves.
	complete := c.read(w)
	s.logRequest(r, c.body)
	if !complete {
		s.breakOff(c)
	}
	s.wait(r, f.Delay)
	if f.Late > 0 {
		s.answerLater(c, f.Late)
		s.breakOff(c)
	}
	status, answer := f.Status, []byte(f.Body)
	if status == 0 {
		status, answer = s.answer(c, w.Header())
	} else {
		w.Header().Set("Content-Type", f.contentType())
		maps.Copy(w.Header(), f.Header)
	}
	if f.DropAfter {
		s.breakOff(c)
	}
	s.observeRequest(c, status, answer)
	f.write(w, status, answer)
}

func (s *Server) logRequest(r *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests.add(r, body)
}

// wait returns after the delay, or when the client has left or the server closes.
func (s *Server) wait(r *http.Request, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// answerLater carries out a call after the delay, unless the server closes first. Nobody gets the answer.
func (s *Server) answerLater(c *call, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.serving.Go(func() {
		select {
		case <-time.After(delay):
			s.answer(c, http.Header{})
		case <-s.closing:
		}
	})
}

// breakOff breaks the connection of a request instead of answering it. It does not return.
func (s *Server) breakOff(c *call) {
	s.observeRequest(c, 0, nil)
	abort()
}

func (s *Server) observeRequest(c *call, status int, answer []byte) {
	if s.observe == nil {
		return
	}
	if c.route != nil && c.route.storage {
		answer = answer[:min(len(answer), maxBody)] // a file may be large
	}
	s.observe(c.event(status, answer))
}

// answer carries out a call, and sets the answer's headers. It marshals the answer with the lock held, as the answer refers to
// what is in the store.
func (s *Server) answer(c *call, header http.Header) (status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.time()
	s.wakeHooks() // the clock of WithClock may have jumped
	header.Set("Content-Type", "application/json")
	answer, err := s.perform(c, header)
	if err == nil && answer.file != nil {
		if header.Del("Content-Type"); answer.file.contentType != "" {
			header.Set("Content-Type", answer.file.contentType)
		}
		return answer.file.status, answer.file.content
	}
	if err == nil {
		if body, err = lenient.Marshal(answer); err == nil {
			return http.StatusOK, body
		}
		err = refuse(http.StatusInternalServerError, "ERR_EXCEPTION", "The answer cannot be written: %v", err)
	}
	refused, _ := errors.AsType[*apiError](err) // handlers return no other error
	body, _ = json.Marshal(refused.envelope())  // it has only texts, which always marshal
	return refused.status, body
}

func (s *Server) perform(c *call, header http.Header) (*envelope, error) {
	if c.route == nil || !c.route.storage {
		if err := s.limit.take(c.now, header); err != nil {
			return nil, err
		}
	}
	if c.noRoute != nil {
		return nil, c.noRoute
	}
	if limit := c.maxBody(); c.tooLong || c.form == nil && len(c.body) > limit {
		return nil, refuse(http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST", "The body is larger than %d KB.", limit>>10)
	}
	if err := s.checkApp(c.r); err != nil {
		return nil, err
	}
	if err := c.route.authorize(s, c); err != nil {
		return nil, err
	}
	return c.route.answer(s, c)
}
