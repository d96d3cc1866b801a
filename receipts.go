package cometchat

import (
	"context"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// wireUserReceipt is the receipt of one of the users who got a message.
type wireUserReceipt struct {
	Recipient *wireUser `json:"recipient"`
	wireReceipt
}

// GetMessageReceipts returns who has got and who has read a message, as far as the server says it (GET /v3.0/messages/{id}); none
// is an empty list. CometChat has receipts for groups of up to 300 members.
//
// It fails before any request with ErrBadRequest for an id that is not a number above 0, and with ErrNotLoggedIn. It fails with
// ErrMessageNotFound when there is no such message, with ErrNotPermitted when it is in a conversation of others, and with
// ErrAuthTokenNotFound when the session's token is gone, which ends the session unless there is another token (see
// [WithTokenProvider]). An answer without a message is an [Error] with the code "FAILED_TO_FETCH".
func (c *Client) GetMessageReceipts(ctx context.Context, id string) ([]Receipt, error) {
	m, err := messageCall(ctx, c.asUser, id, rest.Request{Op: "GetMessageReceipts", Method: "GET", Route: "/messages/{id}"}, itself)
	if err != nil {
		return nil, err
	}
	return receiptsOf(m), nil
}

// receiptsOf leaves out receipts without a time. A receipt that does not say whose it is can only be the receiver's if that is a
// user, and is left out otherwise.
func receiptsOf(m *Message) []Receipt {
	var w struct {
		Receipts struct {
			Data []wireUserReceipt `json:"data"`
		} `json:"receipts"`
	}
	_, _ = lenient.Unmarshal(m.Raw, &w) // the message has been read from it
	all := []Receipt{}
	for _, said := range w.Receipts.Data {
		r := Receipt{
			Kind: ReceiptDelivered, MessageID: m.ID, Receiver: m.Receiver, DeliveredAt: said.DeliveredAt.Time, ReadAt: said.ReadAt.Time,
		}
		if !r.ReadAt.IsZero() {
			r.Kind = ReceiptRead
		}
		switch {
		case said.Recipient != nil && said.Recipient.UID != "":
			r.User = said.Recipient.user()
		case m.Receiver.Type == ReceiverUser && m.Receiver.ID != "":
			r.User = &User{UID: m.Receiver.ID}
		}
		if r.User != nil && (!r.DeliveredAt.IsZero() || !r.ReadAt.IsZero()) {
			all = append(all, r)
		}
	}
	return all
}
