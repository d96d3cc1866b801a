package rest

import (
	"maps"
	"sync"
	"time"
)

// hold keeps requests back for as long as a server has asked to wait. The zero value holds nothing.
type hold struct {
	mu    sync.Mutex
	until map[string]time.Time // guarded by mu: by what is held
}

// set holds what is named for so long.
func (h *hold) set(name string, wait time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(h.until, func(_ string, until time.Time) bool { return !until.After(now) })
	if h.until == nil {
		h.until = map[string]time.Time{}
	}
	if until := now.Add(wait); until.After(h.until[name]) {
		h.until[name] = until
	}
}

// wait returns for how long the name is still held.
func (h *hold) wait(name string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until, held := h.until[name]; held {
		return max(0, time.Until(until))
	}
	return 0
}
