//go:build unix && !race

package benchmarks

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
)

const (
	// The processor time of a PUT /me, in seconds, the client's part included: 10,000 a second on two processors.
	maxRequestCost    = 2.0 / 10_000
	maxEmulatorGrowth = 1 << 10 // KiB of heap, while the log of requests is full
	emulatorLog       = 10_000  // requests
	emulatorClients   = 32
)

// TestEmulatorThroughput makes 20,000 requests, or as many as COMETCHAT_EMULATOR_REQUESTS says, after those that fill the
// log of requests.
func TestEmulatorThroughput(t *testing.T) {
	requests := 20_000
	if n, err := strconv.Atoi(os.Getenv("COMETCHAT_EMULATOR_REQUESTS")); err == nil {
		requests = n
	}
	s := cometchattest.NewServer()
	defer s.Close()
	request := putMe(s)
	load(t, s, request, emulatorLog)
	before := heap()
	var rates, work []float64
	for range rounds {
		start, used := time.Now(), processorTime()
		load(t, s, request, requests/rounds)
		rates = append(rates, float64(requests/rounds)/time.Since(start).Seconds())
		work = append(work, (processorTime()-used).Seconds()/float64(requests/rounds))
	}
	grown, cost := heap()-before, median(work)
	t.Logf("%.0f requests a second; a request takes %.0f µs of processor time, goal %.0f", median(rates), cost*1e6,
		maxRequestCost*1e6)
	t.Logf("the heap has grown by %.0f KiB over %d requests", grown, requests)
	if limit := tolerance * maxRequestCost; cost > limit {
		t.Errorf("a request takes %.0f µs of processor time, over %.0f", cost*1e6, limit*1e6)
	}
	if grown > maxEmulatorGrowth {
		t.Errorf("the heap has grown by %.0f KiB", grown)
	}
}

// heap is what is in use, in KiB.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 10)
}

// putMe is a login with a token, as bytes.
func putMe(s *cometchattest.Server) string {
	const body = `{"platform":"WEB","deviceId":"app_1_2","appInfo":{"version":"v4.2.0","apiVersion":"v3.0","userAgent":"x"}}`
	return fmt.Sprintf("PUT /v3.0/me HTTP/1.1\r\nHost: %s\r\nappid: %s\r\nauthtoken: %s\r\nsdk: javascript@4.2.0\r\n"+
		"accept: application/json\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s",
		strings.TrimPrefix(s.URL, "http://"), s.AppID, s.CreateAuthToken("cometchat-uid-1"), len(body), body)
}

// load makes n requests from several connections. It does little itself: the server is to be measured.
func load(tb testing.TB, s *cometchattest.Server, request string, n int) {
	tb.Helper()
	var wg sync.WaitGroup
	for range emulatorClients {
		wg.Go(func() {
			if err := repeat(strings.TrimPrefix(s.URL, "http://"), request, n/emulatorClients); err != nil {
				tb.Error(err)
			}
		})
	}
	wg.Wait()
}

func repeat(addr, request string, n int) error {
	conn, err := net.Dial("tcp", addr) //nolint:noctx // it is this machine's
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	for range n {
		if _, err := io.WriteString(conn, request); err != nil {
			return err
		}
		if err := readAnswer(answers); err != nil {
			return err
		}
	}
	return nil
}

// readAnswer reads an answer with a Content-Length, at less cost than net/http.
func readAnswer(r *bufio.Reader) error {
	length := -1
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		text := strings.TrimSpace(string(line))
		if first && text != "HTTP/1.1 200 "+http.StatusText(http.StatusOK) {
			return fmt.Errorf("the answer begins with %q", text)
		}
		if value, ok := strings.CutPrefix(text, "Content-Length: "); ok {
			if length, err = strconv.Atoi(value); err != nil {
				return err
			}
		}
		if text == "" {
			_, err := r.Discard(length)
			return err
		}
	}
}

func BenchmarkEmulator(b *testing.B) {
	s := cometchattest.NewServer()
	defer s.Close()
	request := putMe(s)
	b.ReportAllocs()
	b.ResetTimer()
	load(b, s, request, max(b.N, emulatorClients))
}
