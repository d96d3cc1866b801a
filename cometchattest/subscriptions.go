package cometchattest

import "github.com/cometchat-go/cometchat/cometchattest/internal/store"

// subscribeThread returns a handler that makes the user follow a thread, or no longer. A second time has no effect.
func subscribeThread(on bool) func(*Server, *call, *store.Message, string) (*envelope, error) {
	return func(s *Server, _ *call, m *store.Message, uid string) (*envelope, error) {
		s.store.SubscribeThread(m, uid, on)
		if on {
			return success("The user %s follows the thread of the message %s.", uid, m.ID), nil
		}
		return success("The user %s no longer follows the thread of the message %s.", uid, m.ID), nil
	}
}
