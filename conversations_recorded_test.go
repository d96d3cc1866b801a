package cometchat_test

import (
	"cmp"
	"context"
	"testing"

	"github.com/cometchat-go/cometchat"
)

// TestRecordedConversationRequests compares every request of conversations.jsonl with ours.
func TestRecordedConversationRequests(t *testing.T) {
	t.Parallel()
	page := func(r cometchat.ConversationsRequest, cursor string) recordedCall {
		r.Limit = cmp.Or(r.Limit, 10)
		return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.ListConversationsPage(ctx, r, cursor)
			return err
		}}
	}
	returns := func(call func(*cometchat.Client, context.Context, cometchat.Receiver) (*cometchat.Conversation, error), with cometchat.Receiver) recordedCall {
		return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error {
			_, err := call(c, ctx, with)
			return err
		}}
	}
	does := func(call func(*cometchat.Client, context.Context, cometchat.Receiver) error, with cometchat.Receiver) recordedCall {
		return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error { return call(c, ctx, with) }}
	}
	tags := func(with cometchat.Receiver, tags ...string) recordedCall {
		return recordedCall{call: func(ctx context.Context, c *cometchat.Client) error {
			_, err := c.TagConversation(ctx, with, tags)
			return err
		}}
	}
	failing := func(call recordedCall, says string) recordedCall {
		call.fails = says
		return call
	}
	them, group := cometchat.ToUser(uid2), cometchat.ToGroup("group-1")
	two := cometchat.ConversationsRequest{Limit: 2}
	defaultLimit := page(cometchat.ConversationsRequest{Limit: 30}, "")
	defaultLimit.ours = noise{"query per_page": "0 is the default, 30"}

	compareRecorded(t, "conversations.jsonl", "conversations", map[int]recordedCall{
		4:   page(cometchat.ConversationsRequest{}, ""),
		7:   page(cometchat.ConversationsRequest{Type: cometchat.ReceiverUser}, ""),
		10:  page(cometchat.ConversationsRequest{Type: cometchat.ReceiverGroup}, ""),
		13:  {absent: "the type x is refused"},
		16:  page(cometchat.ConversationsRequest{SearchKeyword: " a b&ü "}, ""),
		19:  page(cometchat.ConversationsRequest{WithUserAndGroupTags: true}, ""),
		22:  page(cometchat.ConversationsRequest{Tags: []string{"t1", "t 2"}}, ""),
		25:  page(cometchat.ConversationsRequest{WithTags: true}, ""),
		28:  page(cometchat.ConversationsRequest{GroupTags: []string{"g1", "g2"}}, ""),
		31:  page(cometchat.ConversationsRequest{UserTags: []string{"u1", "u2"}}, ""),
		34:  page(cometchat.ConversationsRequest{IncludeBlockedUsers: true}, ""),
		37:  page(cometchat.ConversationsRequest{IncludeBlockedUsers: true}, ""),
		40:  page(cometchat.ConversationsRequest{WithBlockedInfo: true}, ""),
		43:  page(cometchat.ConversationsRequest{Unread: true}, ""),
		46:  page(cometchat.ConversationsRequest{}, ""),
		49:  page(cometchat.ConversationsRequest{}, "4"), // the JavaScript SDK asks for the page after the one that setPage names
		52:  page(cometchat.ConversationsRequest{HideAgentic: true}, ""),
		55:  page(cometchat.ConversationsRequest{OnlyAgentic: true}, ""),
		58:  {absent: "both of HideAgentic and OnlyAgentic are refused"},
		61:  page(cometchat.ConversationsRequest{PinnedBy: []string{cometchat.PinnedByMe, cometchat.PinnedBySystem}}, ""),
		64:  defaultLimit,
		69:  page(cometchat.ConversationsRequest{Limit: 50}, ""),
		74:  page(cometchat.ConversationsRequest{}, ""),
		77:  page(cometchat.ConversationsRequest{Tags: []string{}}, ""),
		80:  page(two, ""),
		81:  page(two, "2"),
		82:  page(two, "3"),
		85:  page(two, "1"),
		86:  page(two, "2"),
		89:  page(two, ""),
		93:  page(cometchat.ConversationsRequest{Limit: 1}, ""),
		96:  failing(page(cometchat.ConversationsRequest{Limit: 3}, ""), "gap in its list"),
		100: failing(page(cometchat.ConversationsRequest{Limit: 3}, ""), "ERR_NO_ACCESS"),
		103: returns((*cometchat.Client).GetConversation, them),
		106: returns((*cometchat.Client).GetConversation, group),
		113: failing(returns((*cometchat.Client).GetConversation, cometchat.ToUser("cometchat-uid-3")), "ERR_CONVERSATION_NOT_ACCESSIBLE"),
		116: returns((*cometchat.Client).GetConversation, them),
		119: tags(them, "a", "b"),
		122: tags(group),
		125: {absent: "tags are a list"},
		128: does((*cometchat.Client).DeleteConversation, them),
		131: does((*cometchat.Client).DeleteConversation, group),
		136: does((*cometchat.Client).MarkConversationAsRead, them),
		139: does((*cometchat.Client).MarkConversationAsRead, group),
		142: does((*cometchat.Client).MarkConversationAsDelivered, them),
		145: does((*cometchat.Client).MarkConversationAsDelivered, group),
		148: failing(does((*cometchat.Client).MarkConversationAsRead, them), "ERR_X"),
		151: returns((*cometchat.Client).PinConversation, them),
		154: returns((*cometchat.Client).PinConversation, group),
		157: returns((*cometchat.Client).UnpinConversation, them),
		160: returns((*cometchat.Client).UnpinConversation, group),
	}, nil)
}
