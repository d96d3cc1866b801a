package xsync_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cometchat-go/cometchat/internal/xsync"
	"github.com/stretchr/testify/assert"
)

func TestWorker(t *testing.T) {
	t.Parallel()
	t.Run("does all work, one step at a time, and rests", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var todo, done, inside atomic.Int64
			w := &xsync.Worker{Step: func() bool {
				assert.EqualValues(t, 1, inside.Add(1))
				defer inside.Add(-1)
				if todo.Load() == 0 {
					return false
				}
				todo.Add(-1)
				done.Add(1)
				return true
			}}
			for range 8 {
				go func() {
					for range 1000 {
						todo.Add(1)
						w.Wake()
					}
				}()
			}
			synctest.Wait()
			assert.EqualValues(t, 8000, done.Load())
		}) // the bubble fails if a goroutine is left
	})
	t.Run("goes on after a step that ends its goroutine", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			steps := 0
			w := &xsync.Worker{}
			w.Step = func() bool {
				if steps++; steps == 1 {
					runtime.Goexit()
				}
				return false
			}
			w.Wake()
			synctest.Wait()
			assert.Equal(t, 2, steps)
			w.Wake()
			synctest.Wait()
			assert.Equal(t, 3, steps)
		})
	})
}
