package webhook_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestToldOfUnreadData holds that an event without a payload does not pass in silence, and that no data is in the log.
func TestToldOfUnreadData(t *testing.T) {
	t.Parallel()
	const canary = `{"canary":"canary-data"}`
	known := func(trigger string) record {
		return record{Level: "WARN", Trigger: trigger, Msg: "the data of a webhook's event has another form than documented"}
	}
	unknown := func(trigger string) record {
		return record{Level: "DEBUG", Trigger: trigger, Msg: "a webhook's event has an unknown trigger"}
	}
	for name, tc := range map[string]struct {
		triggers []string
		data     string
		want     []record
	}{
		"a known trigger":                 {[]string{"message_sent"}, canary, []record{known("message_sent")}},
		"no data":                         {[]string{"user_blocked"}, `null`, []record{known("user_blocked")}},
		"once for each known trigger":     {[]string{"message_sent", "user_blocked", "message_sent", "user_blocked"}, canary, []record{known("message_sent"), known("user_blocked")}},
		"each event of unknown triggers":  {[]string{"new_one", "new_one"}, canary, []record{unknown("new_one"), unknown("new_one")}},
		"a long trigger":                  {[]string{strings.Repeat("y", 5000)}, canary, []record{unknown(strings.Repeat("y", 100))}},
		"a payload":                       {[]string{"message_sent"}, `{"message":{"id":"57","data":` + canary + `}}`, nil},
		"a known trigger with no payload": {[]string{"after_notification_created"}, canary, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l listener
			var calls atomic.Int32
			h := newHandler(t, ok(&calls), l.options()...)
			for _, trigger := range tc.triggers {
				assert.Equal(t, 200, deliver(h, envelope(trigger, tc.data)))
			}
			assert.Len(t, tc.triggers, int(calls.Load()), "the events reach the function")
			got := l.records(t)
			for i := range got {
				assert.NotEmpty(t, got[i].Remote)
				got[i].Remote = ""
				got[i].Msg, _, _ = strings.Cut(got[i].Msg, ", so its Payload is nil")
			}
			assert.Equal(t, tc.want, got)
			assert.NotContains(t, l.log.String(), "canary")
			assert.Empty(t, l.errs, "it is no failure")
		})
	}
	t.Run("many events at once", func(t *testing.T) {
		t.Parallel()
		var l listener
		h := newHandler(t, ok(new(atomic.Int32)), l.options()...)
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() { deliver(h, envelope("message_sent", fmt.Sprintf(`{"canary":%d}`, i))) })
		}
		wg.Wait()
		assert.Len(t, l.records(t), 1)
	})
	t.Run("a stranger's event", func(t *testing.T) {
		t.Parallel()
		var l listener
		r := delivery(envelope("message_sent", canary))
		r.SetBasicAuth(hookUser, "wrong")
		newHandler(t, ok(new(atomic.Int32)), l.options()...).ServeHTTP(httptest.NewRecorder(), r)
		failures, _ := l.heard(t)
		assert.Len(t, failures, 1)
		assert.Len(t, l.records(t), 1, "only the wrong password is logged")
	})
}
