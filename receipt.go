package cometchat

import "time"

// ReceiptKind says what a [Receipt] is about.
type ReceiptKind string

// The kinds of receipts. The last two are events in a group: every member has got or read the message.
const (
	ReceiptDelivered      ReceiptKind = "delivered"
	ReceiptRead           ReceiptKind = "read"
	ReceiptDeliveredToAll ReceiptKind = "deliveredToAll"
	ReceiptReadByAll      ReceiptKind = "readByAll"
)

// Receipt says when a message reached a user, and when the user read it.
type Receipt struct {
	// Kind is ReceiptRead once the user has read the message.
	Kind ReceiptKind
	// MessageID is the id of the message, and Receiver whom the message was sent to.
	MessageID string
	Receiver  Receiver
	// User is the user who got the message; never nil. It has only a UID if the server said no more. Of the last two kinds it is whom
	// the server names.
	User *User
	// DeliveredAt and ReadAt are zero for what has not happened, and for what the server did not say.
	DeliveredAt, ReadAt time.Time
}
