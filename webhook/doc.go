// Package webhook receives the events that CometChat sends to a webhook: messages, groups, users and more.
//
// [Handler] returns the http.Handler for the URL that the webhook in CometChat's dashboard points to. It checks the
// username and the password, answers in time, and calls a function with each [Event]. [WithLogger] and [WithOnError] tell what
// went wrong. [NewRequest] makes a delivery, for your tests. The emulator (WithWebhook in package cometchattest) delivers the events of
// a whole chat.
//
// # What is promised
//
// CometChat waits 2 seconds for the answer 200. If the webhook was created with retryOnFailure, CometChat repeats a failed
// delivery after 10 and after 30 seconds. CometChat does not document which answers count as failures; this package takes
// every answer other than 200 for one.
//
//   - Every delivery is answered within 1.5 seconds after its body has arrived, even if the function is slow.
//   - While the function is handling an event, and after it has returned nil, further deliveries of the event do not reach
//     the function. This holds within one process and for the last 10,000 events. A restart clears this memory; another
//     [Deduper] keeps it longer, and shares it between processes.
//   - After the function has failed, the next delivery of the event reaches it again.
//
// These promises need an [Event.ID]. A few kinds of event have none, blocked users and banned members for example: they reach the
// function with each delivery.
//
// An event is lost if the function fails for every delivery. It is also lost if the function is still running when the last
// delivery has been answered, and then fails or its process ends. Events can arrive in another order than they happened.
package webhook
