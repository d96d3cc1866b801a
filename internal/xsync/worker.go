package xsync

import "sync"

// Worker works on a goroutine that exists only while there is work. The zero Worker needs a Step.
type Worker struct {
	// Step does some work, and reports whether there may be more. One goroutine at a time calls it. It must not panic; it may
	// call runtime.Goexit.
	Step func() (more bool)

	mu      sync.Mutex
	running bool // guarded by mu
	again   bool // guarded by mu: Wake was called meanwhile
}

// Wake says that there is work. It does not wait.
func (w *Worker) Wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.again = w.running; !w.running {
		w.running = true
		go w.run()
	}
}

func (w *Worker) run() {
	growStack(0) // reading a frame, and what a listener does, needs it
	for w.step() || w.goesOn() {
	}
}

// step is Step, on another goroutine from then on if Step ends this one.
func (w *Worker) step() (more bool) {
	returned := false
	defer func() {
		if !returned {
			go w.run()
		}
	}()
	more = w.Step()
	returned = true
	return more
}

// goesOn reports whether Wake was called after the last Step began; otherwise the goroutine ends.
func (w *Worker) goesOn() (more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	more = w.again
	w.running, w.again = more, false
	return more
}
