// Package cometchat is a client for CometChat: it logs users in, keeps their session, and logs them out. It has the
// server's half as well: users, their auth tokens, and webhooks.
//
// It mirrors the authentication API of CometChat's JavaScript SDK. A program with one user calls [Init] once and then
// [GetLoggedinUser], [Login] or [LoginWithToken], and [Logout]; any other makes clients with [New], which share nothing.
//
//	client, err := cometchat.Init("2379614bd4db65dd", cometchat.WithRegion("us"))
//	…
//	user, err := cometchat.GetLoggedinUser(ctx)
//	if err == nil && user == nil {
//		user, err = cometchat.LoginWithToken(ctx, authToken)
//	}
//
// Login is needed only once: the session is kept in a [SessionStore], in memory unless another is given. During
// development [Client.Login] logs anybody in with the app's auth key; in production the app's server makes an auth token
// for the user, and [Client.LoginWithToken] logs in with that. The app's server does so with an [Admin], and hands the
// tokens out with a [TokenHandler]. A token that is revoked need not end the session: see [WithTokenProvider]. Many users in
// one process, as of a gateway, have a [Pool].
//
// Every failed call of a client returns an [*Error]; match it with the Err… values. Every call takes a context, and ends
// after 30 seconds without one that is shorter. Everything may be used from any number of goroutines.
//
// Package cometchattest has an emulator of CometChat for tests.
package cometchat
