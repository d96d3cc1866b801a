package rest_test

import (
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestMemoryOfAnnouncedAnswers checks that an answer takes no memory for what its header announces, before it comes.
func TestMemoryOfAnnouncedAnswers(t *testing.T) { // not parallel: it measures the memory of the process
	const calls = 200
	var reading, ended sync.WaitGroup
	reading.Add(calls)
	release := make(chan struct{})
	c, _ := newClient(func(r *http.Request) (*http.Response, error) {
		body := readerFunc(func([]byte) (int, error) {
			reading.Done()
			<-release
			return 0, io.EOF
		})
		resp, err := respondWith(200, body)(r)
		resp.ContentLength = 4 << 20
		return resp, err
	})
	before := heap()
	for range calls {
		ended.Go(func() { do(t.Context(), c, get()) })
	}
	reading.Wait()
	assert.Less(t, heap(), before+64<<20)
	close(release)
	ended.Wait()
}

// heap returns how many bytes of the heap are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
