package cometchat_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometchat-go/cometchat"
	"github.com/cometchat-go/cometchat/cometchattest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSendsThroughFaults sends 10,000 messages with -full, for each of three seeds, through a server whose answers get lost: no
// message may be held twice, and each must be accounted for.
func TestSendsThroughFaults(t *testing.T) {
	t.Parallel()
	messages := 600
	if *full {
		messages = 10_000
	}
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed+1), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { newFaultySends(t, seed+1).run(messages) })
		})
	}
}

// faultySends are sends to a server that loses answers, and what became of them.
type faultySends struct {
	t      *testing.T
	server *cometchattest.Server
	client *cometchat.Client
	faults []*cometchattest.Injected

	mu                   sync.Mutex
	sent, found, notSent int // guarded by mu: returned by SendMessage; by ResolveSend; not sent, and so sent again
}

func newFaultySends(t *testing.T, seed uint64) *faultySends {
	t.Helper()
	s := cometchattest.New()
	f := &faultySends{t: t, server: s}
	t.Cleanup(s.Close)
	f.client = emulated(t, s)
	_, err := f.client.Login(t.Context(), uid1, s.AuthKey)
	require.NoError(t, err)
	for i, fault := range []cometchattest.Fault{
		{DropAfter: true, Probability: 0.05},
		{DropAfter: true, Late: 2 * time.Second, Probability: 0.02},
		{DropBefore: true, Probability: 0.05},
		{Status: 503, Probability: 0.05},
	} {
		fault.Method, fault.Path, fault.Seed = "POST", "/messages", 10*seed+uint64(i)
		f.faults = append(f.faults, s.InjectFault(fault))
	}
	return f
}

func (f *faultySends) run(messages int) {
	const receivers = 100 // each with a goroutine that sends to it
	begun := time.Now()
	var group sync.WaitGroup
	for r := range receivers {
		uid := fmt.Sprint("receiver-", r)
		f.server.AddUser(&cometchat.User{UID: uid, Name: uid})
		group.Go(func() {
			for i := range messages / receivers {
				f.send(uid, fmt.Sprint(i), (r+i)%3 == 0)
			}
			held := f.held(uid)
			for text, times := range held {
				assert.Equal(f.t, 1, times, text)
			}
			assert.Len(f.t, held, messages/receivers)
		})
	}
	group.Wait()
	for _, fault := range f.faults {
		assert.NotZero(f.t, fault.Count())
	}
	assert.NotZero(f.t, f.found)
	assert.NotZero(f.t, f.notSent)
	f.t.Logf("%d messages in %v of the server's time: %d returned by SendMessage, %d found by ResolveSend, %d not sent and sent again; "+
		"faults: %d, %d, %d, %d", messages, time.Since(begun).Round(time.Second), f.sent, f.found, f.notSent,
		f.faults[0].Count(), f.faults[1].Count(), f.faults[2].Count(), f.faults[3].Count())
}

// send sends a message until the server has it. An impatient caller gives up after a second, before a late message is there.
func (f *faultySends) send(uid, text string, impatient bool) {
	m := cometchat.NewTextMessage(cometchat.ToUser(uid), text)
	for {
		ctx, cancel := context.WithTimeout(f.t.Context(), time.Hour)
		if impatient {
			ctx, cancel = context.WithTimeout(f.t.Context(), time.Second)
		}
		sent, err := f.client.SendMessage(ctx, m)
		cancel()
		if err == nil {
			f.count(&f.sent)
			assert.Equal(f.t, text, sent.Text)
			return
		}
		if !errors.Is(err, cometchat.ErrSendUnknown) {
			f.t.Errorf("a send that the server has not refused fails with %v", err)
			return
		}
		if f.resolve(m) {
			return
		}
	}
}

// resolve waits until it is known whether the server has the message, and reports whether it has.
func (f *faultySends) resolve(m *cometchat.OutgoingMessage) bool {
	for {
		found, err := f.client.ResolveSend(f.t.Context(), m)
		switch {
		case err == nil:
			f.count(&f.found)
			assert.Equal(f.t, m.Text, found.Text)
			return true
		case errors.Is(err, cometchat.ErrNotSent):
			f.count(&f.notSent)
			assert.Zero(f.t, f.held(m.To.ID)[m.Text], "the server has the message")
			return false
		case !errors.Is(err, cometchat.ErrSendUnknown), asError(err).RetryAfter <= 0:
			f.t.Errorf("ResolveSend fails with %v", err)
			return true
		}
		elapse(asError(err).RetryAfter)
	}
}

func (f *faultySends) count(n *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*n++
}

// held returns how often the server has each text to a receiver.
func (f *faultySends) held(uid string) map[string]int {
	held := map[string]int{}
	for _, m := range f.server.Messages(uid1 + "_user_" + uid) {
		held[m.Text]++
	}
	return held
}
