package cometchat

import (
	"context"
	"strconv"
)

// newestMessage returns the newest message of the logged-in user's history, or 0 if there is none.
func (c *Client) newestMessage(ctx context.Context) (uint64, error) {
	page, err := c.ListMessagesPage(ctx, MessagesRequest{Limit: 1}, "")
	if err != nil || len(page.Items) == 0 {
		return 0, err
	}
	return messageNumber(page.Items[0].ID), nil
}

// messagesAfter returns a page of the history after a message, the oldest first; last says that there are no more now.
func (c *Client) messagesAfter(ctx context.Context, id uint64) (page []*Message, last bool, err error) {
	p, err := c.ListMessagesPage(ctx, MessagesRequest{AfterID: strconv.FormatUint(id, 10), Limit: maxMessagesPerPage}, "")
	if err != nil {
		return nil, false, err
	}
	return p.Items, p.Next == "", nil
}
