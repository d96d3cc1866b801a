package cometchattest

import (
	"cmp"
	"time"
)

// WithAppID sets the id of the app. The default is "emulator-app".
func WithAppID(appID string) Option { return func(s *Server) { s.AppID = appID } }

// WithRegion sets the region of the app. The default is "us".
func WithRegion(region string) Option { return func(s *Server) { s.Region = region } }

// WithKeys sets the auth key and the REST API key, which [Server.Load] then leaves alone. An empty key, as without the option,
// becomes a random one, which Load may replace.
func WithKeys(authKey, apiKey string) Option {
	return func(s *Server) {
		s.AuthKey, s.APIKey = cmp.Or(authKey, s.AuthKey), cmp.Or(apiKey, s.APIKey)
		s.keysSet.auth, s.keysSet.api = s.keysSet.auth || authKey != "", s.keysSet.api || apiKey != ""
	}
}

// WithClock sets the clock. The default is [time.Now]. [Server.Advance] moves either. A retry of a webhook notices a jump of the clock
// with the next request, or with Advance.
func WithClock(now func() time.Time) Option { return func(s *Server) { s.now = now } }

// WithObserver calls observe for every request, once it is answered, and for each step of a live connection. Several
// goroutines call observe at once, and it must not call the server.
func WithObserver(observe func(Event)) Option { return func(s *Server) { s.observe = observe } }

// WithRoles lists the roles that exist beside "default". The API refuses to give a user any other role, with
// ERR_ROLE_NOT_FOUND. Without the option every role exists.
func WithRoles(roles ...string) Option { return func(s *Server) { s.store.SetRoles(roles) } }

// WithSettingsInLogin makes the answers to PUT and GET /me have the app's settings, as the field settings. A client that gets them
// needs no GET /settings.
func WithSettingsInLogin() Option { return func(s *Server) { s.settingsInLogin = true } }

// WithRateLimit allows this many requests in each period and refuses more with ERR_TOO_MANY_REQUESTS. Every answer then has
// the rate-limit headers, in both documented spellings. A period begins with the first request after the previous period.
// Without the option there is no limit. WithRateLimit panics unless both arguments are positive.
func WithRateLimit(requests int, per time.Duration) Option {
	if requests <= 0 || per <= 0 {
		panic("cometchattest: WithRateLimit needs a positive number of requests and a positive period")
	}
	return func(s *Server) { s.limit = &limiter{requests: requests, per: per} }
}

// WithKeptMessages sets how many messages the server keeps; the oldest are forgotten first. The default is 100,000. A list that
// begins after a forgotten message has the messages that are kept, as if there had been no others. A client can notice that
// only if a message is missing that it has got before. For a server that refuses so old a position, inject a [Fault] with a
// Status from 400 to 499 into GET /messages. WithKeptMessages panics unless messages is positive.
func WithKeptMessages(messages int) Option {
	if messages <= 0 {
		panic("cometchattest: WithKeptMessages needs a positive number of messages")
	}
	return func(s *Server) { s.store.Keep = messages }
}

// WithWebhook delivers the events of the app to a webhook, in CometChat's documented form: see the package comment for the
// triggers. Given several times, each webhook gets all events. The first attempts are made one at a time, in the order of the events.
// An attempt fails unless the answer is 200 and complete within 2 seconds. The server retries 10 and 30 seconds after the first
// attempt, by its clock; later events do not wait for a retry. The emulator follows no redirects. Up to 10,000
// deliveries wait for a webhook; events beyond are dropped. They are not saved, and Close drops them. The observer of [WithObserver]
// hears of each attempt.
//
// WithWebhook panics if the webhook has neither an http or https URL nor a Handler.
func WithWebhook(w Webhook) Option {
	return func(s *Server) { s.hooks = append(s.hooks, newHook(w)) }
}
