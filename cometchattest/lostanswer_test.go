package cometchattest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// losesAnswer makes a request whose connection breaks, and asserts that it breaks at once.
func losesAnswer(t *testing.T, s *cometchattest.Server, method, path, body string) {
	t.Helper()
	r := request(t, s, method, path, body)
	r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", "emulator.test"
	begin := time.Now()
	_, err := s.Transport().RoundTrip(r) //nolint:bodyclose // there is no answer
	require.Error(t, err)
	assert.Zero(t, time.Since(begin))
}

// TestAnswerThatIsLostBeforeTheRequestTakesEffect has a Fault with Late.
func TestAnswerThatIsLostBeforeTheRequestTakesEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		fault := s.InjectFault(cometchattest.Fault{Method: "POST", DropAfter: true, Late: 2 * time.Second, Times: 2})
		losesAnswer(t, s, "POST", "/users", `{"uid":"ada","name":"Ada"}`)
		losesAnswer(t, s, "POST", "/users", `{"uid":"eve"}`) // is refused later, which nobody hears
		time.Sleep(2*time.Second - time.Nanosecond)
		synctest.Wait()
		assert.Nil(t, s.User("ada"))
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		assert.NotNil(t, s.User("ada"))
		assert.Nil(t, s.User("eve"))
		assert.Equal(t, 2, fault.Count())
		must(t, s, "POST", "/users", `{"uid":"bob","name":"Bob"}`)
	})
}

// TestCloseCancelsLateRequests shows that Close waits for no late request and leaves no goroutine: a bubble fails with one.
func TestCloseCancelsLateRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inMemory(t)
		s.InjectFault(cometchattest.Fault{DropAfter: true, Late: time.Hour})
		for range 10 {
			losesAnswer(t, s, "POST", "/users", `{"uid":"ada","name":"Ada"}`)
		}
		begin := time.Now()
		s.Close()
		assert.Zero(t, time.Since(begin))
		assert.PanicsWithValue(t, http.ErrAbortHandler, func() {
			s.ServeHTTP(httptest.NewRecorder(), request(t, s, "POST", "/users", `{"uid":"ada","name":"Ada"}`))
		}, "a handler of somebody else's server may still be called")
		assert.Nil(t, s.User("ada"))
	})
}
