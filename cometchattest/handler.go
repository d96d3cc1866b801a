package cometchattest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

const (
	// maxBody is the documented limit of a POST body, in bytes.
	maxBody = 10 << 10
	// maxMessageBody is more than that of a message, which the official SDKs send with its text in it twice.
	maxMessageBody = 1 << 20
)

// envelope is an answer to what was let in and done.
type envelope struct {
	Data   any     `json:"data"`
	Meta   *meta   `json:"meta,omitempty"`
	Cursor *cursor `json:"cursor,omitempty"`
}

func data(v any) *envelope { return &envelope{Data: v} }

// done is the answer to what has no other result.
func done(format string, args ...any) *envelope {
	return data(map[string]any{"success": true, "message": fmt.Sprintf(format, args...)})
}

// refusal is an error answer.
type refusal struct {
	status  int
	code    string
	message string
	details flaws
}

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

func (no *refusal) envelope() any {
	e := map[string]any{"code": no.code, "message": no.message, "devMessage": no.message, "source": "emulator"}
	if no.details != nil {
		e["details"] = no.details
	}
	return map[string]any{"error": e}
}

// flaws is what is wrong with a request, by field.
type flaws map[string][]string

func (f flaws) say(field, text string) { f[field] = append(f[field], "The "+field+" "+text) }

// refusal is nil when nothing is wrong.
func (f flaws) refusal() *refusal {
	if len(f) == 0 {
		return nil
	}
	no := refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "Failed to validate the data sent with the request.")
	no.details = f
	return no
}

// call is a request that is being answered; once it has been let in, it has a key or the token of a user.
type call struct {
	r       *http.Request
	body    []byte
	tooLong bool // longer than maxMessageBody, and body is its beginning
	now     time.Time
	key     string
	token   *token
}

// answerer answers a call that has been let in. It is called with the server's lock held.
type answerer func(c *call) (*envelope, *refusal)

// ServeHTTP answers a request as CometChat would, or as an injected fault has it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	if allowBrowsers(w, r) {
		return
	}
	f, c := s.fault(r), &call{r: r}
	if f.DropBefore {
		s.record(c)
		s.pause(r, f.Delay)
		s.happened(r, nil, 0, nil, began)
		abort()
	}
	if f.Status == 0 && r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.record(c)
		s.pause(r, f.Delay)
		if f.DropAfter || f.Truncate { // there is no answer but the connection
			s.happened(r, nil, 0, nil, began)
			abort()
		}
		s.serveSocket(w, r)
		return
	}
	// The body is read before the lock is taken, as a client may send it slowly, and before a delay, as net/http sees a
	// client leave only after that.
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessageBody))
	_, c.tooLong = errors.AsType[*http.MaxBytesError](err)
	s.record(c)
	if err != nil && !c.tooLong { // the client has broken it off
		s.happened(r, c.body, 0, nil, began)
		abort()
	}
	s.pause(r, f.Delay)
	status, answer := f.Status, []byte(f.Body)
	if status == 0 {
		status, answer = s.locked(c, w.Header())
		w.Header().Set("Content-Type", "application/json")
	} else {
		w.Header().Set("Content-Type", f.contentType())
		maps.Copy(w.Header(), f.Header)
	}
	if f.DropAfter {
		s.happened(r, c.body, 0, nil, began)
		abort()
	}
	s.happened(r, c.body, status, answer, began)
	f.write(w, status, answer)
}

// locked answers with the lock held, and as bytes: what the answer is made of may change right after.
func (s *Server) locked(c *call, header http.Header) (status int, answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.time()
	e, no := s.answer(c, header)
	if no == nil {
		answer, err := json.Marshal(e)
		if err == nil {
			return http.StatusOK, answer
		}
		no = refuse(http.StatusInternalServerError, "ERR_EXCEPTION", "The answer cannot be written: %v", err)
	}
	answer, _ = json.Marshal(no.envelope()) // texts always marshal
	return no.status, answer
}

func (s *Server) answer(c *call, header http.Header) (*envelope, *refusal) {
	if no := s.limit.take(c.now, header); no != nil {
		return nil, no
	}
	route, no := s.route(c.r)
	if no != nil {
		return nil, no
	}
	if c.tooLong || len(c.body) > route.maxBody {
		return nil, refuse(http.StatusRequestEntityTooLarge, "ERR_BAD_REQUEST", "The body is larger than %d KB.", route.maxBody>>10)
	}
	if no := s.checkApp(c.r); no != nil {
		return nil, no
	}
	if no := route.admit(c); no != nil {
		return nil, no
	}
	return route.answer(c)
}

// decode reads the body into v. An empty one has nothing to read.
func (c *call) decode(v any) *refusal {
	if len(bytes.TrimSpace(c.body)) == 0 || json.Unmarshal(c.body, v) == nil {
		return nil
	}
	return refuse(http.StatusBadRequest, "ERR_BAD_REQUEST", "The body is not the JSON that this API takes.")
}
