package cometchattest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"time"

	"github.com/cometchat-go/cometchat/internal/lenient"
)

const (
	// webhookTimeout is the documented time in which a delivery has to be answered.
	webhookTimeout = 2 * time.Second
	// maxDeliveries is how many deliveries may wait for a webhook; then the newest event is dropped.
	maxDeliveries = 10_000
)

// retryAfter has the documented times of the attempts, from the first attempt on.
var retryAfter = [...]time.Duration{0, 10 * time.Second, 30 * time.Second}

// Webhook says where [WithWebhook] sends the events of the app.
type Webhook struct {
	// URL is where the deliveries go, http or https. With a Handler it may be empty.
	URL string
	// Username and Password are sent with each delivery (HTTP Basic), unless the Username is empty.
	Username, Password string
	// Handler, if it is not nil, gets the deliveries through memory, without a network: for tests in a [testing/synctest]
	// bubble. Close ends the context of its request, and waits until it returns. It may call the methods of the server, but not Close.
	Handler http.Handler
	// ID is the id of the webhook, which each delivery has; "emulator" if it is empty.
	ID string
}

// hook delivers events to a webhook, one at a time. Its goroutine exists only while a delivery waits.
type hook struct {
	Webhook
	client  *http.Client
	memory  *httptest.Server // serves the Handler; nil for a URL
	ctx     context.Context  //nolint:containedctx // it ends with the server
	stop    func()
	changed chan struct{} // has a value when there may be something to do

	// Guarded by Server.mu. A delivery waits in the list with the number of its attempts. In each list, the first is due first.
	waiting [len(retryAfter)][]*delivery
	running bool // there is a goroutine
	dropped int  // events since the last attempt
}

// delivery is an event on its way to a webhook.
type delivery struct {
	trigger  string
	body     []byte
	attempts int
	first    time.Time // of the first attempt, by the server's clock; zero before
	due      time.Time
}

func newHook(w Webhook) *hook {
	if u, err := url.Parse(w.URL); w.Handler == nil && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		panic("cometchattest: WithWebhook needs an http or https URL, or a Handler")
	}
	h := &hook{Webhook: w, changed: make(chan struct{}, 1)}
	h.ID = cmp.Or(w.ID, "emulator")
	h.ctx, h.stop = context.WithCancel(context.Background())
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if w.Handler != nil {
		h.URL = cmp.Or(w.URL, "http://webhook/")
		h.memory, transport = serveMemory(w.Handler, func(net.Listener) context.Context { return h.ctx })
	}
	h.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h
}

// report sends an event to the webhooks. data makes the data of the event, and is called only if there is a webhook. The caller
// holds s.mu.
func (s *Server) report(trigger string, data func() any) {
	if len(s.hooks) == 0 || s.closed {
		return
	}
	raw, _ := lenient.Marshal(data()) // texts, numbers and JSON always marshal
	for _, h := range s.hooks {
		body, _ := lenient.Marshal(struct { // texts and JSON always marshal
			Trigger string          `json:"trigger"`
			Data    json.RawMessage `json:"data"`
			AppID   string          `json:"appId"`
			Region  string          `json:"region"`
			Webhook string          `json:"webhook"`
		}{trigger, raw, s.AppID, s.Region, h.ID})
		h.add(s, &delivery{trigger: trigger, body: body, due: s.time()})
	}
}

// add has a delivery made when it is due. The caller holds s.mu.
func (h *hook) add(s *Server, d *delivery) {
	waiting := 0
	for _, list := range h.waiting {
		waiting += len(list)
	}
	if waiting >= maxDeliveries {
		h.dropped++
		return
	}
	h.waiting[d.attempts] = append(h.waiting[d.attempts], d)
	h.wake()
	if !h.running {
		h.running = true
		s.serving.Go(func() { h.deliver(s) })
	}
}

// wake makes the goroutine, if there is one, look at the deliveries and the clock again.
func (h *hook) wake() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

func (s *Server) wakeHooks() {
	for _, h := range s.hooks {
		h.wake()
	}
}

// deliver makes the deliveries as they become due, until none waits or the server closes.
func (h *hook) deliver(s *Server) {
	for {
		d, wait, dropped := h.next(s)
		if dropped > 0 {
			h.observe(s, "dropped", time.Now(), 0, strconv.Itoa(dropped)+" events: too many deliveries wait")
		}
		switch {
		case d != nil:
			if !h.attempt(s, d) && d.attempts < len(retryAfter) {
				d.due = d.first.Add(retryAfter[d.attempts])
				s.mu.Lock()
				h.waiting[d.attempts] = append(h.waiting[d.attempts], d)
				s.mu.Unlock()
			}
		case wait == 0:
			return
		default:
			h.wait(wait)
		}
	}
}

// wait returns after the time, or when something may have changed. The server's clock may be another one than the timer's: then
// the caller waits again.
func (h *hook) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.changed:
	case <-h.ctx.Done():
	}
}

// next takes the delivery that is due first. If none is due yet, it returns how long the first has to wait. It returns neither if
// none waits or the server is closed: then the goroutine ends.
func (h *hook) next(s *Server) (d *delivery, wait time.Duration, dropped int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped, h.dropped = h.dropped, 0
	first := -1
	for i, list := range h.waiting {
		if len(list) > 0 && (first < 0 || list[0].due.Before(h.waiting[first][0].due)) {
			first = i
		}
	}
	if first < 0 || s.closed {
		h.running = false
		return nil, 0, dropped
	}
	now := s.time()
	d = h.waiting[first][0]
	if wait = d.due.Sub(now); wait > 0 {
		return nil, wait, dropped
	}
	h.waiting[first][0], h.waiting[first] = nil, h.waiting[first][1:]
	if d.attempts++; d.attempts == 1 {
		d.first = now
	}
	return d, 0, dropped
}

// attempt makes a delivery, and reports whether it was answered with 200 in time.
func (h *hook) attempt(s *Server, d *delivery) (ok bool) {
	ctx, cancel := context.WithTimeout(h.ctx, webhookTimeout)
	defer cancel()
	began, status, reason := time.Now(), 0, ""
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(d.body))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
		if h.Username != "" {
			r.SetBasicAuth(h.Username, h.Password)
		}
		status, err = h.status(r)
	}
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		reason = "no answer within 2 seconds"
	case err != nil:
		reason = withoutURL(err).Error()
	}
	h.observe(s, d.trigger, began, status, reason)
	return err == nil && status == http.StatusOK
}

// status makes a request and returns the answer's status. An answer whose body does not end in time is an error.
func (h *hook) status(r *http.Request) (int, error) {
	answer, err := h.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(answer.Body, maxBody)) // the connection can be used again
	return answer.StatusCode, err
}

// withoutURL returns the cause of an http.Client's error. Its own text has the URL, which may hold a secret.
func withoutURL(err error) error {
	if failed, ok := err.(*url.Error); ok { //nolint:errorlint // http.Client wraps it in nothing
		return failed.Err
	}
	return err
}

func (h *hook) observe(s *Server, trigger string, began time.Time, status int, reason string) {
	if s.observe == nil {
		return
	}
	u, _ := url.Parse(h.URL) // it was parsed before
	s.observe(Event{
		Kind: "webhook", At: began, Host: u.Host, Path: u.EscapedPath(), Method: http.MethodPost, Status: status,
		Took: time.Since(began), What: trigger, Reason: reason,
	})
}

// close ends what newHook has started. The goroutine has ended.
func (h *hook) close() {
	h.client.CloseIdleConnections()
	closeServer(h.memory)
}
