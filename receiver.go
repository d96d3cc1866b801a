package cometchat

import "strings"

// The values of [Receiver.Type], and of the JavaScript SDK's RECEIVER_TYPE.
const (
	ReceiverUser  = "user"
	ReceiverGroup = "group"
)

// Receiver is whom a message goes to, or whom a conversation is with: a user or a group. [ToUser] and [ToGroup] make one. The
// zero value is nobody. Receivers can be compared with ==.
type Receiver struct {
	// Type is ReceiverUser or ReceiverGroup.
	Type string
	// ID is the uid of the user, or the guid of the group.
	ID string
}

// ToUser returns the user with this uid as a receiver.
func ToUser(uid string) Receiver { return Receiver{ReceiverUser, uid} }

// ToGroup returns the group with this guid as a receiver.
func ToGroup(guid string) Receiver { return Receiver{ReceiverGroup, guid} }

// IsGroup reports whether the receiver is a group.
func (r Receiver) IsGroup() bool { return r.Type == ReceiverGroup }

// String returns the type and the id, as in "user ada" and "group hikers"; "nobody" for the zero value.
func (r Receiver) String() string {
	if r == (Receiver{}) {
		return "nobody"
	}
	return oneLine(strings.TrimSpace(r.Type + " " + r.ID))
}

// folded returns the receiver with its id in lower case, as the server has it.
func (r Receiver) folded() Receiver { return Receiver{r.Type, strings.ToLower(r.ID)} }

// place returns the beginning of the paths of calls about the receiver's messages and conversation, "/users/{uid}" or
// "/groups/{uid}". The id takes the place of {uid}.
func (r Receiver) place() string {
	if r.IsGroup() {
		return "/groups/{uid}"
	}
	return "/users/{uid}"
}

// checkReceiver refuses a receiver that no message can go to, with the JavaScript SDK's codes.
func checkReceiver(op string, r Receiver) error {
	switch {
	case r.Type != ReceiverUser && r.Type != ReceiverGroup:
		return badArgument(op, codeReceiverType, "the receiver is %s: make it with ToUser or ToGroup", r)
	case strings.TrimSpace(r.ID) == "":
		return badArgument(op, codeReceiverID, "the id of the receiver is missing")
	case r.ID == "." || r.ID == "..":
		return badArgument(op, codeReceiverID, "the id of the receiver is a dot segment")
	}
	if flaw := textFlaw(r.ID, maxUIDLength); flaw != "" {
		return badArgument(op, codeReceiverID, "the id of the receiver %s", flaw)
	}
	return nil
}
