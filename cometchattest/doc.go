// Package cometchattest is an emulator of CometChat, for tests and demonstrations without an account or a network. Like
// [net/http/httptest], it serves on the loopback interface, and a test starts it with one line. For everything that is not
// a Go test, the program cometchat-emulator serves the same emulator. In a [testing/synctest] bubble, an emulator from [New]
// needs no network, and no test waits for a Retry-After: see [Server.Transport].
//
// A mistake in a test makes the test fail: [Server.InjectFault] and [To] panic for a call that the emulator does not have,
// [Server.InjectLiveFault] and [Server.CloseSockets] panic for what cannot happen, and the methods of [Server] that return
// nothing about a user panic for a uid that no user has.
//
// It keeps users, their auth tokens, friends and blocked users, groups, and the messages and conversations of two users or
// of a group. It gives the documented answers, and refuses with the documented codes: an unknown user, key, token, role or app, a key without access to
// the call, a missing or malformed field, a revoked token, too many requests.
//
// It answers these calls, under /v3.0 and /v3, with one address for both API hosts:
//
//   - with the REST API key: /users (GET, POST, PUT, DELETE), /users/{uid} (GET, PUT, DELETE),
//     /users/{uid}/auth_tokens (GET, POST, DELETE), /users/{uid}/auth_tokens/{authToken} (GET, PUT, DELETE),
//     /users/{uid}/blockedusers and /users/{uid}/friends (GET, POST, DELETE);
//   - with the auth key, the calls that the client SDKs make with it: POST /users, PUT /users/{uid},
//     POST /users/{uid}/auth_tokens;
//   - with an auth token: /me (GET, PUT, DELETE), GET /settings, GET /users, GET /users/{uid},
//     /blockedusers (GET, POST, DELETE), POST /user_sessions;
//   - with an auth token, or with the REST API key on behalf of a user: /messages (GET, POST), /messages/{id} (GET, PUT, DELETE),
//     /messages/{id}/thread (GET, POST), PATCH /messages/{id}/interacted, GET /users/{uid}/messages, GET /threads,
//     GET /users/{uid}/threads, GET /conversations, /users/{uid}/conversation (GET, PUT, DELETE),
//     /users/{uid}/conversation/read (POST, DELETE), POST /users/{uid}/conversation/delivered,
//     /users/{uid}/conversation/pin (POST, DELETE);
//   - with an auth token, or with the REST API key, perhaps on behalf of a user: /groups (GET, POST), /groups/{guid} (GET, PUT,
//     DELETE), PATCH /groups/{guid}/owner, /groups/{guid}/members (GET, POST, PUT, DELETE), /groups/{guid}/members/{uid} (PUT,
//     DELETE), GET /groups/{guid}/bannedusers, /groups/{guid}/bannedusers/{uid} (POST, DELETE), GET /groups/{guid}/messages,
//     GET /groups/{guid}/threads, and /groups/{guid}/conversation with what /users/{uid}/conversation has;
//   - with the jwt of PUT /me, without "Bearer", in the authorization header: POST /online-members, under /api/v3.0 and
//     /api/v3, as the host of the live connections has it;
//   - with the same jwt after "Bearer": POST /v1/ping, as the host of the analytics has it;
//   - with the REST API key on behalf of a user, or with an auth token: /messages/{id}/reactions (GET),
//     /messages/{id}/reactions/{reaction} (GET, POST, DELETE), POST /messages/{id}/flagged, /messages/{id}/pin,
//     /messages/{id}/save and /messages/{id}/thread/subscription (POST, DELETE), and a form (multipart/form-data) for
//     POST /messages and POST /messages/{id}/thread;
//   - with an auth token: POST /files/upload-url, which asks where files may be uploaded to;
//   - with no credential, as the storage of files: POST /media with the fields of a place for an upload, and GET /media/{file}.
//
// Every other call gets ERR_API_NOT_FOUND. GET /healthz answers "ok" to everybody.
//
// [WithWebhook] has it deliver the events of the app: message_sent, message_edited, message_deleted, user_mentioned,
// message_delivery_receipt, message_read_receipt, message_reaction_added and _removed, moderation_engine_approved and _blocked,
// moderation_manual_approved, user_blocked, user_unblocked, user_connection_status_changed, group_created, _updated, _deleted and
// _owner_transferred, group_member_added, _joined, _left, _kicked, _banned, _unbanned and _scope_changed.
//
// A WebSocket, at any path, is the live connection: it takes the jwt of PUT /me, answers pings, sends presence events, and
// delivers messages, receipts, typing indicators and transient messages to their receiver, or to the members of a group.
//
// # Where the documentation is silent or contradicts itself
//
// The documentation gives no HTTP status but 429; for the other errors the emulator uses the customary ones. It also has
// made these choices:
//
//   - The auth key may create users, although some of CometChat's pages deny it.
//   - A role that does not exist is ERR_ROLE_NOT_FOUND, the error guide's code, although ERR_BAD_REQUEST has been seen for
//     it. Every well-formed role exists until [WithRoles], Load or POST /roles lists the roles. Roles are lower-cased, as uids are.
//     A role that exists already is ERR_BAD_REQUEST. The settings of a role are kept, and have no effect. Who has a role that is deleted
//     keeps it.
//   - A malformed uid in a body is ERR_BAD_REQUEST. ERR_INVALID_UID is on an old page only. A field of another JSON type, such
//     as a number for a uid or "true" for force, is ERR_BAD_REQUEST too, and named in details.
//   - Lists are in the order of creation, also within one second. A page past the end is empty. A list of users has a
//     cursor, the newest change on its page, which a request may pass on: affix and updatedAt mean what they mean for
//     groups. perPage is at most 1000 for every list, and count is ignored.
//   - searchKey ignores case. A user matches several tags, or several roles, by having one of them. Different filters all
//     have to match, and onlyDeactivated wins over withDeactivated. A list of values may be repeated keys or
//     comma-separated.
//   - metadata and tags are replaced, not merged. A null field counts as absent. unset wins over a value.
//   - The answer to activating or deactivating many users lists each of the requested uids that exist once, whether the
//     user changed or not.
//   - The auth token of a deactivated user is AUTH_ERR_AUTH_TOKEN_NOT_FOUND, and works again once the user is active.
//     DELETE /users/{uid} can delete a deactivated user permanently, but cannot deactivate the user again.
//   - POST /users/{uid}/auth_tokens always makes a new auth token, with or without force. A logout revokes the token that it
//     is made with. A token of another user is ERR_AUTHTOKEN_NOT_ACCESSIBLE. Only lists show a token's platform, userAgent
//     and appInfo.
//   - A client's list of users leaves out the caller. If the caller blocks itself or an unknown uid, the answer has an error
//     for that uid.
//   - A login makes a user available, and so does a live connection. The end of the last live connection, a logout, and the
//     end of all auth tokens make the user offline. Only live connections cause presence events, and none are sent between
//     two users of whom one has blocked the other.
//   - Presence is that of a user, not of a device: other users hear of the first live connection and of the end of the last.
//     When a user connects with one more device, the user's other connections get an event with action online and the new
//     device's id as deviceId, if they subscribed to all users or to the user's own role. The end of one of several
//     connections causes no event, as the user is still online.
//   - POST /online-members counts the users who have a live connection, of the whole app. Each group in its body has the
//     count of its members who have one, or 0 if there is no such group. A missing, forged or expired jwt is ERR_NO_AUTH with the status 401, the code with
//     which the official SDK renews its jwt.
//   - A message goes to every live connection of the receiver, and to those of the sender's other devices. The resource
//     header of the request and the deviceId of the connection name the device. The frame has it as deviceId, and a message has
//     it as data.resource: also the action message of an edit, of a deletion, or of a change of a group's members.
//   - The server closes a live connection with the code 1008 when its auth token is revoked, when its user is gone, and
//     after it refused a jwt, another app's id or a second auth frame with 401; with 1000 at a logout; with 1001 when the
//     server closes. It breaks the connection of a client that does not read for a second.
//   - A request without an appid header, or an auth frame without an appId, belongs to the one app of the emulator: the real
//     service knows the app by the host's name. Another app's id is refused.
//   - A text has up to 65,536 characters, although a page says 10 KB for the data of a message. All of the data together has as
//     many. Any other body has up to 10 KB.
//   - The server keeps the newest 100,000 messages: see [WithKeptMessages]. The messages of a deleted user stay; of the user they
//     have only the uid. Two messages with the same muid are two messages.
//   - A message needs a sender: without onBehalfOf, POST /messages is refused. An edit or a deletion without onBehalfOf is made
//     by app_system, and the action message has the message's own sender. A message sent with the REST API key has no
//     data.resource.
//   - An edit replaces each value in data that it names, and all tags if it has tags. What only the server sets (entities,
//     mentions, reactions, moderation, resource, interactions) is ignored in a send and in an edit. A deleted message cannot be
//     edited or deleted again, but for permanent. The action message of a permanent deletion stays.
//   - A list of messages is in the order of the ids, also the list of pinned messages, and prepend is the default. A page
//     begins after (append) or before (prepend) the id or sentAt of the request; of both, the id decides. updatedAt selects messages
//     that have changed later, with either affix. total in meta.pagination is 0, and total_pages is 2 if more messages follow.
//   - Replies are in the conversation's list, and count as unread and as the last message. Action messages do not, and deleted
//     messages do not count as unread.
//   - hideQuotedMessages leaves out the quoted message, not the message that quotes. withParent puts the parent before its
//     replies. A list shows tags only with withTags.
//   - An answer to count=1 has a row for each conversation with unread messages. count=1 without unread=1 is refused.
//   - A thread's updatedAt is that of its last reply, if that is later. Threads are listed with the newest change first.
//   - A receipt covers all messages up to its id. The server adds its time to the body. A receipt through the API reaches the
//     other user as a frame.
//   - DELETE /users/{uid}/conversation/read makes the message in its body unread too, not only those after it, as the official
//     SDK's markAsUnread needs. Their readAt is gone, for the sender too.
//   - A deleted conversation is back with the next message; the messages before stay hidden from the user who deleted it.
//   - Conversations that the user has pinned come first. A conversation with a user whom the viewer blocks is listed only with
//     includeBlockedUsers.
//   - A jwt is valid for 24 hours. POST /v1/ping refuses an expired one with ERR_NO_AUTH, with which the official SDK renews it.
//   - The settings say that messages can be pinned and saved, and conversations pinned. The UI Kits show only what is enabled there.
//   - A form has up to 101 MiB in all, and a file up to 100 MiB. Uploaded files are in memory: the newest 64 MiB are kept, or
//     one larger file. Save does not write them. Whoever knows the URL of a file can read it, until it is dropped.
//   - A URL in the data of a form without a file becomes the message's only attachment. A form's caption is the text of a message
//     whose data has none.
//   - The place for an upload is valid for 15 minutes and takes the announced size alone. A second upload replaces the first. The
//     storage refuses with a status from 400 to 404 and XML, with the codes of Amazon's storage. No rate limit applies to it.
//   - A user may react to a message in several ways. Reacting twice in the same way, and removing what is not there, have no
//     effect and cause no event. The 26th different reaction, and a reaction of more than 45 characters, are ERR_BAD_REQUEST.
//   - No message is moderated but by [Server.ModerateMessage]. A frame tells everybody in the conversation, also the device that has
//     sent the message. A disapproved message stays visible to everybody.
//   - Deleted messages and action messages take no reaction, pin, save or flag: ERR_MESSAGE_ACTION_NOT_ALLOWED.
//   - Both users of a conversation may pin, and each may unpin what the other has pinned. A pin without a user is that of
//     app_system and counts among the 100 of the conversation. Pinning again replaces the pin, and causes an event again.
//   - A flag is kept with the message and changes nothing else. A user's second flag replaces the first. The reasons are those
//     that the documentation names.
//   - The events of a reaction, a pin or a save go to all live connections that they concern, except those of the acting device:
//     see the resource header above. Only the user's own other devices hear of a save.
//   - A guid is lower-cased, as a uid is. A new group has the user who makes the call as its owner and first member. Without a user, the
//     owner is the user in the body, or app_system, who is no member. A server without a user may do everything in every group.
//   - A user's list of groups has a private group only if the user is a member. GET /groups/{guid} refuses a private group to a user
//     who is no member: ERR_GROUP_NOT_JOINED.
//   - POST /groups/{guid}/members is a join with an auth token, and adds members with the REST API key. A join needs no type: the
//     group's own type decides. The answer is the action message.
//   - Admins add members and delete the group. Admins and moderators change its fields, unban, and see who is banned.
//   - A member may kick, ban, or change the scope of members of a lower rank: participant, moderator, admin, owner. Nobody may give a
//     scope higher than the member's own. Only the owner may transfer the group, to a member. The owner before becomes a participant.
//   - The owner cannot leave: ERR_OWNER_EXIT_FORBIDDEN. Who is no member cannot be kicked or banned (ERR_NOT_A_MEMBER), but
//     usersToBan may name anybody. Such a ban causes no event.
//   - A call adds and bans up to 25 users: more are ERR_BAD_REQUEST. A user in several lists counts in the list of the highest scope.
//   - In a group, admins and moderators may edit, delete and pin the messages of others. A participant's pin is ERR_PERMISSION_DENIED.
//   - A new member sees the messages from before. They do not count as unread, and need not be read by the member for readByAll. Who
//     left, or was removed, sees no message, and has no conversation. Blocked users hear each other in a group.
//   - The events of a change of members go to the members and to the user whom it is about, in the form of the action message. Their
//     sender is the user who acts, or app_system. There are no events about a group that is updated, transferred or deleted.
//   - A receipt in a group goes to its other members. When a message has reached all members but its sender, or all have read it, all
//     members get a receipt deliveredToAll or readByAll of app_system. For the sender, deliveredAt and readAt are set then.
//   - DELETE /groups/{guid} deletes the messages too. DELETE /groups/{guid}/conversation hides them for the caller alone. A user who is
//     deleted leaves all groups without an event, and stays the owner by uid.
//   - An import is not limited to 60 requests in a minute; see [WithRateLimit]. It causes no events. An item that exists already is
//     refused with ERR_UID_ALREADY_EXISTS, ERR_GUID_ALREADY_EXISTS, ERR_ALREADY_JOINED or ERR_IMPORT_MUID_ALREADY_EXISTS. Its user, its group
//     and its owner have to exist: fields such as userDetails are ignored. A message that was read counts as read with all before it.
//   - A group has no limit of members, and no other limit that depends on its size.
//   - A webhook hears of a mention after message_sent, and after an edit that mentions a user for the first time. Each receipt that
//     names a message of the conversation is an event, but deliveredToAll and readByAll are none. The end of each live connection is an
//     event, and its status says whether the user is still online.
//   - group_created has all first members, for whom there is no group_member_added. A call that adds several users is one event. Who is
//     removed is kicked: group_member_removed does not occur. In an event about members the group's updatedAt is the time of the event.
//   - ModerateMessage is the decision of the engine, but the approval of a disapproved message is that of a person.
//     [Server.AddUser] and [Server.AddGroup] cause no event.
package cometchattest
