package cometchat

// MemberAction says what happened to a member of a group.
type MemberAction string

// What may happen to a member: see [GroupMemberChanged]. The values are those of [Action.Action].
const (
	MemberJoined       MemberAction = ActionJoined
	MemberLeft         MemberAction = ActionLeft
	MemberAdded        MemberAction = ActionAdded
	MemberKicked       MemberAction = ActionKicked
	MemberBanned       MemberAction = ActionBanned
	MemberUnbanned     MemberAction = ActionUnbanned
	MemberScopeChanged MemberAction = ActionScopeChanged
)

// GroupMemberChanged tells that a user joined or left a group, or what another user did to a member. The members of the group hear
// of it, and so does the logged-in user who is that member, or who did it on another device. There is one event for each member.
//
// It comes from an action message of the group, which is a message of the history with an id: a loop over [Client.Events] hears it in
// order with the other messages, and a catch-up tells it too. It is no [MessageReceived].
type GroupMemberChanged struct {
	Action MemberAction
	// Member is whom it happened to: who joined, left, was added and so on; never nil.
	Member *User
	// By is who did it: the member, for MemberJoined and MemberLeft. Its UID is "app_system" if the app's server did it. By is nil if
	// CometChat did not say it.
	By *User
	// Group is the group, with the number of its members; never nil. It has only a GUID if CometChat said no more.
	Group *Group
	// OldScope and NewScope are the member's scopes before and after a MemberScopeChanged: one of the Scope… constants, or empty if
	// CometChat did not say it. They are empty for the other actions.
	OldScope, NewScope string
	// Message is the action message; never nil. Its SentAt is when it happened.
	Message *Message
}

func (GroupMemberChanged) event() {}
