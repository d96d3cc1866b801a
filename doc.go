// Package cometchat is a client for CometChat: it logs users in, keeps their session, sends and reads messages, stays connected,
// and logs users out. It also has the server's half: users, their auth tokens, and the endpoint that hands tokens out.
//
// It mirrors CometChat's JavaScript SDK. A program with one user calls [Init] once and then
// [GetLoggedinUser], [Login] or [LoginWithToken], and [Logout]. Other programs make clients with [New]; these share nothing.
//
//	client, err := cometchat.Init("2379614bd4db65dd", cometchat.WithRegion("us"))
//	…
//	user, err := cometchat.GetLoggedinUser(ctx)
//	if err == nil && user == nil {
//		user, err = cometchat.LoginWithToken(ctx, authToken)
//	}
//
// A program logs in only once: a [SessionStore] keeps the session, in memory unless you give another store. During
// development [Client.Login] logs anybody in with the app's auth key. In production the app's server makes an auth token with
// an [Admin], hands it out with a [TokenHandler], and the client logs in with [Client.LoginWithToken]. A revoked token need
// not end the session: see [WithTokenProvider]. With such a provider, [Client.EnsureLoggedIn] is all the login code that a
// program needs. A process that serves many users, such as a gateway, uses a [Pool].
//
// [Client.SendMessage] sends a message, and never sends it twice; [Client.ResolveSend] says what became of a message whose answer was
// lost. [Client.ListMessages] and [Client.ListConversations] read messages and conversations. [Client.Connect] opens the live
// connection, whose events [Client.Events] has.
//
// Every failed call returns an [*Error]; match it with the Err… values. Every call takes a context, and ends after 30 seconds
// at the latest (see [WithTimeout]). Everything is safe for concurrent use.
//
// Package webhook receives CometChat's webhooks, and package cometchattest is an emulator of CometChat for tests.
package cometchat
